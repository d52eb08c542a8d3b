"""The second raster of an operation: joined to the scene if one is given, and what has to be said of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from ...errors import ParameterError, SceneError
from ...io.scenes.scene import Scene, SceneReader, UsableBands, describe_scene, open_scene
from ...io.scenes.second.joined_reader import JoinedReader
from ...io.scenes.second.joining import join_second
from ...io.scenes.source import Resampling
from ...io.scenes.undeclared_fill import undeclared_fill
from ...phrases import listed
from ...pixels.scene_part import ScenePart
from ...reporting import Reporter
from ..definition.scene_input import SceneReading, scene_reading
from .scene_preprocessing import choose_bands

# Pixels of which the second raster is looked at together.
_LOOK_PX = 2**18


class SceneChoice(SceneReading, Protocol):
    """Parameters that name a scene."""

    @property
    def second(self) -> Path | None: ...

    @property
    def resample_second(self) -> Resampling | None: ...


def described_scene(path: Path, params: SceneChoice) -> Scene:
    """The scene, joined with the second raster if the parameters name one.

    Raises
    ------
    ParameterError : a resampling without a second raster.
    SceneError, MismatchError : as :func:`hsi_engine.io.scenes.second.joining.join_second`.
    """
    if params.second is None:
        if params.resample_second is not None:
            raise ParameterError(
                "Parameter 'resample_second' (Resample the second raster) is set, but no second raster is given.",
                code="resample_second",
                hint="Name one with 'second', or leave resample_second out.",
            )
        return describe_scene(path, **scene_reading(params))
    return join_second(describe_scene(path, **scene_reading(params)), params.second, resampling=params.resample_second)


def open_sources(path: Path, params: SceneChoice) -> SceneReader:
    """Open what :func:`described_scene` describes."""
    return open_scene(described_scene(path, params))


def choose_bands_of_both(reader: SceneReader, selection: str | None, reporter: Reporter) -> UsableBands:
    """As :func:`.scene_preprocessing.choose_bands`; with a second raster, the messages name it.

    Raises
    ------
    ParameterError : the selection cannot be read.
    SceneError : nothing of the scene can be used, no pixel holds data of both, or a band of the second raster holds none.
    """
    scene, second = reader.scene, reader.scene.second
    if second is None:
        return choose_bands(reader, selection, reporter)
    try:
        usable = choose_bands(reader, selection, reporter)
    except SceneError as error:
        if not error.code.endswith("no_valid_pixel"):
            raise
        raise SceneError(
            f"No pixel holds data in both rasters, the scene '{scene.path}' and the second raster '{second.raster.path}'.",
            code="no_valid_pixel",
            hint="Check the nodata values of both, and that they show the same place.",
        ) from error
    lost = set(range(len(scene.bands) - scene.second_bands, len(scene.bands))) - set(usable.indices)
    if lost:
        names = listed([repr(scene.bands.names[band]) for band in sorted(lost)])
        raise SceneError(
            f"The second raster '{second.raster.path}' has no data on the scene in {names}.",
            code="second_empty",
            hint="Leave out bands without data, and check the nodata value of the file.",
        )
    return usable


def undeclared_fill_of(
    reader: SceneReader, bands: Sequence[int], check_cancelled: Callable[[], None]
) -> tuple[str, ...]:
    """As :func:`.undeclared_fill`; with a second raster, of the scene alone and of both."""
    own = [band for band in bands if band < len(reader.scene.bands) - reader.scene.second_bands]
    alone = undeclared_fill(reader, own, check_cancelled=check_cancelled)
    if len(own) == len(bands):
        return alone
    both = undeclared_fill(reader, bands, check_cancelled=check_cancelled)
    return tuple(dict.fromkeys((*alone, *both)))


def second_gaps(reader: SceneReader, part: ScenePart, check_cancelled: Callable[[], None]) -> tuple[str, ...]:
    """A sentence on the pixels of a map that the second raster has no data for; empty if there are none, or no such raster.

    Raises
    ------
    SceneError : the second raster is damaged.
    """
    if not isinstance(reader, JoinedReader):
        return ()
    missing = 0
    for block in reader.block_windows(_LOOK_PX):
        window = block.intersect(part.window)
        if window.is_empty:
            continue
        check_cancelled()
        gaps, inside = ~reader.second_validity(window), part.inside_of(window.relative_to(part.window))
        missing += int(np.count_nonzero(gaps if inside is None else gaps & inside))
    if not missing:
        return ()
    return (
        f"The second raster has no data for {missing:,} of {part.n_pixels:,} pixels to be mapped: they get no class, whether or"
        " not the scene has data there.",
    )
