"""Some rows of a map, made by one of several processes, and the file by which their pixels get to the one that gathers them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ....bundle.model_file import read_bundle
from ....inference.denoising.denoised_reader import as_seen_by
from ....io.files.temporary_files import target_of
from ....io.maps.unfinished_map import FinishedTile
from ....io.scenes.scene import open_scene
from ....pixels.window import TilePlan, Window
from ....reporting import Reporter
from ....runtime.device import resolve_device
from ..map_files import MappedTile
from ..operation import ClassifySceneParams
from ..part import read_part
from ..pipeline import make_mapper, make_predictor
from ..sources import sources_of


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A lot of rows: whole strips of a plan.

    Parameters
    ----------
    number : their place among all.
    plan : of the whole map.
    tiles : those of the plan that are to be mapped.
    file : where their pixels go.
    """

    number: int
    plan: TilePlan
    tiles: tuple[Window, ...]
    file: Path

    def to_json(self) -> dict[str, Any]:
        """For another process."""
        plan = asdict(self.plan)
        return {
            "number": self.number,
            "plan": plan,
            "tiles": [asdict(tile) for tile in self.tiles],
            "file": str(self.file),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Rows:
        """Of :meth:`to_json`."""
        plan = TilePlan(**{**data["plan"], "shape": tuple(data["plan"]["shape"])})
        tiles = tuple(Window(**tile) for tile in data["tiles"])
        return cls(number=data["number"], plan=plan, tiles=tiles, file=Path(data["file"]))


class RowsMapper:
    """Opens the scene and loads the model once, and maps rows; a context manager.

    Raises
    ------
    HsiError : as :func:`..run.map_scene`.
    """

    def __init__(self, params: ClassifySceneParams, reporter: Reporter) -> None:
        self._reporter = reporter
        self._stack = ExitStack()
        device = resolve_device(params.device)
        sources = sources_of(params, read_bundle(params.model))
        with self._stack:
            reader = self._stack.enter_context(open_scene(sources.scene))
            part = read_part(params, reader.scene.grid).part
            predictor = make_predictor(params, sources.bundle, reader.scene, device)
            self._mapper = make_mapper(params, predictor, sources.bundle, part)
            self._reader = as_seen_by(sources.bundle, reader, device)
            self._stack = self._stack.pop_all()

    def __enter__(self) -> RowsMapper:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def map(self, rows: Rows) -> list[dict[str, Any]]:
        """Map rows, and write their pixels into the file; what :func:`read_tiles` needs besides it, as JSON values."""
        wanted = set(rows.tiles)
        others = [tile for tile in rows.plan if tile not in wanted]
        warn = partial(self._reporter.log, level="warning")
        tiles = [
            self._mapper.mapped(t) for t in self._mapper.predictions(self._reader, rows.plan, others, warn=warn).tiles()
        ]
        arrays = {f"{n}/{name}": data for n, tile in enumerate(tiles) for name, data in tile.rasters.items()}
        with rows.file.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        return [
            {"counted": tile.counted.to_json(), "place": asdict(tile.place), "rasters": list(tile.rasters)}
            for tile in tiles
        ]


def read_tiles(file: Path, tiles: Sequence[dict[str, Any]]) -> Iterator[MappedTile]:
    """The tiles that :meth:`RowsMapper.map` has made."""
    with np.load(file, allow_pickle=False) as arrays:
        for n, tile in enumerate(tiles):
            yield MappedTile(
                counted=FinishedTile.from_json(tile["counted"]),
                place=Window(**tile["place"]),
                rasters={name: arrays[f"{n}/{name}"] for name in tile["rasters"]},
            )


def rows_file(output: Path, prefix: str) -> Path:
    """A hidden file next to the map."""
    return output.with_name(prefix + target_of(output).name)
