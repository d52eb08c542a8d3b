"""Operations as JSON: what a form, a toolbox or another program needs to offer them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .base import Operation
from .kinds import KINDS
from .old_names import old_names
from .parameter_spec import ParameterSpec, parameter_specs

DESCRIPTION_VERSION = 1


def describe(operations: Iterable[Operation[Any, Any]]) -> dict[str, Any]:
    """All of ``operations`` in one JSON document."""
    return {
        "description_version": DESCRIPTION_VERSION,
        "kinds": {name: kind.to_json() for name, kind in KINDS.items()},
        "operations": [describe_operation(operation) for operation in operations],
    }


def describe_operation(operation: Operation[Any, Any]) -> dict[str, Any]:
    """One operation: names, descriptions, parameters in order, and which of them are outputs."""
    specs = parameter_specs(operation.params)
    return {
        "name": operation.name,
        "command": operation.command,
        "title": operation.title,
        "summary": operation.summary,
        "group": operation.group,
        "example": operation.example,
        "in_toolbox": operation.in_toolbox,
        "parameters": [_describe_parameter(spec) for spec in specs.values()],
        "outputs": [
            {"name": spec.name, "title": spec.title, "kind": spec.kind, "required": spec.required}
            for spec in specs.values()
            if spec.is_output
        ],
        "old_names": [
            {"name": name, "new": old.new, "instead": old.instead} for name, old in old_names(operation.name).items()
        ],
    }


def _describe_parameter(spec: ParameterSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "title": spec.title,
        "description": spec.description,
        "kind": spec.kind,
        "of": spec.of,
        "type": spec.type,
        "unit": spec.unit,
        "group": spec.group,
        "layer": spec.layer,
        "advanced": spec.advanced,
        "required": spec.required,
        "nullable": spec.nullable,
        "default": str(spec.default) if isinstance(spec.default, Path) else spec.default,
        "choices": list(spec.choices),
        "choice_titles": dict(spec.choice_titles),
        "bounds": dict(spec.bounds),
        "odd": spec.odd,
    }
