from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio

import make_scenes
import mission_products
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.scene import describe_scene, open_scene
from hsi_engine.pixels.window import Window
from mission_products import part

LAYOUTS = ("bsq", "bil", "bip")
MakeScene = Callable[..., Path]


def everything(path: Path) -> np.ndarray:
    with open_scene(path) as reader:
        return reader.read(Window.of_shape(reader.scene.grid.shape), range(len(reader.scene.bands))).data


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"])
def test_pixels_are_those_that_gdal_reads(make_scene: MakeScene, layout: str, dtype: str) -> None:
    path = make_scene(f"scene.{layout}", layout=layout, dtype=dtype, scale=1.0, with_hole=False)
    with rasterio.open(path) as dataset:
        expected = dataset.read()
    with open_scene(path) as reader:
        for window, bands in (
            (Window(row=0, col=0, height=37, width=29), range(12)),
            (Window(row=5, col=7, height=3, width=11), [4]),
            (Window(row=36, col=28, height=1, width=1), [11, 0, 3]),
            (Window(row=8, col=0, height=9, width=29), [2, 3, 4]),
        ):
            block = reader.read(window, bands)
            rows, cols = window.slices()
            np.testing.assert_array_equal(block.data, expected[list(bands)][:, rows, cols])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_compressed_file_gives_the_same_pixels_and_says_that_it_is_slower(make_scene: MakeScene, layout: str) -> None:
    plain = make_scene(f"plain.{layout}", layout=layout)
    packed = make_scene(f"packed.{layout}", layout=layout, compressed=True)
    np.testing.assert_array_equal(everything(packed), everything(plain))
    assert any("compressed as a whole" in w for w in describe_scene(packed).warnings)


