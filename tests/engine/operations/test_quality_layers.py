"""Clouds and their shadows in a product hold no data by default, in every operation, and the log counts them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

import hsi_engine
import mission_products
from hsi_engine.reporting import SilentReporter
from mission_products import part

# Pixels under clouds and their shadows, and pixels with data, see expected.json.
COVERED, WITH_DATA = 23, 846


class Listening(SilentReporter):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def log(self, text: str, level: str = "info") -> None:
        self.lines.append(text)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EnMAP metadata, with labels in three strips next to them."""
    folder = tmp_path_factory.mktemp("quality")
    metadata = part(mission_products.copy_product("enmap_l2a", folder), "METADATA.XML")
    with rasterio.open(part(metadata.parent, "SPECTRAL_IMAGE.TIF")) as image:
        profile = {**image.profile, "count": 1, "dtype": "uint8", "nodata": 0}
    labels = np.zeros((30, 40), np.uint8)
    for value, rows in enumerate((slice(5, 9), slice(13, 17), slice(21, 25)), start=1):
        labels[rows, 8:32] = value
    with rasterio.open(folder / "labels.tif", "w", **profile) as file:
        file.write(labels, 1)
    return metadata


def test_scene_information_lists_and_counts_all_layers(product: Path) -> None:
    found = hsi_engine.inspect_scene(scene=product)
    assert found.format == "EnMAP L2A"
    assert {layer.name: (layer.pixels, layer.masked) for layer in found.quality_layers} == {
        "cloud": (15, True), "cloud shadow": (8, True), "cirrus": (3, False), "haze": (0, False), "snow": (2, False),
        "water": (8, False), "saturated": (1, False), "defective in a band": (2, False),
    }  # fmt: skip
    assert found.valid_pixels == WITH_DATA - COVERED
    assert "cloud 15 (masked), cloud shadow 8 (masked), cirrus 3" in found.to_text()
    assert "80, 83, 85, 87, 89, 91, 94, 96, 98 (overlap of the detectors)" in found.to_text()
    kept = hsi_engine.inspect_scene(scene=product, quality="keep")
    assert kept.valid_pixels == WITH_DATA
    assert not any(layer.masked for layer in kept.quality_layers)
    unread = hsi_engine.inspect_scene(scene=product, statistics=False)
    assert [layer.pixels for layer in unread.quality_layers] == [None] * 8


@pytest.fixture(scope="module")
def trained(product: Path) -> tuple[Path, list[str]]:
    """A model of the product with clouds masked, and the log of its training."""
    log, model = Listening(), product.parent.parent / "m.hsimodel"
    labels = product.parent.parent / "labels.tif"
    hsi_engine.train_classifier(scene=product, labels=labels, model="lda", split="random", output=model, reporter=log)
    return model, log.lines


@pytest.mark.parametrize(
    ("quality", "unclassified", "outcome"),
    [
        ("mask", 1200 - WITH_DATA + COVERED, "they hold no data"),
        ("keep", 1200 - WITH_DATA, "they are used like all others"),
    ],
)
def test_map(
    product: Path, trained: tuple[Path, list[str]], tmp_path: Path, quality: str, unclassified: int, outcome: str
) -> None:
    log = Listening()
    mapped = hsi_engine.classify_scene(
        scene=product, model=trained[0], output=tmp_path / "map.tif", quality=quality, reporter=log
    )
    assert mapped.nodata_pixels == unclassified
    (said,) = [line for line in log.lines if "15 pixels as cloud and 8 pixels as cloud shadow" in line]
    assert outcome in said
    with rasterio.open(tmp_path / "map.tif") as file:
        assert (file.crs.to_epsg(), file.transform[2], file.transform[5]) == (32633, 365415, 5826045)


def test_a_training_counts_them(trained: tuple[Path, list[str]]) -> None:
    assert any("15 pixels as cloud and 8 pixels as cloud shadow: they hold no data" in line for line in trained[1])


def test_a_model_finds_its_bands_though_the_detectors_overlap_elsewhere(
    trained: tuple[Path, list[str]], tmp_path: Path
) -> None:
    other = part(mission_products.copy_product("enmap_l2a", tmp_path), "METADATA.XML")
    # Bands 83 and 84 are those of the other detector each, at wavelengths that are a little different.
    for detector, mine, theirs in (("vnir", "84", "83"), ("swir", "83", "84")):
        tag = f"{detector}ProductQuality"
        mission_products.edit(other, f"(<{tag}>.*?),{mine},(.*?</{tag}>)", rf"\1,{theirs},\2")
    listed = {band.number: band.wavelength_nm for band in hsi_engine.inspect_scene(scene=other, statistics=False).bands}
    assert listed[83] is not None
    assert listed[84] is not None
    for number, wavelength in ((83, listed[84] - 0.4), (84, listed[84] + 0.4)):
        old = f'(<bandCharacterisation>.*?number="{number}">\\s*<wavelengthCenterOfBand>).*?<'
        mission_products.edit(other, old, rf"\g<1>{wavelength:.3f}<", count=1)
    mapped = hsi_engine.classify_scene(scene=other, model=trained[0], output=tmp_path / "map.tif")
    assert mapped.nodata_pixels == 1200 - WITH_DATA + COVERED
