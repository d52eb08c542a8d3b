"""Labels with the names and colours of their style, as the engine is given them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFeature,
    QgsGeometry,
    QgsPalettedRasterRenderer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProject,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsRuleBasedRenderer,
    QgsSymbol,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from qgis_plugin.layers import FeatureInput, feature_input, plan_label_raster, plan_labels
from qgis_plugin.layers.class_style import ClassStyle, StyledClass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "job"
    path.mkdir()
    return path


@pytest.fixture
def layer(polygons_path) -> QgsVectorLayer:
    return QgsVectorLayer(str(polygons_path), "fields")


def classify(layer: QgsVectorLayer, field: str, classes: dict[object, tuple[str, str]]) -> None:
    """Style a layer by ``field``; label and colour by value."""
    categories = []
    for value, (label, colour) in classes.items():
        symbol = QgsSymbol.defaultSymbol(layer.geometryType())
        symbol.setColor(QColor(colour))
        categories.append(QgsRendererCategory(value, symbol, label))
    layer.setRenderer(QgsCategorizedSymbolRenderer(field, categories))


def classes_in(path: str, field: str) -> set[object]:
    layer = QgsVectorLayer(path)
    return layer.uniqueValues(layer.fields().indexFromName(field))


def test_a_style_with_numbers_needs_only_a_legend(layer, folder, feedback):
    classify(layer, "class_id", {11: ("soil", "#804000"), 5: ("hay", "#00ff00"), 2: ("lake", "#0000ff")})
    labels = plan_labels(FeatureInput(layer), "Labels").materialise(folder, feedback)
    assert (labels.path, labels.class_field) == (layer.source(), "class_id")
    assert json.loads(Path(labels.legend).read_text(encoding="utf-8")) == [
        {"value": 11, "name": "soil", "color": "#804000"},
        {"value": 5, "name": "hay", "color": "#00ff00"},
        {"value": 2, "name": "lake", "color": "#0000ff"},
    ]
    assert "Labels: The class field is 'class_id'" in feedback.everything
    assert "names and colours of 3 classes come from the style" in feedback.everything


@pytest.mark.parametrize("label", ["{}", "the {}"])
def test_a_style_in_one_colour_leaves_the_colours_to_the_field(layer, folder, feedback, label):
    names = ("water", "meadow", "soil")
    classify(layer, "class_name", {name: (label.format(name), "#ff0000") for name in names})
    labels = plan_labels(FeatureInput(layer), "Labels").materialise(folder, feedback)
    assert json.loads(Path(labels.legend).read_text(encoding="utf-8")) == [
        {"value": number, "name": label.format(name)} for number, name in enumerate(names, 1)
    ]
    assert classes_in(labels.path, "color") == classes_in(layer.source(), "color")
    assert "Labels: names of 3 classes come from the style of the layer." in feedback.infos
    assert "do not differ in a visible colour, so no colours are taken from it" in feedback.everything


def test_labels_of_texts_become_the_classes(layer, folder, feedback):
    classify(layer, "class_name", {"water": ("Wasser", "#0000ff"), "meadow": ("Wiese", "#00ff00")})
    labels = plan_labels(FeatureInput(layer), "Labels", class_field="class_name").materialise(folder, feedback)
    assert labels.path == str(folder / "fields.gpkg")
    assert classes_in(labels.path, "class_name") == {"Wasser", "Wiese", "soil"}
    legend = json.loads(Path(labels.legend).read_text(encoding="utf-8"))
    assert [entry["name"] for entry in legend] == ["Wasser", "Wiese", "soil"]
    assert "no category for soil" in feedback.everything


def test_only_what_is_selected_decides_on_the_classes(layer, folder, feedback):
    classify(layer, "class_name", {"water": ("Wasser", "#0000ff")})
    layer.selectByExpression("\"class_name\" = 'water'")
    labels = plan_labels(FeatureInput(layer, selected_only=True), "Labels").materialise(folder, feedback)
    assert classes_in(labels.path, "class_name") == {"Wasser"}
    assert "no category" not in feedback.everything


def test_merged_numbers_are_written_as_one(layer, folder, feedback):
    classify(layer, "class_id", {2: ("lake", "#0000ff")})
    merged = QgsRendererCategory([5, 11], QgsSymbol.defaultSymbol(layer.geometryType()), "land")
    layer.renderer().addCategory(merged)
    labels = plan_labels(FeatureInput(layer), "Labels").materialise(folder, feedback)
    assert classes_in(labels.path, "class_id") == {2, 5}


def test_rules_merge_classes_and_what_they_leave_out_is_a_warning(layer, folder, feedback):
    root = QgsRuleBasedRenderer.Rule(None)
    for text, label in (("class_id = 2", "lake"), ("class_id IN (5, 11)", "land"), ("class_id > 20", "far")):
        root.appendChild(QgsRuleBasedRenderer.Rule(QgsSymbol.defaultSymbol(layer.geometryType()), 0, 0, text, label))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    labels = plan_labels(FeatureInput(layer), "Labels", class_field="class_id").materialise(folder, feedback)
    assert classes_in(labels.path, "class_id") == {2, 5}
    assert [entry["name"] for entry in json.loads(Path(labels.legend).read_text(encoding="utf-8"))] == ["lake", "land"]
    assert "Labels: The style merges the values 5, 11 into class 'land', which gets the value 5." in feedback.infos
    assert feedback.warnings == [
        "Labels: Rules of the style that do not name values of 'class_id' are not used: class_id > 20."
    ]


def test_without_a_style_the_engine_chooses(layer, folder, feedback):
    labels = plan_labels(FeatureInput(layer), "Labels").materialise(folder, feedback)
    assert (labels.path, labels.class_field, labels.legend) == (layer.source(), None, None)


def test_the_class_field_keeps_its_name_among_fields_that_differ_in_case(folder, feedback):
    layer = QgsVectorLayer("Point?crs=EPSG:32633&field=Class:string&field=class:string", "drawn", "memory")
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt("POINT(1 1)"))
    feature.setAttributes(["first", "second"])
    layer.dataProvider().addFeatures([feature])
    for field, value in (("Class", "first"), ("class", "second")):
        labels = plan_labels(FeatureInput(layer), "Labels", class_field=field).materialise(folder, feedback)
        assert labels.class_field == field
        assert classes_in(labels.path, field) == {value}


def test_a_style_that_is_not_wanted(layer, folder, feedback):
    classify(layer, "class_id", {11: ("soil", "#804000")})
    planned = plan_labels(FeatureInput(layer), "Labels", class_field="class_id", use_style=False)
    assert planned.materialise(folder, feedback).legend is None


def test_a_reference_has_the_names_and_no_legend_of_its_own(layer, folder, feedback):
    classify(
        layer, "class_name", {"water": ("lake", "#0000ff"), "meadow": ("hay", "#00ff00"), "soil": ("soil", "#ff0000")}
    )
    planned = plan_labels(FeatureInput(layer), "Reference", known_names=["lake", "hay", "soil"])
    labels = planned.materialise(folder, feedback)
    assert labels.legend is None
    assert classes_in(labels.path, "class_name") == {"lake", "hay", "soil"}


@pytest.mark.parametrize("field", ["class_id", "class_name"])
def test_a_value_of_two_classes_is_refused_with_layer_and_style(layer, field):
    first, second = (2, 5) if field == "class_id" else ("water", "meadow")
    classify(layer, field, {first: ("lake", "#0000ff")})
    symbol = QgsSymbol.defaultSymbol(layer.geometryType())
    layer.renderer().addCategory(QgsRendererCategory([first, second], symbol, "wet"))
    with pytest.raises(QgsProcessingException) as refused:
        plan_labels(FeatureInput(layer), "Labels", class_field=field)
    assert str(refused.value) == (
        f"Labels: the style of layer 'fields' has several classes for the value {first}: “lake”, “wet”. Leave the value to"
        " one of them in the symbology of the layer."
    )
    assert plan_labels(FeatureInput(layer), "Labels", class_field=field, use_style=False)


def test_a_colour_twice_in_the_palette_of_a_raster_is_refused(labels_path):
    layer = QgsRasterLayer(str(labels_path), "map")
    classes = [QgsPalettedRasterRenderer.Class(2, QColor("#0000ff"), name) for name in ("a", "b")]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
    with pytest.raises(
        QgsProcessingException, match="style of layer 'map' has several classes for the value 2: “a”, “b”"
    ):
        plan_label_raster(layer, "Class map")


@pytest.mark.parametrize("value", [4294967298, 70000, -3])
def test_a_value_that_no_class_can_have_is_named(folder, feedback, value):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32633&field=code:int8", "big", "memory")
    features = []
    for code in (2, 7, value):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt("POLYGON ((0 0, 1 0, 1 1, 0 0))"))
        feature.setAttributes([code])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    category = QgsRendererCategory([2, 7], QgsSymbol.defaultSymbol(layer.geometryType()), "water")
    layer.setRenderer(QgsCategorizedSymbolRenderer("code", [category]))
    planned = plan_labels(FeatureInput(layer), "Labels")
    with pytest.raises(QgsProcessingException) as refused:
        planned.materialise(folder, feedback)
    assert str(refused.value) == (
        f"Labels: field 'code' of layer 'big' holds the value {value}; class values are whole numbers from 1 to 65535."
        " Renumber the classes, or store their names as text."
    )


def rows_of(path: str, *fields: str) -> set[tuple[object, ...]]:
    return {tuple(feature[name] for name in fields) for feature in QgsVectorLayer(path).getFeatures()}


class TestMoreLabels:
    LABELS = ClassStyle("class_name", (StyledClass(("water", "soil"), "not green", "#0000ff"),))
    NOTHING = ClassStyle(None, ())

    def test_become_the_classes_of_their_style(self, layer, folder, feedback):
        styled = {"water": ("Wasser", "#0000ff"), "meadow": ("Wiese", "#00ff00"), "soil": ("Boden", "#ff0000")}
        classify(layer, "class_name", styled)
        planned = plan_labels(FeatureInput(layer), "More labels", class_field="class_name", added_to=self.NOTHING)
        labels = planned.materialise(folder, feedback)
        assert (labels.class_field, labels.legend) == ("class_name", None)
        assert rows_of(labels.path, "class_name", "color") == set(styled.values())

    def test_of_numbers_bring_their_names_and_merge(self, layer, folder, feedback):
        classify(layer, "class_id", {2: ("lake", "#0000ff")})
        merged = QgsRendererCategory([5, 11], QgsSymbol.defaultSymbol(layer.geometryType()), "land")
        layer.renderer().addCategory(merged)
        labels = plan_labels(FeatureInput(layer), "More labels", added_to=self.NOTHING).materialise(folder, feedback)
        assert rows_of(labels.path, "class_id", "class_name") == {(2, "lake"), (5, "land")}

    def test_without_a_style_get_that_of_the_labels(self, layer, folder, feedback):
        layer.setSubsetString("class_name <> 'meadow'")
        labels = plan_labels(FeatureInput(layer), "More labels", added_to=self.LABELS).materialise(folder, feedback)
        assert classes_in(labels.path, "class_name") == {"not green"}
        assert labels.class_field == "class_name"

    def test_of_other_classes_do_not(self, layer, folder, feedback):
        planned = plan_labels(FeatureInput(layer), "More labels", class_field="class_name", added_to=self.LABELS)
        labels = planned.materialise(folder, feedback)
        assert (labels.path, labels.class_field) == (layer.source(), "class_name")

    def test_in_another_field_are_left_to_the_engine(self, layer, folder, feedback):
        other = ClassStyle("kind", self.LABELS.classes)
        labels = plan_labels(FeatureInput(layer), "More labels", added_to=other).materialise(folder, feedback)
        assert (labels.path, labels.class_field) == (layer.source(), None)

    def test_with_the_values_of_labels_without_a_style_stay(self, layer, folder, feedback):
        classify(layer, "class_name", {"water": ("Wasser", "#0000ff"), "meadow": ("Wiese", "#00ff00")})
        given = {"class_field": "class_name", "added_to": self.NOTHING}
        planned = plan_labels(FeatureInput(layer), "More labels", known_names=["water", "rock"], **given)
        assert planned.materialise(folder, feedback).path == layer.source()
        assert "the labels have no style, so the style of layer 'fields' is not used" in feedback.everything
        planned = plan_labels(FeatureInput(layer), "More labels", known_names=["Wasser"], **given)
        labels = planned.materialise(folder, feedback)
        assert classes_in(labels.path, "class_name") == {"Wasser", "Wiese", "soil"}

    def test_that_nobody_wants_styled_stay(self, layer, folder, feedback):
        classify(layer, "class_name", {"water": ("Wasser", "#0000ff")})
        planned = plan_labels(
            FeatureInput(layer), "More labels", class_field="class_name", use_style=False, added_to=self.LABELS
        )
        assert planned.materialise(folder, feedback).path == layer.source()


def test_a_missing_class_field_is_refused(layer):
    with pytest.raises(QgsProcessingException, match="Labels: layer 'fields' has no field 'kind'"):
        plan_labels(FeatureInput(layer), "Labels", class_field="kind")


def test_a_label_raster_brings_its_palette(labels_path, folder, feedback):
    layer = QgsRasterLayer(str(labels_path), "labels")
    classes = [
        QgsPalettedRasterRenderer.Class(v, QColor(c), n) for v, c, n in ((2, "#0000ff", "lake"), (0, "#fff", ""))
    ]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
    labels = plan_label_raster(layer, "Labels").materialise(folder, feedback)
    assert (labels.path, labels.class_field) == (str(labels_path), None)
    legend = json.loads(Path(labels.legend).read_text(encoding="utf-8"))
    assert legend == [{"value": 2, "name": "lake", "color": "#0000ff"}]


class TestFormValues:
    class Algorithm(QgsProcessingAlgorithm):
        """Has the one parameter."""

        def initAlgorithm(self, configuration=None):
            self.addParameter(QgsProcessingParameterFeatureSource("LABELS", "Labels", optional=True))

        def name(self):
            return "with_labels"

        def displayName(self):
            return "With labels"

        def createInstance(self):
            return type(self)()

    @pytest.fixture
    def context(self, layer, qgis_new_project):
        QgsProject.instance().addMapLayer(layer)
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        return context

    def read(self, value, context):
        return feature_input(self.Algorithm().create(), {"LABELS": value}, "LABELS", context)

    def test_selected_features_only(self, layer, context):
        given = self.read(QgsProcessingFeatureSourceDefinition(layer.id(), True, 3), context)
        assert (given.layer.id(), given.selected_only, given.limit) == (layer.id(), True, 3)

    @pytest.mark.parametrize("as_text", [lambda layer: layer, lambda layer: layer.id(), lambda layer: layer.name()])
    def test_a_layer_or_its_name(self, layer, context, as_text):
        given = self.read(as_text(layer), context)
        assert given.layer.id() == layer.id()
        assert given.takes_all

    def test_a_file(self, layer, context):
        assert self.read(layer.source(), context).layer.featureCount() == 16

    def test_nothing(self, context):
        assert self.read(None, context) is None

    def test_a_file_that_is_not_there(self, context):
        with pytest.raises(QgsProcessingException, match=r"Labels: 'missing\.gpkg' is not a vector layer that can be"):
            self.read("missing.gpkg", context)
