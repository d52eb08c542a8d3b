"""Two models over several training runs: what the spread between runs says, and one p-value from several.

References
----------
Nadeau, C. and Bengio, Y. (2003): Inference for the generalization error. Machine Learning 52, 239–281.
Bouckaert, R. R. and Frank, E. (2004): Evaluating the replicability of significance tests for comparing learning
algorithms. PAKDD 2004, LNCS 3056, 3–12 (the same for repeated cross-validation).
Rüger, B. (1978): Das maximale Signifikanzniveau des Tests "Lehne H0 ab, wenn k unter n gegebenen Tests zur Ablehnung
führen". Metrika 25, 171–178.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True)
class CorrectedT:
    """Whether one model is better over training runs whose training sets overlap.

    Parameters
    ----------
    mean : mean difference over the runs.
    standard_error : its corrected standard error.
    t, degrees_of_freedom, p_value : of the two-sided test.
    runs : differences that went in.
    test_train_ratio : tested over training samples of a run, which widens the variance.
    """

    mean: float
    standard_error: float
    t: float
    degrees_of_freedom: int
    p_value: float
    runs: int
    test_train_ratio: float

    def to_json(self) -> dict[str, Any]:
        """All fields as plain values."""
        return asdict(self)


def corrected_t(differences: Sequence[float], test_train_ratio: float) -> CorrectedT | None:
    """The corrected resampled t-test (Nadeau and Bengio 2003): variance (1/J + n_test/n_train)·s² of J differences.

    Parameters
    ----------
    differences : figure of the first model less that of the second, one per training run.
    test_train_ratio : samples that a run tests over those that it trains on; a mean if runs differ.

    Returns
    -------
    None if it is not defined: fewer than two runs, or differences without any spread.

    Raises
    ------
    ValueError : the ratio is negative, or a number is not finite.
    """
    found = np.asarray(differences, dtype=np.float64)
    if not (np.isfinite(found).all() and math.isfinite(test_train_ratio) and test_train_ratio >= 0):
        raise ValueError("differences must be finite and the ratio 0 or more")
    if len(found) < 2 or not np.ptp(found) > 1e-12:
        return None
    from scipy.stats import t as students_t

    runs, mean = len(found), float(found.mean())
    error = math.sqrt((1 / runs + test_train_ratio) * float(found.var(ddof=1)))
    return CorrectedT(
        mean=mean,
        standard_error=error,
        t=mean / error,
        degrees_of_freedom=runs - 1,
        p_value=float(2 * students_t.sf(abs(mean / error), runs - 1)),
        runs=runs,
        test_train_ratio=test_train_ratio,
    )


def combined_p_value(p_values: Sequence[float]) -> float:
    """One p-value from K of the same hypothesis, valid however they depend on one another (Rüger 1978).

    K/m times the m-th smallest, m = ⌊K/2⌋ + 1: that of one test; the larger of two; 1.5 times the median of three.

    Raises
    ------
    ValueError : there is none, or one is not between 0 and 1.
    """
    found = np.sort(np.asarray(p_values, dtype=np.float64))
    if not len(found) or not ((found >= 0) & (found <= 1)).all():
        raise ValueError(f"one p-value or more between 0 and 1 are needed, found {list(p_values)}")
    middle = len(found) // 2 + 1
    return min(1.0, float(found[middle - 1]) * len(found) / middle)
