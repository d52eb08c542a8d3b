from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import LabelError, ParameterError
from hsi_engine.pixels.labelled_pixels import LabelledPixels
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.splitting.strategies import given_split, polygon_split, random_split

SHAPE = (60, 90)


def fields(seed: int = 0) -> SampleSet:
    """Rectangular fields of 5 unbalanced classes, each field its own group."""
    rng = np.random.default_rng(seed)
    values = np.zeros(SHAPE, int)
    for row in range(0, 60, 10):
        for col in range(0, 90, 15):
            values[row : row + 8, col : col + 12] = rng.choice(5, p=[0.4, 0.3, 0.15, 0.1, 0.05]) + 1
    groups, _ = ndimage.label(values)
    legend = Legend.of({v: f"class {v}" for v in range(1, 6)})
    return SampleSet.from_labels(LabelledPixels.of_rasters(values, groups), legend)[0]


def counts(samples: SampleSet, side: np.ndarray) -> np.ndarray:
    return np.bincount(samples.classes[side], minlength=len(samples.legend))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 99), train=st.floats(0.01, 0.8), validation=st.floats(0, 0.15))
def test_random_sides_are_disjoint_complete_and_of_the_exact_size(seed: int, train: float, validation: float) -> None:
    samples = fields(seed)
    split = random_split(samples, radius=2, train_share=train, validation_share=validation, seed=seed)
    sides = np.concatenate([split.train, split.validation, split.test])
    assert np.array_equal(np.sort(sides), np.arange(len(samples)))
    assert len(split.train) == round(train * len(samples))
    assert len(split.validation) == round(validation * len(samples))
    expected = len(split.train) * samples.counts() / len(samples)
    assert np.all(abs(counts(samples, split.train) - expected) <= 1)


def test_random_split_of_dense_fields_leaks_completely() -> None:
    split = random_split(fields(), radius=12, train_share=0.1, seed=0)
    assert split.leakage > 0.99
    assert split.strategy == "random"


def test_random_split_gives_even_the_smallest_class_a_training_and_a_test_sample() -> None:
    classes = np.repeat([0, 1, 2], [1000, 2, 1])
    n = len(classes)
    samples = SampleSet(
        rows=np.zeros(n, int),
        cols=np.arange(n),
        classes=classes,
        groups=np.ones(n, int),
        legend=Legend.of({1: "a", 2: "b", 3: "c"}),
    )
    split = random_split(samples, radius=1, train_share=0.01, validation_share=0.5, seed=0)
    assert counts(samples, split.train)[1:].tolist() == [1, 1]
    assert counts(samples, split.test)[1:].tolist() == [1, 0]
    assert "No test pixel of c: its accuracy is not measured." in split.notes


def test_the_seed_decides() -> None:
    def splits(seed: int) -> list:
        common: dict = {"radius": 2, "train_share": 0.3, "seed": seed}
        return [random_split(fields(), **common), polygon_split(fields(), **common)]

    assert splits(0) == splits(0)
    assert all(a != b for a, b in zip(splits(0), splits(1), strict=True))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"train_share": 0}, "training share must lie between 0 and 1; found 0"),
        ({"train_share": 1}, "training share must lie between 0 and 1; found 1"),
        ({"validation_share": -0.1}, "validation share must be at least 0"),
        ({"validation_share": 0.7}, "leave some of the 0.7 not used for training"),
        ({"seed": -1}, "seed must be 0 or more; found -1"),
    ],
)
@pytest.mark.parametrize("strategy", [random_split, polygon_split])
def test_shares_and_seed_are_checked(strategy, changes: dict, words: str) -> None:  # type: ignore[no-untyped-def]
    common: dict = {"radius": 2, "train_share": 0.3, "seed": 0}
    with pytest.raises(ParameterError, match=words):
        strategy(fields(), **{**common, **changes})


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 99), validation=st.sampled_from([0.0, 0.2]))
def test_polygons_stay_whole(seed: int, validation: float) -> None:
    samples = fields(seed)
    split = polygon_split(samples, radius=2, train_share=0.4, validation_share=validation, seed=seed)
    sides = [set(samples.groups[side]) for side in (split.train, split.validation, split.test)]
    assert sum(map(len, sides)) == len(sides[0] | sides[1] | sides[2])
    assert len(split.train) + len(split.validation) + len(split.test) == len(samples)
    polygons = [len(np.unique(samples.groups[samples.classes == c])) for c in range(5)]
    for index, number in enumerate(polygons):
        assert number < 1 or counts(samples, split.train)[index] > 0
        assert number < 2 or counts(samples, split.test)[index] > 0
    assert bool(len(split.validation)) == bool(validation)


def test_polygons_meet_the_share_in_samples() -> None:
    split = polygon_split(fields(), radius=2, train_share=0.5, seed=3)
    assert len(split.train) / len(fields()) == pytest.approx(0.5, abs=0.1)


def test_a_group_of_two_classes_is_a_mistake_of_the_caller() -> None:
    samples = fields()
    mixed = SampleSet(
        rows=samples.rows,
        cols=samples.cols,
        classes=samples.classes,
        groups=np.ones(len(samples), int),
        legend=samples.legend,
    )
    with pytest.raises(ValueError, match="one class only"):
        polygon_split(mixed, radius=2, train_share=0.5, seed=0)


