"""Masks that can be used, and those that cannot, in words."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from affine import Affine

import make_scenes
from hsi_engine.errors import HsiError, LabelError, MismatchError
from hsi_engine.io.files.source_names import SourcePath
from hsi_engine.io.maps import map_mask
from hsi_engine.io.maps.map_mask import read_mask
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import Window

ROWS, COLS = 21, 33
GRID = Grid(crs=pyproj.CRS("EPSG:32633").to_wkt(), transform=make_scenes.NORTH_UP, shape=(ROWS, COLS))


def write_raster(path: Path, values: np.ndarray, **profile: Any) -> Path:
    bands = values[None] if values.ndim == 2 else values
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=len(bands),
        height=bands.shape[1],
        width=bands.shape[2],
        dtype=bands.dtype.name,
        **({"crs": "EPSG:32633", "transform": make_scenes.NORTH_UP} | profile),
    ) as file:
        file.write(bands)
    return path


def write_polygons(path: Path, *geometries: shapely.Geometry, crs: str | None = "EPSG:32633", **options: Any) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a file without a CRS
        geopandas.GeoDataFrame(geometry=list(geometries), crs=crs).to_file(path, **options)
    return path


def box(row: float, col: float, row_end: float, col_end: float, grid: Grid = GRID) -> shapely.Polygon:
    return shapely.box(*(grid.transform @ (col, row)), *(grid.transform @ (col_end, row_end)))


@pytest.mark.parametrize("strip_px", [1, 100, 2**20])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
def test_what_is_neither_0_nor_nodata_nor_nan_is_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: str, strip_px: int
) -> None:
    monkeypatch.setattr(map_mask, "_STRIP_PX", strip_px)
    values = np.zeros((ROWS, COLS), dtype)
    values[3:9, 4:20] = 1
    values[12, 25] = 200
    values[5, 7] = 9  # no data
    if dtype == "float32":
        values[6, 8] = np.nan
    path = write_raster(tmp_path / "mask.tif", values, nodata=9)
    expected = np.nan_to_num(values) > 0
    expected[5, 7] = False
    part = read_mask(path, GRID, None).part
    assert part.window == Window(row=3, col=4, height=10, width=22)
    np.testing.assert_array_equal(part.inside, expected[part.window.slices()])
    extent = Window(row=4, col=0, height=3, width=11)
    part = read_mask(path, GRID, extent).part
    assert part.window == extent
    np.testing.assert_array_equal(part.inside, expected[extent.slices()])


def test_polygons_take_the_pixels_whose_centres_they_cover(tmp_path: Path) -> None:
    ring = shapely.difference(box(2.4, 3.6, 9.6, 12.4), box(4, 6, 6, 9))
    path = write_polygons(tmp_path / "mask.gpkg", ring, box(-50, -50, -40, -40))
    expected = np.zeros((ROWS, COLS), bool)
    expected[2:10, 4:12] = True
    expected[4:6, 6:9] = False
    found = read_mask(path, GRID, None)
    assert found.part.window == Window(row=2, col=4, height=8, width=8)
    np.testing.assert_array_equal(found.part.inside, expected[2:10, 4:12])
    assert found.notes == ()
    extent = Window(row=0, col=0, height=5, width=COLS)
    np.testing.assert_array_equal(read_mask(path, GRID, extent).part.inside, expected[extent.slices()])


def test_what_is_changed_or_left_out_is_said(tmp_path: Path) -> None:
    x, y = GRID.transform @ (4, 4)
    bow_tie = shapely.Polygon([(x, y), (x + 300, y - 300), (x + 300, y), (x, y - 300)])
    path = write_polygons(tmp_path / "mask.gpkg", shapely.GeometryCollection([bow_tie, shapely.Point(x, y)]))
    found = read_mask(path, GRID, None)
    assert found.notes == (
        "Points and lines of the mask, left out: 1.",
        "Invalid polygons of the mask (such as self-crossing outlines), made valid: 1.",
    )
    assert found.part.n_pixels == pytest.approx(50, abs=10)


def test_a_scene_without_coordinates_has_its_rows_below_zero(tmp_path: Path) -> None:
    grid = Grid(crs=None, transform=Affine.identity(), shape=(ROWS, COLS))
    path = write_polygons(tmp_path / "mask.gpkg", shapely.box(3, -9, 8, -4), crs=None)
    found = read_mask(path, grid, None)
    assert found.part.window == Window(row=4, col=3, height=5, width=5)
    assert found.part.n_outside == 0
    assert found.notes == ("The scene has no map coordinates: y of the mask is read as minus the row, as in a GIS.",)


@pytest.mark.parametrize("top", [0, 3])
def test_a_mask_that_reaches_the_upper_edge_of_such_a_scene_covers_what_lies_under_it(tmp_path: Path, top: int) -> None:
    grid = Grid(crs=None, transform=Affine.identity(), shape=(ROWS, COLS))
    path = write_polygons(tmp_path / "mask.gpkg", shapely.box(0, -9, COLS, top), crs=None)
    found = read_mask(path, grid, None)
    assert found.part.window == Window(row=0, col=0, height=9, width=COLS)
    assert found.part.n_outside == 0
    assert "minus the row" in found.notes[0]


def refused(path: Path, grid: Grid = GRID) -> HsiError:
    with pytest.raises((LabelError, MismatchError)) as caught:
        read_mask(path, grid, None)
    assert caught.value.hint
    assert "mask" in caught.value.message
    return caught.value


def test_a_raster_on_another_grid_is_refused(tmp_path: Path) -> None:
    values = np.ones((ROWS, COLS), np.uint8)
    shifted = make_scenes.NORTH_UP @ Affine.translation(0.5, 0)
    error = refused(write_raster(tmp_path / "a.tif", values, transform=shifted))
    assert error.code == "mismatch.grid"
    assert "a.tif is not on the grid of the scene: the pixels are shifted by 0.50 columns" in error.message
    assert "the size is 21×33 pixels against 20×33" in refused(write_raster(tmp_path / "b.tif", values[1:])).message
    assert "use polygons" in error.hint


def test_a_raster_of_several_bands_is_refused(tmp_path: Path) -> None:
    error = refused(write_raster(tmp_path / "a.tif", np.ones((3, ROWS, COLS), np.int16)))
    assert "has 3 bands; a mask has one" in error.message


def test_a_mask_that_is_empty_or_elsewhere_is_refused(tmp_path: Path) -> None:
    empty = refused(write_raster(tmp_path / "a.tif", np.zeros((ROWS, COLS), np.uint8)))
    assert (empty.code, "No pixel of the scene lies inside" in empty.message) == ("mismatch.empty_mask", True)
    tiny = refused(write_polygons(tmp_path / "tiny.gpkg", box(2.1, 2.1, 2.2, 2.2)))
    assert tiny.code == "mismatch.empty_mask"
    far = refused(write_polygons(tmp_path / "far.gpkg", box(100, 100, 110, 120)))
    assert far.code == "mismatch.no_overlap"
    assert "the scene over x 364095 to 365085" in far.message


def test_vectors_without_polygons_or_crs_or_with_several_layers_are_refused(tmp_path: Path) -> None:
    lines = refused(write_polygons(tmp_path / "lines.gpkg", shapely.LineString([(0, 0), (1, 1)])))
    assert "holds no polygon (points and lines: 1)" in lines.message
    without_crs = refused(write_polygons(tmp_path / "no_crs.shp", box(1, 1, 5, 5), crs=None))
    assert "no_crs.shp has no CRS" in without_crs.message
    path = write_polygons(tmp_path / "two.gpkg", box(1, 1, 5, 5), layer="one")
    several = refused(write_polygons(path, box(1, 1, 5, 5), layer="two"))
    assert "holds 2 layers" in several.message
    assert several.hint == "Name the layer, as in file.gpkg|layername=fields, or save it to a separate file."


def test_one_layer_of_several_is_named_after_a_bar(tmp_path: Path) -> None:
    path = write_polygons(tmp_path / "two.gpkg", box(1, 1, 5, 6), layer="one")
    write_polygons(path, box(7, 2, 11, 20), layer="two")
    assert read_mask(Path(f"{path}|layername=two"), GRID, None).part.window == Window(row=7, col=2, height=4, width=18)
    missing = refused(Path(f"{path}|layername=three"))
    assert "has no layer 'three' with geometries; found: one, two" in missing.message
    assert missing.hint == "Name one of these layers after the |."
    options = refused(Path(f"{path}|layerid=1"))
    assert "only layername= is understood; found layerid=1" in options.message
    assert options.code == "labels.source_options"


@pytest.mark.parametrize("inner", ["mask.shp", "mask.tif"])
def test_a_mask_in_an_archive_is_read_as_gdal_names_it(tmp_path: Path, inner: str) -> None:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    if inner.endswith(".shp"):
        write_polygons(folder / inner, box(2, 3, 9, 14))
    else:
        write_raster(folder / inner, np.pad(np.ones((7, 11), "uint8"), ((2, ROWS - 9), (3, COLS - 14))))
    archive = shutil.make_archive(str(tmp_path / "masks"), "zip", folder)
    part = read_mask(SourcePath(f"/vsizip/{archive}/{inner}"), GRID, None).part
    assert part.window == Window(row=2, col=3, height=7, width=11)
    assert part.inside is not None
    assert part.inside.all()
    assert "cannot be opened" in refused(SourcePath(f"/vsizip/{archive}/other.tif")).message


def test_a_file_that_is_missing_or_nothing_of_the_kind_is_refused(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "missing.gpkg").message
    (tmp_path / "notes.txt").write_text("polygons", encoding="utf-8")
    assert (
        refused(tmp_path / "notes.txt").hint
        == "A mask consists of polygons (such as .gpkg, .shp, .geojson) or is a raster."
    )
