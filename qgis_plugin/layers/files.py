"""What becomes of a layer: a file that the engine can open."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from qgis.core import QgsProcessingFeedback

# Part of the progress, in percent, that turning layers into files may take; the rest belongs to the engine.
COPYING_PERCENT = 5.0


@dataclass(frozen=True)
class FileOnDisk:
    """A file for the engine; ``layer`` is the layer in it, None where the file has only one."""

    path: str
    layer: str | None = None


class PlannedFile(Protocol):
    """A layer that was examined on the main thread and can be turned into a file on any thread."""

    def materialise(self, folder: Path, feedback: QgsProcessingFeedback) -> FileOnDisk:
        """The file; written into ``folder`` where the layer is not a plain file of its own.

        Raises
        ------
        QgsProcessingException
            The file cannot be written, or the user cancelled.
        """


def free_name(folder: Path, name: str) -> Path:
    """A path in ``folder`` that is not taken, called like ``name`` as far as file names allow."""
    wanted = Path("".join(c if c.isalnum() or c in "._-" else "_" for c in name).lower())
    numbers = itertools.count(2)
    target = folder / wanted
    while target.exists():
        target = folder / f"{wanted.stem}_{next(numbers)}{wanted.suffix}"
    return target


def remove_copied_rasters(folder: Path) -> None:
    """Remove what needs room from the files of a finished run; labels and legends stay until QGIS is closed.

    A copy that some program holds open stays too: QGIS removes it with its own temporary files.
    """
    for copy in folder.glob("*.tif"):
        with contextlib.suppress(OSError):
            copy.unlink()
    with contextlib.suppress(OSError):  # it is not empty
        folder.rmdir()
