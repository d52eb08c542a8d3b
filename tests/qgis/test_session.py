"""The tests themselves: real QGIS, and nothing of the machine's user or of the engine in it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from qgis.core import QgsApplication, QgsRasterLayer, QgsSettings, QgsVectorLayer


def test_settings_belong_to_this_run(qgis_app: QgsApplication) -> None:
    settings = QgsSettings()

    assert Path(os.environ["HOME"]).parent in Path(settings.fileName()).parents
    assert not [key for key in settings.allKeys() if key.startswith("hsi_classifier/")]


def test_the_engines_fixtures_stay_outside(pytestconfig) -> None:
    assert pytestconfig.rootpath == Path(__file__).parent
    assert not any(name in sys.modules for name in ("hsi_engine", "torch", "rasterio"))


def test_scene_and_labels_are_what_qgis_reads(scene_path: Path, polygons_path: Path) -> None:
    scene = QgsRasterLayer(str(scene_path), "scene")
    polygons = QgsVectorLayer(str(polygons_path), "polygons")

    assert (scene.bandCount(), scene.height(), scene.width()) == (12, 44, 36)
    assert polygons.crs() == scene.crs()
    assert scene.crs().authid() == "EPSG:32633"
    assert scene.extent().contains(polygons.extent())
    assert polygons.uniqueValues(polygons.fields().indexOf("class_name")) == {"water", "meadow", "soil"}
