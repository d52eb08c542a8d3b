"""Sample reference points, through ``processing``: the layer as an interpreter meets it, and what the log says."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import processing
import pytest
from qgis.core import (
    NULL,
    QgsCategorizedSymbolRenderer,
    QgsPalettedRasterRenderer,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]

NAMES = {2: ("water", "#0072b2"), 5: ("wet meadow", "#009e73"), 11: ("soil", "#d55e00")}


@pytest.fixture
def class_map(world: Any) -> QgsRasterLayer:
    """The labels as a map whose classes have their names in the style of the layer only."""
    layer = QgsRasterLayer(world.labels, "land cover")
    classes = [QgsPalettedRasterRenderer.Class(v, QColor(colour), name) for v, (name, colour) in NAMES.items()]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def points(
    qgis_new_project: None, provider: Any, class_map: QgsRasterLayer, feedback: RecordingFeedback, tmp_path: Path
) -> QgsVectorLayer:
    """The layer as it arrives in the project."""
    parameters = {"MAP": class_map, "POINTS": 60, "OUTPUT": str(tmp_path / "points.gpkg")}
    processing.runAndLoadResults("hsi:sample_reference_points", parameters, feedback=feedback)
    (layer,) = QgsProject.instance().mapLayersByName("land cover – reference points")
    return layer


def test_points_arrive_in_the_colours_of_the_classes_and_stand_out_without_a_label(points: QgsVectorLayer) -> None:
    assert points.featureCount() == 60
    renderer = points.renderer()
    assert isinstance(renderer, QgsCategorizedSymbolRenderer)
    assert renderer.classAttribute() == "reference"
    found = {c.label(): c.symbol().color().name() for c in renderer.categories()}
    assert found == {**dict(NAMES.values()), "other": "#8c8c8c", "cannot tell": "#111111", "not labelled": "#ffffff"}
    sizes = {c.label(): c.symbol().size() for c in renderer.categories()}
    assert sizes["not labelled"] > sizes["water"]
    tree = QgsProject.instance().layerTreeRoot()
    assert tree.layerOrder()[0].id() == points.id()


def test_the_form_offers_the_classes_and_hides_what_the_map_says(points: QgsVectorLayer) -> None:
    fields, form = points.fields(), points.editFormConfig()
    assert fields.names()[1:] == [
        "point_id", "stratum", "inclusion_probability", "reference", "certainty", "comment",
    ]  # fmt: skip
    widget = points.editorWidgetSetup(fields.lookupField("reference"))
    assert widget.type() == "ValueMap"
    offered = [next(iter(entry)) for entry in widget.config()["map"]]
    assert offered == ["not labelled", *(name for name, _ in NAMES.values()), "other", "cannot tell"]
    certainty = points.editorWidgetSetup(fields.lookupField("certainty"))
    assert [next(iter(entry)) for entry in certainty.config()["map"]] == ["", "sure", "rather sure", "unsure"]
    for hidden in ("stratum", "inclusion_probability"):
        assert points.editorWidgetSetup(fields.lookupField(hidden)).type() == "Hidden"
        assert form.readOnly(fields.lookupField(hidden))
    assert form.readOnly(fields.lookupField("point_id"))
    assert not form.readOnly(fields.lookupField("reference"))
    assert [item.name() for item in form.tabs()] == ["point_id", "reference", "certainty", "comment"]
    hidden_columns = {c.name for c in points.attributeTableConfig().columns() if c.hidden}
    assert {"stratum", "inclusion_probability"} <= hidden_columns


def test_what_an_interpreter_saves_is_in_the_file(points: QgsVectorLayer, tmp_path: Path) -> None:
    reference = points.fields().lookupField("reference")
    assert points.startEditing()
    for number, name in ((1, "soil"), (2, "cannot tell")):
        assert points.getFeature(number)["reference"] == NULL
        assert points.changeAttributeValue(number, reference, name)
    assert points.commitChanges(), points.commitErrors()
    with closing(sqlite3.connect(tmp_path / "points.gpkg")) as database:
        saved = database.execute("SELECT reference, count(*) FROM reference_points GROUP BY 1 ORDER BY 1").fetchall()
        (hidden,) = database.execute("SELECT count(*) FROM map_classes WHERE map_class = 'wet meadow'").fetchone()
    assert saved == [(None, 58), ("cannot tell", 1), ("soil", 1)]
    assert hidden >= 10


@pytest.mark.parametrize(("algorithm", "output"), [("sample_reference_points", "OUTPUT"), ("export_map", "POLYGONS")])
def test_no_output_replaces_the_file_of_labels_that_are_not_saved(
    run: Run, points: QgsVectorLayer, class_map: QgsRasterLayer, tmp_path: Path, algorithm: str, output: str
) -> None:
    assert points.startEditing()
    assert points.changeAttributeValue(1, points.fields().lookupField("reference"), "water")
    before = (tmp_path / "points.gpkg").read_bytes()
    refusal = "layer 'land cover – reference points' shows .*points.gpkg and has unsaved edits"
    with pytest.raises(QgsProcessingException, match=refusal):
        run(algorithm, {"MAP": class_map, output: str(tmp_path / "points.gpkg")})
    assert (tmp_path / "points.gpkg").read_bytes() == before
    assert points.commitChanges(), points.commitErrors()
    assert [f["point_id"] for f in points.getFeatures() if f["reference"] == "water"] == [1]


def test_the_log_says_what_was_drawn_and_what_comes_next(points: QgsVectorLayer, feedback: RecordingFeedback) -> None:
    said = "\n".join(feedback.infos)
    assert "60 points in all; expected standard error of the overall accuracy: 4.6 percentage points." in said
    assert "Next: Label the points: select their layer, switch on Label reference points" in said
    assert "Next: Then run Assess map" in said
    assert feedback.commands[0].startswith("hsi sample --map ")
    assert feedback.warnings == []


def test_only_the_number_of_points(run: Run, world: Any, tmp_path: Path) -> None:
    results = run("sample_reference_points", {"MAP": world.labels, "TARGET_ERROR": 0.02, "EXPECTED_ACCURACY": "0.8"})
    assert results["POINT_COUNT"] == 400
    assert results["STRATUM_COUNT"] == 3
    assert results["EXPECTED_STANDARD_ERROR"] == pytest.approx(0.02, abs=1e-3)
    assert "OUTPUT" not in results


def test_strata_are_a_layer_of_polygons_with_a_field(run: Run, world: Any, tmp_path: Path) -> None:
    output = tmp_path / "points.gpkg"
    results = run(
        "sample_reference_points",
        {
            "MAP": world.labels,
            "STRATA": world.polygons,
            "STRATA_FIELD": "class_name",
            "CROSS_CLASSES": False,
            "POINTS": 90,
            "OUTPUT": str(output),
        },
    )
    assert (results["POINT_COUNT"], results["STRATUM_COUNT"]) == (90, 3)
    with closing(sqlite3.connect(output)) as database:
        names = [name for (name,) in database.execute("SELECT stratum FROM strata ORDER BY stratum")]
    assert names == ["meadow", "soil", "water"]


def test_what_cannot_be_drawn_is_refused_in_words(run: Run, world: Any, tmp_path: Path) -> None:
    output = {"OUTPUT": str(tmp_path / "points.gpkg")}
    with pytest.raises(QgsProcessingException, match="20 points are too few for 3 strata with at least 10 points each"):
        run("sample_reference_points", {"MAP": world.labels, "POINTS": 20, **output})
    with pytest.raises(QgsProcessingException, match="must hold one band of whole numbers; found 16 bands"):
        run("sample_reference_points", {"MAP": world.scene, **output})
    with pytest.raises(QgsProcessingException, match=r"Reference points: the file name must end in \.gpkg"):
        run("sample_reference_points", {"MAP": world.labels, "OUTPUT": str(tmp_path / "points.shp")})
    assert list(tmp_path.iterdir()) == []
