"""The page on a pixel: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...phrases import listed
from ...spectrum.bands import named_bands
from ..content import FactTable, Verdict
from ..figures.embedding import figure_view
from ..figures.pixel import ClassCurve, pixel_figure
from ..html import page_template
from ..wording import percent

# Bands of more classes cover one another.
_MOST_CURVES = 3
_SMALLEST_BAR = 0.0005


@dataclass(frozen=True, kw_only=True, eq=False)
class PixelPage:
    """What the page shows.

    Parameters
    ----------
    scene, model : names of the files.
    created : when, as it is to be printed.
    verdict : for the head of the page.
    result : as JSON values; see :class:`hsi_engine.operations.explain_pixel.operation.ExplainPixelResult`.
    wavelength_nm : of all bands of the scene, with those of a second raster at the end.
    second_bands : how many of the bands of the model belong to a second raster.
    facts : inputs, settings and versions.
    """

    scene: str
    model: str
    created: str
    verdict: Verdict
    result: Mapping[str, Any]
    wavelength_nm: tuple[float | None, ...]
    second_bands: int
    facts: tuple[FactTable, ...]


def render_pixel_page(page: PixelPage) -> str:
    """The page as an HTML string, in UTF-8 when written."""
    result = page.result
    return page_template("pixel.html.j2").render(
        page=page,
        result=result,
        place=_place(result),
        sentences=result["sentences"][1:],
        rows=[_class_row(one) for one in result["classes"]],
        has_set=result["prediction_set"] is not None,
        has_distance=any(one["distance"] is not None for one in result["classes"]),
        coverage="" if result["prediction_set"] is None else percent(result["prediction_set"]["coverage"], 0),
        spectrum=_spectrum(page),
        nearest=_nearest(result),
        has_place=any(one["row"] is not None for one in result["nearest"]),
        has_position=any(one["x"] is not None for one in result["nearest"]),
    )


def _place(result: Mapping[str, Any]) -> str:
    text = f"Row {result['row']:,}, column {result['col']:,} (from 0)"
    if result["x"] is not None:
        text += f" · {_coordinate(result['x'])}, {_coordinate(result['y'])}" + (
            f" in {result['crs']}" if result["crs"] else ""
        )
    return text


def _class_row(one: Mapping[str, Any]) -> dict[str, Any]:
    share = one["probability"]
    return {
        "item": one,
        "share": percent(share),
        "bar": 0 if share < _SMALLEST_BAR else round(100 * share, 2),
        "in_set": one["in_set"],
        "distance": "–" if one["distance"] is None else f"{one['distance']:.1f}",
        "pixels": "–" if one["labelled_pixels"] is None else f"{one['labelled_pixels']:,}",
    }


def _spectrum(page: PixelPage) -> dict[str, Any]:
    """The chart: the pixel, and mean ± deviation of the most probable classes and of the one it is closest to."""
    result = page.result
    own = len(result["bands"]) - page.second_bands
    bands = [band["number"] - 1 for band in result["bands"][:own]]
    values = np.array([band["value"] for band in result["bands"][:own]])
    spectra = {one["value"]: one for one in result["class_spectra"]}
    known = [one for one in result["classes"] if one["value"] in spectra]
    shown = known[:_MOST_CURVES]
    apart = [one for one in known if one["distance"] is not None]
    closest = min(apart, key=lambda one: one["distance"], default=None)
    if closest is not None and closest not in shown:
        shown[-1:] = [closest]
    curves = [
        ClassCurve(
            name=one["name"],
            colour=one["color"],
            mean=np.array(spectra[one["value"]]["mean"][:own]),
            deviation=np.array(spectra[one["value"]]["deviation"][:own]),
        )
        for one in shown
    ]
    scene_bands = len(page.wavelength_nm) - page.second_bands
    image, beyond = pixel_figure(page.wavelength_nm[:scene_bands], bands, values, curves)
    return {
        **figure_view(image),
        "names": listed([one["name"] for one in shown]),
        "of": {"model": "the pixels that the model was made from", "labels": "the pixels of the labels given"}.get(
            result["class_spectra_of"], ""
        ),
        "beyond": named_bands(number - 1 for number in beyond) if beyond else "",
        "has_gaps": len(bands) < scene_bands,
    }


def _nearest(result: Mapping[str, Any]) -> list[dict[str, str]]:
    colours = {one["value"]: one["color"] for one in result["classes"]}
    return [
        {
            "color": colours.get(one["value"], ""),
            "name": one["name"] or "not kept",
            "distance": f"{one['distance']:.3f}",
            "place": "–" if one["row"] is None else f"{one['row']:,}, {one['col']:,}",
            "position": "–" if one["x"] is None else f"{_coordinate(one['x'])}, {_coordinate(one['y'])}",
        }
        for one in result["nearest"]
    ]


def _coordinate(value: float) -> str:
    """Metres to a tenth, degrees to a hundred-thousandth."""
    text = f"{value:.1f}" if abs(value) > 360 else f"{value:.5f}"
    return text.replace("-", "−")
