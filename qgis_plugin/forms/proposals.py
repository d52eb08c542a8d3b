"""A form that opens with the layers that are most likely meant; scripts and models see nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from qgis.core import (
    QgsApplication,
    QgsMapLayer,
    QgsProcessingParameterDefinition,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QThread

from ..engine.operations import OperationDescription
from ..layers.class_fields import likely_class_field
from ..layers.proposals import (
    active_layer,
    map_of_sample,
    proposed_labels,
    proposed_map,
    proposed_raw_scene,
    proposed_sample,
    proposed_scene,
)
from .parameters import qgis_name

_Propose = Callable[[QgsProject], "QgsMapLayer | None"]
_PROPOSALS: dict[str, _Propose] = {
    "scene": proposed_scene,
    "class_map": proposed_map,
    "labels": lambda project: proposed_labels(project, active_layer()),
    "labelled_places": lambda project: proposed_labels(project, active_layer()),
}
# What has to be another layer than its kind tells. A reference, which is of the kind labels, is a sample of points or is
# left open: the labels at hand would be those that were trained with.
_OTHERWISE: dict[tuple[str, str], _Propose] = {
    ("assess_map", "reference"): lambda project: proposed_sample(project, active_layer()),
    ("assess_map", "map"): lambda project: map_of_sample(project, active_layer()),
    # To be worked on as it was recorded.
    ("denoise_scene", "scene"): proposed_raw_scene,
}
# The model keeps what they would say.
_NOT_NEEDED = frozenset({("explain_pixel", "labels")})
_PROPOSED = frozenset({("model_information", "scene")})
# QGIS would take the first raster of the project, such as the scene; a form shows this as an empty field.
_NO_LAYER = " "
_LABELS = "labels"
_CLASS_FIELD = "CLASS_FIELD"


def propose_layers(operation: OperationDescription, definitions: Iterable[QgsProcessingParameterDefinition]) -> None:
    """Give parameters a layer of the project as their value in forms, and the field that holds its classes."""
    application = QgsApplication.instance()
    if application is None or QThread.currentThread() != application.thread():
        return  # layers may be looked at on the main thread only, and that is where forms are made
    by_name = {definition.name(): definition for definition in definitions}
    for parameter in operation.parameters:
        place = (operation.name, parameter.name)
        propose = _OTHERWISE.get(place, _PROPOSALS.get(parameter.kind))
        if place in _NOT_NEEDED or propose is None:
            continue
        if parameter.required or place in _PROPOSED or parameter.name == _LABELS:
            layer = propose(QgsProject.instance())
            if layer is not None:
                by_name[qgis_name(parameter.name)].setGuiDefaultValueOverride(layer.id())
            elif parameter.kind == "class_map":
                by_name[qgis_name(parameter.name)].setGuiDefaultValueOverride(_NO_LAYER)
            if isinstance(layer, QgsVectorLayer) and _CLASS_FIELD in by_name and place not in _OTHERWISE:
                by_name[_CLASS_FIELD].setGuiDefaultValueOverride(likely_class_field(layer))
