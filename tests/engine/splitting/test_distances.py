"""Distances of tests and of the map to training pixels: their comparison, and the pixels of the map they rest on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from hsi_engine.classes.legend import Legend
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.pixels.thinned_pixels import ThinnedPixels
from hsi_engine.pixels.window import TilePlan
from hsi_engine.report.views.distances import distance_sentence, distances_figure
from hsi_engine.selection.distances import compare_distances
from hsi_engine.splitting.distances import DistanceComparison, nearest_distances, wasserstein
from hsi_engine.splitting.folds import make_folds
from hsi_engine.splitting.split import Split


def test_the_area_between_two_distributions_is_that_of_scipy() -> None:
    rng = np.random.default_rng(3)
    one, other = rng.gamma(2, 3, 400), rng.integers(0, 12, 153).astype(float)
    assert wasserstein(one, other) == pytest.approx(wasserstein_distance(one, other))
    assert wasserstein(one, one) == 0
    assert wasserstein(one, one + 4) == pytest.approx(4)


def test_distances_are_those_to_the_nearest() -> None:
    pixels, training = np.array([[0, 0], [3, 4], [9, 1]], float), np.array([[0, 1], [9, 9]], float)
    np.testing.assert_allclose(nearest_distances(pixels, training), [1, np.hypot(3, 3), 8])


@pytest.mark.parametrize(
    ("factor", "matching", "words"),
    [
        (1.0, "alike", "about as far from training pixels as the map is"),
        (4.0, "farther", "The accuracy applies near the labels; far"),
        (0.2, "nearer", "harder than the map needs, so distance does not flatter the accuracy"),
    ],
)
def test_what_is_said_follows_from_the_distances(factor: float, matching: str, words: str) -> None:
    tested = np.random.default_rng(1).gamma(4, 100, 3000)
    found = DistanceComparison.of(tested, factor * tested, "m")
    assert found.matching == matching
    assert found.wasserstein == pytest.approx(abs(factor - 1) * tested.mean())
    assert found.beyond == pytest.approx(float((factor * tested > np.quantile(tested, 0.95)).mean()))
    assert words in distance_sentence(found)
    assert DistanceComparison.from_json(found.to_json()) == found
    assert distances_figure(found).startswith(b"\x89PNG")


def test_a_sentence_has_units_that_a_person_reads() -> None:
    found = DistanceComparison.of(np.full(9, 420.0), np.full(9, 2345.0), "m")
    assert "within 420 m of a pixel" in distance_sentence(found)
    assert "half of the map within 2.35 km" in distance_sentence(found)
    in_pixels = DistanceComparison.of(np.full(9, 4.0), np.full(9, 5.0), "px")
    assert "within 4 px of a pixel" in distance_sentence(in_pixels)


def test_the_pixels_of_a_map_do_not_depend_on_how_it_is_read() -> None:
    shape = (211, 160)
    valid = np.random.default_rng(0).random(shape) < 0.7
    found = []
    for rows, cols in ((211, 160), (16, 160), (37, 23)):
        pixels = ThinnedPixels(shape, most=900)
        for window in TilePlan(shape=shape, strip_rows=rows, tile_cols=cols):
            pixels.add(window, valid[window.slices()])
        found.append({tuple(at) for at in pixels.positions.tolist()})
    assert found[0] == found[1] == found[2]
    assert all(valid[at] for at in found[0])
    assert 450 < len(found[0]) <= 900


def samples() -> SampleSet:
    """Two classes in two rows of places, 40 px apart."""
    rows, cols = (at.ravel() for at in np.meshgrid(np.arange(0, 200, 40), np.arange(0, 160, 40), indexing="ij"))
    around = np.arange(5)
    all_rows, all_cols = (np.repeat(rows, 5), (np.repeat(cols, 5).reshape(-1, 5) + around).ravel())
    return SampleSet(
        rows=all_rows,
        cols=all_cols,
        classes=np.repeat(np.arange(len(rows)) % 2, 5),
        groups=np.repeat(np.arange(1, len(rows) + 1), 5),
        legend=Legend.of({1: "a", 2: "b"}),
    )


def test_folds_are_measured_to_the_pixels_they_trained_on_in_metres_along_both_edges() -> None:
    known = samples()
    folds = make_folds(known, n_folds=4, guard_px=2, seed=0)
    assert folds.n_folds >= 2
    everywhere = np.argwhere(np.ones((200, 165), bool))[::7]
    found = compare_distances(folds, None, known, 2, everywhere, (30.0, 10.0))
    assert found is not None
    assert found.unit == "m"
    # The next place is 40 px away, at least 36 px along a row of 30 m, and 40 px along a column of 10 m.
    assert found.tested[0] >= 400
    assert found.mapped[0] == 0
    assert found.tested_pixels == int((folds.fold >= 0).sum())
    in_pixels = compare_distances(folds, None, known, 2, everywhere, None)
    assert in_pixels is not None
    assert in_pixels.unit == "px"
    assert in_pixels.tested[0] >= 36


def test_a_split_is_measured_to_its_training_side_and_nothing_tested_gives_nothing() -> None:
    known, everywhere = samples(), np.argwhere(np.ones((20, 20), bool))
    train, validation, test = np.split(np.arange(len(known)), [40, 50])
    split = Split(
        train=train,
        validation=validation,
        test=test,
        strategy="given",
        guard_px=0,
        leakage=0.0,
        overlap=0.0,
        removed=0,
        notes=(),
    )
    found = compare_distances(None, split, known, 2, everywhere, None)
    assert found is not None
    assert found.tested_pixels == len(test)
    assert found.tested[0] >= 36
    assert compare_distances(None, None, known, 2, everywhere, None) is None
    nobody = Split(**{**vars(split), "test": test[:0]})
    assert compare_distances(None, nobody, known, 2, everywhere, None) is None
