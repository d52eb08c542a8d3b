"""The picture of a map in a report, beside its scene in false colour."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import MismatchError
from ..grid import Grid
from ..io.class_map import read_thinned_class_map
from ..io.scene import open_scene
from ..legend import Legend
from ..report.content import FalseColour, MapPicture
from ..report.pictures import read_false_colour, thinning_step
from ..reporting import Reporter


def false_colour_of(scene: Path, grid: Grid, reporter: Reporter, *, nodata: float | None = None) -> FalseColour:
    """The scene that a map on ``grid`` shows; ``nodata`` as in :func:`hsi_engine.io.scene.describe_scene`.

    Raises
    ------
    SceneError : it cannot be read.
    MismatchError : it is another one.
    """
    with open_scene(scene, nodata=nodata) as reader:
        difference = grid.explain_mismatch(reader.scene.grid)
        if difference:
            raise MismatchError(
                f"Scene '{scene}' is not the one the map shows: {difference} (map against scene).",
                code="grid",
                hint="Name the scene the map was made from, or leave it out.",
            )
        return read_false_colour(reader, check_cancelled=reporter.check_cancelled)


def picture_of_new_map(
    class_map: Path,
    legend: Legend,
    class_pixels: Sequence[int],
    scene: Path,
    reporter: Reporter,
    *,
    nodata: float | None = None,
) -> MapPicture:
    """A map that was just made from ``scene``, of any size: only the pixels of the picture are held.

    Parameters
    ----------
    class_pixels : pixels of each class of the legend in the whole map.
    nodata : a number that means no data in the scene, besides those that it declares.

    Raises
    ------
    HsiError : map or scene can no longer be read.
    """
    with open_scene(scene) as reader:
        grid = reader.scene.grid
    return MapPicture(
        values=read_thinned_class_map(class_map, thinning_step(grid.shape)),
        legend=legend,
        grid=grid,
        false_colour=false_colour_of(scene, grid, reporter, nodata=nodata),
        class_pixels=class_pixels,
    )
