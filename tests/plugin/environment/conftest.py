"""A scripted Python instead of a real one, so that a whole set-up takes a second and can fail in any way."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qgis_plugin.engine.source import engine_version
from qgis_plugin.environment.records.location import Location

FAKE = Path(__file__).with_name("fake_python.py")
CHECKED = {"torch_build": "cpu", "devices": [{"name": "cpu", "title": "A processor"}], "checks": []}


class FakePython:
    """A Python that follows a script; ``behave`` changes it, also between two set-ups."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_text(f"#!{sys.executable} -IS\n{FAKE.read_text()}")
        path.chmod(0o755)
        self._script: dict[str, Any] = {
            "facts": {
                "version": [3, 11, 2],
                "implementation": "cpython",
                "bits": 64,
                "machine": "x86_64",
                "platform": "linux",
                "free_threaded": False,
                "venv": True,
                "ensurepip": True,
            },
            "venv_status": 0,
            "pip_config": [],
            "uv_problem": "",
            "index_problem": "it cannot be reached",
            "missing_wheels": [],
            "uv": {"lines": ["Resolved 60 packages in 1s", "Prepared 60 packages in 2s"], "hangs": False, "status": 0},
            "pip": {"lines": ["Collecting torch==2.13.0"], "hangs": False, "status": 0},
            "engine_version": engine_version(),
            "check": {"type": "result", "result": CHECKED},
        }
        self.behave()

    def behave(self, **changes: Any) -> None:
        """Change parts of the script; dictionaries are merged."""
        for name, value in changes.items():
            old = self._script.get(name)
            self._script[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
        self.path.with_suffix(".json").write_text(json.dumps(self._script))

    def calls(self, *first: str) -> list[dict[str, Any]]:
        """What it was asked for, of calls whose arguments begin like this."""
        log = self.path.with_suffix(".calls")
        lines = log.read_text().splitlines() if log.exists() else []
        return [call for call in map(json.loads, lines) if call["arguments"][: len(first)] == list(first)]

    def pids(self) -> list[int]:
        """Of the hanging installer and its child."""
        return [int(pid) for pid in self.path.with_suffix(".pids").read_text().split()]


class Recorder:
    """A listener that keeps what it hears; ``on_line`` sees each line and may set ``cancelled``."""

    def __init__(self, on_line: Callable[[str], None] | None = None) -> None:
        self.fractions: list[float] = []
        self.lines: list[tuple[str, str]] = []
        self.cancelled = False
        self._on_line = on_line

    def progress(self, fraction: float, message: str) -> None:
        self.fractions.append(fraction)

    def log(self, level: str, message: str) -> None:
        self.lines.append((level, message))
        if self._on_line is not None:
            self._on_line(message)

    def metric(self, name: str, value: float | None, step: int) -> None:
        raise AssertionError("a set-up has no curves")

    def artifact(self, kind: str, path: str) -> None:
        raise AssertionError("a set-up has no artifacts")

    def is_cancelled(self) -> bool:
        return self.cancelled

    def of(self, level: str) -> str:
        return "\n".join(message for kind, message in self.lines if kind == level)


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No uv, no settings of pip and no driver of this machine may decide a test."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    for name in [name for name in os.environ if name.startswith(("UV_", "PIP_", "SSL_")) or "PROXY" in name.upper()]:
        monkeypatch.delenv(name)


@pytest.fixture
def fake(tmp_path: Path) -> FakePython:
    (tmp_path / "base").mkdir()
    return FakePython(tmp_path / "base" / "python3")


@pytest.fixture
def location(tmp_path: Path) -> Location:
    return Location(tmp_path / "engine")


@pytest.fixture
def listener() -> Recorder:
    return Recorder()


@pytest.fixture
def make_listener() -> Callable[..., Recorder]:
    return Recorder
