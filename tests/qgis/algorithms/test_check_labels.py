"""Check training labels, through ``processing.run``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFeature,
    QgsGeometry,
    QgsProcessing,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsSymbol,
    QgsVectorLayer,
)

from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]


def test_the_verdict_the_page_and_the_layer(run: Run, world: Any, feedback: RecordingFeedback, tmp_path: Path) -> None:
    page = tmp_path / "labels.html"
    results = run(
        "check_labels",
        {
            "SCENE": world.scene,
            "LABELS": world.polygons,
            "CLASS_FIELD": "class_name",
            "REPORT": str(page),
            "PROBLEMS": QgsProcessing.TEMPORARY_OUTPUT,
        },
        feedback,
    )

    assert results["VERDICT"].startswith("You can train now, and the accuracy of all 3 classes can be checked")
    assert (results["CAN_TRAIN"], results["CAN_TEST"], results["CLASSES"], results["UNTESTED_CLASSES"]) == (1, 1, 3, 0)
    assert results["HARDLY_SEPARABLE_PAIRS"] == 0
    assert 1.9 < results["LOWEST_DISTANCE"] <= 2
    assert results["VERDICT"].partition(".")[0] in page.read_text(encoding="utf-8")
    layer = QgsVectorLayer(results["PROBLEMS"], "problems")
    assert layer.isValid()
    assert layer.featureCount() == results["PROBLEM_COUNT"]
    assert results["PROBLEMS"].endswith(".gpkg")
    assert feedback.commands[0].startswith(f"hsi check-labels --scene {world.scene} --labels {world.polygons}")


def test_a_scratch_layer_with_a_polygon_drawn_twice(run: Run, world: Any, feedback: RecordingFeedback) -> None:
    drawn = QgsVectorLayer("Polygon?crs=EPSG:32633&field=kind:string", "drawn", "memory")
    source = QgsVectorLayer(world.polygons, "polygons")
    for feature in source.getFeatures():
        copy = QgsFeature(drawn.fields())
        copy.setGeometry(QgsGeometry(feature.geometry()))
        copy["kind"] = feature["class_name"]
        drawn.dataProvider().addFeature(copy)
    again = QgsFeature(next(drawn.getFeatures()))
    again["kind"] = "soil" if again["kind"] != "soil" else "water"
    drawn.dataProvider().addFeature(again)
    symbol = QgsSymbol.defaultSymbol(drawn.geometryType())
    categories = [QgsRendererCategory(name, symbol.clone(), name) for name in ("water", "meadow", "soil")]
    drawn.setRenderer(QgsCategorizedSymbolRenderer("kind", categories))

    results = run(
        "check_labels",
        {"SCENE": world.scene, "LABELS": drawn, "CLASS_FIELD": "kind", "PROBLEMS": QgsProcessing.TEMPORARY_OUTPUT},
        feedback,
    )

    assert "Next: Decide on one class for places drawn as two (2 polygons)." in feedback.infos
    assert "Labels: names of 3 classes come from the style of the layer." in feedback.infos, (
        "all symbols have one colour"
    )
    assert "given legend" not in feedback.everything, "nobody gave one"
    assert "It reads temporary files in" in feedback.everything
    assert "Copies of rasters" not in feedback.everything, "there were none"
    assert feedback.infos[1].startswith("Training polygons or points: 'drawn', ")
    layer = QgsVectorLayer(results["PROBLEMS"], "problems")
    twice = [f for f in layer.getFeatures() if f["problem"] == "contradiction"]
    assert sorted(f["number"] for f in twice) == [1, drawn.featureCount()]
    assert "REPORT" not in results


def test_copies_of_rasters_are_said_to_be_gone(
    run: Run, world: Any, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    gdal.FileFromMemBuffer("/vsimem/scene.tif", Path(world.scene).read_bytes())
    legend = tmp_path / "legend.json"
    legend.write_text('[{"value": 2, "name": "lake"}]', encoding="utf-8")
    scene = QgsRasterLayer("/vsimem/scene.tif", "scene")
    given = {"LABELS": world.polygons, "CLASS_FIELD": "class_id", "LEGEND": str(legend)}
    run("check_labels", {"SCENE": scene, **given}, feedback)
    del scene
    gdal.Unlink("/vsimem/scene.tif")
    assert "Copies of rasters are already gone." in feedback.everything
    assert "The given legend lacks class values 5, 11" in feedback.everything


def test_the_layer_arrives_with_its_name_and_a_colour_for_each_problem(
    qgis_iface: Any, qgis_new_project: None, provider: Any, world: Any, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    import processing

    drawn = QgsVectorLayer("Polygon?crs=EPSG:32633&field=kind:string", "drawn", "memory")
    for feature in QgsVectorLayer(world.polygons, "polygons").getFeatures():
        for _ in range(1 + (drawn.featureCount() == 0)):  # the first one twice
            copy = QgsFeature(drawn.fields())
            copy.setGeometry(QgsGeometry(feature.geometry()))
            copy["kind"] = feature["class_name"]
            drawn.dataProvider().addFeature(copy)
    parameters = {"SCENE": world.scene, "LABELS": drawn, "CLASS_FIELD": "kind", "PROBLEMS": str(tmp_path / "p.gpkg")}

    processing.runAndLoadResults("hsi:check_labels", parameters, feedback=feedback)

    (layer,) = QgsProject.instance().mapLayersByName("scene – labels to look at")
    assert [c.label() for c in layer.renderer().categories()] == ["Drawn twice"]
    assert layer.renderer().classAttribute() == "problem"
    assert QgsProject.instance().layerTreeRoot().findLayer(layer.id()).isExpanded()

    again = {**parameters, "LABELS": world.polygons, "CLASS_FIELD": "class_name"}
    processing.run("hsi:check_labels", again, feedback=feedback)
    assert layer.featureCount() == 0  # the layer shows what is in the file now


@pytest.mark.one_qgis
def test_a_label_raster(run: Run, world: Any) -> None:
    results = run("check_labels", {"SCENE": world.scene, "LABELS_RASTER": world.labels})

    assert (results["CAN_TRAIN"], results["CLASSES"]) == (1, 3)


def test_only_a_geopackage_is_written(run: Run, world: Any, tmp_path: Path) -> None:
    parameters = {"SCENE": world.scene, "LABELS": world.polygons, "CLASS_FIELD": "class_name"}

    with pytest.raises(QgsProcessingException, match=r"Labels to look at: the file name must end in \.gpkg"):
        run("check_labels", {**parameters, "PROBLEMS": str(tmp_path / "problems.shp")})
