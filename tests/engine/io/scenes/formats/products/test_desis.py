from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import rasterio

import mission_products
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.scene import Scene, describe_scene, open_scene
from hsi_engine.pixels.window import Window
from mission_products import edit, part

WHOLE = Window(row=0, col=0, height=30, width=40)


@pytest.fixture
def product(tmp_path: Path) -> Path:
    return mission_products.copy_product("desis_l2a", tmp_path)


@pytest.fixture
def metadata(product: Path) -> Path:
    return part(product, "METADATA.xml")


def same_scene(one: Scene, other: Scene) -> bool:
    return (one.bands, one.scale, one.offset, one.nodata, one.grid) == (
        other.bands, other.scale, other.offset, other.nodata, other.grid,
    )  # fmt: skip


@pytest.mark.parametrize("chosen", ["SPECTRAL_IMAGE.tif", "SPECTRAL_IMAGE.hdr", ""])
def test_image_header_and_folder_stand_for_the_metadata(product: Path, metadata: Path, chosen: str) -> None:
    assert same_scene(describe_scene(part(product, chosen) if chosen else product), describe_scene(metadata))


def test_names_in_capitals_without_prefix(product: Path, metadata: Path) -> None:
    expected = describe_scene(metadata)
    mission_products.rename(product, lambda name: name.rpartition("V0220-")[2].upper())
    found = describe_scene(product / "METADATA.XML")
    assert same_scene(found, expected)
    assert found.quality_layers == expected.quality_layers
    assert found.driver == "DESIS L2A"  # from the name of the folder


def test_without_any_statement_of_the_level_that_is_said(product: Path) -> None:
    mission_products.rename(product, lambda name: name.rpartition("V0220-")[2])
    folder = product.rename(product.with_name("delivery"))
    scene = describe_scene(folder)
    assert (scene.driver, scene.scale[0]) == ("DESIS", 0.0001)
    assert any("state the processing level" in note for note in scene.warnings)


def test_bands_have_the_order_of_their_numbers_and_level_1c_its_gain_and_offset(product: Path, metadata: Path) -> None:
    tree = ET.parse(metadata)
    listed = tree.find("specific/bandCharacterisation")
    assert listed is not None
    bands = list(listed)
    for number, band in enumerate(bands, start=1):
        band.find("gainOfBand").text = repr(0.001 * number)  # type: ignore[union-attr]
        band.find("offsetOfBand").text = repr(0.5 * number)  # type: ignore[union-attr]
    random.Random(3).shuffle(bands)
    listed[:] = bands
    tree.write(metadata)
    mission_products.rename(product, lambda name: name.replace("L2A", "L1C"))
    scene = describe_scene(product)
    assert scene.driver == "DESIS L1C"
    assert (np.diff(np.array(scene.bands.wavelength_nm, float)) > 0).all()
    with open_scene(scene, quality="keep") as reader, rasterio.open(part(product, "SPECTRAL_IMAGE.tif")) as file:
        block, numbers = reader.read(WHOLE, [99]), file.read(100)
    np.testing.assert_allclose(block.data[0][block.valid], (numbers * 0.1 + 50)[block.valid], rtol=1e-6)


def test_binned_bands(product: Path, metadata: Path) -> None:
    image = part(product, "SPECTRAL_IMAGE.tif")
    with rasterio.open(image) as file:
        numbers, profile = file.read(range(1, 61)), file.profile
    with rasterio.open(image, "w", **{**profile, "count": 60}) as file:
        file.write(numbers)
    part(product, "SPECTRAL_IMAGE.hdr").unlink()
    tree = ET.parse(metadata)
    listed = tree.find("specific/bandCharacterisation")
    assert listed is not None
    listed[:] = list(listed)[:60]
    tree.write(metadata)
    scene = describe_scene(metadata)
    assert len(scene.bands) == 60
    assert scene.warnings == ()


def test_clouds_and_their_shadows_are_masked(product: Path, metadata: Path) -> None:
    layer = part(product, "QL_QUALITY-2.tif")
    with rasterio.open(layer, "r+") as file:
        over_water = file.read(7)
        over_water[20, 20:23] = 1
        file.write(over_water, 7)
    with open_scene(metadata) as reader:
        names = [layer.name for layer in reader.scene.quality_layers]
        marked = reader.read_quality(WHOLE, range(len(names)))
        masked = reader.read(WHOLE, [0]).valid
    with open_scene(metadata, quality="keep") as reader:
        kept = reader.read(WHOLE, [0]).valid
    counts = dict(zip(names, marked.sum(axis=(1, 2)).tolist(), strict=True))
    assert counts == {"cloud": 18, "cloud shadow": 8, "haze": 0, "snow": 0, "water": 8}
    assert (kept.sum(), masked.sum()) == (1200 - 297, 1200 - 297 - 26)


def test_without_quality_layers_that_is_said(product: Path, metadata: Path) -> None:
    part(product, "QL_QUALITY-2.tif").unlink()
    scene = describe_scene(metadata)
    assert scene.quality_layers == ()
    assert any("lacks QL_QUALITY-2" in note for note in scene.warnings)


def refused(path: Path) -> SceneError:
    with pytest.raises(SceneError) as caught:
        describe_scene(path)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("level", "words"), [("L1B", "no map coordinates"), ("L2F", "level 'L2F'; known of DESIS are")]
)
def test_other_levels_are_refused(product: Path, level: str, words: str) -> None:
    mission_products.rename(product, lambda name: name.replace("L2A", level))
    assert words in str(refused(part(product, "METADATA.xml")))


@pytest.mark.parametrize(
    ("pattern", "replacement", "words"),
    [
        ("<gainOfBand>.*?<", "<gainOfBand>none<", "expected a number as 'gainOfBand', found 'none'"),
        ("(<bandCharacterisation>.*?)<bandNumber>1<", r"\1<bandNumber>7<", "band 7 is listed 2 times"),
        ("(<bandCharacterisation>.*?)<bandNumber>1<", r"\1<bandNumber>900<", "numbered 2 to 900; the image"),
        (
            "<bandCharacterisation>.*</bandCharacterisation>",
            "<bandCharacterisation/>",
            "expected a list of bands, found an empty one",
        ),
    ],
)
def test_what_cannot_be_used_is_named(metadata: Path, pattern: str, replacement: str, words: str) -> None:
    edit(metadata, pattern, replacement, count=1)
    assert words in str(refused(metadata))


def test_a_missing_image_is_named(product: Path, metadata: Path) -> None:
    part(product, "SPECTRAL_IMAGE.tif").unlink()
    assert "V0220-SPECTRAL_IMAGE.TIF is expected next to" in str(refused(metadata))
