"""The page on the importance of bands: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...spectrum.bands import band_numbers
from ..content import FactTable
from ..figures.embedding import figure_view
from ..figures.importance import components_figure, importance_figure
from ..html import page_template
from ..wording import percent


@dataclass(frozen=True, kw_only=True, eq=False)
class ImportancePage:
    """What the page shows.

    Parameters
    ----------
    model, scene : names of the files.
    created : when, as it is to be printed.
    result : as JSON values; see :class:`hsi_engine.operations.band_importance.operation.BandImportanceResult`.
    numbers, wavelength_nm : of the bands that the model sees, numbers counted from 1.
    mean_spectrum : of the tested pixels in these bands, (bands,).
    facts : inputs, settings and versions.
    """

    model: str
    scene: str
    created: str
    result: Mapping[str, Any]
    numbers: tuple[int, ...]
    wavelength_nm: tuple[float | None, ...]
    mean_spectrum: npt.NDArray[np.floating]
    facts: tuple[FactTable, ...]


def render_importance_page(page: ImportancePage) -> str:
    """The page as an HTML string, in UTF-8 when written."""
    result = page.result
    figure = importance_figure(page.wavelength_nm, page.numbers, result["groups"], page.mean_spectrum)
    components = result["components"]
    return page_template("importance.html.j2").render(
        page=page,
        result=result,
        figures=[
            (
                "Average accuracy",
                percent(result["average_accuracy"]),
                "of the held-out pixels, before anything is permuted",
            ),
            (
                "Held-out pixels",
                f"{result['tested_pixels']:,}",
                "each classified by a model that was not trained on its place",
            ),
            ("Groups of bands", f"{len(result['groups'])}", f"each permuted {result['repeats']} times"),
        ],
        chart=figure_view(figure),
        components=None if not components else figure_view(components_figure(components)),
        rows=[_row(group) for group in sorted(result["groups"], key=lambda one: -one["drop"])],
        has_nm=all(group["first_nm"] is not None for group in result["groups"]),
    )


def _row(group: Mapping[str, Any]) -> dict[str, str]:
    chance = group["drop"] <= group["deviation"]
    return {
        "bands": band_numbers(number - 1 for number in group["bands"]),
        "nm": "–" if group["first_nm"] is None else _range(group["first_nm"], group["last_nm"]),
        "count": f"{len(group['bands']):,}",
        "drop": f"{100 * group['drop']:.1f} ± {100 * group['deviation']:.1f}".replace("-", "−"),
        "most": "–" if chance else f"{group['most_affected']} ({100 * group['most_affected_drop']:.0f})",
        "chance": "1" if chance else "",
    }


def _range(first: float, last: float) -> str:
    return f"{first:,.0f}" if first == last else f"{first:,.0f}–{last:,.0f}"
