"""Files that belong to another file and lie next to it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def beside(path: Path, names: Iterable[str]) -> Path | None:
    """The first of these files in the folder of ``path``; capitals count only if both spellings are there."""
    folder = path.parent
    try:
        present = {entry.name: entry for entry in folder.iterdir()}
    except OSError:  # such as the "folder" of a name that GDAL resolves itself
        return None
    folded: dict[str, Path] = {}
    for name in sorted(present):
        folded.setdefault(name.casefold(), present[name])
    for name in names:
        found = present.get(name) or folded.get(name.casefold())
        if found is not None and found.is_file() and found != path:
            return found
    return None
