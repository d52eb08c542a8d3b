"""Two models on the same samples: how far apart they are, and whether chance explains it.

Both figures cover the choice of the units that were assessed. How far the models would differ after another
training run they do not say.

References
----------
Good, P. (2005): Permutation, parametric and bootstrap tests of hypotheses. Springer (sign flips of pairs).
Phipson, B. and Smyth, G. K. (2010): Permutation p-values should never be zero. Statistical Applications in Genetics
and Molecular Biology 9, article 39 ((hits + 1)/(draws + 1)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .clustered import check_indices
from .estimate import Estimate
from .resampling import check_draws, check_lengths, number_units, resampled_sums, sums_by_unit

FloatArray = npt.NDArray[np.float64]
Statistic = Callable[[FloatArray], FloatArray]

Verdict = Literal["lower", "alike", "too_few"]

SIGNIFICANT = 0.05
"""p-values below this speak against chance."""
_CLEAR_ERRORS = 2.0
_EXACT_UNITS = 12  # 4,096 ways to swap
_CHUNK_VALUES = 2_000_000


@dataclass(frozen=True, kw_only=True)
class PairedDifference:
    """How much better the first of two models is.

    Parameters
    ----------
    difference : figure of the first less that of the second.
    standard_error : of the difference, over draws of whole units, the same for both models; None if fewer than two
        units leave nothing to draw, or the difference is defined in fewer than two draws.
    p_value : share of the ways to swap the models within units that make the difference as large or larger, to either
        side. Small if chance is a poor explanation; with u units that differ it cannot fall below 2^(1-u).
    units : units with samples.
    exact : all ways to swap were counted, rather than ``draws`` of them drawn.
    draws : bootstrap draws, and swaps drawn if ``exact`` is False.
    """

    difference: float
    standard_error: float | None
    p_value: float
    units: int
    exact: bool
    draws: int

    @property
    def may_be_chance(self) -> bool:
        """Whether the samples do not distinguish the two models; see :func:`verdict_on`."""
        return verdict_on(self.difference, self.standard_error, self.p_value) != "lower"

    def to_json(self) -> dict[str, Any]:
        """All fields as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PairedDifference:
        """The difference that :meth:`to_json` wrote."""
        return cls(**data)


def verdict_on(difference: float, standard_error: float | None, p_value: float | None) -> Verdict:
    """What a difference to the best says of a model, the only rule for it.

    Parameters
    ----------
    difference : of the best less the other, of the figure that is compared.
    standard_error, p_value : as in :class:`PairedDifference`; None if they are not known.

    Returns
    -------
    "lower" if chance is a poor explanation (p < 0.05). If it is not: "too_few" if the difference is more than two standard
    errors, since then only the small number of units keeps the p-value up, and "alike" otherwise.
    """
    if p_value is not None and p_value < SIGNIFICANT:
        return "lower"
    if p_value is None or (standard_error is not None and difference > _CLEAR_ERRORS * standard_error):
        return "too_few" if difference else "alike"
    return "alike"


def compare_paired(
    correct_a: npt.NDArray[np.bool_],
    correct_b: npt.NDArray[np.bool_],
    units: npt.NDArray[Any],
    *,
    seed: int,
    draws: int = 5000,
) -> PairedDifference:
    """Compare the overall accuracies of two models.

    Parameters
    ----------
    correct_a, correct_b : whether each model is right, bool (n,), the same samples in the same order.
    units : the block or polygon each sample belongs to, (n,).
    seed : whole number, 0 or more.
    draws : draws for the standard error, and swaps for the p-value if more than 12 units differ.

    Raises
    ------
    ValueError : there are no samples, or the shapes differ.
    """
    check_lengths(correct_a=correct_a, correct_b=correct_b, units=units)
    index, unit_count = number_units(units)
    zeros = np.zeros(len(index), dtype=np.int64)
    size = sums_by_unit(index, unit_count, np.ones(len(index)), zeros, 1)
    a, b = (np.hstack([sums_by_unit(index, unit_count, c, zeros, 1), size]) for c in (correct_a, correct_b))
    return _paired(a, b, lambda sums: np.asarray(sums[:, 0] / sums[:, 1]), seed=seed, draws=draws)


