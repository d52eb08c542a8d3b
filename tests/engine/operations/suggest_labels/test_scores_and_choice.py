"""Where to label next: the measures of uncertainty, the random draw by their weights, and the choice among candidates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from hsi_engine.operations.suggest_labels.candidates import CandidatePool, Candidates
from hsi_engine.operations.suggest_labels.choosing import choose_points, class_shares
from hsi_engine.operations.suggest_labels.scores import SHARPNESS, combined, draw_keys, novelty, uncertainty

SURE, TORN, LOST = (1.0, 0.0, 0.0), (0.5, 0.5, 0.0), (1 / 3, 1 / 3, 1 / 3)


def candidates(keys: npt.ArrayLike, rows: npt.ArrayLike, cols: npt.ArrayLike, classes: npt.ArrayLike) -> Candidates:
    number = np.asarray(keys, np.float64)
    return Candidates(
        rows=np.asarray(rows, np.int64),
        cols=np.asarray(cols, np.int64),
        classes=np.asarray(classes, np.int64),
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


def test_novelty_is_a_half_at_the_border_of_the_area_of_applicability_and_outliers_stay_bounded() -> None:
    np.testing.assert_allclose(novelty(np.array([0, 0.4, 1e6]), 0.4), [0, 0.5, 1], atol=1e-4)
    np.testing.assert_allclose(combined(np.array([1.0]), np.array([0.5]), 0.2), [0.9])
    np.testing.assert_array_equal(combined(np.array([0.7]), None, 0.2), [0.7])


def test_a_pixel_of_twice_the_score_is_drawn_first_four_times_as_often() -> None:
    draws = np.random.default_rng(5).random((20_000, 2))
    keys = np.stack([draw_keys(np.array([0.8, 0.4]), pair) for pair in draws])
    share = float((keys[:, 0] > keys[:, 1]).mean())
    odds = 2**SHARPNESS
    assert share == pytest.approx(odds / (odds + 1), abs=0.01)


def test_the_pool_keeps_the_same_candidates_whatever_the_tiles() -> None:
    everything = drawn()
    whole, parts = CandidatePool(n_classes=2, most=50), CandidatePool(n_classes=2, most=50)
    whole.add(everything)
    for tile in np.array_split(np.random.default_rng(2).permutation(len(everything)), 13):
        parts.add(everything.take(tile))
    for index in (0, 1):
        one, other = whole.by_class()[index], parts.by_class()[index]
        assert len(one) == 50
        best = np.sort(everything.keys[everything.classes == index])[::-1][:50]
        np.testing.assert_array_equal(one.keys, best)
        np.testing.assert_array_equal(one.rows, other.rows)
        np.testing.assert_array_equal(one.cols, other.cols)
    assert whole.pixels.sum() == len(everything)
    np.testing.assert_array_equal(whole.pixels, parts.pixels)


@pytest.mark.parametrize("balance", ["moderate", "equal", "none"])
def test_points_keep_their_distance_and_classes_their_shares(balance: str) -> None:
    pool = CandidatePool(n_classes=2, most=600)
    pool.add(drawn())
    shares = class_shares(pool.pixels, balance)  # type: ignore[arg-type]
    chosen = choose_points(pool.by_class(), shares, 30, 4.0, places)
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
        assert chosen.keys[0] == drawn().keys.max()
        assert (np.diff(chosen.keys) < 0).all()


def test_a_class_that_has_no_room_leaves_its_points_to_the_others() -> None:
    found = {0: candidates([3, 2], [0, 0], [0, 1], [0, 0]), 1: candidates([1, 0.5, 0.2], [9, 9, 9], [0, 5, 9], [1] * 3)}
    chosen = choose_points(found, class_shares(np.array([2, 3]), "equal"), 4, 2.0, places)
    assert sorted(chosen.classes.tolist()) == [0, 1, 1, 1]
    assert len(choose_points(found, None, 9, 2.0, places)) == 4  # no more have room


def test_a_class_that_is_predicted_nowhere_has_no_share() -> None:
    np.testing.assert_allclose(class_shares(np.array([9, 0, 1]), "equal"), [0.5, 0, 0.5])  # type: ignore[arg-type]
    np.testing.assert_allclose(class_shares(np.array([9, 0, 1]), "moderate"), [0.75, 0, 0.25])  # type: ignore[arg-type]
