"""What a scene holds: size, place, bands and how much of it is data."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ...phrases import counted, shortened
from ...spectrum.bands import band_numbers
from ..definition.base import Operation, OperationParams, OperationResult, parameter
from ..definition.scene_input import (
    detector_overlap_parameter,
    nodata_parameter,
    quality_parameter,
    wavelengths_parameter,
)

_TABLE_COLUMNS = 4
# Less than that is rounding in the file: a hundredth of a pixel over a thousand.
_LEAST_ROTATION_DEG = 0.0005
# The reason of bands that have no other.
_FLAGGED = "flagged bad by the file"


class InspectSceneParams(OperationParams):
    """Parameters of :data:`OPERATION`."""

    scene: Path = parameter(title="Scene", description="Raster file to describe, or an ENVI header.", kind="scene")
    statistics: bool = parameter(
        True,
        title="Statistics",
        description="Also read the pixels: bands without data, share of valid pixels, range of values.",
        kind="boolean",
    )
    nodata: float | None = nodata_parameter()
    quality: Literal["mask", "keep"] = quality_parameter()
    detector_overlap: Literal["vnir", "swir", "both"] = detector_overlap_parameter()
    wavelengths: Path | None = wavelengths_parameter()
    report: Path | None = parameter(
        None,
        title="Report",
        description="HTML page with pictures, mean spectrum, values, bands with the reasons why some are left out, and notes.",
        kind="report_out",
    )


class BandDescription(BaseModel):
    """One band, counted from 1.

    Values are scaled, over the pixels that are valid in every usable band; of a band that is flagged bad, over those that
    hold data in it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    name: str
    wavelength_nm: float | None
    fwhm_nm: float | None
    good: bool
    bad_reason: str
    scale: float
    offset: float
    minimum: float | None = None
    mean: float | None = None
    maximum: float | None = None
    standard_deviation: float | None = None


class QualityLayerCount(BaseModel):
    """A quality layer of a product: what it marks, whether pixels that it marks hold no data, and how many these are.

    ``pixels`` is null if the pixels were not read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    masked: bool
    pixels: int | None = None


class MapClass(BaseModel):
    """A class of a class map; pixels are null if they were not counted, hectares too if the area of pixels is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: int
    name: str
    color: str
    pixels: int | None = None
    hectares: float | None = None


