"""The plugin as it is staged, once for all tests; a test that spoils it gets a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import stage_plugin


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stage_plugin.stage(tmp_path_factory.mktemp("build"))


@pytest.fixture
def package(staged: Path, tmp_path: Path) -> Path:
    """A small copy of the staged plugin, without the engine's source, to spoil."""
    return Path(shutil.copytree(staged, tmp_path / staged.name, ignore=shutil.ignore_patterns("hsi_engine")))
