"""What a check of labels finds, as plain values that every entry point and the report can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..classes.legend import LegendClass

Kind = Literal["contradiction", "overlap", "odd", "no_pixel", "outside", "no_data", "duplicate", "tiny"]

# In the order in which they matter: what is wrong, what may be wrong, what is lost, what does no harm.
KINDS: tuple[Kind, ...] = ("contradiction", "overlap", "odd", "no_pixel", "outside", "no_data", "duplicate", "tiny")

Level = Literal["good", "caution", "warning"]
Degree = Literal["hardly", "in_part", "well"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing to look at.

    Parameters
    ----------
    feature : number 1… of the polygon, point or region, in the order of the file.
    value : its class value.
    kind : what it is, one of :data:`KINDS`.
    reason : one sentence without the class and number of the feature.
    """

    feature: int
    value: int
    kind: Kind
    reason: str


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassSummary:
    """One class of the labels.

    Parameters
    ----------
    features : polygons, points or regions of the class that were read, those without a pixel among them.
    pixels : labelled pixels where the scene has data; ``pixels_without_data`` the others.
    area_m2 : ground area of ``pixels``; None if the scene has no CRS with a unit of length.
    places : separate places, as the folds of a training count them; 0 without pixels.
    tested : whether its accuracy can be tested in places that were not trained on.
    mean, deviation : spectrum of the class and standard deviation around it in the unit of the scene, (bands,); None
        without pixels. The deviation of a single pixel is 0.
    recognised : share (0 to 1) of its tested pixels that the quick test classifies rightly; None if it tests none.
        ``taken_for`` is the name of the class that most of the others are taken for, or None.
    advice : what to add, one sentence each; empty if nothing is needed.
    """

    item: LegendClass
    features: int
    pixels: int
    pixels_without_data: int
    area_m2: float | None
    places: int
    tested: bool
    mean: npt.NDArray[np.float64] | None
    deviation: npt.NDArray[np.float64] | None
    recognised: float | None
    taken_for: str | None
    advice: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PairSummary:
    """How far apart two classes are: class values, names, Jeffries–Matusita distance 0 to 2, and what it means."""

    values: tuple[int, int]
    names: tuple[str, str]
    distance: float
    told_apart: Degree
    text: str


@dataclass(frozen=True, kw_only=True)
class CheckVerdict:
    """Whether one can train now, in one or two sentences, and what would help, the most helpful first."""

    can_train: bool
    can_test: bool
    level: Level
    text: str
    advice: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelCheck:
    """All that a check finds.

    Parameters
    ----------
    feature_word : "polygon", "point", "feature" (both) or "region" (label raster).
    classes : in the order of their values.
    bands : 0-based bands that were looked at, rising, those of the spectra; ``wavelength_nm`` of *all* bands of the
        scene, None if unknown.
    pairs : the least separable first, of very many only these; empty if nothing can be said.
    components, explained : principal components the distances are computed in, and their share of the variance.
    findings : sorted as :data:`KINDS`, then by number.
    unsearched : names of classes with too few features to search for odd ones.
    overall_accuracy, average_accuracy : of the quick test, shares 0 to 1; None if nothing can be tested.
    folds : what :meth:`hsi_engine.splitting.folds.Folds.to_json` says.
    examined : labelled pixels whose spectra were looked at.
    notes : everything that was left out, guessed or decided on the way.
    """

    verdict: CheckVerdict
    feature_word: str
    classes: tuple[ClassSummary, ...]
    bands: tuple[int, ...]
    wavelength_nm: tuple[float | None, ...]
    pairs: tuple[PairSummary, ...]
    components: int
    explained: float
    findings: tuple[Finding, ...]
    unsearched: tuple[str, ...]
    overall_accuracy: float | None
    average_accuracy: float | None
    folds: dict[str, Any]
    examined: int
    notes: tuple[str, ...]
