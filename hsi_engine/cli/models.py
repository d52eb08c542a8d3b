"""``hsi models``: the architectures that can be trained."""

from __future__ import annotations

import textwrap

from ..models.registry import Architecture, architectures
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
    fields = architecture.options.model_fields
    options = ", ".join(f"{name} (default {field.default})" for name, field in fields.items())
    lines = [f"{architecture.name}: {architecture.title}"]
    lines += textwrap.wrap(f"Options: {options or 'none'}", 96, initial_indent="  ", subsequent_indent="    ")
    lines += textwrap.wrap(architecture.reference, 96, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines)
