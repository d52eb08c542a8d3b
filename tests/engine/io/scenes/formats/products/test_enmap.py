from __future__ import annotations

import pickle
import random
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

import mission_products
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.scene import Scene, SceneReader, describe_scene, find_usable_bands, open_scene
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import SilentReporter
from mission_products import edit, part

WHOLE = Window(row=0, col=0, height=30, width=40)
OVERLAP = "overlap of the detectors"


@pytest.fixture
def product(tmp_path: Path) -> Path:
    return mission_products.copy_product("enmap_l2a", tmp_path)


@pytest.fixture
def metadata(product: Path) -> Path:
    return part(product, "METADATA.XML")


def pixels(path: Path, band: int = 40) -> np.ndarray:
    with open_scene(path) as reader:
        return reader.read(WHOLE, [band]).data


def same_scene(one: Scene, other: Scene) -> bool:
    return (one.bands, one.scale, one.offset, one.nodata, one.grid, one.bad_reasons) == (
        other.bands, other.scale, other.offset, other.nodata, other.grid, other.bad_reasons,
    )  # fmt: skip


def overlap_of(scene: Scene) -> list[int]:
    return [band for band in range(len(scene.bands)) if scene.why_bad(band) == OVERLAP]


@pytest.mark.parametrize("chosen", ["SPECTRAL_IMAGE.TIF", ""])
def test_image_and_folder_stand_for_the_metadata(product: Path, metadata: Path, chosen: str) -> None:
    path = part(product, chosen) if chosen else product
    assert same_scene(describe_scene(path), describe_scene(metadata))
    assert describe_scene(path).path == part(product, "SPECTRAL_IMAGE.TIF")
    np.testing.assert_array_equal(pixels(path), pixels(metadata))


def test_the_folder_above_stands_for_the_only_product_in_it(product: Path, metadata: Path) -> None:
    assert same_scene(describe_scene(product.parent), describe_scene(metadata))


@pytest.mark.parametrize(
    "new_name",
    [str.lower, lambda name: name.rpartition("Z-")[2], lambda name: name.replace("IMAGE.TIF", "IMAGE_COG.TIF")],
    ids=["lower_case", "no_prefix", "cog"],
)
def test_other_names(product: Path, metadata: Path, new_name: object) -> None:
    expected, values = describe_scene(metadata), pixels(metadata)
    mission_products.rename(product, new_name)  # type: ignore[arg-type]
    found = describe_scene(part(product, "METADATA.XML"))
    assert same_scene(found, expected)
    assert found.quality_layers == expected.quality_layers
    assert len(found.quality_layers) == 8
    np.testing.assert_array_equal(pixels(product), values)


def test_metadata_that_lost_their_prefix_find_the_image_that_kept_it(product: Path, metadata: Path) -> None:
    expected = describe_scene(metadata)
    assert same_scene(describe_scene(metadata.rename(metadata.with_name("METADATA.xml"))), expected)


@pytest.mark.parametrize("interleave", ["bsq", "bil", "bip"])
def test_an_envi_image_with_names_in_capitals(product: Path, metadata: Path, interleave: str) -> None:
    expected, values = describe_scene(metadata), pixels(metadata)
    tif = part(product, "SPECTRAL_IMAGE.TIF")
    image = tif.with_suffix(f".{interleave.upper()}")
    with rasterio.open(tif) as file:
        profile = {
            "crs": file.crs,
            "transform": file.transform,
            "dtype": "int16",
            "count": 224,
            "height": 30,
            "width": 40,
        }
        with rasterio.open(image, "w", driver="ENVI", interleave=interleave, **profile) as copy:
            copy.write(file.read())
    tif.unlink()
    image.with_suffix(".hdr").rename(image.with_suffix(".HDR"))
    for chosen in (metadata, image, image.with_suffix(".HDR")):
        assert same_scene(describe_scene(chosen), expected)
        np.testing.assert_array_equal(pixels(chosen), values)


def test_another_order_of_elements_changes_nothing(metadata: Path) -> None:
    expected = describe_scene(metadata)
    tree = ET.parse(metadata)
    generator = random.Random(7)

    def shuffle(element: ET.Element) -> None:
        children = list(element)
        generator.shuffle(children)
        element[:] = children
        for child in children:
            shuffle(child)

    shuffle(tree.getroot())
    tree.write(metadata)
    assert same_scene(describe_scene(metadata), expected)


