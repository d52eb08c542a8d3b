"""QGIS parameters from the engine's descriptions: one table from widget to parameter class and reader.

The engine says which widget a kind of parameter has. A parameter is called as in the engine, in upper case. Two kinds
differ: ``labels`` may come from a vector or a raster layer and become two parameters, of which one is given; ``layer``
follows from the QGIS layer and is not shown. If the engine's default is "none given", nothing is sent unless a value is set.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Callable

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameters,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from ..engine.operations import OperationDescription, ParameterDescription
from ..translation import tr
from .choice_labels import OWN, TRUTH_LABELS, labels_of
from .help import file_filter, help_text, label, raster_help, raster_label
from .limits import limits
from .old_values import NumberOrTruth, Truth, TruthOrOwn, read_truth
from .scene_files import SceneInput, scene_folder

_PLUGIN = __package__.partition(".")[0]  # installed plugins have another name

Builder = Callable[[ParameterDescription], "list[QgsProcessingParameterDefinition]"]
Reader = Callable[..., Any]


@dataclass(frozen=True)
class Widget:
    """How a form asks for the values of some kinds of parameters.

    Parameters
    ----------
    build : the parameters of QGIS for one of the engine.
    read : the plain value from the definition, the values of a form, and the context; None if :mod:`..runs.plan` reads it.
    """

    build: Builder
    read: Reader | None = None


# Proposed in the form; scripts and models may give any text.
_PROPOSED_TEXTS = {"device": ["auto", "cpu", "cuda", "cuda:0", "cuda:1", "cuda:2", "cuda:3", "mps"]}

# Optional for QGIS: labels may be a raster instead, a field is found if left empty. By name, as widgets need a desktop.
_UNMARKED = {"widget_wrapper": {"class": f"{_PLUGIN}.widgets.unmarked_widget.UnmarkedWidgetMaker"}}
_UNMARKED_FIELDS = frozenset({"class_field"})

# A check box in earlier forms.
_ONCE_TRUTH = frozenset({"whiten"})

_NUMBER_TYPES = {
    "integer": QgsProcessingParameterNumber.Type.Integer,
    "number": QgsProcessingParameterNumber.Type.Double,
}

_SHARE_DECIMALS = 3  # of shares and probabilities; QGIS would show six digits, which a rate of learning needs
_FINE_NUMBERS = frozenset({"learning_rate", "weight_decay"})


def qgis_parameters(
    operation: OperationDescription, visible: Collection[str] = (), hidden: Collection[str] = ()
) -> list[QgsProcessingParameterDefinition]:
    """New parameters of ``operation``; QGIS takes ownership of those it is given.

    Parameters
    ----------
    visible : names in QGIS of the inputs that come first, in this order; all others are folded away. If it is empty
        the engine decides which are folded away, and in which order all are.
    hidden : names in QGIS of those that no form shows.
    """
    definitions: list[QgsProcessingParameterDefinition] = []
    rare: list[QgsProcessingParameterDefinition] = []  # QGIS folds no outputs away: those that few ask for come last
    for parameter in operation.parameters:
        for definition in WIDGETS[parameter.widget].build(parameter):
            is_raster = parameter.widget == "labels" and definition.name() == raster_name(parameter.name)
            definition.setHelp(raster_help(parameter) if is_raster else help_text(parameter))
            is_input = bool(visible) and not definition.isDestination()
            folded = definition.name() not in visible if is_input else parameter.advanced
            if definition.name() in hidden:
                definition.setFlags(definition.flags() | QgsProcessingParameterDefinition.Flag.FlagHidden)
            elif folded:
                definition.setFlags(definition.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
            (rare if folded and definition.isDestination() else definitions).append(definition)
    order = {name: place for place, name in enumerate(visible)}
    return sorted([*definitions, *rare], key=lambda definition: order.get(definition.name(), len(order)))


def qgis_name(name: str) -> str:
    """Name in QGIS of the engine's parameter ``name``."""
    return name.upper()


def raster_name(name: str) -> str:
    """Name in QGIS of the raster layer that may take the place of vector labels: LABELS_RASTER."""
    return f"{qgis_name(name)}_RASTER"


