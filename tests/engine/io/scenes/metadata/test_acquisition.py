"""Sensor and day, from tags, from a header beside the file, or from the name of a product."""

from __future__ import annotations

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
            Acquisition(sensor=None, day="2022-07-24"),
        ),
        (
            "scene.tif",
            {"NC_GLOBAL#instrument": "HYPSO-1", "NC_GLOBAL#time_coverage_start": "2022-07-24T10:45:26Z"},
            Acquisition(sensor="HYPSO-1", day="2022-07-24"),
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
    assert acquisition_of(describe_scene(scene)) == Acquisition(sensor="AVIRIS", day="1992-06-12")
