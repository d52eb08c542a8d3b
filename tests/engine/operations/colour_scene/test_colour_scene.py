from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import rasterio
from matplotlib.image import imread

import hsi_engine
import make_scenes
from hsi_engine.errors import Cancelled, OutputError, ParameterError, SceneError
from hsi_engine.operations.colour_scene.operation import OPERATION, ColourSceneParams, ColourSceneResult
from hsi_engine.operations.definition.function import start
from hsi_engine.reporting import SilentReporter
from make_scenes import COLS, ROWS

MakeScene = Callable[..., Path]


def colour(path: Path, **options: Any) -> ColourSceneResult:
    return start(OPERATION, ColourSceneParams(scene=path, **options), SilentReporter())


def stored(path: Path, band: int) -> np.ndarray:
    with rasterio.open(path) as file:
        return np.asarray(file.read(band).astype(float))


def test_limits_are_percentiles_of_the_valid_pixels(make_scene: MakeScene) -> None:
    path = make_scene(offset=0.25)
    result = colour(path, composite="near_infrared")

    assert [(c.colour, c.band, c.wavelength_nm) for c in result.channels] == [
        ("red", 10, 880.0),
        ("green", 5, 630.0),
        ("blue", 3, 530.0),
    ]
    for channel in result.channels:
        numbers = stored(path, channel.band)
        low, high = np.percentile(numbers[numbers != -32768], (2, 98))
        assert (channel.low, channel.high) == pytest.approx((low, high))
        assert (channel.shown_low, channel.shown_high) == pytest.approx((low * 1e-4 + 0.25, high * 1e-4 + 0.25))
    assert result.sampled_pixels == ROWS * COLS
    assert result.valid_pixels == ROWS * COLS - np.zeros((ROWS, COLS))[make_scenes.hole()].size
    assert result.possible == ["true_colour", "near_infrared"]
    assert result.notes == []


def test_other_percentiles(make_scene: MakeScene) -> None:
    path = make_scene()
    red = colour(path, lower_percent=0, upper_percent=100).channels[0]
    numbers = stored(path, red.band)
    assert (red.low, red.high) == (numbers[numbers != -32768].min(), numbers.max())
    with pytest.raises(ParameterError, match=r"'lower_percent' \(60\) must be smaller than 'upper_percent' \(40\)"):
        hsi_engine.colour_scene(scene=path, lower_percent=60, upper_percent=40)


