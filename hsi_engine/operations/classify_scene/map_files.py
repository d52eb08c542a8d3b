"""The rasters of one map: gathered tile by tile, styled at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy.typing as npt

from ...classes.legend import Legend
from ...io.files.outputs import StagedOutputs
from ...io.maps.class_map import ClassMapWriter, NumberMapWriter
from ...io.maps.unfinished_map import FinishedTile, UnfinishedMap
from ...io.scenes.output.cloud_optimized import make_cloud_optimized
from ...pixels.grid import Grid
from ...pixels.window import Window
from ...reporting import Reporter
from ..definition.base import OperationParams
from .product import MapProduct
from .products import PRODUCTS


def map_outputs(params: OperationParams) -> dict[MapProduct, Path]:
    """The products that are asked for, and the file of each."""
    named = {product: product.path_in(params) for product in PRODUCTS}
    return {product: path for product, path in named.items() if path is not None}


def map_results(params: OperationParams) -> dict[str, Any]:
    """The fields of :class:`.outputs.MapRasters`."""
    return {product.parameter: product.path_in(params) for product in PRODUCTS}


def report_map_outputs(params: OperationParams, reporter: Reporter) -> None:
    """Report each of them as finished."""
    for product, path in map_outputs(params).items():
        reporter.artifact(product.name, path)


@dataclass(frozen=True, kw_only=True, eq=False)
class MappedTile:
    """What goes into the files for one tile.

    Parameters
    ----------
    counted : the tile and what was counted in it.
    place : the pixels of the tile that the arrays hold; the others have no data.
    rasters : arrays by the names of the products, (rows, cols), or (bands, rows, cols) if there are several bands; empty for
        a tile without any data, which is what files hold unless something is written.
    """

    counted: FinishedTile
    place: Window
    rasters: dict[str, npt.NDArray[Any]]


class MapFiles:
    """The rasters of one job, staged.

    Parameters
    ----------
    outputs : the file of each product.
    unfinished : gathers the pixels if they are to outlast a job that ends early.
    tags : what the raster of a product says of itself.
    cog : if given, the finished files are rearranged to be cloud optimized; receives the progress of that.
    """

    def __init__(
        self,
        outputs: Mapping[MapProduct, Path],
        grid: Grid,
        legend: Legend,
        stage: StagedOutputs,
        unfinished: UnfinishedMap | None,
        tags: Callable[[MapProduct], Mapping[str, str]],
        cog: Reporter | None = None,
    ) -> None:
        self._legend = legend
        self._cog = cog
        self._stack = ExitStack()
        self._staged: dict[MapProduct, Path] = {}
        self._writers: dict[str, ClassMapWriter | NumberMapWriter] = {}
        for product, raster in outputs.items():
            self._staged[product] = path = stage.path(raster)
            # Named now, so that they are renamed right after the raster that they belong to.
            for sidecar in () if product.style is None else product.style.files(raster):
                stage.path(sidecar)
            pixels = None if unfinished is None else unfinished.pixels(product.name)
            self._writers[product.name] = (
                ClassMapWriter(
                    path,
                    grid,
                    product.legend_of(legend),
                    pixels=pixels,
                    tags=tags(product),
                )
                if product.bands is None
                else NumberMapWriter(
                    path,
                    grid,
                    product.bands(legend),
                    dtype=product.dtype,
                    nodata=product.nodata,
                    pixels=pixels,
                    tags=tags(product),
                )
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
            for product, raster in self._staged.items():
                if self._cog is not None:
                    _make_cog(raster, product, self._cog)
                if product.style is not None:
                    product.style.write(raster, product.legend_of(self._legend))

    def write(self, tile: MappedTile) -> None:
        """Write what is known of a tile."""
        for name, data in tile.rasters.items():
            self._writers[name].write(tile.place, data)

    def sync(self) -> None:
        """Return when all that was written is on the disk."""
        for writer in self._writers.values():
            writer.sync()


def _make_cog(raster: Path, product: MapProduct, reporter: Reporter) -> None:
    def progress(share: float) -> None:
        reporter.progress(1.0, "Writing the map as a cloud-optimized GeoTIFF")

    # Differences of neighbours compress measurements well, and codes badly.
    measured = product.dtype == "float32" and product.bands is not None
    make_cloud_optimized(raster, reporter.check_cancelled, progress, predictor=measured)
