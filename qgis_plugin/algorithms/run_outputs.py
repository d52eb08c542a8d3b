"""Where a run writes to.

Asked on the thread of the run: QGIS loads what was asked for there. What the main thread asks for before the run is
forgotten when a dialog's run on a thread of its own ends.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..engine.operations import OperationDescription
from ..parameters import qgis_name
from ..results import OutputLayer
from ..translation import tr
from .form_values import FormValues


def read_outputs(operation: OperationDescription, form: FormValues) -> dict[str, str]:
    """Paths of the outputs that are wanted, by the engine's names; ask once, as temporary names change each time."""
    found = {parameter.name: form.plain(parameter) for parameter in operation.outputs}
    return {name: path for name, path in found.items() if path is not None}


def for_qgis(outputs: Mapping[str, str]) -> dict[str, str]:
    """The same by the names in QGIS."""
    return {qgis_name(name): path for name, path in outputs.items()}


def output_layers(
    operation: OperationDescription, outputs: Mapping[str, str], words: Mapping[str, str] | None = None
) -> list[OutputLayer]:
    """Those of ``outputs`` that can become layers; ``words`` by the engine's name, where a layer is named by others."""
    named = words or {}
    return [
        OutputLayer(
            parameter.name, parameter.kind, tr(parameter.title), outputs[parameter.name], named.get(parameter.name, "")
        )
        for parameter in operation.outputs
        if parameter.kind in ("class_map_out", "raster_out", "vector_out") and parameter.name in outputs
    ]
