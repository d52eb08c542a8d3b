"""Intervals of accuracies for samples that come in clusters, such as the pixels of blocks or polygons.

References
----------
Kish, L. (1965): Survey sampling. Wiley (design effect). Wilson, E. B. (1927): Probable inference, the law of succession, and
statistical inference. Journal of the American Statistical Association 22, 209–212. Korn, E. L. and Graubard, B. I. (1998): Confidence
intervals for proportions with small expected number of positive counts estimated from survey data. Survey Methodology 24, 193–201. The accuracies are those of :mod:`hsi_engine.evaluation.accuracy`, the
draws those of :mod:`hsi_engine.evaluation.resampling`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..classes.legend import NO_CLASS
from .design_based.intervals import wilson
from .estimate import Estimate
from .resampling import check_draws, check_lengths, number_units, resampled_sums, sums_by_unit

_OVERALL = ("overall_accuracy", "average_accuracy", "kappa", "mean_iou")
_BY_CLASS = ("producers_accuracy", "users_accuracy", "iou")


@dataclass(frozen=True, kw_only=True)
class ClusteredAccuracy:
    """Accuracies with 95 % percentile intervals from draws of whole units.

    They cover the choice of the units that were assessed, not that of the training samples or of the seed. Mean
    figures are over the classes with reference samples, in each draw over those that it holds.

    Parameters
    ----------
    overall_accuracy, average_accuracy, kappa, mean_iou : as in :class:`hsi_engine.evaluation.accuracy.Accuracy`.
    producers_accuracy, users_accuracy, iou : one estimate for each class, in the order of the legend. The interval
        is None if fewer than two units hold what the figure is a share of: reference samples of the class,
        samples mapped as it, or either. Intervals of shares, which the overall accuracy is too, are no narrower than
        Wilson's for the samples that these are worth, and leave open what units without any error would: the lower limit
        is never above that of as many units that are all right, the upper one never below that of units that are all wrong.
    reference_units : for each class, the units with reference samples of it. An average over classes that stand in
        one unit each varies less between draws than between places.
    samples : reference samples, unclassified ones included.
    units : units with samples. With fewer than two no figure has an interval; see :attr:`has_intervals`.
    draws : how often units were drawn; 0 with fewer than two.
    design_effect : variance of the overall accuracy over the draws, over p·(1 − p)/n, which it would have if the
        samples were independent (Kish, 1965); None if either variance is 0 or unknown.
    effective_samples : n over the design effect: as many independent samples would say as much. With few units it
        is too large: the variance over the draws is (units − 1)/units of the true one.
    """

    overall_accuracy: Estimate
    average_accuracy: Estimate
    kappa: Estimate
    mean_iou: Estimate
    producers_accuracy: tuple[Estimate, ...]
    users_accuracy: tuple[Estimate, ...]
    iou: tuple[Estimate, ...]
    reference_units: tuple[int, ...]
    samples: int
    units: int
    draws: int
    design_effect: float | None
    effective_samples: float | None

    @property
    def has_intervals(self) -> bool:
        """Whether there were two units or more to draw from."""
        return self.units > 1

    def to_json(self) -> dict[str, Any]:
        """All fields as plain values; what is not defined is None."""
        return {
            **{name: getattr(self, name).to_json() for name in _OVERALL},
            **{name: [item.to_json() for item in getattr(self, name)] for name in _BY_CLASS},
            "reference_units": list(self.reference_units),
            "samples": self.samples,
            "units": self.units,
            "draws": self.draws,
            "has_intervals": self.has_intervals,
            "design_effect": self.design_effect,
            "effective_samples": self.effective_samples,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ClusteredAccuracy:
        """The accuracies that :meth:`to_json` wrote."""
        fields = {name: value for name, value in data.items() if name != "has_intervals"}
        fields |= {name: Estimate.from_json(data[name]) for name in _OVERALL}
        fields |= {name: tuple(Estimate.from_json(item) for item in data[name]) for name in _BY_CLASS}
        return cls(**{**fields, "reference_units": tuple(data["reference_units"])})


def clustered_intervals(
    reference: npt.NDArray[np.integer[Any]],
    predicted: npt.NDArray[np.integer[Any]],
    units: npt.NDArray[Any],
    legend_size: int,
    *,
    draws: int = 1000,
    seed: int,
) -> ClusteredAccuracy:
    """Accuracies of a map, and how far they would vary if other units had been assessed.

    All figures follow from three counts by unit and class: agreeing samples, reference samples and mapped samples,
    which are the diagonal and the margins of the confusion matrix. A draw adds them up over its units.

    Parameters
    ----------
    reference : class index of each sample, (n,).
    predicted : class index given by the map, (n,); -1 if it gives none, which counts as an error.
    units : the block or polygon each sample belongs to, (n,).
    legend_size : number of classes.
    draws : bootstrap draws, 1,000 or more for a steady interval.
    seed : whole number, 0 or more.

    Raises
    ------
    ValueError : shapes, indices or numbers that are impossible.
    """
    check_lengths(reference=reference, predicted=predicted, units=units)
    check_draws(draws)
    check_indices(reference, legend_size, least=0)
    check_indices(predicted, legend_size, least=NO_CLASS)
    index, unit_count = number_units(units)
    columns = ((predicted == reference, reference), (reference >= 0, reference), (predicted != NO_CLASS, predicted))
    by_unit = np.hstack([sums_by_unit(index[of], unit_count, of[of], k[of], legend_size) for of, k in columns])
    whole = _figures(by_unit.sum(axis=0, keepdims=True))
    drawn: dict[str, npt.NDArray[np.float64]] = {}
    if unit_count > 1:
        chunks = [_figures(chunk) for chunk in resampled_sums(np.random.default_rng(seed), by_unit, draws)]
        drawn = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in whole}
    figures: dict[str, Any] = {name: Estimate.from_draws(whole[name][0], drawn.get(name)) for name in _OVERALL}
    right = int(np.count_nonzero(predicted == reference))
    figures["overall_accuracy"] = _no_narrower(figures["overall_accuracy"], right, len(reference), unit_count)
    figures |= _class_shares(by_unit, whole, drawn)
    effect = _design_effect(figures["overall_accuracy"], len(reference))
    return ClusteredAccuracy(
        **figures,
        reference_units=tuple((by_unit[:, legend_size : 2 * legend_size] > 0).sum(axis=0).tolist()),
        samples=len(reference),
        units=unit_count,
        draws=draws if unit_count > 1 else 0,
        design_effect=effect,
        effective_samples=None if effect is None else len(reference) / effect,
    )


def _class_shares(
    by_unit: npt.NDArray[np.float64],
    whole: dict[str, npt.NDArray[np.float64]],
    drawn: dict[str, npt.NDArray[np.float64]],
) -> dict[str, tuple[Estimate, ...]]:
    """The figures of each class, from counts by unit (units, 3·classes) and what they came to as a whole and in draws."""
    _, with_reference, with_mapped = np.split(by_unit > 0, 3, axis=1)
    right, support, mapped = np.split(by_unit.sum(axis=0).astype(int), 3)
    of = {
        "producers_accuracy": (support, with_reference),
        "users_accuracy": (mapped, with_mapped),
        "iou": (support + mapped - right, with_reference | with_mapped),
    }
    found: dict[str, tuple[Estimate, ...]] = {}
    for name, (samples, holding) in of.items():
        units = holding.sum(axis=0)
        found[name] = tuple(
            _no_narrower(
                Estimate.from_draws(whole[name][0, k], drawn[name][:, k] if units[k] > 1 else None),
                int(right[k]),
                int(samples[k]),
                int(units[k]),
            )
            for k in range(len(right))
        )
    return found


def _no_narrower(share: Estimate, right: int, samples: int, units: int) -> Estimate:
    """The estimate with an interval that also holds what draws of the units at hand cannot show.

    It is no narrower than Wilson's (1927) for as many independent samples as the variance over the draws makes of these, p (1 − p) / V
    (Korn and Graubard 1998), and at most as many as there are. And what units without an error, each for one sample, would
    leave possible remains so with errors: units of a kind that was not met may be wrong as a whole, or right.
    """
    if share.interval is None:
        return share
    low, high = share.interval
    found, variance = right / samples, (share.standard_error or 0.0) ** 2
    worth = min(float(samples), found * (1 - found) / variance) if variance > 0 else float(samples)
    bounds = wilson(found, worth), wilson(1.0, units), wilson(0.0, units)
    # The last two are of opposite ends: each limits one side only.
    return replace(share, interval=(min(low, bounds[0][0], bounds[1][0]), max(high, bounds[0][1], bounds[2][1])))


def check_indices(indices: npt.NDArray[np.integer[Any]], classes: int, *, least: int) -> None:
    """See that class indices lie between ``least`` and ``classes`` - 1; else ValueError."""
    if len(indices) and not (indices.min() >= least and indices.max() < classes):
        raise ValueError(f"class indices must lie between {least} and {classes - 1}")


def _design_effect(overall: Estimate, samples: int) -> float | None:
    if overall.value is None or not overall.standard_error or not 0 < overall.value < 1:
        return None
    return overall.standard_error**2 / (overall.value * (1 - overall.value) / samples)


def _figures(sums: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.float64]]:
    """All accuracies of rows of counts (draws, 3·classes): agreeing, reference and mapped samples; NaN if undefined."""
    right, support, mapped = np.split(sums, 3, axis=1)
    total = support.sum(axis=1)
    by_chance = _ratio((support * mapped).sum(axis=1), total**2)
    overall = _ratio(right.sum(axis=1), total)
    producers, iou = _ratio(right, support), _ratio(right, support + mapped - right)
    present = np.count_nonzero(support, axis=1)
    return {
        "overall_accuracy": overall,
        "average_accuracy": _ratio(np.nansum(producers, axis=1), present),
        "kappa": _ratio(overall - by_chance, 1 - by_chance),
        "mean_iou": _ratio(np.where(support > 0, iou, 0).sum(axis=1), present),
        "producers_accuracy": producers,
        "users_accuracy": _ratio(right, mapped),
        "iou": iou,
    }


def _ratio(part: npt.NDArray[np.float64], whole: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))
