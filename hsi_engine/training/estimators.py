"""Fitting classifiers of single spectra with scikit-learn, and handing them over as tensors.

Each function takes samples and returns the options and the ``state_dict`` of the torch module that predicts as the
fitted estimator does. A class without samples keeps its place: it is never predicted.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..errors import TrainingError
from ..models.architectures.lda import LdaOptions
from ..models.architectures.logistic_regression import LogisticRegressionOptions
from ..models.architectures.random_forest import RandomForestOptions
from ..models.architectures.svm import SvmOptions
from ..preprocess.product_threads import single_threaded_products
from ..spectrum.shrunk_covariance import row_blocks, standardised_ledoit_wolf

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

# Score of a class that was not trained on, and decision against it: no temperature makes it win.
_NEVER = -1e4
_CLEARLY = 50.0
_LOGISTIC_ITERATIONS = 400
# Costs and kernel widths that are tried for an SVM, and the number of samples they are tried on.
_COSTS = (1.0, 10.0, 100.0)
_GAMMAS = (0.25, 1.0)
_MOST_TUNING_SAMPLES = 1500
_TUNING_FOLDS = 3
_MOST_SVM_SAMPLES = 30_000


@dataclass(frozen=True, kw_only=True, eq=False)
class SpectrumSamples:
    """What an estimator learns from.

    Parameters
    ----------
    spectra : float32 (n, channels), preprocessed.
    classes : class index of each, (n,); at least two different ones.
    units : block or polygon that each comes from, (n,); tuning keeps them together.
    n_classes : number of classes of the legend.
    seed : decides every random draw.
    """

    spectra: Floats
    classes: Indices
    units: Indices
    n_classes: int
    seed: int


Fitted = tuple[dict[str, Any], dict[str, Tensor]]


def fit_logistic_regression(samples: SpectrumSamples, options: LogisticRegressionOptions) -> Fitted:
    """Multinomial logistic regression with an L2 penalty.

    Raises
    ------
    TrainingError : it does not converge.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=options.regularisation, max_iter=_LOGISTIC_ITERATIONS, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            with single_threaded_products():
                model.fit(samples.spectra, samples.classes)
        except ConvergenceWarning as error:
            raise TrainingError(
                f"Logistic regression did not converge within {_LOGISTIC_ITERATIONS} iterations.",
                code="not_converged",
                hint="Use a lower regularisation, fewer bands, or another model.",
            ) from error
    return {"regularisation": options.regularisation}, _linear_state(model, samples)


def fit_lda(samples: SpectrumSamples, options: LdaOptions) -> Fitted:
    """Linear discriminant analysis with the shrinkage of Ledoit and Wolf (2004).

    As scikit-learn's ``LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")``, without its copies of all spectra.
    """
    from scipy import linalg

    counts = np.bincount(samples.classes)
    if counts[counts > 0].max() < 2:
        raise TrainingError(
            "LDA needs a class of two or more training pixels.",
            code="too_few_samples",
            hint="Label more pixels, or use another model.",
        )
    known, members = np.unique(samples.classes, return_inverse=True)
    shares = np.bincount(members) / len(members)
    bands = samples.spectra.shape[1]
    means, covariance = np.zeros((len(known), bands)), np.zeros((bands, bands))
    with single_threaded_products():
        for at, share in enumerate(shares):
            blocks = partial(row_blocks, samples.spectra, np.flatnonzero(members == at))
            means[at] = sum(block.sum(axis=0) for block in blocks()) / np.count_nonzero(members == at)
            covariance += share * standardised_ledoit_wolf(blocks)
        rows = linalg.lstsq(covariance, means.T, overwrite_a=True)[0].T
    offsets = -0.5 * (means * rows).sum(axis=1) + np.log(shares)
    if len(known) == 2:  # as of all linear classifiers here: only their difference counts
        rows, offsets = (np.stack([of[0] - of[1], of[1] - of[0]]) / 2 for of in (rows, offsets))
    return {}, _placed(known, rows, offsets, samples)


def fit_svm(samples: SpectrumSamples, options: SvmOptions) -> Fitted:
    """SVM with an RBF kernel; cost and width that are not given are those that do best on folds of whole units.

    Raises
    ------
    TrainingError : there are so many samples that it would take hours; its time grows with their square.
    """
    from sklearn.svm import SVC

    if len(samples.classes) > _MOST_SVM_SAMPLES:
        raise TrainingError(
            f"An SVM is trained on at most {_MOST_SVM_SAMPLES:,} labelled pixels, because its time grows with their "
            f"square; there are {len(samples.classes):,}.",
            code="too_many_samples",
            hint="Use another method, or fewer labels.",
        )
    cost, gamma = options.regularisation, options.gamma
    if cost is None or gamma is None:
        cost, gamma = _tuned(samples, (cost,) if cost else _COSTS, (gamma,) if gamma else _GAMMAS)
    channels = samples.spectra.shape[1]
    model = SVC(C=cost, gamma=gamma / channels, cache_size=500).fit(samples.spectra, samples.classes)
    pairs = [(i, j) for i in range(samples.n_classes) for j in range(i + 1, samples.n_classes)]
    known = model.classes_.tolist()
    vectors = len(model.support_vectors_)
    coefficients = np.zeros((vectors, len(pairs)))
    intercepts = np.zeros(len(pairs))
    ends = np.concatenate([[0], np.cumsum(model.n_support_)])
    dual, intercept = np.atleast_2d(model.dual_coef_), model.intercept_
    # scikit-learn turns the sign round if there are two classes only.
    sign = -1.0 if len(known) == 2 else 1.0
    number = {
        pair: place for place, pair in enumerate((i, j) for i in range(len(known)) for j in range(i + 1, len(known)))
    }
    for place, (first, second) in enumerate(pairs):
        if first not in known or second not in known:
            intercepts[place] = _CLEARLY * ((first in known) - (second in known))
            continue
        i, j = known.index(first), known.index(second)
        of_i, of_j = slice(ends[i], ends[i + 1]), slice(ends[j], ends[j + 1])
        coefficients[of_i, place] = sign * dual[j - 1, of_i]
        coefficients[of_j, place] = sign * dual[i, of_j]
        intercepts[place] = sign * intercept[number[i, j]]
    found = {"regularisation": cost, "gamma": gamma, "support_vectors": vectors}
    return found, {
        "head.layers.support_vectors": _float(model.support_vectors_),
        "head.layers.coefficients": _float(coefficients),
        "head.layers.intercepts": _float(intercepts),
        "head.layers.gamma": torch.tensor(gamma / channels, dtype=torch.float32),
    }


