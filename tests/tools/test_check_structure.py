"""Import circles are counted wherever the imports stand, and what grows past its ceiling is found by name."""

from __future__ import annotations

from pathlib import Path

import pytest

import check_structure
from check_structure import CIRCLES, FOLDERS, FUNCTIONS, MODULES, circles, findings, import_graph, measure, parsed


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of two packages with nothing but an ``__init__.py``."""
    for package in check_structure.PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    return tmp_path


def write(root: Path, **modules: str) -> None:
    """Write modules of hsi_engine; two underscores stand for a folder."""
    for name, text in modules.items():
        path = (root / "hsi_engine" / name.replace("__", "/")).with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(text, encoding="utf-8")


def circles_of(root: Path) -> list[list[str]]:
    return circles(import_graph(root, parsed(root, "hsi_engine")))


@pytest.mark.parametrize(
    "back",
    [
        "from hsi_engine.first import X",
        "from .first import X",
        "from . import first",
        "import hsi_engine.first",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .first import X",
        "def late():\n    from .first import X",
    ],
)
def test_two_modules_that_import_each_other_are_a_circle(root: Path, back: str) -> None:
    write(root, first="from .second import Y", second=back)
    assert circles_of(root) == [["hsi_engine.first", "hsi_engine.second"]]
    assert measure(root)[CIRCLES] == {"hsi_engine": 1, "qgis_plugin": 0}


def test_a_circle_may_lead_through_folders(root: Path) -> None:
    write(root, first="from .a.one import X", a__one="from ..b import two", b__two="from ..first import Z")
    assert circles_of(root) == [["hsi_engine.a.one", "hsi_engine.b.two", "hsi_engine.first"]]


def test_modules_that_import_downwards_make_no_circle(root: Path) -> None:
    write(
        root, first="from . import second, third", second="from .third import X", third="import hsi_engine_else.first"
    )
    assert circles_of(root) == []


def test_a_package_that_imports_from_its_module_which_imports_the_package_is_one(root: Path) -> None:
    write(root, a__one="from . import NAME")
    (root / "hsi_engine" / "a" / "__init__.py").write_text("from .one import X\n", encoding="utf-8")
    assert circles_of(root) == [["hsi_engine.a", "hsi_engine.a.one"]]


def test_folders_modules_and_functions_are_measured(root: Path) -> None:
    text = "class A:\n    def b(self):\n        def c():\n            pass\n        return c\n\n\nasync def d(): ...\n"
    write(root, a__one=text, a__two="")
    found = measure(root)
    assert found[FOLDERS] == {"hsi_engine": 1, "hsi_engine/a": 3, "qgis_plugin": 1}
    assert found[MODULES]["hsi_engine/a/one.py"] == 8
    name = "hsi_engine/a/one.py"
    assert found[FUNCTIONS] == {f"{name} A.b": 4, f"{name} A.b.c": 2, f"{name} d": 1}


def sizes(lines: int) -> dict[str, dict[str, int]]:
    return {CIRCLES: {}, FOLDERS: {}, MODULES: {"hsi_engine/a.py": lines}, FUNCTIONS: {}}


def test_what_is_above_the_goal_is_found() -> None:
    assert list(findings(sizes(300), {})) == []
    assert list(findings(sizes(301), {})) == ["hsi_engine/a.py: 301 lines in a module, at most 300 allowed"]


def test_an_exception_holds_up_to_its_ceiling_and_no_further() -> None:
    exceptions = {MODULES: {"hsi_engine/a.py": 320}}
    assert list(findings(sizes(320), exceptions)) == []
    assert list(findings(sizes(321), exceptions)) == ["hsi_engine/a.py: 321 lines in a module, at most 320 allowed"]


def test_an_exception_that_is_no_longer_one_has_to_go() -> None:
    message = "has reached the goal for lines in a module; take it out of tools/structure_exceptions.py"
    for exceptions in ({MODULES: {"hsi_engine/a.py": 320}}, {MODULES: {"hsi_engine/gone.py": 320}}):
        assert [message in found for found in findings(sizes(300), exceptions)] == [True]


def test_a_ceiling_that_could_be_lower_is_named() -> None:
    lines = list(check_structure.summary(measure_of_one(310), {MODULES: {"hsi_engine/a.py": 320}}))
    assert "    hsi_engine/a.py has 310 now: lower its ceiling of 320" in lines


def measure_of_one(lines: int) -> dict[str, dict[str, int]]:
    return {CIRCLES: {"hsi_engine": 0}, FOLDERS: {"a": 1}, MODULES: {"hsi_engine/a.py": lines}, FUNCTIONS: {"f": 1}}


def test_exceptions_are_of_a_heading_that_is_measured() -> None:
    assert list(check_structure.EXCEPTIONS) == list(check_structure.GOALS)


def test_a_folder_without_the_packages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no package hsi_engine"):
        measure(tmp_path)
