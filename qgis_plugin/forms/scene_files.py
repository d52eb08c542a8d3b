"""Scenes that QGIS cannot open and the engine perhaps can: whether it can is left to the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterFile,
    QgsProcessingParameterRasterLayer,
    QgsProcessingUtils,
)


class SceneInput(QgsProcessingParameterRasterLayer):
    """A raster layer, or a file or folder that is no layer of QGIS, such as an ENVI header or the folder of a product."""

    def checkValueIsAcceptable(self, value: Any, context: QgsProcessingContext | None = None) -> bool:
        accepted: bool = super().checkValueIsAcceptable(value, context)
        return accepted or (context is not None and file_for_engine(value, context) is not None)


def file_for_engine(value: Any, context: QgsProcessingContext) -> Path | None:
    """The file or folder that a value names; None if there is none, or QGIS opens it as a layer of any kind."""
    if not isinstance(value, str) or not value.strip():
        return None
    path = Path(value)
    if not path.is_absolute() or not path.exists():
        return None
    return path if QgsProcessingUtils.mapLayerFromString(value, context) is None else None


def scene_folder(**common: Any) -> QgsProcessingParameterFile:
    """A folder of scenes to be browsed for; a list of them or a pattern may be typed instead."""
    return QgsProcessingParameterFile(behavior=QgsProcessingParameterFile.Behavior.Folder, **common)
