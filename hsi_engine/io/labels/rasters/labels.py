"""Labels that are a raster of class values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.errors import RasterioError

from ....classes.legend import NODATA_VALUE, Legend
from ....errors import LabelError, SceneError
from ....pixels.grid import Grid
from ....pixels.labelled_pixels import LabelledPixels, StripCollector
from ....reporting import Reporter
from ...files.source_hash import sha256_of_source
from ...legends.class_values import check_class_count
from ...legends.legend_files import LEGEND_SUPPLIES_ALL, compose_legend, require_values
from ...rasters.open_raster import gdal_settings, open_raster
from ...rasters.rasterio_values import grid_of
from ..class_zero import judge_zero
from ..types import Labels, ResamplingRule
from .class_strips import class_strips, declared_nodata, require_one_band
from .classes import read_raster_classes
from .grids import relate_grids
from .raster_classes import RasterClasses
from .shared_pixels import placed_strips
from .warped_strips import ValueArray, warped_strips


@dataclass(frozen=True, kw_only=True, eq=False)
class _OnGrid:
    """A raster on the grid asked for.

    ``strips`` yields first row, class values (rows, cols) with 0 if the file says nothing, and how many pixels of the
    file hold the value 0; ``classes`` reads what it states about these values; ``nodata`` is what it declares, if not 0.
    """

    strips: Iterator[tuple[int, ValueArray, int]]
    classes: Callable[[Sequence[int]], RasterClasses]
    nodata: float | None
    notes: tuple[str, ...]


def read_raster_labels(
    path: Path,
    grid: Grid,
    *,
    resampling: ResamplingRule,
    legend: Legend | None,
    shown: str,
    reporter: Reporter | None = None,
) -> Labels:
    """Labels from a raster; parameters and errors as in :func:`hsi_engine.io.labels.labels.read_labels`."""
    # Here and not above: scipy.ndimage takes a fifth of a second to load, and most jobs read other labels.
    from .connected_regions import RegionNumbering

    regions, labelled, zeros = RegionNumbering(), StripCollector(), 0
    seen: set[int] = set()
    with _on_grid(path, grid, resampling, shown) as raster:
        for top, strip, zero in raster.strips:
            _report(reporter, top + len(strip), grid.shape[0])
            seen.update(np.unique(strip[strip > 0]).tolist())
            check_class_count(len(seen), path.name, at_least=True)  # each class of a strip is gone over separately
            regions.add(strip)
            labelled.add(top, strip)
            zeros += zero
        rows, cols, values = labelled.finish()
        occurring = [int(value) for value in np.unique(values)]
        classes = raster.classes([NODATA_VALUE, *occurring] if zeros else occurring)
    said, warnings = judge_zero(
        zeros,
        what="pixels",
        place=path.name,
        name=classes.names.get(NODATA_VALUE),
        nodata=raster.nodata,
        excused=legend is not None,
    )
    if not occurring:
        raise LabelError(
            f"{path.name} labels no pixel of the {shown}: all its values there are 0 or nodata.",
            code="empty",
            hint=f"Check that it is a raster of classes and shows the same place as the {shown}.",
        )
    file_names = {} if legend is None else classes.names
    if legend is not None:
        require_values(legend, path.name)
        if np.isin(occurring, legend.values).all():
            classes = RasterClasses(notes=(LEGEND_SUPPLIES_ALL,))
    composed, composing = compose_legend(occurring, given=legend, names=classes.names, colours=classes.colours)
    return Labels(
        pixels=LabelledPixels(rows=rows, cols=cols, values=values, groups=regions.finish(), shape=grid.shape),
        legend=composed,
        notes=(*raster.notes, *classes.notes, *said, *composing),
        source={
            "path": str(path),
            "sha256": sha256_of_source(path),
            "resampling": resampling,
        },
        warnings=warnings,
        zeros=zeros,
        file_names=file_names,
    )


def _report(reporter: Reporter | None, row: int, rows: int) -> None:
    if reporter is not None:
        reporter.check_cancelled()
        reporter.progress(min(1.0, row / rows), f"Reading the labels: {row:,} of {rows:,} rows")


def read_raster_split(
    path: Path, grid: Grid, rows: npt.NDArray[Any], cols: npt.NDArray[Any], *, shown: str
) -> ValueArray:
    """Values (n,) of a split or mask on the same grid at the pixels (rows, cols); 0 if there is none."""
    values = np.zeros(len(rows), dtype=np.int32)
    with _on_grid(path, grid, "refuse", shown) as raster:
        for top, strip, _ in raster.strips:
            inside = np.flatnonzero((rows >= top) & (rows < top + len(strip)))
            values[inside] = strip[rows[inside] - top, cols[inside]]
    return values


@contextmanager
def _on_grid(path: Path, grid: Grid, resampling: ResamplingRule, shown: str) -> Iterator[_OnGrid]:
    """The raster while it is open."""
    try:
        with gdal_settings():
            dataset, _ = open_raster(path)
            with dataset:
                require_one_band(dataset, path)
                own = grid_of(dataset)
                relation = relate_grids(own, grid, rule=resampling, place=path.name, shown=shown)
                strips = class_strips(dataset, path.name)
                if relation.offset != (0, 0) or (not relation.mismatch and own.shape != grid.shape):
                    strips = placed_strips(strips, relation.offset, grid.shape)
                if relation.mismatch and resampling != "refuse":
                    strips = warped_strips(strips, own.shape, relation.own, grid, resampling)
                yield _OnGrid(
                    strips=strips,
                    classes=partial(read_raster_classes, dataset, path),
                    nodata=declared_nodata(dataset),
                    notes=relation.notes,
                )
    except SceneError as error:
        raise _as_label_error(error, path) from error
    except RasterioError as error:
        raise LabelError(
            f"{path} cannot be read: {error}.",
            code="unreadable",
            hint="Copy the file again; it may be damaged.",
        ) from error


def _as_label_error(error: SceneError, path: Path) -> LabelError:
    code = error.code.partition(".")[2]
    if code == "not_a_raster":
        _, says, reason = error.message.partition(" GDAL says:")
        return LabelError(
            f"{path} is neither a vector file nor a raster that GDAL can read.{says}{reason}",
            code="not_labels",
            hint="Labels are polygons or points (such as .gpkg, .shp, .geojson) or a raster of class values.",
        )
    return LabelError(error.message, code=code, hint=error.hint)
