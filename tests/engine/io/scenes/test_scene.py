from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.enums import ColorInterp

import make_scenes
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.formats import block_cache as last_block
from hsi_engine.io.scenes.scene import describe_scene, open_scene
from hsi_engine.pixels.window import Window
from make_scenes import BANDS, COLS, ROWS

MakeScene = Callable[..., Path]
WHOLE = Window(row=0, col=0, height=ROWS, width=COLS)


def write_raster(path: Path, data: np.ndarray, **options: Any) -> Path:
    options = {"crs": "EPSG:32633", "transform": make_scenes.NORTH_UP} | options
    with rasterio.open(
        path, "w", driver="GTiff", count=data.shape[0], height=data.shape[1], width=data.shape[2],
        dtype=data.dtype, **options,
    ) as target:  # fmt: skip
        target.write(data)
    return path


# ------------------------------------------------------------------------------------ what is described


def test_description_of_a_geotiff(scene_path: Path) -> None:
    scene = describe_scene(scene_path)
    assert scene.grid.shape == (ROWS, COLS)
    assert scene.grid.transform == make_scenes.NORTH_UP
    assert scene.grid.crs is not None
    assert "32633" in scene.grid.crs
    assert scene.bands.wavelength_nm == pytest.approx(make_scenes.wavelengths_nm())
    assert (scene.dtype, scene.nodata, scene.driver, scene.block_shape) == ("int16", -32768.0, "GTiff", (16, 16))
    assert scene.scale == (0.0001,) * BANDS
    assert scene.warnings == ()
    assert pickle.loads(pickle.dumps(scene)) == scene


@pytest.mark.parametrize("transform", [make_scenes.SOUTH_UP, make_scenes.ROTATED], ids=["south-up", "rotated"])
def test_any_affine_transform_is_kept(make_scene: MakeScene, transform: Affine) -> None:
    scene = describe_scene(make_scene(transform=transform))
    assert scene.grid.transform.almost_equals(transform)
    assert scene.warnings == ()


def test_a_missing_crs_is_a_warning(make_scene: MakeScene) -> None:
    scene = describe_scene(make_scene(crs=None))
    assert scene.grid.crs is None
    assert scene.warnings == ("The scene has no CRS; its coordinates are used as they are.",)


def test_missing_map_coordinates_are_a_warning(make_scene: MakeScene) -> None:
    scene = describe_scene(make_scene(crs=None, transform=None))
    assert scene.warnings == ("The scene has no map coordinates; pixel coordinates are used.",)


def test_ground_control_points_alone_are_a_warning(tmp_path: Path) -> None:
    points = [
        rasterio.control.GroundControlPoint(row=r, col=c, x=10 + c, y=50 - r) for r, c in ((0, 0), (0, 4), (5, 0))
    ]
    path = write_raster(tmp_path / "gcp.tif", np.ones((2, 6, 5), np.uint8), transform=None, gcps=points)
    no_place, not_used = describe_scene(path).warnings
    assert no_place == "The scene has no map coordinates; pixel coordinates are used."
    assert "ground control points" in not_used


def test_a_scale_of_zero_is_ignored_and_said(make_scene: MakeScene) -> None:
    path = make_scene()
    with rasterio.open(path, "r+") as dataset:
        dataset.scales = (0.0, *dataset.scales[1:])
    scene = describe_scene(path)
    assert scene.scale[:2] == (1.0, 0.0001)
    assert scene.warnings == ("Scale 0 and offset 0 of band 1 were ignored.",)


@pytest.mark.parametrize(("compress", "warnings"), [("deflate", 1), ("none", 0)])
def test_compressed_blocks_too_large_to_keep_are_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compress: str, warnings: int
) -> None:
    path = write_raster(tmp_path / "strip.tif", np.ones((3, 40, 20), np.uint16), compress=compress, blockysize=40)
    assert describe_scene(path).warnings == ()
    monkeypatch.setattr(last_block, "MAX_BYTES", 3 * 40 * 20 * 2 - 1)
    found = describe_scene(path).warnings
    assert len(found) == warnings
    assert all(
        "compressed in blocks of 40×20 pixels" in warning and "decompressed again" in warning for warning in found
    )


