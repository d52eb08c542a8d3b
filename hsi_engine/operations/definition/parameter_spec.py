"""One parameter of an operation in plain values, as help, descriptions and messages need it."""

from __future__ import annotations

import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen, MultipleOf
from pydantic.fields import FieldInfo

from .base import INPUT_KINDS, OUTPUT_KINDS, OperationParams

JsonType = Literal["path", "integer", "number", "boolean", "string", "array", "object"]

_TYPES: dict[Any, JsonType] = {Path: "path", int: "integer", float: "number", bool: "boolean", str: "string"}
_BOUNDS = {
    Ge: "ge",
    Gt: "gt",
    Le: "le",
    Lt: "lt",
    MultipleOf: "multiple_of",
    MinLen: "min_length",
    MaxLen: "max_length",
}


@dataclass(frozen=True, kw_only=True)
class ParameterSpec:
    """What a parameter is called, means and may be.

    Parameters
    ----------
    name, title, description, kind, of, unit, group, advanced, odd : as given to ``parameter()``; ``group`` is never empty.
    type : JSON type of the value; "path" is a string that names a file.
    annotation : the Python type, with ``| None`` if the parameter may be left empty.
    nullable : True if None is allowed.
    required : True if there is no default.
    default : the default, None if there is none.
    choices : the allowed values, empty if there is no such list.
    bounds : ``ge``, ``gt``, ``le``, ``lt``, ``multiple_of``, ``min_length``, ``max_length`` if set.
    """

    name: str
    title: str
    description: str
    kind: str
    of: str | None
    unit: str | None
    group: str
    advanced: bool
    odd: bool
    type: JsonType
    annotation: Any
    nullable: bool
    required: bool
    default: Any
    choices: tuple[Any, ...]
    bounds: dict[str, float]

    @property
    def is_output(self) -> bool:
        """Whether the value names a file that the operation writes."""
        return self.kind in OUTPUT_KINDS

    @property
    def expected(self) -> str:
        """What a value must be, as text: "an odd whole number from 3 to 99"."""
        if self.choices:
            return f"one of {', '.join(map(str, self.choices))}"
        link = "" if self.bounds_text.startswith(("from", "greater", "less")) else "that is "
        return f"{self._noun()} {link}{self.bounds_text}" if self.bounds_text else self._noun()

    @property
    def bounds_text(self) -> str:
        """The bounds as text: "from 3 to 99", "at least 1"; empty if there are none."""
        bounds = {name: format_number(bound) for name, bound in self.bounds.items()}
        words = []
        if "ge" in bounds and "le" in bounds:
            words.append(f"from {bounds['ge']} to {bounds['le']}")
        elif "ge" in bounds:
            words.append(f"at least {bounds['ge']}")
        if "gt" in bounds:
            words.append(f"greater than {bounds['gt']}")
        if "le" in bounds and "ge" not in bounds:
            words.append(f"at most {bounds['le']}")
        if "lt" in bounds:
            words.append(f"less than {bounds['lt']}")
        if "multiple_of" in bounds:
            words.append(f"a multiple of {bounds['multiple_of']}")
        if "min_length" in bounds:
            words.append(f"no shorter than {bounds['min_length']}")
        if "max_length" in bounds:
            words.append(f"no longer than {bounds['max_length']}")
        return " and ".join(words)

    def _noun(self) -> str:
        if self.type == "integer":
            return "an odd whole number" if self.odd else "a whole number"
        nouns = {
            "number": "a number",
            "boolean": "true or false",
            "path": "the path of a file or folder",
            "string": "text",
            "array": "a list",
            "object": "an object",
        }
        return nouns[self.type]


def format_number(number: float) -> str:
    """Whole numbers with all their digits, others as short as they can be."""
    return str(int(number)) if float(number).is_integer() else f"{number:g}"


def parameter_specs(params: type[OperationParams]) -> dict[str, ParameterSpec]:
    """The parameters of ``params`` by name, in the order in which they are written."""
    return {name: _spec(name, field) for name, field in params.model_fields.items()}


def _spec(name: str, field: FieldInfo) -> ParameterSpec:
    extra = field.json_schema_extra
    if not isinstance(extra, dict) or "kind" not in extra:
        raise TypeError(f"field {name!r} is not made with parameter()")
    kind, group, unit, whole = str(extra["kind"]), extra["group"], extra["unit"], extra["of"]
    value_type, nullable = _without_none(field.annotation)
    choices = tuple(get_args(value_type)) if get_origin(value_type) is Literal else ()
    advanced = bool(extra["advanced"])
    return ParameterSpec(
        name=name,
        title=field.title or name,
        description=field.description or "",
        kind=kind,
        of=None if whole is None else str(whole),
        unit=None if unit is None else str(unit),
        group=str(group) if group else _group(kind, advanced),
        advanced=advanced,
        odd=bool(extra["odd"]),
        type=_json_type(type(choices[0]) if choices else value_type),
        annotation=field.annotation,
        nullable=nullable,
        required=field.is_required(),
        default=None if field.is_required() else field.get_default(call_default_factory=True),
        choices=choices,
        bounds=_bounds(field),
    )


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation, False
    members = get_args(annotation)
    others = [member for member in members if member is not type(None)]
    if len(others) != 1:
        raise TypeError(f"a parameter has one type, perhaps with None: {annotation}")
    return others[0], len(others) < len(members)


def _json_type(value_type: Any) -> JsonType:
    if value_type in _TYPES:
        return _TYPES[value_type]
    return "object" if get_origin(value_type) is dict else "array"


def _group(kind: str, advanced: bool) -> str:
    if advanced:
        return "Advanced"
    if kind in INPUT_KINDS:
        return "Inputs"
    return "Outputs" if kind in OUTPUT_KINDS else "Options"


def _bounds(field: FieldInfo) -> dict[str, float]:
    found = {_BOUNDS[type(rule)]: rule for rule in field.metadata if type(rule) in _BOUNDS}
    return {name: getattr(rule, name) for name, rule in found.items()}
