"""From a map to its accuracy in QGIS: draw points, label them, assess."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import processing
import pytest
from qgis.core import QgsPalettedRasterRenderer, QgsProcessingException, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtGui import QColor

from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]

NAMES = {2: ("water", "#0072b2"), 5: ("wet meadow", "#009e73"), 11: ("soil", "#d55e00")}


@pytest.fixture
def class_map(world: Any) -> QgsRasterLayer:
    """A map whose classes have their names in the style of the layer only."""
    layer = QgsRasterLayer(world.labels, "land cover")
    classes = [QgsPalettedRasterRenderer.Class(v, QColor(colour), name) for v, (name, colour) in NAMES.items()]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def labelled(
    qgis_new_project: None, provider: Any, class_map: QgsRasterLayer, feedback: RecordingFeedback, tmp_path: Path
) -> QgsVectorLayer:
    """Sixty points in the project, labelled as an interpreter would: two are mistakes of the map, one cannot be told."""
    path = tmp_path / "points.gpkg"
    parameters = {"MAP": class_map, "POINTS": 60, "OUTPUT": str(path)}
    processing.runAndLoadResults("hsi:sample_reference_points", parameters, feedback=feedback)
    (layer,) = QgsProject.instance().mapLayersByName("land cover – reference points")
    with closing(sqlite3.connect(path)) as database:
        hidden = dict(database.execute("SELECT point_id, map_class FROM map_classes"))
    assert layer.startEditing()
    reference = layer.fields().lookupField("reference")
    water = sorted(number for number, name in hidden.items() if name == "water")
    for feature in list(layer.getFeatures()):
        number = feature["point_id"]
        said = "soil" if number in water[:2] else "cannot tell" if number == water[2] else hidden[number]
        layer.changeAttributeValue(feature.id(), reference, said)
    assert layer.commitChanges(), layer.commitErrors()
    return layer


def test_the_three_steps_end_with_how_right_the_map_is(
    run: Run, labelled: QgsVectorLayer, class_map: QgsRasterLayer, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    files = {"REPORT": str(tmp_path / "r.html"), "METRICS": str(tmp_path / "m.json"), "TABLE": str(tmp_path / "t.csv")}
    results = run("assess_map", {"MAP": class_map, "REFERENCE": labelled, **files}, feedback)
    data = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
    assert (data["question"], data["design"]) == ("this_map", "stratified")
    assert [c["name"] for c in data["classes"]] == ["water", "wet meadow", "soil"]
    assert (data["labelled"], data["undecided"]) == (59, 1)
    assert results["OVERALL_ACCURACY"] == pytest.approx(data["overall"]["value"])
    assert results["OVERALL_ACCURACY"] < 1
    assert (results["QUESTION"], results["UNLABELLED_POINTS"]) == ("this_map", 1)
    assert "How accurate is this map?" in (tmp_path / "r.html").read_text(encoding="utf-8")
    said = "\n".join(feedback.infos)
    assert said.count("How accurate is this map?") == 1
    assert "true area" in said
    assert " % to " not in said, "an interval has one form"


@pytest.mark.parametrize(
    "names",
    [("wet meadow", "water", "soil"), ("Wasser", "Wiese", "soil"), ("wet meadow", "soil", "bare")],
    ids=["swapped", "renamed", "moved on"],
)
@pytest.mark.parametrize("design", ["auto", "none"])
def test_points_labelled_as_the_layer_shows_the_map_make_it_right(
    run: Run, world: Any, qgis_new_project: None, tmp_path: Path, names: tuple[str, ...], design: str
) -> None:
    """The file next to the map knows other names; those of the layer count for sampling and for assessing."""
    path = Path(shutil.copy(world.labels, tmp_path / "map.tif"))
    own = [{"value": value, "name": name, "color": colour} for value, (name, colour) in NAMES.items()]
    (tmp_path / "own.json").write_text(json.dumps(own))
    cleaned = run(
        "clean_map", {"MAP": str(path), "LEGEND": str(tmp_path / "own.json"), "OUTPUT": str(tmp_path / "m.tif")}
    )
    layer = QgsRasterLayer(cleaned["OUTPUT"], "renamed")
    assert [c.label for c in layer.renderer().classes()] == [name for name, _ in NAMES.values()]
    shown = [QgsPalettedRasterRenderer.Class(v, QColor("#0072b2"), name) for v, name in zip(NAMES, names, strict=True)]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, shown))
    QgsProject.instance().addMapLayer(layer)
    run("sample_reference_points", {"MAP": layer, "POINTS": 40, "OUTPUT": str(tmp_path / "points.gpkg")})
    points = QgsVectorLayer(f"{tmp_path / 'points.gpkg'}|layername=reference_points", "points")
    assert points.startEditing()
    for feature in list(points.getFeatures()):
        points.changeAttributeValue(feature.id(), points.fields().lookupField("reference"), feature["stratum"])
    assert points.commitChanges(), points.commitErrors()
    given = {"MAP": layer, "REFERENCE": points, "CLASS_FIELD": "reference", "DESIGN": design}
    assert run("assess_map", given)["OVERALL_ACCURACY"] == 1


def test_edits_that_were_not_saved_are_refused(
    run: Run, labelled: QgsVectorLayer, class_map: QgsRasterLayer, feedback: RecordingFeedback
) -> None:
    assert labelled.startEditing()
    feature = next(iter(labelled.getFeatures()))
    labelled.changeAttributeValue(feature.id(), labelled.fields().lookupField("reference"), "water")
    with pytest.raises(QgsProcessingException):
        run("assess_map", {"MAP": class_map, "REFERENCE": labelled}, feedback)
    assert "Save the edits, then run again." in " ".join(feedback.errors)
    labelled.rollBack()


def test_a_selection_of_a_sample_is_refused(
    run: Run, labelled: QgsVectorLayer, class_map: QgsRasterLayer, feedback: RecordingFeedback
) -> None:
    labelled.setSubsetString("point_id < 20")
    with pytest.raises(QgsProcessingException):
        run("assess_map", {"MAP": class_map, "REFERENCE": labelled}, feedback)
    assert "all points of a sample count, labelled or not" in " ".join(feedback.errors)
