"""What a model keeps so that a map can say where it may be trusted: training pixels in the space of spectra, and scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import BundleError
from ..evaluation.trust.applicability import Applicability
from ..evaluation.trust.conformal import CalibrationScores

_AREA, _SCORES = "applicability.", "conformal."
_AREA_ARRAYS = ("points", "centre", "factor")
_SCORE_ARRAYS = ("lac", "aps", "classes", "folds", "units")
_DAMAGED = "The file is damaged; copy or download it again."
_LARGEST_NUMBER = 2**53  # up to it, float64 holds every whole number


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownSpectra:
    """The area of applicability of a model.

    Parameters
    ----------
    branch : position of the branch of the preprocessing whose channels are the predictors.
    area : in these channels.
    training_pixels : pixels that the model was trained on, of which the area holds some or all.
    apart : what training pixels were kept apart for its threshold: ``folds``, or ``places`` (polygons and connected areas) if
        there were no folds.
    """

    branch: int
    area: Applicability
    training_pixels: int
    apart: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibrated:
    """The scores behind prediction sets.

    Parameters
    ----------
    scores : of tested pixels.
    tested_pixels : all of them, of which the scores are some or all.
    unit_name : what their units are: "block", "polygon" or "pixel".
    """

    scores: CalibrationScores
    tested_pixels: int
    unit_name: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Trust:
    """Both, each None if a model does not have it, as those of earlier versions."""

    known: KnownSpectra | None = None
    calibrated: Calibrated | None = None

    def check(self, channels: list[int], n_classes: int) -> None:
        """See that it fits a preprocessing with these channels in its branches, and a legend.

        Raises
        ------
        BundleError : it does not.
        """
        if self.known is not None:
            branch, predictors = self.known.branch, self.known.area.n_predictors
            if branch >= len(channels) or channels[branch] != predictors:
                raise BundleError(
                    f"The area of applicability has {predictors} predictors from branch {branch} of the preprocessing, whose"
                    f" branches have {', '.join(map(str, channels))} channels.",
                    code="inconsistent",
                )
        if self.calibrated is not None and self.calibrated.scores.n_classes != n_classes:
            raise BundleError(
                f"The calibration scores are of {self.calibrated.scores.n_classes} classes, the legend has {n_classes}.",
                code="inconsistent",
            )

    def to_json(self) -> dict[str, Any]:
        """Everything but the arrays: ``applicability`` and ``conformal`` of a manifest."""
        known, calibrated = self.known, self.calibrated
        return {
            "applicability": None
            if known is None
            else {
                "branch": known.branch,
                "mean_distance": known.area.mean_distance,
                "threshold": known.area.threshold,
                "training_pixels": known.training_pixels,
                "apart": known.apart,
            },
            "conformal": None
            if calibrated is None
            else {"tested_pixels": calibrated.tested_pixels, "unit_name": calibrated.unit_name},
        }

    def arrays(self) -> dict[str, npt.NDArray[np.float64]]:
        """The arrays by name, float64."""
        found: dict[str, npt.NDArray[np.float64]] = {}
        if self.known is not None:
            found |= {_AREA + name: getattr(self.known.area, name) for name in _AREA_ARRAYS}
        if self.calibrated is not None:
            scores = self.calibrated.scores
            found |= {_SCORES + name: getattr(scores, name).astype(np.float64) for name in _SCORE_ARRAYS}
        return found

    @classmethod
    def from_parts(
        cls,
        applicability: Mapping[str, Any] | None,
        conformal: Mapping[str, Any] | None,
        arrays: Mapping[str, npt.NDArray[np.float64]],
        n_classes: int,
    ) -> Trust:
        """Put together again what :meth:`to_json` and :meth:`arrays` gave.

        Raises
        ------
        BundleError : parts are missing or impossible.
        """
        try:
            return cls(
                known=None if applicability is None else _known(applicability, arrays),
                calibrated=None if conformal is None else _calibrated(conformal, arrays, n_classes),
            )
        except (ValueError, TypeError, KeyError) as error:
            raise BundleError(
                f"What the model keeps of its training pixels is inconsistent: {error}",
                code="inconsistent",
                hint=_DAMAGED,
            ) from error


def split_arrays(
    arrays: Mapping[str, npt.NDArray[np.float64]], *, known: bool, calibrated: bool
) -> tuple[dict[str, npt.NDArray[np.float64]], dict[str, npt.NDArray[np.float64]]]:
    """The arrays of the preprocessing, and those that a manifest with these parts adds to them."""
    names = [_AREA + name for name in _AREA_ARRAYS] if known else []
    names += [_SCORES + name for name in _SCORE_ARRAYS] if calibrated else []
    own = {name: arrays[name] for name in names if name in arrays}
    return {name: array for name, array in arrays.items() if name not in own}, own


def _known(record: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[np.float64]]) -> KnownSpectra:
    area = Applicability(
        **{name: arrays[_AREA + name] for name in _AREA_ARRAYS},
        mean_distance=record["mean_distance"],
        threshold=record["threshold"],
    )
    return KnownSpectra(
        branch=record["branch"], area=area, training_pixels=record["training_pixels"], apart=record["apart"]
    )


def _calibrated(record: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[np.float64]], n_classes: int) -> Calibrated:
    whole = {name: _whole_numbers(_SCORES + name, arrays) for name in ("classes", "folds", "units")}
    scores = CalibrationScores(lac=arrays[_SCORES + "lac"], aps=arrays[_SCORES + "aps"], **whole, n_classes=n_classes)
    return Calibrated(scores=scores, tested_pixels=record["tested_pixels"], unit_name=record["unit_name"])


def _whole_numbers(name: str, arrays: Mapping[str, npt.NDArray[np.float64]]) -> npt.NDArray[np.int64]:
    numbers = arrays[name]
    if not (np.isfinite(numbers).all() and (np.abs(numbers) < _LARGEST_NUMBER).all() and (numbers % 1 == 0).all()):
        raise ValueError(f"{name} must hold whole numbers")
    return numbers.astype(np.int64)
