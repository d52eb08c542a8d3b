"""Algorithm: a scene without its noise."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

from ..runs.result_values import ResultValue, at, count
from ..translation import tr
from .kinds.engine_algorithm import EngineAlgorithm


class DenoiseSceneAlgorithm(EngineAlgorithm):
    """A scene in; the same scene with less noise out, and the denoiser as a file if it is asked for."""

    OPERATION = "denoise_scene"
    TAGS = (tr("hyperspectral"), tr("noise"), tr("denoising"), tr("filter"), tr("restoration"), "DnCNN", "MNF")
    HELP_PAGE = "denoising"
    VISIBLE = ("SCENE",)
    CHECKED_SCENES = ("scene",)
    RESULT_VALUES = (
        ResultValue("BANDS_DENOISED", tr("Bands denoised"), count("bands")),
        ResultValue("COMPONENT_COUNT", tr("Number of components with signal"), at("components")),
        ResultValue("SIGNAL_TO_NOISE", tr("Signal to noise of the median band"), lambda r: _ratio(r)),
        ResultValue("DENOISED_PIXELS", tr("Pixels denoised"), at("denoised_pixels")),
        ResultValue("CLIPPED_VALUES", tr("Values that did not fit into the data type"), at("clipped_values")),
    )
    HELP = tr(
        "<p>The bands of a hyperspectral scene repeat each other, noise does not. This tool finds the noise of each band, keeps "
        "what the bands have in common, and removes the noise that remains with a filter and a small network (DnCNN) that "
        "are fitted to the scene itself. No clean scene is needed.</p>"
        "<h3>What to prepare</h3>"
        "<p>A scene with at least 10 bands that are not flagged bad. Flagged bands are copied as they are.</p>"
        "<h3>What comes out</h3>"
        "<p>A GeoTIFF with the same bands, wavelengths, names, flags, scale, no data value and data type. Pixels without data stay "
        "without. If you ask for it, the <b>trained denoiser</b> (.hsidenoiser), for other scenes of the same sensor and "
        "processing.</p>"
        "<h3>How to read it</h3>"
        "<p>The log says how much noise the bands have. Compare the scene before and after in a band with much noise, and look at "
        "small bright objects: what occurs in a few pixels only is the first to be smoothed.</p>"
        "<h3>What it costs</h3>"
        "<p>About a minute for training, then a few seconds per million pixels. <b>Training steps</b> 0 leaves out the network: "
        "seconds, and nearly as good for scenes without sharp borders.</p>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        ratios = [band["signal_to_noise"] for band in result["bands"]]
        return [
            tr("Signal to noise: {:.1f} in the median band, from {:.1f} to {:.1f}").format(
                median(ratios), min(ratios), max(ratios)
            ),
            tr("{} of {} components with signal were kept").format(result["components"], len(result["bands"])),
        ]


def _ratio(result: Mapping[str, Any]) -> float:
    return float(median(band["signal_to_noise"] for band in result["bands"]))
