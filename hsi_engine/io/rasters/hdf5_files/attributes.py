"""Text and numbers of HDF5 files: the same value may stand there as number, text, bytes, or an array of one of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ....foreign.text import without_surrogates

# A list of bands or an attribute, never an image.
MOST_VALUES = 100_000


def plain(value: Any) -> Any:
    """An attribute without its wrapping: text, a number, or an array of several of them; None if it is empty."""
    if type(value).__name__ == "Empty":  # h5py's; the library is not loaded for a name
        return None
    if isinstance(value, bytes):
        return value.split(b"\0")[0].decode("utf-8", errors="replace").strip()
    if isinstance(value, str):
        return without_surrogates(value.split("\0")[0].strip())
    if isinstance(value, np.ndarray):
        if value.size == 0:
            return None
        if value.size == 1:
            return plain(value.reshape(-1)[0])
        return value
    if isinstance(value, np.generic):
        return plain(value.item())
    return value


def as_text(value: Any) -> str | None:
    """Text, of several parts the first; a number as text; None if there is nothing."""
    found = plain(value)
    if isinstance(found, np.ndarray):
        found = plain(found.reshape(-1)[0])
    if found is None:
        return None
    return found if isinstance(found, str) else f"{found:.10g}" if isinstance(found, float) else str(found)


def as_number(value: Any) -> float | None:
    """A finite number, also one that is written as text; None if it is none."""
    found = plain(value)
    if isinstance(found, str):
        try:
            found = float(found)
        except ValueError:
            return None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) if math.isfinite(found) else None


def as_numbers(value: Any) -> npt.NDArray[np.float64] | None:
    """Numbers in one dimension, also ``"400.1, 405.2"`` or an array of text; NaN for what is none. None if nothing is there."""
    found = plain(value)
    if isinstance(found, str):
        parts = found.strip("{}[]()").replace(";", ",").split(",")
        found = parts if len(parts) > 1 else parts[0].split()
    if found is None:
        return None
    array = np.asarray(found).reshape(-1)
    if array.size == 0 or array.size > MOST_VALUES:
        return None
    if array.dtype.kind in "iufb":
        return array.astype(np.float64)
    numbers = (as_number(item) for item in array)
    return np.array([math.nan if number is None else number for number in numbers])
