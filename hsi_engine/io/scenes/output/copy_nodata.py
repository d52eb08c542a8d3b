"""The one number that means no data in a copy of a scene whose bands may each declare another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ....errors import SceneError
from ..metadata.nodata import NoData
from ..reader import SceneReader
from ..source import Scene
from .stored_numbers import stored_nodata

_USUAL = -9999
_MOST_PIXELS = 1 << 20


def nodata_of_copy(reader: SceneReader, check_cancelled: Callable[[], None]) -> NoData:
    """What means no data in all bands of a copy, and in none of them data.

    A GeoTIFF has one such number. Where all bands agree on theirs it is that one. Otherwise numbers of floating point become
    NaN; of whole numbers it is the first that no pixel with data holds in any band: one that is declared, the least or the
    largest of the type, -9999 or, of up to 16 bits, any. To find it the scene is read once.

    Raises
    ------
    SceneError : all these numbers occur as data, or pixels cannot be read.
    """
    scene = reader.scene
    number, dtype = stored_nodata(scene), np.dtype(scene.dtype)
    if number is None or _agree(scene):
        return number
    if dtype.kind == "f":
        return float("nan")
    limits = np.iinfo(dtype)
    candidates = [*_declared(scene), int(limits.min), int(limits.max), _USUAL]
    if dtype.itemsize <= np.dtype(np.int16).itemsize:
        candidates += range(int(limits.max), int(limits.min) - 1, -1)
    left = [c for c in dict.fromkeys(candidates) if limits.min <= c <= limits.max]
    measured = _measured(scene)
    for window in reader.block_windows(max(1, _MOST_PIXELS // len(measured))):
        check_cancelled()
        numbers, valid = reader.read_each(window, measured)
        held = set(np.unique(numbers[valid]).tolist())
        left = [candidate for candidate in left if candidate not in held]
    if not left:
        raise SceneError(
            f"The bands of scene '{scene.path}' declare different numbers for no data, and a file that is written can have one only:"
            f" each that was tried is a value of some pixel ({', '.join(str(c) for c in dict.fromkeys(candidates[:4]))}, …).",
            code="nodata",
            hint="Give all bands the same nodata value, one that no pixel has.",
        )
    return left[0]


def _measured(scene: Scene) -> list[int]:
    return [band for band in range(len(scene.bands)) if band not in scene.transparent]


def _agree(scene: Scene) -> bool:
    return len({repr(scene.band_nodata[band]) for band in _measured(scene)}) == 1


def _declared(scene: Scene) -> list[int]:
    values = (*scene.also_nodata, *scene.band_nodata)
    return [int(value) for value in values if value is not None and float(value).is_integer()]