def test_gz_suffix(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq", compressed=True)
    expected = everything(path)
    path.with_suffix(".hdr").rename(path.with_name("scene.bsq.hdr"))
    moved = path.rename(path.with_name("scene.bsq.gz"))
    np.testing.assert_array_equal(everything(moved), expected)


def test_byte_order_and_header_offset(make_scene: MakeScene) -> None:
    path = make_scene("scene.bil", layout="bil", dtype="int16")
    expected = everything(path)
    swapped = np.frombuffer(path.read_bytes(), "<i2").astype(">i2").tobytes()
    path.write_bytes(b"\0" * 128 + swapped)
    header = path.with_suffix(".hdr")
    text = (
        header.read_text()
        .replace("byte order = 0", "Byte Order = 1")
        .replace("header offset = 0", "header offset = 128")
    )
    header.write_text(text)
    np.testing.assert_array_equal(everything(path), expected)


def test_header_is_understood(make_scene: MakeScene) -> None:
    path = make_scene("scene.bip", layout="bip", units="Micrometers", bad_bands=(3,), offset=0.01)
    scene = describe_scene(path)
    assert scene.bands.wavelength_nm == pytest.approx(make_scenes.wavelengths_nm())
    assert scene.bands.fwhm_nm == pytest.approx([50.0] * 12)
    assert scene.bands.good[3] is False
    assert sum(scene.bands.good) == 11
    assert (scene.nodata, scene.scale[5], scene.offset[5]) == (-32768, 0.0001, 0.01)
    assert scene.grid.transform == make_scenes.NORTH_UP
    assert scene.warnings == ()


def test_reflectance_scale_factor_divides(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq", scale=1.0, cube=np.full((2, 5, 4), 5000.0), with_hole=False)
    header = path.with_suffix(".hdr")
    header.write_text(header.read_text() + "reflectance scale factor = 10000\n")
    np.testing.assert_allclose(everything(path), 0.5)


def edit(path: Path, old: str, new: str) -> None:
    header = path.with_suffix(".hdr")
    text = header.read_text()
    assert old in text
    header.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(("old", "new", "found"), [("{430, ", "{", 11), ("{430, ", "{380, 430, ", 13)])
def test_wavelengths_of_another_number_of_bands_are_ignored(
    make_scene: MakeScene, old: str, new: str, found: int
) -> None:
    path = make_scene("scene.bsq", layout="bsq")
    edit(path, f"wavelength = {old}", f"wavelength = {new}")
    scene = describe_scene(path)
    assert scene.bands.wavelength_nm == (None,) * 12
    assert scene.bands.names == tuple(f"band {b + 1}" for b in range(12))
    assert scene.warnings == (f"The file lists {found} values of 'wavelength' for 12 bands; the list was ignored.",)


def test_a_list_of_scales_of_another_number_of_bands_is_ignored(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq")
    edit(path, "data gain values = {0.0001, ", "data gain values = {")
    scene = describe_scene(path)
    assert scene.scale == (1.0,) * 12
    assert scene.warnings == ("The file lists 11 values of 'data gain values' for 12 bands; the list was ignored.",)


def test_a_reflectance_scale_factor_that_cannot_be_read_is_said(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq", scale=1.0, cube=np.full((2, 5, 4), 5000.0), with_hole=False)
    edit(path, "byte order = 0", "byte order = 0\nreflectance scale factor = 10,000")
    assert describe_scene(path).warnings == (
        "The reflectance scale factor '10,000' cannot be read; values are used without scaling.",
    )


def test_a_nodata_value_that_cannot_occur_is_said(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq", dtype="uint8", nodata=-9999, with_hole=False)
    with open_scene(path) as reader:
        assert reader.scene.warnings == (
            "The nodata value -9999 of the file cannot occur in uint8, so it marks no pixel.",
        )
        assert reader.read(Window.of_shape(reader.scene.grid.shape), [0]).valid.all()


def test_a_nodata_value_that_is_no_number_is_said_and_not_taken_for_0(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq", scale=1.0, cube=np.zeros((3, 5, 4)), with_hole=False)
    edit(path, "data ignore value = -32768.0", "data ignore value = none")
    with open_scene(path) as reader:
        assert reader.scene.nodata is None
        assert reader.scene.warnings == ("The data ignore value 'none' is not a number; every pixel counts as data.",)
        assert reader.read(Window.of_shape(reader.scene.grid.shape), [0]).valid.all()


def test_a_nodata_value_of_nan_is_one_of_real_numbers(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq", dtype="float32")
    edit(path, "data ignore value = nan", "data ignore value = NaN")
    assert describe_scene(path).warnings == ()
    path = make_scene("whole.bsq", layout="bsq", dtype="int16")
    edit(path, "data ignore value = -32768.0", "data ignore value = NaN")
    assert describe_scene(path).warnings == (
        "The data ignore value 'NaN' is not a number; every pixel counts as data.",
    )


def test_the_header_stands_for_its_data_file(make_scene: MakeScene) -> None:
    path = make_scene("scene.dat", layout="bil")
    assert describe_scene(path.with_suffix(".hdr")).path == path


def test_header_without_data(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq")
    path.unlink()
    with pytest.raises(
        SceneError, match=r"scene\.hdr is an ENVI header, but its data file is not next to it"
    ) as caught:
        describe_scene(path.with_suffix(".hdr"))
    assert caught.value.code == "scene.envi_no_data"


def test_data_without_header(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq")
    path.with_suffix(".hdr").unlink()
    with pytest.raises(
        SceneError, match=r"not a raster .* its header scene\.hdr or scene\.[a-z]+\.hdr must be in the same folder"
    ):
        describe_scene(path)


def test_compressed_data_whose_header_has_another_name(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq", compressed=True)
    moved = path.rename(path.with_name("scene.bsq.gz"))
    with pytest.raises(SceneError, match=r"rename its header scene\.hdr to scene\.bsq\.hdr"):
        describe_scene(moved)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("share", [0.5, 0.99])
def test_short_data_file(make_scene: MakeScene, layout: str, share: float) -> None:
    path = make_scene(f"scene.{layout}", layout=layout)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(SceneError, match=r"truncated.*(12 bands of 37×29 pixels, 25752 bytes|too small)"):
        describe_scene(path)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("share", [0.5, 0.99])
def test_short_compressed_file(make_scene: MakeScene, layout: str, share: float) -> None:
    path = make_scene(f"scene.{layout}", layout=layout, compressed=True)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(SceneError, match="truncated"), open_scene(path):
        pass


def test_compressed_file_of_too_little_data(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq", compressed=True)
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-2]))
    with pytest.raises(SceneError, match="25752 bytes in all; the data hold 25750"), open_scene(path):
        pass


def test_compression_that_the_header_does_not_tell_is_refused(make_scene: MakeScene) -> None:
    # The payload is long when packed, so that GDAL alone would read the packed bytes as numbers.
    rng = np.random.default_rng(0)
    path = make_scene("scene.bsq", layout="bsq", compressed=True, cube=rng.random((3, 40, 50)), with_hole=False)
    header = path.with_suffix(".hdr")
    header.write_text(header.read_text().replace("file compression = 1\n", ""))
    with pytest.raises(SceneError, match=r"is gzip-compressed, but its header does not say so.*file compression = 1"):
        describe_scene(path)


def test_compression_that_is_none_is_refused(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq")
    header = path.with_suffix(".hdr")
    header.write_text(header.read_text() + "file compression = 1\n")
    with pytest.raises(SceneError, match=r"not in gzip format|not a raster"):
        describe_scene(path)


def test_a_header_offset_that_is_no_number(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq")
    header = path.with_suffix(".hdr")
    header.write_text(header.read_text().replace("header offset = 0", "header offset = none"))
    with pytest.raises(SceneError, match="states 'none' as header offset; a whole number of bytes is expected"):
        describe_scene(path)


def test_a_data_file_that_is_too_long_is_said(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq")
    path.write_bytes(path.read_bytes() + b"\0" * 7)
    assert describe_scene(path).warnings == (
        "The data file is 7 bytes longer than its header says; check size and data type in it.",
    )


def test_a_header_without_map_info(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq", transform=None, crs=None)
    scene = describe_scene(path)
    assert not scene.grid.is_georeferenced
    assert scene.warnings == ("The scene has no map coordinates; pixel coordinates are used.",)


@pytest.mark.parametrize(
    ("map_info", "pixels"),
    [
        ("1, 1, 271333.25, 4101777.75, 2.9, 2.9, 11, North, WGS-84, rotation=-13.0", None),
        ("1, 1, 271333.25, 4101777.75, 2.9, 2.9, 11, North, WGS-84", None),
        ("1, 1, 271333.25, 4101777.75, 2.9, 2.9, 11, North, WGS-84, rotation = 0", None),
        (
            "1, 1, 271333.25, 4101777.75, 2.9, 2.9, 11, North, WGS-84, rotation=180",
            None,
        ),  # as GDAL writes rows that go up
        ("1, 1, 271333.25, 4101777.75, 2.9, 2.9, 11, North, WGS-84, rotation=90", None),
        ("5, 9, 271333.25, 4101777.75, 2.9, 2.9, 11, North, WGS-84", None),
        ("1, 1, 271333.25, 4101777.75, 2.9, 2.9, 11, North, WGS-84, rotation = -90", 54),
        ("1, 1, 271333.25, 4101777.75, 2.9, 2.9, 11, North, WGS-84, Rotation=90", 54),
        ("5, 9, 271333.25, 4101777.75, 2.9, 2.9, 11, North, WGS-84, rotation=90", 12),
    ],
)
def test_a_rotation_that_gdal_reads_otherwise_is_said(tmp_path: Path, map_info: str, pixels: int | None) -> None:
    product = mission_products.copy_product("aviris3_rotated", tmp_path)
    mission_products.edit(part(product, ".hdr"), r"map info = \{[^}]*\}", f"map info = {{UTM, {map_info}}}")
    notes = [note for note in describe_scene(part(product, "_ORT")).warnings if "turns the grid" in note]
    assert len(notes) == (pixels is not None)
    assert all(f"up to {pixels} pixels" in note and "rotation= in small letters" in note for note in notes)


@pytest.mark.parametrize("last", ["Rot 660 µm", "c"], ids=["all", "some"])
def test_names_of_bands_in_the_encoding_of_an_old_program(tmp_path: Path, last: str) -> None:
    np.arange(60, dtype="u2").tofile(tmp_path / "scene.bsq")
    (tmp_path / "scene.hdr").write_bytes(
        (
            "ENVI\nsamples = 5\nlines = 4\nbands = 3\nheader offset = 0\ndata type = 12\ninterleave = bsq\nbyte order = 0\n"
            f"description = {{Größe}}\nband names = {{Grün 1, Gelb \x01, {last}}}\n"
            "wavelength units = Nanometers\nwavelength = {500, 600, 700}\n"
        ).encode("cp1252")
    )
    scene = describe_scene(tmp_path / "scene.bsq")
    assert scene.bands.wavelength_nm == (500.0, 600.0, 700.0)
    assert scene.bands.names[::2] == ("Grün 1", last)
    assert everything(tmp_path / "scene.bsq").max() == 59


def test_compressed_data_are_uncompressed_up_to_what_the_header_promises(make_scene: MakeScene) -> None:
    path = make_scene("scene.bsq", layout="bsq", compressed=True)
    whole = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(whole + bytes(50_000_000)))
    layout = describe_scene(path).source
    with layout.uncompressed() as file:
        assert file.seek(0, 2) == len(whole)