class InspectSceneResult(OperationResult):
    """Everything known of a scene. Band numbers count from 1; what was not examined is null.

    ``bands_without_data`` are looked for among those that are flagged bad, too; ``bands_mostly_empty`` hold data in so few
    pixels that they are not used, and ``bands_constant`` hold a single value.
    ``acquired`` and ``sensor`` are as the file states them, ``composites`` those that :func:`hsi_engine.colour_scene` can show.
    ``classes`` are those of a class map, null of other rasters; ``made_with`` is what a raster of this engine states about its origin.
    ``nodata`` is what the file states for its first band, ``nodata_given`` what the user added.

    ``transform`` holds a, b, c, d, e, f of ``x = a·col + b·row + c``, ``y = d·col + e·row + f``.
    """

    scene: Path
    format: str
    rows: int
    cols: int
    dtype: str
    block_shape: tuple[int, int]
    crs: str | None
    crs_wkt: str | None
    crs_unit: str | None
    transform: tuple[float, float, float, float, float, float]
    pixel_size: tuple[float, float]
    nodata: int | float | None
    nodata_given: float | None
    bands: list[BandDescription]
    quality_layers: list[QualityLayerCount]
    bands_flagged_bad: list[int]
    bands_without_data: list[int] | None
    bands_mostly_empty: list[int] | None
    bands_constant: list[int] | None
    bands_usable: list[int] | None
    composites: list[str]
    valid_pixels: int | None
    valid_share: float | None
    classes: list[MapClass] | None
    made_with: dict[str, str]
    acquired: str | None
    sensor: str | None
    report: Path | None
    notes: list[str]

    def to_text(self) -> str:
        origin = f"{self.transform[2]:.10g}, {self.transform[5]:.10g}"
        size = f"{self.pixel_size[0]:.6g} × {self.pixel_size[1]:.6g} {self.crs_unit or 'units'}"
        facts = [
            ("Scene", str(self.scene)),
            ("Format", f"{self.format}, {self.dtype}, blocks of {self.block_shape[0]}×{self.block_shape[1]} pixels"),
            ("Size", f"{self.rows} rows × {self.cols} columns, {counted(len(self.bands), 'band')}"),
            *([("Acquired", self.acquired)] if self.acquired else []),
            *([("Sensor", self.sensor)] if self.sensor else []),
            ("CRS", self.crs or "none"),
            ("Pixel size", size),
            *self.rotation_facts(),
            ("Upper left corner", origin),
            *([("Class map", f"{len(self.classes)} classes")] if self.classes is not None else []),
            *((title.capitalize(), text) for title, text in self.made_with.items()),
            *self.text_facts(),
        ]
        lines = [f"{title:<19}{text}" for title, text in facts]
        lines += [f"Note: {note}" for note in self.notes]
        lines += ["", *(self._band_lines() if self.classes is None else self._class_lines(self.classes))]
        if self.report is not None:
            lines += ["", f"Written: {self.report}"]
        return "\n".join(lines)

    def rotation_facts(self) -> list[tuple[str, str]]:
        """How far the rows are turned away from the x axis of the CRS; nothing if they are not."""
        degrees = math.degrees(math.atan2(self.transform[3], self.transform[0]))
        if abs(degrees) < _LEAST_ROTATION_DEG:
            return []
        direction = "counterclockwise" if degrees > 0 else "clockwise"
        return [("Rotation", f"{abs(degrees):.4g}° {direction}")]

    def text_facts(self) -> list[tuple[str, str]]:
        """What is known of values and bands, as titles and text."""
        return [
            ("No data", self._nodata_text()),
            ("Scale, offset", self._scaling_text()),
            ("Wavelengths", self._wavelength_text()),
            ("Flagged bad", self._flagged_text()),
            ("Without data", self._numbers_text(self.bands_without_data)),
            *([("Mostly empty", self._numbers_text(self.bands_mostly_empty))] if self.bands_mostly_empty else []),
            *([("One value only", self._numbers_text(self.bands_constant))] if self.bands_constant else []),
            ("Usable bands", self._numbers_text(self.bands_usable)),
            *([("Quality layers", self._quality_text())] if self.quality_layers else []),
            ("Valid pixels", self._valid_text()),
        ]

    def _flagged_text(self) -> str:
        """The bands that are not good, by reason."""
        by_reason: dict[str, list[int]] = {}
        for band in self.bands:
            if not band.good:
                by_reason.setdefault(band.bad_reason, []).append(band.number - 1)
        if list(by_reason) in ([], [_FLAGGED]):
            return self._numbers_text(self.bands_flagged_bad)
        return "; ".join(f"{band_numbers(bands)} ({reason})" for reason, bands in by_reason.items())

    def _quality_text(self) -> str:
        def shown(layer: QualityLayerCount) -> str:
            pixels = "" if layer.pixels is None else f" {layer.pixels:,}"
            return f"{layer.name}{pixels}{' (masked)' if layer.masked else ''}"

        return ", ".join(map(shown, self.quality_layers))

    def _nodata_text(self) -> str:
        # A whole number of 64 bits is shown with all its digits.
        shown = str(self.nodata) if isinstance(self.nodata, int) else f"{self.nodata or 0:.10g}"
        stated = "none stated" if self.nodata is None else shown
        return stated if self.nodata_given is None else f"{stated}; {self.nodata_given:.10g} given"

    def _scaling_text(self) -> str:
        pairs = sorted({(band.scale, band.offset) for band in self.bands})
        return ", ".join(f"{pairs[0][i]:.10g}" for i in (0, 1)) if len(pairs) == 1 else "differ by band"

    def _wavelength_text(self) -> str:
        known = [band.wavelength_nm for band in self.bands if band.wavelength_nm is not None]
        return f"{min(known):.1f} to {max(known):.1f} nm" if known else "not stated"

    def _valid_text(self) -> str:
        if self.valid_pixels is None or self.valid_share is None:
            return "not examined"
        return f"{self.valid_pixels:,} of {self.rows * self.cols:,} ({100 * self.valid_share:.1f} %)"

    @staticmethod
    def _numbers_text(numbers: list[int] | None) -> str:
        return "not examined" if numbers is None else band_numbers(n - 1 for n in numbers) or "none"

    @staticmethod
    def _class_lines(classes: list[MapClass]) -> list[str]:
        """A line for each class: value, name, share of the classified pixels, hectares."""
        width, total = max(len(shortened(c.name)) for c in classes), max(1, sum(c.pixels or 0 for c in classes))
        lines = []
        for one in classes:
            share = "" if one.pixels is None else f"  {100 * one.pixels / total:>5.1f} %"
            area = "" if one.hectares is None else f"  {one.hectares:>12,.1f} ha"
            lines.append(f"{one.value:>5}  {shortened(one.name):<{width}}{share}{area}".rstrip())
        return lines

    def _band_lines(self) -> list[str]:
        """The bands in columns: number, wavelength, and a mark if one cannot be used."""
        empty = set(self.bands_without_data or ())
        cells = []
        for band in self.bands:
            place = band.name if band.wavelength_nm is None else f"{band.wavelength_nm:.1f} nm"
            marks = ["bad"] * (not band.good) + ["empty"] * (band.number in empty)
            mark = f" {', '.join(marks)}" if marks else ""
            cells.append(f"{band.number:>5}  {place[:24]}{mark}")
        height = -(-len(cells) // _TABLE_COLUMNS)
        width = max(len(cell) for cell in cells) + 2
        return ["".join(cell.ljust(width) for cell in cells[row::height]).rstrip() for row in range(height)]


OPERATION = Operation(
    name="inspect_scene",
    command="info",
    title="Scene information",
    summary="Describe a scene: size, location, bands with their wavelengths, and how much of it has data.",
    group="Scene",
    params=InspectSceneParams,
    result=InspectSceneResult,
    run="hsi_engine.operations.inspect_scene.run:run",
    example="hsi info --scene scene.tif --report scene.html",
)
