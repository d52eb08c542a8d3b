"""Exporting a map in QGIS: polygons that open with the colours of the map, and are not taken for labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsRenderContext,
    QgsVectorLayer,
)

from qgis_plugin.layers.proposals import proposed_labels
from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exported")


@pytest.fixture(scope="module")
def log() -> RecordingFeedback:
    return RecordingFeedback()


@pytest.fixture(scope="module")
def exported(run: Run, world: Any, folder: Path, log: RecordingFeedback) -> dict[str, Any]:
    parameters = {
        "MAP": world.labels,
        "COG": str(folder / "cog.tif"),
        "POLYGONS": str(folder / "map.gpkg"),
        "LEGEND_FILE": str(folder / "map.sld"),
    }
    return run("export_map", parameters, log)


def test_what_is_exported_opens_as_the_map(
    exported: dict[str, Any], world: Any, log: RecordingFeedback, qgis_new_project: Any
) -> None:
    map_layer = QgsRasterLayer(exported["COG"], "map")
    polygons = QgsVectorLayer(exported["POLYGONS"], "polygons")
    assert isinstance(map_layer.renderer(), QgsPalettedRasterRenderer)
    colours = {entry.value: entry.color.name() for entry in map_layer.renderer().classes()}
    # The style in the GeoPackage is loaded with the layer; nobody has to ask for it.
    renderer = polygons.renderer()
    assert isinstance(renderer, QgsCategorizedSymbolRenderer)
    assert renderer.classAttribute() == "class_id"
    assert {int(c.value()): c.symbol().color().name() for c in renderer.categories()} == colours
    context = QgsRenderContext()
    renderer.startRender(context, polygons.fields())
    features = list(polygons.getFeatures())
    assert len(features) == exported["POLYGON_COUNT"]
    assert exported["CLASSES"] == 3
    values = gdal.Open(world.labels).ReadAsArray()
    assert sum(feature["pixels"] for feature in features) == (values > 0).sum()
    for feature in features:
        assert feature.geometry().area() == pytest.approx(feature["area_m2"])
        assert renderer.symbolForFeature(feature, context).color().name() == colours[feature["class_id"]]
        assert feature["area_ha"] == pytest.approx(feature["area_m2"] / 10_000)
    renderer.stopRender(context)
    assert any("Polygons: " in line for line in log.infos)
    assert "<StyledLayerDescriptor" in Path(exported["LEGEND_FILE"]).read_text(encoding="utf-8")


def test_the_legend_for_map_servers_is_the_one_that_qgis_writes(
    exported: dict[str, Any], folder: Path, qgis_new_project: Any
) -> None:
    layer = QgsRasterLayer(exported["COG"], "map")
    message, saved = layer.saveSldStyle(str(folder / "qgis.sld"))
    assert saved, message
    assert colour_map(Path(exported["LEGEND_FILE"])) == colour_map(folder / "qgis.sld")


def colour_map(path: Path) -> dict[float, tuple[str, str]]:
    """Colour and name by value of all that is drawn."""
    entries = [e.attrib for e in ET.parse(path).iter() if e.tag.endswith("ColorMapEntry")]
    drawn = [entry for entry in entries if entry.get("opacity") not in ("0", "0.0")]
    return {float(entry["quantity"]): (entry["color"].lower(), entry["label"]) for entry in drawn}


def test_polygons_of_a_map_are_not_proposed_as_labels(exported: dict[str, Any], qgis_new_project: Any) -> None:
    project = QgsProject.instance()
    project.addMapLayer(QgsVectorLayer(exported["POLYGONS"], "polygons"))
    assert proposed_labels(project) is None
