from __future__ import annotations

import numpy as np
import pytest

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import LabelError
from hsi_engine.pixels.labelled_pixels import LabelledPixels
from hsi_engine.pixels.samples import SampleSet

LEGEND = Legend.of({2: "water", 5: "roof", 11: "tree"})


def labels() -> np.ndarray:
    values = np.zeros((4, 6), np.int32)
    values[0, :3] = 2
    values[2, 1:5] = 5
    values[3, 5] = 11
    return values


def collect(values: np.ndarray, valid: np.ndarray | None = None, legend: Legend = LEGEND) -> tuple:
    pixels = LabelledPixels.of_rasters(values, (values > 0).astype(np.int32))
    return SampleSet.from_labels(pixels, legend, None if valid is None else valid[values > 0])


def test_samples_hold_the_place_and_the_class_index_of_each_labelled_pixel() -> None:
    samples, notes = collect(labels())
    assert notes == ()
    assert np.array_equal(LEGEND.values[samples.classes], labels()[samples.rows, samples.cols])
    assert len(samples) == np.count_nonzero(labels())
    assert samples.counts().tolist() == [3, 4, 1]


def test_labels_on_pixels_without_data_are_left_out_and_counted_by_class() -> None:
    valid = np.ones((4, 6), bool)
    valid[0, :2] = valid[2, 1] = False
    samples, notes = collect(labels(), valid)
    assert samples.counts().tolist() == [1, 3, 1]
    assert notes == ("3 labelled pixels have no data in the scene and were left out: 2 of water and 1 of roof.",)


def test_values_outside_the_legend_are_left_out_and_named() -> None:
    samples, notes = collect(labels(), legend=LEGEND.subset([2, 5]))
    assert samples.counts().tolist() == [3, 4]
    assert notes == ("Labelled pixels with values that are not in the legend (11), left out: 1.",)


def test_no_usable_label_at_all_is_an_error_that_says_why() -> None:
    with pytest.raises(LabelError, match=r"None of the 8 labelled pixels .* 8 have no data in the scene") as caught:
        collect(labels(), np.zeros((4, 6), bool))
    assert caught.value.code == "labels.no_samples"


def test_take_keeps_the_legend() -> None:
    samples, _ = collect(labels())
    part = samples.take(samples.classes == 1)
    assert part.legend == LEGEND
    assert part.counts().tolist() == [0, 4, 0]
    assert part != samples
    assert samples.take(np.arange(len(samples))) == samples


def test_small_classes_are_refused_by_name_and_count() -> None:
    samples, _ = collect(labels())
    with pytest.raises(LabelError, match=r"Classes with fewer than 2 usable pixels \(1 of 3\): tree \(1\)"):
        samples.require_classes(2, "error")


def test_small_classes_can_be_dropped_and_the_indices_close_up() -> None:
    samples, _ = collect(labels())
    kept, notes = samples.require_classes(2, "drop")
    assert notes == ("Classes with fewer than 2 pixels, left out: tree (1).",)
    assert kept.legend.names == ["water", "roof"]


def test_class_indices_close_up_when_an_earlier_class_is_dropped() -> None:
    samples, _ = collect(np.where(labels() == 2, 0, labels()))
    assert samples.counts().tolist() == [0, 4, 1]
    kept, _ = samples.require_classes(1, "drop")
    assert kept.legend.values[kept.classes].tolist() == [5, 5, 5, 5, 11]


def test_one_class_only_is_an_error() -> None:
    values = np.where(labels() == 5, 5, 0)
    samples, _ = collect(values, legend=LEGEND.subset([5]))
    with pytest.raises(LabelError, match=r"at least two classes .* found: roof \(4\)"):
        samples.require_classes(2, "error")


def test_one_sample_a_class_is_an_error_under_both_rules() -> None:
    values = np.zeros((4, 6), np.int32)
    values[0, 0], values[1, 1], values[2, 2] = 2, 5, 11
    samples, _ = collect(values)
    with pytest.raises(LabelError, match=r"fewer than 2 usable pixels \(3 of 3\)"):
        samples.require_classes(2, "error")
    with pytest.raises(LabelError, match="at least two classes with 2 or more labelled pixels each; found: none"):
        samples.require_classes(2, "drop")


def test_arrays_are_checked_when_made() -> None:
    one = np.array([0])
    with pytest.raises(ValueError, match="cols must be of shape"):
        SampleSet(rows=one, cols=np.array([0, 1]), classes=one, groups=one, legend=LEGEND)
    with pytest.raises(ValueError, match="indices from 0 to 2"):
        SampleSet(rows=one, cols=one, classes=np.array([3]), groups=one, legend=LEGEND)
    with pytest.raises(ValueError, match="negative"):
        SampleSet(rows=np.array([-1]), cols=one, classes=one, groups=one, legend=LEGEND)


def test_a_single_label_that_cannot_be_used_is_no_plural() -> None:
    values = np.zeros((4, 6), np.int32)
    values[1, 2] = 5
    with pytest.raises(LabelError, match=r"^The only labelled pixel cannot be used"):
        collect(values, np.zeros((4, 6), bool))
