from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from qgis_plugin.environment.records.record import SCHEMA, Record, read_record, write_json, write_record
from qgis_plugin.environment.records.state import existing_state, managed_state, variable_state

PRINT = "a fingerprint"


@pytest.fixture
def record(location) -> Record:
    location.python.parent.mkdir(parents=True)
    location.python.touch()
    record = Record(
        engine_version="0.1.0",
        requirements=PRINT,
        python=str(location.python),
        python_version="3.11.2",
        base_python="/usr/bin/python3.11",
        packages={"torch": "2.13.0+cpu"},
        torch_build="cpu",
        devices=("A processor (cpu)",),
        installer="uv 1",
        seconds=1.5,
        time="2026-01-01T00:00:00+00:00",
    )
    write_record(location.record, record)
    write_record(location.existing_record, record)
    return record


def test_nothing_there(location) -> None:
    state = managed_state(location, PRINT)
    assert (state.kind, state.python, state.is_ready) == ("missing", None, False)
    assert (
        state.message
        == "The engine is not set up yet: run 'Set up engine' (Processing toolbox, HSI Classifier > Engine)."
    )


def test_ready(location, record) -> None:
    state = managed_state(location, PRINT)
    assert (state.kind, state.python, state.source) == ("ready", location.python, "managed")
    assert "Python 3.11.2, PyTorch 2.13.0+cpu, A processor (cpu)" in state.message
    assert state.record["installer"] == "uv 1"


def test_a_marker_makes_it_interrupted_whatever_else_is_there(location, record) -> None:
    write_json(location.marker, {"step": "packages"})
    state = managed_state(location, PRINT)
    assert (state.kind, state.python) == ("interrupted", None)
    assert "interrupted" in state.message


def test_another_fingerprint_makes_it_outdated(location, record) -> None:
    state = managed_state(location, "another")
    assert state.kind == "outdated"
    assert "newer packages" in state.message


@pytest.mark.parametrize("text", ["", "{}", "[]", "no JSON", json.dumps({"schema": SCHEMA + 1})])
def test_a_record_that_is_not_understood_makes_it_broken(text, location, record) -> None:
    location.record.write_text(text)
    assert read_record(location.record) is None
    assert managed_state(location, PRINT).kind == "broken"


def test_a_vanished_base_python_makes_it_broken(location, record) -> None:
    location.python.unlink()
    location.python.symlink_to(location.folder / "gone")
    state = managed_state(location, PRINT)
    assert state.kind == "broken"
    assert "/usr/bin/python3.11 is gone" in state.message


def test_a_record_comes_back_as_it_was(location, record) -> None:
    assert read_record(location.record) == record
    assert not list(location.folder.glob("*.part"))


def test_the_variable(tmp_path) -> None:
    assert variable_state(Path(__file__)).kind == "ready"
    gone = variable_state(tmp_path / "gone")
    assert gone.kind == "broken"
    assert "HSI_ENGINE_PYTHON" in gone.message


def test_an_existing_python(location, record, tmp_path) -> None:
    assert existing_state(location.python, location, PRINT).kind == "ready"
    assert existing_state(location.python, location, "another").kind == "outdated"
    assert existing_state(Path(__file__), location, PRINT).kind == "broken"
    gone = existing_state(tmp_path / "gone", location, PRINT)
    assert gone.kind == "broken"
    assert "no longer exists" in gone.message


def test_looking_starts_no_process(location, record, monkeypatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert managed_state(location, PRINT).is_ready
    assert existing_state(location.python, location, PRINT).is_ready
