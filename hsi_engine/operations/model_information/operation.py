"""What a model file is, what is known of its accuracy, and whether it fits a scene."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ...phrases import shortened
from ..definition.base import Operation, OperationParams, OperationResult, parameter
from ..definition.scene_input import (
    detector_overlap_parameter,
    nodata_parameter,
    quality_parameter,
    resample_second_parameter,
    second_parameter,
    wavelengths_parameter,
)


class ModelInformationParams(OperationParams):
    """Parameters of :data:`OPERATION`."""

    model: Path = parameter(title="Model file", description="Model file (.hsimodel) to describe.", kind="model")
    scene: Path | None = parameter(
        None,
        title="Scene",
        description="Scene to compare the model with: whether it fits, or why not.",
        kind="scene",
    )
    nodata: float | None = nodata_parameter()
    quality: Literal["mask", "keep"] = quality_parameter()
    detector_overlap: Literal["vnir", "swir", "both"] = detector_overlap_parameter()
    wavelengths: Path | None = wavelengths_parameter()
    second: Path | None = second_parameter()
    resample_second: Literal["nearest", "bilinear"] | None = resample_second_parameter()
    report: Path | None = parameter(
        None,
        title="Report",
        description="HTML page: whether the model fits the scene, its classes with their accuracy, and what it was trained on.",
        kind="report_out",
    )


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelClass(_Part):
    """One class of a model. Accuracies are shares from 0 to 1, with their 95 % intervals; null if not known.

    ``labelled_pixels`` and ``places`` count what the model was trained and tested with, ``tested_pixels`` those that were
    classified by a model that was not trained on them.
    """

    value: int
    name: str
    color: str
    labelled_pixels: int | None
    places: int | None
    tested_pixels: int | None
    producers_accuracy: float | None
    producers_interval: tuple[float, float] | None
    users_accuracy: float | None
    users_interval: tuple[float, float] | None


class ModelAccuracy(_Part):
    """How good a model is and how that was measured.

    ``measured`` is "separate_places" if the tested pixels lie apart from all training pixels, "gaps" if they lie between
    them, as with random pixels, "other" if that is not known, and "unknown" if nothing was tested; ``strategy`` is the
    split's own word. ``sentence`` states it, ``caution`` what to know before using it.
    """

    measured: Literal["separate_places", "gaps", "other", "unknown"]
    strategy: str | None
    sentence: str
    caution: str
    overall: float | None
    overall_interval: tuple[float, float] | None
    average: float | None
    kappa: float | None
    tested_pixels: int | None


class ModelScene(_Part):
    """The scene a model was trained on; null if the model does not say."""

    name: str | None
    labels: str | None
    sensor: str | None
    day: str | None
    rows: int | None
    cols: int | None
    crs: str | None
    pixel_size_m: tuple[float, float] | None
    bands: int
    bands_used: int
    wavelength_min_nm: float | None
    wavelength_max_nm: float | None
    dtype: str
    mean_value: float
    mean_spectrum_min: float
    mean_spectrum_max: float


class SceneFitCheck(_Part):
    """One comparison of model and scene. A "problem" means that the map cannot be made or would be wrong."""

    name: Literal["bands", "values", "second_values", "spectra", "pixel_size", "nodata", "place"]
    title: str
    level: Literal["good", "remark", "problem", "unknown"]
    text: str
    hint: str


class SceneFitResult(_Part):
    """Whether the model fits a scene."""

    scene: Path
    verdict: Literal["fits", "fits_with_remarks", "does_not_fit"]
    headline: str
    checks: list[SceneFitCheck]


class ModelInformationResult(OperationResult):
    """Everything known of a model.

    ``created`` is when it was trained, or null if the file does not say; ``written`` when the file was last changed.
    ``neighbourhood_px`` is the edge of the patch that is seen around each pixel, 1 for none; ``smoothing_reach_px`` how far
    smoothing looks, null without smoothing. ``started_from`` names the model that the training began with, and what was kept of
    it; empty if it began afresh. ``second_raster`` says which one is needed, empty without. ``fit`` is null if no scene was given.
    """

    model: Path
    model_id: str
    file_bytes: int
    format_version: int
    engine_version: str | None
    created: str | None
    written: str
    method: str
    members: list[str]
    started_from: str
    trained_on: ModelScene
    classes: list[ModelClass]
    labelled_pixels: int | None
    accuracy: ModelAccuracy
    second_raster: str
    preprocessing: list[str]
    neighbourhood_px: int
    neighbourhood_m: float | None
    smoothing_reach_px: int | None
    smoothing_reach_m: float | None
    calibration: str
    limits: str
    fit: SceneFitResult | None
    report: Path | None
    notes: list[str]

    @property
    def headline(self) -> str:
        """The most important sentence: whether the model fits, else what it is."""
        return self.summary if self.fit is None else self.fit.headline

    @property
    def summary(self) -> str:
        """What the model is, in one sentence."""
        scene = self.trained_on
        sensor = f", {scene.sensor}" if scene.sensor else ""
        origin = f", trained on {scene.name}{sensor}" if scene.name else ""
        return f"{self.method} for {len(self.classes)} classes{origin}."

    def to_text(self) -> str:
        lines = []
        if self.fit is not None:
            marks = {"good": "ok", "remark": "note", "problem": "PROBLEM", "unknown": "?"}
            lines += [self.fit.headline, f"Scene {self.fit.scene}"]
            for check in self.fit.checks:
                hint = f" {check.hint}" if check.hint else ""
                start = f"  {marks[check.level]:<8}{check.title}: "
                lines += textwrap.wrap(check.text + hint, 110, initial_indent=start, subsequent_indent=" " * 10)
            lines.append("")
        for title, text in self.facts():
            lines += textwrap.wrap(text, 110, initial_indent=f"{title:<15}", subsequent_indent=" " * 15) if text else []
        width = max([5, *(len(shortened(c.name)) for c in self.classes)])
        lines += ["", f"  value  {'class':<{width}}  colour    labelled  right (95 % interval)"]
        for c in self.classes:
            labelled = "–" if c.labelled_pixels is None else f"{c.labelled_pixels:,}"
            lines.append(f"  {c.value:>5}  {shortened(c.name):<{width}}  {c.color}  {labelled:>9}  {_accuracy_text(c)}")
        lines += [f"Note: {note}" for note in self.notes]
        if self.report is not None:
            lines += ["", f"Report         {self.report}"]
        return "\n".join(lines)

    def facts(self) -> list[tuple[str, str]]:
        """Names and values for a person, without classes and fit."""
        scene = self.trained_on
        size = _size(scene.pixel_size_m)
        return [
            ("Model", str(self.model)),
            ("Method", self.method),
            ("Trained", f"{_day(self.created)}, engine {self.engine_version or 'of unknown version'}"),
            ("Scene", ", ".join(filter(None, (scene.name, scene.sensor, scene.day and f"taken on {scene.day}")))),
            ("Started from", self.started_from),
            ("Bands", bands_text(scene)),
            ("Second raster", self.second_raster),
            ("Pixel size", size or "not known"),
            ("Values", values_text(scene)),
            ("Labels", "" if self.labelled_pixels is None else f"{self.labelled_pixels:,} labelled pixels"),
            ("Accuracy", self.accuracy.sentence),
            ("", self.accuracy.caution),
            ("Prepared", "; ".join(self.preprocessing)),
            ("Neighbourhood", self.neighbourhood_text()),
            ("Smoothing", self.smoothing_text()),
            ("Confidence", self.calibration),
            ("File", f"{file_size(self.file_bytes)}, format {self.format_version}, written on {_day(self.written)}"),
        ]

    def neighbourhood_text(self) -> str:
        """What is seen around each pixel, in pixels and metres."""
        if self.neighbourhood_px == 1:
            return "none: each pixel is classified by its own spectrum"
        metres = "" if self.neighbourhood_m is None else f", {self.neighbourhood_m:,.0f} m in the training scene"
        return f"{self.neighbourhood_px}×{self.neighbourhood_px} px{metres}"

    def smoothing_text(self) -> str:
        """How far smoothing looks."""
        if self.smoothing_reach_px is None:
            return "none"
        metres = "" if self.smoothing_reach_m is None else f" ({self.smoothing_reach_m:,.0f} m in the training scene)"
        return f"along the edges of the scene, within {self.smoothing_reach_px} px{metres}"


def bands_text(scene: ModelScene) -> str:
    """Bands that are used, and their wavelengths."""
    return f"{scene.bands_used} of the {scene.bands} of the scene, {wavelengths_text(scene)}"


def wavelengths_text(scene: ModelScene) -> str:
    """The range of the wavelengths."""
    if scene.wavelength_min_nm is None or scene.wavelength_max_nm is None:
        return "wavelengths not stated"
    return f"{scene.wavelength_min_nm:.0f} to {scene.wavelength_max_nm:.0f} nm"


def values_text(scene: ModelScene) -> str:
    """Scale of the values."""
    return (
        f"{scene.dtype} in the file; bands have means from {scene.mean_spectrum_min:.4g} to {scene.mean_spectrum_max:.4g},"
        f" {scene.mean_value:.4g} over all"
    )


def file_size(count: int) -> str:
    """Bytes for a person."""
    return f"{count / 1e6:,.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1000)):,} kB"


def _size(size_m: tuple[float, float] | None) -> str:
    return "" if size_m is None else " × ".join(dict.fromkeys(f"{edge:g}" for edge in size_m)) + " m"


def _day(time: str | None) -> str:
    return "on an unknown day" if time is None else time.partition("T")[0]


def _accuracy_text(item: ModelClass) -> str:
    if item.producers_accuracy is None:
        return "not known"
    low_high = item.producers_interval
    interval = "" if low_high is None else f" ({100 * low_high[0]:.0f}–{100 * low_high[1]:.0f} %)"
    return f"{100 * item.producers_accuracy:.1f} %{interval}"


OPERATION = Operation(
    name="model_information",
    command="model-info",
    title="Model information",
    summary="Describe a model file: what it is, how accurate and how that was measured, and whether it fits a scene.",
    group="Classification",
    params=ModelInformationParams,
    result=ModelInformationResult,
    run="hsi_engine.operations.model_information.run:run",
    example="hsi model-info crops.hsimodel --scene scene.tif --report model.html",
)