def halves(samples: SampleSet, left: int, middle: int, right: int) -> np.ndarray:
    return np.array([left, middle, right])[samples.cols // 30]


def test_a_given_split_is_taken_as_it_is() -> None:
    samples = fields()
    split = given_split(samples, halves(samples, 1, 2, 3), radius=2)
    assert samples.cols[split.train].max() < 30
    assert 30 <= samples.cols[split.validation].min() <= samples.cols[split.validation].max() < 60
    assert samples.cols[split.test].min() >= 60
    assert split.leakage == 0
    assert split.strategy == "given"


def test_without_test_pixels_the_validation_becomes_the_test_and_this_is_said() -> None:
    samples = fields()
    split = given_split(samples, halves(samples, 1, 0, 2), radius=2)
    assert len(split.validation) == 0
    assert samples.cols[split.test].min() >= 60
    assert "its validation pixels (value 2) are used for the test instead" in split.notes[0]
    assert "labelled pixels are not in the given split (value 0) and were not used" in split.notes[1]
    kept = given_split(samples, halves(samples, 1, 0, 2), radius=2, test_from_validation=False)
    assert len(kept.test) == 0
    assert np.array_equal(kept.validation, split.test)


@pytest.mark.parametrize(
    ("sides", "words"),
    [((1, 2, 7), r"found \[7\]"), ((0, 2, 3), "no labelled pixel for training")],
)
def test_a_given_split_that_cannot_be_used_is_refused(sides: tuple[int, int, int], words: str) -> None:
    with pytest.raises(LabelError, match=words):
        given_split(fields(), halves(fields(), *sides), radius=2)


def test_even_a_large_training_share_leaves_each_class_a_test_sample() -> None:
    samples = fields()
    split = random_split(samples, radius=2, train_share=0.999, seed=0)
    assert (counts(samples, split.test)[samples.counts() > 1] >= 1).all()


def of_polygons(*sizes: tuple[int, int]) -> SampleSet:
    """Polygons of (class, pixels), one under the other, four rows apart."""
    parts = [
        (np.full(size, 4 * k), np.arange(size), np.full(size, c), np.full(size, k)) for k, (c, size) in enumerate(sizes)
    ]
    rows, cols, classes, groups = (np.concatenate(column) for column in zip(*parts, strict=True))
    legend = Legend.of({v: f"class {v}" for v in range(1, int(classes.max()) + 2)})
    return SampleSet(rows=rows, cols=cols, classes=classes, groups=groups, legend=legend)


def places(samples: SampleSet, side: np.ndarray) -> set[tuple[int, int]]:
    return set(zip(samples.rows[side].tolist(), samples.cols[side].tolist(), strict=True))


@pytest.mark.parametrize("seed", range(5))
def test_polygons_are_dealt_by_place_whatever_their_order_and_the_numbers_of_classes(seed: int) -> None:
    samples, rng = fields(), np.random.default_rng(9)
    groups, classes = rng.permutation(1000)[samples.groups], (4 - samples.classes)
    order = rng.permutation(len(samples))
    other = SampleSet(rows=samples.rows, cols=samples.cols, classes=classes, groups=groups, legend=samples.legend).take(
        order
    )
    common = {"radius": 2, "train_share": 0.3, "validation_share": 0.1, "seed": seed}
    one, two = polygon_split(samples, **common), polygon_split(other, **common)
    for side in ("train", "validation", "test"):
        assert places(samples, getattr(one, side)) == places(other, getattr(two, side))
    assert one.test_unit is not None
    assert two.test_unit is not None
    of_one = {(r, c): u for r, c, u in zip(samples.rows[one.test], samples.cols[one.test], one.test_unit, strict=True)}
    assert all(
        of_one[r, c] == u for r, c, u in zip(other.rows[two.test], other.cols[two.test], two.test_unit, strict=True)
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_large_polygon_does_not_take_the_share_of_its_class_to_training(seed: int) -> None:
    water, trees = [(0, 320), *[(0, 4)] * 10], [(1, 3)] * 200
    split = polygon_split(of_polygons(*water, *trees), radius=0, train_share=0.1, seed=seed)
    trained = np.bincount(of_polygons(*water, *trees).classes[split.train], minlength=2)
    assert trained.tolist() == [36, 60]
    assert not any("missed" in note for note in split.notes)


def test_a_share_that_polygons_do_not_allow_is_named_with_its_classes() -> None:
    samples = of_polygons((0, 50), (0, 40), *[(1, 5)] * 20)
    (note,) = [note for note in polygon_split(samples, radius=0, train_share=0.1, seed=0).notes if "missed" in note]
    assert note == (
        "The training share of 10 % is missed by more than half for class 1 (40 of 90 pixels): polygons are not cut, and"
        " these are too few or too large."
    )


def test_the_units_of_a_test_side_are_known_unless_single_pixels_were_divided() -> None:
    samples = fields()
    polygons = polygon_split(samples, radius=2, train_share=0.4, seed=0)
    assert polygons.unit_name == "polygon"
    assert polygons.test_unit is not None
    assert len(np.unique(polygons.test_unit)) == len(np.unique(samples.groups[polygons.test]))
    assert random_split(samples, radius=2, train_share=0.4, seed=0).test_unit is None
    side = np.full(len(samples), 3)
    side[polygons.train] = 1
    given_by_polygon = given_split(samples, side, radius=2)
    assert given_by_polygon.unit_name == "polygon"
    assert np.array_equal(given_by_polygon.test_unit, samples.groups[given_by_polygon.test])
    side[polygons.train[0]] = 3
    cut = given_split(samples, side, radius=2)
    assert cut.unit_name == "pixel"
    assert cut.test_unit is None
