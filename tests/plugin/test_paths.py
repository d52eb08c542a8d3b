"""Paths that no file can have, that one may not look at, and that are no files: asked about without an exception."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any

import pytest

from qgis_plugin import paths
from qgis_plugin.engine.home import engine_home
from qgis_plugin.engine.leftovers import remove_leftovers
from qgis_plugin.engine.model_files import describe_model, find_model, list_models
from qgis_plugin.environment.records.location import Location
from qgis_plugin.environment.records.state import existing_state, variable_state

ROOT = Path(__file__).resolve().parents[2]
LONG = "/tmp/" + "x" * 300
# Programs for the engine's Python, which get paths that were looked at.
APART = ROOT / "qgis_plugin" / "environment" / "programs"
# Of the plugin itself, and of what a list of a folder has told.
OWN = ("Path(__file__)", "_STAGED.", "packaged.", "e.is_file")
RAISING = {"exists", "is_file", "is_dir", "resolve", "expanduser", "samefile", "is_symlink"}


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in a folder that this user may not enter; root may enter all."""
    path, stat = tmp_path / "locked" / "file", os.stat

    def refuse(asked: Any, *rest: Any, **options: Any) -> os.stat_result:
        if str(asked).startswith(str(path.parent)):
            raise PermissionError(13, "Permission denied")
        return stat(asked, *rest, **options)

    monkeypatch.setattr(os, "stat", refuse)
    return path


@pytest.mark.parametrize("text", [LONG, "/tmp/a\0b", "/tmp/\ud800", "x" * 100_000, ""])
def test_what_no_file_can_be_called_is_no_file(text: str) -> None:
    assert not paths.exists(text)
    assert not paths.is_file(Path(text) / "more")
    assert not paths.is_folder(f"{text}/more")
    assert paths.why_missing(text)
    assert paths.comparable(text) == paths.comparable(text)


def test_the_reason_is_named(tmp_path: Path, locked: Path) -> None:
    (tmp_path / "file").touch()
    assert paths.why_no_file(tmp_path / "file") == ""
    assert paths.why_missing(tmp_path) == ""
    assert paths.why_no_file(tmp_path) == "it is a folder"
    assert paths.why_no_file("/dev/null") == "it is not a file"
    assert paths.why_no_file(tmp_path / "gone") == paths.why_no_file(tmp_path / "file" / "gone") == "it does not exist"
    assert paths.why_no_file(LONG) == "its name is longer than the system allows"
    assert paths.why_no_file("a\0b") == "no file can have this name"
    assert paths.why_no_file(locked) == "you do not have permission to enter its folder"
    assert not paths.exists(locked)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/data/a|b.tif", "/data/a|b.tif"),
        ("/data/a|b.tif|option:NUM_THREADS=2|credential:X=y", "/data/a|b.tif"),
        ("/data/a.gpkg|layername=a|b|subset=c = '|'", "/data/a.gpkg"),
        ("/data/a.gpkg|layerid=1", "/data/a.gpkg"),
        ("/data/a.shp|geometrytype=Point|uniqueGeometryType=yes", "/data/a.shp"),
        ("<VRTDataset a='|'/>", "<VRTDataset a='|'/>"),
    ],
)
def test_what_qgis_adds_to_a_name_is_left_out(source: str, name: str) -> None:
    assert paths.file_name(source) == name


def test_text_in_place_of_a_name_is_not_shown_in_full() -> None:
    assert paths.shown_name("<VRTDataset>\n" + "x" * 5000) == "<VRTDataset> " + "x" * 27 + "…"
    assert paths.shown_name('{"type": "FeatureCollection"}') == '{"type": "FeatureCollection"}'
    assert paths.shown_name("/data/" + "x" * 100) == "/data/" + "x" * 100


def test_two_names_of_one_file_are_equal(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    assert paths.comparable(tmp_path / "link") == paths.comparable(f"{tmp_path}/./file")
    assert paths.comparable(tmp_path / "circle") != paths.comparable(tmp_path / "file")


def test_the_home_of_an_unknown_user_stays_as_it_is() -> None:
    assert paths.expanded("~") == Path.home()
    assert paths.expanded("~nobody-here/models") == Path("~nobody-here/models")
    assert engine_home({"HSI_ENGINE_HOME": "~nobody-here/x"}).name == "x"


def test_pythons_that_cannot_be_looked_at_are_states(tmp_path: Path, locked: Path) -> None:
    location = Location(tmp_path)
    for python, words in (
        (Path(LONG), "its name is longer than the system allows"),
        (Path("/tmp/a\0b"), "no file can have this name"),
        (tmp_path, "it is a folder"),
        (locked, "you do not have permission to enter its folder"),
    ):
        for state in (variable_state(python), existing_state(python, location, "")):
            assert state.kind == "broken"
            assert words in state.message


def test_models_that_cannot_be_looked_at(tmp_path: Path, locked: Path) -> None:
    for text in (LONG, "x" * 300, "a\0b", str(locked)):
        assert find_model(text, tmp_path) == text
        assert list_models(Path(text)) == []
        assert describe_model(Path(text)).problem.startswith("The file cannot be read: ")


def test_nothing_is_left_where_nothing_can_be_written() -> None:
    remove_leftovers(".tmp-1-", {"model": "/tmp/a\0b/model.hsimodel", "report": LONG})


def asked_by_methods(path: Path) -> list[str]:
    """Calls in a module that ask something of a path, and may raise."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    found = [ast.unparse(call) for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in RAISING]
    return sorted({text for text in found if not text.startswith(OWN)})


def test_no_module_asks_paths_by_methods_that_raise() -> None:
    """They go through ``qgis_plugin.paths``."""
    modules = [path for path in sorted((ROOT / "qgis_plugin").rglob("*.py")) if APART not in path.parents]
    assert len(modules) > 100
    assert {path.name: asked for path in modules if path.name != "paths.py" and (asked := asked_by_methods(path))} == {}


def test_such_calls_are_found(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("Path(name).parent.exists()\nfile.resolve().parent\nexists(file)\n")
    assert asked_by_methods(tmp_path / "module.py") == ["Path(name).parent.exists()", "file.resolve()"]
