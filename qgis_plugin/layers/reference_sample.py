"""A layer of reference points that Sample reference points made: the engine needs its file, which holds the design."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsProviderRegistry, QgsVectorLayer

from ..paths import is_file
from ..translation import tr
from .class_style import ClassStyle
from .features.input import FeatureInput
from .files import FileOnDisk
from .labels import PlannedLabels
from .reach import is_here

_POINTS = "reference_points"
_TABLES = {_POINTS, "map_classes", "strata", "design"}


@dataclass(frozen=True)
class _SampleFile:
    path: str

    def materialise(self, folder: Path, feedback: QgsProcessingFeedback) -> FileOnDisk:
        return FileOnDisk(self.path, _POINTS)


def plan_sample(given: FeatureInput | None, title: str) -> PlannedLabels | None:
    """The file of a sample as it is; None if the layer is anything else. Call on the main thread.

    Raises
    ------
    QgsProcessingException
        Only some of its points are meant, or edits are not saved: the file would not say what the layer shows.
    """
    path = None if given is None else file_of_sample(given.layer)
    if given is None or path is None:
        return None
    if not given.takes_all or given.layer.subsetString():
        raise QgsProcessingException(
            tr(
                "{title}: all points of a sample count, labelled or not, since its design covers all of them. Remove the filter or"
                " the selection of '{layer}', or set the sampling design to “No design: count how pixels agree”."
            ).format(title=title, layer=given.layer.name())
        )
    if given.layer.isModified():
        raise QgsProcessingException(
            tr("{title}: layer '{layer}' has unsaved edits. Save the edits, then run again.").format(
                title=title, layer=given.layer.name()
            )
        )
    return PlannedLabels(title=title, file=_SampleFile(path), style=ClassStyle(None, ()))


def file_of_sample(layer: QgsVectorLayer) -> str | None:
    """The file of a layer of reference points with the design of their sample; None if the layer is anything else."""
    if layer.providerType() != "ogr":
        return None
    parts: dict[str, Any] = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
    name = str(parts.get("path") or "")
    if parts.get("layerName") not in (None, "", _POINTS) or not is_here(name) or not is_file(name):
        return None
    path = str(Path(name).absolute())
    names = {name for (name,) in _rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    return path if names >= _TABLES else None


def sampled_map(path: str) -> str:
    """File name of the map over which the sample in a file was drawn; empty if the file does not state it."""
    return next((str(name) for (name,) in _rows(path, "SELECT value FROM design WHERE key = 'map_name'")), "")


def _rows(path: str, query: str) -> list[tuple[Any, ...]]:
    """What a query gives; nothing if the file is no database or lacks the table."""
    try:
        with closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)) as database:
            return database.execute(query).fetchall()
    except sqlite3.Error:
        return []
