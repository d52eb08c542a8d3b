"""The request of a job, as a file for ``hsi run`` and as a line for the worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import ParameterError
from ..foreign.json_text import parse_json
from ..foreign.text import ForeignTextError
from .limits import MOST_LETTERS

PROTOCOL_VERSION = 1

_EXAMPLE = '{"protocol": 1, "operation": "inspect_scene", "params": {"scene": "scene.tif"}}'


@dataclass(frozen=True, kw_only=True)
class Request:
    """Which operation to run with which parameters; whether they fit is checked by the operation."""

    operation: str
    params: dict[str, Any]


def parse_request(text: str) -> Request:
    """Read ``{"protocol": 1, "operation": "…", "params": {…}}``.

    Raises
    ------
    ParameterError
        The text is not such an object, or the protocol is one this engine does not speak.
    """
    if len(text) > MOST_LETTERS:
        raise _malformed(f"it has more than {MOST_LETTERS:,} letters")
    try:
        data = parse_json(text, names_files=True)
    except ForeignTextError as error:
        raise _malformed(str(error)) from None
    if not isinstance(data, dict):
        raise _malformed(f"expected a JSON object, found {type(data).__name__}")
    unknown = sorted(set(data) - {"protocol", "operation", "params"})
    if unknown:
        raise _malformed(f"unknown field {unknown[0]!r}")
    protocol = data.get("protocol")
    if protocol != PROTOCOL_VERSION or isinstance(protocol, bool):
        raise ParameterError(
            f"Request: protocol must be {PROTOCOL_VERSION}; found {protocol!r}.",
            code="protocol",
            hint="Engine and caller must have matching versions; update the older one.",
        )
    operation, params = data.get("operation"), data.get("params", {})
    if not isinstance(operation, str):
        raise _malformed(f"operation must be a string; found {operation!r}")
    if not isinstance(params, dict):
        raise _malformed(f"params must be an object; found {params!r}")
    return Request(operation=operation, params=params)


def _malformed(problem: str) -> ParameterError:
    return ParameterError(f"The request cannot be read: {problem}.", code="request", hint=f"For example: {_EXAMPLE}")
