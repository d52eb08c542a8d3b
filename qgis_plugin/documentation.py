"""The address of the user guide: in the plugin itself, so that help needs no internet and fits the version."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_PACKAGED, _REPOSITORY = _HERE / "guide", _HERE.parent / "docs" / "guide"


def help_url(page: str) -> str:
    """Address of a page of the user guide, such as "first-map"; that of its source if the plugin is not packaged."""
    packaged = _PACKAGED / f"{page}.html"
    return (packaged if packaged.is_file() else _REPOSITORY / f"{page}.md").as_uri()