def _common(parameter: ParameterDescription) -> dict[str, Any]:
    return {
        "name": qgis_name(parameter.name),
        "description": label(parameter),
        "optional": parameter.nullable or _has_default(parameter),
        "defaultValue": parameter.default,
    }


def _has_default(parameter: ParameterDescription) -> bool:
    """Whether the engine has a value if none is given; QGIS calls models broken that lack one without reason."""
    return not parameter.required and not parameter.nullable and not parameter.is_output


def _scene(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    return [SceneInput(**_common(parameter))]


def _raster_layer(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    return [QgsProcessingParameterRasterLayer(**_common(parameter))]


def _vector_layer(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    types = [QgsProcessing.SourceType.TypeVectorAnyGeometry]
    return [QgsProcessingParameterFeatureSource(types=types, **_common(parameter))]


def _labels(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    types = [QgsProcessing.SourceType.TypeVectorPolygon, QgsProcessing.SourceType.TypeVectorPoint]
    features = QgsProcessingParameterFeatureSource(qgis_name(parameter.name), label(parameter), types, optional=True)
    if parameter.required:
        features.setMetadata(_UNMARKED)
    raster = QgsProcessingParameterRasterLayer(raster_name(parameter.name), raster_label(parameter), optional=True)
    return [features, raster]


def _map_layer(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    vector = QgsProcessing.SourceType.TypeVectorAnyGeometry
    if parameter.widget == "mask":
        vector = QgsProcessing.SourceType.TypeVectorPolygon
    types = [QgsProcessing.SourceType.TypeRaster, vector]
    return [QgsProcessingParameterMapLayer(types=types, **_common(parameter))]


def _field(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    parent = qgis_name(parameter.of) if parameter.of else ""
    definition = QgsProcessingParameterField(parentLayerParameterName=parent, **_common(parameter))
    if parameter.name in _UNMARKED_FIELDS:
        definition.setMetadata(_UNMARKED)
    return [definition]


def _not_shown(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    return []


def _file(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    return [QgsProcessingParameterFile(fileFilter=file_filter(parameter), **_common(parameter))]


def _model_file(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    (definition,) = _file(parameter)
    # A dialog refuses what its filter leaves out without a reason; the check of the form gives one.
    definition.setFileFilter(f"{file_filter(parameter)};;{tr('All files')} (*)")
    # By its name: a QGIS without a desktop has no use for widgets.
    definition.setMetadata({"widget_wrapper": {"class": f"{_PLUGIN}.widgets.model_widget.ModelWidgetMaker"}})
    return [definition]


def _number(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    bounds = limits(parameter)
    # Bounds that are not reached themselves are checked before a run: QGIS knows inclusive ones only.
    lowest, highest = bounds.get("ge", bounds.get("gt")), bounds.get("le", bounds.get("lt"))
    kind = NumberOrTruth if parameter.name in _ONCE_TRUTH else QgsProcessingParameterNumber
    definition = kind(type=_NUMBER_TYPES[parameter.type], **_common(parameter))
    if lowest is not None:
        definition.setMinimum(lowest)
    if highest is not None:
        definition.setMaximum(highest)
    few_digits = highest == 1 and parameter.name not in _FINE_NUMBERS
    return _with_widget(definition, parameter, {"decimals": _SHARE_DECIMALS} if few_digits else {})


def _read_number(
    definition: QgsProcessingParameterDefinition, values: dict[str, Any], context: QgsProcessingContext
) -> int | float:
    if definition.dataType() == QgsProcessingParameterNumber.Type.Integer:
        return int(QgsProcessingParameters.parameterAsInt(definition, values, context))
    return float(QgsProcessingParameters.parameterAsDouble(definition, values, context))


def _boolean(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    if not parameter.nullable:
        return _with_widget(Truth(**_common(parameter)), parameter, {})
    truths = TruthOrOwn(options=list(TRUTH_LABELS), usesStaticStrings=True, **_common(parameter))
    return [_labelled(truths, list(TRUTH_LABELS.values()), OWN)]


def _choice(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    # The words themselves, not their numbers, keep models and scripts readable.
    words = list(parameter.choices)
    definition = QgsProcessingParameterEnum(options=words, usesStaticStrings=True, **_common(parameter))
    return [_labelled(definition, labels_of(parameter), OWN if parameter.nullable else "")]


def _labelled(
    definition: QgsProcessingParameterEnum, labels: list[str], nothing: str
) -> QgsProcessingParameterDefinition:
    """Let a form show ``labels`` for the words, and ``nothing`` as first entry if that is allowed."""
    # By its name: a QGIS without a desktop has no use for widgets.
    maker = f"{_PLUGIN}.widgets.choice_widget.ChoiceWidgetMaker"
    definition.setMetadata({"widget_wrapper": {"class": maker, "labels": labels, "nothing": nothing}})
    return definition


def _text(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    details = {"value_hints": _PROPOSED_TEXTS[parameter.name]} if parameter.name in _PROPOSED_TEXTS else {}
    return _with_widget(QgsProcessingParameterString(**_common(parameter)), parameter, details)


def _with_widget(
    definition: QgsProcessingParameterDefinition, parameter: ParameterDescription, details: dict[str, Any]
) -> list[QgsProcessingParameterDefinition]:
    """``definition`` with details for its widget, which does not call a value that has a default "optional"."""
    wrapper = {**(_UNMARKED["widget_wrapper"] if _has_default(parameter) else {}), **details}
    if wrapper:
        definition.setMetadata({"widget_wrapper": wrapper})
    return [definition]


def _extent(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    return [QgsProcessingParameterExtent(**_common(parameter))]


def _raster_destination(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    # A class map is what is wanted in most cases, also if it may be left out.
    by_default = parameter.required or parameter.kind == "class_map_out"
    return [QgsProcessingParameterRasterDestination(createByDefault=by_default, **_common(parameter))]


def _vector_destination(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    by_default = parameter.required or parameter.kind == "reference_points_out"
    return [QgsProcessingParameterVectorDestination(createByDefault=by_default, **_common(parameter))]


def _file_destination(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    # A report is wanted by nearly everyone, unless it is an extra; what else may be written is written when asked for.
    by_default = parameter.required or (parameter.kind == "report_out" and not parameter.advanced)
    filters = file_filter(parameter)
    return [QgsProcessingParameterFileDestination(fileFilter=filters, createByDefault=by_default, **_common(parameter))]


def _folder_destination(parameter: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    return [QgsProcessingParameterFolderDestination(createByDefault=parameter.required, **_common(parameter))]


WIDGETS: dict[str, Widget] = {
    "scene": Widget(_scene),
    "raster": Widget(_raster_layer),
    "vector": Widget(_vector_layer),
    "labels": Widget(_labels),
    "layer": Widget(_map_layer),
    "mask": Widget(_map_layer),
    "model": Widget(_model_file, QgsProcessingParameters.parameterAsFile),
    "file": Widget(_file, QgsProcessingParameters.parameterAsFile),
    "scenes": Widget(lambda p: [scene_folder(**_common(p))], QgsProcessingParameters.parameterAsString),
    "field": Widget(_field, QgsProcessingParameters.parameterAsString),
    "hidden": Widget(_not_shown),
    "number": Widget(_number, _read_number),
    "boolean": Widget(_boolean, read_truth),
    "choice": Widget(_choice, QgsProcessingParameters.parameterAsEnumString),
    "text": Widget(_text, QgsProcessingParameters.parameterAsString),
    "extent": Widget(_extent),
    "point": Widget(lambda parameter: [QgsProcessingParameterPoint(**_common(parameter))]),
    "raster_out": Widget(_raster_destination, QgsProcessingParameters.parameterAsOutputLayer),
    "vector_out": Widget(_vector_destination, QgsProcessingParameters.parameterAsOutputLayer),
    "file_out": Widget(_file_destination, QgsProcessingParameters.parameterAsFileOutput),
    "folder_out": Widget(_folder_destination, QgsProcessingParameters.parameterAsFileOutput),
}
"""All that a form can ask with, by the engine's name."""
