"""What a run leaves about all scenes: mosaics, an ItemCollection, a summary and a page."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...bundle.model_bundle import ModelBundle
from ...classes.legend import Legend
from ...errors import LabelError
from ...io.files.outputs import StagedOutputs
from ...io.legends.style_files import sidecar_paths
from ...io.maps.class_map import read_grid, read_thinned_class_map
from ...io.maps.mosaic import MosaicPart, fits_mosaic, mosaic_grid, write_mosaic
from ...moment import shown_time
from ...phrases import counted
from ...pixels.grid import describe_crs
from ...report.figures.pictures import thinning_step
from ...report.pages.archive import ArchivePage, Thumbnail, render_archive_page
from ...report.record import fact_table
from ...reporting import Reporter
from ...runtime.versions import versions
from .own_files import ITEMS, PAGE, SUMMARY, mosaic_of
from .stac import item_collection

_MOST_THUMBNAILS, _THUMBNAIL_PX = 200, 240


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """The files about all scenes, and sentences on what the mosaics leave out."""

    mosaics: list[Path]
    items: Path
    summary: Path
    page: Path
    notes: list[str]


def conclude(
    folder: Path,
    model: ModelBundle,
    result: Mapping[str, Any],
    items: Mapping[str, Mapping[str, Any]],
    reporter: Reporter,
) -> Conclusion:
    """Write the files about all scenes; they appear together.

    Parameters
    ----------
    result : the fields of :class:`.operation.ClassifyScenesResult` that are known already, as JSON values.
    items : the STAC Item of each finished map by its scene, in the order of the scenes.

    Raises
    ------
    OutputError : one of them cannot be written.
    """
    maps = [folder / f"{item['id']}.tif" for item in items.values()]
    reporter.progress(0.0, "Joining the maps")
    groups, notes = _groups(maps, reporter)
    with StagedOutputs() as stage:
        mosaics = [_mosaic(folder, crs, parts, maps, model.legend, stage, notes) for crs, parts in groups.items()]
        written = [mosaic for mosaic in mosaics if mosaic is not None]
        collection = item_collection(list(items.values()))
        stage.path(folder / ITEMS).write_bytes(_json(collection))
        files = {"items": str(folder / ITEMS), "summary": str(folder / SUMMARY), "page": str(folder / PAGE)}
        summary = {**result, **files, "mosaics": [str(path) for path in written], "notes": [*result["notes"], *notes]}
        stage.path(folder / SUMMARY).write_bytes(_json(_rounded({**summary, "versions": versions()})))
        reporter.progress(0.5, "Drawing the summary")
        page = _page(folder, model, summary, items, reporter)
        stage.path(folder / PAGE).write_text(render_archive_page(page), encoding="utf-8")
    return Conclusion(mosaics=written, items=folder / ITEMS, summary=folder / SUMMARY, page=folder / PAGE, notes=notes)


def total_classes(model: ModelBundle, items: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The classes of the model with pixels and hectares over all maps; hectares are None if one map does not know them."""
    counted_in = [{one["value"]: one for one in item["properties"]["hsi:classes"]} for item in items.values()]
    found = []
    for one in model.legend.to_json():
        parts = [classes[one["value"]] for classes in counted_in if one["value"] in classes]
        areas = [part["hectares"] for part in parts]
        # fsum: the same in whatever order maps were finished.
        hectares = None if None in areas else math.fsum(areas)
        found.append({**one, "pixels": sum(part["pixels"] for part in parts), "hectares": hectares})
    return found


def _groups(maps: Sequence[Path], reporter: Reporter) -> tuple[dict[str, list[MosaicPart]], list[str]]:
    """The maps of each CRS, and a sentence on those that are in no mosaic."""
    groups: dict[str, list[MosaicPart]] = {}
    without = []
    for path in maps:
        reporter.check_cancelled()
        grid = read_grid(path)
        if grid.crs is not None and fits_mosaic(grid):
            groups.setdefault(grid.crs, []).append(MosaicPart(name=path.name, grid=grid))
        else:
            without.append(path.name)
    notes = []
    if without:
        notes.append(
            f"{counted(len(without), 'map')} {'is' if len(without) == 1 else 'are'} in no mosaic, because of no CRS, or rows that do"
            f" not run from west to east: {', '.join(without[:3])}{' …' if len(without) > 3 else ''}."
        )
    return groups, notes


def _mosaic(
    folder: Path,
    crs: str,
    parts: Sequence[MosaicPart],
    maps: Sequence[Path],
    legend: Legend,
    stage: StagedOutputs,
    notes: list[str],
) -> Path | None:
    name, path = describe_crs(crs).partition(" (")[0], mosaic_of(folder, crs)
    grid = mosaic_grid(parts)
    if grid is None:
        notes.append(f"The maps in {name} lie too far apart for a mosaic.")
        return None
    if path.stem.casefold() in {path_of_map.stem.casefold() for path_of_map in maps}:
        notes.append(f"There is no mosaic of the maps in {name}: its style '{path.stem}.qml' would be that of a map.")
        return None
    staged = stage.path(path)
    for sidecar in sidecar_paths(path):
        stage.path(sidecar)
    write_mosaic(staged, parts, grid, legend)
    return path


def _page(
    folder: Path,
    model: ModelBundle,
    result: Mapping[str, Any],
    items: Mapping[str, Mapping[str, Any]],
    reporter: Reporter,
) -> ArchivePage:
    thumbnails = []
    for item in list(items.values())[:_MOST_THUMBNAILS]:
        reporter.check_cancelled()
        path = folder / f"{item['id']}.tif"
        try:
            grid = read_grid(path)
            values = read_thinned_class_map(path, thinning_step(grid.shape, _THUMBNAIL_PX))
        except LabelError:
            continue
        thumbnails.append(Thumbnail(name=path.name, values=values, grid=grid))
    return ArchivePage(
        title=f"Class maps in {folder.name}",
        created=shown_time(),
        legend=model.legend,
        result=result,
        scene_notes=_scene_notes(items),
        thumbnails=tuple(thumbnails),
        facts=(fact_table("Versions", versions(), as_labels=False),),
    )


def _scene_notes(items: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, int]]:
    """What was said of single scenes, each sentence with the number of scenes; the most frequent first."""
    counts: dict[str, int] = {}
    for item in items.values():
        for note in dict.fromkeys(item["properties"].get("hsi:notes", ())):
            counts[note] = counts.get(note, 0) + 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _rounded(data: Any) -> Any:
    """JSON values with numbers of at most six decimals: the seconds and hectares of a summary are no more exact."""
    if isinstance(data, Mapping):
        return {name: _rounded(value) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_rounded(value) for value in data]
    return round(data, 6) if isinstance(data, float) else data


def _json(data: Any) -> bytes:
    """A file name that is not UTF-8 holds halves of characters, which stand there as escapes."""
    return json.dumps(data, indent=1, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
