"""``hsi models``: the architectures that can be trained."""

from __future__ import annotations

import textwrap

from ..models.architectures.architecture import Architecture
from ..models.registry import architectures, get
from .replies import Answer


def list_models(name: str | None = None) -> Answer:
    """The architectures, a line each; or one of them with its options and its reference.

    Raises
    ------
    ParameterError : there is no architecture of this name; names near matches.
    """
    if name is not None:
        return Answer(document=_describe(get(name)), text=_text(get(name)))
    found = list(architectures().values())
    width = max(len(architecture.name) for architecture in found)
    lines = [f"{architecture.name:{width}}  {_in_a_line(architecture)}" for architecture in found]
    return Answer(
        document={"models": [_describe(architecture) for architecture in found]},
        text="\n".join([*lines, "", "hsi models NAME shows the options and the publication of one of them."]),
    )


def _describe(architecture: Architecture) -> dict[str, object]:
    return {
        "name": architecture.name,
        "title": architecture.title,
        "reference": architecture.reference,
        "dense": architecture.dense,
        "parameters": architecture.parameters,
        "options": architecture.options.model_json_schema().get("properties", {}),
        "variants": {name: dict(options) for name, options in architecture.variants.items()},
    }


def _in_a_line(architecture: Architecture) -> str:
    said = [architecture.title]
    if architecture.parameters is not None:
        said.append(f"{architecture.parameters:,} parameters")
    if not architecture.dense:
        said.append("maps patch by patch: slow")
    return "; ".join(said)


def _text(architecture: Architecture) -> str:
    schema = architecture.options.model_json_schema().get("properties", {})
    lines = [f"{architecture.name}: {_in_a_line(architecture)}"]
    second = " --second RASTER" if architecture.second_source else ""
    lines.append(f"  Train it with: hsi train --model {architecture.name}{second}")
    # An option that follows from the data cannot be set.
    settable = {name: about for name, about in schema.items() if architecture.fit is None and "follows" not in about}
    lines.append('  Its options, for --model-options "name=value, …":' if settable else "  It has no options to set.")
    lines += [f"    {name}  {_values(about)}" for name, about in settable.items()]
    lines += textwrap.wrap(architecture.reference, 96, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines)


def _values(about: dict[str, object]) -> str:
    """What an option may be, and its default."""
    choices = about.get("enum")
    if isinstance(choices, list):
        allowed = " or ".join(map(str, choices))
    elif about.get("type") == "boolean":
        allowed = "true or false"
    else:
        words = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
        bounds = [f"{word} {float(str(about[name])):g}" for name, word in words.items() if name in about]
        allowed = " ".join(["an integer" if about.get("type") == "integer" else "a number", *bounds])
    return f"{allowed}; default {str(about.get('default')).lower()}"
