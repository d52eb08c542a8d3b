"""Loads that are far beyond the usual: ``python -m benchmarks.load [--only NAME …]``.

Makes each input, runs the job in a process, and prints a JSON document: for each load the seconds, the most memory in MB, and
how it ended: ``done``, or the message that refuses it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import rasterio
import shapely
from affine import Affine
from rasterio.windows import Window

import hsi_engine
from hsi_engine.errors import HsiError

PLACE = {"crs": "EPSG:32633", "transform": Affine(10, 0, 300_000, 0, -10, 6_000_000)}


def raster(path: Path, side: int, bands: int = 1, dtype: str = "uint16", values: int = 5) -> Path:
    """Fields of classes, or bands that differ with them; written strip by strip."""
    options = {"width": side, "height": side, "count": bands, "dtype": dtype, "compress": "deflate", "tiled": True}
    rng = np.random.default_rng(0)
    edge = min(64, side // (math.isqrt(values) + 1))  # small enough for every class to have a field
    across = -(-side // edge)
    with rasterio.open(path, "w", driver="GTiff", bigtiff="if_safer", **options, **PLACE) as file:
        for top in range(0, side, 256):
            rows = min(256, side - top)
            at = np.arange(top, top + rows)[:, None] // edge * across + np.arange(side)[None] // edge
            field = at % values + 1
            block = (
                [field]
                if bands == 1
                else [field * 50 + rng.integers(0, 40, field.shape) + band for band in range(bands)]
            )
            file.write(np.stack(block).astype(dtype), window=Window(0, top, side, rows))
    return path


def polygons(path: Path, count: int, side: int, classes: int) -> Path:
    """``count`` small squares over a raster of ``side`` pixels."""
    across = math.isqrt(count) + 1
    step = side * 10 / across
    cells = np.arange(count)
    x, y = 300_000 + cells % across * step, 6_000_000 - (cells // across + 1) * step
    squares = shapely.box(x, y, x + step * 0.9, y + step * 0.9)
    geopandas.GeoDataFrame({"kind": cells % classes + 1}, geometry=squares, crs=PLACE["crs"]).to_file(path)
    return path


def _many_polygons(folder: Path) -> Any:
    scene = raster(folder / "scene.tif", 2000, 12)
    labels = polygons(folder / "labels.gpkg", 200_000, 2000, 5)
    return lambda: hsi_engine.check_labels(scene=scene, labels=labels, class_field="kind")


def _many_vertices(folder: Path) -> Any:
    scene = raster(folder / "scene.tif", 2000, 12)
    angle = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    radius = 8000 + 500 * np.sin(angle * 5000)
    ring = shapely.Polygon(np.stack([310_000 + radius * np.cos(angle), 5_990_000 + radius * np.sin(angle)], axis=1))
    other = shapely.box(300_050, 5_999_000, 300_900, 5_999_900)
    frame = geopandas.GeoDataFrame({"kind": [1, 2]}, geometry=[ring, other], crs=PLACE["crs"])
    frame.to_file(folder / "labels.gpkg")
    return lambda: hsi_engine.check_labels(scene=scene, labels=folder / "labels.gpkg", class_field="kind")


def _classes(count: int) -> Callable[[Path], Any]:
    def make(folder: Path) -> Any:
        scene = raster(folder / "scene.tif", 2000, 12)
        labels = raster(folder / "labels.tif", 2000, values=count)
        return lambda: hsi_engine.check_labels(scene=scene, labels=labels)

    return make


def _many_values(folder: Path) -> Any:
    across = raster(folder / "map.tif", 20_000, values=65_535)
    return lambda: hsi_engine.clean_map(map=across, min_area=2, area_unit="pixels", output=folder / "clean.tif")


def _many_bands(folder: Path) -> Any:
    scene = raster(folder / "scene.tif", 200, 2000)
    labels = raster(folder / "labels.tif", 200)
    return lambda: hsi_engine.train_and_classify(
        scene=scene,
        labels=labels,
        model="lda",
        split="none",
        output=folder / "map.tif",
        model_output=folder / "m.hsimodel",
    )


def _large_map(folder: Path) -> Any:
    across = raster(folder / "map.tif", 40_000, dtype="uint8")
    return lambda: hsi_engine.sample_reference_points(map=across, points=300, output=folder / "points.gpkg")


LOADS: dict[str, Callable[[Path], Any]] = {
    "200,000 polygons, check labels": _many_polygons,
    "a polygon of 1,000,000 vertices, check labels": _many_vertices,
    "1,000 classes, check labels": _classes(1000),
    "5,000 classes, check labels": _classes(5000),
    "65,535 values in a map of 20,000 × 20,000, clean": _many_values,
    "2,000 bands, train and map": _many_bands,
    "a map of 40,000 × 40,000, sample": _large_map,
}


def measured(make: Callable[[Path], Any]) -> dict[str, Any]:
    """Seconds, memory and end of one load, in a fork that loads its libraries itself."""
    with tempfile.TemporaryDirectory(prefix="load-") as name:
        job = make(Path(name))
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            begun, end = time.monotonic(), "done"
            try:
                job()
            except HsiError as error:
                end = f"refused: {error.message}"
            except BaseException as error:  # whatever else is an answer, too
                end = f"{type(error).__name__}: {error}"
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            found = {"seconds": round(time.monotonic() - begun, 1), "memory_mb": memory, "end": end}
            os.write(writer, json.dumps(found).encode())
            os._exit(0)
        os.close(writer)
        os.waitpid(child, 0)
        with os.fdopen(reader, "rb") as file:
            return dict(json.loads(file.read() or b'{"end": "killed"}'))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="loads whose names hold one of these words")
    options = parser.parse_args(arguments)
    found = {}
    for name, make in LOADS.items():
        if not options.only or any(word in name for word in options.only):
            found[name] = measured(make)
            print(f"{name}: {found[name]}", file=sys.stderr, flush=True)
    print(json.dumps(found, indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
