"""What points say against the design that is stated for them, and what counts if several lie in one pixel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pytest
import shapely
from affine import Affine

from hsi_engine.classes.legend import Legend
from hsi_engine.io.legends.style_files import write_class_map_style
from hsi_engine.io.maps.class_map import ClassMapWriter
from hsi_engine.io.samples.reference_sample import pixel_centres
from hsi_engine.operations.assess_map.operation import OPERATION, AssessMapResult
from hsi_engine.operations.definition.function import start
from hsi_engine.operations.definition.validation import validate
from hsi_engine.operations.sample_reference_points.operation import OPERATION as SAMPLE
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import SilentReporter

GRID = Grid(crs="EPSG:32633", transform=Affine(30, 0, 500_000, 0, -30, 5_800_000), shape=(150, 120))
NAMES = {1: "water", 2: "meadow", 3: "soil"}
Places = npt.NDArray[Any]


def values_of_map() -> npt.NDArray[np.uint16]:
    """Water in the north, meadow, a tenth soil, and a corner without a class."""
    values = np.full(GRID.shape, 2, np.uint16)
    values[:50] = 1
    values[:, :12] = 3
    values[:20, -30:] = 0
    return values


VALUES = values_of_map()
CLASSED = np.argwhere(VALUES > 0)


@pytest.fixture
def class_map(tmp_path: Path) -> Path:
    path, legend = tmp_path / "map.tif", Legend.of(NAMES)
    with ClassMapWriter(path, GRID, legend) as writer:
        writer.write(Window.of_shape(VALUES.shape), VALUES)
    write_class_map_style(path, legend)
    return path


def write(
    folder: Path, places: Places, seen: list[str | None] | None = None, *, beside_m: npt.NDArray[Any] | None = None
) -> Path:
    """Points at the centres of pixels, or ``beside_m`` them, (points, 2)."""
    path, (rows, cols) = folder / "own.gpkg", places.T
    at = pixel_centres(GRID, rows, cols) + (0 if beside_m is None else beside_m)
    known = [NAMES.get(v, "meadow") for v in VALUES[rows, cols].tolist()] if seen is None else seen
    frame = geopandas.GeoDataFrame({"seen": known}, geometry=list(shapely.points(at)), crs=GRID.crs)
    frame.to_file(path, driver="GPKG")
    return path


def assess(class_map: Path, reference: Path, design: str, **params: Any) -> AssessMapResult:
    given = {"map": str(class_map), "reference": str(reference), "class_field": "seen", "design": design, **params}
    return start(OPERATION, validate(OPERATION, given), SilentReporter())


def draw(n: int, seed: int, of: Places = CLASSED) -> Places:
    return of[np.random.default_rng(seed).choice(len(of), n, replace=False)]


def grid(seed: int) -> Places:
    row, col = np.random.default_rng(seed).integers(9, size=2)
    return CLASSED[(CLASSED[:, 0] % 9 == row) & (CLASSED[:, 1] % 9 == col)]


def equally_by_class(seed: int) -> Places:
    return np.concatenate([draw(50, seed, np.argwhere(v == VALUES)) for v in NAMES])


def corner(seed: int) -> Places:
    return draw(150, seed, CLASSED[(CLASSED[:, 0] > 90) & (CLASSED[:, 1] > 80)])


def ten_at_a_time(seed: int) -> Places:
    middles = draw(20, seed)
    nearest = [CLASSED[np.argsort(((CLASSED - m) ** 2).sum(axis=1))[:10]] for m in middles]
    return np.unique(np.concatenate(nearest), axis=0)


def ten_at_a_time_by_class(seed: int) -> Places:
    found = []
    for part in (np.argwhere(v == VALUES) for v in NAMES):
        found += [part[np.argsort(((part - m) ** 2).sum(axis=1))[:10]] for m in draw(7, seed, part)]
    return np.unique(np.concatenate(found), axis=0)


def dense_in_the_south(seed: int) -> Places:
    """The same number in each class, but three quarters of those in meadow in a quarter of it."""
    meadow = np.argwhere(VALUES == 2)
    south = meadow[:, 0] >= 125
    parts = [np.argwhere(VALUES == 1), meadow[south], meadow[~south], np.argwhere(VALUES == 3)]
    return np.concatenate([draw(n, seed, part) for n, part in zip((60, 75, 25, 60), parts, strict=True)])


DOUBTS = ("not spread over the map", "if each pixel of the map had the same chance", "The points lie in clumps")


def doubts(result: AssessMapResult) -> list[str]:
    """Which of the three were raised."""
    return [words for words in DOUBTS if any(words in text for text in result.warnings)]


UNEVEN, SHARES, CLUMPS = DOUBTS


@pytest.mark.parametrize(
    ("drawn", "design", "expected"),
    [
        (corner, "simple", [UNEVEN, SHARES, CLUMPS]),
        (corner, "systematic", [UNEVEN, SHARES, CLUMPS]),
        (ten_at_a_time, "simple", [CLUMPS]),
        (ten_at_a_time, "systematic", [CLUMPS]),
        (ten_at_a_time_by_class, "stratified", [CLUMPS]),
        (equally_by_class, "simple", [SHARES]),
        (equally_by_class, "systematic", [SHARES]),
        (equally_by_class, "stratified", []),
        (dense_in_the_south, "stratified", [UNEVEN]),
        (grid, "systematic", []),
        (grid, "simple", []),
        (lambda seed: draw(150, seed), "simple", []),
        (lambda seed: draw(150, seed), "post_stratified", []),
        (lambda seed: draw(150, seed), "systematic", []),
    ],
)
def test_points_that_contradict_their_design_are_warned_of(
    class_map: Path, drawn: Callable[[int], Places], design: str, expected: list[str]
) -> None:
    points = write(class_map.parent, drawn(2))
    result = assess(class_map, points, design)
    # Neighbours may be in one class or one part more often as well; what matters is that the reason is named.
    assert set(expected) <= set(doubts(result))
    if not expected or drawn is equally_by_class or drawn is dense_in_the_south:
        assert doubts(result) == expected


def test_the_warnings_state_what_was_expected_and_found(class_map: Path) -> None:
    places = equally_by_class(2)
    text = next(t for t in assess(class_map, write(class_map.parent, places), "simple").warnings if SHARES in t)
    share = (VALUES == 3).sum() / (VALUES > 0).sum()
    assert text.startswith("50 of 150 points lie where the map shows soil;")
    assert f"it would be about {150 * share:.0f} (binomial test" in text
    assert "state the design stratified" in text
    places = ten_at_a_time(2)
    text = next(t for t in assess(class_map, write(class_map.parent, places), "simple").warnings if CLUMPS in t)
    near = (((places[:, None] - places) ** 2).sum(axis=2) <= 2**2).sum()
    assert f"{(near - len(places)) // 2:,} pairs of them are within 2 pixels of each other" in text
    n, offsets = len(places), 13  # of pixels within 2 of one, itself included
    assert f"about {n * (n - 1) / 2 * offsets / len(CLASSED):,.0f} at most" in text


def test_honest_points_are_hardly_ever_doubted() -> None:
    """300 samples of each design, straight at the tests: at most one in a thousand may be doubted, and none is."""
    from hsi_engine.evaluation.design_based.point_pattern import clumps, spread

    strata = [np.argwhere(v == VALUES).astype(float) for v in NAMES]
    doubted = 0
    for seed in range(300):
        simple = draw(150, seed).astype(float)
        twice = CLASSED[np.random.default_rng(seed).integers(len(CLASSED), size=150)].astype(float)
        regular = grid(seed).astype(float)
        of_class = [(draw(50, seed, part), part) for part in strata]
        samples = [[(places, CLASSED.astype(float))] for places in (simple, twice, regular)] + [of_class]
        for groups in samples:
            uneven, close = spread(groups), clumps([(places, float(len(part))) for places, part in groups])
            doubted += (uneven is not None and uneven.p_value < 1e-4) + (close is not None and close.p_value < 1e-4)
    assert doubted == 0


@pytest.mark.parametrize("design", ["simple", "systematic", "stratified"])
def test_copies_of_our_own_files_are_not_doubted(class_map: Path, design: str) -> None:
    points, copy = class_map.parent / "points.gpkg", class_map.parent / "copy.gpkg"
    for seed in range(3):
        points.unlink(missing_ok=True)
        given = {"map": str(class_map), "points": 150, "design": design, "seed": seed, "output": str(points)}
        start(SAMPLE, validate(SAMPLE, given), SilentReporter())
        frame = geopandas.read_file(points, layer="reference_points")
        cols, rows = (
            np.floor(np.asarray(at)).astype(int) for at in ~GRID.transform @ (frame.geometry.x, frame.geometry.y)
        )
        frame["seen"] = [NAMES[v] for v in VALUES[rows, cols].tolist()]
        frame.to_file(copy, driver="GPKG")
        assert doubts(assess(class_map, copy, design)) == []
        if design != "stratified":
            frame["reference"] = frame["seen"]
            frame.drop(columns="seen").to_file(points, layer="reference_points", driver="GPKG")
            assert doubts(assess(class_map, points, "auto", class_field="reference")) == []


def test_a_pixel_counts_once(class_map: Path) -> None:
    """Drawn twice at its centre, or at two places of it: the figures are those of the different pixels."""
    places, rng = draw(120, 5), np.random.default_rng(0)
    wrong = rng.random(120) < 0.2
    seen = [NAMES[1 + v % 3] if no else NAMES[v] for v, no in zip(VALUES[tuple(places.T)].tolist(), wrong, strict=True)]
    once = assess(class_map, write(class_map.parent, places, seen), "simple")
    again = np.concatenate([places, places[:7]])
    for beside in (None, rng.uniform(-14, 14, (127, 2))):
        twice = assess(class_map, write(class_map.parent, again, [*seen, *seen[:7]], beside_m=beside), "simple")
        assert (twice.sample or {})["overall"] == (once.sample or {})["overall"]
        assert twice.samples == 120
        assert any(
            "7 points lie in a pixel with an earlier point and are left out: a pixel counts once, however often it was drawn"
            in text
            for text in twice.warnings
        )
    other = [NAMES[1 + VALUES[tuple(places[i])] % 3] if not wrong[i] else seen[i] for i in range(7)]
    twice = assess(class_map, write(class_map.parent, again, [*seen, *other]), "simple")
    assert (twice.sample or {})["overall"] == (once.sample or {})["overall"]
    assert any(f"{7 - wrong[:7].sum()} of them name another class" in text for text in twice.warnings)


def test_of_two_points_in_a_pixel_the_labelled_one_counts(class_map: Path) -> None:
    places = draw(120, 5)
    seen: list[str | None] = [NAMES[v] for v in VALUES[tuple(places.T)].tolist()]
    again = assess(
        class_map,
        write(class_map.parent, np.concatenate([places, places[:3]]), [None] * 3 + seen[3:] + seen[:3]),
        "simple",
    )
    assert (again.samples, (again.sample or {})["unlabelled"]) == (120, 0)


def test_different_pixels_of_a_draw_with_replacement_are_unbiased() -> None:
    """The rule on its own: mean and variance over the different pixels against the truth, 4,000 draws of 60 of 200 pixels."""
    rng = np.random.default_rng(1)
    right = rng.random(200) < 0.8
    drawn = rng.integers(200, size=(4000, 60))
    different = [np.unique(row) for row in drawn]
    means = np.array([right[row].mean() for row in different])
    p, n = right.mean(), np.array([len(row) for row in different])
    assert abs(means.mean() - p) < 4 * means.std() / np.sqrt(4000)
    stated = ((1 - n / 200) * means * (1 - means) / (n - 1)).mean()
    assert means.var() == pytest.approx(stated, rel=0.1)
    assert means.var() < right[drawn].mean(axis=1).var()
