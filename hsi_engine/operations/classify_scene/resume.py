"""Resuming an interrupted mapping."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ...bundle.model_bundle import ModelBundle
from ...errors import SceneError
from ...io.files.file_identity import identity_of_files, lasting
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

    Memory and tiles are left out: the map does not depend on them, and less memory may be why a job is started again.
    """
    found = versions()
    is_whole = part.window == Window.of_shape(scene.grid.shape)
    second = scene.second
    joined = {} if second is None else {"second raster": [second.raster.path.name, second.resampling]}
    return {
        **joined,
        "model": bundle.id,
        "scene": scene.path.name,
        **scene_state(scene),
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


def scene_state(scene: Scene) -> dict[str, Any]:
    """What shows that the pixels of a scene are the same as before, and are read in the same way, as JSON values.

    Its files are known by name, size and time, not by content, which would take as long to read as to map; nor by folder, so
    that the scene may be mapped from another copy of an archive. They include all that a VRT names. What side files such as
    ``.aux.xml`` say of the pixels is in the description.
    """
    size, modified, files = _files_of(scene)
    described = repr(
        (scene.grid, scene.bands, scene.dtype, scene.band_nodata, scene.also_nodata, scene.scale, scene.offset)
        + ((scene.quality,) if scene.quality_layers else ())
    )
    return {
        "size of the scene": size,
        "time of the scene": modified,
        "description of the scene": _digest(described),
        "files of the scene": files,
    }


def _files_of(scene: Scene) -> tuple[int, str, str] | tuple[None, None, None]:
    """Bytes of all files of a scene, when the newest was written, and a digest of the names, sizes and times of all; None for
    names that are not files.
    """
    try:
        files = lasting(scene.files)
        newest = max((file.stat().st_mtime for file in files), default=0.0)
        found = sorted((Path(path).name, size, time) for path, size, time, *_ in identity_of_files(files))
    except OSError:
        return None, None, None
    written = datetime.fromtimestamp(newest, timezone.utc).isoformat()
    return sum(size for _, size, _ in found), written, _digest(repr(found))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


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
