"""Copies of rasters that are used again, for runs that follow each other while a map is drawn.

A preview of a scene that only QGIS can read would otherwise copy it for each move of the canvas.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from threading import Lock

from qgis.core import QgsProcessingFeedback, QgsProcessingUtils

from ..paths import exists
from ..translation import tr
from .files import FileOnDisk, PlannedFile
from .raster_copy import RasterOrigin, state_of
from .raster_source import PlannedRaster

# The scene that is worked on, and the one before it, which a run that is about to end may still read.
_MOST = 2
_State = tuple[RasterOrigin, tuple[tuple[str, int, int], ...]]


class KeptRasters:
    """Keeps what stands for the last layers that are not plain files, each as long as its pixels stay the same.

    Safe on any thread. QGIS removes what :meth:`clear` did not when it is closed.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[_State, tuple[FileOnDisk, Path]] = {}

    def materialise(self, planned: PlannedFile, folder: Path, feedback: QgsProcessingFeedback) -> FileOnDisk:
        """The file of a layer: the one kept, or a new one; in ``folder`` if it cannot be told when its pixels change.

        Raises
        ------
        QgsProcessingException
            As :meth:`PlannedFile.materialise`.
        """
        files = state_of(planned.origin) if isinstance(planned, PlannedRaster) else ()
        if not isinstance(planned, PlannedRaster) or not files:
            return planned.materialise(folder, feedback)
        with self._lock:
            state = (planned.origin, files)
            if state in self._kept and exists(self._kept[state][0].path):
                feedback.pushInfo(tr("The copy of layer '{}' is used again.").format(planned.origin.layer))
                return self._kept[state][0]
            own = Path(tempfile.mkdtemp(prefix="hsi-scene-", dir=QgsProcessingUtils.tempFolder()))
            try:
                file = planned.materialise(own, feedback)
            except BaseException:
                shutil.rmtree(own, ignore_errors=True)
                raise
            if own not in Path(file.path).parents:  # a plain file
                own.rmdir()
                return file
            self._kept[state] = (file, own)
            while len(self._kept) > _MOST:
                shutil.rmtree(self._kept.pop(next(iter(self._kept)))[1], ignore_errors=True)
            return file

    def clear(self) -> None:
        """Remove all copies."""
        with self._lock:
            for _, own in self._kept.values():
                shutil.rmtree(own, ignore_errors=True)
            self._kept.clear()


# Of all previews, whether they are asked for in the toolbox or follow the canvas.
PREVIEWED_RASTERS = KeptRasters()
