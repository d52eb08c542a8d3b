"""What a person may have meant by the name of a file that does not exist."""

from __future__ import annotations

import difflib
from pathlib import Path

# Of the names without their ending, which is the same for every scene; nope and e3 have none of it in common.
_LIKENESS = 0.7
_MOST = 3


def near_names(path: Path) -> str:
    """A hint for a missing file: names in its folder that are like it, or where its path ends."""
    bare = Path(str(path).strip().strip("\"'\u201c\u201d\u201e\u00ab\u00bb").strip())
    if bare != path and bare.is_file():
        return f"Did you mean {bare}, without the quotation marks or spaces around it?"
    folder = path.parent
    if not folder.is_dir():
        existing = next(parent for parent in path.absolute().parents if parent.is_dir())
        return f"Its folder does not exist either; the path exists up to {existing}."
    try:
        names = [entry.name for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith(".")]
    except OSError:  # a folder that may be passed but not listed
        names = []
    near = sorted(((_likeness(path.name, name), name) for name in names), key=lambda pair: (-pair[0], pair[1]))
    shown = [name for likeness, name in near if likeness >= _LIKENESS][:_MOST]
    return f"Did you mean {' or '.join(shown)}?" if shown else "Check the folder and the spelling."


def _likeness(wanted: str, name: str) -> float:
    """From 0 to 1: how alike two names are without their endings, and with them a little less."""
    stems = difflib.SequenceMatcher(None, Path(wanted).stem.lower(), Path(name).stem.lower()).ratio()
    return stems - 0.01 * (1 - difflib.SequenceMatcher(None, wanted.lower(), name.lower()).ratio())
