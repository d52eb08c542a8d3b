"""Check labels before anything is trained on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from ...label_check.verdict import distance_text
from ...phrases import shortened
from ..definition.base import Operation, OperationParams, OperationResult, parameter
from ..definition.label_input import ClassField, LabelReading, labels_parameter
from ..definition.output_layer import OutputLayer
from ..definition.scene_input import (
    BandChoice,
    detector_overlap_parameter,
    nodata_parameter,
    quality_parameter,
    wavelengths_parameter,
)


class _Files(OperationParams):
    """What is checked, and what is written."""

    scene: Path = parameter(title="Scene", description="Scene that you want to map.", kind="scene")
    nodata: float | None = nodata_parameter()
    quality: Literal["mask", "keep"] = quality_parameter()
    detector_overlap: Literal["vnir", "swir", "both"] = detector_overlap_parameter()
    wavelengths: Path | None = wavelengths_parameter()
    labels: Path = labels_parameter()
    report: Path | None = parameter(
        None,
        title="Report",
        description="HTML page with the verdict, class spectra, separability, and labels to look at.",
        kind="report_out",
    )
    problems: Path | None = parameter(
        None,
        title="Labels to look at",
        description="GeoPackage of polygons and points to look at, with number, class and reason.",
        kind="vector_out",
        layer=OutputLayer(name="labels to look at", content="findings"),
    )


class CheckLabelsParams(BandChoice, LabelReading, ClassField, _Files):
    """Parameters of :data:`OPERATION`; labels are read as a training reads them."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CheckedClass(_Part):
    """One class. ``mean`` and ``standard_deviation`` are its spectrum in ``bands`` of the result; null without pixels.

    ``features`` counts polygons, points or regions, ``places`` the separate places a training tells apart. ``recognised``
    is the share of its tested pixels that the quick test finds, ``taken_for`` the class that most of the others go to.
    """

    value: int
    name: str
    color: str
    features: int
    pixels: int
    pixels_without_data: int
    area_m2: float | None
    places: int
    tested: bool
    recognised: float | None
    taken_for: str | None
    advice: list[str]
    mean: list[float] | None
    standard_deviation: list[float] | None


class CheckedPair(_Part):
    """Two classes and the Jeffries–Matusita distance between them, 0 to 2."""

    values: tuple[int, int]
    names: tuple[str, str]
    jm_distance: float
    told_apart: Literal["hardly", "in_part", "well"]
    text: str


class LabelFinding(_Part):
    """A polygon, point or region to look at; ``number`` counts from 1 in the order of the file."""

    number: int
    value: int
    class_name: str
    kind: Literal["contradiction", "overlap", "odd", "no_pixel", "outside", "no_data", "duplicate", "tiny"]
    reason: str


class CheckLabelsResult(OperationResult):
    """Whether one can train with the labels, and what to do about them, the most helpful first.

    Pairs come with the least separable first; ``bands`` count from 1. ``can_test`` says whether the accuracy can be
    checked in places that were not trained on. The accuracies, 0 to 1, are those of a quick test: shrinkage LDA on single
    pixels, in places that it was not trained on; null if nothing can be tested. ``folds`` holds those that a training would make.
    """

    scene: Path
    labels: Path
    verdict: str
    can_train: bool
    can_test: bool
    advice: list[str]
    feature_word: str
    classes: list[CheckedClass]
    pairs: list[CheckedPair]
    components: int
    explained_variance: float
    overall_accuracy: float | None
    average_accuracy: float | None
    findings: list[LabelFinding]
    bands: list[int]
    wavelength_nm: list[float | None]
    folds: dict[str, Any]
    examined_pixels: int
    report: Path | None
    problems: Path | None
    notes: list[str]

    def to_text(self) -> str:
        width = max(5, *(len(shortened(c.name)) for c in self.classes))
        lines = [
            self.verdict,
            "",
            f"  value  {'class':<{width}}  {self.feature_word + 's':>9}    pixels    places  recognised",
        ]
        lines += [
            f"  {c.value:>5}  {shortened(c.name):<{width}}  {c.features:>9,}  {c.pixels:>8,}  {c.places:>8,}"
            + f"  {'not known' if c.recognised is None else f'{100 * c.recognised:.0f} %':>10}"
            + "".join(f"  {sentence}" for sentence in c.advice)
            for c in self.classes
        ]
        close = [pair for pair in self.pairs if pair.told_apart != "well"]
        if close:
            lines += ["", "Classes that are hard to tell apart (Jeffries–Matusita distance, 0 to 2)"]
            lines += [f"  {distance_text(pair.jm_distance)}  {pair.text}" for pair in close[:_MOST_LINES]]
            lines += _more(len(close))
        if self.findings:
            lines += ["", f"{self.feature_word.capitalize()}s to look at"]
            lines += [f"  {f.number:>6}  {f.class_name}: {f.reason}" for f in self.findings[:_MOST_LINES]]
            lines += _more(len(self.findings))
        if self.advice:
            lines += ["", "What would help most, in order", *(f"  - {sentence}" for sentence in self.advice)]
        written = [str(path) for path in (self.report, self.problems) if path is not None]
        return "\n".join([*lines, *(["", "Written: " + ", ".join(written)] if written else [])])


_MOST_LINES = 12


def _more(count: int) -> list[str]:
    return [f"  … and {count - _MOST_LINES} more"] if count > _MOST_LINES else []


OPERATION = Operation(
    name="check_labels",
    command="check-labels",
    title="Check training labels",
    summary="Check before training whether labels are good enough and what to add: spectra, separability, odd "
    "polygons.",
    group="Classification",
    params=CheckLabelsParams,
    result=CheckLabelsResult,
    run="hsi_engine.operations.check_labels.run:run",
    example="hsi check-labels --scene scene.tif --labels polygons.gpkg --class-field class_name --report labels.html",
)
