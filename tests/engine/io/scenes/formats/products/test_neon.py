from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from affine import Affine

import mission_products
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.scene import describe_scene, open_scene
from hsi_engine.pixels.grid import same_crs
from hsi_engine.pixels.window import Window
from mission_products import part

ROWS, COLS, BANDS = 30, 36, 426
WHOLE = Window(row=0, col=0, height=ROWS, width=COLS)
GROUP = "SJER/Reflectance"
CUBE = f"{GROUP}/Reflectance_Data"
PLACE = f"{GROUP}/Metadata/Coordinate_System"

Edit = Callable[[Any], None]


@pytest.fixture
def product(tmp_path: Path) -> Path:
    return part(mission_products.copy_product("neon_aop", tmp_path), ".h5")


def edited(product: Path, *changes: Edit) -> Path:
    with h5py.File(product, "r+") as file:
        for change in changes:
            change(file)
    return product


def map_info_in_parts(file: Any) -> None:
    name = f"{GROUP}/Metadata/Coordinate_System/Map_Info"
    value = file[name][()]
    text = value if isinstance(value, bytes) else value.reshape(-1)[0]
    del file[name]
    file[name] = np.array([part.strip() for part in bytes(text).split(b",")])


def with_text(name: str, text: Any) -> Edit:
    def change(file: Any) -> None:
        del file[f"{PLACE}/{name}"]
        if text is not None:
            file[f"{PLACE}/{name}"] = text

    return change


def with_attribute(name: str, value: Any, node: str = CUBE) -> Edit:
    return lambda file: file[node].attrs.__setitem__(name, value)


def without(name: str) -> Edit:
    return lambda file: file.__delitem__(name)


def without_attribute(name: str, node: str = CUBE) -> Edit:
    return lambda file: file[node].attrs.__delitem__(name)


def stored_as(**options: Any) -> Edit:
    def change(file: Any) -> None:
        numbers, attributes = file[CUBE][()], dict(file[CUBE].attrs)
        del file[CUBE]
        file.create_dataset(CUBE, data=numbers, **options).attrs.update(attributes)

    return change


def scalars(file: Any) -> None:
    for name, value in list(file[CUBE].attrs.items()):
        if np.shape(value) == (1,):
            file[CUBE].attrs[name] = value[0]


def arrays_of_bytes(file: Any) -> None:
    for name in list(file[PLACE]):
        text = file[f"{PLACE}/{name}"][()]
        del file[f"{PLACE}/{name}"]
        file[f"{PLACE}/{name}"] = np.array([text], dtype="S2000")


def micrometres(file: Any) -> None:
    for name in ("Wavelength", "FWHM"):
        spectra = file[f"{GROUP}/Metadata/Spectral_Data/{name}"]
        spectra[...] = spectra[()] / 1000
        spectra.attrs["Units"] = np.array(["micrometers"], dtype="S20")


def windows_as_text(file: Any) -> None:
    for i in (1, 2):
        low, high = file[GROUP].attrs[f"Band_Window_{i}_Nanometers"]
        file[GROUP].attrs[f"Band_Window_{i}_Nanometers"] = f"{low}, {high}"


@pytest.mark.parametrize(
    "change",
    [
        scalars,
        arrays_of_bytes,
        micrometres,
        windows_as_text,
        with_text("EPSG Code", 32611),
        with_text("EPSG Code", None),
        with_text("Map_Info", None),
        map_info_in_parts,
        with_attribute("Scale_Factor", "10000.0"),
        without(f"{GROUP}/Metadata/Ancillary_Imagery"),
        without(f"{GROUP}/Metadata/Logs"),
        stored_as(),
        stored_as(chunks=(30, 36, 1), compression="gzip"),
        stored_as(chunks=(1, 36, 426)),
    ],
    ids=lambda f: f.__qualname__,
)
def test_the_same_product_written_otherwise(product: Path, change: Edit) -> None:
    expected = describe_scene(product)
    with open_scene(product) as reader:
        numbers = reader.read(WHOLE, range(190)).data
    scene = describe_scene(edited(product, change))
    assert scene.grid.explain_mismatch(expected.grid) == ""
    assert scene.bands.good == expected.bands.good
    np.testing.assert_allclose(
        np.array(scene.bands.wavelength_nm, float), np.array(expected.bands.wavelength_nm, float), atol=1e-3
    )
    assert (scene.scale, scene.nodata, scene.bad_reasons) == (expected.scale, expected.nodata, expected.bad_reasons)
    with open_scene(scene) as reader:
        np.testing.assert_array_equal(reader.read(WHOLE, range(190)).data, numbers)
        some = reader.read(Window(row=7, col=9, height=11, width=13), [180, 2, 77]).data
    np.testing.assert_array_equal(some, numbers[[180, 2, 77], 7:18, 9:22])


