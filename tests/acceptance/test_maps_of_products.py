"""``hsi map`` on each miniature product, from its file as it was delivered to a map on the right ground.

Labels come from the pattern that all products hold. The folder of the products is that of the shared data, or ``HSI_PRODUCTS``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from affine import Affine

from hsi_engine.cli.program import run_program
from hsi_engine.io.maps.class_map import read_grid
from hsi_engine.io.maps.map_writer import quiet_about_georeferencing
from hsi_engine.io.scenes.scene import find_usable_bands, open_scene
from hsi_engine.pixels.grid import same_crs
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import SilentReporter

Product = dict[str, Any]

_SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
FOLDER = Path(os.environ.get("HSI_PRODUCTS") or Path(os.environ.get("HSI_TEST_DATA", _SHARED)) / "products").resolve()


def _products() -> list[Any]:
    file = FOLDER / "expected.json"
    listed = json.loads(file.read_text(encoding="utf-8"))["products"] if file.is_file() else []
    return [pytest.param(product, id=product["name"]) for product in listed]


def write_labels(entry: Path, path: Path) -> npt.NDArray[np.uint8]:
    """The dark third of the scene as class 3 and the bright third as class 7, on its grid; they are returned."""
    with open_scene(entry) as reader:
        bands = find_usable_bands(reader, SilentReporter()).indices
        block = reader.read(Window.of_shape(reader.scene.grid.shape), bands[len(bands) // 2 : len(bands) // 2 + 1])
        grid = reader.scene.grid
    brightness = block.data[0]
    low, high = np.quantile(brightness[block.valid], [1 / 3, 2 / 3])
    labels = np.select([~block.valid, brightness < low, brightness > high], [0, 3, 7], 0).astype(np.uint8)
    place = {"transform": grid.transform} if grid.is_georeferenced else {}
    height, width = grid.shape
    with (
        quiet_about_georeferencing(),
        rasterio.open(
            path,
            "w",
            driver="GTiff",
            count=1,
            height=height,
            width=width,
            dtype="uint8",
            crs=grid.crs,
            nodata=0,
            **place,
        ) as file,
    ):
        file.write(labels, 1)
    return labels


@pytest.mark.parametrize("product", _products())
def test_a_product_becomes_a_map_on_its_ground(
    product: Product, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry, output = FOLDER / product["entry"], tmp_path / "map.tif"
    labels = write_labels(entry, tmp_path / "labels.tif")
    files = ["--scene", str(entry), "--labels", str(tmp_path / "labels.tif"), "--output", str(output)]
    model = ["--model", "lda", "--split", "random", "--model-output", str(tmp_path / "m.hsimodel")]
    code = run_program(["map", *files, *model], None)
    assert code == 0, capsys.readouterr().err

    grid = read_grid(output)
    assert grid.shape == (product["rows"], product["cols"])
    assert same_crs(grid.crs, product["crs"])
    if product["transform"] is None:
        assert not grid.is_georeferenced
    else:
        corner, pixel = Affine(*product["transform"]) @ (0, 0), min(grid.pixel_size)
        assert grid.transform @ (0, 0) == pytest.approx(corner, abs=0.01 * pixel)
        for named in product["pixels"]:
            col, row = ~grid.transform @ (named["x"], named["y"])
            assert (int(row), int(col)) == (named["row"], named["col"]), named["name"]
    with quiet_about_georeferencing(), rasterio.open(output) as file:
        classes = file.read(1)
    # Dark and bright are where they were labelled: no axis is exchanged, no row left out.
    labelled = labels > 0
    assert (classes[labelled] == labels[labelled]).mean() > 0.9
