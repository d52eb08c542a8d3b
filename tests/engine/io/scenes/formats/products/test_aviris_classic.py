from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

import hsi_engine
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.scene import describe_scene, open_scene
from hsi_engine.pixels.window import Window

ROWS, COLS = 11, 17
# The second spectrometer begins before the first one ends.
WAVELENGTHS = [640.0, 650.0, 667.5, 655.5, 665.2, 675.0]
ORDER = [0, 1, 3, 4, 2, 5]
GAINS = [300, 300, 300, 600, 600, 1200]
STEM = "f080611t01p00r06rdn_c"


def write(folder: Path, name: str = f"{STEM}_sc01_ort_img") -> tuple[Path, np.ndarray]:
    """An image as it is distributed: ENVI without suffix, most significant byte first, rotated."""
    numbers = np.random.default_rng(5).integers(0, 9000, (6, ROWS, COLS)).astype(np.int16)
    numbers[:, 0, :3] = -50
    image = folder / name
    image.write_bytes(numbers.transpose(1, 2, 0).astype(">i2").tobytes())
    image.with_name(f"{name}.hdr").write_text(
        f"ENVI\nsamples = {COLS}\nlines = {ROWS}\nbands = 6\nheader offset = 0\ndata type = 2\ninterleave = bip\nbyte order = 1\n"
        "map info = {UTM, 1, 1, 500000, 4200000, 15, 15, 11, North, WGS-84, units=Meters, rotation=30}\n"
    )
    (folder / f"{STEM}.spc").write_text(
        "".join(f" {w:9.3f} {9.5:8.3f} 0.2 0.05 {i}\n" for i, w in enumerate(WAVELENGTHS))
    )
    return image, numbers


@pytest.fixture
def scene(tmp_path: Path) -> tuple[Path, np.ndarray]:
    image, numbers = write(tmp_path)
    (tmp_path / f"{STEM}.gain").write_text("".join(f"{gain:6d} {band}\n" for band, gain in enumerate(GAINS, start=1)))
    return image, numbers


def test_radiance(scene: tuple[Path, np.ndarray]) -> None:
    image, numbers = scene
    for chosen in (image, image.with_name(f"{image.name}.hdr")):
        found = describe_scene(chosen)
        assert found.bands.wavelength_nm == tuple(sorted(WAVELENGTHS))
        assert found.bands.fwhm_nm == (9.5,) * 6
        assert (found.nodata, found.driver, found.texts["sensor"]) == (-50, "AVIRIS, ENVI", "AVIRIS")
        with open_scene(found) as reader:
            block = reader.read(Window.of_shape((ROWS, COLS)), range(6))
        assert block.valid.sum() == ROWS * COLS - 3
        expected = numbers[ORDER] / np.array(GAINS)[ORDER][:, None, None]
        np.testing.assert_allclose(block.data[:, block.valid], expected[:, block.valid], rtol=1e-6)


def test_a_style_names_the_bands_as_a_gis_counts_them(scene: tuple[Path, np.ndarray]) -> None:
    # Grey: the wavelengths reach over too little of the spectrum for a composite.
    result = hsi_engine.colour_scene(scene=scene[0], style=scene[0].with_suffix(".qml"))
    assert {channel.band: channel.shown_band for channel in result.channels}.items() <= {
        place + 1: band + 1 for place, band in enumerate(ORDER)
    }.items()
    shown = [channel.shown_band for channel in result.channels]
    assert shown != [channel.band for channel in result.channels]
    style = ET.parse(scene[0].with_suffix(".qml")).find(".//rasterrenderer")
    assert style is not None
    assert [style.get(f"{colour}Band") for colour in ("red", "green", "blue")] == [str(band) for band in shown]


def test_the_grid_is_rotated(scene: tuple[Path, np.ndarray]) -> None:
    with rasterio.open(scene[0]) as file:
        expected = file.transform
    found = describe_scene(scene[0]).grid.transform
    assert found == expected
    assert found.b == pytest.approx(15 * np.sin(np.radians(30)))
    assert found.d == pytest.approx(15 * np.sin(np.radians(30)))
    assert found.almost_equals(Affine(found.a, found.b, 500000, found.d, found.e, 4200000))


def test_reflectance(tmp_path: Path) -> None:
    image, _ = write(tmp_path, f"{STEM}_rfl")
    found = describe_scene(image)
    assert set(found.scale) == {0.0001}
    assert any("divided by 10,000" in note for note in found.warnings)


def test_an_image_without_such_files_is_as_before(scene: tuple[Path, np.ndarray]) -> None:
    for file in scene[0].parent.glob(f"{STEM}.*"):
        file.unlink()
    assert describe_scene(scene[0]).format == "envi"


@pytest.mark.parametrize(("ending", "text", "words"), [
    ("spc", "640.0 9.5\n650.0 9.5\n", "for each of the 6 bands of the image; it has 2 lines"),
    ("gain", "300\n" * 5 + "-1\n", "line 6 of these is '-1'"),
    ("gain", "300\n" * 5 + "none\n", "line 6 of these is 'none'"),
])  # fmt: skip
def test_what_does_not_fit_is_refused(scene: tuple[Path, np.ndarray], ending: str, text: str, words: str) -> None:
    (scene[0].parent / f"{STEM}.{ending}").write_text(text)
    with pytest.raises(SceneError, match=words) as caught:
        describe_scene(scene[0])
    assert "without it" in caught.value.hint
