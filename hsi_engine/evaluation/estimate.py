"""A figure with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure, and how far it would vary if other units had been assessed.

    Parameters
    ----------
    value : the figure for the samples as they are; None if it is not defined.
    standard_error : standard deviation of the figure over the draws; None if it cannot be estimated.
    interval : 2.5 and 97.5 percentile of the figure over the draws; None if it cannot be estimated.
    draws : draws in which the figure was defined, which the other two rest on. Fewer than were made show that the
        figure hangs on few units.
    """

    value: float | None
    standard_error: float | None
    interval: tuple[float, float] | None
    draws: int

    @classmethod
    def from_draws(cls, value: float, drawn: npt.NDArray[np.float64] | None) -> Estimate:
        """From the figure and what it came to in each draw, (draws,), NaN if undefined; None: nothing was drawn."""
        kept = drawn[np.isfinite(drawn)] if drawn is not None else np.empty(0)
        known = len(kept) > 1 and math.isfinite(value)
        return cls(
            value=float(value) if math.isfinite(value) else None,
            standard_error=float(kept.std(ddof=1)) if known else None,
            interval=percentile_interval(kept) if known else None,
            draws=len(kept),
        )

    def to_json(self) -> dict[str, Any]:
        """All fields as plain values; what is not defined is None."""
        return {
            "value": self.value,
            "standard_error": self.standard_error,
            "interval_95": None if self.interval is None else list(self.interval),
            "draws": self.draws,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Estimate:
        """The estimate that :meth:`to_json` wrote."""
        return cls(
            value=data["value"],
            standard_error=data["standard_error"],
            interval=interval_from_json(data["interval_95"]),
            draws=data["draws"],
        )


def percentile_interval(drawn: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The middle 95 % of ``drawn`` (draws,)."""
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(low), float(high)


def interval_from_json(bounds: list[float] | None) -> tuple[float, float] | None:
    """An interval as a pair; JSON knows lists only.

    Raises
    ------
    TypeError, ValueError : it is no pair of numbers.
    """
    if bounds is None:
        return None
    low, high = bounds
    return float(low), float(high)
