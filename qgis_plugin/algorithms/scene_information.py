"""Algorithm: what a scene holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..runs.result_values import ResultValue, at, count
from ..runs.wording import percent
from ..translation import counted, tr
from .kinds.engine_algorithm import EngineAlgorithm


class SceneInformationAlgorithm(EngineAlgorithm):
    """A scene in; its size, place, bands and valid pixels in the log and as outputs."""

    OPERATION = "inspect_scene"
    ID = "scene_information"
    TAGS = (tr("hyperspectral"), tr("wavelengths"), tr("bands"), tr("metadata"), "ENVI")
    HELP_PAGE = "seeing-a-scene"
    REPORT_TITLE = tr("Scene page")
    RESULT_VALUES = (
        ResultValue("ROWS", tr("Rows"), at("rows")),
        ResultValue("COLS", tr("Columns"), at("cols")),
        ResultValue("BANDS", tr("Bands"), count("bands")),
        ResultValue("USABLE_BANDS", tr("Bands neither flagged bad nor empty"), count("bands_usable")),
        ResultValue("VALID_SHARE", tr("Share of pixels with data (0 to 1)"), at("valid_share")),
        ResultValue("CRS", tr("Coordinate reference system"), at("crs"), text=True),
    )
    HELP = tr(
        "<p>Reads a hyperspectral scene in the same way as the other tools, and reports what it finds. Run it first "
        "on a scene that is new to you.</p>"
        "<h3>What comes out</h3>"
        "<p><b>Report</b>: a page, opened from the Results Viewer, with what to check first, the scene in true colour and near "
        "infrared, its mean spectrum, a histogram of its values, and a table of all bands with the reasons why some are left "
        "out.</p>"
        "<p>The main facts are in the log too, and are outputs for models and scripts.</p>"
        "<h3>How to read it</h3>"
        "<ul><li><b>No wavelengths</b>: a model trained on this scene can only be matched to other scenes by their "
        "number of bands.</li>"
        "<li><b>Bands flagged bad or empty</b> are left out of training automatically.</li>"
        "<li><b>Few valid pixels</b>: check the nodata value, and look for single bands full of holes; leave those "
        "out with the training parameter <b>Bands</b>.</li></ul>"
        "<p>Without <b>Statistics</b> only the header is read, which is instant even for large files.</p>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        wavelengths = [b["wavelength_nm"] for b in result["bands"] if b["wavelength_nm"] is not None]
        lines = [
            tr("Size: {} rows × {} columns, {}, {}").format(
                result["rows"],
                result["cols"],
                counted(len(result["bands"]), tr("band"), tr("bands")),
                result["dtype"],
            ),
            tr("Format: {}").format(result["format"]),
            tr("CRS: {}").format(result["crs"] or tr("none")),
            tr("Pixel size: {:.6g} × {:.6g} {}").format(*result["pixel_size"], result["crs_unit"] or tr("units")),
            *_stated(result),
            tr("No data: {}").format(tr("none stated") if result["nodata"] is None else f"{result['nodata']:.10g}"),
            tr("Wavelengths: {}").format(
                f"{min(wavelengths):.1f} – {max(wavelengths):.1f} nm" if wavelengths else tr("not stated")
            ),
            tr("Bands flagged bad: {}").format(_numbers(result["bands_flagged_bad"])),
            *_quality(result["quality_layers"]),
        ]
        if result["valid_share"] is not None:
            if result["bands_constant"]:
                lines.append(tr("Bands with one value only: {}").format(_numbers(result["bands_constant"])))
            lines.append(tr("Bands without data: {}").format(_numbers(result["bands_without_data"])))
            if result["bands_mostly_empty"]:
                lines.append(tr("Bands with data in few pixels: {}").format(_numbers(result["bands_mostly_empty"])))
            lines.append(
                tr("Pixels with data: {:,} ({})").format(result["valid_pixels"], percent(result["valid_share"]))
            )
        return lines

    def warnings(self, result: Mapping[str, Any]) -> list[str]:
        return list(result["notes"])


def _quality(layers: Sequence[Mapping[str, Any]]) -> list[str]:
    """The quality layers of a product: what they mark, in how many pixels, and which are masked."""
    shown = [
        layer["name"]
        + ("" if layer["pixels"] is None else f" {layer['pixels']:,}")
        + (f" ({tr('masked')})" if layer["masked"] else "")
        for layer in layers
    ]
    return [tr("Quality layers: {}").format(", ".join(shown))] if shown else []


def _stated(result: Mapping[str, Any]) -> list[str]:
    """When and by what the scene was taken, if the file states it, and how its numbers become values."""
    lines = []
    if result["acquired"]:
        lines.append(tr("Acquired: {}").format(result["acquired"]))
    if result["sensor"]:
        lines.append(tr("Sensor: {}").format(result["sensor"]))
    pairs = {(band["scale"], band["offset"]) for band in result["bands"]}
    if len(pairs) > 1:
        lines.append(tr("Scale and offset: differ by band"))
    elif pairs:
        lines.append(tr("Scale and offset: {:.10g}, {:.10g}").format(*pairs.pop()))
    return lines


def _numbers(numbers: list[int]) -> str:
    """Numbers of bands, runs joined: 1–3, 7."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs) or tr("none")