def test_elements_in_a_namespace(metadata: Path) -> None:
    expected = describe_scene(metadata)
    edit(metadata, "<level_X ", '<level_X xmlns="http://example.org/enmap" ')
    assert same_scene(describe_scene(metadata), expected)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_metadata_in_another_encoding_and_after_a_long_comment(metadata: Path, encoding: str) -> None:
    expected = describe_scene(metadata)
    declaration, _, rest = metadata.read_text(encoding="utf-8").partition("?>")
    named = declaration.replace("UTF-8", encoding.upper().removesuffix("-SIG"))
    metadata.write_text(f"{named}?>\n<!-- {'<spam> ' * 900}-->\n{rest}", encoding=encoding)
    found = describe_scene(metadata)
    assert (found.driver, found.grid, found.bands) == (expected.driver, expected.grid, expected.bands)


def test_detectors_come_from_the_lists_of_the_file(metadata: Path) -> None:
    scene = describe_scene(metadata)
    assert overlap_of(scene) == [79, 82, 84, 86, 88, 90, 93, 95, 97]
    assert {scene.detectors[band] for band in overlap_of(scene)} == {"SWIR"}
    # The same wavelengths, but bands 83 and 84 exchange their detectors, as between two scenes of the mission.
    edit(metadata, r"(<vnirProductQuality>.*?),84,(.*?</vnirProductQuality>)", r"\1,83,\2")
    edit(metadata, r"(<swirProductQuality>.*?),83,(.*?</swirProductQuality>)", r"\1,84,\2")
    assert overlap_of(describe_scene(metadata)) == [79, 83, 84, 86, 88, 90, 93, 95, 97]


def test_the_overlap_can_be_switched(metadata: Path) -> None:
    swir = describe_scene(metadata, detector_overlap="swir")
    assert {swir.detectors[band] for band in overlap_of(swir)} == {"VNIR"}
    assert min(swir.bands.wavelength_nm[band] or 0 for band in overlap_of(swir)) > 900
    both = describe_scene(metadata, detector_overlap="both")
    assert overlap_of(both) == []
    assert len(both.bands.good_indices) == 218


def test_an_image_in_the_order_of_the_detectors_is_sorted(product: Path, metadata: Path) -> None:
    expected, values = describe_scene(metadata), pixels(metadata, 84)
    order = sorted(range(224), key=lambda band: (expected.detectors[band] == "SWIR", band))
    number = {old + 1: new + 1 for new, old in enumerate(order)}
    image = part(product, "SPECTRAL_IMAGE.TIF")
    with rasterio.open(image) as file:
        numbers, profile = file.read(), file.profile
    with rasterio.open(image, "w", **profile) as file:
        file.write(numbers[order])
    tree = ET.parse(metadata)
    for place in ("specific/bandCharacterisation/bandID", "product/bandStatistics/bandID"):
        for entry in tree.findall(place):
            entry.set("number", str(number[int(entry.attrib["number"])]))
    for listed in tree.findall("specific/*/expectedChannelsList"):
        listed.text = " ".join(str(number[int(one)]) for one in (listed.text or "").split(","))
    tree.write(metadata)
    found = describe_scene(metadata)
    for column in ("wavelength_nm", "fwhm_nm", "good"):
        assert getattr(found.bands, column) == getattr(expected.bands, column), column
    assert found.detectors == expected.detectors
    assert [order[band] for band in found.shown_bands] == list(range(224))
    np.testing.assert_array_equal(pixels(metadata, 84), values)


def test_without_lists_all_bands_are_used_and_that_is_said(metadata: Path) -> None:
    edit(metadata, r"<expectedChannelsList>.*?</expectedChannelsList>", "")
    scene = describe_scene(metadata)
    assert overlap_of(scene) == []
    assert any("do not state the detector of any band" in note for note in scene.warnings)


def test_optional_parts_may_be_missing(product: Path, metadata: Path) -> None:
    for tag in (
        "bandStatistics",
        "smileCorrection",
        "navigation",
        "temporalCoverage",
        "qualityFlag",
        "sunElevationAngle",
    ):
        edit(metadata, f"<{tag}>.*</{tag}>", "")
    edit(metadata, "<FWHMOfBand>.*?</FWHMOfBand>", "")
    for file in [*product.glob("*QL_*"), *product.glob("*HISTORY*")]:
        file.unlink()
    scene = describe_scene(metadata)
    assert scene.quality_layers == ()
    assert any("lacks QL_QUALITY_CLOUD and QL_QUALITY_CLOUDSHADOW" in note for note in scene.warnings)
    with open_scene(scene) as reader:
        assert reader.read(WHOLE, [0]).valid.sum() == 1200 - 354


