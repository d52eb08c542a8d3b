"""Messages of operations in the words of a command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hsi_engine
from hsi_engine.cli import main
from hsi_engine.cli.option_words import OptionWords
from hsi_engine.cli.terminal import TerminalReporter
from hsi_engine.errors import LabelError, ParameterError
from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.operations.definition.parameter_spec import parameter_specs

TRAIN = OptionWords(specs=parameter_specs(CATALOGUE["train_and_classify"].params))


@pytest.mark.parametrize(
    ("said", "in_options"),
    [
        (
            "Parameter 'min_confidence' (Minimum confidence): must be 1.",
            "--min-confidence (Minimum confidence) must be 1.",
        ),
        ("Parameter 'extent' (Extent): it is empty.", "--extent (Extent): it is empty."),
        ("Leave it out, or choose a network with 'model'.", "Leave it out, or choose a network with --model."),
        ("Use resampling 'nearest' or 'majority' to resample.", "Use --resampling nearest or majority to resample."),
        (
            "State it as no data value (nodata -32768): otherwise",
            "State it as no data value (--nodata=-32768): otherwise",
        ),
        ("State it (nodata 1e-05).", "State it (--nodata=1e-05)."),
        ("Set whiten to 0.", "Set --whiten to 0."),
        ("Set 'model' to hybridsn, or leave it out.", "Set --model to hybridsn, or leave it out."),
        ("'model' and 'model_output' are both given.", "--model and --model-output are both given."),
        (
            "Choose at least one of 'output', 'report' and 'model_output'.",
            "Choose at least one of --output, --report and --model-output.",
        ),
        ("Classes 'model' and 'wheat' lie apart.", "Classes 'model' and 'wheat' lie apart."),
        ("Leave out 'model' to train.", "Leave out --model to train."),
        ("Trained by one process, whatever 'processes' says.", "Trained by one process, whatever --processes says."),
        (
            "'patch_size' (9) exceeds it; patch_size counts pixels.",
            "--patch-size (9) exceeds it; --patch-size counts pixels.",
        ),
    ],
)
def test_parameters_become_options(said: str, in_options: str) -> None:
    assert TRAIN.text(said) == in_options
    assert OptionWords().text(said) == said, "no command, no options"


@pytest.mark.parametrize(
    "said",
    [
        "The field 'class_field' is empty.",
        "Class 'model' has no labels, and the class 'patch_size' neither.",
        "Layer 'extent' holds no polygons; choose another layer or a smaller extent.",
        "/data/class_field/patch_size.tif does not exist.",
        "The labels of a scene and its model (nodata value -32768).",
        "Column 'min_confidence' is text.",
    ],
)
def test_the_names_of_users_stay(said: str) -> None:
    assert TRAIN.text(said) == said


def test_a_hint_that_only_repeats_the_help_is_left_out_and_others_stay() -> None:
    description = TRAIN.specs["patch_size"].description
    wrong = ParameterError("Parameter 'patch_size' is wrong.", code="value", hint=description)
    assert TRAIN.error(wrong).hint == ""
    assert wrong.hint == description, "the error itself is as it was"
    assert TRAIN.error(LabelError("Wrong.", hint="Set whiten to 0.")).hint == "Set --whiten to 0."


def test_python_names_parameters_and_the_command_line_options(
    scene_path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ParameterError, match="'min_confidence'"):
        hsi_engine.classify_scene(scene=scene_path, model="m", output=tmp_path / "o.tif", min_confidence=2)
    words = ["classify", "--scene", str(scene_path), "--model", "m", "--output", str(tmp_path / "o.tif")]
    assert main([*words, "--min-confidence", "2", "--json"]) == 2
    out, err = capfd.readouterr()
    expected = "--min-confidence (Minimum confidence) must be a number from 0 to 1; found 2."
    assert err == f"hsi: error: {expected}\n"
    assert json.loads(out)["error"]["message"] == expected


def test_warnings_name_options_too(capfd: pytest.CaptureFixture[str]) -> None:
    TerminalReporter(words=TRAIN).log("It looks like fill (nodata -1).", "warning")
    assert "(--nodata=-1)" in capfd.readouterr().err
