"""Reading the labelled pixels, and choosing among very many."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

import make_scenes
from hsi_engine.classes.legend import Legend
from hsi_engine.errors import Cancelled
from hsi_engine.io.scenes.scene import open_scene
from hsi_engine.label_check.spectra import read_spectra, spread_choice
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.reporting import SilentReporter

LEGEND = Legend.of(make_scenes.CLASS_NAMES)


def labelled_samples() -> SampleSet:
    values = make_scenes.labelled()
    rows, cols = np.nonzero(values)
    groups = 1 + rows // 7 * 5 + cols // 6
    return SampleSet(rows=rows, cols=cols, classes=LEGEND.to_index(values[rows, cols]), groups=groups, legend=LEGEND)


def test_spectra_are_those_of_their_pixels(scene_path: Path) -> None:
    samples = labelled_samples()
    with open_scene(scene_path) as reader:
        found = read_spectra(reader, (0, 3, 11), samples, SilentReporter())
    hidden = np.zeros(make_scenes.labelled().shape, bool)
    hidden[make_scenes.hole()] = True
    np.testing.assert_array_equal(found.valid, ~hidden[samples.rows, samples.cols])
    assert not found.valid.all()
    assert found.samples == samples.take(found.valid)
    expected = make_scenes.reflectance()[:, found.samples.rows, found.samples.cols][[0, 3, 11]].T
    np.testing.assert_allclose(found.values, expected, atol=1e-4)


def test_memory_is_bounded_and_validity_is_still_that_of_all(scene_path: Path) -> None:
    samples = labelled_samples()
    with open_scene(scene_path) as reader:
        everything = read_spectra(reader, (0, 3), samples, SilentReporter())
        some = read_spectra(reader, (0, 3), samples, SilentReporter(), max_bytes=2 * 4 * 60)
    np.testing.assert_array_equal(some.valid, everything.valid)
    assert 50 <= len(some.samples) <= 60
    assert set(np.unique(some.samples.groups)) <= set(np.unique(samples.groups))
    place = {
        (r, c): v for r, c, v in zip(everything.samples.rows, everything.samples.cols, everything.values, strict=True)
    }
    for row, col, value in zip(some.samples.rows, some.samples.cols, some.values, strict=True):
        np.testing.assert_array_equal(value, place[row, col])


def test_a_choice_is_even_over_classes_and_polygons() -> None:
    classes = np.repeat([0, 1, 2], [1000, 50, 3])
    groups = np.concatenate([np.repeat([1, 2], [990, 10]), np.repeat([3, 4], 25), [5, 6, 7]])
    n = len(classes)
    samples = SampleSet(rows=np.arange(n), cols=np.zeros(n), classes=classes, groups=groups, legend=LEGEND)
    chosen = spread_choice(samples, 43)
    assert (np.diff(chosen) > 0).all()
    assert np.bincount(classes[chosen]).tolist() == [20, 20, 3]
    assert np.bincount(groups[chosen])[1:].tolist() == [10, 10, 10, 10, 1, 1, 1]
    np.testing.assert_array_equal(spread_choice(samples, n), np.arange(n))


def test_a_cancel_ends_it(scene_path: Path) -> None:
    cancelled = threading.Event()
    cancelled.set()
    with open_scene(scene_path) as reader, pytest.raises(Cancelled):
        read_spectra(reader, (0,), labelled_samples(), SilentReporter(cancelled))
