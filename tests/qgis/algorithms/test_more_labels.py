"""More labels next to the labels: classes that both sides name are the same if their names are, whatever their numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFeature,
    QgsProject,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsSymbol,
    QgsVectorLayer,
)

from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]
NUMBERS = {"water": 2, "meadow": 5, "soil": 11}


def add_layer(path: str, numbers: dict[str, int], part: int, *, styled: bool = True) -> QgsVectorLayer:
    """Every second polygon in a memory layer with a number for each class, which the style names."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32633&field=k:integer", f"part {part}", "memory")
    copies = []
    for place, feature in enumerate(QgsVectorLayer(path).getFeatures()):
        copy = QgsFeature(layer.fields())
        copy.setGeometry(feature.geometry())
        copy.setAttribute("k", numbers[feature["class_name"]])
        copies += [copy] * (place % 2 == part)
    layer.dataProvider().addFeatures(copies)
    if styled:
        style(layer, "k", {number: name for name, number in numbers.items()})
    QgsProject.instance().addMapLayer(layer)
    return layer


def style(layer: QgsVectorLayer, field: str, names: dict[int, str]) -> None:
    symbol = QgsSymbol.defaultSymbol(layer.geometryType())
    categories = [QgsRendererCategory(value, symbol.clone(), name) for value, name in names.items()]
    layer.setRenderer(QgsCategorizedSymbolRenderer(field, categories))


def legend_of(path: str) -> dict[int, str]:
    layer = QgsRasterLayer(path)
    return {int(item.value): item.label for item in layer.renderer().classes()}


def map_of(
    run: Run, world: Any, tmp_path: Path, labels: QgsVectorLayer, more: QgsVectorLayer, field: str
) -> tuple[str, str]:
    """The map of a training with both layers, and what was said."""
    told, output = RecordingFeedback(), tmp_path / "map.tif"
    run(
        "train_and_classify",
        {
            "SCENE": world.scene,
            "LABELS": labels,
            "CLASS_FIELD": field,
            "MORE_LABELS": more,
            "MORE_CLASS_FIELD": field,
            "MODEL": "lda",
            "SPLIT": "none",
            "MODEL_OUTPUT": str(tmp_path / "m.hsimodel"),
            "OUTPUT": str(output),
        },
        told,
    )
    return str(output), told.everything


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"water": 2, "meadow": 3, "soil": 1}, "1 “soil” becomes 11 and 3 “meadow” becomes 5"),
        (
            {"water": 5, "meadow": 11, "soil": 2},
            "2 “soil” becomes 11, 5 “water” becomes 2 and 11 “meadow” becomes 5",
        ),
    ],
    ids=["other numbers", "exchanged numbers"],
)
def test_names_of_both_styles_decide(
    run: Run, world: Any, qgis_new_project: None, tmp_path: Path, numbers: dict[str, int], words: str
) -> None:
    labels, more = add_layer(world.polygons, NUMBERS, 0), add_layer(world.polygons, numbers, 1)
    output, said = map_of(run, world, tmp_path, labels, more, "k")
    assert legend_of(output) == {number: name for name, number in NUMBERS.items()}
    assert f"Classes are matched by name, so values of the more labels change: {words}." in said
    assert "only the more labels have" not in said
    pixels, expected = (gdal.Open(path).ReadAsArray() for path in (output, world.labels))
    inside = (pixels > 0) & (expected > 0)
    assert (pixels == expected)[inside].mean() > 0.95


def test_without_a_style_numbers_decide(run: Run, world: Any, qgis_new_project: None, tmp_path: Path) -> None:
    labels, more = add_layer(world.polygons, NUMBERS, 0), add_layer(world.polygons, NUMBERS, 1, styled=False)
    output, said = map_of(run, world, tmp_path, labels, more, "k")
    assert legend_of(output) == {number: name for name, number in NUMBERS.items()}
    assert "matched by name" not in said


def test_the_style_of_labels_may_rename_what_a_field_of_both_files_names(
    run: Run, world: Any, qgis_new_project: None, tmp_path: Path
) -> None:
    labels, more = QgsVectorLayer(world.few, "few"), QgsVectorLayer(world.polygons, "all")
    german = {2: "Wasser", 5: "Wiese", 11: "Boden"}
    style(labels, "class_id", german)
    QgsProject.instance().addMapLayers([labels, more])
    output, said = map_of(run, world, tmp_path, labels, more, "class_id")
    assert legend_of(output) == german
    assert "only the more labels have" not in said