def paired_score_difference(
    confusions_a: npt.NDArray[np.integer[Any]],
    confusions_b: npt.NDArray[np.integer[Any]],
    statistic: Statistic,
    *,
    seed: int,
    draws: int = 5000,
) -> PairedDifference:
    """Compare two models by any figure of a confusion matrix.

    Parameters
    ----------
    confusions_a, confusions_b : see :func:`unit_confusions`, int (units, classes, classes), the same units in the
        same order.
    statistic : maps counts, float64 (draws, classes, classes), to the figure of each, (draws,), such as those of
        :mod:`hsi_engine.evaluation.confusion_figures`. A draw in which it is NaN is left out of the standard error,
        and counts against a difference in the p-value.
    seed : whole number, 0 or more.
    draws : draws for the standard error, and swaps for the p-value if more than 12 units differ.

    Raises
    ------
    ValueError : there are no units, or the shapes or the reference samples of the units differ.
    """
    if confusions_a.shape != confusions_b.shape or confusions_a.ndim != 3:
        raise ValueError(
            "two arrays (units, classes, classes) of one shape were expected,"
            f" found {confusions_a.shape} and {confusions_b.shape}"
        )
    if not np.array_equal(confusions_a.sum(axis=2), confusions_b.sum(axis=2)):
        raise ValueError("both models must have been assessed on the same samples; the reference of some unit differs")
    units, classes = confusions_a.shape[:2]
    a, b = (c.reshape(units, -1).astype(np.float64) for c in (confusions_a, confusions_b))
    return _paired(a, b, lambda sums: statistic(sums.reshape(-1, classes, classes)), seed=seed, draws=draws)


def unit_confusions(
    reference: npt.NDArray[np.integer[Any]],
    predicted: npt.NDArray[np.integer[Any]],
    units: npt.NDArray[Any],
    classes: int,
) -> npt.NDArray[np.int64]:
    """Confusion matrix of each unit, rows are the reference, int64 (units, classes, classes), units in sorted order.

    Raises
    ------
    ValueError : shapes or indices that are impossible; a sample without a class (-1) has no place in the matrix.
    """
    check_lengths(reference=reference, predicted=predicted, units=units)
    for indices in (reference, predicted):
        check_indices(indices, classes, least=0)
    index, unit_count = number_units(units)
    cells = (index * classes + reference) * classes + predicted
    counts = np.bincount(cells, minlength=unit_count * classes**2)
    return counts.reshape(unit_count, classes, classes).astype(np.int64)


def _paired(a: FloatArray, b: FloatArray, figure: Statistic, *, seed: int, draws: int) -> PairedDifference:
    """Compare ``figure`` of the sums over units of ``a`` and of ``b``, both (units, values)."""
    check_draws(draws)
    units, width = a.shape
    if not units:
        raise ValueError("there are no samples to compare two models on")
    total_a, total_b = a.sum(axis=0), b.sum(axis=0)
    difference = float((figure(total_a[None]) - figure(total_b[None]))[0])
    boot, swap = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    drawn = None
    if units > 1:
        both = resampled_sums(boot, np.hstack([a, b]), draws)
        drawn = np.concatenate([figure(sums[:, :width]) - figure(sums[:, width:]) for sums in both])
    # If the models agree, swapping them changes nothing.
    change = (b - a)[(a != b).any(axis=1)]
    exact = len(change) <= _EXACT_UNITS
    hits = ways = 0
    for moved in _swaps(change, None if exact else swap, draws):
        swapped = figure(total_a + moved) - figure(total_b - moved)
        # Ties must count, though sums in another order differ in the last digits; NaN counts as a tie.
        hits += int(np.count_nonzero(~(np.abs(swapped) < abs(difference) - 1e-12)))
        ways += len(swapped)
    return PairedDifference(
        difference=difference,
        standard_error=Estimate.from_draws(difference, drawn).standard_error,
        p_value=hits / ways if exact else (hits + 1) / (ways + 1),
        units=units,
        exact=exact,
        draws=draws,
    )


def _swaps(change: FloatArray, rng: np.random.Generator | None, draws: int) -> Iterator[FloatArray]:
    """What swapping the models in some units adds to the sums of the first; all ways, or as many as are drawn."""
    units, width = change.shape
    at_once = max(1, _CHUNK_VALUES // max(units, width, 1))
    ways = 2**units if rng is None else draws
    for start in range(0, ways, at_once):
        number = np.arange(start, min(start + at_once, ways))
        if rng is None:
            chosen = number[:, None] >> np.arange(units) & 1
        else:
            chosen = rng.integers(2, size=(len(number), units), dtype=np.int8)
        yield chosen.astype(np.float64) @ change
