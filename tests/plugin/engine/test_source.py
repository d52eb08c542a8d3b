"""The engine that the plugin brings, in the repository and in a release."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hsi_engine
from qgis_plugin.engine import source
from qgis_plugin.engine.failures import EngineMissing

ROOT = Path(__file__).resolve().parents[3]


def test_the_repository_is_its_own_source() -> None:
    assert source.engine_source() == ROOT
    assert source.engine_version() == hsi_engine.__version__
    assert source.constraints_text() == (ROOT / "constraints.txt").read_text(encoding="utf-8")


def test_the_requirements_are_those_of_the_project() -> None:
    lines = source.requirements_text().splitlines()
    block = (
        (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("\ndependencies = [\n")[2].partition("\n]")[0]
    )
    assert len(lines) == len(block.splitlines()) > 10
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+>=[0-9.]+", line)] == []
    assert {"torch", "rasterio", "pydantic"} <= {line.partition(">")[0] for line in lines}


def test_a_release_holds_everything_in_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_STAGED", tmp_path)
    (tmp_path / "hsi_engine").mkdir()
    (tmp_path / "hsi_engine" / "version.py").write_text('"""Text."""\n\nVERSION = "1.2.3"\n', encoding="utf-8")
    (tmp_path / "requirements.txt").write_text("torch>=2\n", encoding="utf-8")
    (tmp_path / "constraints.txt").write_text("torch==2.2\n", encoding="utf-8")
    assert source.engine_source() == tmp_path
    assert source.engine_version() == "1.2.3"
    assert source.requirements_text() == "torch>=2\n"
    assert source.constraints_text() == "torch==2.2\n"


def test_an_incomplete_release_asks_to_be_installed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_STAGED", tmp_path)
    with pytest.raises(EngineMissing, match=r"The plugin is not complete: .*version\.py.* Reinstall the plugin"):
        source.engine_version()
    with pytest.raises(EngineMissing, match=r"requirements\.txt"):
        source.requirements_text()
    (tmp_path / "hsi_engine").mkdir()
    (tmp_path / "hsi_engine" / "version.py").write_text("VERSION = None\n", encoding="utf-8")
    with pytest.raises(EngineMissing, match="it holds no version"):
        source.engine_version()
