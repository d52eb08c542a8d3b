"""The form of a training: words for people on the screen, words of scripts behind it, nothing where nothing is set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from processing.gui.wrappers import WidgetWrapperFactory
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
)
from qgis.PyQt.QtWidgets import QApplication, QDialog, QVBoxLayout

from qgis_plugin.provider import HsiProvider

Wrap = Callable[[str], Any]
# Parameters of the form before there were methods, with the values that a model file of then holds.
OLD_MODEL = {
    "CLASS_FIELD": "class_name",
    "NAME_FIELD": None,
    "COLOR_FIELD": None,
    "LEGEND": None,
    "OVERLAP": "drop",
    "ALL_TOUCHED": False,
    "RESAMPLING": "refuse",
    "MIN_SAMPLES": 1,
    "SMALL_CLASSES": "error",
    "SPLIT": "blocks",
    "COMPARE_SPLIT": "none",
    "SPLIT_SOURCE": None,
    "SPLIT_FIELD": None,
    "TRAIN_SHARE": 0.1,
    "VALIDATION_SHARE": 0.0,
    "BLOCK_SIZE": None,
    "BANDS": None,
    "COMPONENTS": 15,
    "WHITEN": True,
    "MODEL": "hybridsn",
    "PATCH_SIZE": 15,
    "BATCH_NORM": True,
    "SQUEEZE_EXCITATION": False,
    "DROPOUT": 0.4,
    "EPOCHS": 40,
    "BATCH_SIZE": 64,
    "LEARNING_RATE": 0.002,
    "SCHEDULE": "one_cycle",
    "WEIGHT_DECAY": 0.01,
    "LABEL_SMOOTHING": 0.0,
    "CLASS_WEIGHTS": False,
    "AUGMENT": True,
    "PATIENCE": None,
    "SEED": 0,
    "DEVICE": "auto",
    "PRECISION": "auto",
    "RESUME": False,
}


@pytest.fixture
def wrap(provider: HsiProvider) -> Iterator[Wrap]:
    """``wrap("MODEL")``: the widget of a parameter of Train and classify as Processing makes it for its dialog."""
    algorithm, dialog = provider.algorithm("train_and_classify").create(), QDialog()
    layout, kept = QVBoxLayout(dialog), []

    def make(name: str) -> Any:
        wrapper = WidgetWrapperFactory.create_wrapper(algorithm.parameterDefinition(name), dialog)
        kept.append(wrapper)
        layout.addWidget(wrapper.createWrappedWidget(QgsProcessingContext()))
        return wrapper

    yield make
    dialog.show()
    QApplication.processEvents()
    dialog.close()


@pytest.mark.parametrize(
    ("name", "shown", "value"),
    [
        ("MODEL", "Automatic", "auto"),
        ("EFFORT", "Standard", "standard"),
        ("SPLIT", "Separate places", "folds"),
        ("SCHEDULE", "The method's own", None),
        ("AUGMENT", "The method's own", None),
    ],
)
def test_as_the_form_opens(wrap: Wrap, name: str, shown: str, value: str | None) -> None:
    wrapper = wrap(name)
    assert (wrapper.wrappedWidget().currentText(), wrapper.parameterValue()) == (shown, value)
    assert "[" not in wrapper.createWrappedLabel().text()


def test_what_is_chosen_is_given_in_the_words_of_scripts(wrap: Wrap) -> None:
    wrapper = wrap("SPLIT")
    box = wrapper.wrappedWidget()
    assert [box.itemText(number) for number in range(box.count())] == [
        "Separate places",
        "Separate places (part for training)",
        "Random pixels (leaks)",
        "Whole polygons (part for training)",
        "Nothing",
    ]
    changed = []
    wrapper.widgetValueHasChanged.connect(changed.append)
    box.setCurrentIndex(2)
    assert wrapper.parameterValue() == "random"
    assert changed == [wrapper]


@pytest.mark.parametrize(("old", "shown"), [(True, "Yes"), (False, "No"), ("true", "Yes"), (None, "The method's own")])
def test_values_of_earlier_runs_can_be_set(wrap: Wrap, old: Any, shown: str) -> None:
    wrapper = wrap("AUGMENT")
    wrapper.setParameterValue(old, QgsProcessingContext())
    assert wrapper.wrappedWidget().currentText() == shown


@pytest.mark.parametrize(
    "name", ["COMPONENTS", "WHITEN", "PATCH_SIZE", "DROPOUT", "EPOCHS", "LEARNING_RATE", "WEIGHT_DECAY", "FOLDS"]
)
def test_numbers_that_are_left_alone_are_not_set(wrap: Wrap, name: str) -> None:
    assert wrap(name).parameterValue() is None


def test_a_model_of_the_form_before_is_sound(provider: HsiProvider) -> None:
    model = QgsProcessingModelAlgorithm("Old", "test")
    child = QgsProcessingModelChildAlgorithm("hsi:train_classifier")
    child.setChildId("training")
    files = {"SCENE": "scene.tif", "LABELS": "fields.gpkg", "LABELS_RASTER": None}
    for name, value in {**files, **OLD_MODEL}.items():
        child.addParameterSources(name, [QgsProcessingModelChildParameterSource.fromStaticValue(value)])
    model.addChildAlgorithm(child)
    assert model.validate() == (True, [])
