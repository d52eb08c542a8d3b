"""The rasters of a map: checked before the job, gathered tile by tile, styled at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy.typing as npt

from ...classes.legend import Legend
from ...io.files.outputs import StagedOutputs, check_outputs
from ...io.legends.style_files import check_style_is_ours, sidecar_paths, write_class_map_style, write_confidence_style
from ...io.maps.class_map import ClassMapWriter, FloatMapWriter
from ...io.maps.unfinished_map import FinishedTile, UnfinishedMap
from ...pixels.grid import Grid
from ...pixels.window import Window
from .operation import ClassifySceneParams


def check_map_outputs(params: ClassifySceneParams, *, others: Iterable[str | Path] = ()) -> None:
    """Make sure that the rasters can be written, and that none is one of ``others`` or of what is read.

    Raises
    ------
    OutputError : one of them cannot, or two of them are the same file.
    """
    outputs = list(_outputs(params).values())
    inputs = [params.scene, params.model, *([] if params.mask is None else [params.mask]), *others]
    check_outputs(outputs, inputs=inputs, suffixes=(".tif", ".tiff"))
    for raster in filter(None, (params.output, params.confidence, params.unsmoothed)):
        check_style_is_ours(raster)


def raster_names(params: ClassifySceneParams) -> tuple[str, ...]:
    """The rasters that are asked for: ``class_map``, and ``confidence``, ``probabilities`` and ``unsmoothed`` if they are."""
    return tuple(_outputs(params))


def _outputs(params: ClassifySceneParams) -> dict[str, Path]:
    named = {
        "class_map": params.output,
        "confidence": params.confidence,
        "probabilities": params.probabilities,
        "unsmoothed": params.unsmoothed,
    }
    return {name: path for name, path in named.items() if path is not None}


@dataclass(frozen=True, kw_only=True, eq=False)
class MappedTile:
    """What goes into the files for one tile.

    Parameters
    ----------
    counted : the tile and what was counted in it.
    place : the pixels of the tile that the arrays hold; the others have no data.
    rasters : arrays by the names of :func:`raster_names`, (rows, cols), or (bands, rows, cols) if there are several
        bands; empty for a tile without any data, which is what files hold unless something is written.
    """

    counted: FinishedTile
    place: Window
    rasters: dict[str, npt.NDArray[Any]]


class MapFiles:
    """The rasters of one job, staged.

    Parameters
    ----------
    unfinished : gathers the pixels if they are to outlast a job that ends early.
    tags : what the class maps say of themselves.
    """

    def __init__(
        self,
        params: ClassifySceneParams,
        grid: Grid,
        legend: Legend,
        stage: StagedOutputs,
        unfinished: UnfinishedMap | None,
        tags: Mapping[str, str],
    ) -> None:
        self._legend = legend
        self._class_map = stage.path(params.output)
        self._confidence = None if params.confidence is None else stage.path(params.confidence)
        self._unsmoothed = None if params.unsmoothed is None else stage.path(params.unsmoothed)
        # Named now, so that they are renamed right after the raster that they belong to.
        for raster in filter(None, (params.output, params.confidence, params.unsmoothed)):
            for sidecar in sidecar_paths(raster):
                if raster != params.confidence or sidecar.suffix == ".qml":
                    stage.path(sidecar)
        self._stack = ExitStack()

        def pixels(name: str) -> Path | None:
            return None if unfinished is None else unfinished.pixels(name)

        self._writers: dict[str, ClassMapWriter | FloatMapWriter] = {
            "class_map": ClassMapWriter(self._class_map, grid, legend, pixels=pixels("class_map"), tags=tags)
        }
        if self._confidence is not None:
            self._writers["confidence"] = FloatMapWriter(
                self._confidence, grid, ["confidence"], pixels=pixels("confidence")
            )
        if self._unsmoothed is not None:
            self._writers["unsmoothed"] = ClassMapWriter(
                self._unsmoothed, grid, legend, pixels=pixels("unsmoothed"), tags=tags
            )
        if params.probabilities is not None:
            self._writers["probabilities"] = FloatMapWriter(
                stage.path(params.probabilities), grid, legend.names, pixels=pixels("probabilities")
            )

    def __enter__(self) -> MapFiles:
        with self._stack:
            for writer in self._writers.values():
                self._stack.enter_context(writer)
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        if kind is None:
            write_class_map_style(self._class_map, self._legend)
            if self._unsmoothed is not None:
                write_class_map_style(self._unsmoothed, self._legend)
            if self._confidence is not None:
                write_confidence_style(self._confidence)

    def write(self, tile: MappedTile) -> None:
        """Write what is known of a tile."""
        for name, data in tile.rasters.items():
            self._writers[name].write(tile.place, data)

    def sync(self) -> None:
        """Return when all that was written is on the disk."""
        for writer in self._writers.values():
            writer.sync()
