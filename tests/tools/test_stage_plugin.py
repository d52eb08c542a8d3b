"""The staged plugin holds plugin and engine, works from its folder alone, and is the same every time."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import stage_plugin
from hsi_engine.version import VERSION


@pytest.fixture(scope="module")
def archive(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stage_plugin.write_zip(staged, tmp_path_factory.mktemp("dist"))


def test_plugin_and_engine_have_one_version(staged: Path, archive: Path) -> None:
    assert stage_plugin.version(staged) == VERSION
    assert archive.name == f"hsi_classifier-{VERSION}.zip"


def test_everything_of_both_is_there_and_nothing_else(staged: Path) -> None:
    found = {path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file()}

    for source, prefix in (("qgis_plugin", ""), ("hsi_engine", "engine_source/hsi_engine/")):
        folder = stage_plugin.ROOT / source
        wanted = {
            prefix + path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert wanted <= found
        found -= wanted
    found = {name for name in found if not name.startswith("guide/")}
    lists = {f"engine_source/{name}" for name in ("requirements.txt", "constraints.txt", "engine_lock.txt")}
    assert found == {"LICENSE", "metadata.txt"} | lists


def test_the_engine_runs_from_the_staged_source(staged: Path, tmp_path: Path) -> None:
    program = "import hsi_engine.worker, hsi_engine.report.html as html; print(hsi_engine.worker.__file__)"
    environment = {
        **os.environ,
        "PYTHONPATH": str(staged / "engine_source"),
        "PYTHONPYCACHEPREFIX": str(tmp_path / "cache"),
    }
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()).is_relative_to(staged)


def test_the_staged_plugin_finds_its_engine_and_the_lists_of_packages(staged: Path) -> None:
    program = (
        "from hsi_classifier.engine.source import *\n"
        "print(engine_source(), engine_version(), requirements_text(), constraints_text(), lock_text(), sep='|')"
    )
    environment = {**os.environ, "PYTHONPATH": str(staged.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    source, version, requirements, constraints, lock = done.stdout.split("|")

    assert Path(source) == staged / "engine_source"
    assert version == VERSION
    assert requirements == stage_plugin.requirements_text()
    assert lock == (stage_plugin.ROOT / "engine_lock.txt").read_text(encoding="utf-8") + "\n"
    assert re.fullmatch(r"torch==[\d.]+\n", constraints), "the pins of the project's own tools stay at home"


def test_the_plugin_manager_shows_the_newest_changes(staged: Path) -> None:
    metadata = configparser.ConfigParser()
    metadata.read(staged / "metadata.txt", encoding="utf-8")
    newest = (stage_plugin.ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n- ")[1].split("\n")[0]
    assert newest in metadata["general"]["changelog"]


def test_two_builds_have_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    again = stage_plugin.write_zip(stage_plugin.stage(tmp_path / "build"), tmp_path / "dist")
    assert again.read_bytes() == archive.read_bytes()


def test_an_older_build_leaves_nothing_behind(tmp_path: Path) -> None:
    package = tmp_path / stage_plugin.PACKAGE
    package.mkdir()
    (package / "gone.py").touch()
    assert not (stage_plugin.stage(tmp_path) / "gone.py").exists()


def test_the_zip_has_one_folder_and_plain_modes(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        entries = opened.infolist()
    assert {entry.filename.partition("/")[0] for entry in entries} == {"hsi_classifier"}
    assert {entry.external_attr >> 16 for entry in entries} == {0o644}
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
