"""The parameters of an operation as options of a command."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from cyclopts import Group, Parameter, Token

from ..operations.definition.base import Operation
from ..operations.definition.old_names import old_names
from ..operations.definition.parameter_spec import ParameterSpec, parameter_specs

_FIRST_GROUPS = ("Inputs", "Outputs")
_LAST_GROUPS = ("Options", "Advanced", "Terminal")
_WESTERN = re.compile(r"-\.?\d[^,]*,")


def command_signature(operation: Operation[Any, Any]) -> inspect.Signature:
    """A signature that makes each parameter of ``operation`` an option, with its help and its heading.

    An operation with a single required parameter takes it without the name of the option, too.
    """
    specs = parameter_specs(operation.params)
    groups = _groups(specs)
    required = [spec.name for spec in specs.values() if spec.required]
    options = [
        inspect.Parameter(
            spec.name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD if required == [spec.name] else inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if spec.required else spec.default,
            annotation=_annotation(spec, groups[spec.group]),
        )
        for spec in specs.values()
    ]
    options += [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_hidden(specs[old.new], name))
        for name, old in old_names(operation.name).items()
        if old.new is not None
    ]
    options.sort(key=lambda option: option.kind)  # stable: only the one without a name moves to the front
    return inspect.Signature([*options, *answer_options(groups["Terminal"])])


def answer_options(group: Group | None = None) -> list[inspect.Parameter]:
    """The options of every command that answers: ``--json`` and ``--quiet``."""
    group = group or Group("Terminal", sort_key=len((*_FIRST_GROUPS, *_LAST_GROUPS)))
    texts = {
        "json": "Print the result, or the error, as one JSON document on standard output.",
        "quiet": "Show no progress, only warnings.",
    }
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=False,
            annotation=Annotated[bool, Parameter(help=text, group=group, negative=(), show_default=False)],
        )
        for name, text in texts.items()
    ]


def option_name(parameter_name: str) -> str:
    """``patch_size`` is ``--patch-size``."""
    return "--" + parameter_name.replace("_", "-")


def with_coordinates(words: Sequence[str]) -> list[str]:
    """A command line in which coordinates that begin with a minus, such as ``-71.3,42.4``, are the value of the option before them."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1].startswith("--") and "=" not in joined[-1] and _WESTERN.match(word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def help_text(spec: ParameterSpec) -> str:
    """The description, followed by unit and bounds in parentheses if there are any."""
    details = ", ".join(word for word in (spec.unit, "odd" if spec.odd else "", spec.bounds_text) if word)
    return f"{spec.description} ({details})" if details else spec.description


def _groups(specs: dict[str, ParameterSpec]) -> dict[str, Group]:
    own = [spec.group for spec in specs.values() if spec.group not in (*_FIRST_GROUPS, *_LAST_GROUPS)]
    order = dict.fromkeys((*_FIRST_GROUPS, *own, *_LAST_GROUPS))
    return {name: Group(name, sort_key=position) for position, name in enumerate(order)}


def _annotation(spec: ParameterSpec, group: Group) -> Any:
    shown = spec.default is not None and spec.default is not False
    details = Parameter(
        name=option_name(spec.name),
        help=help_text(spec),
        group=group,
        converter=_converter(spec),
        show_default=_show if shown else False,
        negative=option_name(f"no_{spec.name}") if spec.type == "boolean" and spec.default is not False else (),
    )
    return Annotated[spec.annotation, details]


def _hidden(spec: ParameterSpec, old_name: str) -> Any:
    """An old name of a parameter: read like the new one, and not shown."""
    details = Parameter(
        name=option_name(old_name),
        show=False,
        converter=_converter(spec),
        negative=option_name(f"no_{old_name}") if spec.type == "boolean" and spec.default is not False else (),
    )
    return Annotated[spec.annotation | None, details]


def _converter(spec: ParameterSpec) -> Callable[[Any, Sequence[Token]], int | None] | None:
    return _whole_number if spec.type == "integer" else None


def _whole_number(_: Any, tokens: Sequence[Token]) -> int | None:
    """The number of an option; one with decimals, which the parser would round, is refused with a ValueError."""
    text = tokens[0].value
    if text.lower() in ("none", "null"):
        return None
    if "." not in text:
        return int(text)
    if not (number := float(text)).is_integer():
        raise ValueError(text)
    return int(number)


def _show(default: Any) -> str:
    return json.dumps(default) if isinstance(default, bool | list | tuple) else str(default)
