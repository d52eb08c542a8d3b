"""The outputs of a run.

Asked on the thread of the run: QGIS loads what was asked for there. What the main thread asks for before the run is
forgotten when a dialog's run on a separate thread ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..engine.operations import OperationDescription, ParameterDescription
from ..forms.parameters import qgis_name
from ..forms.values import FormValues
from ..paths import exists
from ..plain_text import whole_letters
from ..results import MapFacts, OutputLayer
from ..translation import tr
from .temporary import is_temporary, temporary_path

# What is put next to a map, or a report next to its model, if no other place was chosen: ends of the names.
_BESIDE = {"model_out": "{}.hsimodel", "report_out": "{}_report.html"}
_LEADING = ("class_map_out", "model_out")
# Files that the end of the log lists.
_MOST_LISTED = 1000


@dataclass(frozen=True)
class RunOutputs:
    """Paths of the outputs that are wanted, by the engine's names.

    ``notes`` say in sentences which of them were put next to another one, and why under which name.
    """

    paths: dict[str, str]
    notes: list[str] = field(default_factory=list)


def read_outputs(operation: OperationDescription, form: FormValues, subject: str = "") -> RunOutputs:
    """Where the outputs go; ask once, as temporary names change each time.

    A model and a report that were left to QGIS, which would remove them when it is closed, are written next to the map if
    that has a name; a report next to its model. A file that exists is never replaced by that. Files that stay
    temporary are called after ``subject``, the name of the scene.
    """
    found = {parameter.name: form.plain(parameter) for parameter in operation.outputs}
    paths = {name: path for name, path in found.items() if path is not None}
    leader = _leader(operation, form)
    notes = []
    for parameter in operation.outputs:
        is_left_to_qgis = parameter.name in paths and form.destination(qgis_name(parameter.name)) is None
        if not is_left_to_qgis or parameter.becomes_layer:
            continue
        if leader is None or parameter.kind not in _BESIDE:
            paths[parameter.name] = temporary_path(parameter, subject)
            continue
        map_path = Path(paths[leader.name])
        chosen, note = _beside(map_path, parameter, resumes=_resumes(operation, form), taken=set(paths.values()))
        paths[parameter.name] = str(chosen)
        notes.append(note)
    return RunOutputs(paths, notes)


def _leader(operation: OperationDescription, form: FormValues) -> ParameterDescription | None:
    """The map, or the model if there is no map, that was given a name outside QGIS's temporary folder."""
    for kind in _LEADING:
        for parameter in operation.outputs:
            if parameter.kind == kind:
                path = form.destination(qgis_name(parameter.name))
                return None if path is None or is_temporary(path) else parameter
    return None


def _resumes(operation: OperationDescription, form: FormValues) -> bool:
    """Whether the run resumes from what an earlier one left, and so has to find it under the same name."""
    return any(p.name == "resume" and bool(form.plain(p)) for p in operation.parameters)


def _beside(beside: Path, parameter: ParameterDescription, *, resumes: bool, taken: set[str]) -> tuple[Path, str]:
    title, pattern = tr(parameter.title), _BESIDE[parameter.kind]
    usual = beside.with_name(pattern.format(beside.stem))
    if resumes or not (exists(usual) or str(usual) in taken):
        return usual, tr("{title}: will be written next to {file}, as {path}.").format(
            title=title, file=beside.name, path=usual
        )
    number = 2
    while True:
        free = beside.with_name(pattern.format(f"{beside.stem}_{number}"))
        if not exists(free) and str(free) not in taken:
            return free, tr(
                "{title}: will be written next to {file}, as {path}; {other} exists already and is kept."
            ).format(title=title, file=beside.name, path=free, other=usual.name)
        number += 1


def written_lines(operation: OperationDescription, outputs: Mapping[str, str], written: Mapping[str, str]) -> list[str]:
    """A line per file that was written, under the name that its field has in the form.

    Parameters
    ----------
    written : what the engine calls each file, by its path.
    """
    titles = {Path(outputs[p.name]): tr(p.title) for p in operation.outputs if p.name in outputs}
    listed = list(written.items())[:_MOST_LISTED]
    lines = [f"{titles.get(Path(path), kind.replace('_', ' ').capitalize())}: {path}" for path, kind in listed]
    if len(written) > len(listed):
        lines.append(tr("And {:,} further files.").format(len(written) - len(listed)))
    return [whole_letters(line) for line in lines]


def for_qgis(outputs: Mapping[str, str]) -> dict[str, str]:
    """The same by the names in QGIS."""
    return {qgis_name(name): path for name, path in outputs.items()}


def map_facts(
    operation: OperationDescription, outputs: Mapping[str, str], inputs: Mapping[str, Any], result: Mapping[str, Any]
) -> MapFacts:
    """What the layer of a class map is to say of itself, from the result of the run."""
    mapping = result.get("mapping")
    description = (mapping if isinstance(mapping, dict) else result).get("description") or {}
    links = {
        tr(p.title): outputs[p.name]
        for p in operation.outputs
        if p.kind in ("report_out", "model_out") and p.name in outputs
    }
    links.update(
        {tr(p.title): str(inputs[p.name]) for p in operation.parameters if p.kind == "model" and p.name in inputs}
    )
    return MapFacts(description, links)


def output_layers(operation: OperationDescription, outputs: Mapping[str, str]) -> list[OutputLayer]:
    """Those of ``outputs`` that can become layers, in the engine's order."""
    return [
        OutputLayer(parameter.name, tr(parameter.title), outputs[parameter.name], parameter.layer)
        for parameter in operation.outputs
        if parameter.layer is not None and parameter.name in outputs
    ]
