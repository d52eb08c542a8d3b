"""Names that the style of a reference gives to values of a map that is called otherwise there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFeature,
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProject,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsSymbol,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from qgis_plugin.forms.values import FormValues
from qgis_plugin.runs.plan import plan_run
from recording_feedback import RecordingFeedback

OF_MAP = {2: "water", 5: "meadow", 11: "soil"}
EXCHANGED = {2: "soil", 5: "water", 11: "meadow"}


def raster(path: str, names: dict[int, str], name: str) -> QgsRasterLayer:
    layer = QgsRasterLayer(path, name)
    classes = [QgsPalettedRasterRenderer.Class(value, QColor("red"), label) for value, label in names.items()]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
    return layer


def in_memory(file: QgsVectorLayer) -> QgsVectorLayer:
    layer = QgsVectorLayer("Polygon?crs=EPSG:32633&field=class_id:integer", "in memory", "memory")
    copies = []
    for feature in file.getFeatures():
        copy = QgsFeature(layer.fields())
        copy.setGeometry(feature.geometry())
        copy.setAttribute("class_id", feature["class_id"])
        copies.append(copy)
    layer.dataProvider().addFeatures(copies)
    return layer


def reference(world: Any, kind: str, names: dict[int, str]) -> dict[str, Any]:
    """The parameters of a reference called ``ref`` with a style of these names, in the project."""
    layer: Any
    if kind == "raster":
        layer, values = raster(world.labels, names, "ref"), {}
    else:
        layer, values = QgsVectorLayer(world.polygons, "ref"), {"CLASS_FIELD": "class_id"}
        if kind == "memory":
            layer = in_memory(layer)
            layer.setName("ref")
        symbol = QgsSymbol.defaultSymbol(layer.geometryType())
        categories = [QgsRendererCategory(value, symbol.clone(), name) for value, name in names.items()]
        layer.setRenderer(QgsCategorizedSymbolRenderer("class_id", categories))
    QgsProject.instance().addMapLayer(layer)
    return {"REFERENCE_RASTER" if kind == "raster" else "REFERENCE": layer.id(), **values}


def said(provider: Any, world: Any, folder: Path, given: dict[str, Any]) -> RecordingFeedback:
    """What the log says of the inputs of Assess map."""
    class_map = raster(world.labels, OF_MAP, "the map")
    QgsProject.instance().addMapLayer(class_map)
    context, feedback = QgsProcessingContext(), RecordingFeedback()
    context.setProject(QgsProject.instance())
    algorithm = provider.algorithm("assess_map").create()
    plan = plan_run(algorithm.operation, FormValues(algorithm, {"MAP": class_map.id(), **given}, context), Path("py"))
    plan.materialise(folder, feedback)
    return feedback


@pytest.mark.parametrize("kind", ["file", "memory", "raster"])
class TestNames:
    def test_that_the_map_has_for_other_values_are_a_warning(
        self, provider: Any, qgis_new_project: None, world: Any, tmp_path: Path, kind: str
    ) -> None:
        told = said(provider, world, tmp_path, reference(world, kind, EXCHANGED))
        (warning,) = [text for text in told.warnings if "style of layer" in text]
        assert warning == (
            "Reference: The style of layer 'ref' gives names of the map to other values: class 2 is called “water” in the map"
            " but “soil” there, class 5 is called “meadow” in the map but “water” there, class 11 is called “soil” in the map"
            " but “meadow” there. Classes are compared by value: if the names of the style are right, the accuracy says"
            " nothing about the map. Give the reference the values of the map, or choose a class field that holds the names."
        )
        assert not [text for text in told.infos if "is called" in text]

    def test_that_the_map_does_not_have_are_noted(
        self, provider: Any, qgis_new_project: None, world: Any, tmp_path: Path, kind: str
    ) -> None:
        told = said(provider, world, tmp_path, reference(world, kind, {2: "WATER ", 5: "5", 11: "asphalt", 12: "ice"}))
        assert [text for text in told.infos if "is called" in text] == [
            "Reference: Class 11 is called “soil” in the map but “asphalt” in the style of layer 'ref'; classes are compared by"
            " value."
        ]
        assert "gives names" not in told.everything

    def test_that_agree_are_no_news(
        self, provider: Any, qgis_new_project: None, world: Any, tmp_path: Path, kind: str
    ) -> None:
        told = said(provider, world, tmp_path, reference(world, kind, OF_MAP))
        assert "is called" not in told.everything


def test_a_given_legend_is_what_the_map_is_called(
    provider: Any, qgis_new_project: None, world: Any, tmp_path: Path
) -> None:
    legend = tmp_path / "legend.json"
    legend.write_text('[{"value": 2, "name": "soil"}]', encoding="utf-8")
    told = said(provider, world, tmp_path, {**reference(world, "file", EXCHANGED), "LEGEND": str(legend)})
    assert "is called" not in told.everything
