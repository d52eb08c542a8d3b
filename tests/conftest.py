"""Fixtures that every part of the tests may use: tiny synthetic files, and the real EnMAP scene."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent / "data"))

import make_scenes

collect_ignore = ["qgis"]  # runs in QGIS's Python, with settings and fixtures of its own


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", type=int, metavar="N", help="of the cases of each test no more than N, spread evenly")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    most = config.getoption("cases")
    if most is None:
        return
    of_test: dict[str, list[pytest.Item]] = {}
    for item in items:
        of_test.setdefault(item.nodeid.partition("[")[0], []).append(item)
    kept = {
        cases[round(place * (len(cases) - 1) / max(1, min(most, len(cases)) - 1))]
        for cases in of_test.values()
        for place in range(min(most, len(cases)))
    }
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]


@pytest.fixture(scope="session", autouse=True)
def engine_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache for this run: no test may touch that of a user, or find something in it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("HSI_ENGINE_CACHE", str(folder))
        yield folder


@pytest.fixture
def make_scene(tmp_path: Path) -> Callable[..., Path]:
    """Factory: ``make_scene("name.tif", dtype="float32", …)`` writes a scene and returns its path."""

    def make(name: str = "scene.tif", **options: Any) -> Path:
        return make_scenes.write_scene(tmp_path / name, **options)

    return make


@pytest.fixture
def scene_path(make_scene: Callable[..., Path]) -> Path:
    """A GeoTIFF of 12 bands int16, 37 rows × 29 columns, with wavelengths and a hole without data."""
    return make_scene()


@pytest.fixture
def labels_path(scene_path: Path) -> Path:
    """Label raster (0, 2, 5, 11) on the grid of ``scene_path``."""
    return make_scenes.write_labels(scene_path.with_name("labels.tif"), like=scene_path)


@pytest.fixture
def polygons_path(scene_path: Path) -> Path:
    """The same labels as polygons in a GeoPackage, with class_id, class_name and color."""
    return make_scenes.write_polygons(scene_path.with_name("polygons.gpkg"), like=scene_path)


@pytest.fixture(scope="session")
def enmap() -> Path:
    """Folder of the real EnMAP scene: scene.tif, labels.tif, polygons.gpkg and split.tif."""
    default = Path(__file__).resolve().parents[1].parent / "shared" / "data"
    folder = Path(os.environ.get("HSI_TEST_DATA", default)) / "enmap_potsdam"
    if not folder.is_dir():
        pytest.fail(f"The EnMAP test scene is not here: {folder} does not exist (HSI_TEST_DATA names its parent).")
    return folder
