"""A second raster joined to a scene: on the pixels of the scene, or refused; resampled only when asked for."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from affine import Affine

from hsi_engine.errors import MismatchError, SceneError
from hsi_engine.io.scenes.scene import Scene, describe_scene, open_scene
from hsi_engine.io.scenes.second.joining import join_second
from hsi_engine.pixels.window import Window
from second_rasters import NODATA, heights, write_second

ROWS, COLS, BANDS = 37, 29, 12
MakeScene = Callable[..., Path]


@pytest.fixture
def scene(make_scene: MakeScene) -> Path:
    return make_scene(rows=ROWS, cols=COLS, bands=BANDS)


def grid_of(path: Path) -> Affine:
    with rasterio.open(path) as opened:
        return opened.transform


def joined(scene: Path, second: Path, **options: Any) -> Scene:
    return join_second(describe_scene(scene), second, **options)


def second_values(scene: Scene, window: Window | None = None) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Values of the second raster on the scene, and where it has data."""
    window = window or Window.of_shape(scene.grid.shape)
    with open_scene(scene) as reader:
        block = reader.read(window, range(BANDS, len(scene.bands)))
    return block.data, block.valid


def test_the_bands_follow_those_of_the_scene_and_values_are_those_of_both(scene: Path) -> None:
    second = write_second(scene.with_name("dem.tif"), like=scene)
    both = joined(scene, second)
    assert (len(both.bands), both.second_bands) == (BANDS + 2, 2)
    window = Window(row=5, col=3, height=11, width=17)
    with open_scene(scene) as alone, open_scene(both) as reader:
        block = reader.read(window, range(BANDS + 2))
        own = alone.read(window, range(BANDS))
    assert np.array_equal(block.data[:BANDS, block.valid], own.data[:, block.valid])
    expected = heights(ROWS, COLS)[:, 5:16, 3:20]
    assert np.array_equal(block.data[BANDS:, block.valid], expected[:, block.valid])
    assert np.array_equal(block.valid, own.valid)


def test_bands_may_be_asked_for_in_any_order(scene: Path) -> None:
    both = joined(scene, write_second(scene.with_name("dem.tif"), like=scene))
    window = Window.of_shape((ROWS, COLS))
    with open_scene(both) as reader:
        mixed, usual = reader.read(window, [BANDS + 1, 3, BANDS]), reader.read(window, [3, BANDS, BANDS + 1])
    assert np.array_equal(mixed.data, usual.data[[2, 0, 1]])


def test_a_pixel_is_valid_only_if_both_rasters_hold_data(scene: Path) -> None:
    hole = (slice(2, 9), slice(20, 26))
    both = joined(scene, write_second(scene.with_name("dem.tif"), like=scene, hole=hole))
    window = Window.of_shape((ROWS, COLS))
    with open_scene(scene) as alone, open_scene(both) as reader:
        expected = alone.read(window, range(BANDS)).valid.copy()
        found = reader.read(window, range(BANDS + 2))
    assert expected[hole].all()
    expected[hole] = False
    assert np.array_equal(found.valid, expected)
    assert not found.data[:, ~found.valid].any()


def test_each_raster_has_its_own_nodata_and_scale(make_scene: MakeScene) -> None:
    # 0 is data in the scene's numbers of the second raster only, and -9999 only there no data.
    scene = make_scene(rows=ROWS, cols=COLS, bands=BANDS, with_hole=False)
    values = np.zeros((1, ROWS, COLS), np.int16)
    values[0, :5] = -9999
    second = write_second(scene.with_name("dem.tif"), like=scene, values=values, nodata=-9999)
    with rasterio.open(second, "r+") as opened:
        opened.scales, opened.offsets = (0.1,), (40.0,)
    found, valid = second_values(join_second(describe_scene(scene, nodata=0), second))
    assert valid[5:].all()
    assert not valid[:5].any()
    assert np.allclose(found[0, 5:], 40.0)


def test_a_joined_scene_can_be_pickled_and_opened(scene: Path) -> None:
    both = joined(scene, write_second(scene.with_name("dem.tif"), like=scene))
    assert np.array_equal(second_values(pickle.loads(pickle.dumps(both)))[0], second_values(both)[0])


