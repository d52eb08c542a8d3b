from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import mission_products
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.formats import block_cache
from hsi_engine.io.scenes.scene import describe_scene, open_scene
from hsi_engine.pixels.window import Window
from mission_products import part

ROWS, COLS, BANDS = 26, 30, 426
WHOLE = Window(row=0, col=0, height=ROWS, width=COLS)
GRID = "HDFEOS/GRIDS/HYP"
CUBE = f"{GRID}/Data Fields/surface_reflectance"
ABOUT = "HDFEOS INFORMATION/StructMetadata.0"

Edit = Callable[[Any], None]


@pytest.fixture
def product(tmp_path: Path) -> Path:
    return part(mission_products.copy_product("tanager_ortho_sr", tmp_path), ".h5")


def edited(product: Path, *changes: Edit) -> Path:
    with h5py.File(product, "r+") as file:
        for change in changes:
            change(file)
    return product


def metadata(*replacements: tuple[str, str]) -> Edit:
    def change(file: Any) -> None:
        text = file[ABOUT][()].decode()
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        del file[ABOUT]
        file[ABOUT] = np.bytes_(text)

    return change


def stored_as(**options: Any) -> Edit:
    def change(file: Any) -> None:
        numbers, attributes = file[CUBE][()], dict(file[CUBE].attrs)
        del file[CUBE]
        file.create_dataset(CUBE, data=numbers, **options).attrs.update(attributes)

    return change


def with_attribute(name: str, value: Any, node: str = CUBE) -> Edit:
    return lambda file: file[node].attrs.__setitem__(name, value)


def without(name: str) -> Edit:
    return lambda file: file.__delitem__(name)


def without_attribute(name: str, node: str = CUBE) -> Edit:
    return lambda file: file[node].attrs.__delitem__(name)


CENTRES = metadata(
    ("HE5_HDFE_CORNER", "HE5_HDFE_CENTER"),
    ("(298305.000000,4430655.000000)", "(298320.000000,4430640.000000)"),
    ("(299205.000000,4429875.000000)", "(299190.000000,4429890.000000)"),
)


@pytest.mark.parametrize(
    "change",
    [
        CENTRES,
        metadata(("\t\tPixelRegistration=HE5_HDFE_CORNER\n", ""), ("\t\tGridOrigin=HE5_HDFE_GD_UL\n", "")),
        with_attribute("epsg_code", "EPSG:32618", GRID),
        with_attribute("epsg_code", np.array([32618]), GRID),
        without_attribute("_FillValue"),
        without_attribute("Unit"),
        without(f"{GRID}/Data Fields/nodata_pixels"),
        without(f"{GRID}/Data Fields/sun_zenith"),
        stored_as(),
        stored_as(chunks=(426, 5, 7)),
        stored_as(chunks=(50, 26, 30), compression="gzip", shuffle=True),
    ],
)
def test_the_same_product_written_otherwise(product: Path, change: Edit) -> None:
    expected = describe_scene(product)
    with open_scene(product) as reader:
        numbers = reader.read(WHOLE, range(190))
    scene = describe_scene(edited(product, change))
    assert scene.grid.explain_mismatch(expected.grid) == ""
    assert (scene.bands, scene.nodata) == (expected.bands, expected.nodata)
    with open_scene(scene) as reader:
        again = reader.read(WHOLE, range(190))
        some = reader.read(Window(row=7, col=9, height=11, width=13), [180, 2, 77]).data
    np.testing.assert_array_equal(again.data, numbers.data)
    np.testing.assert_array_equal(again.valid, numbers.valid)
    np.testing.assert_array_equal(some, numbers.data[[180, 2, 77], 7:18, 9:22])


