from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorly
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import ParameterError
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.labelled_pixels import LabelledPixels
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.selection.distances import mismatch_with
from hsi_engine.splitting.folds import Folds, Units, make_folds

# Sizes of the classes of Indian Pines, the usual unbalanced example.
CLASS_SIZES = (46, 1428, 830, 237, 483, 730, 28, 478, 20, 972, 2455, 593, 205, 1265, 386, 93)


def regions(values: np.ndarray, names: tuple[str, ...] = ()) -> SampleSet:
    """Samples of class values (rows, cols), each connected region of a class a group."""
    groups = np.zeros_like(values)
    for value in np.unique(values[values > 0]):
        found, _ = ndimage.label(values == value)
        groups[found > 0] = found[found > 0] + groups.max()
    named = names or tuple(f"class {v}" for v in range(1, values.max() + 1))
    legend = Legend.of(dict(enumerate(named, 1)))
    return SampleSet.from_labels(LabelledPixels.of_rasters(values, groups), legend)[0]


def squares(shape: tuple[int, int], edge: int, *places: tuple[int, int, int]) -> np.ndarray:
    """Class values on a grid, with a square of a class at each (class value, row, col)."""
    values = np.zeros(shape, int)
    for value, row, col in places:
        values[row : row + edge, col : col + edge] = value
    return values


def scattered(seed: int, classes: int = 4, shape: tuple[int, int] = (45, 70)) -> SampleSet:
    """Up to 40 rectangles of any size, which may touch and cover each other."""
    rng = np.random.default_rng(seed)
    values = np.zeros(shape, int)
    for _ in range(rng.integers(2, 40)):
        row, col = rng.integers(0, shape[0] - 1), rng.integers(0, shape[1] - 1)
        height, width = rng.integers(1, 12, 2)
        values[row : row + height, col : col + width] = rng.integers(1, classes + 1)
    return regions(values, tuple("abcdefgh"[:classes]))


