"""Why a pixel of a map has its class: probabilities, spectrum, and the training pixels that are most like it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ...phrases import shortened
from ..classify_scene.operation import ClassifySceneParams
from ..definition.base import Operation, OperationParams, OperationResult, parameter, same_as
from ..definition.label_input import ClassField, LabelReading

_MOST_CLASSES_IN_TEXT = 6


class _Pixel(OperationParams):
    """What is explained."""

    scene: Path = parameter(title="Scene", description="The scene that the pixel belongs to.", kind="scene")
    model: Path = same_as(ClassifySceneParams, "model")
    position: str | None = parameter(
        None,
        title="Position",
        description='The pixel at these map coordinates: "x,y" in the CRS of the scene, or "x,y,EPSG:4326".',
        kind="position",
    )
    row: int | None = parameter(
        None,
        title="Row",
        description="Row of the pixel, from 0, instead of a position.",
        kind="integer",
        ge=0,
        advanced=True,
    )
    col: int | None = parameter(
        None,
        title="Column",
        description="Column of the pixel, from 0, instead of a position.",
        kind="integer",
        ge=0,
        advanced=True,
    )


class _Options(OperationParams):
    """How it is explained."""

    coverage: float = same_as(ClassifySceneParams, "coverage")
    set_method: Literal["lac", "aps", "class"] = same_as(ClassifySceneParams, "set_method")
    smooth: bool = same_as(
        ClassifySceneParams,
        "smooth",
        description="Explain the class of the smoothed map, which is what Classify scene writes unless told otherwise.",
    )
    nearest: int = parameter(
        5,
        title="Nearest training pixels",
        description="How many of the training pixels with the most similar spectra are listed.",
        kind="integer",
        ge=1,
        le=50,
        advanced=True,
    )
    labels: Path | None = parameter(
        None,
        title="Labels of the scene",
        description=(
            "Polygons, points or a raster of classes in this scene: the spectrum is compared with their pixels instead of those"
            " that the model keeps. Needed for models of earlier versions, which keep none."
        ),
        kind="labels",
        advanced=True,
    )
    class_field: str | None = same_as(ClassField, "class_field")


class _Sources(OperationParams):
    """How the rasters are read."""

    nodata: float | None = same_as(ClassifySceneParams, "nodata")
    quality: Literal["mask", "keep"] = same_as(ClassifySceneParams, "quality")
    detector_overlap: Literal["vnir", "swir", "both"] = same_as(ClassifySceneParams, "detector_overlap")
    wavelengths: Path | None = same_as(ClassifySceneParams, "wavelengths")
    second: Path | None = same_as(ClassifySceneParams, "second")
    resample_second: Literal["nearest", "bilinear"] | None = same_as(ClassifySceneParams, "resample_second")
    only_second: bool = same_as(ClassifySceneParams, "only_second")
    device: str = same_as(ClassifySceneParams, "device")


class ExplainPixelParams(LabelReading, _Sources, _Options, _Pixel):
    """Parameters of :data:`OPERATION`. Of several parents, the last one's fields come first."""

    report: Path | None = parameter(
        None,
        title="Report",
        description="HTML page with the probabilities, the spectrum against those of the classes, and the nearest training pixels.",
        kind="report_out",
    )


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExplainedClass(_Part):
    """A class and how it fits the pixel.

    ``in_set`` is null without a prediction set. ``labelled_pixels`` and ``distance`` are null if no spectra of the class are known;
    the distance is the median over the bands of the distance from the mean, in standard deviations of the class.
    """

    value: int
    name: str
    color: str
    probability: float
    in_set: bool | None
    labelled_pixels: int | None
    distance: float | None


class PixelSet(_Part):
    """The prediction set: the classes among which the right one is, in a share ``coverage`` of places like those tested."""

    coverage: float
    method: str
    values: list[int]
    names: list[str]


class PixelApplicability(_Part):
    """Whether the spectrum is like those of the training pixels; inside if the dissimilarity is the threshold or less."""

    inside: bool
    dissimilarity: float
    threshold: float
    training_pixels: int


