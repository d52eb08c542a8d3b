from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import mission_products
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.metadata.acquisition import acquisition_of
from hsi_engine.io.scenes.scene import describe_scene, open_scene
from hsi_engine.pixels.window import Window
from mission_products import part

WHOLE = Window(row=0, col=0, height=28, width=36)
HCO = "HDFEOS/SWATHS/PRS_L2D_HCO"
FIELDS = f"{HCO}/Data Fields"

Edit = Callable[[Any], None]


@pytest.fixture
def product(tmp_path: Path) -> Path:
    return part(mission_products.copy_product("prisma_l2d", tmp_path), ".he5")


def edited(product: Path, change: Edit) -> Path:
    with h5py.File(product, "r+") as file:
        change(file)
    return product


def described(path: Path) -> tuple[Any, ...]:
    scene = describe_scene(path)
    return scene.grid, scene.bands, scene.scale, scene.offset, scene.bad_reasons, scene.detectors


def arrays_of_one(file: Any) -> None:
    for name, value in list(file.attrs.items()):
        if np.shape(value) == ():
            file.attrs[name] = np.array([value])


def numbers_as_text(file: Any) -> None:
    for name, value in list(file.attrs.items()):
        if np.shape(value) == () and np.asarray(value).dtype.kind in "iuf":
            file.attrs[name] = f" {float(value)!r}"


def unicode_text(file: Any) -> None:
    for name, value in list(file.attrs.items()):
        if isinstance(value, bytes):
            file.attrs[name] = value.decode()


def without_optional_parts(file: Any) -> None:
    del file["Info"], file["HDFEOS INFORMATION"], file["HDFEOS/SWATHS/PRS_L2D_PCO"], file[f"{HCO}/Geometric Fields"]
    for axis in ("easting", "northing"):
        del file.attrs[f"Product_LRcorner_{axis}"], file.attrs[f"Product_center_{axis}"]
    del file.attrs["List_Cw_Vnir_Flags"], file.attrs["Product_Name"], file.attrs["Processing_Level"]
    for matrix in ("VNIR", "SWIR"):
        del file[f"{FIELDS}/{matrix}_PIXEL_L2_ERR_MATRIX"]


def chunked(file: Any) -> None:
    for name in (f"{FIELDS}/VNIR_Cube", f"{FIELDS}/SWIR_Cube"):
        numbers = file[name][()]
        del file[name]
        file.create_dataset(name, data=numbers, chunks=(5, 9, 13), compression="gzip", shuffle=True)


@pytest.mark.parametrize(
    "change", [arrays_of_one, numbers_as_text, unicode_text, without_optional_parts, chunked], ids=lambda f: f.__name__
)
def test_the_same_product_written_otherwise(product: Path, change: Edit) -> None:
    expected = described(product)
    with open_scene(product) as reader:
        numbers = reader.read(WHOLE, range(234)).data
    edited(product, change)
    for one, other in zip(described(product), expected, strict=True):
        assert one == other
    with open_scene(product) as reader:
        np.testing.assert_array_equal(reader.read(WHOLE, range(234)).data, numbers)
        part_of_it = reader.read(Window(row=6, col=20, height=9, width=11), [5, 200, 64, 0]).data
    np.testing.assert_array_equal(part_of_it, numbers[[5, 200, 64, 0], 6:15, 20:31])


def test_what_is_known_of_it(product: Path) -> None:
    scene = describe_scene(product)
    assert acquisition_of(scene).sensor == "PRISMA"
    assert acquisition_of(scene).day == "2022-06-18"
    assert scene.driver == "PRISMA L2D"
    assert pickle.loads(pickle.dumps(scene)) == scene
    assert [scene.why_bad(band) for band in range(234, 239)] == ["unused channel"] * 5
    assert {scene.detectors[band] for band, reason in scene.bad_reasons.items() if "overlap" in reason} == {"SWIR"}
    assert not any("wavelength" in note for note in scene.warnings)


def test_quality_layers_are_listed_and_mask_nothing(product: Path) -> None:
    scene = describe_scene(product)
    names = [layer.name for layer in scene.quality_layers]
    with open_scene(scene) as reader:
        marked = reader.read_quality(WHOLE, range(len(names)))
        assert not reader.is_masked
    negative, saturated = (names.index(f"{what} in a band") for what in ("negative reflectance", "saturated"))
    assert np.argwhere(marked[negative]).tolist() == [[18, 11]]
    assert np.argwhere(marked[saturated]).tolist() == [[15, 15]]


def test_where_both_detectors_see_the_user_chooses(product: Path) -> None:
    used = {
        rule: [
            scene.detectors[band]
            for band in scene.bands.good_indices
            if 943 < (scene.bands.wavelength_nm[band] or 0) < 973
        ]
        for rule in ("vnir", "swir", "both")
        for scene in [describe_scene(product, detector_overlap=rule)]
    }
    assert set(used["vnir"]) == {"VNIR"}
    assert set(used["swir"]) == {"SWIR"}
    assert len(used["both"]) == len(used["vnir"]) + len(used["swir"])


def to_level(level: str) -> Edit:
    def change(file: Any) -> None:
        file.attrs["Processing_Level"] = np.bytes_(level)
        file.move(HCO, f"HDFEOS/SWATHS/PRS_L{level}_HCO")
        for name in [name for name in file.attrs if "corner" in name or name == "Epsg_Code"]:
            del file.attrs[name]

    return change


