"""Files that QGIS removes when it is closed: what they are called, and how to keep them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from qgis.core import QgsProcessing, QgsProcessingOutputLayerDefinition, QgsProcessingUtils, QgsProperty

from ..engine.operations import OperationDescription, ParameterDescription
from ..forms.parameters import qgis_name
from ..layers.files import file_stem
from ..paths import comparable
from ..translation import tr

# Written next to a class map that has a name.
_BESIDE_THE_MAP = ("model_out", "report_out")
# The one that the others are written next to first.
_FIRST = ("class_map_out", *_BESIDE_THE_MAP)
# By the title of an output: how its file is called after the scene, if that is not the title itself.
_WORDS = {"Class map": "classes", "Model file": "model"}
# "Suggested points", "Labels to look at"; not "Class", "Table of areas".
_IS_PLURAL = re.compile(r"(?:(?! (?:of|to|by|before)\b).)*[^s]s(?: (?:of|to|by|before)\b|$)")


def is_temporary(path: str) -> bool:
    """Whether QGIS removes the file when it is closed."""
    folder, inside = (comparable(p) for p in (QgsProcessingUtils.tempFolder(), path))
    return inside.startswith(folder + os.sep)


def temporary_path(parameter: ParameterDescription, subject: str) -> str:
    """A new temporary path that says what is in it: "lake_report.html". QGIS would call each of them REPORT.html.

    Parameters
    ----------
    subject : name of the scene, or of what else the run is about; empty if there is none.
    """
    words = _WORDS.get(parameter.title, parameter.title.lower())
    suffix = next(iter(parameter.suffixes), "")
    return str(QgsProcessingUtils.generateTempFilename(f"{file_stem(f'{subject} {words}'.strip())}{suffix}"))


def with_named_layers(operation: OperationDescription, values: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """``values`` of QGIS, with temporary layers called after ``subject``: reports speak of maps by their file names."""
    found = dict(values)
    for parameter in operation.outputs:
        name = qgis_name(parameter.name)
        value: Any = found.get(name)
        is_definition = isinstance(value, QgsProcessingOutputLayerDefinition)
        wanted = value.sink.staticValue() if is_definition else value
        if not parameter.becomes_layer or wanted != QgsProcessing.TEMPORARY_OUTPUT:
            continue
        path = temporary_path(parameter, subject)
        if is_definition:
            found[name] = QgsProcessingOutputLayerDefinition(value)
            found[name].sink = QgsProperty.fromValue(path)
        else:
            found[name] = path
    return found


def temporary_outputs(
    operation: OperationDescription, outputs: Mapping[str, str]
) -> list[tuple[ParameterDescription, str]]:
    """Those of ``outputs`` that QGIS will remove, and their paths: the class map first, then layers, models, reports, the rest."""
    found = [
        (parameter, outputs[parameter.name])
        for parameter in operation.outputs
        if is_temporary(outputs.get(parameter.name) or "")
    ]
    return sorted(found, key=lambda one: _place(one[0]))


def _place(parameter: ParameterDescription) -> int:
    if parameter.kind in _FIRST:
        return _FIRST.index(parameter.kind)
    return len(_FIRST) if parameter.becomes_layer else len(_FIRST) + 1


def temporary_note(found: list[tuple[ParameterDescription, str]]) -> str:
    """That they will be gone, and what to do about it; empty if there are none."""
    if not found:
        return ""
    titles = [tr(parameter.title) for parameter, _ in found]
    if len(found) == 1:
        several = tr(
            "The {what} are temporary: QGIS removes them when it is closed. To keep them, copy {path} to another folder before "
            "that, or choose a file for them next time."
        )
        one = tr(
            "The {what} is temporary: QGIS removes it when it is closed. To keep it, copy {path} to another folder before "
            "that, or choose a file for it next time."
        )
        words = several if _IS_PLURAL.match(found[0][0].title) else one
        return words.format(what=titles[0].lower(), path=found[0][1])
    what = tr("{} and {}").format(", ".join(titles[:-1]), titles[-1]).lower()
    if [parameter.kind for parameter, _ in found[:1]] == ["class_map_out"] and all(
        parameter.kind in _BESIDE_THE_MAP for parameter, _ in found[1:]
    ):
        return tr(
            "The {what} are temporary: QGIS removes them when it is closed. To keep them, copy the files to another folder "
            "before that, or choose a file for “{first}” next time: the rest is then written next to it."
        ).format(what=what, first=titles[0])
    return tr(
        "The {what} are temporary: QGIS removes them when it is closed. To keep them, copy the files to another folder "
        "before that, or choose a file for each of them next time."
    ).format(what=what)