class NearestPixel(_Part):
    """A training pixel with a similar spectrum.

    ``distance`` is in the unit of the dissimilarity: 1 is the mean distance between training pixels. Class and place are null if the
    model does not keep them; row and column count from 0 in the training scene, x and y are in its CRS.
    """

    distance: float
    value: int | None
    name: str | None
    row: int | None
    col: int | None
    x: float | None
    y: float | None


class PixelBand(_Part):
    """A band that the model sees, with the value of the pixel; the number counts from 1 in the scene."""

    number: int
    name: str
    wavelength_nm: float | None
    value: float


class SpectrumOfClass(_Part):
    """Mean and standard deviation of the labelled pixels of a class in each of the bands."""

    value: int
    pixels: int
    mean: list[float]
    deviation: list[float]


class ExplainPixelResult(OperationResult):
    """Why a pixel has its class.

    ``row`` and ``col`` count from 0; ``x`` and ``y`` are the centre of the pixel in the CRS of the scene, null if it has no
    coordinates. ``classes`` begin with the most probable one, which is that of the map. ``before_smoothing`` is its name
    before the map is smoothed, null if it is not. ``calibrated`` is whether labelled pixels showed how often such probabilities are
    right. ``class_spectra_of`` says whose pixels the class spectra are of: ``model``, ``labels`` or ``none``.
    ``missing`` holds a sentence for each thing that is null, and why.
    """

    report: Path | None
    row: int
    col: int
    x: float | None
    y: float | None
    crs: str | None
    class_value: int
    class_name: str
    probability: float
    calibrated: bool
    before_smoothing: str | None
    classes: list[ExplainedClass]
    prediction_set: PixelSet | None
    area_of_applicability: PixelApplicability | None
    nearest: list[NearestPixel]
    bands: list[PixelBand]
    class_spectra: list[SpectrumOfClass]
    class_spectra_of: Literal["model", "labels", "none"]
    headline: str
    sentences: list[str]
    missing: list[str]
    notes: list[str]
    model_id: str
    device: str
    seconds: float

    def to_text(self) -> str:
        place = f"row {self.row}, column {self.col} (from 0)"
        if self.x is not None and self.y is not None:
            place += f", at {self.x:.10g}, {self.y:.10g}"
        width = max(len(shortened(c.name)) for c in self.classes)
        lines = [f"Pixel      {place}", f"Class      {self.headline}"]
        for c in self.classes[:_MOST_CLASSES_IN_TEXT]:
            distance = "" if c.distance is None else f"  {c.distance:6.1f} deviations away"
            mark = "  in the set" if c.in_set else ""
            lines.append(f"  {c.value:>5}  {shortened(c.name):<{width}}  {100 * c.probability:5.1f} %{distance}{mark}")
        if len(self.classes) > _MOST_CLASSES_IN_TEXT:
            lines.append(f"         and {len(self.classes) - _MOST_CLASSES_IN_TEXT} less probable classes")
        lines += self.sentences
        if self.nearest:
            lines.append("Nearest training pixels")
            lines += [f"  {one.distance:6.3f}  {_nearest(one)}" for one in self.nearest]
        lines += [f"Missing: {sentence}" for sentence in self.missing]
        lines += [f"Note: {note}" for note in self.notes]
        if self.report is not None:
            lines.append(f"Report     {self.report}")
        return "\n".join(lines)


def _nearest(pixel: NearestPixel) -> str:
    if pixel.name is None:
        return "class not kept"
    place = "" if pixel.row is None else f", row {pixel.row}, column {pixel.col}"
    return pixel.name + place


OPERATION = Operation(
    name="explain_pixel",
    command="explain",
    title="Explain pixel",
    summary="Explain why a pixel has its class: probabilities, its spectrum against the classes, and the most similar training pixels.",
    group="Classification",
    params=ExplainPixelParams,
    result=ExplainPixelResult,
    run="hsi_engine.operations.explain_pixel.run:run",
    example="hsi explain --scene scene.tif --model crops.hsimodel --position 364500.5,5808000 --report pixel.html",
)
