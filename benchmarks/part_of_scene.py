"""Time of a map of a part of a scene, against that of the whole: ``python -m benchmarks.part_of_scene``.

Makes a scene of 4096×4096 pixels and 50 bands (tiled GeoTIFF, 1.7 GB; ``--bands`` for others), trains a spectral-first network on a small one of the same
classes, and maps with it in one process: the whole scene, one hundredth of it as an extent in the middle, and one hundredth as
a mask of four squares near the corners. With fewer bands or ``--model logistic_regression``, which maps eight megapixels
a second, what a map takes besides its pixels weighs more. Prints one JSON document:

- ``seconds``: of each map, from the open scene to the written files; the fastest of ``runs``;
- ``share_of_whole``: of the two parts; 0.05 at most is aimed at. The map of the mask covers two thirds of the scene, nearly
  all of it empty; writing and checking that file is most of its time.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from affine import Affine
from rasterio.windows import Window as RasterioWindow

import hsi_engine
from hsi_engine.operations.classify_scene.operation import ClassifySceneParams
from hsi_engine.operations.classify_scene.run import map_scene
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import SilentReporter

EDGE_PX = 4096
BANDS = 50
MODEL = "spectral_cnn"
RUNS = 3
AIM = 0.05
_BLOCK_PX = 256
_FIELD_PX = 24
_TRANSFORM = Affine(30.0, 0.0, 364095.0, 0.0, -30.0, 5809965.0)


def classes_of(window: Window) -> npt.NDArray[np.uint8]:
    """Class value 1 to 3 of the pixels of a window, (rows, cols): diagonal stripes of fields."""
    row, col = np.ogrid[window.row : window.row_end, window.col : window.col_end]
    return np.asarray((row // _FIELD_PX + col // _FIELD_PX) % 3 + 1, np.uint8)


def write_scene(path: Path, edge_px: int, bands: int) -> None:
    """Write a scene block by block: a spectrum for each class, and noise."""
    spectra = np.array([[400, 2400, 1600], [500, 2000, 1900], [600, 1200, 2300]])[:, np.arange(bands) % 3]
    with rasterio.open(path, "w", count=bands, dtype="uint16", **_profile(edge_px)) as file:
        for window in _blocks(edge_px):
            noise = np.random.default_rng([window.row, window.col]).normal(0, 300, (bands, *window.shape))
            data = np.clip(spectra[classes_of(window) - 1].transpose(2, 0, 1) + noise, 1, 60_000)
            file.write(
                data.astype(np.uint16), window=RasterioWindow(window.col, window.row, window.width, window.height)
            )


def write_raster(path: Path, values: npt.NDArray[np.uint8]) -> None:
    """Write labels or a mask on the grid of a scene of the same size."""
    with rasterio.open(path, "w", count=1, dtype="uint8", **_profile(len(values))) as file:
        file.write(values, 1)


def extent_text(window: Window) -> str:
    """The extent of some pixels, as ``--extent`` takes it."""
    left, top = _TRANSFORM @ (window.col, window.row)
    right, bottom = _TRANSFORM @ (window.col_end, window.row_end)
    return f"{left},{bottom},{right},{top}"


def measure(folder: Path, bands: int, model_name: str) -> dict[str, Any]:
    """Make the inputs in ``folder`` and map three times; see the description of this module."""
    small, scene, model = folder / "small.tif", folder / "scene.tif", folder / "m.hsimodel"
    write_scene(small, 8 * _FIELD_PX, bands)
    write_raster(folder / "labels.tif", classes_of(Window.of_shape((8 * _FIELD_PX, 8 * _FIELD_PX))))
    hsi_engine.train_classifier(scene=small, labels=folder / "labels.tif", output=model, model=model_name, split="none")
    write_scene(scene, EDGE_PX, bands)
    part_px, quarter_px = EDGE_PX // 10, EDGE_PX // 20
    middle = Window(row=(EDGE_PX - part_px) // 2, col=(EDGE_PX - part_px) // 2, height=part_px, width=part_px)
    inside = np.zeros((EDGE_PX, EDGE_PX), np.uint8)
    for row in (EDGE_PX // 10, EDGE_PX * 8 // 10):
        for col in (EDGE_PX // 10, EDGE_PX * 8 // 10):
            inside[row : row + quarter_px, col : col + quarter_px] = 1
    write_raster(folder / "mask.tif", inside)
    jobs: dict[str, dict[str, Any]] = {
        "extent": {"extent": extent_text(middle)},
        "mask": {"mask": folder / "mask.tif"},
        "whole": {},
    }
    seconds = {name: _fastest(scene, model, folder / f"map_of_{name}.tif", options) for name, options in jobs.items()}
    shares = {name: seconds[name] / seconds["whole"] for name in ("extent", "mask")}
    return {
        "shape": [EDGE_PX, EDGE_PX, bands],
        "model": model_name,
        "runs": RUNS,
        "share_of_pixels": {"extent": (part_px / EDGE_PX) ** 2, "mask": float(inside.mean())},
        "seconds": seconds,
        "share_of_whole": shares,
        "aim": AIM,
        "within_aim": max(shares.values()) <= AIM,
    }


def _fastest(scene: Path, model: Path, output: Path, options: dict[str, Any]) -> float:
    params = ClassifySceneParams(scene=scene, model=model, output=output, device="cpu", **options)
    return min(map_scene(params, SilentReporter()).seconds for _ in range(RUNS))


def _profile(edge_px: int) -> dict[str, Any]:
    return {
        "driver": "GTiff", "height": edge_px, "width": edge_px, "crs": "EPSG:32633", "transform": _TRANSFORM,
        "tiled": True, "blockxsize": _BLOCK_PX, "blockysize": _BLOCK_PX, "interleave": "band",
    }  # fmt: skip


def _blocks(edge_px: int) -> list[Window]:
    starts = range(0, edge_px, _BLOCK_PX)
    return [
        Window(row=row, col=col, height=_BLOCK_PX, width=_BLOCK_PX).clip((edge_px, edge_px))
        for row in starts
        for col in starts
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.part_of_scene")
    parser.add_argument("--bands", type=int, default=BANDS)
    parser.add_argument("--model", default=MODEL)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder), given.bands, given.model), indent=2))


if __name__ == "__main__":
    main()