def test_bands_in_water_vapour_are_left_out_by_wavelength(product: Path) -> None:
    scene = describe_scene(edited(product, with_attribute("Band_Window_1_Nanometers", [500.0, 520.0], GROUP)))
    reasons = {scene.bands.wavelength_nm[band]: reason for band, reason in scene.bad_reasons.items()}
    assert sorted(w for w in reasons if w and w < 1000)[0] >= 500
    assert set(reasons.values()) == {"water vapour window"}
    assert not any(1340 <= (w or 0) <= 1445 for w in reasons)


def test_without_windows_it_is_said(product: Path) -> None:
    scene = describe_scene(edited(product, *(without_attribute(f"Band_Window_{i}_Nanometers", GROUP) for i in (1, 2))))
    assert all(scene.bands.good)
    assert any("no windows of water vapour" in note for note in scene.warnings)


def test_the_reference_point_may_be_any_pixel(product: Path) -> None:
    info = "UTM, 3.5, 11.5, 257002.5, 4111989.5, 1.0, 1.0, 11, North, WGS-84, units=Meters, 0"
    scene = describe_scene(edited(product, with_text("Map_Info", info)))
    assert scene.grid.transform.almost_equals(Affine(1, 0, 257000, 0, -1, 4112000))


def test_a_zone_without_a_code(product: Path) -> None:
    names = ("EPSG Code", "Proj4", "Coordinate_System_String")
    scene = describe_scene(edited(product, *(with_text(name, None) for name in names)))
    assert same_crs(scene.grid.crs, "EPSG:32611")


def test_two_places_that_differ_are_named(product: Path) -> None:
    extent = [257010.0, 257046.0, 4111970.0, 4112000.0]
    scene = describe_scene(edited(product, with_attribute("Spatial_Extent_meters", extent)))
    assert scene.grid.transform.c == 257000
    assert any("state different places; Map_Info is used" in note for note in scene.warnings)


def test_shadow_is_listed_and_kept(product: Path) -> None:
    with open_scene(product) as reader:
        assert [layer.name for layer in reader.scene.quality_layers] == ["cast shadow"]
        assert int(reader.read_quality(WHOLE, [0]).sum()) == 8
        assert not reader.is_masked


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without(CUBE), "the array SJER/Reflectance/Reflectance_Data is missing"),
        (without(f"{GROUP}/Metadata"), "Spectral_Data/Wavelength is missing"),
        (without("SJER"), "the group Reflectance is missing"),
        (
            without_attribute("Scale_Factor"),
            "the attribute Scale_Factor of SJER/Reflectance/Reflectance_Data is missing",
        ),
        (with_attribute("Scale_Factor", 0.0), "Scale_Factor is 0; values are divided by it"),
        (with_attribute("Scale_Factor", "many"), "Scale_Factor is 'many'; a number is expected"),
        (with_text("Map_Info", "UTM, here"), "Map_Info is 'UTM, here'"),
        (with_text("EPSG Code", "UTM 11"), "EPSG Code is 'UTM 11'; a number is expected"),
        (with_attribute("Band_Window_1_Nanometers", 1340.0, GROUP), "Band_Window_1_Nanometers is not a range"),
        (lambda file: file.move("SJER/Reflectance", "SJER/Radiance"), "of radiance"),
    ],
)
def test_what_is_missing_or_wrong_is_named(product: Path, change: Edit, words: str) -> None:
    with pytest.raises(SceneError) as caught:
        describe_scene(edited(product, change))
    assert words in caught.value.message
    assert caught.value.hint


def test_axes_in_another_order_are_refused(product: Path) -> None:
    def change(file: Any) -> None:
        numbers, attributes = file[CUBE][()], dict(file[CUBE].attrs)
        del file[CUBE]
        file.create_dataset(CUBE, data=numbers.transpose(2, 0, 1)).attrs.update(attributes)

    with pytest.raises(SceneError, match="holds 426 numbers; the cube has 36 bands"):
        describe_scene(edited(product, change))
