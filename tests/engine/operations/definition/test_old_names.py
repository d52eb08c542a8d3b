"""A parameter that was renamed takes its old name for one version, with a warning; one that is gone names what to do."""

from __future__ import annotations

from typing import Any

import pytest

import fake_operations
from hsi_engine.cli import main
from hsi_engine.errors import ParameterError
from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.operations.definition import old_names
from hsi_engine.operations.definition.describe import describe_operation
from hsi_engine.operations.definition.function import call, make_function
from hsi_engine.operations.definition.old_names import OldName
from hsi_engine.operations.definition.parameter_spec import parameter_specs
from hsi_engine.reporting import SilentReporter

RENAMED = "Parameter 'edge' is now called 'size'. The old name will stop working in the next version."


class Listening(SilentReporter):
    """Keeps the warnings."""

    def __init__(self) -> None:
        super().__init__()
        self.warnings: list[str] = []

    def log(self, message: str, level: str = "info") -> None:
        if level == "warning":
            self.warnings.append(message)


@pytest.fixture(autouse=True)
def renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation whose "edge" is "size" now, "doubled" is "twice", and "volume" is gone."""
    found = {
        "edge": OldName(new="size"),
        "doubled": OldName(new="twice"),
        "volume": OldName(instead="Choose with mode how loud it is."),
    }
    monkeypatch.setattr(old_names, "OLD_NAMES", {**old_names.OLD_NAMES, "echo": found})


def test_python_takes_the_old_name_with_a_warning() -> None:
    reporter = Listening()
    result: Any = make_function(fake_operations.ECHO)(text="a", doubled=True, edge=7, reporter=reporter)
    assert result.text == "aa"
    assert RENAMED in reporter.warnings


def test_the_value_is_held_to_the_rules_of_the_new_name() -> None:
    with pytest.raises(ParameterError, match=r"Parameter 'size' \(Size\): must be .* found 11"):
        call(fake_operations.ECHO, {"text": "a", "edge": 11}, SilentReporter())


def test_both_names_at_once_are_refused() -> None:
    with pytest.raises(ParameterError, match="'edge' and 'size' are the same"):
        call(fake_operations.ECHO, {"text": "a", "edge": 5, "size": 7}, SilentReporter())


def test_a_parameter_that_is_gone_names_what_to_do() -> None:
    with pytest.raises(ParameterError, match="echo no longer has a parameter 'volume'") as caught:
        call(fake_operations.ECHO, {"text": "a", "volume": 3}, SilentReporter())
    assert caught.value.hint == "Choose with mode how loud it is."


def test_the_command_line_takes_the_old_option_and_does_not_show_it(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["echo", "--text", "a", "--edge", "7", "--doubled"], catalogue=fake_operations.CATALOGUE) == 0
    out, err = capfd.readouterr()
    assert out == "text: aa\n"
    assert f"warning: {RENAMED}" in err
    assert main(["echo", "--help"], catalogue=fake_operations.CATALOGUE) == 0
    assert "edge" not in capfd.readouterr().out


def test_an_option_that_is_gone_names_what_to_do(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["echo", "--text", "a", "--volume", "3"], catalogue=fake_operations.CATALOGUE) == 2
    assert "hsi echo no longer has option '--volume'.\n  Choose with mode how loud it is." in capfd.readouterr().err


def test_the_description_lists_them_for_forms() -> None:
    assert describe_operation(fake_operations.ECHO)["old_names"] == [
        {"name": "edge", "new": "size", "instead": ""},
        {"name": "doubled", "new": "twice", "instead": ""},
        {"name": "volume", "new": None, "instead": "Choose with mode how loud it is."},
    ]


@pytest.mark.parametrize("name", sorted(set(old_names.OLD_NAMES) - {"echo"}))
def test_the_table_names_parameters_that_exist(name: str) -> None:
    known = parameter_specs(CATALOGUE[name].params)
    for old, found in old_names.OLD_NAMES[name].items():
        assert old not in known
        assert found.new in known if found.new is not None else found.instead


def test_the_switch_of_whitening_names_the_number_that_took_its_place(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--scene", "s.tif", "--labels", "l.tif", "--output", "m.hsimodel", "--no-whiten"]) == 2
    assert "Set --whiten to 0." in capfd.readouterr().err
