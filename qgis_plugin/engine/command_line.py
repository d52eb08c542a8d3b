"""The command line that does the same as a job, for the log: what was run can be repeated without QGIS."""

from __future__ import annotations

import os
import shlex
import subprocess  # nosec B404 # for its rules of quoting only; nothing is run here
from collections.abc import Iterator, Mapping
from typing import Any

from .operations import ParameterDescription, load_operations


def hsi_command(operation: str, params: Mapping[str, Any], *, windows: bool = os.name == "nt") -> str:
    """``hsi …`` with those of ``params`` that differ from their defaults, quoted for the shell of this system.

    Raises
    ------
    KeyError
        There is no such operation, or it has no such parameter.
    """
    description = load_operations()[operation]
    words = ["hsi", description.command]
    given = {description.parameter(name).name for name in params}
    # In the order of the documentation: the scene before what is made of it.
    for parameter in description.parameters:
        if parameter.name in given:
            words += _option(parameter, params[parameter.name])
    return subprocess.list2cmdline(words) if windows else shlex.join(words)


def _option(parameter: ParameterDescription, value: Any) -> Iterator[str]:
    if value is None or (value == parameter.default and not parameter.required):
        return
    option = parameter.name.replace("_", "-")
    if parameter.type == "boolean":
        yield f"--{option}" if value else f"--no-{option}"
        return
    text = str(value)
    if text.startswith("-"):  # else it would be taken for an option
        yield f"--{option}={text}"
    else:
        yield from (f"--{option}", text)