# ------------------------------------------------------------------------------------ pixels


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"])
@pytest.mark.parametrize("block", [16, None], ids=["tiles", "strips"])
def test_every_data_type_gives_reflectance_and_the_hole(make_scene: MakeScene, dtype: str, block: int | None) -> None:
    path = make_scene(dtype=dtype, offset=0.01, block=block)
    with open_scene(path) as reader:
        read = reader.read(WHOLE, range(BANDS))
    rounding = reader.scene.scale[0] if np.dtype(dtype).kind in "iu" else 1e-6
    expected_valid = np.ones((ROWS, COLS), bool)
    expected_valid[make_scenes.hole()] = False
    np.testing.assert_array_equal(read.valid, expected_valid)
    np.testing.assert_allclose(
        read.data[:, read.valid], make_scenes.reflectance()[:, expected_valid], atol=rounding * 0.51 + 1e-6
    )
    assert (read.data[:, ~read.valid] == 0).all()
    assert read.data.dtype == (np.float64 if dtype in ("int32", "uint32", "float64") else np.float32)


def test_wide_integers_keep_their_digits(tmp_path: Path) -> None:
    values = np.array([[[16_777_217, 2_000_000_001]]], dtype=np.int32)
    with open_scene(write_raster(tmp_path / "wide.tif", values)) as reader:
        assert reader.read(Window(row=0, col=0, height=1, width=2), [0]).data.tolist() == [
            [[16_777_217.0, 2_000_000_001.0]]
        ]


def test_nan_and_infinities_are_no_data(make_scene: MakeScene) -> None:
    cube = make_scenes.reflectance()
    cube[3, 0, 1], cube[4, 2, 3], cube[5, 5, 6] = np.nan, np.inf, -np.inf
    with open_scene(make_scene(dtype="float32", cube=cube, with_hole=False, offset=0.5, nodata=None)) as reader:
        every = reader.read(WHOLE, range(BANDS))
        one = reader.read(WHOLE, [4])
    assert np.argwhere(~every.valid).tolist() == [[0, 1], [2, 3], [5, 6]]
    assert (every.data[:, ~every.valid] == 0).all()
    assert np.isfinite(every.data).all()
    assert np.argwhere(~one.valid).tolist() == [[2, 3]]


def test_a_float_nodata_value_that_float32_rounds(make_scene: MakeScene) -> None:
    path = make_scene(dtype="float32", nodata=-3.4028234663852886e38)
    with open_scene(path) as reader:
        assert (~reader.read(WHOLE, [0]).valid).sum() == np.zeros((ROWS, COLS))[make_scenes.hole()].size


def test_a_pixel_is_valid_where_every_band_asked_for_is(make_scene: MakeScene) -> None:
    cube = make_scenes.reflectance()
    cube[2, 7, 9] = np.nan
    with open_scene(make_scene(cube=cube, with_hole=False)) as reader:
        assert not reader.read(WHOLE, range(BANDS)).valid[7, 9]
        assert reader.read(WHOLE, [0, 1, 3]).valid.all()
        assert reader.read_validity(WHOLE, [1, 2])[:, 7, 9].tolist() == [True, False]


def test_bands_come_in_the_order_asked_for(scene_path: Path) -> None:
    with open_scene(scene_path) as reader:
        forward = reader.read(WHOLE, [2, 7, 9]).data
        np.testing.assert_array_equal(reader.read(WHOLE, [9, 2, 7]).data, forward[[2, 0, 1]])


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_window_is_a_part_of_the_whole(shared_scene: Path, data: st.DataObject) -> None:
    row, col = data.draw(st.integers(0, ROWS - 1)), data.draw(st.integers(0, COLS - 1))
    window = Window(
        row=row, col=col, height=data.draw(st.integers(1, ROWS - row)), width=data.draw(st.integers(1, COLS - col))
    )
    bands = data.draw(st.lists(st.integers(0, BANDS - 1), min_size=1, max_size=BANDS, unique=True))
    with open_scene(shared_scene) as reader:
        whole, part = reader.read(WHOLE, bands), reader.read(window, bands)
    np.testing.assert_array_equal(part.data, whole.data[(slice(None), *window.slices())])
    np.testing.assert_array_equal(part.valid, whole.valid[window.slices()])


@pytest.fixture(scope="module")
def shared_scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_scenes.write_scene(tmp_path_factory.mktemp("scene") / "scene.tif")


@pytest.mark.parametrize("block", [16, 32, None])
@pytest.mark.parametrize("max_pixels", [1, 40, 300, 16 * 29, 10**6])
def test_block_windows_cover_every_pixel_once(make_scene: MakeScene, block: int | None, max_pixels: int) -> None:
    with open_scene(make_scene(block=block)) as reader:
        count = np.zeros((ROWS, COLS), int)
        for window in reader.block_windows(max_pixels):
            count[window.slices()] += 1
            assert window.height * window.width <= max(max_pixels, COLS)
            block_rows, block_cols = reader.scene.block_shape
            if min(block_rows, ROWS) * min(block_cols, COLS) <= max_pixels:
                assert window.row % block_rows == 0
                assert window.col % block_cols == 0
    assert (count == 1).all()


