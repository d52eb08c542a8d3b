"""The labels of a run: which layers they are, which fields and whose names and colours count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..engine.operations import OperationDescription, ParameterDescription
from ..forms.help import label, raster_label
from ..forms.parameters import qgis_name, raster_name
from ..forms.values import FormValues
from ..layers import PlannedLabels, plan_label_raster, plan_labels, plan_sample
from ..layers.class_style import ClassStyle, class_style, raster_class_style
from ..layers.features.attribute_text import attribute_text
from ..translation import tr
from .inputs_read import features_line, raster_line
from .reference_check import with_names_of_map

# More values than this are not classes.
_MOST_VALUES = 1000


@dataclass(frozen=True)
class LabelsRead:
    """Labels that were planned, and the line of the log that says what is read."""

    planned: PlannedLabels
    line: str | None


def labels_of(
    operation: OperationDescription, parameter: ParameterDescription, form: FormValues, needs_crs: bool
) -> LabelsRead:
    """The labels to learn from, or the reference of a map; call on the main thread.

    Raises
    ------
    QgsProcessingException : the layer cannot be used; the message explains why.
    """
    title = tr(parameter.title)
    fields = {
        part.name: form.plain(part)
        for part in operation.parameters
        if part.kind == "field" and part.of == parameter.name
    }
    class_field = fields.pop("class_field", None)
    others = [name for name in fields.values() if name]
    # Whoever names a legend or fields for it does not want that of the style.
    legend_given = _legend_is_given(operation, form)
    map_style = _style_of_map(operation, form)
    if form.is_given(raster_name(parameter.name)):
        layer = form.raster(raster_name(parameter.name))
        raster = plan_label_raster(layer, title, use_style=map_style is None and not legend_given)
        if map_style is not None and layer is not None and not legend_given:
            raster = _told(raster, raster_class_style(layer), layer.name(), map_style)
        return LabelsRead(raster, None if layer is None else raster_line(raster_label(parameter), layer))
    given = form.features(qgis_name(parameter.name))
    sample = plan_sample(given, title) if _asks_for_design(operation, form) else None
    planned = sample or plan_labels(
        given,
        title,
        class_field=class_field,
        other_fields=others,
        needs_crs=needs_crs,
        use_style=not legend_given and not others,
        known_names=None if map_style is None else map_style.labels,
    )
    if map_style is not None and given is not None and sample is None and not legend_given:
        planned = _told(planned, planned.style, given.layer.name(), map_style)
    return LabelsRead(planned, None if given is None else features_line(label(parameter), given, class_field))


def more_labels_of(
    operation: OperationDescription,
    parameter: ParameterDescription,
    form: FormValues,
    needs_crs: bool,
    labels: Mapping[str, PlannedLabels],
) -> LabelsRead:
    """Labels that are added to ``labels``, with the classes of their style; errors as :func:`labels_of`."""
    field = operation.parameter(class_field_of(operation, parameter.name))
    given, title, class_field = form.features(qgis_name(parameter.name)), tr(parameter.title), form.plain(field)
    planned = plan_labels(
        given,
        title,
        class_field=class_field,
        needs_crs=needs_crs,
        use_style=not _legend_is_given(operation, form),
        known_names=_values_of_labels(operation, form),
        added_to=next((first.style for first in labels.values()), ClassStyle(None, ())),
    )
    return LabelsRead(planned, None if given is None else features_line(title, given, class_field))


def classes_of_map(operation: OperationDescription, parameter: ParameterDescription, form: FormValues) -> LabelsRead:
    """A class map with the names and colours that its layer shows; errors as :func:`labels_of`."""
    layer, title = form.raster(qgis_name(parameter.name)), tr(parameter.title)
    planned = plan_label_raster(layer, title, use_style=not _legend_is_given(operation, form))
    return LabelsRead(planned, None if layer is None else raster_line(title, layer))


def class_field_of(operation: OperationDescription, name: str) -> str:
    """Name of the parameter with the class field of the labels ``name``; empty if they have none."""
    found = (p.name for p in operation.parameters if p.kind == "field" and p.of == name)
    return next((field for field in found if field.endswith("class_field")), "")


def takes_legend(operation: OperationDescription) -> bool:
    """Whether the classes of a map get the names and colours that its layer shows."""
    return any(parameter.kind == "legend_file" for parameter in operation.parameters)


def _values_of_labels(operation: OperationDescription, form: FormValues) -> list[str]:
    """The text values of labels without a style in the field that was chosen for their classes."""
    for parameter in operation.parameters:
        if parameter.widget == "labels" and form.is_given(qgis_name(parameter.name)):
            given = form.features(qgis_name(parameter.name))
            field = form.plain(operation.parameter(class_field_of(operation, parameter.name)))
            index = -1 if given is None or not field else given.layer.fields().indexFromName(field)
            if given is not None and index >= 0 and not class_style(given.layer, field).classes:
                texts = [attribute_text(value) for value in given.layer.uniqueValues(index, _MOST_VALUES)]
                return [text for text in texts if text and not text.isdigit()]
    return []


def _asks_for_design(operation: OperationDescription, form: FormValues) -> bool:
    """Whether it matters how the features were drawn."""
    return any(p.name == "design" and form.plain(p) != "none" for p in operation.parameters)


def _legend_is_given(operation: OperationDescription, form: FormValues) -> bool:
    return any(form.is_given(qgis_name(p.name)) for p in operation.parameters if p.kind == "legend_file")


def _told(planned: PlannedLabels, style: ClassStyle, layer: str, of_map: ClassStyle) -> PlannedLabels:
    """The reference, which says which values the styles of its layer and of the map call differently."""
    return replace(planned, style=with_names_of_map(planned.style, style, layer, of_map))


def _style_of_map(operation: OperationDescription, form: FormValues) -> ClassStyle | None:
    """The classes of the map that the labels are compared with; None if they are to be learned from."""
    maps = [parameter for parameter in operation.parameters if parameter.kind == "class_map"]
    if not maps:
        return None
    layer = form.raster(qgis_name(maps[0].name))
    return ClassStyle(None, ()) if layer is None else replace(raster_class_style(layer), ranges=None)
