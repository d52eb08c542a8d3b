"""Running the real command, as a user does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Hsi = Callable[..., dict[str, Any]]


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "hsi_engine", *map(str, words)]


@pytest.fixture
def hsi() -> Hsi:
    """``hsi("train", "--scene", path, …)`` runs the command with --json and returns the document it prints."""

    def run(*words: object, expect: int = 0) -> dict[str, Any]:
        done = subprocess.run(
            command(*words, "--json"), capture_output=True, text=True, encoding="utf-8", timeout=570, check=False
        )
        assert done.returncode == expect, f"{words} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    return run


@pytest.fixture
def start() -> Callable[..., subprocess.Popen[str]]:
    """Start the command in a process of its own and return at once."""

    def run(*words: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command(*words),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    return run


def visible(folder: Path) -> set[str]:
    """Names of the files in ``folder`` that a user sees; temporary ones are hidden."""
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}