def test_reading_beyond_the_scene_is_a_mistake_of_the_caller(scene_path: Path) -> None:
    with open_scene(scene_path) as reader:
        for window, bands in ((WHOLE.grow(1), [0]), (WHOLE, []), (WHOLE, [BANDS]), (WHOLE, [-1])):
            with pytest.raises(ValueError, match=r"beyond the scene|counted from 0"):
                reader.read(window, bands)


# ------------------------------------------------------------------------------------ masks


def test_an_internal_mask_is_respected(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "masked.tif", np.full((3, 6, 5), 7, np.uint16))
    mask = np.full((6, 5), 255, np.uint8)
    mask[2, 3] = 0
    with rasterio.open(path, "r+") as dataset:
        dataset.write_mask(mask)
    with open_scene(path) as reader:
        np.testing.assert_array_equal(reader.read(Window(row=0, col=0, height=6, width=5), [0, 2]).valid, mask > 0)


def test_transparency_is_a_mask_and_no_band(tmp_path: Path) -> None:
    data = np.full((4, 6, 5), 9, np.uint8)
    data[3] = 255
    data[3, 1, 2] = 0
    path = write_raster(tmp_path / "rgba.tif", data, photometric="RGB")
    with rasterio.open(path, "r+") as dataset:
        dataset.colorinterp = [ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha]
    with open_scene(path) as reader:
        assert reader.scene.bands.good_indices == (0, 1, 2)
        assert any("Band 4 is marked as transparency" in w for w in reader.scene.warnings)
        assert np.argwhere(~reader.read(Window(row=0, col=0, height=6, width=5), [0, 1]).valid).tolist() == [[1, 2]]


def test_bands_of_different_types_and_nodata(tmp_path: Path) -> None:
    first = write_raster(tmp_path / "a.tif", np.array([[[1, 255]]], np.uint8), nodata=255)
    second = write_raster(tmp_path / "b.tif", np.array([[[-5.5, 2.25]]], np.float32), nodata=-1)
    bands = "".join(
        f'<VRTRasterBand dataType="{kind}" band="{b}"><NoDataValue>{nodata}</NoDataValue><SimpleSource>'
        f'<SourceFilename relativeToVRT="1">{name}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>'
        "</VRTRasterBand>"
        for b, kind, nodata, name in ((1, "Byte", 255, first.name), (2, "Float32", -1, second.name))
    )
    stack = tmp_path / "stack.vrt"
    stack.write_text(f'<VRTDataset rasterXSize="2" rasterYSize="1">{bands}</VRTDataset>')
    with open_scene(stack) as reader:
        block = reader.read(Window(row=0, col=0, height=1, width=2), [0, 1])
    assert block.valid.tolist() == [[True, False]]
    assert block.data[:, 0, 0].tolist() == [1.0, -5.5]


# ------------------------------------------------------------------------------------ paths and bad files


def test_paths_with_spaces_and_other_alphabets(make_scene: MakeScene) -> None:
    for name in ("Szene übér Łódź 北京.tif", "with space/scene (1).tif"):
        assert describe_scene(str(make_scene(name))).grid.shape == (ROWS, COLS)
    envi = make_scene("Szene é.bil", layout="bil", compressed=True)
    with open_scene(envi) as reader:
        assert reader.read(WHOLE, [0]).valid.any()


def test_missing_file_names_near_ones(scene_path: Path) -> None:
    with pytest.raises(SceneError, match=r"scnee\.tif does not exist\. Did you mean scene\.tif\?") as caught:
        describe_scene(scene_path.with_name("scnee.tif"))
    assert caught.value.code == "scene.not_found"
    with pytest.raises(SceneError, match="Check the folder and the spelling"):
        describe_scene(scene_path.with_name("entirely_different.img"))


def test_missing_folder_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="Its folder does not exist either; the path exists up to") as caught:
        describe_scene(tmp_path / "no" / "such" / "scene.tif")
    assert caught.value.hint.endswith(f"{tmp_path}.")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="is a folder, not a raster file"):
        describe_scene(tmp_path)


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no raster")
    with pytest.raises(SceneError, match=r"notes\.txt is not a raster"):
        describe_scene(text)


def test_a_vector_file(polygons_path: Path) -> None:
    with pytest.raises(SceneError, match=r"polygons\.gpkg is not a raster.*can serve as labels"):
        describe_scene(polygons_path)


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "scene.tif"
    path.touch()
    with pytest.raises(SceneError, match="is empty: it has 0 bytes"):
        describe_scene(path)


