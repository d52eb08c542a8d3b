"""Which layers can be read without asking anything of the network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsExpression, QgsExpressionFunction, QgsField, QgsProject, QgsVectorLayer, QgsVectorLayerJoinInfo

from qgis_plugin.layers.class_fields import class_field_problem, likely_class_field
from qgis_plugin.layers.features.field_types import TEXT
from qgis_plugin.layers.reach import stays_here


def polygons(path: Path, expression: str | None) -> QgsVectorLayer:
    layer = QgsVectorLayer(str(path), "drawn")
    if expression is not None:
        layer.addExpressionField(expression, QgsField("kind", TEXT))
    return layer


@pytest.mark.parametrize(
    ("expression", "here"),
    [
        (None, True),
        ("'water'", True),
        ('"class_id" % 3', True),
        ('CASE WHEN "class_id" IN (2, 5) THEN upper("class_name") ELSE \'x\' || $id END', True),
        ('coalesce(substr("class_name", 1, 2), to_string(round(area($geometry))))', True),
        ("aggregate('web', 'concatenate', \"class_name\")", False),
        ("'x' || (1 + count(\"class_id\"))", False),
        ("if(\"class_id\" > 2, attribute(get_feature('web', 'a', 1), 'b'), 'x')", False),
        ("get_feature_by_id('web', 1)", False),
        ("relation_aggregate('r', 'count', \"class_id\")", False),
        ("layer_property('web', 'feature_count')", False),
        ("raster_value('web', 1, $geometry)", False),
        ("raster_statistic('web', 1, 'mean')", False),
        ("overlay_within('web')", False),
        ('represent_value("class_id")', False),
        ("eval('aggregate(''web'', ''count'', 1)')", False),
        ("@layer_name", False),
        ("exif('/vsicurl/https://a.example/x.jpg', 'a')", False),
        ("file_exists('//a.example/x')", False),
        ("unknown_function(1)", False),
        ("1 +", False),
    ],
)
def test_a_computed_field_may_ask_elsewhere(polygons_path: Path, expression: str | None, here: bool) -> None:
    layer = polygons(polygons_path, expression)
    assert ("kind" in layer.fields().names()) is (expression is not None)
    assert stays_here(layer) is here


def test_that_of_a_joined_layer_counts(polygons_path: Path) -> None:
    layer, other = polygons(polygons_path, None), polygons(polygons_path, "aggregate('web', 'count', 1)")
    join = QgsVectorLayerJoinInfo()
    join.setJoinLayer(other)
    join.setTargetFieldName("class_id")
    join.setJoinFieldName("class_id")
    layer.addJoin(join)
    assert not stays_here(layer)


class _Asking(QgsExpressionFunction):
    """A function that keeps how often it was asked."""

    def __init__(self) -> None:
        super().__init__("asks_elsewhere", 0, "test", "")
        self.asked = 0

    def func(self, *_: Any) -> str:
        self.asked += 1
        return "water"


def test_a_form_computes_no_field_that_may_ask_elsewhere(
    provider: Any, qgis_new_project: None, polygons_path: Path
) -> None:
    asking = _Asking()
    assert QgsExpression.registerFunction(asking)
    try:
        layer = polygons(polygons_path, "asks_elsewhere()")
        QgsProject.instance().addMapLayer(layer)
        assert layer.uniqueValues(layer.fields().indexFromName("kind")) == {"water"}
        asking.asked = 0
        form = provider.algorithm("train_and_classify").create()
        assert form.parameterDefinition("CLASS_FIELD").defaultValueForGui() in ("class_id", "class_name", None)
        assert likely_class_field(layer) == "class_id"
        assert class_field_problem("Labels", layer, "kind") is None
        assert asking.asked == 0
    finally:
        QgsExpression.unregisterFunction("asks_elsewhere")
        QgsProject.instance().clear()
