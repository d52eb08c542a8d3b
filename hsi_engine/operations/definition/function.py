"""The Python function of an operation, with the signature and the documentation that its parameters give it."""

from __future__ import annotations

import inspect
import os
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...errors import HsiError
from ...reporting import Reporter, SilentReporter
from .base import Operation, OperationResult, ParamsT, ResultT
from .old_names import with_new_names
from .parameter_spec import ParameterSpec, parameter_specs
from .validation import validate

PathLike = str | os.PathLike[str]


def call(operation: Operation[ParamsT, ResultT], values: Mapping[str, Any], reporter: Reporter) -> ResultT:
    """Check ``values`` and run ``operation`` with them; every entry point ends here.

    Raises
    ------
    HsiError
        ParameterError if a value is not allowed, otherwise whatever the operation raises.
    """
    named, warnings = with_new_names(operation.name, values)
    params = validate(operation, named)  # before the run is loaded, so that a mistake is reported at once
    for warning in warnings:
        reporter.log(warning, "warning")
    result = start(operation, params, reporter)
    # Reported here, because an operation may be a part of another one that continues.
    reporter.progress(1.0, "Done")
    return result


def start(operation: Operation[ParamsT, ResultT], params: ParamsT, reporter: Reporter) -> ResultT:
    """Run ``operation``, if all of its inputs may be opened and all of its outputs can be written.

    Raises
    ------
    HsiError
        OutputError where an output cannot be written, else whatever the operation raises.
    """
    check_working_folder()
    # Descriptions and help need no module that checks files.
    from .input_check import check_input_files
    from .output_check import check_output_files

    check_input_files(params)
    check_output_files(params)
    return operation.load_run()(params, reporter)


def check_working_folder() -> None:
    """Make sure that the process works in a folder that exists: libraries of torch end a process that does not, in words of their own.

    Raises
    ------
    HsiError : the folder was deleted, or may no longer be entered.
    """
    try:
        Path.cwd()
    except OSError as error:
        raise HsiError(
            f"The working folder of this process cannot be used: {error.strerror}.",
            code="working_folder",
            hint="It may have been deleted. Change to another folder, and run it again.",
        ) from error


def make_function(operation: Operation[Any, Any]) -> Callable[..., OperationResult]:
    """A function ``name(*, parameter=…, reporter=None)`` that runs ``operation`` and returns its result."""

    def function(*, reporter: Reporter | None = None, **values: Any) -> OperationResult:
        result: OperationResult = call(operation, values, reporter if reporter is not None else SilentReporter())
        return result

    specs = parameter_specs(operation.params)
    signature = _signature(operation, specs)
    function.__name__ = function.__qualname__ = operation.name
    function.__module__ = "hsi_engine"
    function.__doc__ = _docstring(operation, specs)
    function.__signature__ = signature  # type: ignore[attr-defined]
    function.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()} | {
        "return": operation.result
    }
    return function


def _signature(operation: Operation[Any, Any], specs: dict[str, ParameterSpec]) -> inspect.Signature:
    fields = [
        inspect.Parameter(
            spec.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if spec.required else spec.default,
            annotation=_annotation(spec),
        )
        for spec in specs.values()
    ]
    reporter = inspect.Parameter("reporter", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Reporter | None)
    return inspect.Signature([*fields, reporter], return_annotation=operation.result)


def _annotation(spec: ParameterSpec) -> Any:
    if spec.type == "path":
        return PathLike | None if spec.nullable else PathLike
    return spec.annotation


def _docstring(operation: Operation[Any, Any], specs: dict[str, ParameterSpec]) -> str:
    lines = [operation.summary, "", "Parameters", "----------"]
    for spec in specs.values():
        text = f"{spec.name} : {spec.description}"
        if spec.unit:
            text += f" Unit: {spec.unit}."
        if not spec.required and spec.default is not None:
            text += f" Default: {spec.default}."
        lines += textwrap.wrap(text, 100, subsequent_indent="    ")
    lines.append("reporter : receives progress and warnings, and can cancel; silent by default.")
    lines += ["", "Returns", "-------", operation.result.__name__]
    lines += [
        "",
        "Raises",
        "------",
        "HsiError",
        "    with a message, a code and a hint, for anything wrong with the input.",
    ]
    return "\n".join(lines)
