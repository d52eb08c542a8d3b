"""One band of a product as its metadata list it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .elements import Node

_NUMBERS = re.compile(r"(\d+)(?:\s*-\s*(\d+))?")


@dataclass(frozen=True, kw_only=True)
class ProductBand:
    """A band, with what to make of its numbers.

    Parameters
    ----------
    number : its place in the image, from 1.
    scale, offset : a value is ``number in the file * scale + offset``.
    detector : name of the detector; empty if there is one, or it is not known.
    bad_reason : why the band is not to be used; empty for a good one.
    """

    number: int
    name: str
    wavelength_nm: float
    fwhm_nm: float | None
    scale: float
    offset: float
    detector: str = ""
    bad_reason: str = ""


def band_number(entry: Node, text: str) -> int:
    """The number of a band from 1. Raises SceneError if it is none."""
    if not (len(text) < 5 and text.isascii() and text.isdecimal() and int(text) > 0):
        raise entry.wrong(f"expected its number, a whole number from 1, found {text[:40]!r}")
    return int(text)


def band_numbers_are_unique(where: Node, numbers: Sequence[int]) -> None:
    """Raises SceneError if there is no band, or one is listed twice."""
    if not numbers:
        raise where.wrong("expected a list of bands, found an empty one")
    twice = next((number for number in numbers if numbers.count(number) > 1), None)
    if twice is not None:
        raise where.wrong(f"each band is expected once, and band {twice} is listed {numbers.count(twice)} times")


def positive(entry: Node, name: str) -> float:
    """A positive number. Raises SceneError if it is none."""
    value = entry.number(name)
    if value <= 0:
        raise entry.wrong(f"expected a positive number as {name!r}, found {value:g}")
    return value


def width_or_none(entry: Node, name: str) -> float | None:
    """The width of a band in nm; None if it is not stated."""
    if not entry.text(name):
        return None
    value = entry.number(name)
    return value if value > 0 else None


def listed_numbers(text: str) -> frozenset[int]:
    """The numbers of a list such as ``1,2,5-7``."""
    found: set[int] = set()
    for first, last in _NUMBERS.findall(text):
        if len(first) < 5 and len(last) < 5:
            found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)
