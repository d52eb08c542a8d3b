"""Running the command, as a user does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from forked_command import ForkedCommand

Hsi = Callable[..., dict[str, Any]]
_LIMIT_S = 570


@pytest.fixture
def hsi() -> Hsi:
    """``hsi("train", "--scene", path, …)`` runs the command with --json and returns the document it prints."""

    def run(*words: object, expect: int = 0) -> dict[str, Any]:
        process = ForkedCommand([*map(str, words), "--json"])
        stdout, stderr = process.communicate(_LIMIT_S)
        assert process.returncode == expect, f"{words} ended with {process.returncode}:\n{stdout}\n{stderr}"
        document: dict[str, Any] = json.loads(stdout)
        return document

    return run


@pytest.fixture
def start() -> Callable[..., ForkedCommand]:
    """Start the command in a process of its own and return at once."""
    return lambda *words: ForkedCommand([*map(str, words)])


def visible(folder: Path) -> set[str]:
    """Names of the files in ``folder`` that a user sees; temporary ones are hidden."""
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}
