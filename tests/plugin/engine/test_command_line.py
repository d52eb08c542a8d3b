"""The command in the log runs the same job."""

from __future__ import annotations

import shlex

import pytest

from hsi_engine.cli.program import run_program
from hsi_engine.operations.catalogue import CATALOGUE
from qgis_plugin.engine.command_line import hsi_command


def test_defaults_are_left_out_and_the_rest_is_quoted_in_the_order_of_the_documentation() -> None:
    params = {
        "scene": "my scene.tif",
        "labels": "it's.gpkg",
        "output": "m.hsimodel",
        "class_field": None,
        "model": "auto",
        "epochs": None,
        "patch_size": 9,
        "augment": False,
        "class_weights": True,
        "train_share": 0.25,
    }
    assert hsi_command("train_classifier", params, windows=False) == (
        "hsi train --scene 'my scene.tif' --labels 'it'\"'\"'s.gpkg' --output m.hsimodel"
        " --train-share 0.25 --patch-size 9 --class-weights --no-augment"
    )


def test_windows_quotes_in_its_own_way() -> None:
    command = hsi_command("inspect_scene", {"scene": r"C:\my data\scene.tif"}, windows=True)
    assert command == r'hsi info --scene "C:\my data\scene.tif"'


def test_a_value_that_looks_like_an_option_is_joined_to_its_name() -> None:
    assert hsi_command("inspect_scene", {"scene": "-.tif"}, windows=False) == "hsi info --scene=-.tif"


@pytest.mark.parametrize("name", ["missing.tif", "-missing.tif", "a 'b' \"c\".tif", "é$HOME.tif"])
def test_hsi_understands_it(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    command = hsi_command("inspect_scene", {"scene": name, "statistics": False}, windows=False)
    assert run_program(shlex.split(command)[1:], CATALOGUE) == 3
    assert name in capfd.readouterr().err


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(KeyError, match="has no parameter colour"):
        hsi_command("inspect_scene", {"colour": 1})
