import random
import threading
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import LabelError, OutputError
from hsi_engine.io.files.outputs import StagedOutputs, sha256_of
from hsi_engine.io.legends.style_files import sidecar_paths, write_class_map_style
from hsi_engine.io.maps.class_map import ClassMapWriter, NumberMapWriter, read_class_map
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import TilePlan, Window

UTM = rasterio.crs.CRS.from_epsg(32633).to_wkt()
GRID = Grid(crs=UTM, transform=Affine(30, 2, 364000, -2, -30, 5810000), shape=(170, 93))
LEGEND = Legend.of({2: "water", 5: "meadow", 11: "soil"}, {2: "#0072b2", 5: "#009e73", 11: "#d55e00"})


def classes(shape: tuple[int, int], values: tuple[int, ...] = (0, 2, 5, 11)) -> np.ndarray:
    return np.random.default_rng(3).choice(np.array(values), shape)


def write(path: Path, values: np.ndarray, grid: Grid, legend: Legend, windows: list[Window], tile: int = 16) -> Path:
    with ClassMapWriter(path, grid, legend, tile=tile) as writer:
        for window in windows:
            writer.write(window, values[window.slices()])
    return path


@settings(max_examples=12, deadline=None)
@given(core=st.integers(7, 200), order=st.integers(0, 5))
def test_the_file_does_not_depend_on_the_windows(
    tmp_path_factory: pytest.TempPathFactory, core: int, order: int
) -> None:
    folder = tmp_path_factory.mktemp("maps")
    values = classes(GRID.shape)
    windows = list(TilePlan(shape=GRID.shape, strip_rows=core, tile_cols=2 * core))
    random.Random(order).shuffle(windows)
    whole = write(folder / "whole.tif", values, GRID, LEGEND, [Window.of_shape(GRID.shape)])
    tiled = write(folder / "tiled.tif", values, GRID, LEGEND, windows)
    assert sha256_of(whole) == sha256_of(tiled)
    assert sorted(p.name for p in folder.iterdir()) == ["tiled.tif", "whole.tif"]


def test_values_grid_and_legend_come_back(tmp_path: Path) -> None:
    values = classes(GRID.shape)
    path = write(tmp_path / "map.tif", values, GRID, LEGEND, [Window.of_shape(GRID.shape)])
    write_class_map_style(path, LEGEND)
    read = read_class_map(path)
    np.testing.assert_array_equal(read.values, values)
    assert read.grid.explain_mismatch(GRID) == ""
    assert read.legend == LEGEND


def test_layout_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "map.tif", classes(GRID.shape), GRID, LEGEND, [Window.of_shape(GRID.shape)])
    with rasterio.open(path) as file:
        assert (file.dtypes, file.nodata, file.count) == (("uint8",), 0, 1)
        assert file.profile["tiled"]
        assert file.compression.value == "DEFLATE"
        assert file.overviews(1) == [2, 4, 8, 16]
        assert file.colormap(1)[5] == (0, 158, 115, 255)
        smaller = file.read(1, out_shape=(85, 47))
    assert set(np.unique(smaller)) <= {0, 2, 5, 11}, "overviews must not mix class values"


def test_pixels_never_written_have_no_data(tmp_path: Path) -> None:
    window = Window(row=3, col=50, height=20, width=9)
    path = write(tmp_path / "map.tif", np.full(GRID.shape, 5), GRID, LEGEND, [window])
    values = read_class_map(path).values
    assert (values[window.slices()] == 5).all()
    assert (values != 0).sum() == 180


def test_large_values_make_a_uint16_map_without_colour_table(tmp_path: Path) -> None:
    legend = Legend.of({7: "a", 300: "b", 65535: "c"})
    values = classes(GRID.shape, (0, 7, 300, 65535))
    path = write(tmp_path / "map.tif", values, GRID, legend, [Window.of_shape(GRID.shape)])
    write_class_map_style(path, legend)
    with rasterio.open(path) as file:
        assert file.dtypes == ("uint16",)
        with pytest.raises(ValueError, match="color"):
            file.colormap(1)
    read = read_class_map(path)
    np.testing.assert_array_equal(read.values, values)
    assert read.legend == legend


@pytest.mark.parametrize("values", [[[256]], [[-1]]])
def test_values_that_do_not_fit_are_refused_not_wrapped(tmp_path: Path, values: list[list[int]]) -> None:
    with (
        pytest.raises(ValueError, match="between 0 and 255"),
        ClassMapWriter(tmp_path / "m.tif", GRID, LEGEND) as writer,
    ):
        writer.write(Window(row=0, col=0, height=1, width=1), np.array(values))
    assert list(tmp_path.iterdir()) == []


def test_windows_outside_the_map_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="do not fit"), ClassMapWriter(tmp_path / "m.tif", GRID, LEGEND) as writer:
        writer.write(Window(row=169, col=0, height=2, width=1), np.ones((2, 1), int))


def test_a_scene_without_map_coordinates(tmp_path: Path) -> None:
    grid = Grid(crs=None, transform=Affine.identity(), shape=(5, 9))
    path = write(tmp_path / "map.tif", classes(grid.shape), grid, LEGEND, [Window.of_shape(grid.shape)])
    read = read_class_map(path)
    legend = read.legend
    assert read.grid == grid
    assert legend is not None
    assert legend.names == ["2", "5", "11"], "the colour table alone tells values and colours"
    assert [c.colour for c in legend] == [c.colour for c in LEGEND]


