"""Layers whose features cannot be used, refused with a message."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qgis.core import QgsProcessingException, QgsProviderRegistry, QgsVectorLayer, QgsWkbTypes

from ...translation import tr
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


def _of_layer(layer: QgsVectorLayer) -> str | None:
    if layer.providerType() == "ogr" and _is_gone(layer):
        return tr("{title}: the file of layer '{layer}' no longer exists. Restore it, or choose another layer.")
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


def _is_gone(layer: QgsVectorLayer) -> bool:
    """Whether the file was removed: a layer that holds it open does not notice."""
    path = Path(QgsProviderRegistry.instance().decodeUri("ogr", layer.source()).get("path", ""))
    return path.is_absolute() and not path.exists() and not str(path).startswith("/vsi")


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
