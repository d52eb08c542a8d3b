"""The version is written once, and right wherever the engine is found."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import hsi_engine
from hsi_engine.runtime.versions import versions
from hsi_engine.version import VERSION

ROOT = Path(__file__).resolve().parents[2]


def test_every_way_to_ask_gives_the_same_answer() -> None:
    assert hsi_engine.__version__ == VERSION
    assert versions()["hsi-engine"] == VERSION
    assert version("hsi-engine") == VERSION, "the environment is not up to date: run make env"


def test_an_engine_that_is_not_installed_knows_its_version() -> None:
    # -S: no installed package is found, its metadata neither.
    program = "import hsi_engine; print(hsi_engine.__version__)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == VERSION


def test_the_plugin_has_the_version_of_the_engine() -> None:
    lines = (ROOT / "metadata.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("version=")] == [f"version={VERSION}"]


def test_the_version_stands_in_no_other_file_of_the_package() -> None:
    files = [ROOT / "pyproject.toml", *(ROOT / "hsi_engine").rglob("*.py")]
    assert [path.name for path in files if f'"{VERSION}"' in path.read_text(encoding="utf-8")] == ["version.py"]
