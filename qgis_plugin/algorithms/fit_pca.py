"""Algorithm: a scene as its principal components."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..runs.result_values import ResultValue, at, count
from ..runs.wording import percent
from ..translation import tr
from .kinds.engine_algorithm import EngineAlgorithm


class FitPcaAlgorithm(EngineAlgorithm):
    """A scene in; a raster of its principal components out."""

    OPERATION = "fit_pca"
    TAGS = (tr("hyperspectral"), "PCA", tr("dimensionality reduction"), tr("principal component analysis"))
    HELP_PAGE = "scenes-and-labels"
    CHECKED_SCENES = ("scene",)
    RESULT_VALUES = (
        ResultValue("COMPONENT_COUNT", tr("Number of components"), count("components")),
        ResultValue(
            "EXPLAINED", tr("Variance explained by all of them (0 to 1)"), lambda r: r["components"][-1]["cumulative"]
        ),
        ResultValue("BANDS_USED", tr("Bands used"), at("bands_used")),
    )
    HELP = tr(
        "<p>Neighbouring bands of a hyperspectral scene are highly correlated. Principal component analysis turns "
        "hundreds of them into a few uncorrelated images, ordered by their share of the variance.</p>"
        "<h3>What to prepare</h3>"
        "<p>A hyperspectral scene. Bands that are flagged bad or empty are left out. Set <b>Bands</b> to leave out "
        "noisy ones too, such as those in the water vapour absorption near 1400 and 1900 nm.</p>"
        "<h3>What comes out</h3>"
        "<p>A GeoTIFF on the grid of the scene with one float32 band per component and NaN for nodata; if you ask for "
        "it, a JSON file with the mean spectrum, the loadings and the explained variance. Values are in the unit of "
        "the scene; with <b>Whiten</b> each component is scaled to unit variance.</p>"
        "<h3>How to read it</h3>"
        "<p>The log lists the share of variance of each component. Three components as red, green and blue show land "
        "cover, stripes and noise at a glance. Variance is not relevance: a small class may only show in a late "
        "component.</p>"
        "<p>You need not run this before training: the methods prepare the spectra themselves.</p>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        return [
            tr("Component {}: {} of the variance, {} with those before").format(
                c["number"], percent(c["share"]), percent(c["cumulative"])
            )
            for c in result["components"]
        ]
