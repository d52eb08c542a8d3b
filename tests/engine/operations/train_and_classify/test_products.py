"""A map of each product as it is delivered lies on the ground that the product states."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

import hsi_engine
import mission_products
from hsi_engine.io.scenes.scene import describe_scene
from hsi_engine.pixels.grid import same_crs

_ALL = json.loads((mission_products.FOLDER / "expected.json").read_text(encoding="utf-8"))["products"]


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("product", _ALL, ids=[product["name"] for product in _ALL])
def test_a_map(product: dict[str, Any], tmp_path: Path) -> None:
    scene = describe_scene(mission_products.FOLDER / product["entry"])
    rows, cols = scene.grid.shape
    classes = np.zeros((rows, cols), np.uint8)
    classes[: rows // 2], classes[-rows // 3 :] = 1, 2  # the pattern rises down the rows
    place = {"crs": scene.grid.crs, "transform": scene.grid.transform} if product["crs"] else {}
    with rasterio.open(
        tmp_path / "labels.tif", "w", driver="GTiff", height=rows, width=cols, count=1, dtype="uint8", nodata=0, **place
    ) as file:
        file.write(classes, 1)
    hsi_engine.train_and_classify(
        scene=mission_products.FOLDER / product["entry"],
        labels=tmp_path / "labels.tif",
        model="lda",
        split="random",
        output=tmp_path / "map.tif",
        model_output=tmp_path / "m.hsimodel",
    )
    with rasterio.open(tmp_path / "map.tif") as file:
        found = file.read(1)
        if product["transform"] is not None:
            np.testing.assert_allclose(list(file.transform)[:6], product["transform"], rtol=0, atol=1e-6)
            assert same_crs(file.crs.to_wkt(), product["crs"])
    assert found.shape == (rows, cols)
    labelled = (found > 0) & (classes > 0)
    assert (found[labelled] == classes[labelled]).mean() > 0.8
    missing = [tuple(pixel) for pixel in product["nodata_first"]]
    assert all(found[pixel] == 0 for pixel in missing)
