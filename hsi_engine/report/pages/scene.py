"""The page on a scene: one HTML file that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...io.scenes.statistics import SceneStatistics
from ...io.scenes.usable_bands import UsableBands
from ...phrases import counted, listed
from ...pixels.grid import Grid
from ...spectrum.bands import BandTable, band_numbers, named_bands
from ...spectrum.composites import COMPOSITES
from ..content import FactTable
from ..figures.embedding import data_url, figure_view
from ..figures.pictures import png, scale_bar
from ..figures.scene import histogram_figure, mean_spectrum_figure, place_of_bands
from ..html import page_template
from ..views.scene_bands import band_row, constant_bands, decimals, left_out, noisy_bands, number_text
from ..wording import percent

_FEW_VALID = 0.5


@dataclass(frozen=True, kw_only=True, eq=False)
class ScenePicture:
    """The scene in colour: the composite, uint8 (rows, cols, 4) with north up, its bands, and what its colours mean."""

    title: str
    rgba: npt.NDArray[np.uint8]
    caption: str
    meaning: str


@dataclass(frozen=True, kw_only=True, eq=False)
class ScenePage:
    """What the page shows.

    Parameters
    ----------
    scene : name of the file.
    created : when the page was made, as it is to be printed.
    grid, bands : of the scene.
    why_bad : per band; empty for a good one.
    statistics, usable : what its pixels hold; None if they were not read.
    pictures : the scene in colour.
    notes : what is missing, was guessed or looks wrong, one sentence each.
    facts : what is known of the scene, and versions.
    composites : names of those that the wavelengths allow.
    """

    scene: str
    created: str
    grid: Grid
    bands: BandTable
    why_bad: tuple[str, ...]
    statistics: SceneStatistics | None
    usable: UsableBands | None
    pictures: tuple[ScenePicture, ...]
    notes: tuple[str, ...]
    facts: tuple[FactTable, ...]
    composites: tuple[str, ...]


def render_scene_page(page: ScenePage) -> str:
    """The page as an HTML string, in UTF-8 when written."""
    noisy, constant = noisy_bands(page), constant_bands(page)
    digits = decimals(page)
    rows = [band_row(page, index, noisy, digits) for index in range(len(page.bands))]
    bar = scale_bar(page.grid)
    return page_template("scene.html.j2").render(
        page=page,
        verdict=_verdict(page),
        notes=_notes(page),
        figures=_figures(page),
        pictures=[_picture_view(picture) for picture in page.pictures],
        wide=page.grid.shape[1] > 1.6 * page.grid.shape[0],
        bar_percent=None if bar is None else round(100 * bar[0], 2),
        bar_label="" if bar is None else bar[1],
        spectrum=_spectrum(page),
        histogram=_histogram(page),
        bands=rows,
        left_out=left_out(page),
        has_wavelengths=any(w is not None for w in page.bands.wavelength_nm),
        has_fwhm=any(w is not None for w in page.bands.fwhm_nm),
        noisy=band_numbers(noisy),
        constant=band_numbers(constant),
        steps=_steps(page),
    )


def _verdict(page: ScenePage) -> dict[str, str]:
    statistics, usable = page.statistics, page.usable
    notes = _notes(page)
    look = f"Look at the {'note' if len(notes) == 1 else f'{len(notes)} notes'} below first." if notes else ""
    if statistics is None or usable is None:
        return {
            "level": "caution",
            "headline": "Only the header was read, not the pixels.",
            "text": look,
        }
    share = statistics.valid_pixels / (page.grid.shape[0] * page.grid.shape[1])
    headline = (
        f"{len(usable.indices):,} of {counted(len(page.bands), 'band')} and {percent(share)} of the pixels can be used."
    )
    if share == 1 and len(usable.indices) == len(page.bands):
        headline = "All bands and all pixels hold data."
    level = "caution" if notes or share < _FEW_VALID else "good"
    return {"level": level, "headline": headline, "text": look or "The file provides everything the tools need."}


def _notes(page: ScenePage) -> list[str]:
    """What to look at first."""
    if any(w is not None for w in page.bands.wavelength_nm):
        return list(page.notes)
    return [*page.notes, "The file states no wavelengths; bands are only known by their numbers."]


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
                "value": " to ".join(
                    number_text(v, 3) for v in (min(b.minimum for b in values), max(b.maximum for b in values))
                ),
                "small": "with scale and offset of the file",
            },
        ]
    return figures


def _picture_view(picture: ScenePicture) -> dict[str, Any]:
    return {
        "title": picture.title,
        "url": data_url(png(picture.rgba)),
        "caption": picture.caption,
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
        "beyond": named_bands(beyond) if beyond else "",
        "has_gaps": bool(place_of_bands(page.bands, used)[1]),
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


def _steps(page: ScenePage) -> list[str]:
    """What to do next, in order."""
    steps = []
    if not page.grid.is_georeferenced or page.grid.crs is None:
        steps.append("Georeference the scene before you map it; otherwise the map has no coordinates either.")
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
        "Draw polygons or points of each class, in two or more separate places, and let Check training labels (hsi check-labels)"
        " say whether they are enough."
    )
    steps.append("Run Train and classify (hsi map).")
    return steps
