"""The same scene read from files of different layout: ``python -m benchmarks.reading``.

Mirrors Indian Pines to 512×768 pixels of 200 bands (uint16, 157 MB), stores it in each layout, and makes two passes over
each file: one that reduces the scene to 30 components, strip by strip as a map is made, and one that fits the PCA. Prints
one JSON document; of each layout the time of each pass (from memory, since the files have just been written; the shortest
of three, in turn, of uncompressed files) and its ratio to the fastest uncompressed layout. ``worst_ratio`` is the largest
ratio among the uncompressed and among the compressed layouts.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio

from benchmarks.large_scene import Source, grid_of, mirrored
from hsi_engine.inference.strips import reduced_strips
from hsi_engine.io.scenes.scene import Scene, SceneReader, describe_scene, find_usable_bands
from hsi_engine.preprocess.branch import ReductionSettings
from hsi_engine.preprocess.chain import Preprocessing
from hsi_engine.preprocess.fitting import fit_preprocessing
from hsi_engine.reporting import SilentReporter

SHAPE = (512, 768)
COMPONENTS = 30
RADIUS = 12
STRIP_ROWS = 128
ROUNDS = 3

# Axes of (bands, rows, cols) from the slowest to the fastest.
ENVI_AXES = {"bsq": (0, 1, 2), "bil": (1, 0, 2), "bip": (1, 2, 0)}
_TILES = {"tiled": True, "blockxsize": 256, "blockysize": 256}
_LARGE_TILES = {"tiled": True, "blockxsize": 512, "blockysize": 512}
GEOTIFF_OPTIONS: dict[str, dict[str, Any]] = {
    "geotiff_band_strips": {"interleave": "band"},
    "geotiff_band_tiles": {"interleave": "band", **_TILES},
    "geotiff_pixel_strips": {"interleave": "pixel"},
    "geotiff_pixel_tiles": {"interleave": "pixel", **_TILES},
    "geotiff_pixel_large_tiles": {"interleave": "pixel", **_LARGE_TILES},
    "geotiff_band_strips_deflate": {"interleave": "band", "compress": "deflate", "predictor": 2},
    "geotiff_band_tiles_deflate": {"interleave": "band", "compress": "deflate", "predictor": 2, **_TILES},
    "geotiff_pixel_tiles_deflate": {"interleave": "pixel", "compress": "deflate", "predictor": 2, **_TILES},
    "geotiff_pixel_large_tiles_lzw": {"interleave": "pixel", "compress": "lzw", "predictor": 2, **_LARGE_TILES},
}


def write_layouts(cube: npt.NDArray[np.uint16], folder: Path) -> dict[str, Path]:
    """Store a cube (bands, rows, cols) in each layout."""
    grid = grid_of(cube.shape[1:])
    files = {}
    for interleave, axes in ENVI_AXES.items():
        files[f"envi_{interleave}"] = path = folder / f"scene.{interleave}"
        np.ascontiguousarray(cube.transpose(axes)).tofile(path)
        path.with_name(f"{path.name}.hdr").write_text(
            f"ENVI\nsamples = {cube.shape[2]}\nlines = {cube.shape[1]}\nbands = {cube.shape[0]}\nheader offset = 0\n"
            f"file type = ENVI Standard\ndata type = 12\ninterleave = {interleave}\nbyte order = 0\n"
        )
    for layout, options in GEOTIFF_OPTIONS.items():
        files[layout] = path = folder / f"{layout}.tif"
        with rasterio.open(
            path, "w", driver="GTiff", count=cube.shape[0], height=cube.shape[1], width=cube.shape[2], dtype="uint16",
            crs=grid.crs, transform=grid.transform, **options,
        ) as target:  # fmt: skip
            target.write(cube)
    return files


def measure(files: dict[str, Path], rounds: int = ROUNDS) -> dict[str, Any]:
    """Both passes over each file, in turn: ``rounds`` times over the uncompressed ones, once over the others."""
    scenes = {layout: describe_scene(path) for layout, path in files.items()}
    preprocessing = _fit(next(iter(scenes.values())))[0]
    passes: dict[str, Callable[[Scene], float]] = {
        "reduce": lambda scene: _reduce(scene, preprocessing),
        "fit": lambda scene: _fit(scene)[1],
    }
    plain = [layout for layout in files if GEOTIFF_OPTIONS.get(layout, {}).get("compress") is None]
    seconds = {layout: {name: float("inf") for name in passes} for layout in files}
    for number in range(rounds):
        for layout in plain if number else files:
            for name, run in passes.items():
                seconds[layout][name] = min(seconds[layout][name], run(scenes[layout]))
    best = {name: min(seconds[layout][name] for layout in plain) for name in passes}
    found = {
        layout: {
            "compressed": layout not in plain,
            "block_shape": scene.block_shape,
            **{f"{name}_s": seconds[layout][name] for name in passes},
            **{f"{name}_ratio": seconds[layout][name] / best[name] for name in passes},
        }
        for layout, scene in scenes.items()
    }
    worst = {
        which: max(max(found[layout]["reduce_ratio"], found[layout]["fit_ratio"]) for layout in layouts)
        for which, layouts in (("uncompressed", plain), ("compressed", sorted(files.keys() - set(plain))))
    }
    return {"worst_ratio": worst, "layouts": found}


def _reduce(scene: Scene, preprocessing: Preprocessing) -> float:
    """Seconds."""
    began = time.perf_counter()
    with SceneReader(scene) as reader:
        bands = preprocessing.band_indices
        for _ in reduced_strips(reader, preprocessing, bands, radius=RADIUS, strip_rows=STRIP_ROWS):
            pass
    return time.perf_counter() - began


def _fit(scene: Scene) -> tuple[Preprocessing, float]:
    """What was fitted, and seconds."""
    began = time.perf_counter()
    reporter = SilentReporter()
    with SceneReader(scene) as reader:
        usable = find_usable_bands(reader, reporter)
        fitted = fit_preprocessing(
            reader,
            usable,
            [ReductionSettings(kind="pca", n_components=COMPONENTS, whiten=1.0)],
            reporter=reporter,
        )
    return fitted, time.perf_counter() - began


def main() -> None:
    cube = Source.load().cube
    at_rows, at_cols = (mirrored(0, *edges) for edges in zip(SHAPE, cube.shape[1:], strict=True))
    cube = cube[:, at_rows[:, None], at_cols]
    with tempfile.TemporaryDirectory() as folder:
        found = measure(write_layouts(cube, Path(folder)))
    print(json.dumps({"rows": SHAPE[0], "cols": SHAPE[1], "bands": len(cube), **found}, indent=2))


if __name__ == "__main__":
    main()
