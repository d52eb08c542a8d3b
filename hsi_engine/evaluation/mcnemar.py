"""Two classifications of the same independent samples, and several tests at once.

The tests take samples for independent draws, such as simple random points; pixels of one block are not. They cover
the choice of the samples, not what another training run would give.

References
----------
McNemar, Q. (1947): Note on the sampling error of the difference between correlated proportions or percentages.
Psychometrika 12, 153–157.
Fagerland, M. W., Lydersen, S. and Laake, P. (2013): The McNemar test for binary matched-pairs data: mid-p and asymptotic are
better than exact conditional. BMC Medical Research Methodology 13, article 91.
Holm, S. (1979): A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6, 65–70.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, kw_only=True)
class McNemar:
    """Whether two classifications are right equally often.

    Parameters
    ----------
    only_first, only_second : samples that only one of the two has right.
    chi_squared : (b − c)² / (b + c), without continuity correction; 0 if they never differ.
    p_asymptotic : from it, with one degree of freedom.
    p_exact : two-sided exact conditional test, twice the smaller binomial tail, at most 1.
    p_mid : mid-p, which is less conservative (Fagerland et al. 2013).
    """

    only_first: int
    only_second: int
    chi_squared: float
    p_asymptotic: float
    p_exact: float
    p_mid: float

    def to_json(self) -> dict[str, Any]:
        """All fields as plain values."""
        return asdict(self)


def mcnemar(only_first: int, only_second: int) -> McNemar:
    """The tests from the two counts of samples that only one classification has right.

    Raises
    ------
    ValueError : a count is negative.
    """
    if only_first < 0 or only_second < 0:
        raise ValueError(f"counts cannot be negative, found {only_first} and {only_second}")
    from scipy.stats import binom, chi2

    total, fewer = only_first + only_second, min(only_first, only_second)
    squared = (only_first - only_second) ** 2 / total if total else 0.0
    tail, point = float(binom.cdf(fewer, total, 0.5)), float(binom.pmf(fewer, total, 0.5))
    exact = min(1.0, 2 * tail)
    return McNemar(
        only_first=only_first,
        only_second=only_second,
        chi_squared=squared,
        p_asymptotic=float(chi2.sf(squared, 1)),
        p_exact=exact,
        # With as many on both sides the two tails share their middle.
        p_mid=1 - point / 2 if only_first == only_second else 2 * tail - point,
    )


def mcnemar_of(correct_a: npt.NDArray[np.bool_], correct_b: npt.NDArray[np.bool_]) -> McNemar:
    """The tests from whether each of two classifications is right, both bool (n,).

    Raises
    ------
    ValueError : the shapes differ.
    """
    if correct_a.shape != correct_b.shape or correct_a.ndim != 1:
        raise ValueError(f"two arrays of one length were expected, found {correct_a.shape} and {correct_b.shape}")
    return mcnemar(int((correct_a & ~correct_b).sum()), int((~correct_a & correct_b).sum()))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust the p-values of several tests so that one false finding among all is as rare as one test says (Holm 1979).

    Raises
    ------
    ValueError : a p-value is not between 0 and 1.
    """
    found = np.asarray(p_values, dtype=np.float64)
    if not ((found >= 0) & (found <= 1)).all():
        raise ValueError(f"p-values lie between 0 and 1, found {list(p_values)}")
    order = np.argsort(found, kind="stable")
    raised = np.minimum(1.0, found[order] * np.arange(len(found), 0, -1))
    adjusted = np.empty(len(found))
    adjusted[order] = np.maximum.accumulate(raised)
    return [float(p) for p in adjusted]
