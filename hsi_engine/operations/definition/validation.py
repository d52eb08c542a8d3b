"""From plain values to parameters, with one form of message for whatever is wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ...errors import HsiError, ParameterError
from ...phrases import plain_requirement
from .base import Operation, ParamsT, ResultT
from .parameter_spec import ParameterSpec, parameter_specs


def validate(operation: Operation[ParamsT, ResultT], values: Mapping[str, Any]) -> ParamsT:
    """The parameters of ``operation`` made of ``values``.

    Raises
    ------
    ParameterError
        for the first parameter that is unknown, missing or not allowed: its name and title, what it must
        be and what was found.
    """
    specs = parameter_specs(operation.params)
    for name in values:
        if name not in specs:
            raise unknown_parameter(name, operation.name, list(specs))
    try:
        return operation.params.model_validate(dict(values))
    except ValidationError as error:
        raise _as_parameter_error(error.errors(include_url=False), specs) from None


def unknown_parameter(name: str, owner: str, known: list[str]) -> ParameterError:
    """The error for a parameter that ``owner`` does not have, with the nearest names it has."""
    return ParameterError(
        f"{owner} has no parameter {name!r}.",
        code="unknown",
        hint=suggest(name, known) or f"It has {', '.join(known)}.",
    )


def suggest(name: str, known: list[str]) -> str:
    """A question that offers the names nearest to ``name``; empty if none is near."""
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.6)
    return f"Did you mean {' or '.join(near)}?" if near else ""


def describe_parameter(spec: ParameterSpec) -> str:
    """How a message names a parameter."""
    return f"Parameter '{spec.name}' ({spec.title})"


def missing_parameter(spec: ParameterSpec) -> ParameterError:
    """The error for a required parameter that was not given."""
    return ParameterError(
        f"{describe_parameter(spec)} is required and was not given.",
        code="missing",
        hint=spec.description,
    )


def not_allowed(spec: ParameterSpec, found: Any, inside: str = "") -> ParameterError:
    """The error for a value that is not what ``spec`` asks for; ``inside`` is the place in a list or object."""
    where = f" at {spec.name}{inside}" if inside else ""
    return ParameterError(
        f"{describe_parameter(spec)}: must be {spec.expected}; found {_found(found)}{where}.",
        code="value",
        hint=_hint(spec, found),
    )


def _as_parameter_error(details: list[ErrorDetails], specs: dict[str, ParameterSpec]) -> HsiError:
    # A missing input is worth more to the reader than a detail of another parameter.
    first = min(details, key=lambda detail: detail["type"] != "missing")
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, HsiError):
        return cause
    if not first["loc"]:
        return ParameterError(_sentence(str(cause or plain_requirement(first["msg"]))), code="combination")
    spec = specs[str(first["loc"][0])]
    if first["type"] == "missing":
        return missing_parameter(spec)
    if first["type"] in ("value_error", "assertion_error"):
        return ParameterError(
            f"{describe_parameter(spec)}: {_sentence(str(cause))}", code="value", hint=spec.description
        )
    inside = "".join(f"[{part!r}]" for part in first["loc"][1:])
    return not_allowed(spec, first["input"], inside)


def _hint(spec: ParameterSpec, found: Any) -> str:
    nearest = suggest(found, [str(choice) for choice in spec.choices]) if isinstance(found, str) else ""
    return nearest or spec.description


def _found(value: Any) -> str:
    if value is None:
        return "nothing"
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
