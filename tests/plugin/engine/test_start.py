"""What stands where the engine's Python should be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qgis_plugin.engine import client
from qgis_plugin.engine.client import run_operation
from qgis_plugin.engine.failures import EngineDied, EngineMissing
from qgis_plugin.engine.process import _console_python


def program(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def start(python: Path, recorder: Any) -> EngineMissing:
    with pytest.raises(EngineMissing) as caught:
        run_operation(python, "inspect_scene", {"scene": "scene.tif"}, recorder())
    assert str(python) in caught.value.message
    assert "Set up engine" in caught.value.hint
    return caught.value


def test_a_python_that_is_gone(recorder: Any, tmp_path: Path) -> None:
    assert "cannot be started: it does not exist." in start(tmp_path / "gone" / "python", recorder).message


def test_a_file_that_is_not_executable(recorder: Any, tmp_path: Path) -> None:
    path = tmp_path / "python"
    path.write_text("text", encoding="utf-8")
    assert "it is not a program, or you do not have permission to run it" in start(path, recorder).message


def test_a_folder(recorder: Any, tmp_path: Path) -> None:
    assert "it is not a program, or you do not have permission to run it" in start(tmp_path, recorder).message


def test_a_file_the_system_cannot_run(recorder: Any, tmp_path: Path) -> None:
    assert "cannot be started: Exec format error." in start(program(tmp_path / "python", "\x7fELF"), recorder).message


def test_a_program_that_is_no_python(recorder: Any, tmp_path: Path) -> None:
    path = program(tmp_path / "python", "#!/bin/sh\necho 'unknown option -m' >&2\nexit 4\n")
    failure = start(path, recorder)
    assert "does not run the engine (exit code 4: unknown option -m)" in failure.message
    assert "needs Python 3.10 or newer" in failure.hint


def test_a_program_that_repeats_what_it_reads(recorder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_START_S", 0.3)
    failure = start(program(tmp_path / "python", "#!/bin/sh\nexec cat\n"), recorder)
    assert "did not answer within 0.3 s" in failure.message


def test_a_python_that_is_killed_while_it_starts(run: Callable[..., Any]) -> None:
    with pytest.raises(EngineDied, match=r"during start-up, most likely because the computer .* \(signal SIGKILL\)"):
        run("os.kill(os.getpid(), signal.SIGKILL)")


def test_pythonw_has_no_standard_streams_so_python_is_taken(tmp_path: Path) -> None:
    windowless = tmp_path / "pythonw.exe"
    assert _console_python(windowless) == windowless
    (tmp_path / "python.exe").touch()
    assert _console_python(windowless) == tmp_path / "python.exe"
    assert _console_python(tmp_path / "python3") == tmp_path / "python3"


def test_a_path_that_no_file_can_have_is_no_engine(recorder) -> None:
    assert "cannot be started: no file can have this name." in start(Path("/tmp/a\0b"), recorder).message


def test_what_it_prints_may_hold_nuls(recorder: Any, tmp_path: Path) -> None:
    """As a program of Windows does that prints UTF-16."""
    python = program(
        tmp_path / "python", "#!/bin/sh\nprintf 'n\\0o\\0 \\0P\\0y\\0t\\0h\\0o\\0n\\0'; head -c 100000 /dev/zero\n"
    )
    failure = start(python, recorder)
    assert failure.message == f"'{python}' does not run the engine (exit code 0: it printed nothing)."
    python = program(tmp_path / "python", "#!/bin/sh\nprintf '\\0n\\0o\\0 \\0P\\0y\\0t\\0h\\0o\\0n\\0'; exit 3\n")
    failure = start(python, recorder)
    assert failure.message == f"'{python}' does not run the engine (exit code 3: no Python)."


def test_an_engine_that_does_not_answer_yet_is_said_once(
    recorder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_SLOW_START_S", 0.2)
    monkeypatch.setattr(client, "_START_S", 1.0)
    listener = recorder()
    with pytest.raises(EngineMissing, match="did not answer within 1 s"):
        run_operation(program(tmp_path / "python", "#!/bin/sh\nsleep 60\n"), "inspect_scene", {}, listener)
    assert [heard[:2] for heard in listener.heard] == [("log", "info")]
    assert "was started 0.2 s ago and has not answered yet." in listener.heard[0][2]
    assert "ends with a message after 1 s, and can be cancelled" in listener.heard[0][2]
