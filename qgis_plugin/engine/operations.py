"""The engine's operations as its description names them: what the forms are made from, without starting the engine."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

DESCRIPTION = Path(__file__).resolve().parents[1] / "resources" / "operations.json"


@dataclass(frozen=True)
class ParameterDescription:
    """One parameter; the section "Descriptions" of docs/protocol.md explains the fields."""

    name: str
    title: str
    description: str
    kind: str
    type: str
    unit: str | None
    group: str
    advanced: bool
    required: bool
    nullable: bool
    default: Any
    choices: tuple[Any, ...]
    bounds: Mapping[str, float]
    odd: bool
    of: str | None

    @property
    def is_output(self) -> bool:
        """Whether the value names a file that is written."""
        return self.kind.endswith("_out")


@dataclass(frozen=True)
class OldName:
    """What became of a parameter: its name now, or what to do instead if it has none."""

    name: str
    new: str | None
    instead: str


@dataclass(frozen=True)
class OperationDescription:
    """One operation with its parameters in their order."""

    name: str
    command: str
    title: str
    summary: str
    group: str
    example: str
    parameters: tuple[ParameterDescription, ...]
    old_names: tuple[OldName, ...] = ()

    def parameter(self, name: str) -> ParameterDescription:
        """The parameter of that name; KeyError if there is none."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(f"operation {self.name} has no parameter {name}")

    @property
    def outputs(self) -> tuple[ParameterDescription, ...]:
        """The parameters that name files to be written."""
        return tuple(parameter for parameter in self.parameters if parameter.is_output)


@functools.lru_cache(maxsize=1)
def load_operations() -> Mapping[str, OperationDescription]:
    """All operations by name, in the engine's order; read once."""
    document = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    return MappingProxyType({data["name"]: _operation(data) for data in document["operations"]})


def _operation(data: Mapping[str, Any]) -> OperationDescription:
    return OperationDescription(
        name=data["name"],
        command=data["command"],
        title=data["title"],
        summary=data["summary"],
        group=data["group"],
        example=data["example"],
        parameters=tuple(_parameter(parameter) for parameter in data["parameters"]),
        old_names=tuple(OldName(**old) for old in data.get("old_names", ())),
    )


def _parameter(data: Mapping[str, Any]) -> ParameterDescription:
    values = {"of": None, **data, "choices": tuple(data["choices"]), "bounds": MappingProxyType(dict(data["bounds"]))}
    return ParameterDescription(**values)
