"""The page on many scenes that were mapped with one model: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...classes.legend import Legend
from ...phrases import counted
from ...pixels.grid import Grid
from ..areas import area_text, area_texts
from ..content import FactTable
from ..figures.embedding import data_url
from ..figures.pictures import class_map_rgba, png, upright
from ..html import page_template
from ..wording import percent

_MOST_ROWS = 1000
_WITHOUT_MAP = ("failed", "refused", "left")


@dataclass(frozen=True, kw_only=True, eq=False)
class Thumbnail:
    """A small picture of a map: thinned raster values (rows, cols), and the grid of the whole map."""

    name: str
    values: npt.NDArray[Any]
    grid: Grid


@dataclass(frozen=True, kw_only=True, eq=False)
class ArchivePage:
    """What the page shows.

    Parameters
    ----------
    title : head of the page.
    created : when, as it is to be printed.
    legend : the classes of all maps.
    result : of the run, as JSON values; see
        :class:`hsi_engine.operations.classify_scenes.operation.ClassifyScenesResult`.
    scene_notes : what was said of single scenes, each sentence with the number of scenes.
    thumbnails : of the first maps.
    facts : versions.
    """

    title: str
    created: str
    legend: Legend
    result: Mapping[str, Any]
    scene_notes: Sequence[tuple[str, int]]
    thumbnails: tuple[Thumbnail, ...]
    facts: tuple[FactTable, ...]


def render_archive_page(page: ArchivePage) -> str:
    """The page as an HTML string, in UTF-8 when written."""
    result = page.result
    without = [scene for scene in result["scenes"] if scene["status"] in _WITHOUT_MAP]
    mapped = [scene for scene in result["scenes"] if scene["status"] not in _WITHOUT_MAP]
    return page_template("archive.html.j2").render(
        page=page,
        result=result,
        box=_box(result),
        figures=_figures(result),
        classes=_classes(result["classes"]),
        without=without,
        mapped=mapped[:_MOST_ROWS],
        further=max(0, len(mapped) - _MOST_ROWS),
        thumbnails=[_picture(thumbnail, page.legend) for thumbnail in page.thumbnails],
        hidden=max(0, len(result["maps"]) - len(page.thumbnails)),
    )


def _box(result: Mapping[str, Any]) -> dict[str, str]:
    maps, missing = len(result["maps"]), result["failed"] + result["refused"]
    text = "No map was compared with reference data: assess a sample of the scenes before you use the areas."
    if not missing:
        left = f" {counted(result['left'], 'scene')} were not to be run." if result["left"] else ""
        return {"level": "good", "headline": f"{counted(maps, 'scene')} mapped, none failed.", "text": text + left}
    level = "caution" if maps else "warning"
    headline = f"{counted(missing, 'scene')} of {len(result['scenes']):,} {'has' if missing == 1 else 'have'} no map."
    return {"level": level, "headline": headline, "text": f"They are listed below with the reason. {text}"}


def _figures(result: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    pixels = sum(c["pixels"] for c in result["classes"])
    hectares = [c["hectares"] for c in result["classes"]]
    area = f"{pixels:,} px" if None in hectares else area_text(sum(hectares))
    missing = result["failed"] + result["refused"]
    return [
        ("Maps", f"{len(result['maps']):,}", f"{result['done']:,} made in this run, {result['skipped']:,} before"),
        ("Without a map", f"{missing:,}", f"{result['failed']:,} failed, {result['refused']:,} refused"),
        ("Mapped", area, "summed over all maps; where maps overlap, the ground counts more than once"),
        ("Time", f"{result['seconds']:,.0f} s", f"of this run, with {result['processes']} at the same time"),
    ]


def _classes(classes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    total = max(1, sum(c["pixels"] for c in classes))
    areas = area_texts([c["hectares"] for c in classes], "not known")
    return [
        {
            "item": c,
            "pixels": c["pixels"],
            "share": percent(c["pixels"] / total),
            "area": area,
        }
        for c, area in zip(classes, areas, strict=True)
    ]


def _picture(thumbnail: Thumbnail, legend: Legend) -> dict[str, str]:
    rgba = np.asarray(upright(class_map_rgba(thumbnail.values, legend), thumbnail.grid))
    return {"url": data_url(png(rgba)), "name": thumbnail.name}
