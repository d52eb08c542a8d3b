"""What a run will take, from a part of the first scene that is mapped for it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from ...bundle.model_bundle import ModelBundle
from ...errors import HsiError
from ...io.scenes.scene import Scene
from ...pixels.scene_part import ScenePart
from ...pixels.window import Window
from ...reporting import SilentReporter
from ..classify_scene.map_files import map_outputs
from ..classify_scene.run import KnownModel, map_scene
from .tasks import Task

_SAMPLE_PX = 512


def estimate(ready: Sequence[tuple[Task, Scene]], model: ModelBundle, processes: int) -> dict[str, float] | None:
    """Seconds and bytes of mapping the scenes that are ``ready``; None if that cannot be told.

    Up to 512×512 pixels in the middle of the first scene that can be mapped are mapped into a temporary folder.
    """
    for task, scene in ready:
        with tempfile.TemporaryDirectory(prefix="hsi-estimate-") as name:
            try:
                seconds, size, pixels = _sample(task, scene, model, Path(name))
            except HsiError:
                continue
        sizes = [found.grid.shape[0] * found.grid.shape[1] for _, found in ready]
        return {
            "seconds": round(seconds * sum(max(1.0, px / pixels) for px in sizes) / processes, 3),
            "bytes": float(round(size * sum(px / pixels for px in sizes))),
        }
    return None


def _sample(task: Task, scene: Scene, model: ModelBundle, folder: Path) -> tuple[float, int, int]:
    """Seconds, bytes and pixels of a map of the middle of a scene."""
    rows, cols = scene.grid.shape
    height, width = min(rows, _SAMPLE_PX), min(cols, _SAMPLE_PX)
    window = Window(row=(rows - height) // 2, col=(cols - width) // 2, height=height, width=width)
    outputs = {product.parameter: folder / path.name for product, path in map_outputs(task.params).items()}
    params = task.params.model_copy(update=outputs)
    started = time.perf_counter()
    map_scene(params, SilentReporter(), KnownModel(scene=scene, bundle=model, part=ScenePart(window=window)))
    seconds = time.perf_counter() - started
    return seconds, sum(file.stat().st_size for file in folder.iterdir()), height * width
