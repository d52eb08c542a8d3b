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
class LayerDescription:
    """The layer that an output can become: what it is called after its scene, what it shows, and whether on top."""

    name: str
    content: str
    shown: bool


@dataclass(frozen=True)
class KindDescription:
    """What the values of one kind of parameter are; docs/protocol.md explains the fields."""

    type: str
    direction: str
    widget: str
    suffixes: tuple[str, ...]
    styled: bool
    folder: bool


@dataclass(frozen=True)
class ParameterDescription:
    """One parameter; the section "Descriptions" of docs/protocol.md explains the fields.

    ``about`` is what the engine says of its kind.
    """

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
    choices: tuple[str, ...]
    choice_titles: Mapping[str, str]
    bounds: Mapping[str, float]
    odd: bool
    of: str | None
    layer: LayerDescription | None
    about: KindDescription

    @property
    def is_output(self) -> bool:
        """Whether the value names a file or folder that is written."""
        return self.about.direction == "out"

    @property
    def is_input_file(self) -> bool:
        """Whether the value names a file that is read."""
        return self.about.direction == "in" and self.about.type == "path"

    @property
    def is_raster_layer(self) -> bool:
        """Whether a form asks for a raster layer."""
        return self.widget in ("scene", "raster")

    @property
    def becomes_layer(self) -> bool:
        """Whether what is written can be a layer of a project."""
        return self.layer is not None

    @property
    def widget(self) -> str:
        """What a form asks for a value with."""
        return self.about.widget

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Endings that the name of the file may have, the usual one first; empty if any will do."""
        return self.about.suffixes


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
    in_toolbox: bool
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
    document = _document()
    kinds = load_kinds()
    return MappingProxyType({data["name"]: _operation(data, kinds) for data in document["operations"]})


@functools.lru_cache(maxsize=1)
def load_kinds() -> Mapping[str, KindDescription]:
    """All kinds of parameters by name; read once."""
    kinds = _document()["kinds"].items()
    return MappingProxyType(
        {name: KindDescription(**{**data, "suffixes": tuple(data["suffixes"])}) for name, data in kinds}
    )


def _document() -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    return document


def _operation(data: Mapping[str, Any], kinds: Mapping[str, KindDescription]) -> OperationDescription:
    return OperationDescription(
        name=data["name"],
        command=data["command"],
        title=data["title"],
        summary=data["summary"],
        group=data["group"],
        example=data["example"],
        in_toolbox=data["in_toolbox"],
        parameters=tuple(_parameter(parameter, kinds) for parameter in data["parameters"]),
        old_names=tuple(OldName(**old) for old in data.get("old_names", ())),
    )


def _parameter(data: Mapping[str, Any], kinds: Mapping[str, KindDescription]) -> ParameterDescription:
    layer = data["layer"]
    values = {
        **data,
        "choices": tuple(data["choices"]),
        "bounds": MappingProxyType(dict(data["bounds"])),
        "layer": None if layer is None else LayerDescription(**layer),
    }
    return ParameterDescription(**values, about=kinds[data["kind"]])
