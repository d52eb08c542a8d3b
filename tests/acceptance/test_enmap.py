"""The whole job on a real EnMAP scene from the command line: mixed pixels, holes, bands without data."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

Hsi = Callable[..., dict[str, Any]]

CLASSES = {
    "roof": 1,
    "pavement": 2,
    "low vegetation": 3,
    "tree": 4,
    "soil": 5,
    "water": 6,
}
QUICK = (
    "--model", "hybridsn", "--components", 15, "--patch-size", 11, "--epochs", 6, "--batch-size", 32,
    "--train-share", 0.2, "--split", "blocks", "--reduction", "pca", "--whiten", 1,
)  # fmt: skip


def gdalinfo(path: Path) -> dict[str, Any]:
    done = subprocess.run(["gdalinfo", "-json", str(path)], capture_output=True, text=True, check=True)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("enmap")


def test_polygons_with_text_classes_to_a_styled_map_and_its_accuracy(enmap: Path, folder: Path, hsi: Hsi) -> None:
    model, class_map = folder / "text.hsimodel", folder / "text_map.tif"
    trained = hsi(
        "train", "--scene", enmap / "scene.tif", "--labels", enmap / "polygons.gpkg", "--class-field", "class_name",
        "--output", model, *QUICK,
    )  # fmt: skip
    assert 0 <= trained["test"]["overall_accuracy"] <= 1
    assert trained["split"]["strategy"] == "blocks"
    assert trained["split"]["leakage"] == 0
    # A map of the commonest class alone has kappa 0; so has one of labels that lie elsewhere.
    assert trained["test"]["kappa"] > 0.25
    assert trained["bands_used"] == 218
    assert any("130–135" in note for note in trained["notes"])

    mapped = hsi("classify", "--scene", enmap / "scene.tif", "--model", model, "--output", class_map)
    assert mapped["nodata_pixels"] == 12 * 32 * 32
    info = gdalinfo(class_map)
    assert info["size"] == [160, 192]
    band = info["bands"][0]
    assert band["noDataValue"] == 0
    # The polygons have a field with a number for each name.
    assert [name for name in band["categories"] if name] == sorted(CLASSES, key=CLASSES.__getitem__)
    with rasterio.open(enmap / "scene.tif") as scene, rasterio.open(class_map) as written:
        assert written.crs == scene.crs
        assert written.transform == scene.transform
        void = np.all(scene.read([1, 60, 200]) == scene.nodata, axis=0)
        np.testing.assert_array_equal(written.read(1) == 0, void)
        colours = written.colormap(1)
    by_name = {c["name"]: c for c in trained["classes"]}
    assert set(by_name) == set(CLASSES)
    for entry in by_name.values():
        assert "#{:02x}{:02x}{:02x}".format(*colours[entry["value"]][:3]) == entry["color"]

    assessed = hsi("assess", "--map", class_map, "--reference", enmap / "polygons.gpkg", "--class-field", "class_name")
    assert {"overall_accuracy", "average_accuracy", "kappa", "confusion_matrix"} <= assessed.keys()
    assert np.array(assessed["confusion_matrix"]).sum() == assessed["samples"]


def test_label_raster_with_given_split(enmap: Path, folder: Path, hsi: Hsi) -> None:
    model, class_map = folder / "raster.hsimodel", folder / "raster_map.tif"
    trained = hsi(
        "train", "--scene", enmap / "scene.tif", "--labels", enmap / "labels.tif", "--split-source",
        enmap / "split.tif", "--output", model, "--model", "lda",
    )  # fmt: skip
    assert trained["split"]["strategy"] == "given"
    assert [c["value"] for c in trained["classes"]] == sorted(CLASSES.values())
    hsi("classify", "--scene", enmap / "scene.tif", "--model", model, "--output", class_map)
    assessed = hsi("assess", "--map", class_map, "--reference", enmap / "labels.tif")
    assert [c["value"] for c in assessed["classes"]] == sorted(CLASSES.values())
    with rasterio.open(enmap / "labels.tif") as labels, rasterio.open(class_map) as written:
        reference, values = labels.read(1), written.read(1)
    known = reference > 0
    assert assessed["samples"] == known.sum()
    assert assessed["overall_accuracy"] == pytest.approx(np.mean(values[known] == reference[known]))
