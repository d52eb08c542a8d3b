"""The content of a training record beyond the accuracies: places, comparison, calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..classes.legend import Legend
from ..evaluation.accuracy import Accuracy
from ..evaluation.clustered import ClusteredAccuracy
from ..evaluation.confidence_scaling import ConfidenceScaling
from ..evaluation.reliability import Reliability
from ..evaluation.trust.selective import RiskCoverage
from ..splitting.distances import DistanceComparison


@dataclass(frozen=True, kw_only=True)
class LabelledClass:
    """Labels of one class: pixels, blocks or polygons that hold some, pixels that were tested, and separate places.

    One polygon is one place, however many blocks it fills. ``places`` is None in records of earlier versions.
    """

    name: str
    samples: int
    units: int
    tested: int
    places: int | None = None


@dataclass(frozen=True, kw_only=True)
class DrawnUnits:
    """Accuracies with intervals from draws of whole units: "block" or "polygon" is the name of one."""

    unit_name: str
    intervals: ClusteredAccuracy


@dataclass(frozen=True, kw_only=True)
class Places:
    """Places that an accuracy was tested in, one after the other, and the intervals that follow from their number.

    Parameters
    ----------
    unit_name : "block" or "polygon".
    block_px : edge of a block in pixels; None for polygons.
    n_folds, units : folds; blocks or polygons with labels.
    samples, tested : labelled pixels, and those that were tested.
    intervals : accuracies with intervals from draws of whole places, None if no places were drawn.
    classes : labels by class index, None for a class without labels.
    notes : what to know and what to label, in sentences.
    """

    unit_name: str
    block_px: int | None
    n_folds: int
    units: int
    samples: int
    tested: int
    intervals: ClusteredAccuracy | None
    classes: tuple[LabelledClass | None, ...]
    notes: tuple[str, ...] = ()

    @property
    def drawn(self) -> DrawnUnits | None:
        """What was drawn for the intervals; None if nothing was."""
        return None if self.intervals is None else DrawnUnits(unit_name=self.unit_name, intervals=self.intervals)

    @classmethod
    def from_json(cls, folds: Mapping[str, Any], intervals: Mapping[str, Any] | None, legend: Legend) -> Places:
        """From :meth:`hsi_engine.splitting.folds.Folds.to_json` and the intervals in the metrics of a model."""
        return cls(
            **{name: folds[name] for name in ("unit_name", "block_px", "n_folds", "units", "samples", "tested")},
            intervals=None if intervals is None else ClusteredAccuracy.from_json(dict(intervals)),
            classes=_by_index(folds["classes"], legend),
            notes=tuple(folds["notes"]),
        )


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Confidence of the tested pixels before and after it was scaled, and what scales it.

    Parameters
    ----------
    temperatures : those of the members.
    scaling : the curve of the final confidence; the identity in records of earlier versions.
    temperature : that of the final probabilities in records of earlier versions, 1 in later ones.
    """

    before: Reliability
    after: Reliability
    temperatures: tuple[float, ...]
    scaling: ConfidenceScaling
    temperature: float

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Calibration:
        """From ``calibration`` in the metrics of a model."""
        return cls(
            before=Reliability.from_json(data["before"]),
            after=Reliability.from_json(data["after"]),
            temperatures=tuple(data["temperatures"]),
            scaling=ConfidenceScaling(**data.get("confidence_scaling", {})),
            temperature=data.get("temperature", 1.0),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class FoldsPicture:
    """Labelled pixels in the colours of their folds: ``rgba`` uint8 (rows, cols, 4), north up, transparent elsewhere.

    Of a large scene it holds every ``step``-th pixel only, as other pictures do.
    """

    rgba: npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingEvidence:
    """What a report on a training shows in addition to accuracies.

    Parameters
    ----------
    subject : whether the report shows a map or the model only; for its sentences.
    labelled : labelled pixels that the model was trained on.
    trained_on_all : no labelled pixel was kept back.
    unknown : why no accuracy is known, and what to label; empty if one is.
    selection : ``selection`` of the training record; None if nothing was compared.
    asked_for : the method was named by the user, and not chosen by the comparison.
    baseline_name : candidate that all others are compared with.
    baseline : accuracy of the baseline on the test pixels of a split.
    calibration : None if no confidence was checked.
    selective : accuracy over the share that is left out; None if nothing was tested.
    sets : ``conformal`` in the metrics of the model; None if nothing was tested.
    folds_picture : a map of the folds; None if that is no longer known.
    distances : of the tested pixels and of the map to training pixels; None if nothing was tested, or by an earlier version.
    """

    subject: Literal["map", "model"]
    labelled: int
    trained_on_all: bool
    unknown: Sequence[str] = ()
    selection: Mapping[str, Any] | None = None
    asked_for: bool = False
    baseline_name: str = ""
    baseline: Accuracy | None = None
    calibration: Calibration | None = None
    selective: RiskCoverage | None = None
    sets: Mapping[str, Any] | None = None
    folds_picture: FoldsPicture | None = None
    distances: DistanceComparison | None = None


def _by_index(found: Sequence[Mapping[str, Any]], legend: Legend) -> tuple[LabelledClass | None, ...]:
    """Classes in the order of the legend; those without samples are not in ``found``."""
    names = ("name", "samples", "units", "tested")
    waiting = [LabelledClass(**{k: c[k] for k in names}, places=c.get("places")) for c in found]
    # Names may be repeated in a legend, so they are matched in order.
    return tuple(waiting.pop(0) if waiting and waiting[0].name == name else None for name in legend.names)
