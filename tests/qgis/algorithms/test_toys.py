"""An engine that can do more gets more of the plugin, without a change to the plugin but for what the engine says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext, QgsProject

from qgis_plugin.algorithms.catalogue import algorithms
from qgis_plugin.engine import operations, source
from recording_feedback import RecordingFeedback
from toy_engine import ToyEngine, engine_with_toy_network, engine_with_toy_operation

Start = Callable[..., dict[str, Any]]


@contextmanager
def _plugin_of(engine: ToyEngine) -> Iterator[None]:
    """The plugin, as it would be with the copied engine and what that says of its operations."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "DESCRIPTION", engine.operations)
        patch.setattr(source, "_PACKAGE", engine.folder / "qgis_plugin")
        _forget()
        yield
    _forget()


def _forget() -> None:
    operations.load_operations.cache_clear()
    operations.load_kinds.cache_clear()


def _algorithm(name: str) -> QgsProcessingAlgorithm:
    (found,) = [algorithm for algorithm in algorithms() if algorithm.name() == name]
    return found


def _run(algorithm: QgsProcessingAlgorithm, values: dict[str, Any]) -> dict[str, Any]:
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    accepted, message = algorithm.create().checkParameterValues(values, context)
    assert accepted, message
    feedback = RecordingFeedback()
    results, done = algorithm.run(values, context, feedback)
    assert done, feedback.everything
    return results


def test_a_network_is_chosen_by_its_title_trained_and_maps(
    tmp_path: Path, engine_python: Path, world: Any, small_training: dict[str, Any]
) -> None:
    with _plugin_of(engine_with_toy_network(tmp_path / "engine", engine_python)):
        training = _algorithm("train_classifier")
        training.initAlgorithm()
        model = training.parameterDefinition("MODEL")
        shown = dict(zip(model.options(), model.metadata()["widget_wrapper"]["labels"], strict=True))
        assert shown["toy_net"] == "Toy network"
        assert shown["auto"] == "Automatic"

        settings = {
            name: small_training[name] for name in ("CLASS_FIELD", "SPLIT", "BLOCK_SIZE", "TRAIN_SHARE", "DEVICE")
        }
        values = {"SCENE": world.scene, "LABELS": world.polygons, "MODEL": "toy_net", **settings}
        trained = _run(training, {**values, "OUTPUT": str(tmp_path / "toy.hsimodel")})
        mapping = {
            "SCENE": world.scene,
            "MODEL": trained["OUTPUT"],
            "OUTPUT": str(tmp_path / "map.tif"),
            "DEVICE": "cpu",
        }
        mapped = _run(_algorithm("classify_scene"), mapping)

    assert mapped["CLASSES"] == 3
    assert gdal.Open(mapped["OUTPUT"]).RasterXSize == 64


def test_an_operation_without_an_algorithm_has_a_plain_form(tmp_path: Path, engine_python: Path, world: Any) -> None:
    with _plugin_of(engine_with_toy_operation(tmp_path / "engine", engine_python)):
        algorithm = _algorithm("mean_band")
        assert (algorithm.displayName(), algorithm.group(), algorithm.groupId()) == (
            "Mean of the bands",
            "Scene",
            "scene",
        )
        assert algorithm.shortDescription() == "Average the bands of a scene."
        assert "GeoTIFF to write." in algorithm.shortHelpString()
        algorithm.initAlgorithm()
        definitions = {d.name(): type(d).__name__ for d in algorithm.parameterDefinitions()}
        assert definitions == {
            "SCENE": "SceneInput",
            "NODATA": "QgsProcessingParameterNumber",
            "OUTPUT": "QgsProcessingParameterRasterDestination",
            "TABLE": "QgsProcessingParameterFileDestination",
            "SIGN": "QgsProcessingParameterEnum",
        }
        output = tmp_path / "mean.tif"
        results = _run(algorithm, {"SCENE": world.scene, "SIGN": "flip", "OUTPUT": str(output)})
        assert results["OUTPUT"] == str(output)
        refused, message = algorithm.create().checkParameterValues(
            {"SCENE": world.scene, "OUTPUT": str(tmp_path / "mean.png")}, QgsProcessingContext()
        )
        assert not refused
        assert "must end in .tif" in message

    raster = gdal.Open(str(output))
    assert (raster.RasterXSize, raster.RasterYSize) == (64, 72)
    assert raster.GetRasterBand(1).ComputeStatistics(False)[1] < 0
