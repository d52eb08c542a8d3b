"""Sensor and day, from tags, from a header beside the file, or from the name of a product."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
import rasterio

import make_scenes
from hsi_engine.io.scenes.metadata.acquisition import Acquisition, acquisition_of
from hsi_engine.io.scenes.scene import describe_scene


@pytest.mark.parametrize(
    ("name", "tags", "expected"),
    [
        ("scene.tif", {}, Acquisition(sensor=None, day=None)),
        ("scene.tif", {"SENSOR": "HySpex SWIR-384"}, Acquisition(sensor="HySpex SWIR-384", day=None)),
        (
            "scene.tif",
            {"SENSOR": "unknown", "start_time": "2022-07-24T10:45:26"},
            Acquisition(sensor=None, day="2022-07-24", start=datetime(2022, 7, 24, 10, 45, 26)),
        ),
        (
            "scene.tif",
            {"NC_GLOBAL#instrument": "HYPSO-1", "NC_GLOBAL#time_coverage_start": "2022-07-24T10:45:26Z"},
            Acquisition(
                sensor="HYPSO-1", day="2022-07-24", start=datetime(2022, 7, 24, 10, 45, 26, tzinfo=timezone.utc)
            ),
        ),
        ("ENMAP01-x-SPECTRAL_IMAGE.tif", {"SENSOR": "x"}, Acquisition(sensor="EnMAP", day=None)),
    ],
)
def test_what_a_geotiff_says(tmp_path: Path, name: str, tags: dict[str, str], expected: Acquisition) -> None:
    scene = make_scenes.write_scene(tmp_path / name)
    with rasterio.open(scene, "r+") as file:
        file.update_tags(**tags)
    assert acquisition_of(describe_scene(scene)) == expected


def test_an_envi_header(tmp_path: Path) -> None:
    scene = make_scenes.write_scene(tmp_path / "scene.bsq", layout="bsq")
    header = scene.with_suffix(".hdr")
    header.write_text(header.read_text() + "sensor type = AVIRIS\nacquisition time = 1992-06-12T16:00:00Z\n")
    start = datetime(1992, 6, 12, 16, tzinfo=timezone.utc)
    assert acquisition_of(describe_scene(scene)) == Acquisition(sensor="AVIRIS", day="1992-06-12", start=start)


@pytest.mark.parametrize(
    ("stated", "start"),
    [
        ("2023-07-11T10:22:33.100000Z", "2023-07-11T10:22:33.100000+00:00"),
        ("2023-07-11T10:22:33.1234567+00:00", "2023-07-11T10:22:33.123456+00:00"),
        ("2023-07-11T23:22:33-0500", "2023-07-12T04:22:33+00:00"),
        ("2023-07-11 10:22:33 UTC", "2023-07-11T10:22:33+00:00"),
        ("20230711T102233Z", "2023-07-11T10:22:33+00:00"),
        ("2023-07-11T10:22", "2023-07-11T10:22:00"),
        ("2023:07:11 10:22:33", "2023-07-11T10:22:33"),
        ("2023-07-11", None),
        ("2023-07-11T25:00:00Z", None),
        ("2023-07-11 10:22 PM", None),
        ("0001-01-01T00:00:00+05:00", None),
    ],
)
def test_the_time_is_read_with_its_zone(tmp_path: Path, stated: str, start: str | None) -> None:
    scene = make_scenes.write_scene(tmp_path / "scene.tif")
    with rasterio.open(scene, "r+") as file:
        file.update_tags(acquisition_date=stated[:10], start_time=stated, TIFFTAG_DATETIME="2024:01:01 12:00:00")
    found = acquisition_of(describe_scene(scene))
    assert (None if found.start is None else found.start.isoformat()) == start
    assert found.day is not None


def test_the_time_at_which_a_tiff_was_written_is_not_that_of_the_scene(tmp_path: Path) -> None:
    scene = make_scenes.write_scene(tmp_path / "scene.tif")
    with rasterio.open(scene, "r+") as file:
        file.update_tags(TIFFTAG_DATETIME="2024:01:01 12:00:00")
    assert acquisition_of(describe_scene(scene)) == Acquisition(sensor=None, day="2024-01-01")
