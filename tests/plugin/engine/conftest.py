"""A worker that follows a script, started by the code that starts the real one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qgis_plugin.engine import source
from qgis_plugin.engine.client import run_operation
from scripted_worker import write_engine


class Recorder:
    """A listener that keeps what it hears and cancels when it hears a certain word."""

    def __init__(self, cancel_at: str | None = None) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.cancelled = False
        self._cancel_at = cancel_at

    def progress(self, fraction: float, message: str) -> None:
        self._hear("progress", fraction, message)

    def log(self, level: str, message: str) -> None:
        self._hear("log", level, message)

    def metric(self, name: str, value: float | None, step: int) -> None:
        self._hear("metric", name, value, step)

    def artifact(self, kind: str, path: str) -> None:
        self._hear("artifact", kind, path)

    def is_cancelled(self) -> bool:
        return self.cancelled

    def _hear(self, *what: Any) -> None:
        self.heard.append(what)
        self.cancelled = self.cancelled or (self._cancel_at is not None and self._cancel_at in str(what))


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HSI_ENGINE_HOME", str(folder))
    return folder


@pytest.fixture
def script(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """``script(text)`` puts an engine of version 7.8.9, whose worker runs ``text``, in the place of the real one."""
    folder = tmp_path_factory.mktemp("engine_source")

    def write(text: str) -> Path:
        monkeypatch.setattr(source, "_STAGED", folder)
        return write_engine(folder, text)

    return write


@pytest.fixture
def run(script: Callable[[str], Path]) -> Callable[..., dict[str, Any]]:
    """``run(text, listener, **params)`` runs a job with the scripted worker."""

    def job(text: str, listener: Any = None, **params: Any) -> dict[str, Any]:
        script(text)
        return run_operation(Path(sys.executable), "scripted", params, listener or Recorder())

    return job


@pytest.fixture
def recorder() -> type[Recorder]:
    return Recorder
