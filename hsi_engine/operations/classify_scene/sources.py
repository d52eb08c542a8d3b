"""From which rasters a map is made, and the model or the part of it that sees them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ...bundle.model_bundle import ModelBundle
from ...bundle.sources import of_one_source
from ...errors import ParameterError
from ...io.scenes.scene import Scene
from ..parts.second_source import SceneChoice, described_scene


class SourceChoice(SceneChoice, Protocol):
    """Parameters that name a scene, and say whether it takes the place of a second raster."""

    @property
    def scene(self) -> Path: ...

    @property
    def only_second(self) -> bool: ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Sources:
    """What is mapped, and with what.

    Parameters
    ----------
    scene : described, and joined with a second raster if one is used.
    bundle : the model, or its part for one of two sources.
    notes : what has to be known of a map from one of two sources.
    """

    scene: Scene
    bundle: ModelBundle
    notes: tuple[str, ...] = ()


def sources_of(params: SourceChoice, model: ModelBundle) -> Sources:
    """What the parameters name, and the part of the model for it.

    Raises
    ------
    ParameterError : a second raster besides the one that is to be mapped alone.
    SceneError, MismatchError : a raster cannot be opened, or they do not lie on one another; or the model has no part for
        one of them alone.
    """
    if params.only_second and params.second is not None:
        raise ParameterError(
            "Parameter 'only_second' (Map from the second raster alone) takes the second raster as scene, but another one"
            " is given as 'second'.",
            code="only_second",
            hint="Leave 'second' out to map from the scene's raster alone, or leave out 'only_second'.",
        )
    scene = described_scene(params.scene, params)
    if params.only_second:
        return Sources(scene=scene, bundle=of_one_source(model, "second"), notes=_notes(model, "second raster"))
    if scene.second is None and model.works_alone:
        return Sources(scene=scene, bundle=of_one_source(model, "scene"), notes=_notes(model, "scene"))
    return Sources(scene=scene, bundle=model)


def _notes(model: ModelBundle, source: str) -> tuple[str, ...]:
    note = f"The map is made from the {source} alone. Any accuracy that the model states is for both sources, not for this map."
    if source == "scene" or model.smoothing is None:
        return (note,)
    return (note, "The map is not smoothed: smoothing follows the edges of the scene, which is not used.")
