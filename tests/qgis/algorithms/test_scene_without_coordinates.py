"""A scene without map coordinates, which QGIS shows from y = 0 downwards: what is drawn over it is read where it is seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)

import gdal_scenes
from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]
ROWS, COLS = gdal_scenes.ROWS, gdal_scenes.COLS
TRAINING = {"CLASS_FIELD": "c", "MODEL": "lda", "SPLIT": "none"}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("unplaced")
    cube = gdal.Open(str(gdal_scenes.write_scene(folder / "placed.tif"))).ReadAsArray()
    made = gdal.GetDriverByName("GTiff").Create(str(folder / "scene.tif"), COLS, ROWS, len(cube), gdal.GDT_Int16)
    for number, band in enumerate(cube, start=1):
        made.GetRasterBand(number).WriteArray(band)
        made.GetRasterBand(number).SetNoDataValue(gdal_scenes.NODATA)
    made = None  # closes the file
    # The path, not the layer: what a fixture holds may live longer than QGIS.
    path = str(folder / "scene.tif")
    assert QgsRasterLayer(path, "scene").extent() == QgsRectangle(0, -ROWS, COLS, 0)
    return path


def drawn(*shapes: tuple[QgsRectangle, int]) -> QgsVectorLayer:
    layer = QgsVectorLayer("Polygon?field=c:int", "drawn", "memory")
    features = []
    for shape, value in shapes:
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromRect(shape))
        feature.setAttributes([value])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    QgsProject.instance().addMapLayer(layer, False)
    return layer


def fields(beyond: float) -> list[tuple[QgsRectangle, int]]:
    """The fields of the scene as someone draws them; those at the upper edge reach ``beyond`` pixels beyond it."""
    labelled = gdal_scenes.labelled()
    shapes = []
    for row in range(0, ROWS, 11):
        for col in range(0, COLS, 9):
            box = QgsRectangle(col, -row - 10, col + 8, beyond if row == 0 else -row)
            shapes.append((box, int(labelled[row, col])))
    return shapes


@pytest.fixture(scope="module")
def model(run: Run, scene: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("model") / "m.hsimodel")
    labels = drawn(*fields(0))
    run("train_classifier", {"SCENE": scene, "LABELS": labels.id(), **TRAINING, "OUTPUT": path})
    return path


@pytest.mark.parametrize("beyond", [-0.3, 0, 3])
def test_labels_on_and_beyond_the_upper_edge_are_read_where_they_are_seen(
    run: Run, scene: str, feedback: RecordingFeedback, tmp_path: Path, beyond: float
) -> None:
    outputs = {"OUTPUT": str(tmp_path / "map.tif"), "MODEL_OUTPUT": str(tmp_path / "m.hsimodel")}
    given = {"SCENE": scene, "LABELS": drawn(*fields(beyond)).id()}
    run("train_and_classify", {**given, **TRAINING, **outputs}, feedback)
    assert any("y of the labels is read as minus the row" in line for line in feedback.log)
    assert any("1,260 labelled pixels" in line for line in feedback.infos)
    values = gdal.Open(outputs["OUTPUT"]).ReadAsArray()
    assert (values > 0).sum() > 1500
    assert np.mean(values[values > 0] == gdal_scenes.land_cover()[values > 0]) > 0.99


def test_stripes_over_all_rows_label_all_of_them(
    run: Run, scene: str, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    labels = drawn(*((QgsRectangle(col, -40, col + 8, 4), value) for col, value in ((0, 1), (9, 2), (18, 3))))
    output = str(tmp_path / "m.hsimodel")
    run("train_classifier", {"SCENE": scene, "LABELS": labels.id(), **TRAINING, "OUTPUT": output}, feedback)
    assert any("940 labelled pixels" in line for line in feedback.infos)


def test_labels_above_the_scene_next_to_labels_on_it_are_refused_in_words(run: Run, scene: str, tmp_path: Path) -> None:
    labels = drawn((QgsRectangle(3, -9, 8, -4), 1), (QgsRectangle(20, 4, 28, 9), 2))
    output = str(tmp_path / "m.hsimodel")
    with pytest.raises(QgsProcessingException, match=r"y of the labels of .* cannot be told.* Delete or move"):
        run("train_classifier", {"SCENE": scene, "LABELS": labels.id(), **TRAINING, "OUTPUT": output})


@pytest.mark.parametrize("top", [0, 5])
def test_a_mask_and_an_extent_up_to_the_upper_edge_map_what_lies_under_them(
    run: Run, scene: str, model: str, tmp_path: Path, top: int
) -> None:
    output = str(tmp_path / "map.tif")
    given = {"SCENE": scene, "MODEL": model, "OUTPUT": output}
    upper = QgsRectangle(0, -10, COLS, top)
    for part in ({"MASK": drawn((upper, 1)).id()}, {"EXTENT": upper}, {"EXTENT": QgsRectangle(0, -10, COLS, 30)}):
        run("classify_scene", {**given, **part})
        shown = QgsRasterLayer(output, "map")
        assert shown.extent() == QgsRectangle(0, -10, COLS, 0)
        assert np.mean(gdal.Open(output).ReadAsArray() == gdal_scenes.land_cover()[:10]) > 0.99


def test_places_above_the_scene_are_refused_with_where_it_is(run: Run, scene: str, model: str) -> None:
    given = {"SCENE": scene, "MODEL": model}
    for name, place in (
        ("explain_pixel", {"POSITION": "7.5,10.5"}),
        ("classify_scene", {"EXTENT": QgsRectangle(0, 3, COLS, 10), "OUTPUT": "/nowhere/map.tif"}),
    ):
        log = RecordingFeedback()
        with pytest.raises(QgsProcessingException):
            run(name, {**given, **place}, log)
        assert any(
            "lies outside the scene “scene”. The scene has no map coordinates, and QGIS shows it at x 0 to 36, y -44 to 0."
            in line
            for line in log.errors
        )
    found = run("explain_pixel", {**given, "POSITION": "7.5,-10.5"})
    explained = json.loads(found["EXPLANATION"])
    assert (explained["row"], explained["col"]) == (10, 7)


def test_polygons_of_a_map_lie_over_it(run: Run, scene: str, model: str, tmp_path: Path) -> None:
    output, polygons = str(tmp_path / "map.tif"), str(tmp_path / "map.gpkg")
    run("classify_scene", {"SCENE": scene, "MODEL": model, "OUTPUT": output})
    run("export_map", {"MAP": output, "POLYGONS": polygons})
    shown, layer = QgsRasterLayer(output, "map"), QgsVectorLayer(polygons, "polygons", "ogr")
    assert layer.extent() == shown.extent()
    for feature in layer.getFeatures():
        inside = feature.geometry().pointOnSurface().asPoint()
        assert shown.dataProvider().sample(inside, 1) == (feature["class_id"], True)
