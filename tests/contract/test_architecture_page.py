"""The page about the architecture names files that exist, every room, and an answer to each of its questions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
# A path in code style: with a slash, or the name of a file in the root.
_NAMED = re.compile(r"`([\w.-]+(?:/[\w.-]*)+)`")


def named(text: str) -> list[str]:
    return sorted(set(_NAMED.findall(text)))


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_every_file_and_folder_it_names_exists(page: str) -> None:
    paths = named((ROOT / page).read_text(encoding="utf-8"))
    assert len(paths) > 15
    made = ("build/", "dist/")  # not in a fresh copy
    missing = [path for path in paths if not path.startswith(made) and not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("package", ["hsi_engine", "qgis_plugin"])
def test_every_room_is_on_it(package: str) -> None:
    rooms = [path.parent.name for path in (ROOT / package).glob("*/__init__.py")]
    assert len(rooms) > 5
    assert [room for room in rooms if f"`{package}/{room}/`" not in PAGE and room != "demo"] == []


@pytest.mark.parametrize("what", ["model", "operation", "reader", "map product", "accuracy measure"])
def test_it_says_where_to_put(what: str) -> None:
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| {what} |"))
    assert len(named(row)) >= 3


def test_it_is_a_page() -> None:
    assert len(PAGE.split()) < 1200


def test_the_run_of_an_operation_is_where_the_page_says() -> None:
    from hsi_engine.operations.catalogue import CATALOGUE

    module = CATALOGUE["classify_scene"].run.partition(":")[0]
    assert f"`{module.replace('.', '/')}.py`" in PAGE