def test_chunks_of_whole_images_are_unpacked_once(product: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_scene(product) as reader:
        numbers = reader.read(WHOLE, range(BANDS)).data
    monkeypatch.setattr(block_cache, "MAX_BYTES", 100_000)
    scene = describe_scene(product)
    assert any("temporary file of 1 MB" in note for note in scene.warnings)
    with open_scene(scene) as reader:
        for top in range(0, ROWS, 5):
            strip = Window(row=top, col=0, height=5, width=COLS).clip((ROWS, COLS))
            np.testing.assert_array_equal(
                reader.read(strip, range(BANDS)).data, numbers[(slice(None), *strip.slices())]
            )
        pixel = Window(row=3, col=3, height=1, width=1)
        np.testing.assert_array_equal(reader.read(pixel, [400, 5]).data, numbers[[400, 5], 3:4, 3:4])


def test_clouds_are_masked_and_pixels_without_data_are_none(product: Path) -> None:
    def change(file: Any) -> None:
        file[f"{GRID}/Data Fields/nodata_pixels"][20, 10] = 1

    edited(product, change)
    with open_scene(product) as reader:
        cloud = reader.read_quality(WHOLE, [0])[0]
        assert int(cloud.sum()) == 15
        valid = reader.read(WHOLE, [5]).valid
    with open_scene(describe_scene(product, quality="keep")) as reader:
        kept = reader.read(WHOLE, [5]).valid
    np.testing.assert_array_equal(kept & ~valid, cloud)
    assert not kept[20, 10]


def test_a_basic_product_has_no_place_and_says_so(product: Path) -> None:
    scene = describe_scene(edited(product, lambda file: file.move(GRID, "HDFEOS/SWATHS/HYP")))
    assert not scene.grid.is_georeferenced
    assert any("Take the ortho product" in note for note in scene.warnings)
    assert scene.driver == "Tanager basic surface reflectance"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without(CUBE), "surface_reflectance or toa_radiance is missing"),
        (without(GRID), "the group HDFEOS/GRIDS/HYP is missing"),
        (without("HDFEOS INFORMATION"), "the grid HYP of StructMetadata is missing"),
        (without_attribute("epsg_code", GRID), "the attribute epsg_code of HDFEOS/GRIDS/HYP is missing"),
        (with_attribute("epsg_code", "UTM", GRID), "epsg_code is 'UTM'; a number is expected"),
        (without_attribute("wavelengths"), "the attribute wavelengths"),
        (with_attribute("good_wavelengths", [1, 0]), "good_wavelengths holds 2 numbers; the cube has 426 bands"),
        (metadata(("XDim=30", "XDim=29")), "StructMetadata states 26 × 29; the cube has 26 × 30 pixels"),
        (metadata(("HE5_HDFE_GD_UL", "HE5_HDFE_GD_LR")), "HE5_HDFE_GD_LR"),
        (
            metadata(("(298305.000000,4430655.000000)", "(298305.000000,1.0)")),
            "upper left and lower right are expected",
        ),
        (metadata(("HE5_GCTP_UTM", "HE5_GCTP_GEO")), "packed degrees"),
    ],
)
def test_what_is_missing_or_wrong_is_named(product: Path, change: Edit, words: str) -> None:
    with pytest.raises(SceneError) as caught:
        describe_scene(edited(product, change))
    assert words in caught.value.message
    assert caught.value.hint


def test_packed_values_are_unpacked(product: Path) -> None:
    scene = describe_scene(edited(product, with_attribute("scale_factor", 1e-4), with_attribute("add_offset", 0.25)))
    assert (set(scene.scale), set(scene.offset)) == ({1e-4}, {0.25})


def test_without_flags_of_bands_that_is_said(product: Path) -> None:
    assert not any("wavelengths are good" in note for note in describe_scene(product).warnings)
    scene = describe_scene(edited(product, without_attribute("good_wavelengths")))
    assert all(scene.bands.good)
    assert any("does not state which wavelengths are good" in note for note in scene.warnings)


@pytest.mark.parametrize("written", ["EPSG:32618", np.array([b"epsg:32618"]), "urn:ogc:def:crs:EPSG::32618", 32618.0])
def test_the_code_of_the_coordinate_system_as_text(product: Path, written: Any) -> None:
    expected = describe_scene(product).grid
    found = describe_scene(edited(product, with_attribute("epsg_code", written, GRID))).grid
    assert found.explain_mismatch(expected) == ""
