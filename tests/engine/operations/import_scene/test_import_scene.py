from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio

import hsi_engine
import make_scenes
import mission_products
from hsi_engine.errors import OutputError
from hsi_engine.io.scenes.scene import describe_scene, open_scene
from hsi_engine.pixels.window import Window

MakeScene = Callable[..., Path]
FOLDER = mission_products.FOLDER


@pytest.mark.parametrize("kind", ["cog", "geotiff"])
@pytest.mark.parametrize("product", ["enmap_l2a", "desis_l2a"])
def test_the_file_holds_what_the_product_does(tmp_path: Path, product: str, kind: str) -> None:
    output = tmp_path / "scene.tif"
    result = hsi_engine.import_scene(scene=FOLDER / product, output=output, format=kind)
    expected, found = describe_scene(FOLDER / product), describe_scene(output)
    assert found.grid.explain_mismatch(expected.grid) == ""
    for column in ("wavelength_nm", "fwhm_nm", "good"):
        assert getattr(found.bands, column) == getattr(expected.bands, column), column
    assert (found.scale, found.offset, found.nodata) == (expected.scale, expected.offset, expected.nodata)
    assert (found.texts["sensor"], found.texts["processing_level"]) == (expected.texts["sensor"], "L2A")
    whole, bands = Window.of_shape(expected.grid.shape), range(len(expected.bands))
    with open_scene(FOLDER / product) as reader, open_scene(output) as copy:
        numbers, valid = reader.read_each(whole, bands)
        numbers_again, valid_again = copy.read_each(whole, bands)
    np.testing.assert_array_equal(valid_again, valid)
    np.testing.assert_array_equal(numbers_again[valid], numbers[valid])
    with rasterio.open(output) as file:
        assert (file.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") == "COG") == (kind == "cog")
    assert result.masked_values > 0
    assert any("pixels as cloud" in note for note in result.notes)


def test_wavelengths_are_stated_as_other_programs_read_them(tmp_path: Path) -> None:
    output = tmp_path / "scene.tif"
    hsi_engine.import_scene(scene=FOLDER / "enmap_l2a", output=output)
    with rasterio.open(output) as file:
        assert file.descriptions[4] == "Band 5 VNIR (439.6 nm)"
        assert file.tags(5) == {
            "wavelength": "439.568",
            "wavelength_units": "Nanometers",
            "fwhm": "6.13485",
            "bbl": "1",
        }
        assert file.tags(5, ns="IMAGERY") == {"CENTRAL_WAVELENGTH_UM": "0.439568", "FWHM_UM": "0.00613485"}
        assert file.tags(83)["bbl"] == "0"  # the second detector in the overlap
        listed = file.tags()["wavelength"].strip("{}").split(", ")
        assert (len(listed), listed[4], file.tags()["wavelength_units"]) == (224, "439.568", "Nanometers")
        assert (file.scales[0], file.nodata) == (0.0001, -32768)


def test_a_scene_without_wavelengths_is_warned_of(tmp_path: Path, make_scene: MakeScene) -> None:
    result = hsi_engine.import_scene(
        scene=make_scene(wavelengths=False), output=tmp_path / "copy.tif", format="geotiff"
    )
    assert any(note.startswith("The scene states no wavelengths") for note in result.notes)
    stated = hsi_engine.import_scene(scene=make_scene("other.tif"), output=tmp_path / "copy.tif", format="geotiff")
    assert not any("states no wavelengths" in note for note in stated.notes)


def test_the_style_shows_false_colour_in_values(tmp_path: Path) -> None:
    output = tmp_path / "scene.tif"
    result = hsi_engine.import_scene(scene=FOLDER / "enmap_l2a", output=output)
    assert (result.composite, result.shown_bands) == ("Near infrared", [75, 45, 28])
    renderer = ET.parse(output.with_suffix(".qml")).find(".//rasterrenderer")
    assert renderer is not None
    assert [renderer.get(f"{colour}Band") for colour in ("red", "green", "blue")] == ["75", "45", "28"]
    low, high = (float(renderer.findtext(f"redContrastEnhancement/{end}") or 0) for end in ("minValue", "maxValue"))
    assert 0.0 < low < high < 1.0  # reflectance, not counts


def test_pixels_under_clouds_are_kept_on_request(tmp_path: Path) -> None:
    kept = tmp_path / "kept.tif"
    hsi_engine.import_scene(scene=FOLDER / "enmap_l2a", output=kept, quality="keep")
    with open_scene(kept) as reader:
        assert reader.read(Window.of_shape((30, 40)), [40]).valid.sum() == 846


def test_a_large_scene_is_written_in_many_blocks(
    tmp_path: Path, make_scene: MakeScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hsi_engine.operations.import_scene import run

    monkeypatch.setattr(run, "_TILE_BYTES", 1)
    cube = make_scenes.reflectance(rows=300, cols=421, bands=5)
    scene, output = make_scene(cube=cube, dtype="float32"), tmp_path / "copy.tif"
    hsi_engine.import_scene(scene=scene, output=output)
    with rasterio.open(scene) as one, rasterio.open(output) as other:
        np.testing.assert_array_equal(other.read(), one.read())
        assert (other.shape, other.transform, other.crs) == (one.shape, one.transform, one.crs)


def test_a_cog_has_overviews_with_data_and_mask(tmp_path: Path, make_scene: MakeScene) -> None:
    cube = make_scenes.reflectance(rows=600, cols=1100, bands=2)
    scene, output = make_scene(cube=cube, dtype="float32"), tmp_path / "copy.tif"
    hsi_engine.import_scene(scene=scene, output=output)
    with rasterio.open(output) as file:
        assert file.overviews(1) == [2, 4]
        small, whole = file.read(1, out_shape=(150, 275)), file.read(1)
        assert set(small[np.isfinite(small)]) <= set(whole[np.isfinite(whole)])
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


def test_a_mask_without_nodata_stays_a_mask(tmp_path: Path) -> None:
    scene, output = tmp_path / "scene.tif", tmp_path / "copy.tif"
    cube = make_scenes.reflectance(rows=20, cols=31, bands=4).astype(np.float32)
    masked = np.zeros((20, 31), np.uint8)
    masked[3:9, 4:20] = 255
    profile = {"driver": "GTiff", "count": 4, "height": 20, "width": 31, "dtype": "float32", "crs": "EPSG:32633"}
    transform = rasterio.Affine(30, 0, 5e5, 0, -30, 5e6)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(scene, "w", transform=transform, **profile) as file:
        file.write(cube)
        file.write_mask(masked)
    hsi_engine.import_scene(scene=scene, output=output)
    with open_scene(output) as reader:
        np.testing.assert_array_equal(reader.read(Window.of_shape((20, 31)), [0]).valid, masked > 0)


def test_a_file_of_the_product_is_never_replaced(tmp_path: Path) -> None:
    product = mission_products.copy_product("enmap_l2a", tmp_path)
    image = mission_products.part(product, "SPECTRAL_IMAGE.TIF")
    with pytest.raises(OutputError):
        hsi_engine.import_scene(scene=product, output=image)
    assert describe_scene(product).driver == "EnMAP L2A"
