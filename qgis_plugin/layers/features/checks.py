"""Layers whose features cannot be used, refused with a message."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsProcessingException, QgsProviderRegistry, QgsVectorLayer, QgsWkbTypes

from ...translation import tr
from ..files import why_unreadable
from .copy import usable_fields
from .input import FeatureInput


def require_features(given: FeatureInput | None, title: str, fields: Sequence[str], needs_crs: bool) -> FeatureInput:
    """``given``, when its features can be used; parameters as for :func:`.vector_source.plan_vector`.

    Raises
    ------
    QgsProcessingException
        There is no layer or no feature, it cannot be opened, its features are lines or have no geometry, a field is
        missing or of a type that cannot hold a class, or it has no CRS.
    """
    if given is None:
        raise QgsProcessingException(
            tr("{title}: no layer was given. Choose a layer with polygons or points.").format(title=title)
        )
    layer = given.layer
    missing = [name for name in fields if layer.fields().indexFromName(name) < 0]
    unfit = [name for name in fields if name not in missing and name not in usable_fields(layer.fields())]
    problem = _of_layer(layer) or _of_features(given)
    if problem is None and missing:
        problem = tr("{title}: layer '{layer}' has no field '{field}'. Its fields are: {fields}. Choose one of them.")
    if problem is None and unfit:
        problem = tr(
            "{title}: field '{field}' of layer '{layer}' has type {type}; a class is a whole number or text. Its "
            "fields are: {fields}. Choose another one."
        )
    if problem is None and needs_crs and not layer.crs().isValid():
        problem = tr(
            "{title}: layer '{layer}' has no CRS. Assign the CRS it was drawn in (Layer ▸ Set CRS of Layer(s)), then try again."  # words: ok
        )
    if problem is not None:
        found = ", ".join(f"{f.name()} ({f.displayType()})" for f in layer.fields())
        named = "".join([*missing, *unfit][:1])
        kind = layer.fields().field(named).displayType() if unfit and not missing else ""
        raise QgsProcessingException(
            problem.format(title=title, layer=layer.name(), field=named, type=kind, fields=found or tr("none"))
        )
    return given


def refuse_alike(fields: Sequence[str], title: str, layer: QgsVectorLayer) -> None:
    """Refuse to copy fields that are all needed by their names, which differ in upper and lower case alone.

    Raises
    ------
    QgsProcessingException
        There are two such fields.
    """
    first: dict[str, str] = {}
    for name in fields:
        same = first.setdefault(name.lower(), name)
        if same != name:
            raise QgsProcessingException(
                tr(
                    "{title}: fields '{first}' and '{second}' of layer '{layer}' differ in upper and lower case alone, which the"
                    " temporary file for the run cannot hold. Rename one of them, or choose another field."
                ).format(title=title, first=same, second=name, layer=layer.name())
            )


def _of_layer(layer: QgsVectorLayer) -> str | None:
    # A layer that holds its file open does not notice that it was removed.
    problem = why_unreadable(_file_of(layer))
    if problem:
        words = tr("{title}: the file of layer '{layer}' {problem}. Restore it, or choose another layer.")
        return words.replace("{problem}", problem)
    if not layer.isValid():
        return tr(
            "{title}: layer '{layer}' cannot be opened: its file or database is missing or damaged."
            " Repair its data source, or choose another layer."
        )
    if layer.geometryType() == QgsWkbTypes.geometryType(QgsWkbTypes.Type.LineString):
        return tr(
            "{title}: layer '{layer}' holds lines; polygons or points are needed."
            " Choose another layer, or turn the lines into polygons with a buffer."
        )
    if layer.wkbType() == QgsWkbTypes.Type.NoGeometry:
        return tr("{title}: layer '{layer}' is a table without geometry. Choose a layer with polygons or points.")
    return None


def _file_of(layer: QgsVectorLayer) -> str:
    """Path of its file; empty if it is none."""
    if layer.providerType() != "ogr":
        return ""
    return str(QgsProviderRegistry.instance().decodeUri("ogr", layer.source()).get("path") or "")


def _of_features(given: FeatureInput) -> str | None:
    layer = given.layer
    if given.selected_only and not layer.selectedFeatureCount():
        return tr(
            "{title}: no feature of layer '{layer}' is selected, but 'Selected features only' is ticked. Select some "
            "features, or untick it."
        )
    if layer.featureCount() == 0 and layer.subsetString():
        return tr("{title}: the filter of layer '{layer}' excludes all features. Change or clear it.")
    if layer.featureCount() == 0:
        return tr("{title}: layer '{layer}' holds no features. Draw some, or choose another layer.")
    return None
