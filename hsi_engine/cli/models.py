"""``hsi models``: the architectures that can be trained."""

from __future__ import annotations

import textwrap

from ..models.architectures.architecture import Architecture
from ..models.registry import architectures
from .options import option_name
from .replies import Answer


def list_models() -> Answer:
    """Name, title, options and reference of every architecture."""
    found = list(architectures().values())
    return Answer(
        document={"models": [_describe(architecture) for architecture in found]},
        text="\n\n".join(_text(architecture) for architecture in found),
    )


def _describe(architecture: Architecture) -> dict[str, object]:
    return {
        "name": architecture.name,
        "title": architecture.title,
        "reference": architecture.reference,
        "dense": architecture.dense,
        "options": architecture.options.model_json_schema().get("properties", {}),
        "variants": {name: dict(options) for name, options in architecture.variants.items()},
    }


def _text(architecture: Architecture) -> str:
    options = ", ".join(option_name(name) for name in architecture.options.model_fields)
    lines = [f"{architecture.name}: {architecture.title}"]
    lines.append(f"  Train it with: hsi train --model {architecture.name}")
    lines.append(f"  Its own options: {options or 'none'}")
    lines += textwrap.wrap(architecture.reference, 96, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines)
