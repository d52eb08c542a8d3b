"""The page on a scene, as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import make_scenes
from hsi_engine.operations.inspect_scene.operation import InspectSceneParams
from hsi_engine.operations.inspect_scene.run import run
from hsi_engine.reporting import SilentReporter

MakeScene = Callable[..., Path]


def page_of(path: Path, **options: Any) -> str:
    """The page without its pictures."""
    report = path.with_suffix(".html")
    run(InspectSceneParams(scene=path, report=report, **options), SilentReporter())
    return re.sub(r"data:image/png;base64,[\w+/=]+", "PICTURE", report.read_text(encoding="utf-8"))


def text_of(page: str) -> str:
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_it_begins_with_what_the_scene_is_worth(make_scene: MakeScene) -> None:
    page = page_of(make_scene(bad_bands=(2,), empty_bands=(5,)))
    without = np.zeros((make_scenes.ROWS, make_scenes.COLS))[make_scenes.hole()].size
    share = 1 - without / (make_scenes.ROWS * make_scenes.COLS)
    assert f"<h2>10 of 12 bands and {100 * share:.1f} % of the pixels can be used.</h2>" in page
    assert 'class="verdict-box good"' in page
    assert "Look at this first" not in page


def test_notes_stand_first(make_scene: MakeScene) -> None:
    page = page_of(make_scene(crs=None, wavelengths=False))
    text = text_of(page)
    assert 'class="verdict-box caution"' in page
    assert "Look at the 2 notes below first." in text
    assert "The scene has no CRS; its coordinates are used as they are." in text
    assert "The file states no wavelengths; bands are only known by their numbers." in text
    assert text.index("Look at this first") < text.index("Quick look") < text.index("What to do next")
    assert "Georeference the scene before you map it" in text
    assert "Add wavelengths to the file" in text


def test_two_composites_stand_beside_each_other(make_scene: MakeScene) -> None:
    page = page_of(make_scene())
    assert page.count('src="PICTURE"') == 4  # two composites, the spectrum, the values
    text = text_of(page)
    assert "True colour About what the eye sees. Red band 5 (630.0 nm), green band 3 (530.0 nm)" in text
    assert "Near infrared Vegetation is red" in text
    assert "true colour and near infrared are possible." in text


def test_bands_are_left_out_for_a_reason(make_scene: MakeScene) -> None:
    text = text_of(page_of(make_scene(bad_bands=(2, 3, 5), empty_bands=(5, 8))))
    assert "3–4 2 530.0 to 580.0 flagged bad by the file" in text
    assert "6 1 680.0 flagged bad by the file, holds no data" in text
    assert "9 1 830.0 no pixel holds data" in text
    assert "9 830.0 50.0 – – – – no pixel holds data" in text


def test_constant_and_noisy_bands_are_pointed_out(make_scene: MakeScene) -> None:
    cube = make_scenes.reflectance(bands=40)
    cube[7] = 0.25
    cube[20] = np.random.default_rng(3).normal(0.3, 0.1, cube[20].shape).clip(0.02, 0.9)
    text = text_of(page_of(make_scene(cube=cube)))
    assert "Bands with the same value in all pixels, which carry no information: 8." in text
    assert "every pixel holds 0.25: no information" in text
    assert "Bands that are unlike their neighbours and may be mostly noise: 21." in text


def test_a_scene_of_noise_has_no_noisy_bands(make_scene: MakeScene) -> None:
    cube = np.random.default_rng(3).uniform(0.1, 0.9, (40, 37, 29))
    assert "mostly noise" not in page_of(make_scene(cube=cube))


def test_water_vapour_is_named_as_the_reason(enmap: Path, tmp_path: Path) -> None:
    report = tmp_path / "scene.html"
    run(InspectSceneParams(scene=enmap / "scene.tif", report=report), SilentReporter())
    text = text_of(re.sub(r"data:image/png;base64,[\w+/=]+", "", report.read_text(encoding="utf-8")))
    assert (
        "131–135 5 1343.2 to 1390.8 flagged bad by the file, holds no data, within the absorption of water vapour"
        in text
    )
    assert "Acquired 2022-07-24 10:45:26" in text
    assert "Scale, offset 0.0001, 0" in text
    assert "Extent 4.8 × 5.76 km" in text
    assert len(report.read_bytes()) < 2_000_000


def test_the_header_alone_makes_a_page_too(make_scene: MakeScene) -> None:
    page = page_of(make_scene(empty_bands=range(12)), statistics=False)
    assert "Only the header was read, not the pixels." in page
    assert "PICTURE" not in page
    assert '<th scope="row">12</th><td>980.0</td>' in page


@pytest.mark.parametrize("bands", [1, 2, 3])
def test_scenes_of_few_bands(make_scene: MakeScene, bands: int) -> None:
    text = text_of(page_of(make_scene(bands=bands, wavelengths=False)))
    assert "All bands" in text
    assert ("Grey The scene has" in text) == (bands < 3)


def test_a_sample_is_said(make_scene: MakeScene, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "of all 1,031 pixels with data" in page_of(make_scene("a.tif"))
    monkeypatch.setattr("hsi_engine.io.scenes.statistics._SAMPLE_PIXELS", 100)
    valid = np.ones((make_scenes.ROWS, make_scenes.COLS), bool)
    valid[make_scenes.hole()] = False
    assert f"of a sample of {valid[::4, ::4].sum()} pixels on a regular grid" in page_of(make_scene("b.tif"))


def test_names_of_bands_that_say_something_are_shown(make_scene: MakeScene) -> None:
    import rasterio

    path = make_scene()
    with rasterio.open(path, "r+") as file:
        file.set_band_description(1, "Band 1 (430 nm)")
        file.set_band_description(2, "coastal <aerosol>")
    page = page_of(path)
    assert "coastal &lt;aerosol&gt;" in page
    assert "Band 1 (430 nm)" not in page
