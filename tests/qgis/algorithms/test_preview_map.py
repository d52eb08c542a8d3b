"""Preview map, through ``processing.run``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessing,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)

from qgis_plugin.layers import PREVIEWED_RASTERS
from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HSI_ENGINE_CACHE", str(tmp_path / "cache"))


def drawn(world: Any) -> QgsVectorLayer:
    """The polygons as a scratch layer, which exists in QGIS only."""
    source = QgsVectorLayer(world.polygons, "polygons")
    layer = QgsVectorLayer("Polygon?crs=EPSG:32633&field=kind:string", "drawn", "memory")
    for feature in source.getFeatures():
        copy = QgsFeature(layer.fields())
        copy.setGeometry(QgsGeometry(feature.geometry()))
        copy["kind"] = feature["class_name"]
        layer.dataProvider().addFeature(copy)
    return layer


def test_an_extent_is_mapped_and_the_model_used_again(
    run: Run, world: Any, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    given = {"SCENE": world.scene, "LABELS": world.polygons, "CLASS_FIELD": "class_name"}
    given |= {"EXTENT": "364215,364815,5809215,5809665 [EPSG:32633]", "OUTPUT": str(tmp_path / "p.tif")}
    first = run("preview_map", given, feedback)
    second = run("preview_map", given)

    assert (first["TRAINED"], second["TRAINED"], first["CUT"], first["CLASSES"]) == (1, 0, 0, 3)
    assert first["METHOD"]
    assert "not tested" in first["ACCURACY"]
    layer = QgsRasterLayer(first["OUTPUT"], "preview")
    assert (layer.width(), layer.height()) == (20, 15)
    assert feedback.commands[0].startswith(f"hsi preview --scene {world.scene} --labels {world.polygons}")
    assert first["ACCURACY"] in feedback.warnings


def test_unsaved_labels_find_their_model_again_and_leave_no_copy(
    run: Run, world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = drawn(world)
    QgsProject.instance().addMapLayer(labels)
    given = {"SCENE": world.scene, "LABELS": labels, "CLASS_FIELD": "kind", "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT}
    temporary = Path(run("preview_map", given)["OUTPUT"]).parents[1]
    copies = set(temporary.glob("hsi-*"))
    assert run("preview_map", given)["TRAINED"] == 0
    assert set(temporary.glob("hsi-*")) == copies

    labels.startEditing()
    labels.deleteFeature(next(labels.getFeatures()).id())
    assert run("preview_map", given)["TRAINED"] == 1
    assert run("preview_map", given)["TRAINED"] == 0
    labels.rollBack()
    QgsProject.instance().removeMapLayer(labels.id())


def test_a_scene_that_only_qgis_can_read_is_copied_once_and_its_model_found_again(run: Run, world: Any) -> None:
    gdal.Translate("/vsimem/lake.tif", world.scene)
    given = {"SCENE": QgsRasterLayer("/vsimem/lake.tif", "lake"), "LABELS": world.polygons, "CLASS_FIELD": "class_name"}
    told = [RecordingFeedback(), RecordingFeedback()]
    ended = [run("preview_map", {**given, "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT}, one) for one in told]

    assert [any("it is copied to" in text for text in one.infos) for one in told] == [True, False]
    assert [results["TRAINED"] for results in ended] == [1, 0]
    PREVIEWED_RASTERS.clear()
    gdal.Unlink("/vsimem/lake.tif")


@pytest.mark.one_qgis
def test_an_extent_beside_the_scene_is_told(run: Run, world: Any, tmp_path: Path) -> None:
    with pytest.raises(QgsProcessingException, match="does not overlap the scene"):
        run(
            "preview_map",
            {
                "SCENE": world.scene,
                "LABELS": world.polygons,
                "CLASS_FIELD": "class_name",
                "EXTENT": "0,10,0,10 [EPSG:32633]",
                "OUTPUT": str(tmp_path / "p.tif"),
            },
        )
