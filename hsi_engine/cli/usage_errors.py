"""Mistakes in a command line, in the engine's own form of message."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from cyclopts import (
    App,
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    ValidationError,
)

from ..errors import ParameterError
from ..operations.definition.old_names import OldName
from ..operations.definition.parameter_spec import ParameterSpec
from ..operations.definition.validation import missing_parameter, not_allowed, suggest
from .options import option_name


def as_parameter_error(
    error: CycloptsError,
    app: App,
    words: list[str],
    specs: Mapping[str, Mapping[str, ParameterSpec]],
    old: Mapping[str, Mapping[str, OldName]],
    shown: str,
) -> ParameterError:
    """The error as a ParameterError.

    Parameters
    ----------
    error : what the parser found.
    app : the program, for the names of its commands.
    words : the command line.
    specs : parameters by name, by command.
    old : names that parameters had before, by command.
    shown : what the command is called in messages.
    """
    command = f"hsi {shown}" if error.command_chain else "hsi"
    names = error.argument.names if error.argument is not None else ()
    own = specs.get(error.command_chain[0], {}) if error.command_chain else {}
    spec = next((spec for spec in own.values() if option_name(spec.name) in names), None)
    if isinstance(error, UnknownCommandError):
        return _unknown_command(words, app)
    if isinstance(error, UnknownOptionError):
        return _unknown_option(error, command, old.get(error.command_chain[0], {}) if error.command_chain else {})
    if isinstance(error, MissingArgumentError) and names:
        known = [option_name(name) for name in own]
        unknown = [word for word in _unused_options(error, words) if word not in (*names, *known)]
        if unknown:  # the option that is missing may be the one that was misspelt
            return _no_option(unknown[0], command, known)
        return _missing(names, words, spec)
    if isinstance(error, CoercionError | ValidationError) and spec is not None:
        return not_allowed(spec, _found(error))
    error.verbose = False
    return ParameterError(
        f"The command line cannot be read: {' '.join(str(error).split())}",
        code="command_line",
        hint=f"See {command} --help.",
    )


def _found(error: CoercionError | ValidationError) -> str | None:
    tokens = error.argument.tokens if error.argument is not None else []
    token = getattr(error, "token", None) or (tokens[0] if tokens else None)
    return None if token is None else str(token.value)


def _unknown_option(error: UnknownOptionError, command: str, old: Mapping[str, OldName]) -> ParameterError:
    found = (error.token.keyword or error.token.value).split("=", 1)[0]
    removed = old.get(found.lstrip("-").replace("-", "_"))
    if removed is not None and removed.instead:
        return ParameterError(f"{command} no longer has option {found!r}.", code="removed", hint=removed.instead)
    known = [name for argument in error.argument_collection for name in argument.names if name.startswith("--")]
    return _no_option(found, command, known)


def _unused_options(error: CycloptsError, words: list[str]) -> list[str]:
    """The options of a command line that were not read: unknown ones, and those that lack a value."""
    given = words[: words.index("--")] if "--" in words else words
    unused = [word for word in error.unused_tokens or () if word.startswith("--") and word in given]
    return [word.split("=", 1)[0] for word in unused]


def _no_option(found: str, command: str, known: list[str]) -> ParameterError:
    """The error for an option that ``command`` does not have, with those of ``known`` that are like it."""
    # Compared without their dashes, which make any two options alike.
    near = difflib.get_close_matches(found.lstrip("-"), [name[2:] for name in known], n=2)
    hint = f"Did you mean {' or '.join('--' + name for name in near)}?" if near else f"See {command} --help."
    return ParameterError(f"{command} has no option {found!r}.", code="unknown", hint=hint)


def _unknown_command(words: list[str], app: App) -> ParameterError:
    known = [name for name in app if not name.startswith("-")]
    found = next((word for word in words if not word.startswith("-")), "")
    return ParameterError(
        f"hsi has no command {found!r}.",
        code="command",
        hint=suggest(found, known) or f"The commands are {', '.join(known)}.",
    )


def _missing(names: tuple[str, ...], words: list[str], spec: ParameterSpec | None) -> ParameterError:
    given = next((name for name in names if name in words), None)
    if given is not None:
        expected = f"; expected {spec.expected}" if spec else ""
        return ParameterError(f"Option {given} has no value{expected}.", code="missing")
    if spec is None:
        return ParameterError(f"{names[0].lstrip('-').upper()} is required and was not given.", code="missing")
    return missing_parameter(spec)
