"""Describe and open a hyperspectral scene of any format, and the rules for what its file states."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ...spectrum.bands import named_bands
from ..files.source_names import SourcePath, without_file_address
from .choices.detector_overlap import DetectorOverlap, doubles
from .choices.given_wavelengths import with_given_wavelengths
from .formats.catalogue import format_of
from .metadata.band_metadata import wavelength_notes, without_impossible
from .metadata.nodata import unusable_note
from .metadata.scaling import without_unusable
from .reader import SceneBlock, SceneReader
from .second.joined_reader import JoinedReader
from .source import Quality, Scene
from .usable_bands import UsableBands, find_usable_bands

__all__ = [
    "Scene",
    "SceneBlock",
    "SceneReader",
    "UsableBands",
    "describe_scene",
    "find_usable_bands",
    "open_scene",
]

_TRANSPARENCY = "transparency (alpha), used as a mask"


def describe_scene(
    path: str | Path,
    *,
    nodata: float | None = None,
    quality: Quality = "mask",
    detector_overlap: DetectorOverlap = "vnir",
    wavelengths: Path | None = None,
) -> Scene:
    """Read everything about a scene but its pixels.

    Parameters
    ----------
    path : a file or folder of a known format, an ENVI header, or a name that GDAL resolves
        (``NETCDF:"file.nc":variable``).
    nodata : a number that means no data in every band, besides those that the file declares.
    quality : whether pixels under clouds and their shadows hold data, if the product says where these are.
    detector_overlap : which bands are used where two detectors cover the same wavelengths, see :func:`.doubles`.
    wavelengths : file of text with one wavelength per line, for a scene that states none, see
        :func:`.with_given_wavelengths`.

    Raises
    ------
    SceneError : the file is missing, of no known format, truncated, without bands, or anything else that its format
        cannot describe.
    """
    path = SourcePath(without_file_address(Path(path)))
    found = format_of(path)
    scene = replace(
        found.describe(path),
        format=found.name,
        also_nodata=() if nodata is None else (nodata,),
        quality=quality,
    )
    if wavelengths is not None:
        scene = with_given_wavelengths(scene, wavelengths)
    given = unusable_note(nodata, scene.dtype, "that was given")
    return _by_the_rules(scene, detector_overlap, (given,) if given else ())


def open_scene(source: str | Path | Scene, **choices: Any) -> SceneReader:
    """Open a scene for reading; a context manager. A :class:`Scene` is not described again.

    ``choices`` are ``nodata`` and all others of :func:`describe_scene`, for a path.
    """
    scene = source if isinstance(source, Scene) else describe_scene(source, **choices)
    return SceneReader(scene) if scene.second is None else JoinedReader(scene, scene.second)


def _by_the_rules(scene: Scene, overlap: DetectorOverlap, notes: tuple[str, ...]) -> Scene:
    """What holds for every format: transparency is no measurement, one detector is used where two overlap, and what makes
    no sense is ignored and said.
    """
    scale, offset, scale_notes = without_unusable(scene.scale, scene.offset)
    unusable = (unusable_note(value, scene.dtype, "of the file") for value in dict.fromkeys(scene.band_nodata))
    bands, impossible = without_impossible(scene.bands)
    scene = replace(scene, bands=bands)
    twice = doubles(scene, overlap)
    good = tuple(flag and i not in scene.transparent and i not in twice for i, flag in enumerate(scene.bands.good))
    return replace(
        scene,
        bands=replace(scene.bands, good=good),
        bad_reasons={**scene.bad_reasons, **twice, **dict.fromkeys(scene.transparent, _TRANSPARENCY)},
        scale=scale,
        offset=offset,
        warnings=(
            *_place_notes(scene),
            *scene.warnings,
            *impossible,
            *wavelength_notes(scene.bands, transparent=scene.transparent),
            *_transparency_notes(scene),
            *scale_notes,
            *filter(None, unusable),
            *notes,
        ),
    )


def _place_notes(scene: Scene) -> tuple[str, ...]:
    """What is not known of where the pixels lie."""
    if not scene.grid.is_georeferenced:
        return ("The scene has no map coordinates; pixel coordinates are used.",)
    return () if scene.grid.crs else ("The scene has no CRS; its coordinates are used as they are.",)


def _transparency_notes(scene: Scene) -> tuple[str, ...]:
    if not scene.transparent:
        return ()
    shown, one = named_bands(scene.transparent), len(scene.transparent) == 1
    return (
        f"B{shown[1:]} {'is' if one else 'are'} marked as transparency (alpha) and used as a mask, not as"
        f" {'a band' if one else 'bands'}.",
    )
