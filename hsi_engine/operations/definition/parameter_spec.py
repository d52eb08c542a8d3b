"""One parameter of an operation in plain values, as help, descriptions and messages need it."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Union, cast, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen, MultipleOf
from pydantic.fields import FieldInfo

from ...phrases import counted
from .base import OperationParams
from .kinds import KINDS, JsonType

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
    name, title, description, kind, of, unit, group, layer, advanced, odd : as given to ``parameter()``; ``group`` is never empty.
    type : JSON type of the value; "path" is a string that names a file.
    annotation : the Python type, with ``| None`` if the parameter may be left empty.
    nullable : True if None is allowed.
    required : True if there is no default.
    default : the default, None if there is none.
    choices : the allowed values, empty if there is no such list.
    choice_titles : what a form shows for each of them.
    bounds : ``ge``, ``gt``, ``le``, ``lt``, ``multiple_of``, ``min_length``, ``max_length`` if set.
    """

    name: str
    title: str
    description: str
    kind: str
    of: str | None
    unit: str | None
    group: str
    layer: dict[str, Any] | None
    advanced: bool
    odd: bool
    type: JsonType
    annotation: Any
    nullable: bool
    required: bool
    default: Any
    choices: tuple[str, ...]
    choice_titles: Mapping[str, str]
    bounds: dict[str, float]

    @property
    def is_output(self) -> bool:
        """Whether the value names a file that the operation writes."""
        return KINDS[self.kind].direction == "out"

    @property
    def expected(self) -> str:
        """What a value must be, as text: "an odd whole number from 3 to 99"."""
        if self.choices:
            return f"one of {', '.join(map(str, self.choices))}"
        link = "" if self.bounds_text.startswith(("from", "greater", "less", "with")) else "that is "
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
            words.append(f"with at least {counted(int(self.bounds['min_length']), 'character')}")
        if "max_length" in bounds:
            words.append(f"with at most {counted(int(self.bounds['max_length']), 'character')}")
        return " and ".join(words)

    def _noun(self) -> str:
        if self.type == "integer":
            return "an odd whole number" if self.odd else "a whole number"
        nouns = {
            "number": "a number",
            "boolean": "true or false",
            "path": "the path of a file or folder",
            "string": "text",
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
    titles = cast(Mapping[str, str], extra["choices"])
    choices = tuple(titles)
    advanced = bool(extra["advanced"])
    return ParameterSpec(
        name=name,
        title=field.title or name,
        description=field.description or "",
        kind=kind,
        of=None if whole is None else str(whole),
        unit=None if unit is None else str(unit),
        group=str(group) if group else _group(kind, advanced),
        layer=_layer(extra["layer"]),
        advanced=advanced,
        odd=bool(extra["odd"]),
        type=_json_type(name, kind, _plain_type(name, value_type, choices)),
        annotation=_annotation(choices, nullable) if choices else field.annotation,
        nullable=nullable,
        required=field.is_required(),
        default=None if field.is_required() else field.get_default(call_default_factory=True),
        choices=choices,
        choice_titles=titles,
        bounds=_bounds(field),
    )


def _layer(found: Any) -> dict[str, Any] | None:
    return None if found is None else dict(found)


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation, False
    members = get_args(annotation)
    others = [member for member in members if member is not type(None)]
    if len(others) != 1:
        raise TypeError(f"a parameter has one type, perhaps with None: {annotation}")
    return others[0], len(others) < len(members)


def _plain_type(name: str, value_type: Any, choices: tuple[str, ...]) -> Any:
    """The type without its list of literals, which has to be that of the choices."""
    if get_origin(value_type) is not Literal:
        return value_type
    if get_args(value_type) != choices:
        raise TypeError(f"parameter {name!r} is one of {get_args(value_type)} by its type, of {choices} by its choices")
    return str


def _annotation(choices: tuple[str, ...], nullable: bool) -> Any:
    literal = cast(Any, Literal)[choices]
    return literal | None if nullable else literal


def _json_type(name: str, kind: str, value_type: Any) -> JsonType:
    """The type of the kind, which the annotation has to agree with."""
    expected = KINDS[kind].type
    if _TYPES.get(value_type) != expected:
        raise TypeError(f"parameter {name!r} is of the kind {kind!r}, a value of which is {expected}, not {value_type}")
    return expected


def _group(kind: str, advanced: bool) -> str:
    if advanced:
        return "Advanced"
    return {"in": "Inputs", "out": "Outputs", "none": "Options"}[KINDS[kind].direction]


def _bounds(field: FieldInfo) -> dict[str, float]:
    found = {_BOUNDS[type(rule)]: rule for rule in field.metadata if type(rule) in _BOUNDS}
    return {name: getattr(rule, name) for name, rule in found.items()}
