"""Products of missions, trained on and mapped in QGIS from the file as it was delivered, on the right ground."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal, osr
from qgis.core import QgsPalettedRasterRenderer, QgsProcessing, QgsRasterLayer

from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]


def write_labels(path: Path, product: dict[str, Any]) -> np.ndarray:
    """Class 3 in the upper third of the product and class 7 in the lower one, on its grid: its reflectance rises down the rows."""
    rows, cols = product["rows"], product["cols"]
    labels = np.zeros((rows, cols), np.uint8)
    labels[: rows // 3], labels[-(rows // 3) :] = 3, 7
    file = gdal.GetDriverByName("GTiff").Create(str(path), cols, rows, 1, gdal.GDT_Byte)
    a, b, c, d, e, f = product["transform"]
    file.SetGeoTransform([c, a, b, f, d, e])
    place = osr.SpatialReference()
    place.SetFromUserInput(product["crs"])
    file.SetProjection(place.ExportToWkt())
    file.GetRasterBand(1).SetNoDataValue(0)
    file.GetRasterBand(1).WriteArray(labels)
    file.FlushCache()
    return labels


# The metadata of an image, an HDF5 file that QGIS does not open, and one in which it finds a table.
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("enmap_l2a", marks=pytest.mark.one_qgis),
        pytest.param("prisma_l2d", marks=pytest.mark.one_qgis),
        "emit_l2a",
    ],
)
def test_a_product_is_trained_on_and_mapped(
    run: Run, enmap: Path, name: str, tmp_path: Path, feedback: RecordingFeedback
) -> None:
    folder = enmap.parent / "products"
    listed = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["products"]
    (product,) = (found for found in listed if found["name"] == name)
    entry = str(folder / product["entry"])
    labels = write_labels(tmp_path / "labels.tif", product)
    settings = {"MODEL": "lda", "SPLIT": "random", "SMOOTH": False, "DEVICE": "cpu"}
    trained = run(
        "train_and_classify",
        {
            "SCENE": entry,
            "LABELS_RASTER": str(tmp_path / "labels.tif"),
            **settings,
            "OUTPUT": str(tmp_path / "map.tif"),
            "MODEL_OUTPUT": str(tmp_path / "m.hsimodel"),
            "REPORT": QgsProcessing.TEMPORARY_OUTPUT,
        },
        feedback,
    )
    again = run(
        "classify_scene",
        {
            "SCENE": entry,
            "MODEL": trained["MODEL_OUTPUT"],
            "SMOOTH": False,
            "DEVICE": "cpu",
            "OUTPUT": str(tmp_path / "2.tif"),
        },
    )
    layer = QgsRasterLayer(trained["OUTPUT"], "map")
    assert isinstance(layer.renderer(), QgsPalettedRasterRenderer)
    assert (layer.height(), layer.width()) == (product["rows"], product["cols"])
    assert layer.crs().authid() == product["crs"]
    corner, pixel = layer.extent(), abs(product["transform"][0])
    assert (corner.xMinimum(), corner.yMaximum()) == pytest.approx(
        (product["transform"][2], product["transform"][5]), abs=0.01 * pixel
    )
    classes, same = (gdal.Open(path).ReadAsArray() for path in (trained["OUTPUT"], again["OUTPUT"]))
    np.testing.assert_array_equal(classes, same)
    found = (labels > 0) & (classes > 0)
    assert found.sum() > 200
    assert (classes == labels)[found].mean() > 0.8
