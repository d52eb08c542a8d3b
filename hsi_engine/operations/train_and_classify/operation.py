"""Train a classifier on a scene and map the same scene with it."""

from __future__ import annotations

from pathlib import Path

from ..classify_scene.operation import ClassifySceneResult, MappingOptions
from ..classify_scene.outputs import MapOutputs
from ..definition.base import Operation, OperationParams, OperationResult, parameter
from ..train_classifier.operation import TrainClassifierResult
from ..train_classifier.options import TrainingOptions
from ..train_classifier.parameters import TrainingInputs, TrainingRecords


class _ModelFile(OperationParams):
    """The model, next to the map."""

    model_output: Path = parameter(
        title="Model file",
        description="Model file to write (.hsimodel); it can also map other scenes of the same sensor.",
        kind="model_out",
    )


class TrainAndClassifyParams(MappingOptions, TrainingOptions, TrainingRecords, _ModelFile, MapOutputs, TrainingInputs):
    """Parameters of :data:`OPERATION`. Of several parents, the last one's fields come first."""

    resume: bool = parameter(
        False,
        title="Resume",
        description="Continue a stopped run that had the same settings, and keep finished tiles.",
        kind="boolean",
        advanced=True,
    )


class TrainAndClassifyResult(OperationResult):
    """What the two operations give, one after the other."""

    training: TrainClassifierResult
    mapping: ClassifySceneResult

    def to_text(self) -> str:
        return f"{self.training.to_text()}\n\n{self.mapping.to_text()}"


OPERATION = Operation(
    name="train_and_classify",
    command="map",
    title="Train and classify",
    summary="Make a class map from a scene and labels in one go, with its model and a report.",
    group="Classification",
    params=TrainAndClassifyParams,
    result=TrainAndClassifyResult,
    run="hsi_engine.operations.train_and_classify.run:run",
    example=(
        "hsi map --scene scene.tif --labels polygons.gpkg --class-field class_name --output map.tif"
        " --model-output crops.hsimodel --report report.html"
    ),
)
