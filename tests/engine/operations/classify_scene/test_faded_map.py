"""The map faded by confidence: colours of the classes, more transparent the less sure the model is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp

from hsi_engine.classes.legend import Legend
from hsi_engine.io.maps.class_map import NumberMapWriter
from hsi_engine.operations.classify_scene.product import MappedPixels
from hsi_engine.operations.classify_scene.products import FADED
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import Window

LEGEND = Legend.of({1: "a", 2: "b", 3: "c", 4: "d"}, {1: "#0072b2", 2: "#ff0000", 3: "#123456", 4: "#ffffff"})


@pytest.fixture
def values() -> Any:
    """Pixels without data, at chance, half sure, sure, and unclassified ones."""
    confidence = np.array([[np.nan, 0.25, 0.625, 1.0, 0.4]], np.float32)
    prediction = SimpleNamespace(confidence=confidence)
    indices = np.array([[-1, 0, 1, 2, -1]])
    return FADED.values(MappedPixels(prediction=prediction, indices=indices, bundle=SimpleNamespace(legend=LEGEND)))  # type: ignore[arg-type]


def test_opacity_rises_from_chance_to_certainty_and_only_nodata_is_0(values: Any) -> None:
    assert values[3].tolist() == [[0, 1, 128, 255, 0]]
    assert values[:3, 0, 1:4].T.tolist() == [[0, 0x72, 0xB2], [255, 0, 0], [0x12, 0x34, 0x56]]
    assert not values[:, 0, [0, 4]].any()


def test_programs_see_colours_and_opacity(values: Any, tmp_path: Path) -> None:
    path, grid = (
        tmp_path / "faded.tif",
        Grid(crs="EPSG:32633", transform=Affine(30, 0, 3e5, 0, -30, 5.8e6), shape=(1, 5)),
    )
    with NumberMapWriter(path, grid, FADED.bands(LEGEND), dtype=FADED.dtype, nodata=FADED.nodata) as writer:  # type: ignore[misc]
        writer.write(Window(row=0, col=0, height=1, width=5), values)
    with rasterio.open(path) as file:
        assert file.colorinterp == (ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha)
        assert file.read().tolist() == values.tolist()
        # The opacity alone says where there is no data; 0 in a colour does not.
        assert file.nodata is None
        assert file.dataset_mask().tolist() == values[3].tolist()
