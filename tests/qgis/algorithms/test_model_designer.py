"""A model of the designer, saved as .model3 and run: the model file of a training goes into a mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import processing
import pytest
from osgeo import gdal
from qgis.core import (
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterVectorLayer,
)

from recording_feedback import RecordingFeedback

Source = QgsProcessingModelChildParameterSource


def _child(model: QgsProcessingModelAlgorithm, name: str, sources: dict[str, Source], output: str = "") -> str:
    """Add an algorithm as the designer does, which writes down every value of the form."""
    child = QgsProcessingModelChildAlgorithm(f"hsi:{name}")
    child.setChildId(name)
    for definition in child.algorithm().parameterDefinitions():
        if not definition.isDestination():
            static = Source.fromStaticValue(definition.defaultValue())
            child.addParameterSources(definition.name(), [sources.get(definition.name(), static)])
    if output:
        final = QgsProcessingModelOutput(output)
        final.setChildId(name)
        final.setChildOutputName("OUTPUT")
        child.setModelOutputs({output: final})
    return model.addChildAlgorithm(child)


@pytest.fixture
def model_file(provider: Any, small_training: dict[str, Any], tmp_path: Path) -> Path:
    """scene, fields → Train classifier → Classify scene → Map"""
    model = QgsProcessingModelAlgorithm("Map my fields", "test")
    model.addModelParameter(QgsProcessingParameterRasterLayer("scene", "Scene"), QgsProcessingModelParameter("scene"))
    model.addModelParameter(
        QgsProcessingParameterVectorLayer("fields", "Fields"), QgsProcessingModelParameter("fields")
    )
    training = {name: Source.fromStaticValue(value) for name, value in small_training.items()}
    scene = Source.fromModelParameter("scene")
    trained = _child(
        model, "train_classifier", {**training, "SCENE": scene, "LABELS": Source.fromModelParameter("fields")}
    )
    handed_on = Source.fromChildOutput(trained, "OUTPUT")
    _child(model, "classify_scene", {"SCENE": scene, "MODEL": handed_on}, output="Map")
    path = tmp_path / "map_my_fields.model3"
    assert model.toFile(str(path))
    return path


def test_training_and_mapping_as_a_model(
    model_file: Path, world: Any, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    model = QgsProcessingModelAlgorithm()
    assert model.fromFile(str(model_file))
    assert model.validate()[0], model.validate()[1]
    output = next(definition.name() for definition in model.destinationParameterDefinitions())

    results = processing.run(
        model, {"scene": world.scene, "fields": world.polygons, output: str(tmp_path / "map.tif")}, feedback=feedback
    )

    assert set(gdal.Open(results[output]).ReadAsArray().flat) == {0, 2, 5, 11}
    assert results[output] == str(tmp_path / "map.tif")


def test_a_model_needs_no_value_that_has_a_default(provider: Any) -> None:
    """A model that a script wrote, or that was saved before a parameter came, does not name them all."""
    described = {one.id(): one.operation for one in provider.algorithms() if hasattr(one, "operation")}
    assert len(described) > 8
    for number, (identifier, operation) in enumerate(described.items()):
        model = QgsProcessingModelAlgorithm("Short", "test")
        child = QgsProcessingModelChildAlgorithm(identifier)
        child.setChildId(str(number))
        required = {parameter.name.upper() for parameter in operation.parameters if parameter.required}
        for definition in child.algorithm().parameterDefinitions():
            if definition.name() in required:
                child.addParameterSources(definition.name(), [Source.fromStaticValue("given")])
        model.addChildAlgorithm(child)
        _, problems = model.validate()
        assert not [text for text in problems if "mandatory" in text], identifier
