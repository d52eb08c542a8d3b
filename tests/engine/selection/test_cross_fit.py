"""Cross-fitting: each tested sample is predicted once, by a model that saw nothing within its reach."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import Cancelled
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.reporting import SilentReporter
from hsi_engine.runtime.device import Device
from hsi_engine.selection.cross_fit import cross_fit
from hsi_engine.selection.cross_fit import tested_samples as indices_tested
from hsi_engine.splitting.folds import Folds, make_folds
from hsi_engine.training.cubes import Cubes
from hsi_engine.training.fit import Fitter
from spy_fitter import CLASSES, RADIUS, SHAPE, Listener, SpyFitter, cubes_of, recipe


def places(samples: SampleSet) -> set[tuple[int, int]]:
    return set(zip(samples.rows.tolist(), samples.cols.tolist(), strict=True))


def check_who_saw_what(spy: SpyFitter, folds: Folds, radius: int) -> None:
    asked = [told.asked[0] for *_, told in spy.fitted]
    predicted = [place for tested in asked for place in places(tested)]
    tested = indices_tested(folds)
    assert len(predicted) == len(set(predicted)) == len(tested)
    assert set(predicted) == places(folds.samples.take(tested))
    for (_, trained, units, told), test in zip(spy.fitted, asked, strict=True):
        assert len(told.asked) == 1
        assert len(units) == len(trained) > 0
        distance = np.maximum(
            np.abs(trained.rows[:, None] - test.rows), np.abs(trained.cols[:, None] - test.cols)
        ).min()
        assert distance > radius


@pytest.mark.parametrize("patch_size", [1, 3, 9])
def test_each_tested_sample_is_predicted_once_beyond_the_guard(
    folds: Folds, cubes: Cubes, patch_size: int, listener: Listener
) -> None:
    spy = SpyFitter(folds.samples)
    found = cross_fit(recipe("spectral_cnn", patch_size), folds, cubes, spy, listener)
    assert len(spy.fitted) == len(found.models) == folds.n_folds
    check_who_saw_what(spy, folds, patch_size // 2)
    tested = indices_tested(folds)
    assert found.log_scores.shape == (len(tested), CLASSES)
    np.testing.assert_array_equal(found.log_scores.argmax(1), folds.samples.classes[tested])
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), patch_size=st.sampled_from([1, 5, 9]), n_folds=st.integers(2, 5))
def test_whatever_the_labels_are(seed: int, patch_size: int, n_folds: int) -> None:
    rng = np.random.default_rng(seed)
    values, groups = np.full(SHAPE, -1), np.zeros(SHAPE, int)
    for number in range(rng.integers(8, 40)):
        row, col = rng.integers(0, SHAPE[0] - 4), rng.integers(0, SHAPE[1] - 4)
        height, width = rng.integers(1, 6, 2)
        values[row : row + height, col : col + width] = rng.integers(0, CLASSES)
        groups[row : row + height, col : col + width] = number + 1
    rows, cols = np.nonzero(values >= 0)
    samples = SampleSet(
        rows=rows,
        cols=cols,
        classes=values[rows, cols],
        groups=groups[rows, cols],
        legend=Legend.of({1: "a", 2: "b", 3: "c"}),
    )
    folds = make_folds(samples, n_folds=n_folds, guard_px=RADIUS, seed=0)
    if folds.n_folds == 0:
        return
    spy = SpyFitter(samples)
    cross_fit(recipe("spectral_cnn", patch_size), folds, cubes_of(samples), spy, SilentReporter())
    check_who_saw_what(spy, folds, patch_size // 2 if folds.unit_name != "pixel" else 0)


def test_a_real_classifier_is_cross_fitted_and_calibrated(folds: Folds, cubes: Cubes) -> None:
    fitter = Fitter(device=torch.device("cpu"), precision="32-true", n_classes=CLASSES)
    found = cross_fit(recipe("lda"), folds, cubes, fitter, SilentReporter())
    reference = folds.samples.classes[indices_tested(folds)]
    assert 0.7 < np.mean(found.log_scores.argmax(1) == reference) < 0.99
    assert found.temperature > 0
    # The temperature makes the tested classes most likely.
    likelihood = np.log(found.probabilities[np.arange(len(reference)), reference]).mean()
    for other in (0.8, 1.25):
        scores = found.log_scores.astype(np.float64) / (found.temperature * other)
        scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
        assert scores[np.arange(len(reference)), reference].mean() < likelihood
    assert all(model.network.head is not None for model in found.models)


def test_progress_names_candidate_and_fold_and_epochs_are_not_told(
    folds: Folds, cubes: Cubes, listener: Listener
) -> None:
    class Loud(SpyFitter):
        def fit(self, *args, reporter, **named):
            reporter.progress(0.5, "epoch 3")
            reporter.log("careful", "warning")
            return super().fit(*args, reporter=reporter, **named)

    cross_fit(recipe("svm"), folds, cubes, Loud(folds.samples), listener)
    said = [message for _, message in listener.progresses]
    assert said == [f"Comparing methods: SVM (RBF kernel), fold {n} of 3" for n in (1, 2, 3)]
    fractions = [fraction for fraction, _ in listener.progresses]
    np.testing.assert_allclose(fractions, [1 / 6, 3 / 6, 5 / 6])
    assert listener.logs == [("careful", "warning")] * 3


def test_cancel_is_heard_between_folds(folds: Folds, cubes: Cubes, listener: Listener) -> None:
    spy = SpyFitter(folds.samples)

    class CancelsAfterFirst(SpyFitter):
        def fit(self, *args, **named):
            told = super().fit(*args, **named)
            listener.cancel.set()
            return told

    spy = CancelsAfterFirst(folds.samples)
    with pytest.raises(Cancelled):
        cross_fit(recipe(), folds, cubes, spy, listener)
    assert len(spy.fitted) == 1


def test_models_are_kept_in_the_memory_of_the_computer(folds: Folds, cubes: Cubes) -> None:
    found = cross_fit(recipe(), folds, cubes, SpyFitter(folds.samples), SilentReporter())
    cpu: Device = torch.device("cpu")
    assert {p.device for model in found.models for p in model.network.parameters()} == {cpu}
