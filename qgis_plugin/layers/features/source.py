"""Vector layers as files that the engine can open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsDataProvider,
    QgsProcessingFeedback,
    QgsProviderRegistry,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ...paths import exists
from ...translation import counted, tr
from ..files import FileOnDisk, PlannedFile, free_name
from .checks import refuse_alike, require_features
from .copy import usable_fields, write_geopackage
from .input import FeatureInput
from .reader import FeatureReader

# Formats that the engine's GDAL has in every build.
_ENGINE_FORMATS = ("ESRI Shapefile", "FlatGeobuf", "GPKG", "GeoJSON", "OpenFileGDB", "SQLite")


def plan_vector(
    given: FeatureInput | None,
    title: str,
    *,
    fields: Sequence[str] = (),
    kept: Sequence[str] = (),
    needs_crs: bool = True,
    can_name_layer: bool = False,
) -> PlannedFile:
    """Plan how the engine gets at the features of a layer; call on the main thread.

    A file whose features are what the layer shows is used as it is. Everything else (memory and database layers,
    filters, selections, unsaved edits, joined and virtual fields, a CRS assigned in QGIS, curves) is written to a
    temporary GeoPackage.

    Parameters
    ----------
    title : what the layer is for, such as "Labels"; begins each message.
    fields : the fields that are read; empty if that is not known.
    kept : fields that keep their names if the layer has others that differ in upper and lower case alone; ``fields`` do.
    needs_crs : False if the scene has no CRS, so that the layer needs none.
    can_name_layer : True if the engine accepts the name of a layer in a file; otherwise one of several is copied.

    Raises
    ------
    QgsProcessingException
        There is no layer or no feature, it cannot be opened, its features are lines or have no geometry, a field is
        missing, or it has no CRS.
    """
    given = require_features(given, title, fields, needs_crs)
    first = tuple(dict.fromkeys((*fields, *kept)))
    reason = _why_not_plain(given, fields)
    if reason is None:
        file = _file_of(given.layer)
        if file.layer is None or can_name_layer:
            return _PlainFile(title, file)
        reason = tr("its file holds several layers")
    refuse_alike(first, title, given.layer)
    names = first if fields else tuple(dict.fromkeys((*first, *usable_fields(given.layer.fields()))))
    return _CopiedFile(title, FeatureReader.of(given, title), names, reason)


@dataclass(frozen=True)
class _PlainFile:
    title: str
    file: FileOnDisk

    def materialise(self, folder: Path, feedback: QgsProcessingFeedback) -> FileOnDisk:
        return self.file


@dataclass(frozen=True)
class _CopiedFile:
    title: str
    reader: FeatureReader
    fields: tuple[str, ...]
    reason: str

    def materialise(self, folder: Path, feedback: QgsProcessingFeedback) -> FileOnDisk:
        target = free_name(folder, self.reader.layer, ".gpkg")
        written = write_geopackage(self.reader, target, self.fields, feedback)
        feedback.pushInfo(
            tr("{title}: {count} of layer '{layer}' copied to {target}, because {reason}.").format(
                title=self.title,
                count=counted(written, tr("feature"), tr("features")),
                layer=self.reader.layer,
                target=target,
                reason=self.reason,
            )
        )
        return FileOnDisk(str(target))


def _why_not_plain(given: FeatureInput, fields: Sequence[str]) -> str | None:
    layer, provider = given.layer, given.layer.dataProvider()
    parts = _parts(layer)
    read = list(fields) or layer.fields().names()
    own = provider.fields()
    ids = [own.at(i).name() for i in provider.pkAttributeIndexes()]
    reasons = (
        (given.selected_only, tr("only the selected ones are used")),
        (not given.takes_all, tr("only some of them are used")),
        (layer.providerType() != "ogr", tr("the layer is not a file ({source})").format(source=layer.providerType())),
        (not _is_plain_path(parts), tr("the layer is not a plain file")),
        (layer.isModified(), tr("it has unsaved edits")),
        (bool(layer.subsetString()), tr("the layer has a filter")),
        (any(own.indexFromName(name) < 0 for name in read), tr("it has joined or virtual fields")),
        (any(name in ids for name in fields), tr("the feature ID is used as a field")),
        (not layer.crs().isValid() and provider.crs().isValid(), tr("its CRS was removed in QGIS")),
        (layer.crs() != provider.crs(), tr("its CRS was assigned in QGIS")),
        (QgsWkbTypes.isCurvedType(layer.wkbType()), tr("it contains curves")),
        (bool(parts.get("geometryType")), tr("its file holds several geometry types")),
        # As chosen in QGIS, if a file does not state it or states a wrong one.
        (
            provider.encoding().upper() not in ("UTF-8", ""),
            tr("its text is encoded as {}").format(provider.encoding()),
        ),
        (layer.storageType() not in _ENGINE_FORMATS, tr("its format is {name}").format(name=layer.storageType())),
    )
    return next((reason for applies, reason in reasons if applies), None)


def _is_plain_path(parts: dict[str, Any]) -> bool:
    """False for archives and web addresses, and for files that are opened with special options."""
    return exists(str(parts.get("path") or "")) and not parts.get("vsiPrefix") and not parts.get("openOptions")


def _file_of(layer: QgsVectorLayer) -> FileOnDisk:
    parts = _parts(layer)
    path = str(Path(str(parts["path"])).absolute())
    names = [
        found.name()
        for found in QgsProviderRegistry.instance().querySublayers(path)
        if found.providerKey() == "ogr" and found.wkbType() != QgsWkbTypes.Type.NoGeometry
    ]
    if len(names) < 2:
        return FileOnDisk(path)
    opened = str(layer.dataProvider().subLayers()[0]).split(QgsDataProvider.sublayerSeparator())
    return FileOnDisk(path, opened[1])


def _parts(layer: QgsVectorLayer) -> dict[str, Any]:
    parts: dict[str, Any] = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
    return parts