def test_outputs_may_replace_no_file_of_either(scene: Path) -> None:
    second = write_second(scene.with_name("dem.tif"), like=scene)
    assert {str(scene), str(second)} <= set(joined(scene, second).files)


def test_a_raster_of_another_area_with_the_same_pixels_is_placed(scene: Path) -> None:
    # Four rows and three columns further down and right, beyond the scene on two sides.
    shifted = grid_of(scene) @ Affine.translation(3, 4)
    second = write_second(scene.with_name("dem.tif"), like=scene, transform=shifted)
    both = joined(scene, second)
    assert any("33×26 of 37×29 pixels are on the scene" in note for note in both.warnings)
    found, valid = second_values(both)
    assert valid[4:, 3:].all()
    assert not valid[:4].any()
    assert not valid[:, :3].any()
    assert np.array_equal(found[:, 4:, 3:], heights(ROWS, COLS)[:, :-4, :-3])


REFUSED = [
    (Affine.translation(0.5, 0), None, "is not on the grid of the scene.*shifted by 0.50 columns and 0.00 rows"),
    (Affine.translation(0, -0.5), None, "is not on the grid of the scene.*shifted by 0.00 columns and 0.50 rows"),
    (Affine.scale(0.5), None, "its pixels are 15 wide, those of the scene 30"),
    (Affine.rotation(20), None, "lie in another direction"),
    (Affine.translation(500, 0), None, "does not overlap the scene. In the CRS of the scene .*it covers x 379095"),
]


@pytest.mark.parametrize(("change", "crs", "says"), REFUSED)
def test_other_pixels_are_refused_with_what_differs(scene: Path, change: Affine, crs: str | None, says: str) -> None:
    second = write_second(scene.with_name("dem.tif"), like=scene, transform=grid_of(scene) @ change, crs=crs)
    with pytest.raises(MismatchError, match=says):
        joined(scene, second)


def test_another_crs_is_refused_with_both(scene: Path) -> None:
    second = write_second(scene.with_name("dem.tif"), like=scene, crs="EPSG:25833")
    with pytest.raises(MismatchError, match=r"its CRS is EPSG:25833 .*that of the scene EPSG:32633") as refused:
        joined(scene, second)
    assert "resample_second" in refused.value.hint


def test_no_overlap_is_refused_also_if_resampling_is_asked_for(scene: Path) -> None:
    far = grid_of(scene) @ Affine.translation(0, 900)
    second = write_second(scene.with_name("dem.tif"), like=scene, transform=far)
    with pytest.raises(MismatchError, match="does not overlap the scene"):
        joined(scene, second, resampling="bilinear")


def test_a_raster_without_crs_is_refused(scene: Path) -> None:
    second = write_second(scene.with_name("dem.tif"), like=scene)
    with rasterio.open(second) as opened:
        values, profile = opened.read(), opened.profile | {"crs": None}
    with rasterio.open(second, "w", **profile) as target:
        target.write(values)
    with pytest.raises(MismatchError, match=r"cannot be laid on one another.*that of the second raster none"):
        joined(scene, second)


def test_a_raster_of_transparency_alone_is_refused(scene: Path) -> None:
    second = write_second(scene.with_name("dem.tif"), like=scene, bands=1, nodata=None)
    with rasterio.open(second, "r+") as opened:
        opened.colorinterp = [rasterio.enums.ColorInterp.alpha]
    with pytest.raises(SceneError, match="No band of the second raster"):
        joined(scene, second)


def test_half_a_pixel_apart_nearest_takes_a_pixel_and_bilinear_the_mean_of_two(scene: Path) -> None:
    # The raster begins half a pixel to the right: a centre of the scene lies on the border of two of its pixels.
    values = np.broadcast_to(10.0 * np.arange(COLS, dtype=np.float32), (1, ROWS, COLS))
    moved = grid_of(scene) @ Affine.translation(0.5, 0)
    second = write_second(scene.with_name("dem.tif"), like=scene, values=values, transform=moved)
    nearest = joined(scene, second, resampling="nearest")
    assert any(
        "was resampled to the grid of the scene (nearest): its pixels are shifted" in n for n in nearest.warnings
    )
    found, valid = second_values(nearest)
    assert valid.all()
    assert np.array_equal(found[0, 0], 10.0 * np.arange(COLS))
    found, valid = second_values(joined(scene, second, resampling="bilinear"))
    assert not valid[:, 0].any()
    assert valid[:, 1:].all()
    assert np.allclose(found[0, 0, 1:], 10.0 * np.arange(COLS - 1) + 5.0)


