"""Explain pixel, through ``processing.run``: it says what the map shows, for points in any CRS."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsPointXY,
    QgsProcessingException,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterPoint,
    QgsProject,
    QgsRasterLayer,
    QgsReferencedPointXY,
)

from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]
COL, ROW = 40, 9


def place_in(layer: QgsRasterLayer) -> QgsPointXY:
    """A place near a corner of the pixel at row 9, column 40."""
    x = layer.extent().xMinimum() + (COL + 0.8) * layer.rasterUnitsPerPixelX()
    return QgsPointXY(x, layer.extent().yMaximum() - (ROW + 0.1) * layer.rasterUnitsPerPixelY())


def test_a_point_in_any_crs_is_explained_as_it_is_mapped(
    run: Run, world: Any, trained: dict[str, Any], mapped: dict[str, Any], feedback: RecordingFeedback, tmp_path: Path
) -> None:
    layer, shown = QgsRasterLayer(world.scene, "scene"), QgsRasterLayer(mapped["OUTPUT"], "map")
    place = place_in(layer)
    value, _ = shown.dataProvider().sample(place, 1)
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    lon_lat = QgsCoordinateTransform(layer.crs(), degrees, QgsProject.instance()).transform(place)
    given = {"SCENE": world.scene, "MODEL": trained["OUTPUT"]}
    positions = [
        f"{place.x()!r},{place.y()!r}",
        f"{lon_lat.x()!r},{lon_lat.y()!r} [EPSG:4326]",
        QgsReferencedPointXY(lon_lat, degrees),
    ]
    report = tmp_path / "pixel.html"
    for position in positions:
        found = run("explain_pixel", {**given, "POSITION": position, "REPORT": str(report)}, feedback)
        explained = json.loads(found["EXPLANATION"])
        assert (explained["row"], explained["col"]) == (ROW, COL)
        assert found["CLASS_VALUE"] == value
        assert found["CLASS_NAME"] == explained["classes"][0]["name"]
        assert found["PROBABILITY"] == pytest.approx(explained["probability"])
        assert found["CLASS_NAME"] in report.read_text(encoding="utf-8")
    assert any(line.startswith(f"Pixel: row {ROW}, column {COL}") for line in feedback.infos)
    assert feedback.commands[0].startswith("hsi explain --scene ")


@pytest.mark.one_qgis
def test_other_places_are_refused_in_words(run: Run, world: Any, trained: dict[str, Any]) -> None:
    given = {"SCENE": world.scene, "MODEL": trained["OUTPUT"]}
    with pytest.raises(QgsProcessingException, match="lies outside the scene"):
        run("explain_pixel", {**given, "POSITION": "1,2"})
    with pytest.raises(QgsProcessingException, match="No pixel is named"):
        run("explain_pixel", given)


def test_the_form_asks_for_a_point_and_proposes_no_labels(provider: Any, world: Any) -> None:
    from qgis.core import QgsVectorLayer

    QgsProject.instance().clear()
    QgsProject.instance().addMapLayers([QgsVectorLayer(world.polygons, "labels"), QgsRasterLayer(world.scene, "scene")])
    algorithm = provider.algorithm("explain_pixel").create()
    by_name = {d.name(): d for d in algorithm.parameterDefinitions()}
    assert isinstance(by_name["POSITION"], QgsProcessingParameterPoint)
    folded = QgsProcessingParameterDefinition.Flag.FlagAdvanced
    assert [name for name, d in by_name.items() if not d.flags() & folded and not d.isDestination()] == [
        "SCENE",
        "MODEL",
        "POSITION",
    ]
    assert by_name["SCENE"].guiDefaultValueOverride()
    assert not by_name["LABELS"].guiDefaultValueOverride()
    QgsProject.instance().clear()
