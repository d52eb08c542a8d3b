"""The page on a scene: one HTML file that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..bands import BandTable, band_numbers
from ..composites import COMPOSITES
from ..grid import Grid
from ..io.scene_statistics import SceneStatistics
from ..io.usable_bands import UsableBands
from .content import FactTable, FalseColour
from .embedding import data_url, figure_view
from .html import page_template
from .pictures import png, scale_bar, upright
from .scene_figures import WATER_VAPOUR_NM, histogram_figure, mean_spectrum_figure
from .spectrum_axis import spectrum_axis
from .wording import counted, listed, percent

_FEW_VALID = 0.5
# Neighbouring bands of a spectrometer see nearly the same; where they do not, noise is what is seen.
_UNLIKE_NEIGHBOURS = 0.5
_FEWEST_FOR_NOISE = 30
_MOST_NOISY = 0.25
_REPEATED = re.compile(r"band|nanometers?|micrometers?|nm|um|[\s\d.,:()_#-]+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, eq=False)
class ScenePicture:
    """The scene in colour, under the name of the composite, and what its colours mean."""

    title: str
    picture: FalseColour
    meaning: str


@dataclass(frozen=True, kw_only=True, eq=False)
class ScenePage:
    """What the page shows.

    Parameters
    ----------
    scene : name of the file.
    created : when the page was made, as it is to be printed.
    grid, bands : of the scene.
    statistics, usable : what its pixels hold; None where they were not read.
    pictures : the scene in colour.
    notes : what is missing, was guessed or looks wrong, one sentence each.
    facts : what is known of the scene, and versions.
    composites : names of those that the wavelengths allow.
    """

    scene: str
    created: str
    grid: Grid
    bands: BandTable
    statistics: SceneStatistics | None
    usable: UsableBands | None
    pictures: tuple[ScenePicture, ...]
    notes: tuple[str, ...]
    facts: tuple[FactTable, ...]
    composites: tuple[str, ...]


def render_scene_page(page: ScenePage) -> str:
    """The page as a text of HTML, in UTF-8 when written."""
    noisy = noisy_bands(page)
    rows = [_band_row(page, index, noisy) for index in range(len(page.bands))]
    bar = scale_bar(page.grid)
    return page_template("scene.html.j2").render(
        page=page,
        verdict=_verdict(page),
        figures=_figures(page),
        pictures=[_picture_view(picture, page.grid) for picture in page.pictures],
        wide=page.grid.shape[1] > 1.6 * page.grid.shape[0],
        bar_percent=None if bar is None else round(100 * bar[0], 2),
        bar_label="" if bar is None else bar[1],
        spectrum=_spectrum(page),
        histogram=_histogram(page),
        bands=rows,
        left_out=_left_out(page),
        has_wavelengths=any(w is not None for w in page.bands.wavelength_nm),
        has_fwhm=any(w is not None for w in page.bands.fwhm_nm),
        noisy=band_numbers(noisy),
        steps=_steps(page),
    )


def noisy_bands(page: ScenePage) -> tuple[int, ...]:
    """0-based usable bands whose values hardly follow those of their neighbours; none where that is usual in the scene."""
    statistics, usable = page.statistics, page.usable
    if statistics is None or usable is None or len(usable.indices) < _FEWEST_FOR_NOISE or len(statistics.sample) < 50:
        return ()
    values = np.asarray(statistics.sample, dtype=np.float64)
    if all(page.bands.wavelength_nm[band] is not None for band in usable.indices):
        order = np.argsort([page.bands.wavelength_nm[band] or 0.0 for band in usable.indices], kind="stable")
    else:
        order = np.arange(len(usable.indices))
    centred = values[:, order] - values[:, order].mean(axis=0)
    norms = np.sqrt(np.square(centred).sum(axis=0))
    norms[norms == 0] = np.inf  # a constant band is told as such
    beside = (centred[:, 1:] * centred[:, :-1]).sum(axis=0) / (norms[1:] * norms[:-1])
    # The better of both sides: a detector begins, or its neighbour is the noisy one.
    best = np.maximum(np.append(beside, -1.0), np.insert(beside, 0, -1.0))
    found = [usable.indices[order[at]] for at in np.flatnonzero((best < _UNLIKE_NEIGHBOURS) & np.isfinite(norms))]
    return tuple(sorted(found)) if len(found) <= _MOST_NOISY * len(usable.indices) else ()


def _verdict(page: ScenePage) -> dict[str, str]:
    statistics, usable = page.statistics, page.usable
    look = f"Look at the {counted(len(page.notes), 'note')} below first." if page.notes else ""
    if statistics is None or usable is None:
        return {
            "level": "caution",
            "headline": "Only the header was read: nothing is known of the pixels.",
            "text": look,
        }
    share = statistics.valid_pixels / (page.grid.shape[0] * page.grid.shape[1])
    headline = (
        f"{len(usable.indices):,} of {counted(len(page.bands), 'band')} and {percent(share)} of the pixels can be used."
    )
    if share == 1 and len(usable.indices) == len(page.bands):
        headline = "All bands and all pixels can be used."
    level = "caution" if page.notes or share < _FEW_VALID else "good"
    return {"level": level, "headline": headline, "text": look or "The file states all that the tools ask for."}


def _figures(page: ScenePage) -> list[dict[str, str]]:
    """The numbers at the head of the page."""
    rows, cols = page.grid.shape
    known = [w for w in page.bands.wavelength_nm if w is not None]
    figures = [
        {"title": "Size", "value": f"{rows:,} × {cols:,}", "small": "rows × columns"},
        {
            "title": "Bands",
            "value": f"{len(page.bands):,}",
            "small": f"{min(known):,.0f} to {max(known):,.0f} nm" if known else "without wavelengths",
        },
    ]
    if page.statistics is not None and page.usable is not None:
        share = page.statistics.valid_pixels / (rows * cols)
        left_out = len(page.bands) - len(page.usable.indices)
        values = [page.statistics.bands[band] for band in page.usable.indices]
        figures += [
            {
                "title": "Usable bands",
                "value": f"{len(page.usable.indices):,}",
                "small": f"{left_out:,} flagged bad or without data" if left_out else "none flagged bad or empty",
            },
            {"title": "Pixels with data", "value": percent(share), "small": f"{page.statistics.valid_pixels:,} pixels"},
            {
                "title": "Values",
                "value": f"{_number(min(v.minimum for v in values))} to {_number(max(v.maximum for v in values))}",
                "small": "with scale and offset of the file",
            },
        ]
    return figures


def _picture_view(picture: ScenePicture, grid: Grid) -> dict[str, Any]:
    return {
        "title": picture.title,
        "url": data_url(png(np.asarray(upright(picture.picture.rgb, grid)))),
        "caption": picture.picture.caption,
        "meaning": picture.meaning,
    }


def _spectrum(page: ScenePage) -> dict[str, Any] | None:
    if page.statistics is None or page.usable is None or len(page.usable.indices) < 2:
        return None
    used = page.usable.indices
    values = [page.statistics.bands[band] for band in used]
    mean, deviation = np.array([v.mean for v in values]), np.array([v.deviation for v in values])
    image, beyond = mean_spectrum_figure(page.bands, used, mean, deviation)
    return {
        **figure_view(image),
        "beyond": band_numbers(beyond),
        "has_gaps": bool(spectrum_axis(page.bands.wavelength_nm, used)[1]),
        "pixels": page.statistics.valid_pixels,
    }


def _histogram(page: ScenePage) -> dict[str, Any] | None:
    if page.statistics is None or page.usable is None or not len(page.statistics.sample):
        return None
    image, beyond = histogram_figure(page.bands, page.usable.indices, page.statistics.sample)
    return {
        **figure_view(image),
        "beyond": percent(beyond, 2),
        "pixels": len(page.statistics.sample),
        "all": page.statistics.step == 1,
    }


def _band_row(page: ScenePage, index: int, noisy: Sequence[int]) -> dict[str, Any]:
    values = None if page.statistics is None else page.statistics.bands.get(index)
    wavelength, fwhm = page.bands.wavelength_nm[index], page.bands.fwhm_nm[index]
    reason = _reason(page, index)
    remarks = [reason] if reason else []
    if values is not None and values.is_constant:
        remarks.append(f"every pixel holds {_number(values.mean)}: it tells nothing")
    if index in noisy:
        remarks.append("unlike the bands beside it: mostly noise?")
    if page.usable is not None and index in page.usable.indices and (vapour := _in_water_vapour(wavelength)):
        remarks.append(f"within {vapour}, where hardly any light arrives")
    return {
        "number": index + 1,
        "name": _own_name(page.bands.names[index], wavelength),
        "wavelength": "–" if wavelength is None else f"{wavelength:.1f}",
        "fwhm": "–" if fwhm is None else f"{fwhm:.1f}",
        "cells": None
        if values is None
        else [_number(v) for v in (values.minimum, values.mean, values.maximum, values.deviation)],
        "out": bool(reason),
        "remark": "; ".join(remarks),
    }


def _own_name(name: str, wavelength: float | None) -> str:
    """The name of a band, empty where it only repeats number or wavelength."""
    words = _REPEATED.sub("", name)
    if wavelength is not None:
        digits = f"{wavelength:.0f}", f"{int(wavelength)}", f"{wavelength / 1000:.3f}"
        words = "" if any(text in name for text in digits) else words
    return name if words.strip() else ""


def _reason(page: ScenePage, index: int) -> str:
    """Why a band is left out, empty where it is not."""
    if not page.bands.good[index]:
        empty = page.statistics is not None and index in page.statistics.flagged_empty
        vapour = _in_water_vapour(page.bands.wavelength_nm[index])
        parts = [
            "flagged bad by the file",
            *(["holds no data"] if empty else []),
            *([f"within {vapour}"] if vapour else []),
        ]
        return ", ".join(parts)
    return "no pixel holds data" if page.usable is not None and index in page.usable.empty else ""


def _in_water_vapour(wavelength: float | None) -> str:
    within = any(wavelength is not None and low <= wavelength <= high for low, high in WATER_VAPOUR_NM)
    return "the absorption of water vapour" if within else ""


def _left_out(page: ScenePage) -> list[dict[str, str]]:
    """Bands that are left out, those with one reason together."""
    groups: dict[str, list[int]] = {}
    for index in range(len(page.bands)):
        if reason := _reason(page, index):
            groups.setdefault(reason, []).append(index)
    return [
        {"bands": band_numbers(indices), "count": f"{len(indices):,}", "reason": reason, "nm": _range_nm(page, indices)}
        for reason, indices in groups.items()
    ]


def _range_nm(page: ScenePage, indices: Sequence[int]) -> str:
    known = [w for i in indices if (w := page.bands.wavelength_nm[i]) is not None]
    if not known:
        return "–"
    return f"{known[0]:.1f}" if len(known) == 1 else f"{min(known):.1f} to {max(known):.1f}"


def _steps(page: ScenePage) -> list[str]:
    """What to do next, in order."""
    steps = []
    if not page.grid.is_georeferenced or page.grid.crs is None:
        steps.append("Give the scene its place before you map it: without coordinates a map lies nowhere.")
    if not any(w is not None for w in page.bands.wavelength_nm):
        steps.append(
            "Add wavelengths to the file if you know them, for example in an ENVI header: colours, and models for other scenes,"
            " then no longer depend on the number of bands alone."
        )
    if page.statistics is not None:
        share = page.statistics.valid_pixels / (page.grid.shape[0] * page.grid.shape[1])
        if share < _FEW_VALID:
            steps.append(
                f"Only {percent(share)} of the pixels hold data in every usable band. If single bands are full of holes, leave"
                " them out of the training (Bands)."
            )
    titles = listed([COMPOSITES[name].title.lower() for name in page.composites])
    steps.append(
        f"Look at the scene in colour (Show scene in colour, hsi colour): {titles} {'is' if len(page.composites) == 1 else 'are'}"
        " possible."
        if titles
        else "Look at the scene (Show scene in colour, hsi colour)."
    )
    steps.append(
        "Draw polygons or points of each class, in two or more separate places, and let Check training labels say whether they"
        " are enough."
    )
    steps.append("Run Train and classify.")
    return steps


def _number(value: float) -> str:
    text = f"{value:.4g}" if abs(value) < 1e5 else f"{value:.4e}" if abs(value) >= 1e7 else f"{value:,.0f}"
    return text.replace("-", "−")
