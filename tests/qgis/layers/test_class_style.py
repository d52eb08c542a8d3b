"""Names and colours are those that QGIS shows."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsInvertedPolygonRenderer,
    QgsMultiBandColorRenderer,
    QgsPalettedRasterRenderer,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsSingleSymbolRenderer,
    QgsSymbol,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from qgis_plugin.layers.class_style import StyledClass, class_style, raster_class_style


@pytest.fixture
def layer(polygons_path) -> QgsVectorLayer:
    return QgsVectorLayer(str(polygons_path), "fields")


def categories(layer: QgsVectorLayer, *classes: tuple[object, str, str]) -> list[QgsRendererCategory]:
    made = []
    for value, label, colour in classes:
        symbol = QgsSymbol.defaultSymbol(layer.geometryType())
        symbol.setColor(QColor(colour))
        made.append(QgsRendererCategory(value, symbol, label))
    return made


def test_categories_in_their_order(layer):
    classes = categories(layer, (11, "bare soil", "#d55e00"), (2, "water", "#0072b2"))
    layer.setRenderer(QgsCategorizedSymbolRenderer("class_id", classes))
    style = class_style(layer, "class_id")
    assert style.field == "class_id"
    assert style.classes == (StyledClass(("11",), "bare soil", "#d55e00"), StyledClass(("2",), "water", "#0072b2"))
    assert style.notes == ()


def test_opacity_is_left_out(layer):
    classes = categories(layer, ("water", "water", "#0072b2"))
    symbol = classes[0].symbol().clone()
    symbol.setColor(QColor(0, 114, 178, 60))
    symbol.setOpacity(0.3)
    classes[0].setSymbol(symbol)
    layer.setRenderer(QgsCategorizedSymbolRenderer("class_name", classes))
    layer.setOpacity(0.5)
    assert class_style(layer, None).classes[0].colour == "#0072b2"


def test_the_field_of_the_style_is_taken_where_none_was_chosen(layer):
    layer.setRenderer(QgsCategorizedSymbolRenderer('"class_name"', categories(layer, ("soil", "soil", "#d55e00"))))
    style = class_style(layer, None)
    assert style.field == "class_name"
    assert style.notes == ("The class field is 'class_name', the field of the style of layer 'fields'.",)


def test_all_other_values_are_no_class(layer):
    classes = categories(layer, (2, "water", "#0072b2"), (None, "the rest", "#cccccc"))
    layer.setRenderer(QgsCategorizedSymbolRenderer("class_id", classes))
    style = class_style(layer, "class_id")
    assert len(style.classes) == 1
    assert style.notes == ("Category 'the rest' of the style, for all other values, is not a class and was left out.",)


def test_merged_and_hidden_categories(layer):
    classes = categories(layer, ([2, 5], "wet or green", "#009e73"), (11, "", "#d55e00"))
    classes[1].setRenderState(False)
    layer.setRenderer(QgsCategorizedSymbolRenderer("class_id", classes))
    style = class_style(layer, "class_id")
    assert style.classes[0].values == ("2", "5")
    assert style.classes[1].label == "11"
    assert style.notes == ("Class '11' is hidden in the style, but still used.",)


def test_a_style_inside_another_one(layer):
    inner = QgsCategorizedSymbolRenderer("class_id", categories(layer, (2, "water", "#0072b2")))
    layer.setRenderer(QgsInvertedPolygonRenderer(inner))
    assert [item.label for item in class_style(layer, None).classes] == ["water"]


def test_a_style_by_an_expression_is_ignored_and_said(layer):
    layer.setRenderer(QgsCategorizedSymbolRenderer("upper(class_name)", categories(layer, ("SOIL", "x", "#d55e00"))))
    style = class_style(layer, "class_name")
    assert (style.field, style.classes) == ("class_name", ())
    assert "by the expression upper(class_name), not by a field" in style.notes[0]


def test_a_style_by_another_field_is_ignored_and_said(layer):
    layer.setRenderer(QgsCategorizedSymbolRenderer("class_id", categories(layer, (2, "water", "#0072b2"))))
    style = class_style(layer, "class_name")
    assert (style.field, style.classes) == ("class_name", ())
    assert "classifies by field 'class_id', not by 'class_name'" in style.notes[0]


def test_a_layer_in_one_colour_says_nothing(layer):
    layer.setRenderer(QgsSingleSymbolRenderer(QgsSymbol.defaultSymbol(layer.geometryType())))
    assert class_style(layer, None).classes == ()
    assert class_style(layer, None).notes == ()


class TestRasters:
    def test_a_palette(self, labels_path):
        layer = QgsRasterLayer(str(labels_path))
        classes = [QgsPalettedRasterRenderer.Class(5, QColor("#009e73"), "meadow")]
        layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
        assert raster_class_style(layer).classes == (StyledClass(("5",), "meadow", "#009e73"),)

    def test_one_of_several_bands_is_ignored_and_said(self, scene_path):
        layer = QgsRasterLayer(str(scene_path), "scene")
        layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 2, []))
        style = raster_class_style(layer)
        assert style.classes == ()
        assert style.notes == ("The style of layer 'scene' shows only one of several bands; it is ignored.",)

    def test_other_styles_say_nothing(self, scene_path):
        layer = QgsRasterLayer(str(scene_path), "scene")
        layer.setRenderer(QgsMultiBandColorRenderer(layer.dataProvider(), 3, 2, 1))
        assert raster_class_style(layer).classes == ()


def test_the_whole_colour_table_of_a_file_is_no_style_but_for_its_names(labels_path) -> None:
    table = [QgsPalettedRasterRenderer.Class(value, QColor("#123456"), str(value)) for value in range(256)]
    table[5].label = "meadow"
    layer = QgsRasterLayer(str(labels_path), "map")
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, table))
    assert [(item.values, item.label) for item in raster_class_style(layer).classes] == [(("5",), "meadow")]
