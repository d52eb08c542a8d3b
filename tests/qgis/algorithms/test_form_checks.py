"""What cannot work is refused before anything starts, in words, by the form as by a script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
)

from qgis_plugin.forms import checks as form_checks
from qgis_plugin.provider import HsiProvider

Check = Callable[..., str]


@pytest.fixture
def check(provider: HsiProvider) -> Check:
    """``check("train_classifier", SCENE=…)``: the sentence the form shows, empty where the values are accepted."""

    def refusal(name: str, **parameters: Any) -> str:
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        accepted, message = provider.algorithm(name).checkParameterValues(parameters, context)
        assert accepted == (not message)
        return message

    return refusal


@pytest.fixture
def training(world: Any) -> dict[str, Any]:
    return {"SCENE": world.scene, "LABELS": world.polygons, "CLASS_FIELD": "class_name", "OUTPUT": "TEMPORARY_OUTPUT"}


def test_sound_values_are_accepted(check: Check, training: dict[str, Any]) -> None:
    assert check("train_classifier", **training) == ""


def test_labels_from_nowhere(check: Check, training: dict[str, Any]) -> None:
    message = check("train_classifier", **{**training, "LABELS": None})
    assert message == "Labels: choose a layer of polygons or points, or a raster of class values."


def test_labels_from_both(check: Check, training: dict[str, Any], world: Any) -> None:
    message = check("train_classifier", **training, LABELS_RASTER=world.labels)
    assert "choose either a vector layer or a raster, not both" in message


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PATCH_SIZE", 14, "Neighbourhood (px): must be an odd number from 1 to 99; got 14."),
        ("TRAIN_SHARE", 0, "Training share: must be greater than 0 and less than 1; got 0."),
        ("TRAIN_SHARE", 1, "Training share: must be greater than 0 and less than 1; got 1."),
        ("DROPOUT", 1, "Dropout: must be at least 0 and less than 1; got 1."),
    ],
)
def test_rules_for_numbers_that_qgis_does_not_know(
    check: Check, training: dict[str, Any], name: str, value: float, words: str
) -> None:
    assert check("train_classifier", **training, **{name: value}) == words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("EPOCHS", 0, "Epochs: must be from 1 to 10,000; got 0."),
        ("SEED", -1, "Seed: must be"),
        ("BLOCK_SIZE", 1, "Block size (px): must be"),
        (
            "SPLIT",
            "cross",
            "Check accuracy on: “cross” is not a valid option. Choose one of: folds, blocks, random, polygons, none.",
        ),
    ],
)
def test_bounds_and_choices_that_qgis_keeps_are_told_in_our_words(
    check: Check, training: dict[str, Any], name: str, value: Any, words: str
) -> None:
    assert words in check("train_classifier", **training, **{name: value})


def test_places_that_are_none_are_refused_with_what_is_expected(
    check: Check, trained: dict[str, Any], training: dict[str, Any]
) -> None:
    given = {"SCENE": training["SCENE"], "MODEL": trained["OUTPUT"]}
    assert check("classify_scene", **given, OUTPUT="TEMPORARY_OUTPUT", EXTENT="bad") == (
        "Extent: “bad” is not an extent. Choose a layer, draw it on the canvas, or write xmin,xmax,ymin,ymax and a CRS, such as"
        " 5,7,50,52 [EPSG:4326]."
    )
    assert "“bad” is not a point. Choose it on the canvas, or write x,y and a CRS" in check(
        "explain_pixel", **given, POSITION="bad"
    )


def test_a_setting_of_one_method_needs_that_method(check: Check, training: dict[str, Any]) -> None:
    message = check("train_classifier", **training, MODEL="auto", CLASS_WEIGHTS=False)
    assert message == (
        "Class weights: this setting belongs to a single method. Choose that method under Method instead of Automatic, or clear"
        " the setting."
    )
    assert check("train_classifier", **training, MODEL="hybridsn", CLASS_WEIGHTS=False) == ""
    assert check("train_classifier", **training, CLASS_WEIGHTS=False) == ""  # a script from before there were methods


def test_a_picture_is_no_scene(check: Check, training: dict[str, Any], make_scene: Callable[..., Path]) -> None:
    picture = make_scene("picture.tif", bands=3)

    message = check("train_classifier", **{**training, "SCENE": str(picture)})

    assert "“picture” has 3 bands; a hyperspectral scene has dozens to hundreds" in message
    assert check("scene_information", SCENE=str(picture)) == ""  # looking at it is no mistake


@pytest.mark.parametrize(
    ("operation", "name", "path", "words"),
    [
        ("train_classifier", "OUTPUT", "model.tif", "Model file: the file name must end in .hsimodel; got .tif"),
        ("train_classifier", "OUTPUT", "model", "got no extension"),
        ("train_classifier", "REPORT", "report.pdf", "Report: the file name must end in .html or .htm; got .pdf"),
    ],
)
def test_endings(check: Check, training: dict[str, Any], operation: str, name: str, path: str, words: str) -> None:
    assert words in check(operation, **{**training, name: f"/somewhere/{path}"})


def test_class_maps_are_geotiff(check: Check, world: Any) -> None:
    message = check("classify_scene", SCENE=world.scene, MODEL="m.hsimodel", OUTPUT="/somewhere/map.png")
    assert ".png" in message


def test_an_output_does_not_replace_an_input(check: Check, world: Any) -> None:
    values = {"SCENE": world.scene, "MODEL": "/somewhere/m.hsimodel"}
    for output in (world.scene, QgsProcessingOutputLayerDefinition(world.scene)):
        message = check("classify_scene", **values, OUTPUT=output)
        assert "is the file of “Scene” and would be overwritten" in message


def test_an_output_does_not_replace_the_labels(check: Check, world: Any) -> None:
    message = check(
        "train_and_classify",
        SCENE=world.scene,
        LABELS_RASTER=world.labels,
        OUTPUT=world.labels,
        MODEL_OUTPUT="TEMPORARY_OUTPUT",
    )
    assert "is the file of “Labels” and would be overwritten" in message


def test_two_outputs_in_one_file(check: Check, world: Any, tmp_path: Path) -> None:
    same = str(tmp_path / "map.tif")
    message = check("classify_scene", SCENE=world.scene, MODEL="m.hsimodel", OUTPUT=same, CONFIDENCE=same)
    assert "Class map and Confidence have the same file" in message


def test_an_open_output_is_named_where_the_system_locks_it(
    check: Check, world: Any, mapped: dict[str, Any], qgis_new_project: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    QgsProject.instance().addMapLayer(QgsRasterLayer(mapped["OUTPUT"], "old map"))
    values = {"SCENE": world.scene, "MODEL": "m.hsimodel", "OUTPUT": mapped["OUTPUT"]}
    assert check("classify_scene", **values) == ""

    locking = form_checks.refuse_open_outputs
    monkeypatch.setattr(
        form_checks, "refuse_open_outputs", lambda project, paths: locking(project, paths, locks_open_files=True)
    )

    assert "is open as layer 'old map'" in check("classify_scene", **values)


def test_a_script_that_checks_nothing_is_told_too(provider: HsiProvider, training: dict[str, Any]) -> None:
    algorithm = provider.algorithm("train_classifier").create()

    with pytest.raises(QgsProcessingException, match="an odd number from 1 to 99"):
        algorithm.prepareAlgorithm({**training, "PATCH_SIZE": 14}, QgsProcessingContext(), QgsProcessingFeedback())


def test_without_an_engine_everything_is_listed_and_says_what_to_do(
    provider: HsiProvider, training: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HSI_ENGINE_PYTHON")
    algorithm = provider.algorithm("train_classifier")

    executable, message = algorithm.canExecute()

    assert not executable
    assert "Set up engine" in message
    assert "\n" not in message
    with pytest.raises(QgsProcessingException, match="Set up engine"):
        algorithm.create().prepareAlgorithm(training, QgsProcessingContext(), QgsProcessingFeedback())


def test_a_dialog_leaves_a_wrong_model_file_to_the_check_that_gives_a_reason(
    check: Check, provider: HsiProvider, world: Any
) -> None:
    definition = provider.algorithm("classify_scene").parameterDefinition("MODEL")
    assert definition.checkValueIsAcceptable(world.scene)
    message = check("classify_scene", SCENE=world.scene, MODEL=world.scene, OUTPUT="TEMPORARY_OUTPUT")
    assert (
        message
        == f"Model file: “{world.scene}” is the wrong type of file. Choose a file that ends in .hsimodel or .onnx."
    )
