"""Noticing missing data that a file does not declare: many pixels that hold one extreme number in every band."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...phrases import listed
from ...pixels.window import Window
from .metadata.nodata import HUGE
from .reader import SceneReader
from .source import Scene

_LOOK_BYTES = 64 << 20
_WINDOWS = 32
_MANY_PX = 10
_FEWEST_BANDS = 3
# Numbers that programs write for missing data and that are the lowest of a scene for no other reason; huge ones, such as
# 1e+20 or -3.4028235e+38, are never measured.
_USUAL_FILL = (-9999, -99999, -999, -32768, -32767)


def undeclared_fill(
    reader: SceneReader, bands: Sequence[int], *, check_cancelled: Callable[[], None] = lambda: None
) -> tuple[str, ...]:
    """At most one note, where at least ten pixels hold the lowest or highest number of the scene in every band, or a usual fill in some.

    Of a scene of more than 64 MB only parts are looked at, spread over the scene, its first and last rows among them.

    Parameters
    ----------
    bands : 0-based; fewer than three tell nothing.
    """
    if len(bands) < _FEWEST_BANDS:
        return ()
    fill: Counter[int | float] = Counter()
    partial: Counter[int | float] = Counter()
    lowest, highest = np.inf, -np.inf
    looked_at = 0
    for window in _windows(reader, len(bands)):
        check_cancelled()
        numbers, valid = reader.read_numbers(window, bands)
        looked_at += valid.size
        flat = _same_in_all(numbers) & valid
        values, counts = np.unique(numbers[0][flat], return_counts=True)
        fill.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
        spectra = numbers[:, valid & ~flat]
        if spectra.size:
            ends = spectra.min().item(), spectra.max().item()
            partial.update({v: int((spectra == v).any(axis=0).sum()) for v in set(ends) if _is_usual(v)})
            lowest, highest = min(lowest, ends[0]), max(highest, ends[1])
    if lowest > highest:  # no pixel to compare with
        return ()
    where = "" if looked_at == reader.scene.grid.shape[0] * reader.scene.grid.shape[1] else " that were looked at"
    every = "all bands" if len(bands) == len(reader.scene.bands) else f"all {len(bands):,} bands that are used"
    suspects = [(v, n) for v, n in sorted(fill.items()) if n >= _MANY_PX and not lowest < v < highest]
    shown = [(shortest_number(value, np.dtype(reader.scene.dtype)), count, every) for value, count in suspects]
    some = [(v, n) for v, n in sorted(partial.items()) if n >= _MANY_PX and v in (lowest, highest)]
    shown += [(shortest_number(v, np.dtype(reader.scene.dtype)), n, "some bands") for v, n in some]
    return _note(shown, f"{looked_at:,} pixels{where}", reader.scene)


def _is_usual(value: float) -> bool:
    return value in _USUAL_FILL or abs(value) >= HUGE


def _note(shown: Sequence[tuple[str, int, str]], of: str, scene: Scene) -> tuple[str, ...]:
    """One note on all suspects: value, pixels, which bands."""
    if not shown:
        return ()
    found = [f"{count:,} {{}}hold {value} in {which}" for value, count, which in shown]
    pixels = found[0].format(f"of {of} ") if len(found) == 1 else f"Of {of}, {listed([f.format('') for f in found])}"
    values = list(dict.fromkeys(value for value, _, _ in sorted(shown, key=lambda suspect: -suspect[1])))
    return (
        f"{pixels}, which looks like missing data that the file does not declare. If so, {how_to_declare(values, scene)}:"
        " otherwise they are trained on and mapped like all others.",
    )


def how_to_declare(values: Sequence[str], scene: Scene) -> str:
    """What to do about undeclared fill values, the most frequent first, as words that follow "If so,".

    One value can be stated by the parameter, and one by the file, unless they already state others.
    """
    declared = [value for value in scene.band_nodata if value is not None]
    first, *others = values
    in_file = "write {0} into the file as its no data value, such as with gdal_edit.py -a_nodata {0}"
    if not scene.also_nodata:
        stated = f"state {first if others else 'it'} as no data value (nodata {first})"
        if not others:
            return stated
        if len(others) == 1 and not declared:
            return f"{stated} and, as only one can be stated, {in_file.format(others[0])}"
        return f"{stated} and, as only one can be stated, replace {listed(others)} by {first} in a copy of the file"
    if not others and not declared:
        return f"{in_file.format(first)}, as another one was stated already"
    return f"replace {listed(values)} by {scene.also_nodata[0]:g}, the no data value that was stated, in a copy of the file"


def shortest_number(value: float, dtype: np.dtype[Any]) -> str:
    """The shortest text that is the same number in ``dtype``, that of the file; float32 for real numbers of a second raster."""
    if isinstance(value, int):
        return str(value)
    dtype = dtype if dtype.kind == "f" else np.dtype(np.float32)
    texts = (f"{value:.{digits}g}" for digits in range(1, 18))
    with np.errstate(over="ignore"):  # of the largest number, a short text is beyond the type
        return next((text for text in texts if dtype.type(float(text)) == value), repr(value))


def _same_in_all(numbers: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """(rows, cols); True where all bands hold the same number. Few pixels get past the second band."""
    same: npt.NDArray[np.bool_] = numbers[0] == numbers[1]
    if same.any():
        rows, cols = np.nonzero(same)
        same[rows, cols] = (numbers[:, rows, cols] == numbers[0, rows, cols]).all(axis=0)
    return same


def _windows(reader: SceneReader, n_bands: int) -> list[Window]:
    """Windows that cover the scene, or as many of them as are looked at."""
    pixels = max(1, _LOOK_BYTES // (n_bands * np.dtype(reader.scene.dtype).itemsize))
    rows, cols = reader.scene.grid.shape
    if rows * cols <= pixels:
        return list(reader.block_windows(pixels))
    every = list(reader.block_windows(max(1, pixels // _WINDOWS)))
    chosen = np.unique(np.linspace(0, len(every) - 1, _WINDOWS).round().astype(int))
    return [every[i] for i in chosen]
