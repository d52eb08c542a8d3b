"""A map product that is new to the engine has its place in the form, and its raster becomes a styled layer."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import QgsProcessingParameterRasterDestination, QgsProject, QgsRasterLayer

from qgis_plugin.engine import operations
from recording_feedback import RecordingFeedback

PRODUCT = Path(__file__).resolve().parents[2] / "data" / "margin_product.py"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the engine of these tests is a shell script")


@pytest.fixture
def engine_with_product(engine_python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The engine and the description of its operations as they are once the product is an entry."""
    root = PRODUCT.parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    described = subprocess.run(
        [engine_python, PRODUCT, "cli", "describe"], env=environment, capture_output=True, check=True
    ).stdout
    description = tmp_path / "operations.json"
    description.write_bytes(described)
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\n[ "$2" = hsi_engine.worker ] && exec "{engine_python}" "{PRODUCT}" worker\n'
        f'exec "{engine_python}" "$@"\n'
    )
    python.chmod(0o700)
    monkeypatch.setattr(operations, "DESCRIPTION", description)
    monkeypatch.setenv("HSI_ENGINE_PYTHON", str(python))
    operations.load_operations.cache_clear()
    yield
    operations.load_operations.cache_clear()


@pytest.mark.usefixtures("engine_with_product")
def test_the_form_of_classify_scene_has_it_and_its_layer_is_styled(
    provider: Any, trained: dict[str, Any], world: Any, qgis_iface: Any, qgis_new_project: None, tmp_path: Path
) -> None:
    import processing

    algorithm = provider.algorithm("classify_scene").create()
    definition = algorithm.parameterDefinition("MARGIN")
    assert isinstance(definition, QgsProcessingParameterRasterDestination)
    assert definition.description() == "Margin"
    assert "how much more probable" in definition.help()
    assert not definition.createByDefault()

    feedback = RecordingFeedback()
    raster = str(tmp_path / "margin.tif")
    values = {
        "SCENE": world.scene,
        "MODEL": trained["OUTPUT"],
        "OUTPUT": str(tmp_path / "map.tif"),
        "MARGIN": raster,
        "DEVICE": "cpu",
    }
    processing.runAndLoadResults("hsi:classify_scene", values, feedback=feedback)

    assert not feedback.warnings
    assert gdal.Open(raster).GetRasterBand(1).GetDescription() == "margin"
    layers = {layer.name(): layer for layer in QgsProject.instance().mapLayers().values()}
    assert set(layers) == {"scene – classes", "scene – margin"}
    layer = layers["scene – margin"]
    assert isinstance(layer, QgsRasterLayer)
    assert layer.renderer().type() == "singlebandpseudocolor"
    assert (layer.renderer().classificationMin(), layer.renderer().classificationMax()) == (0, 1)
    nodes = QgsProject.instance().layerTreeRoot().findLayers()
    assert [(node.name(), node.itemVisibilityChecked()) for node in nodes] == [
        ("scene – classes", True),
        ("scene – margin", False),
    ]


def test_the_plugin_as_it_is_does_not_have_it(provider: Any) -> None:
    assert provider.algorithm("classify_scene").create().parameterDefinition("MARGIN") is None
