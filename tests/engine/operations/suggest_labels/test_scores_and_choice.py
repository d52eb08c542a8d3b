"""Where to label next: the measures of uncertainty, the random draw by their weights, and the choice among candidates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from hsi_engine.operations.suggest_labels import candidates as candidates_module
from hsi_engine.operations.suggest_labels.candidates import CandidatePool, Candidates
from hsi_engine.operations.suggest_labels.choosing import choose_points, class_shares
from hsi_engine.operations.suggest_labels.scores import (
    N_UNLIKE,
    N_UNSURE,
    SHARPNESS,
    draw_keys,
    level_scores,
    levels,
    uncertainty,
)

SURE, TORN, LOST = (1.0, 0.0, 0.0), (0.5, 0.5, 0.0), (1 / 3, 1 / 3, 1 / 3)


def candidates(keys: npt.ArrayLike, rows: npt.ArrayLike, cols: npt.ArrayLike, classes: npt.ArrayLike) -> Candidates:
    number = np.asarray(keys, np.float64)
    return Candidates(
        rows=np.asarray(rows, np.int64),
        cols=np.asarray(cols, np.int64),
        classes=np.asarray(classes, np.int64),
        levels=np.zeros(len(number), np.int64),
        keys=number,
        uncertainty=number,
        dissimilarity=np.full(len(number), np.nan),
        probability=number,
    )


def drawn(count: int = 600, seed: int = 0) -> Candidates:
    """Two thirds of class 0, the others of class 1; each pixel once."""
    rng = np.random.default_rng(seed)
    at = rng.permutation(40 * 60)[:count]
    return candidates(rng.random(count), at // 60, at % 60, (rng.random(count) < 1 / 3).astype(int))


def places(found: Candidates) -> npt.NDArray[np.float64]:
    return np.stack([found.rows, found.cols], axis=1).astype(np.float64)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("margin", (0, 1, 1)),
        ("entropy", (0, np.log(2) / np.log(3), 1)),
        ("confidence", (0, 0.75, 1)),
        ("none", (0, 0, 0)),
    ],
)
def test_measures_of_uncertainty(measure: str, expected: tuple[float, ...]) -> None:
    found = uncertainty(np.array([SURE, TORN, LOST]).T, measure)  # type: ignore[arg-type]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_the_only_class_of_a_model_is_certain() -> None:
    np.testing.assert_array_equal(uncertainty(np.ones((1, 4)), "margin"), 0)


def test_rounding_of_other_tiles_does_not_change_a_measure() -> None:
    p = np.array([[0.6], [0.3], [0.1]])
    assert uncertainty(p, "margin") == uncertainty(p + np.array([[3e-7], [-3e-7], [0]]), "margin")


def test_a_score_is_the_share_of_pixels_that_are_less_unsure_however_sure_the_model_is_of_itself() -> None:
    rng = np.random.default_rng(4)
    calm, unlike = rng.random(5000), np.full(5000, np.nan)
    for unsure in (calm, calm**8):  # the same order, but nearly all of it close to 0
        of = levels(unsure, unlike, None)
        scores = level_scores(np.bincount(of, minlength=N_UNSURE * N_UNLIKE), 0.0)[of]
        ranks = unsure.argsort().argsort() / 5000
        assert np.abs(scores - ranks).mean() < 0.06
        assert (np.diff(scores[np.argsort(unsure)]) >= 0).all()


def test_dissimilarity_counts_by_its_weight_and_outliers_no_more_than_others_of_their_rank() -> None:
    unsure, unlike = np.full(4, 0.5), np.array([0.0, 0.2, 0.5, 1e9])
    of = levels(unsure, unlike, 0.4)
    assert (np.diff(of) > 0).all()
    counts = np.bincount(of, minlength=N_UNSURE * N_UNLIKE)
    np.testing.assert_allclose(level_scores(counts, 1.0)[of], [1 / 8, 3 / 8, 5 / 8, 7 / 8])
    np.testing.assert_allclose(level_scores(counts, 0.0)[of], 0.5)
    np.testing.assert_allclose(level_scores(counts, 0.2)[of], 0.4 + 0.2 * np.array([1, 3, 5, 7]) / 8)


def test_a_pixel_of_twice_the_score_is_drawn_first_four_times_as_often() -> None:
    draws = np.random.default_rng(5).random((20_000, 2))
    keys = np.stack([draw_keys(np.array([0.8, 0.4]), pair) for pair in draws])
    share = float((keys[:, 0] > keys[:, 1]).mean())
    odds = 2**SHARPNESS
    assert share == pytest.approx(odds / (odds + 1), abs=0.01)


def pooled(found: Candidates, tiles: int = 1, most: int = 600) -> CandidatePool:
    pool = CandidatePool(n_classes=2, most=most)
    for tile in np.array_split(np.random.default_rng(2).permutation(len(found)), tiles):
        pool.add(found.take(tile))
    return pool


@pytest.mark.parametrize("pending", [0, 100_000])
def test_the_pool_keeps_the_same_candidates_whatever_the_tiles(pending: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates_module, "_PENDING", pending)
    everything = drawn()
    everything.levels[:] = levels(everything.uncertainty, everything.dissimilarity, None)
    whole, parts = pooled(everything, most=5), pooled(everything, tiles=13, most=5)
    for index in (0, 1):
        one, other = whole.by_class(0.2)[index], parts.by_class(0.2)[index]
        for name in ("rows", "cols", "keys", "levels"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        for level in np.unique(one.levels):
            members = (everything.classes == index) & (everything.levels == level)
            lowest = np.sort(everything.keys[members])[:5]
            kept = everything.keys[members & np.isin(everything.rows * 60 + everything.cols, one.rows * 60 + one.cols)]
            np.testing.assert_array_equal(np.sort(kept), lowest)
    assert whole.pixels.sum() == whole.of_level.sum() == len(everything)
    np.testing.assert_array_equal(whole.pixels, parts.pixels)


@pytest.mark.parametrize("balance", ["moderate", "equal", "none"])
def test_points_keep_their_distance_and_classes_their_shares(balance: str) -> None:
    pool = pooled(drawn())
    shares = class_shares(pool.pixels, balance)  # type: ignore[arg-type]
    chosen = choose_points(pool.by_class(0.0), shares, 30, 4.0, places)
    assert len(chosen) == 30
    at = places(chosen)
    apart = np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2))[~np.eye(30, dtype=bool)]
    assert apart.min() >= 4
    of_first = int((chosen.classes == 0).sum())
    if balance == "equal":
        assert of_first == 15
    elif balance == "moderate":
        assert of_first == round(30 * np.sqrt(pool.pixels[0]) / np.sqrt(pool.pixels).sum())
    else:
        assert (np.diff(chosen.keys) < 0).all()


def test_a_class_that_has_no_room_leaves_its_points_to_the_others() -> None:
    found = {0: candidates([3, 2], [0, 0], [0, 1], [0, 0]), 1: candidates([1, 0.5, 0.2], [9, 9, 9], [0, 5, 9], [1] * 3)}
    chosen = choose_points(found, class_shares(np.array([2, 3]), "equal"), 4, 2.0, places)
    assert sorted(chosen.classes.tolist()) == [0, 1, 1, 1]
    assert len(choose_points(found, None, 9, 2.0, places)) == 4  # no more have room


def test_a_class_that_is_predicted_nowhere_has_no_share() -> None:
    np.testing.assert_allclose(class_shares(np.array([9, 0, 1]), "equal"), [0.5, 0, 0.5])  # type: ignore[arg-type]
    np.testing.assert_allclose(class_shares(np.array([9, 0, 1]), "moderate"), [0.75, 0, 0.25])  # type: ignore[arg-type]
