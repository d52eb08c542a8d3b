"""All checks of a form, in the order in which a person would fill it in."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from qgis.core import QgsVectorLayer

from ..engine.operations import OperationDescription, ParameterDescription
from ..layers.class_fields import class_field_problem
from ..results import refuse_open_outputs, refuse_unsaved_edits
from ..translation import tr
from .help import label
from .method_settings import settings_problem
from .old_values import truth_word
from .parameters import qgis_name, raster_name
from .refusals import (
    band_problem,
    ending_problem,
    label_problem,
    model_problem,
    no_number_problem,
    number_problem,
    overwriting_problem,
)
from .values import FormValues


def form_problem(operation: OperationDescription, form: FormValues, scenes: Collection[str]) -> str | None:
    """The first thing that is wrong with ``form`` in a sentence, None if nothing is.

    Parameters
    ----------
    scenes : names of the inputs that have to be hyperspectral.
    """
    return next(filter(None, _problems(operation, form, scenes)), None)


def _problems(operation: OperationDescription, form: FormValues, scenes: Collection[str]) -> Iterator[str | None]:
    for parameter in operation.parameters:
        if parameter.widget == "labels":
            yield label_problem(
                parameter, form.is_given(qgis_name(parameter.name)), form.is_given(raster_name(parameter.name))
            )
        elif parameter.name == "class_field" and parameter.of:
            yield _class_field_problem(parameter, form)
        elif parameter.name in scenes and form.is_given(qgis_name(parameter.name)):
            yield None if _is_second(operation, form) else _band_problem(parameter, form)
        elif parameter.type in ("integer", "number"):
            text = form.text(qgis_name(parameter.name))
            yield None if text is None or truth_word(text) else no_number_problem(parameter, text)
            number = form.plain(parameter)
            yield None if number is None else number_problem(parameter, number)
        elif parameter.widget == "model" and form.is_given(qgis_name(parameter.name)):
            yield model_problem(parameter, str(form.plain(parameter)))
        elif parameter.is_output:
            path = form.destination(qgis_name(parameter.name))
            yield None if path is None else ending_problem(parameter, path)
    yield settings_problem(operation, form)
    outputs = _outputs(operation, form)
    yield overwriting_problem(outputs, _inputs(operation, form))
    yield refuse_unsaved_edits(form.project, outputs)
    yield refuse_open_outputs(form.project, outputs.values())


def _band_problem(parameter: ParameterDescription, form: FormValues) -> str | None:
    layer = form.raster(qgis_name(parameter.name))
    # What cannot be loaded gets a message when the run is planned.
    if layer is None or not layer.isValid() or layer.providerType() != "gdal":
        return None
    return band_problem(tr(parameter.title), layer.name(), layer.bandCount())


def _is_second(operation: OperationDescription, form: FormValues) -> bool:
    """Whether the raster in the place of the scene is a second raster, such as heights of one band."""
    return any(parameter.name == "only_second" and form.plain(parameter) for parameter in operation.parameters)


def _class_field_problem(parameter: ParameterDescription, form: FormValues) -> str | None:
    field, source = form.plain(parameter), qgis_name(parameter.of or "")
    layer = form.layer(source) if field and form.is_given(source) else None
    if not isinstance(layer, QgsVectorLayer) or layer.fields().indexFromName(field) < 0:
        return None  # a missing field gets a message when the run is planned
    return class_field_problem(label(parameter), layer, field)


def _outputs(operation: OperationDescription, form: FormValues) -> dict[str, str]:
    paths = {
        tr(parameter.title): form.destination(qgis_name(parameter.name))
        for parameter in operation.parameters
        if parameter.is_output
    }
    return {title: path for title, path in paths.items() if path is not None}


def _inputs(operation: OperationDescription, form: FormValues) -> dict[str, list[str]]:
    files: dict[str, list[str]] = {}
    for parameter in operation.parameters:
        if parameter.is_input_file:
            names = [qgis_name(parameter.name)]
            if parameter.widget == "labels":
                names.append(raster_name(parameter.name))
            found = [form.source_file(parameter, name) for name in names]
            files[tr(parameter.title)] = [path for path in found if path is not None]
    return files
