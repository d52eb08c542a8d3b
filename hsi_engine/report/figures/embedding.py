"""Pictures inside a page."""

from __future__ import annotations

import base64
from typing import Any

from .canvas import FIGURE_DPI

_CSS_DPI = 96


def figure_view(image: bytes) -> dict[str, Any]:
    """A figure with the width, in CSS pixels, at which its letters have the size they were drawn for."""
    width = int.from_bytes(image[16:20], "big")  # IHDR chunk of PNG
    return {"url": data_url(image), "width": round(width * _CSS_DPI / FIGURE_DPI)}


def data_url(image: bytes) -> str:
    """A PNG as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(image).decode("ascii")
