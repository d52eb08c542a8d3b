"""The field that holds the class is told from those that number the features."""

from __future__ import annotations

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsProcessingException, QgsVectorLayer

from qgis_plugin.layers.class_fields import class_field_problem, likely_class_field
from qgis_plugin.layers.features.input import FeatureInput
from qgis_plugin.layers.labels import plan_labels


def layer_of(fields: dict[str, list[object]]) -> QgsVectorLayer:
    """Points with these attributes; the type of a field is that of its first value."""
    kinds = {int: "integer", str: "string", float: "double"}
    wanted = "&".join(f"field={name}:{kinds[type(values[0])]}" for name, values in fields.items())
    layer = QgsVectorLayer(f"Point?crs=EPSG:32633&{wanted}", "fields", "memory")
    for number, values in enumerate(zip(*fields.values(), strict=True)):
        feature = QgsFeature(layer.fields())
        feature.setAttributes(list(values))
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(number, 2 * number)))
        layer.dataProvider().addFeature(feature)
    return layer


IDS = list(range(1, 25))
USE = ["meadow", "forest", "water"] * 8

EMPTY = ["", *[None] * 23]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"id": IDS, "landuse": USE}, "landuse"),
        ({"id": IDS, "Class_Name": USE}, "Class_Name"),
        ({"id": IDS, "code": [2, 5, 11] * 8, "landuse": USE}, "landuse"),
        ({"id": IDS, "code": [2, 5, 11] * 8}, "code"),
        ({"id": IDS, "owner": ["a", "b"] * 12, "landuse": USE}, None),
        ({"id": IDS, "note": [f"field {i}" for i in IDS]}, None),
        ({"id": IDS[:3], "landuse": USE[:3]}, "landuse"),
        ({"id": IDS[:3], "landuse": USE[:3], "owner": ["a", "b", "c"]}, None),
        ({"id": IDS[:1], "landuse": USE[:1]}, None),
        ({"id": IDS, "klass": USE, "class": EMPTY}, "klass"),
        ({"id": IDS, "class_id": [0] * 24, "class": USE, "label": EMPTY}, "class"),
        ({"id": IDS, "class": EMPTY}, "class"),
    ],
)
def test_the_class_is_in_the_field_that_repeats_itself(qgis_app, fields, expected) -> None:
    assert likely_class_field(layer_of(fields)) == expected


def test_a_number_of_each_feature_is_no_class(qgis_app) -> None:
    layer = layer_of({"id": IDS, "landuse": USE})
    assert class_field_problem("Class field", layer, "id") == (
        "Class field: 'id' has a different value for each of the 24 features of 'fields', so it is not a class."
        " Did you mean 'landuse' (3 values)?"
    )
    assert class_field_problem("Class field", layer, "landuse") is None


def test_a_few_features_may_each_be_of_their_own_class(qgis_app) -> None:
    layer = layer_of({"id": IDS[:3], "landuse": USE[:3]})
    assert class_field_problem("Class field", layer, "id") is None


def test_lists_and_mappings_are_left_to_the_message_on_types(qgis_app, tmp_path) -> None:
    """QGIS cannot count their values: it raises a SystemError."""
    path = tmp_path / "fields.geojson"
    feature = '{"type": "Feature", "geometry": {"type": "Point", "coordinates": [%d, 2]}, "properties": %s}'
    properties = '{"class": {"k": 1}, "tags": ["a", "b"], "id": %d, "landuse": "hay"}'
    features = ", ".join(feature % (number, properties % number) for number in range(20))
    path.write_text(f'{{"type": "FeatureCollection", "features": [{features}]}}', encoding="utf-8")
    layer = QgsVectorLayer(str(path), "fields", "ogr")
    assert layer.fields().names() == ["class", "tags", "id", "landuse"]
    assert class_field_problem("Class field", layer, "tags") is None
    assert class_field_problem("Class field", layer, "class") is None
    with pytest.raises(QgsProcessingException, match="field 'tags' of layer 'fields' has type"):
        plan_labels(FeatureInput(layer), "Labels", class_field="tags")
    with pytest.raises(QgsProcessingException, match="field 'class' of layer 'fields' has type"):
        plan_labels(FeatureInput(layer), "Labels", class_field="class")
    likely_class_field(layer)