@pytest.mark.parametrize("level", ["2B", "2C"])
def test_other_levels_have_no_place_and_say_so(product: Path, level: str) -> None:
    scene = describe_scene(edited(product, to_level(level)))
    assert scene.driver == f"PRISMA L{level}"
    assert not scene.grid.is_georeferenced
    assert any("Take the L2D product" in note for note in scene.warnings)


def test_level_1_has_its_scale_and_masks_clouds(product: Path) -> None:
    def change(file: Any) -> None:
        to_level("1")(file)
        for key in ("Vnir", "Swir"):
            file.attrs[f"ScaleFactor_{key}"], file.attrs[f"Offset_{key}"] = np.float32(100), np.float32(0.5)
        cloud = np.zeros((28, 36), np.uint8)
        cloud[3, 4:9], cloud[0, 0] = 1, 255
        file["HDFEOS/SWATHS/PRS_L1_HCO/Data Fields/Cloud_Mask"] = cloud

    with open_scene(edited(product, change)) as reader:
        assert reader.scene.scale[0] == pytest.approx(0.01)
        assert reader.scene.offset[0] == -0.5
        marked = reader.read_quality(WHOLE, [len(reader.scene.quality_layers) - 1])
        assert reader.is_masked
    assert np.argwhere(marked[0]).tolist() == [[3, col] for col in range(4, 9)]


def test_layers_that_are_missing_or_of_another_size_are_named(product: Path) -> None:
    def change(file: Any) -> None:
        to_level("1")(file)
        for key in ("Vnir", "Swir"):
            file.attrs[f"ScaleFactor_{key}"], file.attrs[f"Offset_{key}"] = np.float32(100), np.float32(0)
        fields = file["HDFEOS/SWATHS/PRS_L1_HCO/Data Fields"]
        del fields["VNIR_PIXEL_L2_ERR_MATRIX"]
        fields["VNIR_PIXEL_L2_ERR_MATRIX"] = np.zeros((28, 36), np.uint8)

    notes = describe_scene(edited(product, change)).warnings
    assert any("VNIR_PIXEL_L2_ERR_MATRIX is not used: it has another size than VNIR_Cube" in note for note in notes)
    assert any("lacks its quality layer Cloud_Mask: no cloud is masked" in note for note in notes)
    with h5py.File(product, "r+") as file:
        file["HDFEOS/SWATHS/PRS_L1_HCO/Data Fields/Cloud_Mask"] = np.zeros((14, 18), np.uint8)
    notes = describe_scene(product).warnings
    assert any("Cloud_Mask is not used: it has another size" in note for note in notes)


def corners_at_edges(file: Any) -> None:
    for corner, x, y in (("UL", -15, 15), ("LR", 15, -15)):
        file.attrs[f"Product_{corner}corner_easting"] += x
        file.attrs[f"Product_{corner}corner_northing"] += y


def test_corners_that_are_edges_are_told_from_centres(product: Path) -> None:
    expected = describe_scene(product).grid
    scene = describe_scene(edited(product, corners_at_edges))
    assert scene.grid == expected
    assert any("not their centres" in note for note in scene.warnings)


def without(name: str) -> Edit:
    def change(file: Any) -> None:
        if name in file.attrs:
            del file.attrs[name]
        else:
            del file[name]

    return change


def with_attribute(name: str, value: Any) -> Edit:
    return lambda file: file.attrs.__setitem__(name, value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without(f"{FIELDS}/SWIR_Cube"), "SWIR_Cube is missing"),
        (without(FIELDS), "Data Fields is missing"),
        (without("Epsg_Code"), "the attribute Epsg_Code is missing"),
        (without("L2ScaleVnirMax"), "the attribute L2ScaleVnirMax is missing"),
        (without("List_Cw_Swir"), "the attribute List_Cw_Swir is missing"),
        (without("Product_ULcorner_easting"), "Product_ULcorner_easting is missing"),
        (with_attribute("L2ScaleSwirMax", "high"), "the attribute L2ScaleSwirMax is 'high'; a number is expected"),
        (with_attribute("L2ScaleSwirMax", -1.0), "L2ScaleSwirMin and L2ScaleSwirMax are 0 and -1"),
        (with_attribute("Epsg_Code", 99999), "Epsg_Code is 99999; the EPSG code"),
        (with_attribute("List_Cw_Vnir", np.arange(5.0)), "List_Cw_Vnir holds 5 numbers; the cube has 66 bands"),
        (with_attribute("List_Cw_Vnir", "none"), "66 numbers are expected"),
        (with_attribute("Processing_Level", "3"), "its processing level is '3'; level 1, 2B, 2C or 2D is expected"),
        (with_attribute("Product_LRcorner_easting", 547467.5 + 20 * 35), "its corners are 700.0 m and 810.0 m apart"),
    ],
)
def test_what_is_missing_or_wrong_is_named(product: Path, change: Edit, words: str) -> None:
    with pytest.raises(SceneError) as caught:
        describe_scene(edited(product, change))
    assert words in caught.value.message
    assert "Download the product again" in caught.value.hint


def test_a_cube_with_other_axes_is_refused(product: Path) -> None:
    def change(file: Any) -> None:
        numbers = file[f"{FIELDS}/VNIR_Cube"][()]
        del file[f"{FIELDS}/VNIR_Cube"]
        file[f"{FIELDS}/VNIR_Cube"] = numbers.transpose(0, 2, 1)

    with pytest.raises(SceneError, match="the cube has 36 bands"):
        describe_scene(edited(product, change))


def test_a_product_that_ends_early(product: Path) -> None:
    product.write_bytes(product.read_bytes()[:200_000])
    with pytest.raises(SceneError, match="a PRISMA product, but truncated or damaged"):
        describe_scene(product)
