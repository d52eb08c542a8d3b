"""Labels that are a raster of class values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from rasterio.enums import ColorInterp
from rasterio.errors import RasterioError
from rasterio.windows import Window

from ..errors import LabelError, SceneError
from ..grid import Grid
from ..labelled_pixels import LabelledPixels, StripCollector
from ..legend import Legend
from .class_values import check_class_values
from .connected_regions import RegionNumbering
from .file_masks import transparent_bands
from .label_types import Labels, ResamplingRule
from .legend_files import LEGEND_SUPPLIES_ALL, compose_legend, style_names_and_colours
from .pam import read_pam_classes
from .qml_legend import read_qml
from .raster_grid import ValueArray, relate_grids, resample
from .raster_source import gdal_settings, open_raster
from .source_hash import sha256_of_source

# Read at once, and numbered: some 40 MB.
_STRIP_PX = 2**20
_COLOURS = {ColorInterp.red, ColorInterp.green, ColorInterp.blue}

_OnGrid: TypeAlias = tuple[Iterator[tuple[int, ValueArray]], dict[int, tuple[int, ...]], tuple[str, ...]]


def read_raster_labels(
    path: Path, grid: Grid, *, resampling: ResamplingRule, legend: Legend | None, shown: str
) -> Labels:
    """Labels from a raster; parameters and errors as in :func:`hsi_engine.io.labels.read_labels`."""
    regions, labelled = RegionNumbering(), StripCollector()
    with _values_on_grid(path, grid, resampling, shown) as (strips, table, notes):
        for top, strip in strips:
            regions.add(strip)
            labelled.add(top, strip)
    rows, cols, values = labelled.finish()
    occurring = np.unique(values)
    if not len(occurring):
        raise LabelError(
            f"{path.name} labels no pixel of the {shown}: all its values there are 0 or nodata.",
            code="empty",
            hint=f"Check that it is the raster of classes and shows the same place as the {shown}.",
        )
    names, colours, described = _names_and_colours(path, table, occurring, legend)
    composed, composing = compose_legend(occurring, given=legend, names=names, colours=colours)
    return Labels(
        pixels=LabelledPixels(rows=rows, cols=cols, values=values, groups=regions.finish(), shape=grid.shape),
        legend=composed,
        notes=(*notes, *described, *composing),
        source={
            "path": str(path),
            "sha256": sha256_of_source(path),
            "resampling": resampling,
        },
    )


def read_raster_split(
    path: Path, grid: Grid, rows: npt.NDArray[Any], cols: npt.NDArray[Any], *, shown: str
) -> ValueArray:
    """Values (n,) of a split or mask on the same grid at the pixels (rows, cols); 0 where it says nothing."""
    values = np.zeros(len(rows), dtype=np.int32)
    with _values_on_grid(path, grid, "refuse", shown) as (strips, _, _):
        for top, strip in strips:
            inside = np.flatnonzero((rows >= top) & (rows < top + len(strip)))
            values[inside] = strip[rows[inside] - top, cols[inside]]
    return values


@contextmanager
def _values_on_grid(path: Path, grid: Grid, resampling: ResamplingRule, shown: str) -> Iterator[_OnGrid]:
    """The values strip by strip on the grid, the colour table by value (red, green, blue, alpha), and notes."""
    try:
        with gdal_settings():
            dataset, _ = open_raster(path)
            with dataset:
                _require_one_band(dataset, path)
                own = Grid(
                    crs=dataset.crs.to_wkt() if dataset.crs else None,
                    transform=dataset.transform,
                    shape=dataset.shape,
                )
                relation = relate_grids(own, grid, rule=resampling, place=path.name, shown=shown)
                strips = _strips(dataset, path.name)
                if relation.mismatch and resampling != "refuse":
                    whole = np.concatenate([strip for _, strip in strips])
                    strips = iter([(0, resample(whole, relation.own, grid, resampling))])
                yield strips, _colour_table(dataset), relation.notes
    except SceneError as error:
        raise _as_label_error(error, path) from error
    except RasterioError as error:
        raise LabelError(
            f"{path} cannot be read: {error}.",
            code="unreadable",
            hint="Copy the file again; it may be damaged.",
        ) from error


def _strips(dataset: Any, place: str) -> Iterator[tuple[int, ValueArray]]:
    """First row and class values (rows, cols) of each strip of whole blocks, 0 where the file says nothing."""
    rows, cols = dataset.shape
    block_rows = min(dataset.block_shapes[0][0], rows)
    height = max(1, _STRIP_PX // (block_rows * cols)) * block_rows
    transparent = transparent_bands(dataset)
    band = next(number for number in dataset.indexes if number - 1 not in transparent)
    for top in range(0, rows, height):
        window = Window(0, top, cols, min(height, rows - top))
        stored, said = dataset.read(band, window=window), dataset.read_masks(band, window=window) > 0
        for alpha in transparent:
            said &= dataset.read(alpha + 1, window=window) > 0
        if np.issubdtype(stored.dtype, np.floating):
            said &= ~np.isnan(stored)
        yield top, check_class_values(np.where(said, stored, 0), place).astype(np.int32)


def _as_label_error(error: SceneError, path: Path) -> LabelError:
    code = error.code.partition(".")[2]
    if code == "not_a_raster":
        return LabelError(
            f"{path} is neither a vector file nor a raster that GDAL can read.",
            code="not_labels",
            hint="Labels are polygons or points (such as .gpkg, .shp, .geojson) or a raster of class values.",
        )
    return LabelError(error.message, code=code, hint=error.hint)


def _require_one_band(dataset: Any, path: Path) -> None:
    roles = list(dataset.colorinterp)
    if set(roles) >= _COLOURS:
        raise LabelError(
            f"{path} is a picture in {'RGBA' if ColorInterp.alpha in roles else 'RGB'} colours,"
            " not a raster of class values.",
            code="rgb",
            hint="Export the classes as raw data in one band (QGIS: Export, Raw data, not Rendered image).",
        )
    if len([role for role in roles if role != ColorInterp.alpha]) != 1:
        raise LabelError(
            f"{path} has {dataset.count} bands; a raster of class values has one.",
            code="bands",
            hint="Extract the band that holds the classes.",
        )


def _colour_table(dataset: Any) -> dict[int, tuple[int, ...]]:
    try:
        return dict(dataset.colormap(1))
    except ValueError:  # rasterio's way to say that there is none
        return {}


def _names_and_colours(
    path: Path, table: dict[int, tuple[int, ...]], occurring: npt.NDArray[Any], legend: Legend | None
) -> tuple[dict[int, str], dict[int, str], tuple[str, ...]]:
    """From the colour table, then attribute table or category names, then a QGIS style; the later wins.

    Nothing where a given legend knows all classes.
    """
    if legend is not None and np.isin(occurring, legend.values).all():
        return {}, {}, (LEGEND_SUPPLIES_ALL,)
    notes: list[str] = []
    names: dict[int, str] = {}
    colours = {int(v): "#{:02x}{:02x}{:02x}".format(*table[v]) for v in occurring if v in table}
    if len(set(colours.values())) < len(colours):
        notes.append("The colour table gives the same colour to several classes; it is not used.")
        colours = {}
    attributes = read_pam_classes(path)
    if attributes:
        names |= {value: name for value, (name, _) in attributes.items()}
        colours |= {value: colour for value, (_, colour) in attributes.items() if colour}
        notes.append(f"Class names come from {path.name}.aux.xml.")
    style = path.with_suffix(".qml")
    if style.is_file():
        try:
            styled_names, styled_colours = style_names_and_colours(read_qml(style))
        except LabelError as error:
            notes.append(f"The style beside the labels was ignored. {error.message}")
        else:
            names, colours = names | styled_names, colours | styled_colours
            notes.append(f"Class names and colours come from {style.name}.")
    return names, colours, tuple(notes)