def test_clouds_and_their_shadows_hold_no_data_unless_they_are_kept(metadata: Path) -> None:
    with open_scene(metadata) as reader:
        masked = reader.read(WHOLE, [0, 40]).valid
        names = [layer.name for layer in reader.scene.quality_layers]
        marked = dict(zip(names, reader.read_quality(WHOLE, range(len(names))), strict=True))
    with open_scene(metadata, quality="keep") as reader:
        kept = reader.read(WHOLE, [0, 40]).valid
        assert not reader.is_masked
    np.testing.assert_array_equal(masked, kept & ~marked["cloud"] & ~marked["cloud shadow"])
    assert (kept.sum(), masked.sum()) == (846, 823)
    assert {name: int(marks.sum()) for name, marks in marked.items()} == {
        "cloud": 15, "cloud shadow": 8, "cirrus": 3, "haze": 0, "snow": 2, "water": 8, "saturated": 1,
        "defective in a band": 2,
    }  # fmt: skip


def test_a_description_is_opened_after_pickling(metadata: Path) -> None:
    window = Window(row=4, col=11, height=9, width=17)
    with open_scene(metadata) as reader:
        expected = reader.read(window, [3, 120, 3])
        with SceneReader(pickle.loads(pickle.dumps(reader.scene))) as again:
            found = again.read(window, [3, 120, 3])
    np.testing.assert_array_equal(found.data, expected.data)
    np.testing.assert_array_equal(found.valid, expected.valid)


def test_level_1c_has_gain_and_offset_of_each_band_and_0_for_no_data(product: Path, metadata: Path) -> None:
    image = part(product, "SPECTRAL_IMAGE.TIF")
    with rasterio.open(image) as file:
        numbers, profile = file.read(), file.profile
    with rasterio.open(image, "w", **{**profile, "dtype": "uint16"}) as file:
        file.write(np.where(numbers == -32768, 0, numbers).astype(np.uint16))
    edit(metadata, "L2A", "L1C")
    tree = ET.parse(metadata)
    for entry in tree.findall("specific/bandCharacterisation/bandID"):
        number = int(entry.attrib["number"])
        entry.find("GainOfBand").text = repr(1e-6 * number)  # type: ignore[union-attr]
        entry.find("OffsetOfBand").text = repr(0.04 + 1e-4 * number)  # type: ignore[union-attr]
    tree.write(metadata)
    scene = describe_scene(metadata)
    assert (scene.driver, scene.nodata) == ("EnMAP L1C", 0)
    with open_scene(scene) as reader:
        block = reader.read(WHOLE, [49])
    assert block.valid.sum() == 823
    expected = numbers[49] * 50e-6 + 0.045
    np.testing.assert_allclose(block.data[0][block.valid], expected[block.valid], rtol=1e-6)


def test_a_stated_background_value_is_not_believed(metadata: Path) -> None:
    edit(metadata, "<backgroundValue>-32768<", "<backgroundValue>0<")
    assert describe_scene(metadata).nodata == -32768


def test_the_facts_of_the_product(metadata: Path) -> None:
    scene = describe_scene(metadata)
    assert scene.driver == "EnMAP L2A"
    assert scene.texts["start_time"].startswith("2023-07-11T10:22:33")
    assert scene.texts["processing_level"] == "L2A"
    assert {"METADATA.XML", "QL_QUALITY_CLOUD.TIF", "SPECTRAL_IMAGE.TIF"} <= {
        name.rpartition("Z-")[2] for name in scene.files
    }


def test_empty_bands_that_no_statistics_name_do_not_cost_the_scene(metadata: Path) -> None:
    edit(metadata, "<bandStatistics>.*</bandStatistics>", "")
    with open_scene(metadata) as reader:
        found = find_usable_bands(reader, SilentReporter())
        assert found.empty == tuple(range(129, 135))
        assert reader.read(WHOLE, found.indices).valid.sum() == 823


def test_nearly_empty_bands_do_not_cost_the_scene(product: Path, metadata: Path) -> None:
    edit(metadata, "<bandStatistics>.*</bandStatistics>", "")
    with rasterio.open(part(product, "SPECTRAL_IMAGE.TIF"), "r+") as image:
        for number in range(130, 136):
            numbers = image.read(number)
            numbers[12, 10 + number % 7] = 900
            image.write(numbers, number)
    with open_scene(metadata) as reader:
        found = find_usable_bands(reader, SilentReporter())
        assert (found.sparse, found.empty) == (tuple(range(129, 135)), ())
        assert "130–135 (valid in less than 10% of the pixels with data)" in found.describe(reader.scene)
        assert reader.read(WHOLE, found.indices).valid.sum() == 823


