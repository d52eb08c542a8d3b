"""JSON from strangers: finite numbers, whole characters, and not nested deeper than anything that means something."""

from __future__ import annotations

import json
import math
from typing import Any

from .text import ForeignTextError, shown, without_surrogates

MOST_LEVELS = 100
"""Of lists and objects within each other."""
_MOST_DIGITS = 20  # of the largest whole number of 64 bits


def parse_json(content: bytes | str, *, names_files: bool = False) -> Any:
    """The value that a document holds.

    Parameters
    ----------
    content : text, or bytes in UTF-8, UTF-16 or UTF-32, also with a byte order mark.
    names_files : halves of characters in its strings stay, as they stand for bytes of file names that are not UTF-8;
        otherwise they become U+FFFD, so that every string can be written.

    Raises
    ------
    ForeignTextError : it is not JSON, is nested too deep, or holds a number that is not finite or has too many digits.
    """
    try:
        text = content.decode(json.detect_encoding(content)) if isinstance(content, bytes) else content
        text = text.removeprefix("\ufeff")
        data = json.loads(text, parse_constant=_no_constant, parse_float=_finite, parse_int=_countable)
    except RecursionError as error:
        raise ForeignTextError(_TOO_DEEP) from error
    except ForeignTextError:
        raise
    except ValueError as error:
        raise ForeignTextError(f"it is not JSON ({shown(error)})") from error
    if text.count("[") + text.count("{") > MOST_LEVELS:
        _check_levels(data)
    return _whole(data) if not names_files and _has_halves(text) else data


_TOO_DEEP = f"its lists and objects are nested more than {MOST_LEVELS} levels deep"


def _no_constant(name: str) -> float:
    raise ForeignTextError(f"it holds {name}, which is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ForeignTextError(f"it holds the number {shown(text)}, which is too large")
    return value


def _countable(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ForeignTextError(f"it holds a number of {len(text)} digits, which is too large")
    return int(text)


def _check_levels(data: Any) -> None:
    level, values = 0, [data]
    while values := [inner for value in values if isinstance(value, list | dict) for inner in _inside(value)]:
        level += 1
        if level > MOST_LEVELS:
            raise ForeignTextError(_TOO_DEEP)


def _inside(value: list[Any] | dict[str, Any]) -> Any:
    return value.values() if isinstance(value, dict) else value


def _has_halves(text: str) -> bool:
    """Whether there may be halves of characters: as they are, or as escapes."""
    return "\\ud" in text or "\\uD" in text or without_surrogates(text) != text


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, list):
        return [_whole(entry) for entry in value]
    return (
        {without_surrogates(key): _whole(entry) for key, entry in value.items()} if isinstance(value, dict) else value
    )
