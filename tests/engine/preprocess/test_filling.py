"""Values for pixels without data."""

from __future__ import annotations

import numpy as np

from hsi_engine.preprocess.filling import fill_from_around

ROWS, COLS = 23, 31


def image_with_holes(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    known = rng.random((ROWS, COLS)) > 0.3
    known[5:14, 8:20] = False
    return rng.normal(50, 9, (2, ROWS, COLS)).astype(np.float32), known


def test_known_pixels_stay_and_unknown_ones_get_the_mean_of_their_neighbours() -> None:
    image, known = image_with_holes(0)
    known[:] = True
    known[3, 4] = known[0, 0] = False
    filled = fill_from_around(image, known, 1)
    np.testing.assert_array_equal(filled[:, known], image[:, known])
    around = np.delete(image[:, 2:5, 3:6].reshape(2, 9), 4, axis=1)
    np.testing.assert_allclose(filled[:, 3, 4], around.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(filled[:, 0, 0], (image[:, 0, 1] + image[:, 1, 0] + image[:, 1, 1]) / 3, rtol=1e-6)


def test_all_known_is_left_alone() -> None:
    image, known = image_with_holes(1)
    assert fill_from_around(image, np.ones_like(known), 3) is image


def test_what_lies_far_away_plays_no_part() -> None:
    """What a network sees of a pixel is the same, however the scene around it is cut."""
    rings = 3
    for seed in range(4):
        image, known = image_with_holes(seed)
        whole = fill_from_around(image, known, rings)
        top, left, height, width = 4, 6, 16, 19
        part = (slice(top, top + height), slice(left, left + width))
        cut = fill_from_around(np.ascontiguousarray(image[:, part[0], part[1]]), known[part], rings)
        # Within a ring of known pixels of its own middle, and further from the edges than the rings reach.
        inner = (slice(2 * rings, -2 * rings), slice(2 * rings, -2 * rings))
        np.testing.assert_array_equal(cut[:, inner[0], inner[1]], whole[:, part[0], part[1]][:, inner[0], inner[1]])


def test_further_in_than_the_rings_is_zero() -> None:
    known = np.zeros((9, 21), bool)
    known[:, 0] = True
    filled = fill_from_around(np.full((1, 9, 21), 7, np.float32), known, 4)
    assert (filled[0, :, :5] == 7).all()
    assert (filled[0, :, 5:] == 0).all()
