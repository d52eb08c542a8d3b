"""What a form does not mark as optional, though scripts and models may leave it out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from processing.gui import ParametersPanel
from processing.gui.AlgorithmDialog import AlgorithmDialog
from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog
from processing.modeler.ModelerParametersDialog import ModelerParametersDialog
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingModelAlgorithm,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QLabel

from qgis_plugin.provider import HsiProvider

WITH_LABELS = ("check_labels", "preview_map", "train_classifier", "train_and_classify", "assess_map")
MARK = "[optional]"


@pytest.fixture
def polygons(
    qgis_new_project: None, monkeypatch: pytest.MonkeyPatch, polygons_path: Any, scene_path: Any
) -> Iterator[QgsVectorLayer]:
    """A project of a scene and labels, and forms that ask no desktop for its browser."""
    monkeypatch.setattr(ParametersPanel, "iface", None)
    layer = QgsVectorLayer(str(polygons_path), "fields", "ogr")
    QgsProject.instance().addMapLayers([QgsRasterLayer(str(scene_path), "scene"), layer])
    yield layer
    QgsProject.instance().clear()


def open_form(provider: HsiProvider, name: str) -> AlgorithmDialog:
    return AlgorithmDialog(provider.algorithm(name).create())


def features_of(name: str) -> str:
    return "REFERENCE" if name == "assess_map" else "LABELS"


@pytest.mark.parametrize("name", WITH_LABELS)
def test_a_form_does_not_call_labels_optional(provider: HsiProvider, polygons: QgsVectorLayer, name: str) -> None:
    dialog = open_form(provider, name)
    marked = [label.text() for label in dialog.findChildren(QLabel) if MARK in label.text()]
    definitions = {d.name(): d for d in provider.algorithm(name).parameterDefinitions()}
    shown = {label.text() for label in dialog.findChildren(QLabel)}
    for unmarked in (features_of(name), "CLASS_FIELD"):
        assert definitions[unmarked].description() in shown
    # The raster that may take their place is an exception, and called one.
    assert f"{definitions[features_of(name) + '_RASTER'].description()} {MARK}" in marked


def test_a_check_box_is_not_called_optional(provider: HsiProvider, polygons: QgsVectorLayer) -> None:
    dialog = open_form(provider, "classify_scene")
    (box,) = [box for box in dialog.findChildren(QCheckBox) if box.text().startswith("Smooth the map")]
    assert box.text() == "Smooth the map"
    box.setChecked(False)
    assert dialog.mainWidget().wrappers["SMOOTH"].parameterValue() is False
    dialog.setParameters({"SMOOTH": True})
    assert box.isChecked()


def test_fields_follow_the_layer_and_both_are_given_to_the_run(provider: HsiProvider, polygons: QgsVectorLayer) -> None:
    dialog = open_form(provider, "train_and_classify")
    wrappers = dialog.mainWidget().wrappers
    wrappers["LABELS"].setParameterValue(polygons.id(), QgsProcessingContext())
    wrappers["CLASS_FIELD"].setParameterValue("class_name", QgsProcessingContext())

    values = dialog.mainWidget().createProcessingParameters()

    assert (values["LABELS"], values["CLASS_FIELD"]) == (polygons.id(), "class_name")
    boxes = [box for box in dialog.findChildren(QComboBox) if box.metaObject().className() == "QgsFieldComboBox"]
    offered = [[box.itemText(number) for number in range(box.count())] for box in boxes]
    # Fields of the class, of its name and of its colour.
    assert offered.count(["", "fid", "class_id", "class_name", "color"]) == 3


def test_a_form_opens_with_the_layer_and_field_that_are_proposed(
    provider: HsiProvider, polygons: QgsVectorLayer
) -> None:
    dialog = open_form(provider, "train_and_classify")
    values = dialog.mainWidget().createProcessingParameters()
    assert (values["LABELS"], values["CLASS_FIELD"]) == (polygons.id(), "class_id")


def test_values_of_earlier_runs_come_back(provider: HsiProvider, polygons: QgsVectorLayer) -> None:
    polygons.selectByIds([1, 2])
    dialog = open_form(provider, "train_and_classify")
    chosen = QgsProcessingFeatureSourceDefinition(polygons.id(), True)
    dialog.setParameters({"LABELS": chosen, "CLASS_FIELD": "class_name"})
    values = dialog.mainWidget().createProcessingParameters()
    assert values["LABELS"].selectedFeaturesOnly
    assert values["LABELS"].source.staticValue() == polygons.id()
    assert values["CLASS_FIELD"] == "class_name"
    dialog.setParameters({"LABELS": None, "CLASS_FIELD": None, "LABELS_RASTER": "labels.tif"})
    values = dialog.mainWidget().createProcessingParameters()
    assert (values["LABELS"], values["CLASS_FIELD"], values["LABELS_RASTER"]) == (None, None, "labels.tif")


def test_what_else_may_hold_a_form_keeps_its_widgets(provider: HsiProvider, polygons: QgsVectorLayer) -> None:
    algorithm = provider.algorithm("train_and_classify")
    batch = BatchAlgorithmDialog(algorithm.create()).mainWidget()
    names = {w.parameterDefinition().name(): w for row in batch.wrappers for w in row if w}
    names["LABELS"].setParameterValue(polygons.id(), QgsProcessingContext())
    assert names["LABELS"].parameterValue() == polygons.id()
    step = ModelerParametersDialog(algorithm.create(), QgsProcessingModelAlgorithm("Mine", "test"))
    assert step.widget.widget.wrappers["LABELS"].parameterDefinition().name() == "LABELS"
    assert step.createAlgorithm().parameterSources()["CLASS_FIELD"][0].staticValue() == "class_id"
