"""Where the project and its user guide are found."""

from __future__ import annotations

HOMEPAGE = "https://example.org/hsi-classifier"


def help_url(page: str) -> str:
    """Address of a page of the user guide, such as "first-map"."""
    return f"{HOMEPAGE}/guide/{page}.html"
