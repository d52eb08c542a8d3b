"""Colours as files write them."""

from __future__ import annotations

import re

_HEX = re.compile(r"#?([0-9a-f]{6})")
_TRIPLE = re.compile(r"(\d{1,3})\s*[,; ]\s*(\d{1,3})\s*[,; ]\s*(\d{1,3})(?:\s*[,; ].*)?")


def parse_colour(text: str) -> str | None:
    """``#rrggbb`` from ``#RRGGBB`` or ``r,g,b`` (0 to 255; what follows, such as opacity, is ignored); else None."""
    text = text.strip().lower()
    if match := _HEX.fullmatch(text):
        return f"#{match[1]}"
    if match := _TRIPLE.fullmatch(text):
        channels = [int(channel) for channel in match.groups()]
        if max(channels) <= 255:
            return "#" + "".join(f"{channel:02x}" for channel in channels)
    return None
