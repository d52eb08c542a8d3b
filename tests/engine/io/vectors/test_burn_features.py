"""Drawing all shapes twice and few of them again gives what drawing all of them for each question gives."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from rasterio.features import rasterize

from hsi_engine.io.vectors import drawing as module
from hsi_engine.io.vectors.burn_features import Overlap, burn_features
from hsi_engine.io.vectors.geojson_shapes import geojson_shapes
from hsi_engine.io.vectors.geometry import PlacedParts
from hsi_engine.pixels.grid import Grid

SHAPE = (23, 31)
GRIDS = {
    "upright": Affine(10, 0, 300_000, 0, -10, 6_000_000),
    "turned": Affine(10, 0, 300_000, 0, -10, 6_000_000) @ Affine.rotation(30),
}


def some_shapes(rng: np.random.Generator, grid: Grid, count: int) -> np.ndarray:
    """Polygons with holes, slivers, squares along the edges of pixels and points, also beyond the grid."""
    shapes = []
    for number in range(count):
        col, row = rng.uniform(-3, SHAPE[1] + 3), rng.uniform(-3, SHAPE[0] + 3)
        kind = number % 4
        if kind == 0:
            shape = shapely.Point(col, row).buffer(rng.uniform(0.3, 5))
            shape = shape.difference(shapely.Point(col, row).buffer(rng.uniform(0.1, 0.3)))
        elif kind == 1:
            shape = shapely.box(
                round(col), round(row), round(col) + rng.integers(1, 6), round(row) + rng.integers(1, 6)
            )
        elif kind == 2:
            shape = shapely.Polygon([(col, row), (col + rng.uniform(3, 9), row + 0.4), (col + 1, row + 3)])
        else:
            shape = shapely.Point(col, row)
        shapes.append(shapely.transform(shape, lambda xy: np.stack(grid.transform @ (xy[:, 0], xy[:, 1]), axis=1)))
    return np.array(shapes, dtype=object)


def drawn_slowly(
    shapes: np.ndarray, classes: np.ndarray, grid: Grid, overlap: Overlap, all_touched: bool
) -> tuple[np.ndarray, int]:
    """Numbers of the features (rows, cols), and pixels in conflict."""

    def draw(which: np.ndarray) -> np.ndarray:
        return rasterize(
            [(shapes[at], int(at) + 1) for at in which],
            out_shape=grid.shape,
            transform=grid.transform,
            all_touched=all_touched,
            dtype="int32",
        )

    order = np.arange(len(shapes))
    last, first = draw(order), draw(order[::-1])
    conflict, claimed = np.zeros(grid.shape, bool), np.zeros(grid.shape, bool)
    for value in np.unique(classes):
        here = draw(order[classes == value]) > 0
        conflict |= claimed & here
        claimed |= here
    if overlap == "drop":
        last[conflict] = 0
    return first if overlap == "first" else last, int(conflict.sum())


@pytest.mark.parametrize("all_touched", [False, True])
@pytest.mark.parametrize("overlap", ["drop", "first", "last"])
@pytest.mark.parametrize("turn", sorted(GRIDS))
def test_equals_drawing_everything_each_time(
    monkeypatch: pytest.MonkeyPatch, turn: str, overlap: Overlap, all_touched: bool
) -> None:
    monkeypatch.setattr(module, "_STRIP_PX", 5 * SHAPE[1])
    grid = Grid(crs="EPSG:32633", transform=GRIDS[turn], shape=SHAPE)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        shapes = some_shapes(rng, grid, int(rng.integers(2, 40)))
        classes = rng.integers(1, 4, len(shapes))
        expected, concerned = drawn_slowly(shapes, classes, grid, overlap, all_touched)
        burnt = burn_features(
            PlacedParts(geometries=shapes, feature=np.arange(len(shapes)), notes=()),
            classes,
            grid,
            overlap=overlap,
            all_touched=all_touched,
            names={},
            place="labels.gpkg",
            shown="scene",
        )
        assert np.array_equal(burnt.pixels.raster(burnt.features), expected)
        said = [note for note in burnt.notes if " of different classes: " in note]
        assert ([f": {concerned} (" in note for note in said] == [True]) if concerned else not said


def test_shapes_without_overlap_are_drawn_twice_only(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    drawn = module.Drawing._drawn

    def counting(self: module.Drawing, strip: object, shapes: list[object], *rest: object) -> np.ndarray:
        calls.append(len(shapes))
        return drawn(self, strip, shapes, *rest)

    monkeypatch.setattr(module.Drawing, "_drawn", counting)
    grid = Grid(crs="EPSG:32633", transform=GRIDS["upright"], shape=(100, 100))
    x, y = (300_000 + 20 * np.arange(50)[None].repeat(50, 0).ravel(), 6_000_000 - 20 * np.arange(50).repeat(50))
    squares = shapely.box(x, y - 20, x + 20, y)
    classes = np.arange(2500) % 50 + 1

    def burn(shapes: np.ndarray, classes: np.ndarray) -> None:
        parts = PlacedParts(geometries=shapes, feature=np.arange(len(shapes)), notes=())
        burn_features(parts, classes, grid, overlap="drop", all_touched=False, names={}, place="labels", shown="scene")

    burn(squares, classes)
    assert calls == [2500, 2500]
    calls.clear()
    burn(np.append(squares, shapely.box(300_000, 5_999_980, 300_030, 6_000_000)), np.append(classes, 51))
    assert calls[:2] == [2501, 2501]
    assert max(calls[2:]) <= 10, "only what lies around the overlap is drawn again"


def test_shapes_are_those_of_shapely() -> None:
    grid = Grid(crs="EPSG:32633", transform=GRIDS["turned"], shape=SHAPE)
    shapes = some_shapes(np.random.default_rng(0), grid, 40)
    for found, shape in zip(geojson_shapes(shapes), shapes, strict=True):
        assert shapely.geometry.shape(found).equals_exact(shape, 0)
    many = shapely.Point(0, 0).buffer(1, quad_segs=2000)
    (found,) = geojson_shapes(np.array([many], dtype=object))
    assert isinstance(found["coordinates"][0], np.ndarray), "a list of its places would take ten times the room"
    assert shapely.geometry.shape(found).equals_exact(many, 0)
    mask = {"out_shape": (9, 9), "transform": Affine(0.3, 0, -1.3, 0, -0.3, 1.3)}
    assert np.array_equal(rasterize([found], **mask), rasterize([many], **mask))
