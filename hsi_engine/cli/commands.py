"""The commands of ``hsi``: one for each operation, and those about the engine itself."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Group, Parameter

from ..entrypoints.request import parse_request
from ..errors import ParameterError
from ..operations.catalogue import Catalogue
from ..operations.definition.base import Operation
from ..operations.definition.describe import describe
from .job import run_job
from .kind_of_file import help_on_models
from .options import answer_options, command_signature
from .replies import Answer, Replies

ENGINE_COMMANDS = ("models", "describe", "run", "doctor")
_ABOUT = "hsi classifies hyperspectral images: from a scene and labels to a styled, georeferenced class map."
_START = """Start with `hsi info SCENE`, which describes a scene, as `hsi info MODEL` does a model; then `hsi map`, or step by step `hsi train`, `hsi classify` and `hsi assess`.
Each has its own help, such as `hsi train --help`."""


def build_app(offered: Catalogue, catalogue: Catalogue, replies: Replies) -> App:
    """The command line of the operations in ``offered`` and of the commands about the engine, which know all of ``catalogue``."""
    app = App(
        name="hsi",
        help=_ABOUT,
        help_epilogue=_START,
        help_format="plaintext",
        version=_version,
        result_action="return_value",
        group_commands=Group("About the engine", sort_key=2),
    )
    app["--help"].group = app["--version"].group = (Group("Options", sort_key=3),)
    work = Group("Operations", sort_key=1)
    for position, operation in enumerate(offered.values()):
        app.command(
            _operation_command(operation, replies),
            name=operation.command,
            help=operation.summary + help_on_models(operation.command),
            help_epilogue=f"Example:\n\n{operation.example}" if operation.example else "",
            group=work,
            sort_key=position,
        )
    for position, (name, function) in enumerate(_engine_commands(catalogue, replies).items()):
        app.command(function, name=name, help=inspect.getdoc(function), help_epilogue="", sort_key=position)
    return app


def _operation_command(operation: Operation[Any, Any], replies: Replies) -> Callable[..., Answer]:
    signature = command_signature(operation)

    def command(*words: Any, **options: Any) -> Answer:
        given = signature.bind(*words, **options).arguments
        quiet = given.pop("quiet", False)
        given.pop("json", None)
        return _answer(operation, given, quiet, replies)

    return _with_signature(command, signature)


def _answer(operation: Operation[Any, Any], values: dict[str, Any], quiet: bool, replies: Replies) -> Answer:
    with replies.clean_stdout():
        result, said = run_job(operation, values, quiet=quiet, words=replies.words, on_cancelled=replies.error)
        return Answer(document=result.to_json(), text=result.to_text(), said=said, code=result.exit_code)


def _engine_commands(catalogue: Catalogue, replies: Replies) -> dict[str, Callable[..., Answer]]:
    def run(
        request: Annotated[Path, Parameter(help="A JSON file, or - for standard input.", allow_leading_hyphen=True)],
        /,
        **options: bool,
    ) -> Answer:
        """Run the operation that a JSON file asks for, written as a request to the worker."""
        asked = parse_request(_read_text(request))
        return _answer(catalogue[asked.operation], asked.params, options.get("quiet", False), replies)

    def describe_(
        operation: Annotated[
            str | None, Parameter(help="Operation or command, such as classify; all of them by default.")
        ] = None,
        /,
        **options: bool,
    ) -> Answer:
        """Describe the operations and their parameters as JSON."""
        chosen = list(catalogue.values()) if operation is None else [_operation(operation, catalogue)]
        document = describe(chosen)
        return Answer(document=document, text=json.dumps(document, indent=2, ensure_ascii=False))

    def models(
        name: Annotated[str | None, Parameter(help="A method, such as hybridsn; all of them by default.")] = None,
        /,
        **options: bool,
    ) -> Answer:
        """List the methods that can be trained, or show the options and the publication of one."""
        from .models import list_models

        return list_models(name)

    def doctor(**options: bool) -> Answer:
        """Check the installation, the devices and the machine, as check does, and list everything even if something fails."""
        from .doctor import examination

        with replies.clean_stdout():
            return examination()

    functions: tuple[Callable[..., Answer], ...] = (models, describe_, run, doctor)
    return {name: _with_answer_options(function) for name, function in zip(ENGINE_COMMANDS, functions, strict=True)}


def _operation(name: str, catalogue: Catalogue) -> Operation[Any, Any]:
    return catalogue.with_command(name) or catalogue[name]


def _with_answer_options(function: Callable[..., Answer]) -> Callable[..., Answer]:
    signature = inspect.signature(function, eval_str=True)
    own = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    return _with_signature(function, signature.replace(parameters=[*own, *answer_options()]))


def _with_signature(function: Callable[..., Answer], signature: inspect.Signature) -> Callable[..., Answer]:
    function.__signature__ = signature  # type: ignore[attr-defined]
    function.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
    return function


def _read_text(path: Path) -> str:
    if str(path) == "-":
        return sys.stdin.read()
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ParameterError(f"The request '{path}' cannot be read: {reason}.", code="request") from error


def _version() -> str:
    from .. import __version__

    return f"hsi-engine {__version__}"