@pytest.mark.parametrize("block", [16, None], ids=["tiles", "strips"])
@pytest.mark.parametrize("interleave", ["pixel", "band"])
@pytest.mark.parametrize("compress", ["deflate", "none"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_a_truncated_geotiff(tmp_path: Path, block: int | None, interleave: str, compress: str, share: float) -> None:
    cube = (make_scenes.reflectance() * 10000).astype(np.int16)
    options = {"tiled": True, "blockxsize": block, "blockysize": block} if block else {}
    path = write_raster(tmp_path / "scene.tif", cube, interleave=interleave, compress=compress, **options)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(SceneError, match=r"scene\.tif is truncated or damaged") as caught:
        describe_scene(path)
    assert caught.value.code == "scene.truncated"


def test_a_geotiff_cut_within_its_metadata(scene_path: Path) -> None:
    whole = scene_path.read_bytes()
    scene_path.write_bytes(whole[: int(len(whole) * 0.95)])
    with pytest.raises(SceneError, match="truncated or damaged"):
        describe_scene(scene_path)


def test_damage_that_shows_only_when_read(tmp_path: Path) -> None:
    cube = (make_scenes.reflectance() * 10000).astype(np.int16)
    path = write_raster(tmp_path / "scene.tif", cube, compress="deflate", interleave="pixel")
    with rasterio.open(path) as dataset:
        start = int(dataset.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", bidx=1))
    content = bytearray(path.read_bytes())
    content[start : start + 16] = b"\xff" * 16
    path.write_bytes(content)
    with open_scene(path) as reader, pytest.raises(SceneError, match=r"Reading rows 0–36, columns 0–28 of .* failed"):
        reader.read(WHOLE, [0, 1, 2])


def test_a_mosaic_whose_part_is_gone(tmp_path: Path) -> None:
    mosaic = tmp_path / "mosaic.vrt"
    mosaic.write_text(
        '<VRTDataset rasterXSize="5" rasterYSize="6"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">gone.tif</SourceFilename><SourceBand>1</SourceBand></SimpleSource>'
        "</VRTRasterBand></VRTDataset>"
    )
    with open_scene(mosaic) as reader, pytest.raises(SceneError, match=r"failed: .*gone\.tif.*is missing"):
        reader.read(Window(row=0, col=0, height=6, width=5), [0])


def test_a_scene_whose_file_is_gone(scene_path: Path) -> None:
    scene = describe_scene(scene_path)
    scene_path.unlink()
    with pytest.raises(SceneError, match=r"scene\.tif no longer exists"):
        open_scene(scene)


def test_complex_numbers(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "radar.tif", np.ones((2, 3, 4), np.complex64))
    with pytest.raises(SceneError, match=r"holds complex numbers .complex64.*expected"):
        describe_scene(path)


def test_a_container_of_rasters_names_them_and_each_opens(tmp_path: Path) -> None:
    data = np.arange(12, dtype=np.uint8).reshape(1, 3, 4)
    container = tmp_path / "both.gpkg"
    for number in (1, 2):
        with rasterio.open(
            container, "w", driver="GPKG", count=1, height=3, width=4, dtype="uint8", crs="EPSG:3857",
            transform=Affine(10, 0, 0, 0, -10, 0), RASTER_TABLE=f"table{number}", APPEND_SUBDATASET="YES",
        ) as target:  # fmt: skip
            target.write(data)
    with pytest.raises(SceneError, match=r"holds 2 rasters, and none was chosen.*table1.*table2") as caught:
        describe_scene(container)
    name = caught.value.hint.split(": ", 1)[1].split(", ")[0].rstrip(".")
    assert describe_scene(name).grid.shape == (3, 4)


def test_a_subdataset_that_does_not_exist() -> None:
    with pytest.raises(SceneError, match="cannot be opened"):
        describe_scene('NETCDF:"nowhere.nc":reflectance')


# ------------------------------------------------------------------------------------ the real thing


def test_enmap(enmap: Path) -> None:
    with open_scene(enmap / "scene.tif") as reader:
        scene = reader.scene
        assert scene.grid.shape == (192, 160)
        assert len(scene.bands) == 224
        assert scene.bands.wavelength_nm[0] == pytest.approx(418.24)
        assert [i + 1 for i, good in enumerate(scene.bands.good) if not good] == list(range(130, 136))
        assert scene.warnings == ()
        block = reader.read(Window.of_shape(scene.grid.shape), scene.bands.good_indices)
    # 18 of the 30 tile places of 32×32 pixels hold data.
    tiles = block.valid.reshape(6, 32, 5, 32).any(axis=(1, 3))
    assert tiles.sum() == 18
    assert 0.02 < block.data[:, block.valid].mean() < 0.5
    # Every band is found again, also where the two spectrometers overlap and neighbours are 1 nm apart.
    assert scene.bands.match(scene.bands) == tuple(range(224))
