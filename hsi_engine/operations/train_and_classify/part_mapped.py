"""Which pixels of a scene a map leaves out on purpose, in the words of its report."""

from __future__ import annotations

from typing import Any

from ...phrases import counted
from ...report.wording import percent
from ..classify_scene.operation import ClassifySceneParams, ClassifySceneResult
from ..definition.parameter_spec import parameter_specs

_SETTINGS = ("min_confidence", "extent", "mask", "smooth")


def mapping_facts(params: ClassifySceneParams) -> dict[str, Any]:
    """The settings that decide which pixels have a class, by title; those that were not given are left out."""
    specs = parameter_specs(type(params))
    values = {name: getattr(params, name) for name in _SETTINGS}
    if params.mask is not None:
        values["mask"] = params.mask.name
    return {specs[name].title: value for name, value in values.items() if value is not None and value != 0.0}


def part_mapped(params: ClassifySceneParams, mapped: ClassifySceneResult) -> str:
    """What the map leaves out and what its accuracy then means; empty if nothing was left out on purpose."""
    sentences = []
    if params.extent is not None or params.mask is not None:
        sentences.append(_part(params, mapped))
    if params.min_confidence:
        classified = sum(entry["pixels"] for entry in mapped.classes)
        left = mapped.unclassified_pixels
        share = percent(left / max(1, left + classified))
        sentences.append(
            f"The map leaves {counted(left, 'pixel')} ({share}) unclassified, because their confidence is below"
            f" {params.min_confidence:g}. The accuracy is that of all tested pixels, before any were left out."
        )
    return " ".join(sentences)


def _part(params: ClassifySceneParams, mapped: ClassifySceneResult) -> str:
    if params.mask is None:
        return "Only the chosen extent of the scene was mapped."
    inside = "the chosen extent and " if params.extent is not None else ""
    text = f"Only pixels inside {inside}the mask {params.mask.name} were mapped"
    count = mapped.outside_pixels
    if not count:
        return f"{text}."
    return f"{text}; {counted(count, 'pixel')} of the map outside the mask {'has' if count == 1 else 'have'} no class."
