"""Classifiers of spectra as torch modules give what scikit-learn's estimators give that were fitted to the same data."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from classifiers import clusters
from hsi_engine.errors import TrainingError
from hsi_engine.models import registry
from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.training.estimators import SpectrumSamples

CHANNELS = 12
Floats = npt.NDArray[np.float64]
# Number of classes of the legend, and those without samples.
CASES = [
    pytest.param(5, (), id="five classes"),
    pytest.param(2, (), id="two classes"),
    pytest.param(4, (2,), id="one missing"),
    pytest.param(3, (0,), id="the first missing, two left"),
]


def fitted(name: str, samples: SpectrumSamples, **options: Any) -> PatchNetwork:
    found, state = registry.load(str(registry.get(name).fit))(samples, registry.parse_options(name, options))
    network = registry.build(name, found, samples.spectra.shape[1], 1, samples.n_classes)
    network.load_state_dict(state)
    assert network.check_state() == ""
    return network.eval()


@torch.inference_mode()
def scores_of(network: PatchNetwork, spectra: npt.NDArray[np.float32]) -> Floats:
    return network(torch.from_numpy(spectra)[:, :, None, None]).double().numpy()


def probabilities_of(network: PatchNetwork, spectra: npt.NDArray[np.float32]) -> Floats:
    return torch.from_numpy(scores_of(network, spectra)).softmax(1).numpy()


def spread(values: Floats, classes: npt.NDArray[np.int64], n_classes: int) -> Floats:
    """Columns of the classes that were trained among those of all classes."""
    wide = np.zeros((len(values), n_classes))
    wide[:, classes] = values
    return wide


def held_out(n_classes: int) -> SpectrumSamples:
    return clusters(400, CHANNELS, n_classes, seed=11)


@pytest.mark.parametrize(("n_classes", "missing"), CASES)
@pytest.mark.parametrize("strength", [0.01, 1.0])
def test_logistic_regression_gives_the_same_probabilities(
    n_classes: int, missing: tuple[int, ...], strength: float
) -> None:
    samples, test = clusters(200, CHANNELS, n_classes, missing=missing), held_out(n_classes)
    expected = LogisticRegression(C=strength, max_iter=400, tol=1e-3).fit(samples.spectra, samples.classes)
    found = probabilities_of(fitted("logistic_regression", samples, regularisation=strength), test.spectra)
    wanted = spread(expected.predict_proba(test.spectra), expected.classes_, n_classes)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-4)
    np.testing.assert_array_equal(found.argmax(1), expected.predict(test.spectra))
    assert found[:, list(missing)].max(initial=0) == 0


@pytest.mark.parametrize(("n_classes", "missing"), CASES)
def test_lda_gives_the_same_probabilities(n_classes: int, missing: tuple[int, ...]) -> None:
    samples, test = clusters(200, CHANNELS, n_classes, missing=missing), held_out(n_classes)
    expected = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    expected.fit(samples.spectra.astype(np.float64), samples.classes)
    found = probabilities_of(fitted("lda", samples), test.spectra)
    wanted = spread(expected.predict_proba(test.spectra.astype(np.float64)), expected.classes_, n_classes)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-4)
    assert found[:, list(missing)].max(initial=0) == 0


@pytest.mark.parametrize(("n_classes", "missing"), CASES)
def test_a_forest_gives_the_same_probabilities_but_for_the_least_share(
    n_classes: int, missing: tuple[int, ...]
) -> None:
    samples, test = clusters(200, CHANNELS, n_classes, missing=missing), held_out(n_classes)
    expected = RandomForestClassifier(30, random_state=0).fit(samples.spectra, samples.classes)
    network = fitted("random_forest", samples, trees=30)
    wanted = spread(expected.predict_proba(test.spectra), expected.classes_, n_classes)
    found = probabilities_of(network, test.spectra)
    np.testing.assert_allclose(found, wanted * (1 - 1e-3) + 1e-3 / n_classes, rtol=0, atol=1e-6)
    assert np.isfinite(scores_of(network, test.spectra)).all()
    # A value on a threshold goes the way that scikit-learn takes.
    thresholds = np.unique(expected.estimators_[0].tree_.threshold)[:50].astype(np.float32)
    edges = np.repeat(thresholds[:, None], CHANNELS, axis=1)
    wanted = spread(expected.predict_proba(edges), expected.classes_, n_classes)
    np.testing.assert_allclose(probabilities_of(network, edges), wanted * (1 - 1e-3) + 1e-3 / n_classes, atol=1e-6)


def decisions_of(network: PatchNetwork, spectra: npt.NDArray[np.float32]) -> Floats:
    with torch.inference_mode():
        return network.head.layers._decisions(torch.from_numpy(spectra)).double().numpy()  # type: ignore[union-attr]


@pytest.mark.parametrize(("n_classes", "missing"), CASES)
def test_an_svm_gives_the_same_decision_of_each_pair(n_classes: int, missing: tuple[int, ...]) -> None:
    samples, test = clusters(200, CHANNELS, n_classes, missing=missing), held_out(n_classes)
    expected = SVC(C=10.0, gamma=0.5 / CHANNELS, decision_function_shape="ovo").fit(samples.spectra, samples.classes)
    network = fitted("svm", samples, regularisation=10.0, gamma=0.5)
    found = decisions_of(network, test.spectra)
    wanted = expected.decision_function(test.spectra).reshape(len(test.spectra), -1)
    known = expected.classes_.tolist()
    if len(known) == 2:
        wanted = -wanted  # scikit-learn states that of the second class where there are two
    pairs = [(i, j) for i in range(n_classes) for j in range(i + 1, n_classes)]
    trained = [place for place, pair in enumerate(pairs) if set(pair) <= set(known)]
    np.testing.assert_allclose(found[:, trained], wanted, rtol=0, atol=2e-4)
    for place, (first, second) in enumerate(pairs):
        if place not in trained:
            against = found[:, place] * (1 if first in known else -1)
            assert (against > 10).all() == ((first in known) != (second in known))
    predicted = scores_of(network, test.spectra).argmax(1)
    assert not set(np.unique(predicted)) & set(missing)
    # These clusters overlap so much that close decisions are common; votes count them like clear ones.
    assert np.mean(predicted == expected.predict(test.spectra)) > 0.95


def test_an_svm_of_many_classes_nearly_always_votes_as_libsvm_does() -> None:
    samples, test = clusters(900, 30, 9, spread=1.5), clusters(1500, 30, 9, seed=5, spread=1.5)
    expected = SVC(C=10.0, gamma=1.0 / 30).fit(samples.spectra, samples.classes).predict(test.spectra)
    predicted = scores_of(fitted("svm", samples, regularisation=10.0, gamma=1.0), test.spectra).argmax(1)
    assert np.mean(expected == test.classes) < 0.99  # some are confused
    assert np.mean(predicted == expected) > 0.97


def test_an_svm_tunes_what_is_not_given_the_same_each_time() -> None:
    samples = clusters(150, CHANNELS, 3)
    fit = registry.load(str(registry.get("svm").fit))
    first, second = (fit(samples, registry.parse_options("svm", {}))[0] for _ in range(2))
    assert first == second
    assert first["regularisation"] in (1.0, 10.0, 100.0)
    assert first["gamma"] in (0.25, 1.0)
    given = fit(samples, registry.parse_options("svm", {"regularisation": 3.0}))[0]
    assert given["regularisation"] == 3.0


@pytest.mark.parametrize("name", ["logistic_regression", "lda", "svm", "random_forest"])
def test_a_class_of_one_sample_is_learned(name: str) -> None:
    samples = clusters(60, CHANNELS, 3)
    alone = np.flatnonzero(samples.classes == 2)[0]
    kept = np.flatnonzero((samples.classes != 2) | (np.arange(60) == alone))
    few = SpectrumSamples(
        spectra=samples.spectra[kept], classes=samples.classes[kept], units=samples.units[kept], n_classes=3, seed=0
    )
    scores = scores_of(fitted(name, few), few.spectra)
    assert np.isfinite(scores).all()
    assert np.mean(scores.argmax(1) == few.classes) > 0.8


def test_lda_of_one_sample_a_class_is_refused_in_words() -> None:
    samples = SpectrumSamples(
        spectra=np.eye(3, dtype=np.float32), classes=np.arange(3), units=np.arange(3), n_classes=3, seed=0
    )
    with pytest.raises(TrainingError, match="a class of two or more training pixels"):
        fitted("lda", samples)


def test_logistic_regression_that_does_not_converge_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hsi_engine.training.estimators._LOGISTIC_ITERATIONS", 1)
    with pytest.raises(TrainingError, match=r"did not converge within 1 iterations.*lower regularisation"):
        fitted("logistic_regression", clusters(100, CHANNELS, 4))


def test_an_svm_refuses_what_would_take_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hsi_engine.training.estimators._MOST_SVM_SAMPLES", 99)
    with pytest.raises(TrainingError, match=r"at most 99 labelled pixels, because its time grows .* there are 100"):
        fitted("svm", clusters(100, CHANNELS, 4))


@pytest.mark.parametrize("name", ["logistic_regression", "lda", "svm", "random_forest"])
def test_the_fit_follows_from_data_and_seed(name: str) -> None:
    samples = clusters(100, CHANNELS, 3)
    first, second = (fitted(name, samples).state_dict() for _ in range(2))
    assert all(torch.equal(first[key], second[key]) for key in first)