def test_bilinear_values_need_all_pixels_that_they_are_made_of(scene: Path) -> None:
    values = np.ones((1, ROWS, COLS), np.float32)
    values[0, 10, 12] = NODATA
    moved = grid_of(scene) @ Affine.translation(0.25, 0.25)
    second = write_second(scene.with_name("dem.tif"), like=scene, values=values, transform=moved)
    found, valid = second_values(joined(scene, second, resampling="bilinear"))
    gaps = np.argwhere(~valid[1:, 1:]) + 1
    assert gaps.tolist() == [[10, 12], [10, 13], [11, 12], [11, 13]]
    assert np.allclose(found[:, valid], 1.0)


def test_a_plane_in_another_crs_stays_the_plane(scene: Path) -> None:
    # A height that rises with the distance to the east of a point can be computed for every pixel of the scene.
    west, north = grid_of(scene) @ (0, 0)
    from pyproj import Transformer

    to_degrees = Transformer.from_crs("EPSG:32633", "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(west, north)
    step = 0.0002
    transform = Affine(step, 0, lon - 20 * step, 0, -step, lat + 20 * step)
    col, row = np.meshgrid(np.arange(140) + 0.5, np.arange(140) + 0.5)
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:32633", always_xy=True).transform(
        transform.c + step * col, transform.f - step * row
    )
    plane = (0.01 * (x - west) + 0.02 * (y - north))[None].astype(np.float32)
    second = write_second(scene.with_name("dem.tif"), like=scene, values=plane, transform=transform, crs="EPSG:4326")
    found, valid = second_values(joined(scene, second, resampling="bilinear"))
    col, row = np.meshgrid(np.arange(COLS) + 0.5, np.arange(ROWS) + 0.5)
    assert valid.all()
    assert np.allclose(found[0], 0.01 * 30 * col - 0.02 * 30 * row, atol=1e-2)


@pytest.mark.parametrize("how", ["nearest", "bilinear"])
def test_windows_and_the_memory_limit_do_not_change_a_value(
    scene: Path, monkeypatch: pytest.MonkeyPatch, how: Any
) -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(size=(2, 150, 130)).astype(np.float32)
    fine = grid_of(scene) @ Affine.translation(0.1, 0.3) @ Affine.scale(0.23)
    both = joined(
        scene, write_second(scene.with_name("dem.tif"), like=scene, values=values, transform=fine), resampling=how
    )
    assert any("4 times as fine" in note for note in both.warnings)
    whole, valid = second_values(both)
    monkeypatch.setattr("hsi_engine.io.scenes.second.resampling._MOST_PX", 200)
    part, valid_part = second_values(both, Window(row=7, col=2, height=19, width=23))
    assert np.array_equal(part, whole[:, 7:26, 2:25])
    assert np.array_equal(valid_part, valid[7:26, 2:25])


def test_a_damaged_second_raster_is_named(scene: Path) -> None:
    second = write_second(scene.with_name("dem.tif"), like=scene)
    both = joined(scene, second)
    second.write_bytes(second.read_bytes()[:1500])
    with pytest.raises(SceneError, match=r"dem.tif"):
        second_values(both)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_of_another_size_without_coordinates_it_has_no_place(tmp_path: Path) -> None:
    def bare(name: str, bands: int, rows: int, cols: int) -> Path:
        with rasterio.open(
            tmp_path / name, "w", driver="GTiff", count=bands, height=rows, width=cols, dtype="float32"
        ) as target:
            target.write(np.ones((bands, rows, cols), np.float32))
        return tmp_path / name

    scene = bare("scene.tif", BANDS, ROWS, COLS)
    with pytest.raises(MismatchError, match="has 29 rows and 37 columns, the scene 37 rows and 29 columns: rows and"):
        joined(scene, bare("turned.tif", 1, COLS, ROWS))
    with pytest.raises(MismatchError, match="neither has map coordinates: nothing says which"):
        joined(scene, bare("part.tif", 1, 20, 20), resampling="nearest")
    assert joined(scene, bare("same.tif", 1, ROWS, COLS)).second_bands == 1
