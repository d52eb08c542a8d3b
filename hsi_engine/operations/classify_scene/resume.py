"""Resuming an interrupted mapping."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from types import TracebackType
from typing import Any

import numpy as np

from ...bundle.model_bundle import ModelBundle
from ...errors import SceneError
from ...io.files.file_identity import lasting
from ...io.maps.unfinished_map import FinishedTile, UnfinishedMap
from ...io.scenes.scene import Scene
from ...pixels.scene_part import ScenePart
from ...pixels.window import TilePlan, Window
from ...reporting import Reporter, tell_what_is_kept
from ...runtime.versions import versions
from .operation import ClassifySceneParams

NO_VALID_PIXEL = "no_valid_pixel"


def map_fingerprint(
    params: ClassifySceneParams, bundle: ModelBundle, scene: Scene, part: ScenePart, device: str
) -> dict[str, Any]:
    """What decides the pixels of a map, as JSON values.

    A scene is known by name, size and time, not by content, which would take as long to read as to map; nor by folder,
    so that it may be mapped from another copy of an archive. Memory and tiles are left out: the map does not depend on
    them, and less memory may be why a job is started again.
    """
    found = versions()
    size, modified = _size_and_time(scene)
    is_whole = part.window == Window.of_shape(scene.grid.shape)
    description = repr(
        (scene.grid, scene.bands, scene.dtype, scene.band_nodata, scene.also_nodata, scene.scale, scene.offset)
        + ((scene.quality,) if scene.quality_layers else ())
    )
    second = scene.second
    joined = {} if second is None else {"second raster": [second.raster.path.name, second.resampling]}
    return {
        **joined,
        "model": bundle.id,
        "scene": scene.path.name,
        "size of the scene": size,
        "time of the scene": modified,
        "description of the scene": hashlib.sha256(description.encode()).hexdigest()[:16],
        "rows, columns, first row and first column of the map": None
        if is_whole
        else [*part.window.shape, part.window.row, part.window.col],
        "pixels of the mask": None
        if part.inside is None
        else hashlib.sha256(np.packbits(part.inside).tobytes()).hexdigest()[:16],
        "min_confidence": params.min_confidence,
        "smooth": params.smooth,
        "coverage of the prediction sets": params.coverage,
        "kind of the prediction sets": params.set_method,
        "device": device,
        "hsi-engine": found["hsi-engine"],
        "torch": found["torch"],
    }


def _size_and_time(scene: Scene) -> tuple[int | None, str | None]:
    """Bytes of all files of a scene, and when the newest of them was written; None for names that are not files."""
    try:
        files = [file.stat() for file in lasting(scene.files)]
    except OSError:
        return None, None
    newest = max((file.st_mtime for file in files), default=0.0)
    return sum(file.st_size for file in files), datetime.fromtimestamp(newest, timezone.utc).isoformat()


@dataclass(frozen=True, kw_only=True)
class TilesToMap:
    """What remains to be done, and what is done already, of a plan.

    Parameters
    ----------
    plan : the tiles of the strips that are not finished as a whole.
    finished : the tiles that need not be computed, before the plan and among its tiles.
    """

    plan: TilePlan
    finished: tuple[FinishedTile, ...] = ()

    @property
    def count(self) -> int:
        """Number of tiles, those included that lie before the plan."""
        return len(self.plan) + sum(tile.window.row_end <= self.plan.first_row for tile in self.finished)

    @classmethod
    def of(
        cls, shape: tuple[int, int], finished: Sequence[FinishedTile], *, strip_rows: int, tile_cols: int
    ) -> TilesToMap:
        """Plan what follows ``finished``, whose tiles may have another size.

        Of a strip that was begun with tiles of another size, nothing is kept.
        """
        ends = [tile.window.row_end for tile in finished if tile.window.col_end == shape[1]]
        plan = TilePlan(shape=shape, strip_rows=strip_rows, tile_cols=tile_cols, first_row=max(ends, default=0))
        planned = set(plan)
        kept = [tile for tile in finished if tile.window.row_end <= plan.first_row or tile.window in planned]
        return cls(plan=plan, finished=tuple(kept))


class KeptTiles:
    """Keeps an unfinished map while a block runs, reports it on failure and deletes it on success.

    Raises
    ------
    OutputError : the folder cannot be written to.
    """

    def __init__(self, unfinished: UnfinishedMap, reporter: Reporter) -> None:
        self._unfinished = unfinished
        self._reporter = reporter

    def __enter__(self) -> None:
        self._reporter.if_cancelled(f"Cancelled; no map was written. {self._unfinished.kept_message}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._unfinished.close()
        if error is not None and not _leaves_nothing_to_do(error):
            tell_what_is_kept(error, self._unfinished.kept_message, self._reporter)
            return
        self._reporter.if_cancelled()
        try:
            self._unfinished.remove()
        except OSError as problem:
            self._reporter.log(
                f"The folder {self._unfinished.path} is no longer needed, but cannot be removed: {problem.strerror}.",
                "warning",
            )


def _leaves_nothing_to_do(error: BaseException) -> bool:
    return isinstance(error, SceneError) and error.code == f"{SceneError.family}.{NO_VALID_PIXEL}"
