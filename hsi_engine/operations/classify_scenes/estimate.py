"""What a run will take, from a part of the first scene that is mapped for it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
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
# A first map that took less is made again: much of it was loading libraries, which later scenes do not wait for.
_WARM_S = 5.0
# Start of a process: Python, torch, GDAL and the model.
_START_S = 4.0
# Bytes, measured: the page, the mosaics and the summary of a run; an Item without its classes; what each of its classes takes
# in it; a line of the manifest and the places of a scene in mosaic and summary; a picture on the page.
_RUN, _ITEM, _CLASS, _LINES, _PICTURE, _MOST_PICTURES = 25_000, 2_200, 260, 1_200, 8_000, 200


def estimate(ready: Sequence[tuple[Task, Scene]], model: ModelBundle, processes: int) -> dict[str, float] | None:
    """Seconds and bytes of mapping the scenes that are ``ready``; None if that cannot be told.

    Up to 512×512 pixels in the middle of the first scene that can be mapped are mapped into a temporary folder.

    Returns
    -------
    ``seconds`` and ``bytes`` of the whole run; of these, ``start_seconds`` pass until processes have started, and
    ``record_bytes`` are those of Items, styles, page, mosaics and records.
    """
    for task, scene in ready:
        with tempfile.TemporaryDirectory(prefix="hsi-estimate-") as name:
            try:
                sample = _sample(task, scene, model, Path(name))
                if sample.seconds < _WARM_S:
                    sample = _sample(task, scene, model, Path(name))
            except HsiError:
                continue
        sizes = [found.grid.shape[0] * found.grid.shape[1] for _, found in ready]
        at_once = max(1, min(processes, len(ready)))
        # The program itself starts, and the processes that it starts, which do so at the same time.
        start = _START_S * (1 if at_once == 1 else 2)
        mapping = sample.seconds * sum(max(1.0, px / sample.pixels) for px in sizes) / at_once
        rasters = sample.raster_bytes * sum(px / sample.pixels for px in sizes)
        records = _record_bytes(sample, len(ready), len(model.legend.to_json()))
        return {
            "seconds": round(start + mapping, 3),
            "bytes": float(round(rasters + records)),
            "start_seconds": start,
            "record_bytes": float(records),
        }
    return None


@dataclass(frozen=True, kw_only=True)
class _Sample:
    """What the map of a part of a scene took; ``style_bytes`` are those of the files next to its rasters."""

    seconds: float
    pixels: int
    raster_bytes: int
    style_bytes: int


def _record_bytes(sample: _Sample, scenes: int, classes: int) -> int:
    """Of all files but the rasters. Each Item is written twice, for its map and in the collection."""
    for_each = sample.style_bytes + 2 * (_ITEM + _CLASS * classes) + _LINES
    pictures = min(scenes, _MOST_PICTURES) * min(sample.raster_bytes, _PICTURE)
    return _RUN + scenes * for_each + pictures


def _sample(task: Task, scene: Scene, model: ModelBundle, folder: Path) -> _Sample:
    """A map of the middle of a scene."""
    rows, cols = scene.grid.shape
    height, width = min(rows, _SAMPLE_PX), min(cols, _SAMPLE_PX)
    window = Window(row=(rows - height) // 2, col=(cols - width) // 2, height=height, width=width)
    outputs = {product.parameter: folder / path.name for product, path in map_outputs(task.params).items()}
    params = task.params.model_copy(update=outputs)
    started = time.perf_counter()
    map_scene(params, SilentReporter(), KnownModel(scene=scene, bundle=model, part=ScenePart(window=window)))
    seconds = time.perf_counter() - started
    sizes = {file: file.stat().st_size for file in folder.iterdir()}
    rasters = sum(size for file, size in sizes.items() if file in outputs.values())
    return _Sample(
        seconds=seconds,
        pixels=height * width,
        raster_bytes=rasters,
        style_bytes=sum(sizes.values()) - rasters,
    )
