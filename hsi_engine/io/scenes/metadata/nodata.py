"""The numbers of a file that mean no data, as the file declares them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import rasterio.shutil
from rasterio.io import MemoryFile

from ....foreign.text import ForeignTextError
from ....foreign.xml_text import parse_xml
from ...rasters.band_tags import is_number
from ...rasters.nodata_text import nodata_words

NoData: TypeAlias = int | float | None

HUGE = 1e15
"""No scene measures such numbers: they are fill values, such as the largest number of a type, and their text is often rounded
(-3.4e+38 for -3.4028235e+38)."""

_ROUNDED = 0.9
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def declared_nodata(dataset: Any) -> tuple[NoData, ...]:
    """The nodata value of each band of an open rasterio dataset, also one that its data type cannot hold.

    Whole numbers of 64 bits keep all their digits.
    """
    with np.errstate(over="ignore"):  # rasterio casts the limits of the type to that of the value
        stated: tuple[NoData, ...] = tuple(dataset.nodatavals)
    words = nodata_words(dataset)
    values = tuple(None if band in words else value for band, value in enumerate(stated))
    # rasterio drops numbers beyond the data type and rounds those of 64 bits.
    doubtful = [
        i
        for i, (value, dtype) in enumerate(zip(values, dataset.dtypes, strict=True))
        if i not in words and (value is None or math.isinf(value) or dtype in ("int64", "uint64"))
    ]
    if not doubtful:
        return values
    texts = _texts_of(dataset)
    return tuple(_number(texts[i]) if i in doubtful else value for i, value in enumerate(values))


def word_notes(dataset: Any) -> tuple[str, ...]:
    """Notes on nodata values that an open rasterio dataset states as words, which GDAL takes for 0."""
    return tuple(
        f"The nodata value {word!r} of the file is not a number; every pixel counts as data."
        for word in dict.fromkeys(nodata_words(dataset).values())
    )


def without_unreadable(
    declared: tuple[NoData, ...], ignored: str | None, dtype: str
) -> tuple[tuple[NoData, ...], tuple[str, ...]]:
    """The values of a file that are to be believed, and a note if an ENVI header states one that is not a number.

    Parameters
    ----------
    ignored : the ``data ignore value`` of an ENVI header. GDAL turns one that is not a number into 0; of one next to a
        GeoTIFF it knows nothing.
    """
    if ignored is not None and ignored.strip().lower() == "nan" and np.dtype(dtype).kind == "f":
        return (math.nan,) * len(declared), ()
    if ignored is not None and not is_number(ignored):
        note = f"The data ignore value {ignored.strip()!r} is not a number; every pixel counts as data."
        return (None,) * len(declared), (note,)
    if ignored is not None and all(value is None for value in declared):
        declared = (float(ignored),) * len(declared)
    return declared, ()


def unusable_note(value: NoData, dtype: str, whose: str) -> str:
    """The note on a nodata value that no number of ``dtype`` can equal; empty if one can."""
    if value is None or math.isnan(value) or nodata_interval(value, np.dtype(dtype)) is not None:
        return ""
    return f"The nodata value {value:.10g} {whose} cannot occur in {dtype}, so it marks no pixel."


def nodata_interval(value: NoData, dtype: np.dtype[Any]) -> tuple[Any, Any] | None:
    """Lowest and highest number of ``dtype`` that means no data; None if there is none, or only NaN.

    Both are the value itself, unless it is a huge real number: then everything from nine tenths of it on. One beyond
    the type, such as the largest of float64 in a file of float32, stands for the largest of the type.
    """
    if value is None or math.isnan(value):
        return None
    if dtype.kind in "iu":
        if math.isinf(value):
            return None
        limits = np.iinfo(dtype)
        if isinstance(value, float) and value == float(limits.max):  # the next double to the largest of 64 bits
            return limits.max, limits.max
        whole = value == int(value) and limits.min <= value <= limits.max
        return (int(value), int(value)) if whole else None
    largest = float(np.finfo(dtype).max)
    number = dtype.type(min(max(value, -largest), largest))
    if abs(number) < HUGE:
        return number, number
    nearest = dtype.type(number * dtype.type(_ROUNDED))
    return (nearest, dtype.type(largest)) if number > 0 else (dtype.type(-largest), nearest)


class NoDataRule:
    """Marks which numbers of some bands are no data.

    Parameters
    ----------
    values : per band; None if there is none.
    dtype : of the numbers.
    """

    def __init__(self, values: Sequence[NoData], dtype: np.dtype[Any]) -> None:
        intervals = [nodata_interval(value, dtype) for value in values]
        self._bands = [band for band, interval in enumerate(intervals) if interval is not None]
        known = [interval for interval in intervals if interval is not None]
        self._low, self._high = (np.array([i[end] for i in known], dtype)[:, None, None] for end in (0, 1))
        self._all = len(known) == len(values)
        self._exact = bool((self._low == self._high).all())

    def __bool__(self) -> bool:
        return bool(self._bands)

    def strike(self, numbers: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> None:
        """Set ``valid`` to False where ``numbers`` are no data; both (bands, rows, cols)."""
        if self._all:
            valid &= self._is_data(numbers)
        elif self._bands:
            valid[self._bands] &= self._is_data(numbers[self._bands])

    def _is_data(self, numbers: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_]
        found = numbers != self._low if self._exact else (numbers < self._low) | (numbers > self._high)
        return found


def _texts_of(dataset: Any) -> list[str | None]:
    """The nodata values as GDAL writes them, which is the only way to see them that rasterio leaves."""
    with MemoryFile(ext=".vrt") as file:
        rasterio.shutil.copy(dataset, file.name, driver="VRT")
        # GDAL hands on the bytes of a header as they are, also those that XML does not allow.
        text = _NOT_IN_XML.sub("", file.read().decode("utf-8", errors="replace"))
    try:
        root = parse_xml(text)
    except ForeignTextError:
        return [None] * int(dataset.count)
    return [band.findtext("NoDataValue") for band in root.iter("VRTRasterBand") if "band" in band.attrib]


def _number(text: str | None) -> NoData:
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        return float(text)