def test_a_large_scene_is_sampled_all_over(make_scene: MakeScene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hsi_engine.operations.parts.colour_stretch._SAMPLE_PIXELS", 120)
    path = make_scene()
    result = colour(path)
    numbers = stored(path, result.channels[0].band)[::4, ::4]
    assert result.sampled_pixels == numbers.size == 80
    low, high = np.percentile(numbers[numbers != -32768], (2, 98))
    assert (result.channels[0].low, result.channels[0].high) == pytest.approx((low, high))
    assert result.notes == [
        "The limits come from 80 pixels, every 4th in both directions over the whole scene.",
    ]


def test_a_factor_that_only_envi_knows_is_not_in_what_a_gis_shows(make_scene: MakeScene) -> None:
    path = make_scene("scene.bil", layout="bil", scale=1.0, cube=make_scenes.reflectance() * 10_000)
    header = path.with_suffix(".hdr")
    lines = [line for line in header.read_text().splitlines() if not line.startswith("data ")]
    header.write_text("\n".join([*lines, "data type = 2", "reflectance scale factor = 10000"]) + "\n")
    red = colour(path).channels[0]
    assert red.high > 1000
    assert (red.shown_low, red.shown_high) == (red.low, red.high)


def test_the_style_has_the_limits_of_the_values_shown(make_scene: MakeScene, tmp_path: Path) -> None:
    style = tmp_path / "scene.qml"
    result = colour(make_scene(nodata=None, with_hole=False), nodata=5, style=style)
    renderer = ET.fromstring(style.read_text(encoding="utf-8").partition("\n")[2]).find("pipe/rasterrenderer")
    assert renderer is not None
    assert renderer.get("type") == "multibandcolor"
    for channel in result.channels:
        assert renderer.get(f"{channel.colour}Band") == str(channel.band)
        found = renderer.find(f"{channel.colour}ContrastEnhancement")
        assert found is not None
        limits = [float(found.findtext(name) or "nan") for name in ("minValue", "maxValue")]
        assert limits == [channel.shown_low, channel.shown_high]
    entry = renderer.find("rasterTransparency/threeValuePixelList/pixelListEntry")
    assert entry is not None
    assert entry.attrib == {"percentTransparent": "100", "red": "0.0005", "green": "0.0005", "blue": "0.0005"}


def test_picture_and_image_show_the_same_pixels(make_scene: MakeScene, tmp_path: Path) -> None:
    picture, image = tmp_path / "scene.png", tmp_path / "image.tif"
    path = make_scene()
    result = colour(path, picture=picture, image=image)
    with rasterio.open(image) as file:
        colours = file.read()
        assert (file.nodata, file.crs.to_epsg(), file.transform) == (0, 32633, make_scenes.NORTH_UP)
        assert [c.name for c in file.colorinterp] == ["red", "green", "blue"]
        assert file.descriptions == tuple(f"band {c.band} ({c.wavelength_nm:.1f} nm)" for c in result.channels)
    inside = np.ones((ROWS, COLS), bool)
    inside[make_scenes.hole()] = False
    assert ((colours > 0).all(axis=0) == inside).all()
    red = result.channels[0]
    share = np.clip((stored(path, red.band) - red.low) / (red.high - red.low), 0, 1)
    np.testing.assert_array_equal(colours[0][inside], np.rint(1 + 254 * share)[inside])
    shown = np.rint(imread(picture) * 255).astype(int)
    np.testing.assert_array_equal(shown[..., 3] == 255, inside)
    np.testing.assert_array_equal(np.moveaxis(shown[..., :3], -1, 0)[:, inside], colours[:, inside])


def test_a_scene_that_is_stored_south_up_is_turned_in_the_picture(make_scene: MakeScene, tmp_path: Path) -> None:
    picture = tmp_path / "scene.png"
    colour(make_scene(transform=make_scenes.SOUTH_UP), picture=picture)
    hole = make_scenes.hole()
    assert (imread(picture)[::-1][hole][..., 3] == 0).all()


def test_missing_data_that_is_not_declared_does_not_spoil_the_limits(make_scene: MakeScene) -> None:
    cube = make_scenes.reflectance()
    cube[:, :4] = 0
    path = make_scene(cube=cube, dtype="uint16", nodata=None, with_hole=False)
    result = colour(path)
    numbers = stored(path, result.channels[0].band)[4:]
    assert result.channels[0].low == pytest.approx(np.percentile(numbers, 2))
    assert [note[:60] for note in result.notes] == ["116 of 1,073 pixels hold 0 in all bands, which looks like mi"]
    assert colour(path, nodata=0).notes == []


def test_dark_water_is_not_taken_for_missing_data(make_scene: MakeScene) -> None:
    cube = make_scenes.reflectance()
    shown = [4, 2, 1]
    cube[shown, :4] = 0
    result = colour(make_scene(cube=cube, dtype="uint16", nodata=None, with_hole=False))
    assert [c.band - 1 for c in result.channels] == shown
    assert result.notes == []
    assert result.channels[0].low == 0


def test_empty_and_bad_bands_are_not_shown(make_scene: MakeScene) -> None:
    assert [c.band for c in colour(make_scene(), composite="near_infrared").channels] == [10, 5, 3]
    path = make_scene(empty_bands=(9,), bad_bands=(4,))
    assert [c.band for c in colour(path, composite="near_infrared").channels] == [9, 6, 3]


def test_all_bands_flagged_bad_are_shown_all_the_same(make_scene: MakeScene) -> None:
    result = colour(make_scene(bad_bands=range(12)))
    assert result.composite == "true_colour"
    assert result.notes == ["The file flags all of its bands as bad; they are shown all the same."]


def test_a_band_with_one_value_is_said(make_scene: MakeScene) -> None:
    cube = make_scenes.reflectance()
    cube[4] = 0.3
    result = colour(make_scene(cube=cube))
    assert result.notes == ["All pixels of band 5 (630.0 nm) hold 3000; the band shows nothing."]
    assert result.channels[0].low < result.channels[0].high


def test_a_band_that_is_nearly_constant_is_stretched_between_its_extremes(make_scene: MakeScene) -> None:
    cube = np.full((12, 37, 29), 0.3)
    cube[:, 20, 3] = 0.5
    result = colour(make_scene(cube=cube, with_hole=False))
    assert (result.channels[0].low, result.channels[0].high) == (3000, 5000)


def test_no_pixel_with_data_in_all_three_bands_is_an_error(make_scene: MakeScene) -> None:
    cube = make_scenes.reflectance()
    cube[9, :20] = np.nan
    cube[4, 20:] = np.nan
    with pytest.raises(SceneError, match=r"No pixel holds data in all of the bands .*red band 10 \(880\.0 nm\)"):
        colour(make_scene(cube=cube), composite="near_infrared")


def test_text_for_a_person(make_scene: MakeScene, tmp_path: Path) -> None:
    result = colour(make_scene(wavelengths=False), style=tmp_path / "scene.qml")
    lines = result.to_text().splitlines()
    assert lines[0] == "Bands 9, 7 and 4 (2–98 % of the pixels)"
    assert lines[1].startswith("  red    band    9   0.")
    assert lines[-2].startswith("Note: The scene states no wavelengths")
    assert lines[-1] == f"Written: {tmp_path / 'scene.qml'}"


def test_one_file_for_two_outputs_and_wrong_endings_are_refused(make_scene: MakeScene, tmp_path: Path) -> None:
    path = make_scene()
    with pytest.raises(OutputError, match=r"must end in \.qml"):
        colour(path, style=tmp_path / "style.xml")
    with pytest.raises(OutputError, match="also an input"):
        colour(path, image=path)
    assert [p.name for p in tmp_path.iterdir() if p != path] == []


def test_cancel_leaves_nothing(make_scene: MakeScene, tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    path = make_scene()
    with pytest.raises(Cancelled):
        start(OPERATION, ColourSceneParams(scene=path, image=tmp_path / "image.tif"), SilentReporter(cancel))
    assert list(tmp_path.glob("*image*")) == []


def test_enmap(enmap: Path) -> None:
    result = colour(enmap / "scene.tif", composite="short_wave_infrared")
    assert [c.band for c in result.channels] == [193, 75, 45]
    assert result.possible == ["true_colour", "near_infrared", "short_wave_infrared"]
