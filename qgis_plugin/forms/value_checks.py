"""Values that QGIS itself does not accept, refused with a message.

QGIS says "Incorrect parameter value for EPOCHS", which names neither what the form shows nor what would do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qgis.core import QgsMapLayer, QgsProcessingAlgorithm, QgsProcessingContext, QgsProcessingFeatureSourceDefinition

from ..engine.operations import OperationDescription, ParameterDescription
from ..paths import ABSENT, why_missing
from ..translation import either, tr
from .help import label
from .parameters import qgis_name, raster_name
from .refusals import number_problem
from .values import is_empty


def value_problem(
    algorithm: QgsProcessingAlgorithm,
    operation: OperationDescription,
    values: Mapping[str, Any],
    context: QgsProcessingContext,
) -> str | None:
    """The first value that QGIS does not accept, in a sentence; None if it accepts all of ours."""
    for parameter in operation.parameters:
        names = [qgis_name(parameter.name)] + ([raster_name(parameter.name)] if parameter.widget == "labels" else [])
        for name in names:
            definition = algorithm.parameterDefinition(name)
            value = values.get(name)
            if definition is None or definition.checkValueIsAcceptable(value, context):
                continue
            is_raster = parameter.is_raster_layer or name != names[0]
            blank = is_empty(value) or (isinstance(value, str) and not value.strip())
            return _missing(parameter) if blank else _refused(parameter, value, is_raster)
    return None


def _missing(parameter: ParameterDescription) -> str:
    title = tr(parameter.title)
    if parameter.is_output:
        return tr("{}: choose an output file.").format(title)
    if parameter.is_raster_layer:
        return tr("{}: choose a raster layer or a raster file.").format(title)
    if parameter.suffixes:
        return tr("{}: choose a file that ends in {}.").format(title, _endings(parameter))
    return tr("{}: a value is required.").format(title)


def _refused(parameter: ParameterDescription, value: Any, is_raster: bool) -> str:
    title, shown = tr(parameter.title), _shown(value)
    if is_raster:
        words = tr("{}: “{}” cannot be opened as a raster{}. Choose a raster layer, or a raster file that exists.")
        return words.format(title, shown, _because(shown))
    if parameter.widget in ("labels", "vector"):
        words = tr(
            "{}: “{}” cannot be opened as a vector layer{}. Choose a layer of polygons or points, or a file of them that exists."
        )
        return words.format(title, shown, _because(shown))
    if parameter.widget in ("layer", "mask"):
        words = tr("{}: “{}” cannot be opened{}. Choose a layer, or a file that exists.")
        return words.format(title, shown, _because(shown))
    if parameter.suffixes and not parameter.is_output:
        return tr("{}: “{}” is the wrong type of file. Choose a file that ends in {}.").format(
            title, shown, _endings(parameter)
        )
    if parameter.widget == "choice":
        return tr("{}: “{}” is not a valid option. Choose one of: {}.").format(
            title, shown, ", ".join(parameter.choices)
        )
    if parameter.type == "boolean":
        return tr("{}: “{}” is neither true nor false.").format(title, shown)
    if parameter.type in ("integer", "number"):
        try:
            outside = number_problem(parameter, float(value))
        except (TypeError, ValueError):
            return tr("{}: must be a number; got “{}”.").format(label(parameter), shown)
        if outside is not None:
            return outside
    return tr("{}: “{}” cannot be used.").format(label(parameter), shown)


def _endings(parameter: ParameterDescription) -> str:
    return either(parameter.suffixes)


def _because(path: str) -> str:
    """Why a file cannot be looked at, if it is not just missing, as the rest of a sentence."""
    problem = why_missing(path)
    return "" if problem in ("", ABSENT) else tr(", because {}").format(tr(problem))


def _shown(value: Any) -> str:
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        value = value.source.staticValue()
    return value.name() if isinstance(value, QgsMapLayer) else str(value)