def test_a_crs_that_geotiff_cannot_hold_survives_the_style(tmp_path: Path) -> None:
    crs = rasterio.crs.CRS.from_user_input(
        "+proj=ob_tran +o_proj=longlat +o_lon_p=-162 +o_lat_p=39.25 +lon_0=180"
    ).to_wkt()
    grid = Grid(crs=crs, transform=Affine(0.1, 0, 5, 0, -0.1, 50), shape=(5, 9))
    target = tmp_path / "map.tif"
    with StagedOutputs() as stage:
        path = write(stage.path(target), classes(grid.shape), grid, LEGEND, [Window.of_shape(grid.shape)])
        assert write_class_map_style(path, LEGEND) == tuple(stage.path(sidecar) for sidecar in sidecar_paths(target))
    read = read_class_map(target)
    assert read.grid.explain_mismatch(grid) == ""
    assert read.legend == LEGEND


def test_float_maps_have_named_bands_and_nodata(tmp_path: Path) -> None:
    data = np.random.default_rng(0).random((2, *GRID.shape), np.float32)
    written = Window(row=0, col=0, height=100, width=93)
    with NumberMapWriter(tmp_path / "p.tif", GRID, ["water", "soil"], tile=16) as writer:
        for tile in TilePlan(shape=written.shape, strip_rows=37, tile_cols=37):
            writer.write(tile, data[(slice(None), *tile.slices())])
    with rasterio.open(tmp_path / "p.tif") as file:
        assert file.descriptions == ("water", "soil")
        read = file.read()
        assert np.isnan(file.nodata)
    np.testing.assert_array_equal(read[:, :100], data[:, :100])
    assert np.isnan(read[:, 100:]).all()


def test_a_map_that_is_abandoned_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), ClassMapWriter(tmp_path / "map.tif", GRID, LEGEND):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_vanished_is_an_output_error(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="cannot be written"),
        ClassMapWriter(tmp_path / "gone" / "m.tif", GRID, LEGEND),
    ):
        pass


def test_a_full_disk_is_an_output_error(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="limits on file sizes exist on POSIX systems only")
    grid = Grid(crs=UTM, transform=GRID.transform, shape=(1000, 1000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(OutputError, match="MiB free"):
            write(tmp_path / "m.tif", np.full(grid.shape, 5), grid, LEGEND, [Window.of_shape(grid.shape)], tile=256)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "m.tif").exists() or (tmp_path / "m.tif").stat().st_size <= 200_000


def test_a_map_is_whole_or_an_error_wherever_the_disk_is_full(tmp_path: Path) -> None:
    """Also where only the end of the file has no room, which GDAL writes when it closes the file, without a word."""
    resource = pytest.importorskip("resource", reason="limits on file sizes exist on POSIX systems only")
    values = classes((300, 200))
    grid = Grid(crs=UTM, transform=GRID.transform, shape=values.shape)
    whole = write(tmp_path / "whole.tif", values, grid, LEGEND, [Window.of_shape(grid.shape)], tile=64)
    size = whole.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    failed = []
    for limit in sorted({*range(500, size, 997), size - 1, size, values.size, values.size + 1}):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            write(tmp_path / "m.tif", values, grid, LEGEND, [Window.of_shape(grid.shape)], tile=64)
            assert sha256_of(tmp_path / "m.tif") == sha256_of(whole), limit
        except OutputError:
            failed.append(limit)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(failed) > 5
    assert max(failed) < max(size, values.size)


def test_a_map_of_nothing_but_nodata_is_whole(tmp_path: Path) -> None:
    grid = Grid(crs=UTM, transform=GRID.transform, shape=(300, 200))
    write(tmp_path / "m.tif", np.zeros(grid.shape, int), grid, LEGEND, [], tile=64)
    with NumberMapWriter(tmp_path / "c.tif", grid, ["confidence"], tile=64):
        pass
    with rasterio.open(tmp_path / "m.tif") as values, rasterio.open(tmp_path / "c.tif") as confidence:
        assert values.overviews(1) == confidence.overviews(1) == [2, 4, 8]
        assert not values.read(1).any()
        assert np.isnan(confidence.read(1)).all()


@pytest.mark.parametrize(("count", "dtype"), [(1, "float32"), (3, "uint8")])
def test_other_rasters_are_no_class_maps(tmp_path: Path, count: int, dtype: str) -> None:
    with rasterio.open(
        tmp_path / "x.tif",
        "w",
        driver="GTiff",
        height=2,
        width=3,
        count=count,
        dtype=dtype,
        crs=UTM,
        transform=GRID.transform,
    ) as target:
        target.write(np.full((count, 2, 3), 0.5, dtype))
    with pytest.raises(LabelError, match=f"found {count} bands? of type {dtype}"):
        read_class_map(tmp_path / "x.tif")


def test_missing_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="does not exist"):
        read_class_map(tmp_path / "x.tif")
    (tmp_path / "x.tif").write_text("no raster")
    with pytest.raises(LabelError, match=r"The class map cannot be read: .*x\.tif is not a raster"):
        read_class_map(tmp_path / "x.tif")


def test_writers_in_two_threads_do_not_meet(tmp_path: Path) -> None:
    values = classes(GRID.shape)
    threads = [
        threading.Thread(
            target=write, args=(tmp_path / f"{i}.tif", values, GRID, LEGEND, [Window.of_shape(GRID.shape)])
        )
        for i in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sha256_of(tmp_path / "0.tif") == sha256_of(tmp_path / "1.tif")
