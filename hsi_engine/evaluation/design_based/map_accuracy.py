"""Accuracy and areas of one map from a probability sample of reference points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ...classes.legend import NO_CLASS
from .intervals import IntervalMethod, share_interval
from .ratio import Ratios, ratios
from .reference_sample import ReferenceSample
from .stratum_score import score_bounds


@dataclass(frozen=True, kw_only=True)
class Share:
    """An estimated share, 0 to 1, with its standard error and 95 % interval; None for what is not known."""

    value: float | None
    standard_error: float | None
    interval: tuple[float, float] | None

    def times(self, amount: float) -> Share:
        """The share of an amount, such as the area of the map."""
        return Share(
            value=None if self.value is None else self.value * amount,
            standard_error=None if self.standard_error is None else self.standard_error * amount,
            interval=None if self.interval is None else (self.interval[0] * amount, self.interval[1] * amount),
        )

    def to_json(self) -> dict[str, Any]:
        """All fields as plain values."""
        return {
            "value": self.value,
            "standard_error": self.standard_error,
            "interval_95": None if self.interval is None else list(self.interval),
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class MapAccuracy:
    """What a sample says of a map.

    Parameters
    ----------
    overall : share of the map that is right.
    users : of each class, the share of what the map shows as the class that is right, (classes,).
    producers : of each class, the share of its true area that the map shows as the class, (classes,); not known if no
        point was found to be of the class.
    areas : true share of each class in the map (bias-adjusted), (classes,).
    counts : points, see :attr:`.reference_sample.ReferenceSample.counts`.
    proportions : estimated shares of the map by class of the reference (rows) and of the map (columns, the last one: no
        class), (classes, classes + 1).
    """

    overall: Share
    users: tuple[Share, ...]
    producers: tuple[Share, ...]
    areas: tuple[Share, ...]
    counts: npt.NDArray[np.int64]
    proportions: npt.NDArray[np.float64]

    @property
    def points(self) -> int:
        """Labelled points that the figures rest on."""
        return int(self.counts.sum())

    @property
    def correct(self) -> int:
        """Points for which map and reference agree."""
        return int(np.trace(self.counts))

    @property
    def mapped_shares(self) -> npt.NDArray[np.float64]:
        """Share of the map of each of its classes as the sample has it, (classes,)."""
        return np.asarray(self.proportions[:, :-1].sum(axis=0))

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa of the estimated proportions (Stehman and Czaplewski 1998); None if it is not defined."""
        by_chance = float(self.proportions.sum(axis=1) @ self.mapped_shares)
        agree = float(np.trace(self.proportions))
        return (agree - by_chance) / (1 - by_chance) if by_chance < 1 else None


def map_accuracy(sample: ReferenceSample, method: IntervalMethod = "wilson") -> MapAccuracy:
    """Estimate overall, user's and producer's accuracies and areas.

    Parameters
    ----------
    method : of the intervals. "wilson" is on the effective number of points, but for overall accuracy and areas from
        post-stratified points, which have the score interval of several strata; "clopper_pearson" is wider and never too
        narrow for independent points; "wald" is ± 1.96 standard errors, too narrow near 0 and 1.
    """
    n, classes = len(sample), sample.classes
    is_known = _marks(sample.reference, classes)
    is_mapped = _marks(sample.mapped, classes)
    right = is_known * is_mapped
    everywhere = np.ones((n, 1))
    unmapped = (sample.mapped == NO_CLASS)[:, None]
    columns = np.hstack([is_mapped, unmapped])
    cells = (is_known[:, :, None] * columns[:, None, :]).reshape(n, -1)
    overall, *areas = _shares_of_map(sample, np.hstack([right.sum(axis=1, keepdims=True), is_known]), method)
    return MapAccuracy(
        overall=overall,
        areas=tuple(areas),
        users=tuple(_shares(ratios(sample, right, is_mapped, own_strata=sample.strata_are_classes), method)),
        producers=tuple(_shares(ratios(sample, right, is_known), method)),
        counts=sample.counts,
        proportions=ratios(sample, cells, everywhere).values.reshape(classes, classes + 1),
    )


def _shares_of_map(sample: ReferenceSample, y: npt.NDArray[np.float64], method: IntervalMethod) -> Sequence[Share]:
    """The shares of the map that have the properties ``y``, (points, shares), the first of which is that it is right."""
    found = _shares(ratios(sample, y, np.ones((len(sample), 1))), method)
    if sample.design != "post_stratified" or method != "wilson" or sample.inside is not None:
        return found
    # Points are not shared among the strata on purpose, so few may lie in that of a rare class, and their variance says little.
    # Nothing is right where the map has no class, but any class may be there.
    classed = np.bincount(sample.strata, weights=sample.mapped != NO_CLASS, minlength=len(sample.sizes)) > 0
    possible = np.ones((len(sample.sizes), y.shape[1]))
    possible[:, 0] = classed | (not sample.strata_are_classes)
    lows, highs = score_bounds(sample, y, possible=possible).tolist()
    return [
        share if share.interval is None else replace(share, interval=(low, high))
        for share, low, high in zip(found, lows, highs, strict=True)
    ]


def _marks(indices: npt.NDArray[np.int64], classes: int) -> npt.NDArray[np.float64]:
    """1 for the class of each point, (points, classes)."""
    return np.asarray(indices[:, None] == np.arange(classes), dtype=np.float64)


def _shares(found: Ratios, method: IntervalMethod) -> Sequence[Share]:
    columns = (found.values, found.variances, found.kish, found.freedom)
    return [_share(*row, method=method) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _share(value: float, variance: float, kish: float, freedom: float, *, method: IntervalMethod) -> Share:
    if math.isnan(value):
        return Share(value=None, standard_error=None, interval=None)
    # Sums of shares that make up the whole may miss 1 in the last digit.
    value = min(max(value, 0.0), 1.0)
    if math.isnan(variance):
        return Share(value=value, standard_error=None, interval=None)
    return Share(
        value=value,
        standard_error=math.sqrt(variance),
        interval=share_interval(method, value, variance, kish, freedom),
    )
