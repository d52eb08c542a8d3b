"""Names of classes that a reader takes for one and that stay two: they are named, as only their author knows."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from .class_names import name_key

# Cyrillic and Greek letters in the shape of Latin ones, as they come from keyboards with several layouts.
_SHAPES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u043a\u043c\u0442\u043d\u0432\u04bb\u0501\u051b\u051d"
    "\u03b1\u03bf\u03c1\u03bd\u03b9\u03ba\u03c4\u03c5\u03c7",
    "aeopcyxijskmthbhdqwaopviktux",
)
_AROUND_SIGNS = re.compile(r"\s*([/,;:+&|()\[\]-])\s*")
_AT_THE_END = " .,;:!?*'\""


def look_alikes(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of different names that look like one, in their order.

    Two names do if they are the same but for dots and the like at their ends, spaces next to signs, HTML entities, and Cyrillic
    or Greek letters of a Latin shape. Names that are the same anyway, see :func:`~.class_names.name_key`, count once.
    """
    groups: dict[str, dict[str, str]] = {}
    for name in names:
        groups.setdefault(_look(name), {}).setdefault(name_key(name), name)
    return [tuple(group.values()) for group in groups.values() if len(group) > 1]


def look_alike_warnings(names: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each group of names that look like one."""
    return tuple(
        f"{' and '.join(f'“{name}”' for name in group)} look like one class, and are {len(group)}. If they are one, give them the"
        " same name in the labels."
        for group in look_alikes(names)
    )


def _look(name: str) -> str:
    """Equal for names that look alike; a name of nothing but signs stays what it is."""
    key = name_key(html.unescape(html.unescape(name))).translate(_SHAPES)
    return _AROUND_SIGNS.sub(r"\1", key).strip(_AT_THE_END) or key