def distances(samples: SampleSet, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Chebyshev distances between two sides, (a, b), without any of the code under test."""
    rows, cols = samples.rows.astype(np.int32), samples.cols.astype(np.int32)
    return np.asarray(np.maximum(abs(rows[a][:, None] - rows[b]), abs(cols[a][:, None] - cols[b])))


def assert_honest(folds: Folds, guard: int) -> None:
    """What holds for the folds of any samples."""
    samples, tested_somewhere = folds.samples, []
    assert folds.n_folds != 1
    assert folds.fold.shape == folds.unit.shape == (len(samples),)
    assert folds.unit.min() >= 0
    for fold in range(folds.n_folds):
        tested, training = folds.tested_in(fold), folds.training_of(fold, guard)
        tested_somewhere += tested.tolist()
        assert len(tested)
        assert distances(samples, tested, training).min() > guard
        trained = np.unique(samples.classes[training])
        assert len(trained) >= 2
        assert np.isin(samples.classes[tested], trained).all()
        # In a unit with tested samples only those train that are never tested, beyond the guard.
        shared = training[np.isin(folds.unit[training], folds.unit[tested])]
        assert (folds.fold[shared] == -1).all()
        assert not np.isin(samples.classes[shared], samples.classes[tested]).any()
    assert sorted(tested_somewhere) == np.flatnonzero(folds.fold >= 0).tolist()
    tested_classes = np.unique(samples.classes[folds.fold >= 0])
    assert sorted([*tested_classes, *folds.untested]) == np.unique(samples.classes).tolist()
    assert len(tested_classes) != 1
    text = " ".join(folds.notes)
    for index in folds.untested:
        assert samples.legend.names[index] in text
    if not folds.n_folds:
        assert len(folds.notes) == 1
        assert folds.notes[0].startswith("The accuracy is not known: ")


@settings(max_examples=16, deadline=None)
@given(
    seed=st.integers(0, 999),
    n_folds=st.integers(2, 7),
    guard=st.integers(0, 9),
    block=st.sampled_from([None, None, 1, 5, 20]),
    units=st.sampled_from(["auto", "blocks", "polygons"]),
)
def test_tested_samples_are_tested_once_and_a_guard_away_from_training_that_knows_their_class(
    seed: int, n_folds: int, guard: int, block: int | None, units: Units
) -> None:
    samples = scattered(seed)
    folds = make_folds(samples, n_folds=n_folds, guard_px=guard, seed=seed, block_px=block, units=units)
    assert_honest(folds, guard)
    assert folds.n_folds <= n_folds
    if 0 < folds.n_folds < n_folds:
        assert folds.notes[0].startswith(f"{folds.n_folds} folds instead of {n_folds}")
    if folds.n_folds:
        assert folds.leakage(guard, max(guard, 2)) == 0
    if units == "polygons":
        assert len(np.unique(np.stack([folds.unit, samples.groups]), axis=1).T) == len(np.unique(samples.groups))


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 99), guard=st.integers(0, 5), narrower=st.integers(0, 5))
def test_training_leaves_out_exactly_what_is_tested_or_within_the_guard_that_is_asked_for(
    seed: int, guard: int, narrower: int
) -> None:
    samples = scattered(seed)
    folds = make_folds(samples, guard_px=guard, seed=0)
    asked = min(guard, narrower)
    kept = max(asked, 2)  # for single pixels, too
    for fold in range(folds.n_folds):
        tested = folds.tested_in(fold)
        apart = distances(samples, np.arange(len(samples)), tested).min(axis=1)
        assert folds.training_of(fold, asked).tolist() == np.flatnonzero(apart > kept).tolist()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 99), guard=st.integers(0, 6), radius=st.integers(0, 9))
def test_leakage_counts_tested_samples_near_to_training_of_their_own_fold(seed: int, guard: int, radius: int) -> None:
    folds = make_folds(scattered(seed), guard_px=guard, seed=0)
    near: list[bool] = []
    for fold in range(folds.n_folds):
        apart = distances(folds.samples, folds.tested_in(fold), folds.training_of(fold, guard))
        near += (apart.min(axis=1) <= radius).tolist()
    expected = np.mean(near) if near else math.nan
    assert folds.leakage(guard, radius) == pytest.approx(expected, nan_ok=True)


def test_the_seed_decides() -> None:
    samples = scattered(3)
    one, same, other = (make_folds(samples, guard_px=2, seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(one.fold, same.fold)
    assert np.array_equal(one.unit, same.unit)
    assert one.to_json() == same.to_json()
    assert not np.array_equal(one.fold, other.fold)


# ------------------------------------------------------------------------------------- few labels


@pytest.mark.parametrize("units", ["auto", "polygons"])
def test_one_polygon_a_class_tests_nothing_and_says_what_to_label(units: Units) -> None:
    values = squares((40, 70), 6, (1, 2, 3), (2, 20, 30), (3, 30, 60))
    folds = make_folds(regions(values, ("grass", "tree", "water")), guard_px=5, seed=0, units=units)
    assert folds.n_folds == 0
    assert (folds.fold == -1).all()
    assert folds.untested == (0, 1, 2)
    assert math.isnan(folds.leakage(5, 5))
    assert folds.notes == (
        "The accuracy is not known: every class lies in one place only. Label at least one more place, more than 5 pixels away,"
        " for each of these classes: grass, tree and water.",
    )


def test_two_parts_of_one_large_polygon_are_no_two_places() -> None:
    values = np.zeros((120, 200), int)
    values[5:85, 5:90], values[20:110, 105:195] = 1, 2
    folds = make_folds(regions(values, ("tree", "soil")), n_folds=3, guard_px=2, seed=0)
    assert folds.n_folds == 0
    assert folds.untested == (0, 1)
    assert "one more place, more than 2 pixels away, for each of these classes: tree and soil." in folds.notes[0]


def test_a_large_polygon_of_one_class_only_trains_beside_classes_of_several() -> None:
    values = squares((100, 160), 12, *((1 + k % 2, 2 + 24 * (k // 4), 2 + 24 * (k % 4)) for k in range(12)))
    values[5:95, 110:155] = 3
    folds = make_folds(regions(values, ("tree", "soil", "water")), n_folds=3, guard_px=2, seed=0)
    assert folds.n_folds == 3
    assert folds.untested == (2,)
    assert any(note.startswith("water lies in one place only") for note in folds.notes)
    assert_honest(folds, 2)


def test_labels_within_the_guard_of_each_other_test_nothing() -> None:
    values = squares((12, 14), 3, (1, 0, 0), (2, 0, 5), (1, 5, 5), (2, 5, 0))
    folds = make_folds(regions(values), guard_px=9, seed=0)
    assert_honest(folds, 9)
    assert folds.n_folds == 0


def test_one_testable_class_alone_is_not_tested() -> None:
    values = squares((100, 160), 12, *((1, 2 + 24 * (k // 4), 2 + 24 * (k % 4)) for k in range(12)))
    values[40:60, 130:150] = 2
    folds = make_folds(regions(values, ("tree", "water")), n_folds=3, guard_px=2, seed=0)
    assert folds.n_folds == 0
    assert (folds.fold == -1).all()
    assert folds.notes == (
        "The accuracy is not known: tree is the only class that can be tested in one place and trained in another, more"
        " than 2 pixels apart, and one class does not show how well classes are told apart. Label at least one more"
        " separate place of water.",
    )


def test_a_single_class_asks_for_a_second_one() -> None:
    values = squares((40, 70), 6, (1, 2, 3), (1, 20, 30), (1, 30, 60))
    each: tuple[Units, ...] = ("auto", "pixels")
    for units in each:
        folds = make_folds(regions(values, ("grass",)), guard_px=2, seed=0, units=units)
        assert folds.n_folds == 0
        assert "grass is the only class that is labelled. Label a second class" in folds.notes[0]


def test_no_samples_are_no_error() -> None:
    nothing = scattered(0).take(np.array([], int))
    each: tuple[Units, ...] = ("auto", "polygons", "pixels")
    for units in each:
        folds = make_folds(nothing, guard_px=2, seed=0, units=units)
        assert folds.notes == ("The accuracy is not known: there are no labelled pixels.",)


def test_a_class_in_one_place_trains_in_every_fold_and_is_named() -> None:
    values = squares((60, 100), 6, (1, 2, 2), (1, 50, 90), (2, 2, 90), (2, 50, 2), (3, 26, 46))
    folds = make_folds(regions(values, ("field", "wood", "water")), n_folds=2, guard_px=3, seed=0)
    assert_honest(folds, 3)
    assert folds.untested == (2,)
    assert folds.notes == (
        "water lies in one place only: it is trained on, but its accuracy is not known. Label water in at least one"
        " more place.",
    )
    for fold in range(2):
        assert set(folds.samples.classes[folds.training_of(fold, 3)]) == {0, 1, 2}


def test_nine_polygons_of_three_classes_are_nine_units_in_three_folds() -> None:
    places = [(1 + (row + col) % 3, 5 + 30 * row, 8 + 40 * col) for row in range(3) for col in range(3)]
    samples = regions(squares((90, 130), 8, *places))
    folds = make_folds(samples, n_folds=3, guard_px=7, seed=0)
    assert_honest(folds, 7)
    assert folds.n_folds == 3
    assert (folds.fold >= 0).all()
    assert len(np.unique(np.stack([folds.unit, samples.groups]), axis=1).T) == len(np.unique(folds.unit)) == 9
    assert [entry["folds"] for entry in folds.to_json()["classes"]] == [3, 3, 3]
    assert folds.notes == ()


def test_fewer_places_than_folds_make_fewer_folds_and_this_is_said() -> None:
    places = [(1 + (row + col) % 3, 5 + 30 * row, 8 + 40 * col) for row in range(3) for col in range(3)]
    folds = make_folds(regions(squares((90, 130), 8, *places)), n_folds=20, guard_px=3, seed=0, units="polygons")
    assert_honest(folds, 3)
    assert 2 <= folds.n_folds <= 9
    assert folds.notes[0].startswith(f"{folds.n_folds} folds instead of 20: the classes")


def test_forty_single_points_are_nearly_all_tested() -> None:
    rng = np.random.default_rng(0)
    values = np.zeros((200, 330), int)
    values.flat[rng.choice(values.size, 40, replace=False)] = np.arange(40) % 4 + 1
    folds = make_folds(regions(values), guard_px=7, seed=0)
    assert_honest(folds, 7)
    assert folds.n_folds == 5
    assert (folds.fold >= 0).mean() > 0.9
    assert len(np.unique(folds.unit)) > 20
    assert folds.untested == ()


# ----------------------------------------------------------------------------------- whole and even


def test_a_region_no_larger_than_a_block_stays_whole_and_a_larger_one_is_cut() -> None:
    values = squares((60, 100), 10, (1, 15, 15), (1, 45, 75), (2, 15, 75), (2, 45, 15))
    values[32:34, 5:95] = 3
    samples = regions(values)
    folds = make_folds(samples, n_folds=2, guard_px=2, seed=0, block_px=20)
    units = [len(np.unique(folds.unit[samples.classes == index])) for index in range(3)]
    assert units == [2, 2, 5]
    assert folds.block_px == 20


def fields(shape: tuple[int, int]) -> np.ndarray:
    """Dense fields of up to 150 pixels, scattered until each class has about its size."""
    rng = np.random.default_rng(0)
    values = np.zeros(shape, int)
    for value, size in sorted(enumerate(CLASS_SIZES, 1), key=lambda item: -item[1]):
        for left in range(size, 0, -150):
            edge = int(np.ceil(np.sqrt(min(left, 150))))
            row, col = rng.integers(0, shape[0] - edge), rng.integers(0, shape[1] - edge)
            values[row : row + edge, col : col + edge] = value
    return values


def classes_of_one_region(samples: SampleSet) -> set[int]:
    return {c for c in np.unique(samples.classes).tolist() if len(np.unique(samples.groups[samples.classes == c])) == 1}


def test_a_dense_unbalanced_scene_tests_nearly_all_in_even_folds() -> None:
    folds = make_folds(regions(fields((90, 145))), guard_px=2, seed=0)
    assert_honest(folds, 2)
    assert folds.n_folds == 5
    assert set(folds.untested) <= classes_of_one_region(folds.samples)
    assert (folds.fold >= 0).mean() > 0.9
    sizes = np.bincount(folds.fold[folds.fold >= 0])
    assert sizes.min() > 0.7 * sizes.mean()
    assert sizes.max() < 1.3 * sizes.mean()


def test_the_labels_of_indian_pines_test_nearly_all_classes_and_train_on_most_samples() -> None:
    values = np.load(Path(tensorly.__file__).parent / "datasets" / "data" / "Indian_pines_gt.npy").astype(int)
    folds = make_folds(regions(values), guard_px=2, seed=0)
    assert_honest(folds, 2)
    assert folds.n_folds == 5
    assert set(folds.untested) <= classes_of_one_region(folds.samples)
    assert folds.block_px is not None
    assert folds.block_px >= 18  # fields are some 20 pixels wide: smaller blocks would be tested beside themselves
    for fold in range(5):
        training = folds.training_of(fold, 2)
        assert len(training) > 0.65 * len(folds.samples)
        assert len(np.unique(folds.samples.classes[training])) == 16


@pytest.mark.parametrize("guard", [2, 7])
@pytest.mark.parametrize("n_folds", [3, 5])
def test_the_polygons_of_the_real_scene_test_all_classes(enmap: Path, n_folds: int, guard: int) -> None:
    import rasterio

    with rasterio.open(enmap / "scene.tif") as dataset:
        grid = Grid(crs=dataset.crs.to_wkt(), transform=dataset.transform, shape=dataset.shape)
    labels = read_labels(enmap / "polygons.gpkg", grid, class_field="class_id")
    samples, _ = SampleSet.from_labels(labels.pixels, labels.legend)
    folds = make_folds(samples, n_folds=n_folds, guard_px=guard, seed=0)
    assert_honest(folds, guard)
    assert folds.n_folds == n_folds
    assert folds.untested == ()
    assert (folds.fold >= 0).mean() >= 0.8
    sizes = np.bincount(folds.fold[folds.fold >= 0], minlength=n_folds)
    assert sizes.max() < 1.5 * sizes.min()
    for fold in range(n_folds):
        assert len(np.unique(samples.classes[folds.training_of(fold, guard)])) == 6


# ------------------------------------------------------------------------------------ single pixels


def test_single_pixels_are_dealt_evenly_by_class_without_a_guard_and_leak() -> None:
    samples = regions(fields((90, 145)))
    folds = make_folds(samples, guard_px=7, seed=0, units="pixels")
    assert folds.n_folds == 5
    assert (folds.fold >= 0).all()
    for index in range(len(samples.legend)):
        dealt = np.bincount(folds.fold[samples.classes == index], minlength=5)
        assert dealt.max() - dealt.min() <= 1
    assert len(folds.training_of(0, 7)) == len(samples) - len(folds.tested_in(0))
    assert folds.leakage(7, 7) > 0.99


def test_a_class_of_one_pixel_is_never_tested() -> None:
    values = squares((20, 30), 4, (1, 0, 0), (2, 10, 20))
    values[15, 5] = 3
    folds = make_folds(regions(values, ("field", "wood", "well")), guard_px=0, seed=0, units="pixels")
    assert folds.untested == (2,)
    assert "well lies in one place only" in folds.notes[0]


# ------------------------------------------------------------------------------ parameters and report


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"n_folds": 1}, "2 folds or more; found 1"),
        ({"guard_px": -1}, "guard must be 0 pixels or more; found -1"),
        ({"seed": -1}, "seed must be 0 or more; found -1"),
        ({"block_px": 0}, "Blocks must be 1 pixel wide or more; found 0"),
        ({"units": "stripes"}, "one of auto, blocks, polygons, pixels; found 'stripes'"),
    ],
)
def test_parameters_are_checked(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        make_folds(scattered(0), **{"guard_px": 2, "seed": 0, **changes})


def test_json_counts_by_class() -> None:
    places = [(1, 2, 2), (1, 50, 90), (2, 2, 90), (2, 50, 2), (3, 26, 46)]
    samples = regions(squares((60, 100), 8, *places), ("field", "wood", "water", "never seen"))
    data = make_folds(samples, n_folds=2, guard_px=3, seed=0, units="polygons").to_json()
    assert data["classes"] == [
        {"name": "field", "samples": 128, "units": 2, "places": 2, "tested": 128, "folds": 2},
        {"name": "wood", "samples": 128, "units": 2, "places": 2, "tested": 128, "folds": 2},
        {"name": "water", "samples": 64, "units": 1, "places": 1, "tested": 0, "folds": 0},
    ]
    assert data["untested"] == ["water"]
    assert (data["strategy"], data["unit_name"], data["block_px"]) == ("polygons", "polygon", None)
    assert (data["n_folds"], data["units"], data["samples"], data["tested"]) == (2, 5, 320, 256)


def test_of_folds_that_test_as_much_those_with_the_lowest_mismatch_are_taken() -> None:
    """Labels all over a scene: the map is near to labels, so blocks become small; labels in a corner: they become large."""
    samples = scattered(3, classes=3, shape=(90, 140))
    asked = {"n_folds": 4, "guard_px": 1, "seed": 0}
    usual = make_folds(samples, **asked)
    everywhere = np.argwhere(np.ones((90, 140), bool))[::7]
    far = everywhere + np.array([400, 0])
    found = {}
    for name, map_pixels in (("near", everywhere), ("far", far)):
        mismatch = mismatch_with(samples, 1, map_pixels, None)
        found[name] = make_folds(samples, **asked, mismatch=mismatch)
        assert_honest(found[name], 1)
        assert mismatch(found[name]) <= mismatch(usual)
        assert found[name].n_folds == usual.n_folds
        assert set(found[name].untested) <= set(usual.untested)
    median = {
        name: np.median(
            np.concatenate(
                [
                    distances(samples, folds.tested_in(f), folds.training_of(f, 1)).min(axis=1)
                    for f in range(folds.n_folds)
                ]
            )
        )
        for name, folds in found.items()
    }
    assert median["near"] < median["far"]
