"""The parts of a product in HDF5, each of which may be missing or something else than it should be."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ....errors import SceneError
from .attributes import MOST_VALUES, as_number, as_numbers, as_text, plain
from .opening import hdf5_file, open_hdf5

_LONGEST_TEXT, _MOST_TEXTS = 200, 200
_LISTED = 12


class ProductFile:
    """An open HDF5 file of a product. Everything raises :class:`SceneError` that names the part and what was found.

    Parameters
    ----------
    path : for messages.
    what : for messages: ``a PRISMA product``.
    file : as h5py opened it.
    """

    def __init__(self, path: Path, what: str, file: Any) -> None:
        self.path, self.what, self.file = path, what, file

    @classmethod
    @contextmanager
    def opened(cls, path: Path, what: str) -> Iterator[ProductFile]:
        """A file for as long as it is described."""
        with hdf5_file(path, what) as file:
            yield cls(path, what, file)

    @classmethod
    def kept_open(cls, path: Path, what: str) -> ProductFile:
        """A file whose pixels are read; :meth:`close` ends that."""
        return cls(path, what, open_hdf5(path, what))

    def close(self) -> None:
        self.file.close()

    def has(self, name: str) -> bool:
        return name in self.file

    def group(self, name: str) -> Any:
        """A group that has to be there."""
        found = self.file.get(name)
        if found is None or hasattr(found, "shape"):
            raise self.lacks(f"the group {name}")
        return found

    def dataset(self, name: str, dimensions: int) -> Any:
        """An array of real numbers that has to be there."""
        found = self.file.get(name)
        if found is None or not hasattr(found, "shape"):
            raise self.lacks(f"the array {name}")
        if found.dtype.kind not in "iuf" or len(found.shape) != dimensions or min(found.shape, default=0) < 1:
            shape = "×".join(map(str, found.shape)) or "a single value"
            raise self.wrong(
                f"the array {name} is {shape} of type {found.dtype}", f"numbers in {dimensions} dimensions are expected"
            )
        return found

    def attribute(self, node: str, name: str) -> Any:
        """An attribute that has to be there; ``node`` is empty for those of the file."""
        attributes = self.file[node or "/"].attrs
        if name not in attributes:
            raise self.lacks(f"the attribute {name}{f' of {node}' if node else ''}")
        return attributes[name]

    def get(self, node: str, name: str) -> Any:
        """An attribute that may be missing: None then."""
        return self.file[node or "/"].attrs.get(name)

    def number(self, node: str, name: str) -> float:
        """A number among the attributes."""
        value = self.attribute(node, name)
        found = as_number(value)
        if found is None:
            raise self.wrong(f"the attribute {name} is {_shown(value)}", "a number is expected")
        return found

    def text(self, node: str, name: str) -> str:
        """Text among the attributes."""
        found = as_text(self.attribute(node, name))
        if not found:
            raise self.wrong(f"the attribute {name} is empty", "text is expected")
        return found

    def numbers(self, value: Any, name: str, count: int) -> npt.NDArray[np.float64]:
        """``count`` numbers, from an attribute or a dataset of one dimension; NaN for single ones that are none."""
        if hasattr(value, "shape") and hasattr(value, "file"):
            value = value[()] if math.prod(value.shape) <= MOST_VALUES else None
        found = as_numbers(value)
        if found is None or np.isnan(found).all():
            raise self.wrong(f"{name} is {_shown(value)}", f"{count} numbers are expected, one for each band")
        if len(found) != count:
            raise self.wrong(f"{name} holds {len(found)} numbers", f"the cube has {count} bands")
        return found

    def packing(self, name: str) -> tuple[float, float]:
        """Scale and offset of the numbers of an array, as netCDF states them; 1 and 0 if it does not (CF Conventions, 8.1)."""
        scale = 1.0 if self.get(name, "scale_factor") is None else self.number(name, "scale_factor")
        return scale, 0.0 if self.get(name, "add_offset") is None else self.number(name, "add_offset")

    def small_text(self, name: str) -> str | None:
        """The text of a dataset that holds nothing else, several parts of it joined by commas; None if it is not there."""
        found = self.file.get(name)
        if found is None or math.prod(getattr(found, "shape", (MOST_VALUES,))) >= MOST_VALUES:
            return None
        value = plain(found[()])
        if isinstance(value, np.ndarray) and value.dtype.kind in "SOU":
            return ", ".join(filter(None, map(as_text, value.reshape(-1))))
        return as_text(value)

    def texts(self, *nodes: str) -> dict[str, str]:
        """The short attributes of some groups, keys in lower case with underscores."""
        found: dict[str, str] = {}
        for node in nodes:
            for name, value in self.file[node or "/"].attrs.items() if self.has(node or "/") else ():
                text = None if isinstance(plain(value), np.ndarray) else as_text(value)
                if text and len(text) <= _LONGEST_TEXT and len(found) < _MOST_TEXTS:
                    found[re.sub(r"\W+", "_", name.lower())] = text
        return found

    def lacks(self, part: str) -> SceneError:
        """The error for a part that is missing."""
        return SceneError(
            f"{self.path} is {self.what}, but {part} is missing.",
            code="product_part",
            hint="Download the product again; parts get lost where files are cut or converted.",
        )

    def wrong(self, found: str, expected: str) -> SceneError:
        """The error for a part that is not as it should be."""
        return SceneError(
            f"{self.path} cannot be read as {self.what}: {found}; {expected}.",
            code="product_part",
            hint="Download the product again. If it is of a new version, convert it to a GeoTIFF.",
        )


def listed(names: Sequence[str]) -> str:
    """Some names for a person."""
    shown = ", ".join(names[:_LISTED])
    return shown + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "") or "nothing"


def _shown(value: Any) -> str:
    text = " ".join(repr(plain(value)).split())
    return text if len(text) <= 60 else f"{text[:59]}…"
