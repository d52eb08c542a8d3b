"""Scenes that QGIS cannot open and the engine perhaps can: whether it can is left to the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterFile,
    QgsProcessingParameterRasterLayer,
    QgsProcessingUtils,
    QgsVectorLayer,
)

from ..paths import exists

# Endings of files that hold arrays and no features.
_CONTAINERS = frozenset({".nc", ".nc4", ".h5", ".he5", ".hdf", ".hdf5", ".mat"})


class SceneInput(QgsProcessingParameterRasterLayer):
    """A raster layer, or a file or folder that is no layer of QGIS, such as an ENVI header or the folder of a product."""

    def checkValueIsAcceptable(self, value: Any, context: QgsProcessingContext | None = None) -> bool:
        accepted: bool = super().checkValueIsAcceptable(value, context)
        return accepted or (context is not None and file_for_engine(value, context) is not None)


def file_for_engine(value: Any, context: QgsProcessingContext) -> Path | None:
    """The file or folder that a value names; None if there is none, or QGIS opens it as a layer.

    A table that QGIS finds in a container of arrays, such as the bands of an EMIT product, does not count: it is not what a
    user who chooses a scene means.
    """
    if not isinstance(value, str) or not value.strip():
        return None
    path = Path(value)
    if not path.is_absolute() or not exists(path):
        return None
    layer = QgsProcessingUtils.mapLayerFromString(value, context)
    if isinstance(layer, QgsVectorLayer) and path.suffix.lower() in _CONTAINERS:
        return path
    return path if layer is None else None


def scene_folder(**common: Any) -> QgsProcessingParameterFile:
    """A folder of scenes to be browsed for; a list of them or a pattern may be typed instead."""
    return QgsProcessingParameterFile(behavior=QgsProcessingParameterFile.Behavior.Folder, **common)
