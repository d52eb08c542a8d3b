"""Where the project and its user guide are found."""

from __future__ import annotations

HOMEPAGE = "https://example.org/hsi-classifier"


def help_url(section: str) -> str:
    """Address of a section of the user guide, such as "classify-a-scene"."""
    return f"{HOMEPAGE}/guide#{section}"
