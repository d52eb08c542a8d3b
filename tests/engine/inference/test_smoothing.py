"""Smoothing keeps to its definition, to edges and to data, whatever the tiles are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from hsi_engine.inference import smoothing as module
from hsi_engine.inference.smoothing import STRENGTHS, Smoothing
from hsi_engine.pixels.window import TilePlan, Window

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
CLASSES, ROWS, COLS = 4, 31, 47


def smooth(smoothing: Smoothing, probabilities: Floats, guide: Floats, valid: Bools, window: Window) -> Floats:
    """The window of a scene, with the margin that it needs."""
    margin = smoothing.reach_px
    rows, cols = slice(window.row, window.row_end + 2 * margin), slice(window.col, window.col_end + 2 * margin)
    around = ((0, 0), (margin, margin), (margin, margin))
    padded = (np.pad(a, around, constant_values=np.nan)[:, rows, cols] for a in (probabilities, guide))
    return smoothing.apply(*padded, np.pad(valid, margin)[rows, cols])


def whole(smoothing: Smoothing, probabilities: Floats, guide: Floats, valid: Bools) -> Floats:
    return smooth(smoothing, probabilities, guide, valid, Window.of_shape(valid.shape))


@pytest.fixture
def probabilities() -> Floats:
    drawn = np.random.default_rng(0).dirichlet(np.full(CLASSES, 0.5), (ROWS, COLS))
    return np.ascontiguousarray(drawn.transpose(2, 0, 1), np.float32)


@pytest.fixture
def guide() -> Floats:
    rng = np.random.default_rng(1)
    steps = np.add.outer(np.arange(ROWS) // 9, np.arange(COLS) // 11) % 3
    return (steps + rng.normal(size=(3, ROWS, COLS)) * 0.4 - 1).astype(np.float32)


@pytest.fixture
def valid() -> Bools:
    valid = np.random.default_rng(2).random((ROWS, COLS)) > 0.05
    valid[10:25, 20:33] = False
    valid[17, 26] = True  # alone
    return valid


def by_definition(smoothing: Smoothing, probabilities: Floats, guide: Floats, valid: Bools) -> npt.NDArray[np.float64]:
    """Ridge regression in every window, one after the other; the mean of the windows around a pixel."""
    radius = smoothing.radius_px
    values = probabilities.astype(float)
    channels = guide.astype(float)
    total = np.zeros(probabilities.shape)
    for row, col in zip(*np.nonzero(valid), strict=True):
        at = (
            slice(max(0, row - radius), row + radius + 1),
            slice(max(0, col - radius), col + radius + 1),
        )
        inside = valid[at]
        x, y = channels[(slice(None), *at)][:, inside], values[(slice(None), *at)][:, inside]
        dx, dy = x - x.mean(1, keepdims=True), y - y.mean(1, keepdims=True)
        slopes = dy @ dx.T / inside.sum() @ np.linalg.inv(dx @ dx.T / inside.sum() + smoothing.epsilon * np.eye(len(x)))
        total[(slice(None), *at)][:, inside] += slopes @ dx + y.mean(1, keepdims=True)
    total = np.maximum(total, 0)
    return np.where(valid, total / np.where(valid, total.sum(0), 1), np.nan)


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("radius", [1, 2, 3, 4, 5])
def test_it_is_the_guided_filter(
    probabilities: Floats, guide: Floats, valid: Bools, radius: int, channels: int
) -> None:
    smoothing = Smoothing(radius_px=radius, epsilon=0.05)
    found = whole(smoothing, probabilities, guide[:channels], valid)
    assert found.dtype == np.float32
    expected = by_definition(smoothing, probabilities, guide[:channels], valid)
    np.testing.assert_allclose(found, expected, rtol=0, atol=3e-6)


@pytest.mark.parametrize(("name", "smoothing"), STRENGTHS)
@pytest.mark.parametrize(("strip_rows", "tile_cols"), [(7, 13), (12, 47), (1, 5)])
def test_the_result_does_not_depend_on_the_tiles(
    probabilities: Floats,
    guide: Floats,
    valid: Bools,
    name: str,
    smoothing: Smoothing,
    strip_rows: int,
    tile_cols: int,
) -> None:
    expected = whole(smoothing, probabilities, guide, valid)
    for tile in TilePlan(shape=(ROWS, COLS), strip_rows=strip_rows, tile_cols=tile_cols):
        found = smooth(smoothing, probabilities, guide, valid, tile)
        np.testing.assert_allclose(found, expected[(slice(None), *tile.slices())], rtol=0, atol=1e-6)


def test_the_result_does_not_depend_on_the_blocks_that_are_filtered_at_once(
    monkeypatch: pytest.MonkeyPatch, probabilities: Floats, guide: Floats, valid: Bools
) -> None:
    smoothing = Smoothing(radius_px=2, epsilon=0.01)
    expected = whole(smoothing, probabilities, guide, valid)
    monkeypatch.setattr(module, "_BLOCK_ROWS", 6)
    monkeypatch.setattr(module, "_BLOCK_COLS", 10)
    np.testing.assert_allclose(whole(smoothing, probabilities, guide, valid), expected, rtol=0, atol=1e-6)


def test_only_pixels_within_reach_change_a_result(probabilities: Floats, guide: Floats, valid: Bools) -> None:
    smoothing = Smoothing(radius_px=2, epsilon=0.05)
    before = whole(smoothing, probabilities, guide, valid)
    row, col = 5, 9
    assert valid[row, col]
    probabilities[:, row, col] = np.roll(probabilities[:, row, col], 1)
    guide[:, row, col] += 1
    changed = (np.abs(whole(smoothing, probabilities, guide, valid) - before) > 1e-6).any(0)
    rows, cols = np.nonzero(changed)
    assert max(abs(rows - row).max(), abs(cols - col).max()) == smoothing.reach_px


def test_classes_sum_to_one_and_none_is_negative(probabilities: Floats, guide: Floats, valid: Bools) -> None:
    found = whole(Smoothing(radius_px=1, epsilon=1e-4), probabilities, guide * 5, valid)
    np.testing.assert_array_equal(np.isnan(found), np.broadcast_to(~valid, found.shape))
    assert found[:, valid].min() >= 0
    np.testing.assert_allclose(found.sum(0)[valid], 1, atol=1e-6)


@pytest.mark.parametrize("flat", ["large epsilon", "constant guide"])
def test_without_edges_it_is_a_mean_of_means(probabilities: Floats, guide: Floats, valid: Bools, flat: str) -> None:
    smoothing = Smoothing(radius_px=3, epsilon=1e9 if flat == "large epsilon" else 0.01)
    if flat == "constant guide":
        guide[:] = 3
    found = whole(smoothing, probabilities, guide, valid)

    def mean(planes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        weighted = np.pad(np.where(valid, planes, 0), ((0, 0), (3, 3), (3, 3)))
        sums = np.lib.stride_tricks.sliding_window_view(weighted, (7, 7), axis=(1, 2)).sum((3, 4))
        count = np.lib.stride_tricks.sliding_window_view(np.pad(valid, 3), (7, 7)).sum((2, 3))
        return sums / np.maximum(count, 1)

    expected = mean(mean(probabilities.astype(float)))
    np.testing.assert_allclose(found[:, valid], expected[:, valid], rtol=0, atol=2e-6)


def test_nothing_flows_across_an_edge_of_the_guide() -> None:
    right = np.arange(COLS) >= 20
    probabilities = np.empty((2, ROWS, COLS), np.float32)
    noise = np.random.default_rng(3).uniform(-0.3, 0.3, (ROWS, COLS))
    probabilities[0] = np.where(right, 0.3, 0.7) + noise
    probabilities[1] = 1 - probabilities[0]
    guide = np.broadcast_to(np.where(right, 1, -1), (1, ROWS, COLS)).astype(np.float32)
    valid = np.ones((ROWS, COLS), bool)
    found = whole(Smoothing(radius_px=3, epsilon=0.01), probabilities, guide, valid)
    assert abs(found[0, :, 19].mean() - 0.7) < 0.03
    assert abs(found[0, :, 20].mean() - 0.3) < 0.03
    assert found[0, :, 20:].std() < 0.05


def test_a_pixel_that_is_alone_keeps_its_probabilities(probabilities: Floats, guide: Floats, valid: Bools) -> None:
    found = whole(Smoothing(radius_px=2, epsilon=0.1), probabilities, guide, valid)
    np.testing.assert_allclose(found[:, 17, 26], probabilities[:, 17, 26], atol=1e-6)


def test_a_window_without_data_has_no_result(probabilities: Floats, guide: Floats) -> None:
    found = whole(Smoothing(radius_px=2, epsilon=0.1), probabilities, guide, np.zeros((ROWS, COLS), bool))
    assert np.isnan(found).all()


def test_the_arguments_stay_as_they_are(probabilities: Floats, guide: Floats) -> None:
    valid = np.ones((ROWS, COLS), bool)
    kept = probabilities.copy(), guide.copy()
    Smoothing(radius_px=2, epsilon=0.1).apply(probabilities, guide, valid)
    np.testing.assert_array_equal(probabilities, kept[0])
    np.testing.assert_array_equal(guide, kept[1])


def test_strengths_go_from_weak_to_strong() -> None:
    reaches = [(smoothing.radius_px, smoothing.epsilon) for _, smoothing in STRENGTHS]
    assert reaches == sorted(reaches)
    assert len(dict(STRENGTHS)) == len(STRENGTHS)


@pytest.mark.parametrize(("radius", "epsilon"), [(0, 0.1), (2, 0.0), (2, float("nan"))])
def test_settings_that_mean_nothing_are_refused(radius: int, epsilon: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        Smoothing(radius_px=radius, epsilon=epsilon)


@pytest.mark.parametrize(
    ("guide_shape", "valid_shape"), [((1, 20, 30), (20, 31)), ((4, 20, 30), (20, 30)), ((1, 7, 30), (7, 30))]
)
def test_arrays_that_do_not_fit_are_refused(guide_shape: tuple[int, ...], valid_shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"of one size|do not hold a margin"):
        Smoothing(radius_px=2, epsilon=0.1).apply(
            np.zeros((2, *guide_shape[1:]), np.float32), np.zeros(guide_shape, np.float32), np.ones(valid_shape, bool)
        )
