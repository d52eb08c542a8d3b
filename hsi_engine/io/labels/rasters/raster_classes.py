"""What a raster says of its classes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class RasterClasses:
    """Names and colours (``#rrggbb``) by value, that of 0 among the names; and where they come from, in sentences."""

    names: dict[int, str] = field(default_factory=dict)
    colours: dict[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
