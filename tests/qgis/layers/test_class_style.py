"""Names and colours are those that QGIS shows."""

from __future__ import annotations

import math

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsGraduatedSymbolRenderer,
    QgsInvertedPolygonRenderer,
    QgsMultiBandColorRenderer,
    QgsPalettedRasterRenderer,
    QgsProcessingException,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRendererCategory,
    QgsRendererRange,
    QgsRuleBasedRenderer,
    QgsSingleBandPseudoColorRenderer,
    QgsSingleSymbolRenderer,
    QgsSymbol,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from qgis_plugin.layers.class_style import StyledClass, class_style, raster_class_style, with_values_of_pixels


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
    (warning,) = style.warnings
    assert "by the expression upper(class_name), not by a field; it is ignored." in warning


def test_a_style_by_another_field_is_ignored_and_said(layer):
    layer.setRenderer(QgsCategorizedSymbolRenderer("class_id", categories(layer, (2, "water", "#0072b2"))))
    style = class_style(layer, "class_name")
    assert (style.field, style.classes) == ("class_name", ())
    assert style.warnings == (
        "The style of layer 'fields' classifies by field 'class_id', not by 'class_name'; it is ignored.",
    )


def test_a_layer_in_one_colour_says_nothing(layer):
    layer.setRenderer(QgsSingleSymbolRenderer(QgsSymbol.defaultSymbol(layer.geometryType())))
    assert class_style(layer, None).classes == ()
    assert class_style(layer, None).notes == ()


def with_rules(layer: QgsVectorLayer, *rules: tuple[str, str, str]) -> QgsRuleBasedRenderer:
    """A style of rules: filter, label and colour of each; ELSE is for all that no other rule takes."""
    root = QgsRuleBasedRenderer.Rule(None)
    for text, label, colour in rules:
        symbol = QgsSymbol.defaultSymbol(layer.geometryType())
        symbol.setColor(QColor(colour))
        rule = QgsRuleBasedRenderer.Rule(symbol, filterExp=text, label=label)
        root.appendChild(rule)
    renderer = QgsRuleBasedRenderer(root)
    layer.setRenderer(renderer)
    return renderer


class TestRules:
    @pytest.mark.parametrize(
        "filter_of_two",
        ['"class_id" IN (2, 5)', '"class_id" = 2 OR class_id = 5', '("class_id" = 2) OR ("class_id" is 5)'],
    )
    def test_rules_that_name_values_are_classes_and_merge_them(self, layer, filter_of_two) -> None:
        with_rules(
            layer,
            ('"class_id" = 11', "bare soil", "#d55e00"),
            (filter_of_two, "wet", "#0072b2"),
            ("ELSE", "", "#000000"),
        )
        style = class_style(layer, "class_id")
        assert style.classes == (
            StyledClass(("11",), "bare soil", "#d55e00"),
            StyledClass(("2", "5"), "wet", "#0072b2"),
        )
        assert (style.field, style.notes, style.warnings) == ("class_id", (), ())

    def test_values_of_text_and_the_field_of_the_rules(self, layer) -> None:
        with_rules(layer, ("class_name = 'soil'", "", "#d55e00"), ("class_name = 'it''s wet'", "wet", "#0072b2"))
        style = class_style(layer, None)
        assert style.field == "class_name"
        assert [(item.values, item.label) for item in style.classes] == [(("soil",), "soil"), (("it's wet",), "wet")]

    def test_as_converted_from_categories(self, layer) -> None:
        inner = QgsCategorizedSymbolRenderer(
            "class_id", categories(layer, (2, "water", "#0072b2"), ([5, 11], "dry", "#d55e00"))
        )
        layer.setRenderer(QgsRuleBasedRenderer.convertFromRenderer(inner))
        assert class_style(layer, "class_id").classes == (
            StyledClass(("2",), "water", "#0072b2"),
            StyledClass(("5", "11"), "dry", "#d55e00"),
        )

    def test_rules_that_do_not_name_values_are_named_in_a_warning(self, layer) -> None:
        with_rules(
            layer,
            ("class_id = 2", "water", "#0072b2"),
            ("class_id > 4", "land", "#d55e00"),
            ("class_name = 'soil'", "", "#000000"),
        )
        style = class_style(layer, "class_id")
        assert [item.label for item in style.classes] == ["water"]
        assert style.warnings == (
            "Rules of the style that do not name values of 'class_id' are not used: class_id > 4; class_name = 'soil'.",
        )

    def test_rules_of_no_values_are_ignored_and_said(self, layer) -> None:
        with_rules(layer, ("class_id > 4", "land", "#d55e00"), ("class_id = class_name", "", "#000000"))
        style = class_style(layer, "class_id")
        assert (style.field, style.classes) == ("class_id", ())
        assert style.warnings == (
            "The style of layer 'fields' has rules whose filters do not name the values of one field; it is ignored.",
        )

    def test_rules_of_another_field_are_ignored_and_said(self, layer) -> None:
        with_rules(layer, ("class_id = 2", "water", "#0072b2"))
        style = class_style(layer, "class_name")
        assert (style.field, style.classes) == ("class_name", ())
        assert "classifies by field 'class_id', not by 'class_name'; it is ignored." in style.warnings[0]

    def test_a_rule_that_is_switched_off_still_counts(self, layer) -> None:
        renderer = with_rules(layer, ("class_id = 2", "water", "#0072b2"))
        renderer.rootRule().children()[0].setActive(False)
        assert class_style(layer, "class_id").notes == ("Class 'water' is hidden in the style, but still used.",)


