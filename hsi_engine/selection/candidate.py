"""A candidate and how it compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..evaluation.accuracy import Accuracy
from ..evaluation.comparison import PairedDifference
from .cross_fit import CrossFitted

Status = Literal["chosen", "judged", "failed", "not_tried"]
"""``judged``: compared, and not chosen."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """A recipe, or an average of several, that was cross-fitted.

    Parameters
    ----------
    name, title : for JSON and for people.
    members : what is averaged, one or more.
    simplicity : place in the order from simple to complex.
    probabilities : of the tested samples, (tested, classes).
    accuracy : of the tested samples.
    score : mean of overall and average accuracy, 0 to 1; what is compared.
    """

    name: str
    title: str
    members: tuple[CrossFitted, ...]
    simplicity: int
    probabilities: npt.NDArray[np.float64]
    accuracy: Accuracy
    score: float

    @property
    def seconds(self) -> float:
        """Time of the cross-fitting; that of an average is the time of its members."""
        return sum(member.seconds for member in self.members)

    @property
    def predicted(self) -> npt.NDArray[np.int64]:
        """Class index of each tested sample."""
        return np.asarray(self.probabilities.argmax(axis=1))


@dataclass(frozen=True, kw_only=True, eq=False)
class Row:
    """A line of the table of candidates.

    Parameters
    ----------
    candidate : None if it failed or was not tried.
    to_best : how much better the best candidate is; None for the best itself, and if nothing was compared.
    message : why it failed, or was not tried.
    """

    name: str
    title: str
    status: Status
    candidate: Candidate | None = None
    to_best: PairedDifference | None = None
    message: str = ""

    def to_json(self) -> dict[str, Any]:
        """The line as plain values; figures are null if there are none."""
        found = self.candidate
        figures = found.accuracy.to_json() if found else {}
        names = ("overall_accuracy", "average_accuracy", "kappa", "mean_iou", "samples")
        return {
            "name": self.name,
            "title": self.title,
            "status": self.status,
            "message": self.message,
            "members": [member.recipe.name for member in found.members] if found else [],
            **{name: figures.get(name) for name in names},
            "score": found.score if found else None,
            "simplicity": found.simplicity if found else None,
            "behind_best": self.to_best.difference if self.to_best else None,
            "behind_best_standard_error": self.to_best.standard_error if self.to_best else None,
            "p_value": self.to_best.p_value if self.to_best else None,
            "seconds": found.seconds if found else None,
        }