def fit_random_forest(samples: SpectrumSamples, options: RandomForestOptions) -> Fitted:
    """Random forest of full-grown trees."""
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(options.trees, random_state=samples.seed % 2**32, n_jobs=-1)
    model.fit(samples.spectra, samples.classes)
    trees = [estimator.tree_ for estimator in model.estimators_]
    shares = np.zeros((sum(tree.node_count for tree in trees), samples.n_classes))
    value = np.concatenate([tree.value[:, 0] for tree in trees])
    shares[:, model.classes_] = value / value.sum(axis=1, keepdims=True)
    left, right, feature, threshold = (
        np.concatenate([getattr(tree, name) for tree in trees])
        for name in ("children_left", "children_right", "feature", "threshold")
    )
    depth = max(tree.max_depth for tree in trees)
    found = {"trees": options.trees, "nodes": len(left), "depth": int(depth)}
    return found, {
        "head.layers.sizes": torch.tensor([tree.node_count for tree in trees]),
        "head.layers.feature": torch.from_numpy(np.maximum(feature, 0)).long(),
        "head.layers.threshold": torch.from_numpy(threshold),
        "head.layers.left": torch.from_numpy(left).long(),
        "head.layers.right": torch.from_numpy(right).long(),
        "head.layers.shares": _float(shares),
    }


def _linear_state(model: Any, samples: SpectrumSamples) -> dict[str, Tensor]:
    """Coefficients and intercepts of all classes; of two, scikit-learn states one row only."""
    rows, offsets = np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_)
    if len(model.classes_) == 2 and len(rows) == 1:
        rows, offsets = np.concatenate([-rows, rows]) / 2, np.concatenate([-offsets, offsets]) / 2
    return _placed(model.classes_, rows, offsets, samples)


def _placed(known: Indices, rows: Any, offsets: Any, samples: SpectrumSamples) -> dict[str, Tensor]:
    """The state of a linear classifier; a class that is not ``known`` is never predicted."""
    coefficients = np.zeros((samples.n_classes, rows.shape[1]))
    intercepts = np.full(samples.n_classes, _NEVER)
    coefficients[known], intercepts[known] = rows, offsets
    return {"head.layers.weight": _float(coefficients), "head.layers.bias": _float(intercepts)}


def _tuned(samples: SpectrumSamples, costs: tuple[float, ...], gammas: tuple[float, ...]) -> tuple[float, float]:
    """The pair with the highest mean accuracy over folds of whole units; of equal ones the smoothest."""
    from sklearn.svm import SVC

    rng = np.random.default_rng(np.random.SeedSequence(samples.seed))
    some = np.sort(rng.permutation(len(samples.classes))[:_MOST_TUNING_SAMPLES])
    spectra, classes, units = samples.spectra[some], samples.classes[some], samples.units[some]
    channels = spectra.shape[1]
    folds = _folds(classes, units, samples.seed)
    best, choice = -1.0, (costs[len(costs) // 2], gammas[-1])
    for cost in costs:
        for gamma in gammas:
            scores = []
            for train, test in folds:
                model = SVC(C=cost, gamma=gamma / channels, cache_size=500).fit(spectra[train], classes[train])
                right = model.predict(spectra[test]) == classes[test]
                by_class = [right[classes[test] == c].mean() for c in np.unique(classes[test])]
                scores.append((right.mean() + np.mean(by_class)) / 2)
            if scores and np.mean(scores) > best + 1e-3:
                best, choice = float(np.mean(scores)), (cost, gamma)
    return choice


def _folds(classes: Indices, units: Indices, seed: int) -> list[tuple[Indices, Indices]]:
    """Folds of whole units with two or more classes to train on; of single samples if units are too few."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    splitters: list[Callable[[], Any]] = [
        lambda: StratifiedGroupKFold(_TUNING_FOLDS, shuffle=True, random_state=seed % 2**32).split(
            classes, classes, units
        ),
        lambda: StratifiedKFold(_TUNING_FOLDS, shuffle=True, random_state=seed % 2**32).split(classes, classes),
    ]
    for split in splitters:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # a class with fewer samples than folds
                folds = [(train, test) for train, test in split() if len(test) and len(np.unique(classes[train])) > 1]
        except ValueError:  # fewer units, or samples of each class, than folds
            continue
        all_trained = all(set(classes[test]) <= set(classes[train]) for train, test in folds)
        if folds and all_trained:
            return folds
    return []


def _float(values: npt.NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
