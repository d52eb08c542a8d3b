"""How far interpreters who labelled the same points agree.

Reference
---------
Cohen, J. (1960): A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20, 37–46.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .intervals import wilson


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Agreement of two interpreters.

    Parameters
    ----------
    points : labelled by both.
    agree : that both gave the same class.
    share : of the points on which they agree; None without points.
    interval_95 : of the share, for points as they were drawn, without weights (Wilson 1927); None without points.
    kappa : agreement beyond chance (Cohen 1960); None if it is not defined, as if both name only one class.
    """

    points: int
    agree: int
    share: float | None
    interval_95: tuple[float, float] | None
    kappa: float | None

    def to_json(self) -> dict[str, Any]:
        """All fields as plain values."""
        found = asdict(self)
        return found | {"interval_95": None if self.interval_95 is None else list(self.interval_95)}


def agreement(one: npt.NDArray[np.integer[Any]], other: npt.NDArray[np.integer[Any]]) -> Agreement:
    """Compare the labels of two interpreters.

    Parameters
    ----------
    one, other : class index of each point, (points,), the same points; -1 if the interpreter did not label it.

    Raises
    ------
    ValueError : the shapes differ.
    """
    if one.shape != other.shape or one.ndim != 1:
        raise ValueError(f"two arrays of one length were expected, found {one.shape} and {other.shape}")
    both = (one >= 0) & (other >= 0)
    a, b = one[both], other[both]
    points, agree = len(a), int((a == b).sum())
    if not points:
        return Agreement(points=0, agree=0, share=None, interval_95=None, kappa=None)
    classes = int(max(a.max(), b.max())) + 1
    by_chance = float(np.bincount(a, minlength=classes) @ np.bincount(b, minlength=classes)) / points**2
    share = agree / points
    return Agreement(
        points=points,
        agree=agree,
        share=share,
        interval_95=wilson(share, points),
        kappa=(share - by_chance) / (1 - by_chance) if by_chance < 1 else None,
    )
