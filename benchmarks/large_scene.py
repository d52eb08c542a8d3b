"""Memory and time of scenes far larger than a block: ``python -m benchmarks.large_scene``.

Mirrors Indian Pines to scenes of two sizes, draws the same few dozen small polygons on both, and runs ``hsi pca``,
``hsi train`` and ``hsi classify`` on each in separate processes. Prints one JSON document; of each size:

- ``peak_rss_mb``: largest resident memory of the three processes in 10⁶ bytes, as the kernel states it of each;
- ``seconds_per_megapixel``: of ``hsi classify``, from the start of the process to its end;
- ``stages``: both figures for each process.

Memory that follows the tile and the labels is the same for both sizes; time that follows the pixels is the same for
each of them. Needs Linux or macOS, and room for the larger scene in the folder for temporary files (TMPDIR).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.windows import Window

from hsi_engine.demo import indian_pines
from hsi_engine.io.maps.class_map import read_class_map
from hsi_engine.io.vectors.polygon_writer import write_class_polygons
from hsi_engine.pixels.grid import Grid

SIZES = ((2048, 2048), (4096, 4096))
EPOCHS = 3
POLYGON_PX = 6
POLYGONS_A_CLASS = 4
# Components (10 float32), map and their uncompressed copies while they are written.
OUTPUT_BYTES_A_PIXEL = 100
_BLOCK_PX = 256


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is mirrored: numbers (bands, rows, cols), class values (rows, cols)."""

    cube: npt.NDArray[np.uint16]
    classes: npt.NDArray[np.uint8]

    @classmethod
    def load(cls) -> Source:
        with tempfile.TemporaryDirectory() as folder:
            files = indian_pines.write_indian_pines(Path(folder))
            with rasterio.open(files.scene) as scene:
                cube = scene.read()
            classes = read_class_map(files.ground_truth).values
        return cls(cube=cube, classes=classes)

    def scene_bytes(self, shape: tuple[int, int]) -> int:
        return int(np.prod(shape)) * len(self.cube) * self.cube.itemsize


def mirrored(start: int, stop: int, period: int) -> npt.NDArray[np.int64]:
    """Which pixel of ``period`` stands at each of ``start`` … ``stop`` when it is mirrored over and over."""
    place = np.arange(start, stop) % (2 * period)
    return np.where(place < period, place, 2 * period - 1 - place)


def write_large_scene(path: Path, source: Source, grid: Grid) -> None:
    """Write the mirrored cube block by block: tiled, uncompressed, without ever holding it."""
    bands, *period = source.cube.shape
    rows, cols = grid.shape
    profile: dict[str, Any] = {
        "driver": "GTiff", "height": rows, "width": cols, "count": bands, "dtype": "uint16", "crs": grid.crs,
        "transform": grid.transform, "tiled": True, "blockxsize": _BLOCK_PX, "blockysize": _BLOCK_PX,
        "interleave": "band", "BIGTIFF": "YES",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        for row in range(0, rows, _BLOCK_PX):
            for col in range(0, cols, _BLOCK_PX):
                window = Window(col, row, min(_BLOCK_PX, cols - col), min(_BLOCK_PX, rows - row))
                at_rows = mirrored(row, row + window.height, period[0])
                at_cols = mirrored(col, col + window.width, period[1])
                file.write(source.cube[:, at_rows[:, None], at_cols], window=window)


def write_polygons(path: Path, source: Source, shape: tuple[int, int]) -> int:
    """Draw squares that lie in one class each, spread over a scene of ``shape``; returns how many polygons there are."""
    at_rows, at_cols = (mirrored(0, *edges) for edges in zip(shape, source.classes.shape, strict=True))
    classes = source.classes[at_rows[:, None], at_cols]
    labels = np.zeros_like(classes)
    rng = np.random.default_rng(0)
    for value in np.unique(classes[classes > 0]):
        rows, cols = np.nonzero(classes == value)
        drawn = 0
        for at in rng.permutation(len(rows)):
            square = slice(rows[at], rows[at] + POLYGON_PX), slice(cols[at], cols[at] + POLYGON_PX)
            if np.all(classes[square] == value) and not labels[square].any():
                labels[square] = value
                drawn += 1
            if drawn == POLYGONS_A_CLASS:
                break
    return write_class_polygons(path, labels, grid=grid_of(shape), legend=indian_pines.legend())


def grid_of(shape: tuple[int, int]) -> Grid:
    """A grid of ``shape`` whose upper left corner is that of Indian Pines."""
    place = indian_pines.grid()
    return Grid(crs=place.crs, transform=place.transform, shape=shape)


def run(*words: object) -> dict[str, float]:
    """Run ``hsi`` with these words to its end: seconds, and peak resident memory of that process alone.

    A new process begins with the peak of the one that starts it, so this one must never hold much.
    """
    began = time.perf_counter()
    command = [sys.executable, "-m", "hsi_engine", *map(str, words), "--quiet"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)  # of this child alone, unlike getrusage
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"hsi {words[0]} failed with {process.returncode}; its words stand above.")
    unit = 1 if sys.platform == "darwin" else 1024
    return {"peak_rss_mb": usage.ru_maxrss * unit / 1e6, "seconds": seconds}


def measure(shape: tuple[int, int], source: Source, labels: Path, folder: Path) -> dict[str, Any]:
    """All three stages on a scene of ``shape`` (rows, cols), which is gone afterwards."""
    scene, model = folder / "scene.tif", folder / "model.hsimodel"
    print(f"{shape[0]}×{shape[1]}: writing {source.scene_bytes(shape) / 1e9:.1f} GB", file=sys.stderr)
    write_large_scene(scene, source, grid_of(shape))
    stages = {}
    commands: dict[str, tuple[object, ...]] = {
        "pca": ("--output", folder / "components.tif"),
        "train": (
            "--labels", labels, "--class-field", "class_name", "--model", "hybridsn", "--split",
            "blocks", "--reduction", "pca", "--components", 15, "--whiten", 1, "--epochs", EPOCHS, "--small-classes", "drop",
            "--output", model,
        ),
        "classify": ("--model", model, "--output", folder / "map.tif"),
    }  # fmt: skip
    for name, options in commands.items():
        stages[name] = run(name, "--scene", scene, *options)
        print(f"{shape[0]}×{shape[1]} {name}: {stages[name]}", file=sys.stderr)
    for file in folder.iterdir():
        if file != labels:
            file.unlink()
    return {
        "rows": shape[0],
        "cols": shape[1],
        "bands": len(source.cube),
        "peak_rss_mb": max(stage["peak_rss_mb"] for stage in stages.values()),
        "seconds_per_megapixel": stages["classify"]["seconds"] / (shape[0] * shape[1] / 1e6),
        "stages": stages,
    }


def check_room(folder: Path, source: Source) -> None:
    needed = max(source.scene_bytes(shape) + int(np.prod(shape)) * OUTPUT_BYTES_A_PIXEL for shape in SIZES)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SystemExit(
            f"'{folder}' has {free / 1e9:.1f} GB free; {needed / 1e9:.1f} GB are needed. Make room, or set TMPDIR to a"
            " folder on another disk."
        )


def main() -> None:
    source = Source.load()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_room(folder, source)
        labels = folder / "labels.gpkg"
        smallest = min(SIZES, key=np.prod)
        polygons = write_polygons(labels, source, smallest)
        sizes = [measure(shape, source, labels, folder) for shape in SIZES]
    print(json.dumps({"polygons": polygons, "epochs": EPOCHS, "sizes": sizes}, indent=2))


if __name__ == "__main__":
    main()
