"""Hidden files that a worker could not remove because it was killed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def remove_leftovers(prefix: str, params: Mapping[str, Any]) -> None:
    """Remove the temporary files of one worker next to the files that its parameters name, and in their folders.

    Parameters
    ----------
    prefix : what the names of its temporary files begin with; each worker has its own and states it in its hello.
    params : the parameters of its job.
    """
    for folder in _folders(params.values()):
        # A folder may be missing, unreadable or impossible; then the worker could not write there either.
        with contextlib.suppress(OSError, ValueError):
            for path in folder.iterdir():
                if path.name.startswith(prefix):
                    _remove(path)


def _folders(values: Iterable[Any]) -> set[Path]:
    paths = [Path(value) for value in values if isinstance(value, (str, Path)) and str(value)]
    return {folder for path in paths for folder in (path, path.parent) if path.is_absolute()}


def _remove(path: Path) -> None:
    # What another program has open on Windows stays, under a name that the documentation explains.
    with contextlib.suppress(OSError):
        path.unlink()
