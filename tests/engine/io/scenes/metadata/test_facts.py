from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import rasterio

from hsi_engine.io.scenes.metadata.facts import SceneFacts, facts_of
from hsi_engine.io.scenes.scene import describe_scene

MakeScene = Callable[..., Path]


def tagged(path: Path, **tags: str) -> SceneFacts:
    with rasterio.open(path, "r+") as file:
        file.update_tags(**tags)
    return facts_of(describe_scene(path))


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("start_time", "Acquired"),
        ("Acquisition Date", "Acquired"),
        ("NC_GLOBAL#time_coverage_start", "Acquired"),
        ("SENSOR_TYPE", "Sensor"),
        ("NC_GLOBAL#instrument", "Sensor"),
        ("platform", "Platform"),
        ("TIFFTAG_DATETIME", "Last written"),
    ],
)
def test_a_fact_is_known_by_the_key_of_whoever_wrote_it(make_scene: MakeScene, key: str, title: str) -> None:
    assert tagged(make_scene(), **{key: "2022:07:24 10:45:26"}).get(title) == "2022:07:24 10:45:26"


@pytest.mark.parametrize("text", ["Unknown", "none", "-", "File Imported into ENVI."])
def test_a_text_that_says_nothing_is_no_fact(make_scene: MakeScene, text: str) -> None:
    assert tagged(make_scene(), sensor_type=text, instrument="AVIRIS").get("Sensor") == "AVIRIS"


def test_only_what_is_stated_is_there(make_scene: MakeScene) -> None:
    facts = tagged(make_scene(), validated="yes", update_date_of_software="2019")
    assert facts.stated == ()
    assert facts.get("Acquired") is None


def test_an_envi_header(make_scene: MakeScene) -> None:
    path = make_scene("scene.bil", layout="bil")
    header = path.with_suffix(".hdr")
    header.write_text(header.read_text() + "acquisition time = 2022-07-24T10:45:26Z\nsensor type = HySpex\n")
    facts = facts_of(describe_scene(header))
    assert facts.get("Acquired") == "2022-07-24T10:45:26Z"
    assert facts.get("Sensor") == "HySpex"
    assert facts.get("Description") == "synthetic scene"


def test_a_header_beside_a_geotiff(make_scene: MakeScene) -> None:
    path = make_scene()
    path.with_suffix(".hdr").write_text("ENVI\nsamples = 29\nlines = 37\nbands = 12\nsensor type = HySpex\n")
    assert facts_of(describe_scene(path)).get("Sensor") == "HySpex"


def test_long_texts_are_shortened(make_scene: MakeScene) -> None:
    text = tagged(make_scene(), title="word " * 100).get("Title") or ""
    assert len(text) == 160 or text.endswith("…")
    assert text.endswith("…")