# What is refused, and the words for it.


def refused(path: Path) -> SceneError:
    with pytest.raises(SceneError) as caught:
        describe_scene(path)
    assert caught.value.hint
    return caught.value


def test_level_1b_is_refused(metadata: Path) -> None:
    edit(metadata, "L2A", "L1B")
    assert "two detectors are separate images" in str(refused(metadata))


def test_an_unknown_level_is_named(metadata: Path) -> None:
    edit(metadata, "<level>L2A<", "<level>L3F<")
    assert "processing level 'L3F'; known of EnMAP are L1C and L2A" in str(refused(metadata))


def test_an_unknown_version_is_named(metadata: Path) -> None:
    edit(metadata, "<versionSchema>.*?<", "<versionSchema>01.00.00<")
    assert any("of version 01.00.00; known are 00.02 and 00.06" in note for note in describe_scene(metadata).warnings)


def test_a_missing_image_is_named(product: Path, metadata: Path) -> None:
    image = part(product, "SPECTRAL_IMAGE.TIF")
    image.unlink()
    error = refused(metadata)
    assert f"{image.name} is expected next to" in error.message
    assert "QL_PIXELMASK.TIF" in error.message


def test_two_products_in_a_folder_are_listed(product: Path, metadata: Path) -> None:
    shutil.copyfile(metadata, metadata.with_name("other-METADATA.XML"))
    error = refused(product)
    assert "holds 2 products" in error.message
    assert "other-METADATA.XML" in error.hint
    assert describe_scene(part(product, "SPECTRAL_IMAGE.TIF")).driver == "EnMAP L2A"


def test_entities_are_refused(metadata: Path) -> None:
    edit(metadata, "<level_X", '<!DOCTYPE level_X [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><level_X', count=1)
    edit(metadata, "<level>L2A<", "<level>&b;<")
    assert "declares entities or refers to other files" in str(refused(metadata))


def test_a_truncated_file_is_named(metadata: Path) -> None:
    metadata.write_bytes(metadata.read_bytes()[:70_000])
    assert "is truncated or damaged: it is not XML (no element found" in str(refused(metadata))


@pytest.mark.parametrize(
    ("pattern", "replacement", "words"),
    [
        ("<GainOfBand>.*?<", "<GainOfBand>high<", "bandID 1: expected a number as 'GainOfBand', found 'high'"),
        (
            "<wavelengthCenterOfBand>.*?<",
            "<wavelengthCenterOfBand>-5<",
            "expected a positive number as 'wavelengthCenterOfBand', found -5",
        ),
        ("<OffsetOfBand>0</OffsetOfBand>", "", "'OffsetOfBand' is expected in it, and is missing"),
        ('<bandCharacterisation>(.*?)number="2"', r'<bandCharacterisation>\1number="1"', "band 1 is listed 2 times"),
        (
            '<bandCharacterisation>(.*?)number="2"',
            r'<bandCharacterisation>\1number="two"',
            "a whole number from 1, found 'two'",
        ),
        (
            '<bandCharacterisation>(.*?)number="2"',
            r'<bandCharacterisation>\1number="225"',
            "numbered 1 to 225; the image",
        ),
        ("<bandCharacterisation>.*</bandCharacterisation>", "", "'specific/bandCharacterisation' is expected in it"),
    ],
)
def test_what_cannot_be_used_is_named(metadata: Path, pattern: str, replacement: str, words: str) -> None:
    edit(metadata, pattern, replacement, count=1)
    assert words in str(refused(metadata))


def test_a_quality_layer_of_another_size_is_not_used(product: Path, metadata: Path) -> None:
    profile = {"driver": "GTiff", "count": 1, "height": 5, "width": 7, "dtype": "uint8", "crs": "EPSG:32633"}
    with rasterio.open(part(product, "QL_QUALITY_CLOUD.TIF"), "w", transform=Affine.scale(30), **profile):
        pass
    scene = describe_scene(metadata)
    assert "cloud" not in [layer.name for layer in scene.quality_layers]
    assert any("not used for cloud: it has 5×7 pixels, the image 30×40" in note for note in scene.warnings)


def test_an_image_of_real_numbers_may_be_scaled_already(product: Path, metadata: Path) -> None:
    image = part(product, "SPECTRAL_IMAGE.TIF")
    with rasterio.open(image) as file:
        numbers, profile = file.read(), file.profile
    with rasterio.open(image, "w", **{**profile, "dtype": "float32"}) as file:
        file.write(numbers * np.float32(1e-4))
    assert any("if they were scaled before" in note for note in describe_scene(metadata).warnings)