def graduated(layer: QgsVectorLayer, *ranges: tuple[float, float, str]) -> None:
    made = []
    for number, (low, high, label) in enumerate(ranges):
        symbol = QgsSymbol.defaultSymbol(layer.geometryType())
        symbol.setColor(QColor(f"#0072b{number}"))
        made.append(QgsRendererRange(low, high, symbol, label))
    layer.setRenderer(QgsGraduatedSymbolRenderer("class_id", made))


def test_ranges_of_one_whole_number_are_classes(layer) -> None:
    graduated(layer, (1.5, 2.5, "water"), (2.5, 5, "meadow"), (5, 6, "six"), (10.2, 10.8, "none"))
    style = class_style(layer, None)
    assert style.field is None, "3, 4 and 5 are not one class"
    assert style.warnings == (
        "The style of layer 'fields' has ranges of several whole numbers, which are not one class each; it is ignored.",
    )
    graduated(layer, (1.5, 2, "water"), (2, 3, "meadow"), (10.2, 10.8, "none"), (10.8, 11.1, "soil"))
    style = class_style(layer, "class_id")
    assert style.classes == tuple(
        StyledClass((value,), label, f"#0072b{number}")
        for value, label, number in (("2", "water", 0), ("3", "meadow", 1), ("11", "soil", 3))
    )
    assert style.warnings == ()


class TestRasters:
    def test_a_pseudocolour_for_each_value(self, labels_path) -> None:
        layer = with_pseudocolour(QgsRasterLayer(str(labels_path)), "Exact", (2.0, 5.0))
        assert raster_class_style(layer).classes == (
            StyledClass(("2",), "water", "#0072b2"),
            StyledClass(("5",), "meadow", "#009e73"),
        )

    @pytest.mark.parametrize(
        ("bounds", "found"),
        [
            ((2.0, 5.0), {"2": "water", "5": "meadow"}),
            ((3.0, 6.0), {"2": "water", "5": "meadow"}),
            ((4.5, math.inf), {"2": "water", "5": "meadow", "11": "meadow"}),
            ((5.0, 11.0), {"2": "water", "5": "water", "11": "meadow"}),
        ],
    )
    def test_a_discrete_pseudocolour_is_that_of_the_values_up_to_its_bound(
        self, labels_path, feedback, bounds, found
    ) -> None:
        style = raster_class_style(with_pseudocolour(QgsRasterLayer(str(labels_path)), "Discrete", bounds))
        assert style.labels == ["water", "meadow"]
        read = with_values_of_pixels(style, "Labels", feedback)
        assert {value: item.label for item in read.classes for value in item.values} == found
        assert {item.colour for item in read.classes if item.label == "water"} == {"#0072b2"}

    def test_reading_the_values_can_be_cancelled(self, labels_path, feedback) -> None:
        style = raster_class_style(with_pseudocolour(QgsRasterLayer(str(labels_path)), "Discrete", (2.0, 5.0)))
        feedback.cancel()
        with pytest.raises(QgsProcessingException, match="Labels: reading the values of the raster was cancelled"):
            with_values_of_pixels(style, "Labels", feedback)

    @pytest.mark.parametrize(("scale", "offset"), [(2.0, 1.0), (0.1, 0.0), (0.0001, -3.0)])
    @pytest.mark.parametrize("kind", ["palette", "Exact", "Discrete"])
    def test_a_style_of_scaled_values_is_of_those_in_the_file(self, labels_path, feedback, scale, offset, kind) -> None:
        dataset = gdal.Open(str(labels_path), gdal.GA_Update)
        dataset.GetRasterBand(1).SetScale(scale)
        dataset.GetRasterBand(1).SetOffset(offset)
        del dataset
        layer = QgsRasterLayer(str(labels_path), "map")
        shown = QgsPalettedRasterRenderer.classDataFromRaster(layer.dataProvider(), 1)
        values = sorted(item.value for item in shown)[-3:]
        assert values == pytest.approx([2 * scale + offset, 5 * scale + offset, 11 * scale + offset])
        if kind == "palette":
            classes = [
                QgsPalettedRasterRenderer.Class(v, QColor(c), n)
                for v, c, n in zip(values, COLOURS, NAMES, strict=False)
            ]
            layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
        else:
            with_pseudocolour(layer, kind, (values[0], values[1]))
        style = raster_class_style(layer)
        assert "states a scale or offset, which QGIS shows; class values are those without them" in style.notes[0]
        found = with_values_of_pixels(style, "Labels", feedback).classes
        assert {item.values[0]: item.label for item in found if item.values[0] != "0"} == {"2": "water", "5": "meadow"}

    def test_colours_between_values_are_ignored_and_said(self, labels_path) -> None:
        layer = with_pseudocolour(QgsRasterLayer(str(labels_path), "map"), "Interpolated", (2.0, 5.0))
        style = raster_class_style(layer)
        assert style.classes == ()
        assert style.warnings == (
            "The style of layer 'map' has colours between values, not a colour for each value; it is ignored.",
        )

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
        assert style.warnings == ("The style of layer 'scene' shows only one of several bands; it is ignored.",)

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


NAMES, COLOURS = ("water", "meadow"), ("#0072b2", "#009e73")


def with_pseudocolour(layer: QgsRasterLayer, kind: str, bounds: tuple[float, float]) -> QgsRasterLayer:
    function = QgsColorRampShader(0.0, 255.0, None, getattr(QgsColorRampShader.Type, kind))
    items = ((bounds[0], "#0072b2", "water"), (bounds[1], "#009e73", "meadow"))
    function.setColorRampItemList([QgsColorRampShader.ColorRampItem(v, QColor(c), label) for v, c, label in items])
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(function)
    layer.setRenderer(QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader))
    return layer
