"""The picture of a map in a report, next to its scene in false colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...classes.legend import Legend
from ...errors import MismatchError
from ...io.maps.class_map import read_grid, read_thinned_class_map
from ...io.scenes.scene import open_scene
from ...pixels.grid import Grid
from ...pixels.scene_part import window_of
from ...report.content import FalseColour, MapPicture
from ...report.figures.pictures import read_false_colour, thinning_step
from ...reporting import Reporter


def false_colour_of(
    scene: Path, grid: Grid, reporter: Reporter, *, reading: Mapping[str, Any] = MappingProxyType({})
) -> FalseColour:
    """The scene, or the part of it, that a map on ``grid`` shows.

    ``reading`` are arguments of :func:`hsi_engine.io.scenes.scene.describe_scene`.

    Raises
    ------
    SceneError : it cannot be read.
    MismatchError : it is another one.
    """
    with open_scene(scene, **reading) as reader:
        part = window_of(grid, reader.scene.grid)
        if part is None:
            difference = grid.explain_mismatch(reader.scene.grid)
            raise MismatchError(
                f"Scene '{scene}' is not the one that was mapped: {difference} (map against scene), and the map is "
                f"not part of it.",
                code="grid",
                hint="Choose the scene that was mapped, or leave it out.",
            )
        return read_false_colour(reader, part=part, check_cancelled=reporter.check_cancelled)


def picture_of_new_map(
    class_map: Path,
    legend: Legend,
    class_pixels: Sequence[int],
    scene: Path,
    reporter: Reporter,
    *,
    reading: Mapping[str, Any] = MappingProxyType({}),
    class_hectares: Sequence[float] | None = None,
) -> MapPicture:
    """A map that was just made from ``scene`` or a part of it, of any size: only the pixels of the picture are held.

    Parameters
    ----------
    class_pixels : pixels of each class of the legend in the whole map.
    reading : how the scene is read, arguments of :func:`hsi_engine.io.scenes.scene.describe_scene`.
    class_hectares : area of each class of the legend in the whole map; None if it is not known.

    Raises
    ------
    HsiError : map or scene can no longer be read.
    """
    grid = read_grid(class_map)
    return MapPicture(
        values=read_thinned_class_map(class_map, thinning_step(grid.shape)),
        legend=legend,
        grid=grid,
        false_colour=false_colour_of(scene, grid, reporter, reading=reading),
        class_pixels=class_pixels,
        class_hectares=class_hectares,
    )
