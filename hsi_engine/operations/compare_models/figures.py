"""From predicted classes to the figures of a comparison, as JSON values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from ...evaluation.accuracy import Accuracy, accuracy_from_indices, wilson_interval
from ...evaluation.clustered import clustered_intervals
from ...evaluation.comparison import compare_paired
from ...evaluation.mcnemar import holm, mcnemar_of
from ...evaluation.training_runs import combined_p_value, corrected_t
from ...pixels.samples import IndexArray, SampleSet
from ...selection.repeated.rounds import Rounds
from ...selection.repeated.trainings import Contestant

_OVERALL = ("overall_accuracy", "average_accuracy", "kappa", "mean_iou")
_BY_CLASS = ("producers_accuracy", "users_accuracy", "iou")


@dataclass(frozen=True, kw_only=True, eq=False)
class Tested:
    """A model with its predictions in all rounds."""

    contestant: Contestant
    rounds: Rounds
    samples: SampleSet

    @cached_property
    def at(self) -> IndexArray:
        """Indices of the tested samples, round after round; a sample comes once per seed that tests it."""
        return np.concatenate([one.test for one in self.rounds.rounds])

    @cached_property
    def predicted(self) -> IndexArray:
        """Class index of each of :attr:`at`."""
        return np.concatenate([training.predicted for training in self.contestant.trainings])

    @cached_property
    def correct(self) -> npt.NDArray[np.bool_]:
        """Whether each of :attr:`at` is right."""
        return np.asarray(self.predicted == self.samples.classes[self.at])

    @cached_property
    def by_seed(self) -> list[Accuracy]:
        """Accuracy of all samples that each seed tests."""
        found = []
        for seed in self.rounds.seeds:
            here = self.of_seed(seed)
            found.append(
                accuracy_from_indices(self.samples.classes[self.at[here]], self.predicted[here], self.samples.legend)
            )
        return found

    @cached_property
    def by_round(self) -> list[float]:
        """Overall accuracy of each training."""
        ends = np.cumsum([len(one.test) for one in self.rounds.rounds])
        return [float(part.mean()) for part in np.split(self.correct, ends[:-1])]

    @property
    def overall(self) -> float:
        """Mean overall accuracy of the seeds, by which models are ordered."""
        return float(np.mean([accuracy.overall_accuracy for accuracy in self.by_seed]))

    def of_seed(self, seed: int) -> npt.NDArray[np.bool_]:
        """Which of :attr:`at` were tested by a seed."""
        return np.concatenate([np.full(len(one.test), one.seed == seed) for one in self.rounds.rounds])


def in_order(contestants: Sequence[Contestant], rounds: Rounds, samples: SampleSet) -> list[Tested]:
    """The models that were trained, the best mean overall accuracy first; of equals, the first in the list."""
    found = [Tested(contestant=one, rounds=rounds, samples=samples) for one in contestants if not one.failure]
    return sorted(found, key=lambda one: -one.overall)


def model_json(tested: Tested, *, seed: int) -> dict[str, Any]:
    """All figures of one model."""
    one, samples, rounds = tested.contestant, tested.samples, tested.rounds
    clustered = clustered_intervals(
        samples.classes[tested.at], tested.predicted, rounds.unit[tested.at], len(samples.legend), seed=seed
    )
    accuracies = tested.by_seed
    overall = {name: spread(getattr(accuracy, name) for accuracy in accuracies) for name in _OVERALL}
    for name in _OVERALL:
        estimate = getattr(clustered, name)
        overall[name] |= {"standard_error": estimate.standard_error, "interval_95": _bounds(estimate.interval)}
    overall["overall_accuracy"]["interval_95"] = _no_narrower(clustered.overall_accuracy.interval, tested)
    trainings = one.trainings
    return {
        **_head(one),
        "status": "compared",
        "message": "",
        **overall,
        "train_seconds": spread(training.train_seconds for training in trainings),
        "predict_seconds": spread(training.predict_seconds for training in trainings),
        "parameters": round(float(np.mean([training.parameters for training in trainings]))),
        "size_bytes": round(float(np.mean([training.size_bytes for training in trainings]))),
        "classes": [
            {
                "value": item.value,
                "name": item.name,
                **{name: spread(_of_class(accuracy, name, k) for accuracy in accuracies) for name in _BY_CLASS},
                "samples": round(float(np.mean([accuracy.support[k] for accuracy in accuracies]))),
            }
            for k, item in enumerate(samples.legend)
        ],
        "confusion_matrix": np.sum([accuracy.confusion for accuracy in accuracies], axis=0).tolist(),
        "runs": [
            {
                "seed": at.seed,
                "fold": at.fold + 1,
                "train_samples": len(at.train),
                "test_samples": len(at.test),
                "overall_accuracy": accuracy,
                "train_seconds": training.train_seconds,
                "predict_seconds": training.predict_seconds,
            }
            for at, accuracy, training in zip(rounds.rounds, tested.by_round, trainings, strict=True)
        ],
    }


def failed_json(one: Contestant) -> dict[str, Any]:
    """A model that was not trained to the end."""
    return {**_head(one), "status": "failed", "message": one.failure}


def pairs_json(ordered: Sequence[Tested], *, seed: int, mcnemar: bool) -> list[dict[str, Any]]:
    """All pairs of models with their tests, p-values adjusted for all of them (Holm 1979).

    Parameters
    ----------
    ordered : the better model first.
    mcnemar : whether to test single pixels too, which takes them for independent draws.
    """
    pairs = [_pair(a, b, seed=seed, mcnemar=mcnemar) for a, b in combinations(ordered, 2)]
    _adjust(pairs, "p_value", "p_holm")
    _adjust([pair["training_runs"] for pair in pairs if pair["training_runs"]], "p_value", "p_holm")
    if mcnemar:
        for kind in ("p_exact", "p_mid"):
            _adjust([pair["mcnemar"] for pair in pairs], kind, f"{kind}_holm")
    return pairs


def spread(values: Iterable[float]) -> dict[str, Any]:
    """Mean and standard deviation of what is defined; None if nothing is, or if one value has no deviation."""
    found = [value for value in values if not math.isnan(value)]
    return {
        "mean": float(np.mean(found)) if found else None,
        "deviation": float(np.std(found, ddof=1)) if len(found) > 1 else None,
        "values": found,
    }


def _of_class(accuracy: Accuracy, name: str, k: int) -> float:
    """A figure of a class; NaN if none of its pixels was tested, whatever was taken for it."""
    return float(getattr(accuracy, name)[k]) if accuracy.support[k] else math.nan


def _pair(a: Tested, b: Tested, *, seed: int, mcnemar: bool) -> dict[str, Any]:
    rounds = a.rounds
    # All seeds of a unit are swapped and drawn together: they are no more independent than its pixels.
    paired = compare_paired(a.correct, b.correct, rounds.unit[a.at], seed=seed)
    runs = corrected_t(np.subtract(a.by_round, b.by_round).tolist(), rounds.test_train_ratio)
    by_seed = [x.overall_accuracy - y.overall_accuracy for x, y in zip(a.by_seed, b.by_seed, strict=True)]
    return {
        "first": a.contestant.label,
        "second": b.contestant.label,
        **paired.to_json(),
        "difference_by_seed": spread(by_seed),
        "training_runs": None if runs is None else runs.to_json(),
        "mcnemar": _mcnemar(a, b) if mcnemar else None,
    }


def _mcnemar(a: Tested, b: Tested) -> dict[str, Any]:
    """The tests of each seed, and one p-value of all of them."""
    found = []
    for seed in a.rounds.seeds:
        here = a.of_seed(seed)
        found.append(mcnemar_of(a.correct[here], b.correct[here]))
    return {
        "p_exact": combined_p_value([one.p_exact for one in found]),
        "p_mid": combined_p_value([one.p_mid for one in found]),
        "by_seed": [{"seed": seed, **one.to_json()} for seed, one in zip(a.rounds.seeds, found, strict=True)],
    }


def _adjust(tests: Sequence[dict[str, Any]], name: str, adjusted: str) -> None:
    for test, p in zip(tests, holm([test[name] for test in tests]), strict=True):
        test[adjusted] = p


def _no_narrower(interval: tuple[float, float] | None, tested: Tested) -> list[float] | None:
    """An interval of the overall accuracy that is no narrower than that of the independent samples of one seed (Wilson)."""
    if interval is None:
        return None
    samples = round(float(np.mean([accuracy.samples for accuracy in tested.by_seed])))
    low, high = wilson_interval(round(tested.overall * samples), samples)
    return [min(low, interval[0]), max(high, interval[1])]


def _bounds(interval: tuple[float, float] | None) -> list[float] | None:
    return None if interval is None else list(interval)


def _head(one: Contestant) -> dict[str, Any]:
    return {
        "name": one.label,
        "model": one.recipe.model,
        "title": one.recipe.title,
        "patch_size": one.recipe.patch_size,
        "is_network": one.recipe.is_network,
        "reduction": one.recipe.reduction.kind,
        "components": one.recipe.reduction.n_components,
        "training": _training(one),
    }


def _training(one: Contestant) -> dict[str, Any] | None:
    """How a network was trained; None for a classifier of spectra, which has no such settings."""
    config = one.recipe.training
    names = (
        "epochs",
        "least_steps",
        "most_steps",
        "batch_size",
        "learning_rate",
        "schedule",
        "weight_decay",
        "augment",
    )
    return {name: getattr(config, name) for name in names} if one.recipe.is_network else None
