"""Drawing all shapes twice and few of them again gives what drawing all of them for each question gives."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from affine import Affine
from rasterio.features import rasterize

from hsi_engine.io.vectors.burn_features import BurntFeatures, Overlap, burn_features
from hsi_engine.io.vectors.burning import drawing as module
from hsi_engine.io.vectors.burning.geojson_shapes import geojson_shapes
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


# ------------------------------------------------------------------------------------------- regions


def regions_slowly(shapes: np.ndarray, classes: np.ndarray, grid: Grid) -> np.ndarray:
    """Lowest number of a feature that each is linked to by pixels that both claim; each shape is drawn by itself."""
    drawn = [
        rasterize([shape], out_shape=grid.shape, transform=grid.transform @ Affine.translation(-1e-4, -1e-4)) > 0
        for shape in shapes
    ]
    region = np.arange(1, len(shapes) + 1)
    for _ in shapes:
        for one, two in itertools.combinations(range(len(shapes)), 2):
            if classes[one] == classes[two] and (drawn[one] & drawn[two]).any():
                region[[one, two]] = region[[one, two]].min()
    return region


@pytest.mark.parametrize("turn", sorted(GRIDS))
def test_features_of_one_class_that_share_a_pixel_are_one_region(monkeypatch: pytest.MonkeyPatch, turn: str) -> None:
    monkeypatch.setattr(module, "_STRIP_PX", 5 * SHAPE[1])
    grid = Grid(crs="EPSG:32633", transform=GRIDS[turn], shape=SHAPE)
    joined = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        shapes = some_shapes(rng, grid, int(rng.integers(2, 30)))
        classes = rng.integers(1, 3, len(shapes))
        burnt = burnt_shapes(shapes, classes, grid)
        expected = regions_slowly(shapes, classes, grid)
        assert np.array_equal(burnt.pixels.groups, expected[burnt.features - 1])
        joined += int((burnt.pixels.groups != burnt.features).sum())
    assert joined > 200


def burnt_shapes(
    shapes: Sequence[shapely.Geometry] | np.ndarray, classes: Sequence[int] | np.ndarray, grid: Grid, **options: bool
) -> BurntFeatures:
    return burn_features(
        PlacedParts(geometries=np.array(shapes, dtype=object), feature=np.arange(len(shapes)), notes=()),
        np.asarray(classes),
        grid,
        overlap="last",
        all_touched=options.get("all_touched", False),
        names={},
        place="labels.gpkg",
        shown="scene",
    )


PLAIN = Grid(crs=None, transform=Affine.identity(), shape=(12, 12))


def regions(shapes: Sequence[shapely.Geometry], classes: Sequence[int] | None = None, **options: bool) -> list[int]:
    burnt = burnt_shapes(shapes, [1] * len(shapes) if classes is None else classes, PLAIN, **options)
    return np.unique(burnt.pixels.groups).tolist()


@pytest.mark.parametrize("all_touched", [False, True])
def test_what_overlaps_is_one_region_and_what_shares_an_edge_is_not(all_touched: bool) -> None:
    field, core = shapely.box(1, 1, 9, 9), shapely.box(3, 3, 6, 6)
    assert regions([field, core], all_touched=all_touched) == [1]
    assert regions([core, field, core, core], all_touched=all_touched) == [1]
    assert regions([field, core], [1, 2], all_touched=all_touched) == [1, 2]
    assert regions([shapely.box(0, 0, 4, 6), shapely.box(3, 0, 8, 6)], all_touched=all_touched) == [1]
    for edge in (4, 4.3, 4.5):  # 4.5: through the centres of pixels
        across = [shapely.box(0, 0, 9, edge), shapely.box(0, edge, 9, 9)]
        down = [shapely.box(0, 0, edge, 9), shapely.box(edge, 0, 9, 9)]
        assert regions(across, all_touched=all_touched) == [1, 2]
        assert regions(down, all_touched=all_touched) == [1, 2]
    # A middle one that no drawing shows on the shared pixels, but elsewhere.
    hidden = [shapely.box(0, 0, 9, 4), shapely.box(5, 0, 12, 4), shapely.box(0, 0, 9, 4)]
    assert regions(hidden, all_touched=all_touched) == [1]


def test_a_chain_of_overlaps_is_one_region_with_the_number_of_its_first_feature() -> None:
    chain = [shapely.box(at, 1, at + 3, 3) for at in (0, 6, 2, 4)]
    burnt = burnt_shapes([*chain, shapely.box(0, 6, 2, 8)], [1] * 5, PLAIN)
    assert np.unique(burnt.pixels.groups).tolist() == [1, 5]
    assert np.unique(burnt.features).tolist() == [1, 2, 3, 4, 5]


def test_points_belong_to_the_polygon_of_their_class_that_claims_their_pixel() -> None:
    field = shapely.box(1, 1, 9, 9)
    assert regions([field, shapely.Point(3.2, 3.7), shapely.Point(6.1, 6.1)]) == [1]
    assert regions([field, shapely.Point(3.2, 3.7)], [1, 2]) == [1, 2]
    assert regions([shapely.Point(3.2, 3.7), shapely.Point(4.2, 3.7)]) == [1, 2]
    crown = shapely.box(4.1, 4.1, 4.3, 4.3)
    assert regions([field, crown], all_touched=True) == [1]


@pytest.mark.parametrize("copies", [40])
def test_many_copies_of_many_fields_are_one_region_each(copies: int) -> None:
    fields = [shapely.box(c, r, c + 2, r + 2) for c in (0, 3, 6, 9) for r in (0, 3, 6, 9)]
    assert regions(fields * copies) == list(range(1, 17))
    assert len(regions([field for field in fields for _ in range(copies)])) == 16
