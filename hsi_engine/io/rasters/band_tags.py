"""The entries of a file about its bands, brought into one shape: one entry per band, whatever the file writes.

A property (wavelength, width, flag) is absent, read, or stated but unreadable. The last is always said, and then no
weaker source is asked: it might repeat what could not be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...spectrum.bands import named_bands

Tags = Mapping[str, str]

_SAYS_NOTHING = frozenset({"", "nan", "none", "null", "n/a", "na", "-", "unknown"})
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(.*?)\s*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class RasterTags:
    """The entries of a file from which its band table is read.

    Parameters
    ----------
    descriptions : per band; None or empty if the file has none.
    band : tags of each band.
    imagery : ``IMAGERY`` tags of each band (GDAL ≥ 3.10 writes wavelengths there, in µm).
    envi : the ENVI header.
    dataset : tags of the dataset.
    """

    descriptions: tuple[str | None, ...]
    band: tuple[Tags, ...]
    imagery: tuple[Tags, ...]
    envi: Tags
    dataset: Tags

    @classmethod
    def of(cls, dataset: Any) -> RasterTags:
        """Collect the tags of an open rasterio dataset, keys in one spelling."""
        return cls(
            descriptions=_descriptions(dataset),
            band=tuple(normal_keys(dataset.tags(i)) for i in dataset.indexes),
            imagery=tuple(normal_keys(dataset.tags(i, ns="IMAGERY")) for i in dataset.indexes),
            envi=normal_keys(dataset.tags(ns="ENVI")),
            dataset=normal_keys(dataset.tags()),
        )


@dataclass(frozen=True, kw_only=True)
class Column:
    """What a file states of one property.

    Parameters
    ----------
    texts : one per band; None if it is not stated, or if its list was ignored.
    stated : the file states the property.
    """

    texts: tuple[str | None, ...]
    stated: bool


def read_column(tags: RasterTags, keys: Sequence[str], warnings: list[str]) -> Column:
    """The entries for the first of ``keys`` that a source has: the bands, the ENVI header, the dataset.

    Lengths of lists are compared with the number of bands first: GDAL hands the entries of an ENVI header out to the
    bands in their order, whether or not there are as many of both.
    """
    count = len(tags.descriptions)
    of_bands = tuple(first_of(band, keys) for band in tags.band)
    in_header = _listed(first_of(tags.envi, keys))
    from_header = _begins_with(in_header, [text.strip() for text in of_bands if text is not None])
    if any(of_bands) and not (from_header and len(in_header) != count):
        return Column(texts=_entries_of_lists(of_bands), stated=True)
    ignored = False
    for listed in (in_header, _listed(first_of(tags.dataset, keys))):
        if len(listed) == count:
            return Column(texts=tuple(_unless_empty(text) for text in listed), stated=True)
        if listed:
            ignored = True
            warnings.append(list_ignored(keys[0], len(listed), count))
    return Column(texts=(None,) * count, stated=ignored)


def list_ignored(name: str, length: int, count: int) -> str:
    """The note on a list that has another length than there are bands."""
    return f"The file lists {length} values of {name!r} for {count} bands; the list was ignored."


def split_list(text: str) -> list[str]:
    """The entries of a list such as ``{450, 480, 510}``; text that is not a list is its only entry."""
    inner = text.strip().strip("{}[]()").strip()
    if re.search("[,;]", inner):
        return [part.strip() for part in re.split("[,;]", inner) if part.strip()]
    parts = inner.split()
    return parts if len(parts) > 1 and all(is_number(part) for part in parts) else [inner] if inner else []


def number_and_unit(text: str) -> tuple[float, str] | None:
    """``450.5 nm`` as a number and the text after it, which may be empty; None if there is no number."""
    match = _NUMBER.fullmatch(text)
    return None if match is None else (float(match.group(1)), match.group(2))


def is_number(text: str) -> bool:
    """Whether text is a number and nothing else."""
    found = number_and_unit(text)
    return found is not None and not found[1]


def unreadable(what: str, texts: Sequence[str | None], bands: Sequence[int], outcome: str) -> str:
    """The note on entries that are stated but cannot be read."""
    shown = texts[bands[0]] or ""
    shown = shown if len(shown) <= 40 else f"{shown[:39]}…"
    return f"The {what} of {named_bands(bands)} cannot be read ({shown!r}); {outcome}."


def first_of(tags: Tags, keys: Sequence[str]) -> str | None:
    """The entry of the first of ``keys`` that has one."""
    return next((tags[key] for key in keys if _unless_empty(tags.get(key, "")) is not None), None)


def _descriptions(dataset: Any) -> tuple[str | None, ...]:
    """The name of each band; None for all if one holds bytes that are not UTF-8, which rasterio does not hand out."""
    try:
        return tuple(dataset.descriptions)
    except UnicodeDecodeError:
        return (None,) * int(dataset.count)


def normal_keys(tags: Tags) -> dict[str, str]:
    """Keys in lower case, with underscores in place of spaces and signs."""
    return {re.sub(r"[^a-z0-9]+", "_", key.lower()).strip("_"): value for key, value in tags.items()}


def _listed(text: str | None) -> list[str]:
    return [] if text is None else split_list(text)


def _begins_with(listed: Sequence[str], texts: Sequence[str]) -> bool:
    return bool(listed) and list(listed[: len(texts)]) == list(texts)


def _entries_of_lists(texts: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """If each band has the list of all bands, the entry of the band; otherwise the entries as they are."""
    distinct = set(texts)
    listed = split_list(texts[0]) if len(texts) > 1 and len(distinct) == 1 and texts[0] else []
    return tuple(_unless_empty(text) for text in listed) if len(listed) == len(texts) else texts


def _unless_empty(text: str) -> str | None:
    return None if text.strip().lower() in _SAYS_NOTHING else text
