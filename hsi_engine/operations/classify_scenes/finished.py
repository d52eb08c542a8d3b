"""Whether a scene has its map already: what the files say themselves decides, not that they are there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from ...bundle.model_bundle import ModelBundle
from ...classes.legend import Legend
from ...errors import MismatchError, SceneError
from ...foreign.json_text import parse_json
from ...io.files.source_names import file_behind
from ...io.rasters.raster_tags import read_tags
from ...io.scenes.scene import Scene, describe_scene
from ..classify_scene.description import SETTINGS_TAG, settings_hash
from ..classify_scene.map_files import map_outputs
from ..classify_scene.resume import scene_state
from ..definition.scene_input import scene_reading
from .tasks import Task

_MODEL_TAGS = ("HSI_MODEL_ID", "HSI_MADE_WITH")


def finished_item(task: Task, model: ModelBundle) -> dict[str, Any] | None:
    """The STAC Item of a map that is complete and was made from this scene with this model and these settings; otherwise None.

    The scene must be the one that was mapped, down to its side files and what a VRT names: see :func:`.scene_state`. If it is
    gone or cannot be reached, its map counts.
    """
    item = read_item(task.item, model.legend)
    settings = settings_hash(task.params)
    if item is None or item["properties"].get("hsi:scene") != task.scene:
        return None
    for product, raster in map_outputs(task.params).items():
        styles = () if product.style is None else product.style.files(raster)
        if not raster.is_file() or not all(file.is_file() for file in styles):
            return None
        if raster.stat().st_size != item["assets"].get(product.name, {}).get("file:size"):
            return None
        tags = read_tags(raster)
        if tags.get(SETTINGS_TAG) != settings or model.id not in (tags.get(name) for name in _MODEL_TAGS):
            return None
    return item if _is_as_it_was(task, item["properties"]["hsi:scene_state"]) else None


def scene_digest(scene: Scene) -> str:
    """By which a scene is recognised as the one that was mapped; of its state, as hexadecimal."""
    return hashlib.sha256(json.dumps(scene_state(scene)).encode()).hexdigest()


def _is_as_it_was(task: Task, digest: str) -> bool:
    try:
        if file_behind(task.params.scene) is None:
            return True
        return scene_digest(describe_scene(task.params.scene, **scene_reading(task.params))) == digest
    except OSError:
        return True
    except SceneError:
        return False  # mapping it will say what is wrong


def check_model(output: Path, model_id: str) -> None:
    """A map of another model is not replaced, whatever is left of the manifest: MismatchError."""
    known = {tag for name, tag in read_tags(output).items() if name in _MODEL_TAGS} if output.is_file() else set()
    if known and model_id not in known:
        raise MismatchError(
            f"'{output}' is a map of another model: of {min(known)[:12]}, and the given one is {model_id[:12]}.",
            code="manifest_model",
            hint="Choose another output folder, or the model that this archive was begun with.",
        )


class _Class(BaseModel):
    value: int
    pixels: int
    hectares: float | None


class _Properties(BaseModel):
    scene: str = Field(alias="hsi:scene")
    scene_state: str = Field(alias="hsi:scene_state")
    classes: list[_Class] = Field(alias="hsi:classes")
    notes: list[str] = Field(alias="hsi:notes")


class _Asset(BaseModel):
    href: str
    size: int = Field(alias="file:size")


class _Item(BaseModel):
    """What of an Item is read again."""

    id: str
    properties: _Properties
    assets: dict[str, _Asset]


def read_item(path: Path, legend: Legend) -> dict[str, Any] | None:
    """The Item of a map; None if there is none that can be read, or what is read of it is missing or of other classes."""
    try:
        item: dict[str, Any] = parse_json(path.read_bytes(), names_files=True)
        _Item.model_validate(item, strict=True)
    except (OSError, ValueError):
        return None
    known = {one["value"] for one in legend.to_json()}
    listed = {one["value"] for one in item["properties"]["hsi:classes"]}
    return item if item["id"] == path.stem and listed <= known else None
