"""Suggest where to label next, through ``processing``: the layer as it arrives, labelled by the dock's rules, and trained with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import processing
import pytest
from qgis.core import (
    NULL,
    QgsCategorizedSymbolRenderer,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsSymbol,
    QgsVectorLayer,
    QgsWkbTypes,
)

from qgis_plugin.desktop.labelling.classes import classes_of
from qgis_plugin.desktop.labelling.label_fields import proposed_field
from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def suggested(
    qgis_new_project: None,
    provider: Any,
    world: Any,
    trained: dict[str, Any],
    feedback: RecordingFeedback,
    tmp_path: Path,
) -> QgsVectorLayer:
    """The layer as it arrives in the project."""
    scene = QgsRasterLayer(world.scene, "city")
    QgsProject.instance().addMapLayer(scene)
    parameters = {
        "SCENE": scene,
        "MODEL": trained["OUTPUT"],
        "LABELS": world.few,
        "POINTS": 15,
        "OUTPUT": str(tmp_path / "next.gpkg"),
        "DEVICE": "cpu",
    }
    processing.runAndLoadResults("hsi:suggest_labels", parameters, feedback=feedback)
    (layer,) = QgsProject.instance().mapLayersByName("city – where to label next")
    return layer


def test_points_arrive_with_a_form_that_hides_the_predicted_class(
    suggested: QgsVectorLayer, feedback: RecordingFeedback
) -> None:
    assert suggested.featureCount() == 15
    renderer = suggested.renderer()
    assert isinstance(renderer, QgsCategorizedSymbolRenderer)
    assert renderer.classAttribute() == "reference"
    assert {c.label() for c in renderer.categories()} == {"water", "meadow", "soil", "cannot tell", "not labelled"}
    fields, form = suggested.fields(), suggested.editFormConfig()
    assert fields.names()[1:] == ["rank", "uncertainty", "dissimilarity", "reference", "certainty", "comment"]
    assert next(item.name() for item in form.tabs()) == "rank"
    assert [item.name() for item in form.tabs()][-3:] == ["reference", "certainty", "comment"]
    assert form.readOnly(fields.lookupField("rank"))
    assert form.readOnly(fields.lookupField("uncertainty"))
    assert not form.readOnly(fields.lookupField("reference"))
    # What the dock goes by.
    assert proposed_field(suggested) == "reference"
    assert [item.name for item in classes_of(suggested, "reference")] == ["water", "meadow", "soil", "cannot tell"]
    assert [feature["rank"] for feature in suggested.getFeatures()] == list(range(1, 16))
    said = "\n".join(feedback.infos)
    assert "15 points suggested, out of " in said
    assert "Mean uncertainty: " in said
    assert "Next: Label the points: select their layer, switch on Label reference points" in said
    assert [line for line in feedback.log if "hsi " in line] == feedback.commands, "no commands but the one to copy"
    assert feedback.commands[0].startswith("hsi suggest-labels --scene ")
    assert any("not a probability sample" in warning for warning in feedback.warnings)


def test_labels_come_back_as_more_labels_and_are_no_reference(
    suggested: QgsVectorLayer, run: Run, world: Any, mapped: dict[str, Any], tmp_path: Path
) -> None:
    reference = suggested.fields().lookupField("reference")
    assert suggested.startEditing()
    for number, name in ((1, "soil"), (2, "cannot tell"), (3, "water")):
        assert suggested.getFeature(number)["reference"] == NULL
        assert suggested.changeAttributeValue(number, reference, name)
    assert suggested.commitChanges(), suggested.commitErrors()
    told = RecordingFeedback()
    run(
        "train_classifier",
        {
            "SCENE": world.scene,
            "LABELS": world.few,
            "CLASS_FIELD": "class_name",
            "MORE_LABELS": suggested,
            "MODEL": "lda",
            "SPLIT": "none",
            "OUTPUT": str(tmp_path / "m.hsimodel"),
            "DEVICE": "cpu",
        },
        told,
    )
    said = "\n".join([*told.infos, *told.warnings])
    assert "More labels: 2 labelled pixels." in said
    assert "left out: 12 of 15" in said
    with pytest.raises(QgsProcessingException, match="not drawn at random"):
        run("assess_map", {"MAP": mapped["OUTPUT"], "REFERENCE": suggested})


def test_more_labels_with_the_style_of_the_labels_are_of_the_same_classes(
    run: Run, world: Any, qgis_new_project: None, tmp_path: Path
) -> None:
    layers = [QgsVectorLayer(path, name) for path, name in ((world.few, "few"), (world.polygons, "all"))]
    names = {"water": "Wasser", "meadow": "Wiese", "soil": "Boden"}
    for layer in layers:
        symbol = QgsSymbol.defaultSymbol(layer.geometryType())
        categories = [QgsRendererCategory(value, symbol.clone(), name) for value, name in names.items()]
        layer.setRenderer(QgsCategorizedSymbolRenderer("class_name", categories))
        QgsProject.instance().addMapLayer(layer)
    told = RecordingFeedback()
    result = run(
        "train_classifier",
        {
            "SCENE": world.scene,
            "LABELS": layers[0],
            "CLASS_FIELD": "class_name",
            "MORE_LABELS": layers[1],
            "MORE_CLASS_FIELD": "class_name",
            "MODEL": "lda",
            "SPLIT": "none",
            "OUTPUT": str(tmp_path / "m.hsimodel"),
        },
        told,
    )
    assert result["CLASSES"] == 3
    assert "only the more labels have" not in told.everything


def test_squares_arrive_as_outlines(
    qgis_new_project: None, provider: Any, world: Any, trained: dict[str, Any], tmp_path: Path
) -> None:
    parameters = {
        "SCENE": world.scene,
        "MODEL": trained["OUTPUT"],
        "POINTS": 4,
        "WINDOW": 5,
        "OUTPUT": str(tmp_path / "squares.gpkg"),
        "DEVICE": "cpu",
    }
    processing.runAndLoadResults("hsi:suggest_labels", parameters, feedback=RecordingFeedback())
    (layer,) = (layer for layer in QgsProject.instance().mapLayers().values() if isinstance(layer, QgsVectorLayer))
    assert layer.geometryType() == QgsWkbTypes.GeometryType.PolygonGeometry
    assert layer.featureCount() == 4
    symbols = {c.label(): c.symbol().symbolLayer(0).properties() for c in layer.renderer().categories()}
    assert {one["style"] for one in symbols.values()} == {"no"}
    assert symbols["not labelled"]["outline_color"].startswith("224,33,138")
