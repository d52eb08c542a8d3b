from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import LabelError, ParameterError
from hsi_engine.pixels.labelled_pixels import LabelledPixels
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.splitting.split import Split, measure_leakage
from hsi_engine.splitting.strategies import block_split, random_split

# Sizes of the classes of Indian Pines, the usual unbalanced example.
CLASS_SIZES = (46, 1428, 830, 237, 483, 730, 28, 478, 20, 972, 2455, 593, 205, 1265, 386, 93)


def blobs(shape: tuple[int, int], sizes: tuple[int, ...] = CLASS_SIZES, seed: int = 0) -> SampleSet:
    """Square fields of up to 150 pixels, scattered over the scene until each class has about its size."""
    rng = np.random.default_rng(seed)
    values = np.zeros(shape, int)
    for value, size in sorted(enumerate(sizes, 1), key=lambda item: -item[1]):
        left = size
        while left > 0:
            edge = int(np.ceil(np.sqrt(min(left, 150))))
            row, col = rng.integers(0, shape[0] - edge), rng.integers(0, shape[1] - edge)
            values[row : row + edge, col : col + edge] = value
            left -= edge * edge
    legend = Legend.of({v: f"class {v}" for v in range(1, len(sizes) + 1)})
    return SampleSet.from_labels(LabelledPixels.of_rasters(values, values), legend)[0]


def nearest(samples: SampleSet, a: np.ndarray, b: np.ndarray) -> float:
    """Smallest Chebyshev distance between two sides, without any of the code under test."""
    if not len(a) or not len(b):
        return np.inf
    rows = abs(samples.rows[a][:, None] - samples.rows[b])
    return float(np.maximum(rows, abs(samples.cols[a][:, None] - samples.cols[b])).min())


def assert_apart(samples: SampleSet, split: Split, guard: int) -> None:
    sides = (split.train, split.validation, split.test)
    for i in range(3):
        for j in range(i):
            assert nearest(samples, sides[i], sides[j]) > guard


@pytest.mark.parametrize("validation_share", [0, 0.1])
def test_an_unbalanced_scene_is_split_without_leakage_and_with_nearly_all_classes_on_both_sides(
    validation_share: float,
) -> None:
    samples = blobs((145, 145))
    split = block_split(samples, radius=12, train_share=0.1, validation_share=validation_share, seed=0)
    assert split.leakage == 0
    assert_apart(samples, split, 12)
    assert len(split.train) == round(0.1 * len(samples))
    assert len(split.test) > 0.1 * len(samples)
    on_both = np.intersect1d(samples.classes[split.train], samples.classes[split.test])
    assert len(on_both) >= 12
    assert len(np.unique(samples.classes[split.train])) >= 15
    for index in np.setdiff1d(np.unique(samples.classes), samples.classes[split.test]):
        assert any("No test pixel" in note and samples.legend.names[index] in note for note in split.notes)


def test_the_real_scene_is_split_without_leakage_where_a_random_split_leaks_completely(enmap: Path) -> None:
    import rasterio

    with rasterio.open(enmap / "labels.tif") as dataset:
        values = dataset.read(1).astype(int)
    legend = Legend.of({v: str(v) for v in range(1, 7)})
    samples, _ = SampleSet.from_labels(LabelledPixels.of_rasters(values, values), legend)
    random = random_split(samples, radius=12, train_share=0.1, seed=0)
    assert random.leakage > 0.99
    blocks = block_split(samples, radius=12, train_share=0.1, seed=0)
    assert blocks.leakage == 0
    assert nearest(samples, blocks.train, blocks.test) > 12
    for side in (blocks.train, blocks.test):
        assert len(np.unique(samples.classes[side])) == 6
    assert len(blocks.train) == len(random.train)


def test_classes_in_two_distant_places_are_on_both_sides() -> None:
    values = np.zeros((40, 120), int)
    for value in range(1, 5):
        values[10 * value - 8 : 10 * value - 2, 5:10] = value
        values[10 * value - 8 : 10 * value - 2, 110:115] = value
    legend = Legend.of({v: f"class {v}" for v in range(1, 5)})
    samples, _ = SampleSet.from_labels(LabelledPixels.of_rasters(values, values), legend)
    for seed in range(5):
        split = block_split(samples, radius=12, train_share=0.3, seed=seed)
        assert len(np.unique(samples.classes[split.train])) == 4
        assert len(np.unique(samples.classes[split.test])) == 4
        assert split.leakage == 0


