"""The first estimate: honest about places, and silent where nothing can be tested."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from hsi_engine.classes.legend import Legend
from hsi_engine.label_check import quick_test as module
from hsi_engine.label_check.quick_test import quick_test
from hsi_engine.label_check.spectra import LabelledSpectra
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.reporting import SilentReporter
from hsi_engine.splitting.folds import make_folds

LEGEND = Legend.of({1: "a", 4: "b"})


def fields(per_class: int) -> SampleSet:
    """Fields of 5×5 pixels, 20 pixels apart, of two classes in turn."""
    rows, cols, classes, groups = [], [], [], []
    for number in range(2 * per_class):
        row, col = np.mgrid[0:5, 0:5]
        rows.append(row.ravel() + 20 * (number // 2))
        cols.append(col.ravel() + 20 * (number % 2))
        classes.append(np.full(25, number % 2))
        groups.append(np.full(25, number + 1))
    order = np.lexsort((np.concatenate(cols), np.concatenate(rows)))
    joined = (np.concatenate(part)[order] for part in (rows, cols, classes, groups))
    row, col, own, group = joined
    return SampleSet(rows=row, cols=col, classes=own, groups=group, legend=LEGEND)


def spectra_of(samples: SampleSet, values: npt.NDArray[np.float64]) -> LabelledSpectra:
    return LabelledSpectra(samples=samples, values=values.astype(np.float32), valid=np.ones(len(samples), bool))


def test_classes_that_differ_everywhere_are_recognised() -> None:
    samples = fields(6)
    values = np.random.default_rng(0).normal(size=(len(samples), 4)) + 8 * samples.classes[:, None]
    found = quick_test(spectra_of(samples, values), make_folds(samples, guard_px=2, seed=0), 2, SilentReporter())
    assert found is not None
    assert found.accuracy.overall_accuracy == 1
    assert found.accuracy.samples == len(samples)


def test_fields_that_are_only_known_by_themselves_are_not() -> None:
    samples = fields(6)
    rng = np.random.default_rng(1)
    own = rng.normal(0, 30, (13, 4))  # each field has a spectrum of its own, and no class has one
    values = own[samples.groups] + rng.normal(size=(len(samples), 4))
    found = quick_test(spectra_of(samples, values), make_folds(samples, guard_px=2, seed=0), 2, SilentReporter())
    assert found is not None
    assert found.accuracy.overall_accuracy < 0.8


def test_of_very_many_pixels_some_take_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PIXELS", 100)
    samples = fields(6)
    values = np.random.default_rng(0).normal(size=(len(samples), 4)) + 8 * samples.classes[:, None]
    found = quick_test(spectra_of(samples, values), make_folds(samples, guard_px=2, seed=0), 2, SilentReporter())
    assert found is not None
    assert (found.pixels, found.accuracy.samples, found.accuracy.overall_accuracy) == (100, 100, 1)


def test_one_place_per_class_gives_no_estimate() -> None:
    samples = fields(1)
    values = np.zeros((len(samples), 4))
    assert quick_test(spectra_of(samples, values), make_folds(samples, guard_px=2, seed=0), 2, SilentReporter()) is None
