"""Train a classifier on a scene and map the same scene with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import Cancelled, HsiError
from ..reporting import PhaseReporter, Reporter, tell_what_is_kept
from .base import Operation, OperationParams, OperationResult, ParamsT, parameter
from .classify_scene import ClassifySceneParams, ClassifySceneResult, MapOutputs, MappingOptions
from .classify_scene import run as classify
from .train_classifier import TrainClassifierResult, check_training_outputs, finished_before, report_title
from .train_classifier import run as train
from .training_options import TrainingOptions
from .training_params import TrainClassifierParams, TrainingInputs, TrainingRecords

# Shares of the job before mapping, and before drawing the map; they only shape the progress bar.
_TRAINED, _MAPPED = 0.85, 0.98


class _ModelFile(OperationParams):
    """The model, beside the map."""

    model_output: Path = parameter(
        title="Model file",
        description="Model file to write (.hsimodel); it maps other scenes of the same sensor too.",
        kind="model_out",
    )


class TrainAndClassifyParams(MappingOptions, TrainingOptions, TrainingRecords, _ModelFile, MapOutputs, TrainingInputs):
    """Parameters of :data:`OPERATION`. Of several parents, the last one's fields come first."""

    resume: bool = parameter(
        False,
        title="Resume",
        description="Go on where a run with the same settings was stopped, and keep the tiles that are finished.",
        kind="boolean",
        advanced=True,
    )


class TrainAndClassifyResult(OperationResult):
    """What the two operations give, one after the other."""

    training: TrainClassifierResult
    mapping: ClassifySceneResult

    def to_text(self) -> str:
        return f"{self.training.to_text()}\n\n{self.mapping.to_text()}"


def run(params: TrainAndClassifyParams, reporter: Reporter) -> TrainAndClassifyResult:
    """Train, test and write the model, then map the scene with it.

    All outputs are checked before the training. Once it is finished, its model, report and split raster stay, also
    where the mapping fails or is cancelled: an error then says so in its hint, a cancel in its message. The report then
    shows no map. Another run with resume takes that model and maps what is left.
    """
    training = _part(params, TrainClassifierParams, output=params.model_output)
    mapping = _part(params, ClassifySceneParams, model=params.model_output)
    _check_outputs(training, mapping)
    trained = finished_before(training, reporter) if params.resume else None
    if trained is None:
        trained = train(training, PhaseReporter(reporter, 0.0, _TRAINED))
    with _model_stays(params.model_output, reporter):
        mapped = classify(mapping, PhaseReporter(reporter, _TRAINED, _MAPPED))
    if params.report is not None:
        _add_map_to_report(params, params.report, mapped, PhaseReporter(reporter, _MAPPED, 1.0))
    return TrainAndClassifyResult(training=trained, mapping=mapped)


def _part(params: TrainAndClassifyParams, part: type[ParamsT], **renamed: Any) -> ParamsT:
    """The parameters of one of the two operations; ``renamed`` are those that the other one calls by another name."""
    same = {name: getattr(params, name) for name in part.model_fields if name not in renamed}
    return part.model_validate(same | renamed)


def _check_outputs(training: TrainClassifierParams, mapping: ClassifySceneParams) -> None:
    """Refuse before any pixel is read what one of the two would refuse at its turn, and what only both together do."""
    from ..io.outputs import check_outputs
    from .map_files import check_map_outputs

    check_training_outputs(training)
    check_map_outputs(mapping, others=training.inputs().values())
    rasters = (training.split_output, mapping.output, mapping.confidence, mapping.probabilities)
    check_outputs([path for path in rasters if path is not None])


@contextmanager
def _model_stays(model: Path, reporter: Reporter) -> Iterator[None]:
    """Say that the training was not in vain, whatever ends the block."""
    kept = f"The training is finished and kept in {model.name}: classify the scene with that model."
    reporter.if_cancelled(f"Cancelled; no map was written. {kept}")
    try:
        yield
    except Exception as error:
        tell_what_is_kept(error, kept, reporter)
        raise


def _add_map_to_report(
    params: TrainAndClassifyParams, report: Path, mapped: ClassifySceneResult, reporter: Reporter
) -> None:
    """Write the report of the training anew, with the map; where that fails the report stays as it is."""
    from ..bundle.model_bundle import read_bundle
    from ..io.outputs import StagedOutputs
    from .map_picture import picture_of_new_map
    from .training_report import write_training_report

    without = f"Model and map are finished; {report.name} shows no picture of the map."
    reporter.if_cancelled(f"Cancelled. {without}")
    reporter.progress(0.0, "Drawing the report")
    try:
        bundle = read_bundle(params.model_output)
        counts = [c["pixels"] for c in mapped.classes]
        picture = picture_of_new_map(params.output, bundle.legend, counts, params.scene, reporter)
        with StagedOutputs() as stage:
            title = report_title(params.model_output)
            write_training_report(bundle, stage.path(report), title=title, map_picture=picture)
    except Cancelled:
        raise
    except HsiError as error:
        reporter.log(f"{without} {error.message}", "warning")


OPERATION = Operation(
    name="train_and_classify",
    command="map",
    title="Train and classify",
    summary="From a scene and labels to a class map in one go, with the model that made it and a report.",
    group="Classification",
    params=TrainAndClassifyParams,
    result=TrainAndClassifyResult,
    run=run,
    example=(
        "hsi map --scene scene.tif --labels polygons.gpkg --class-field class_name --output map.tif"
        " --model-output crops.hsimodel --report report.html"
    ),
)