def test_a_class_in_one_place_is_trained_rather_than_tested() -> None:
    values = np.zeros((60, 100), int)
    values[5:15, 5:15] = values[45:55, 85:95] = 1
    values[5:15, 85:95] = values[45:55, 5:15] = 2
    values[30, 50] = 3
    legend = Legend.of({1: "field", 2: "wood", 3: "well"})
    samples, _ = SampleSet.from_labels(LabelledPixels.of_rasters(values, values), legend)
    split = block_split(samples, radius=3, train_share=0.2, seed=0)
    assert "No test pixel of well: its accuracy is not measured." in split.notes
    assert 2 in samples.classes[split.train]


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 99),
    radius=st.integers(0, 6),
    edge=st.sampled_from([None, 9, 14]),
    subsample=st.booleans(),
    validation_share=st.sampled_from([0.0, 0.1]),
)
def test_sides_are_always_disjoint_and_a_guard_apart(
    seed: int, radius: int, edge: int | None, subsample: bool, validation_share: float
) -> None:
    samples = blobs((50, 80), (300, 200, 90, 20), seed)
    split = block_split(
        samples,
        radius=radius,
        train_share=0.2,
        validation_share=validation_share,
        block_px=edge,
        subsample=subsample,
        seed=seed,
    )
    assert_apart(samples, split, radius)
    assert split.leakage == 0
    used = len(split.train) + len(split.validation) + len(split.test)
    assert used + split.removed <= len(samples)
    if not subsample:
        assert used + split.removed == len(samples)


def test_twice_the_radius_as_guard_keeps_whole_patches_apart() -> None:
    samples = blobs((145, 100), (900, 900, 900))
    split = block_split(samples, radius=4, guard_px=8, train_share=0.1, seed=0)
    assert split.overlap == 0
    assert split.guard_px == 8
    assert measure_leakage(samples, split.train, split.test, 8) == 0


def test_without_subsampling_the_share_is_near_what_was_asked_for() -> None:
    samples = blobs((145, 145), (2000, 2000, 2000))
    split = block_split(samples, radius=2, train_share=0.3, subsample=False, seed=0)
    assert len(split.train) / len(samples) == pytest.approx(0.3, abs=0.1)


def test_the_seed_decides() -> None:
    samples = blobs((60, 90), (300, 300, 100))

    def split(seed: int) -> Split:
        return block_split(samples, radius=2, train_share=0.2, seed=seed)

    assert split(0) == split(0)
    assert split(0) != split(1)


def test_notes_say_size_and_side_of_the_blocks_and_what_the_guard_removed() -> None:
    samples = blobs((60, 90), (300, 300, 100))
    split = block_split(samples, radius=5, train_share=0.2, block_px=20, seed=0)
    assert split.notes[0].startswith("Blocks of 20×20 pixels: ")
    assert f"{split.removed} labelled pixels within 5 pixels of the border" in split.notes[0]


def test_blocks_narrower_than_the_guard_and_negative_guards_are_refused() -> None:
    samples = blobs((60, 90), (300, 300))
    with pytest.raises(ParameterError, match=r"at least as wide as the guard of 12 pixels .* found 8"):
        block_split(samples, radius=12, train_share=0.2, block_px=8, seed=0)
    with pytest.raises(ParameterError, match="guard must be 0 pixels or more; found -1"):
        block_split(samples, radius=12, guard_px=-1, train_share=0.2, seed=0)


def test_labels_in_one_place_cannot_be_split_into_blocks() -> None:
    samples = blobs((12, 12), (40, 40))
    with pytest.raises(LabelError, match=r"lie too close together for blocks of .* with a guard of 12"):
        block_split(samples, radius=12, train_share=0.2, seed=0)


def test_a_small_training_share_is_drawn_from_many_places() -> None:
    row, col = np.indices((120, 150))
    fields = row // 12 * 10 + col // 15 + 1
    values = np.where((row % 12 < 10) & (col % 15 < 13), fields % 3 + 1, 0)
    legend = Legend.of({1: "field", 2: "wood", 3: "lake"})
    pixels = LabelledPixels.of_rasters(values, np.where(values > 0, fields, 0))
    samples, _ = SampleSet.from_labels(pixels, legend)
    split = block_split(samples, radius=3, train_share=0.05, seed=0)
    assert len(split.train) == round(0.05 * len(samples))
    assert len(np.unique(samples.groups[split.train])) >= 25
    assert len(np.unique(samples.groups[split.test])) >= 25


def test_each_test_sample_has_its_block() -> None:
    samples = blobs((60, 90), (300, 300, 100))
    split = block_split(samples, radius=2, train_share=0.2, seed=0, block_px=15)
    assert split.unit_name == "block"
    assert split.test_unit is not None
    top, left = samples.rows.min(), samples.cols.min()
    corners = np.stack([(samples.rows - top) // 15, (samples.cols - left) // 15], axis=1)[split.test]
    _, expected = np.unique(corners, axis=0, return_inverse=True)
    _, found = np.unique(split.test_unit, return_inverse=True)
    assert np.array_equal(found, expected.reshape(-1))
    assert split.to_json()["test_units"] == len(np.unique(split.test_unit))
