"""One check for every source, before a library opens it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ....errors import SceneError
from ..source_names import is_gdal_name, raster_name, vector_name
from . import network
from .databases import database_fault
from .references import reference_elsewhere
from .special_files import HINT as SPECIAL_HINT
from .special_files import special_file_of

TABLE_HINT = "Open it in QGIS, save the layer that you need to a new GeoPackage (Export ▸ Save Features As), and choose that file."


def check_source(path: Path) -> None:
    """Make sure that opening a source cannot block, reach the network, or run a query without end.

    Parameters
    ----------
    path : a file, a folder, or a name that GDAL resolves.

    Raises
    ------
    SceneError : the name leads off this machine, or the source is a pipe, a device, a VRT that refers to such a place, or a
        database with views that are not harmless.
    """
    named = is_gdal_name(path)
    if named:
        _check_name(raster_name(path), str(path))
    else:
        check_is_file(path)
    if path.is_dir():
        return
    name = vector_name(path)
    try:
        found = path.stat()
        state = (found.st_mtime_ns, found.st_size)
    except (OSError, ValueError):
        state = (0, 0)
    _check_content(name, str(path), network.network_is_allowed(), *state)


def check_is_file(path: Path) -> None:
    """Make sure that neither a path nor what lies next to it under its name is a pipe, a socket or a device.

    Raises
    ------
    SceneError : one of them is.
    """
    special = special_file_of(path)
    if special is not None:
        where = "" if special[0] == path else f", which would be read with {path.name},"
        raise SceneError(f"{special[0]}{where} is {special[1]}, not a file.", code="special_file", hint=SPECIAL_HINT)


def _check_name(name: str, shown: str) -> None:
    place = network.place_elsewhere(name)
    if place is not None and "stdin" in place.lower():
        raise SceneError(f"{shown} is standard input, not a file.", code="special_file", hint=SPECIAL_HINT)
    if place is not None and not network.network_is_allowed():
        raise SceneError(
            f"{shown} lies on the network or in a service ({place}), and the engine reads files on this machine only.",
            code="network",
            hint=network.HINT,
        )


@lru_cache(maxsize=64)
def _check_content(name: str, shown: str, allowed: bool, *state: int) -> None:
    """Once for each state of a file: a source is opened several times in a job. An error is not kept."""
    try:
        reference = None if allowed else reference_elsewhere(name)
        fault = database_fault(name)
    except OSError as error:
        raise SceneError(
            f"{shown} cannot be read: {error.strerror or error}.",
            code="unreadable",
            hint="Check the disk that it lies on and its permissions, or copy the file to another place.",
        ) from error
    if reference is not None:
        raise SceneError(
            f"{shown} refers to {reference}, which lies on the network or in a service; the engine reads files on this"
            " machine only.",
            code="network",
            hint=network.HINT,
        )
    if fault is not None:
        raise SceneError(f"{shown} is not opened: its {fault}.", code="database", hint=TABLE_HINT)
