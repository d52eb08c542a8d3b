"""What becomes of a layer: a file that the engine can open."""

from __future__ import annotations

import contextlib
import itertools
import re
import shutil
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

from qgis.core import QgsProcessingFeedback

from ..paths import ABSENT, exists, why_missing
from ..translation import tr

# Part of the progress, in percent, that turning layers into files may take; the rest belongs to the engine.
COPYING_PERCENT = 5.0

# So many of the last runs can be repeated without QGIS: copies of labels can be large, and a session can be long.
KEPT_RUNS = 10
_kept: deque[Path] = deque()
_lock = Lock()

_LONGEST_NAME = 60
# Windows keeps these names for devices.
_DEVICES = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))})


@dataclass(frozen=True)
class FileOnDisk:
    """A file for the engine; ``layer`` is the layer in it, None if the file has only one."""

    path: str
    layer: str | None = None


class PlannedFile(Protocol):
    """A layer that was examined on the main thread and can be turned into a file on any thread."""

    def materialise(self, folder: Path, feedback: QgsProcessingFeedback) -> FileOnDisk:
        """The file; written into ``folder`` if the layer is not a separate plain file.

        Raises
        ------
        QgsProcessingException
            The file cannot be written, or the user cancelled.
        """


@dataclass(frozen=True)
class GivenFile:
    """A file or folder that is handed to the engine as it is."""

    path: Path

    def materialise(self, folder: Path, feedback: QgsProcessingFeedback) -> FileOnDisk:
        return FileOnDisk(str(self.path))


def why_unreadable(name: str) -> str:
    """Why the file of a layer cannot be read, as "no longer exists"; empty if it can, or ``name`` is no plain path."""
    if name.startswith("/vsi") or not Path(name).is_absolute():
        return ""
    problem = why_missing(name)
    if problem == ABSENT:
        return tr("no longer exists")
    return tr("cannot be read, because {}").format(tr(problem)) if problem else ""


def free_name(folder: Path, name: str, ending: str) -> Path:
    """A path in ``folder`` that is not taken, called like ``name`` as far as file names allow.

    Messages and reports of the engine speak of files by their names, so ``name`` is that of the layer.
    """
    stem = file_stem(name[: -len(ending)] if name.lower().endswith(ending) else name)
    numbers = itertools.count(2)
    target = folder / f"{stem}{ending}"
    while exists(target):
        target = folder / f"{stem}_{next(numbers)}{ending}"
    return target


def file_stem(name: str) -> str:
    """``name`` as a file without its ending may be called: "Fields 2024 (new)" is "Fields_2024_new"."""
    words = re.findall(r"[\w.-]+", name)
    stem = "_".join(words)[:_LONGEST_NAME].strip("._-")
    return f"{stem}_layer" if not stem or stem.partition(".")[0].upper() in _DEVICES else stem


def remove_copied_rasters(folder: Path) -> None:
    """Remove what needs room from the files of a finished run; labels and legends stay for :data:`KEPT_RUNS` more runs.

    A copy that some program holds open stays too: QGIS removes it with its own temporary files.
    """
    for copy in folder.glob("*.tif"):
        with contextlib.suppress(OSError):
            copy.unlink()
    with contextlib.suppress(OSError):  # it is not empty
        folder.rmdir()
    with _lock:
        if exists(folder):
            _kept.append(folder)
        old = [_kept.popleft() for _ in range(len(_kept) - KEPT_RUNS)]
    for one in old:
        shutil.rmtree(one, ignore_errors=True)
