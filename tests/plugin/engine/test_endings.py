"""A worker that ends without a last word is explained in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qgis_plugin.engine.endings import explain_end, explain_failed_start
from qgis_plugin.engine.failures import EngineDied, EngineMissing

Run = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("end", "words", "hint", "code"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "computer ran out of memory (signal SIGKILL)", "batch", "memory"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "graphics driver crashed (signal SIGSEGV)", "device 'cpu'", "crash"),
        ("os.abort()", "libraries or the graphics driver crashed (signal SIGABRT)", "'Set up engine'", "crash"),
        ("os.kill(os.getpid(), signal.SIGTERM)", "another program or the system asked it", "Run the job", "ended"),
        ("sys.exit(3)", "without saying why (exit code 3)", "report it with the log", "died"),
        ("sys.exit(0)", "without saying why (exit code 0)", "report it with the log", "died"),
    ],
)
def test_the_end_of_a_worker_in_the_middle_of_a_job(run: Run, end: str, words: str, hint: str, code: str) -> None:
    with pytest.raises(EngineDied, match=re.escape(words)) as caught:
        run(f'hello(), read(), print("last words", file=sys.stderr, flush=True), {end}')
    assert hint in caught.value.hint
    assert caught.value.code == f"engine.{code}"
    assert caught.value.details.startswith("last words")


@pytest.mark.parametrize(
    ("exit_code", "words", "code"),
    [
        (137, "computer ran out of memory (signal SIGKILL)", "memory"),
        (0xC0000005, "graphics driver crashed (exit code 0xc0000005)", "crash"),
        (0xC0000409, "graphics driver crashed", "crash"),
        (0xC0000017, "computer ran out of memory", "memory"),
        (0xC0000135, "a library it needs could not be loaded, or a virus scanner", "library"),
        (0xC000001D, "built for a newer processor", "processor"),
        (-4, "built for a newer processor", "processor"),
        (0xC000013A, "another program or the system asked it", "ended"),
        (0xC0FFEE, "without saying why (exit code 0xc0ffee)", "died"),
        (-64, "without saying why (exit code -64)", "died"),
        (None, "without saying why (it closed its output but did not end)", "died"),
    ],
)
def test_exit_codes_of_every_system_are_told_apart(exit_code: int | None, words: str, code: str) -> None:
    failure = explain_end(exit_code, "printed")
    assert words in failure.message
    assert failure.code == f"engine.{code}"
    assert failure.hint
    assert failure.details == "printed"


def test_an_end_before_the_hello_names_the_python_and_what_it_said() -> None:
    failure = explain_failed_start(Path("/opt/python"), 1, "Traceback\nSyntaxError: invalid syntax")
    assert isinstance(failure, EngineMissing)
    assert "does not run the engine (exit code 1: SyntaxError: invalid syntax)" in failure.message
    assert str(Path("/opt/python")) in failure.message
    assert "needs Python 3.10 or newer" in failure.hint


def test_compiled_modules_that_a_full_disk_cut_off_are_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HSI_ENGINE_HOME", str(tmp_path))
    module = tmp_path / "bytecode" / "usr" / "json.pyc"
    module.parent.mkdir(parents=True)
    module.write_bytes(b"half")
    failure = explain_failed_start(Path("/opt/python"), 1, "Traceback\nEOFError: marshal data too short")
    assert isinstance(failure, EngineDied)
    assert "a module that Python had compiled and kept was incomplete" in failure.message
    assert str(tmp_path / "bytecode") in failure.hint
    assert not module.exists()


def test_a_crash_before_the_hello_is_a_crash() -> None:
    failure = explain_failed_start(Path("/opt/python"), 0xC0000135, "")
    assert isinstance(failure, EngineDied)
    assert "ended during start-up, because a library it needs could not be loaded" in failure.message
    assert "virus scanner" in failure.hint
