"""Loads that are far beyond the usual: ``python -m benchmarks.load [--only NAME …]``.

Makes each input in one process and runs the job in another, and prints a JSON document: for each load the seconds that went by, those
that a core was busy with it (on a shared machine the better measure), the most memory in MB, and how it ended: ``done``, or the
message that refuses it.
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
from dataclasses import dataclass
from functools import partial
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
    height = 256 // edge * edge if edge <= 256 else 256
    with rasterio.open(path, "w", driver="GTiff", bigtiff="if_safer", **options, **PLACE) as file:
        for top in range(0, side, height):
            rows = min(height, side - top)
            first = top // edge
            fields = np.arange(first, first + -(-rows // edge))[:, None] * across + np.arange(across)[None]
            field = (fields % values + 1).astype(dtype).repeat(edge, axis=0).repeat(edge, axis=1)[:rows, :side]
            for band in range(bands):
                written = field if bands == 1 else field * 50 + rng.integers(0, 40, field.shape).astype(dtype) + band
                file.write(written.astype(dtype), band + 1, window=Window(0, top, side, rows))
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


@dataclass(frozen=True)
class Load:
    """Files that are made in a folder, and the job on them."""

    make: Callable[[Path], object]
    job: Callable[[Path], object]


def _scene_and_raster(folder: Path, classes: int, side: int = 2000) -> None:
    raster(folder / "scene.tif", 2000, 12)
    raster(folder / "labels.tif", side, values=classes)


def _scene_and_polygons(folder: Path) -> None:
    raster(folder / "scene.tif", 2000, 12)
    polygons(folder / "labels.gpkg", 200_000, 2000, 5)


def _scene_and_vertices(folder: Path) -> None:
    raster(folder / "scene.tif", 2000, 12)
    angle = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    radius = 8000 + 500 * np.sin(angle * 5000)
    ring = shapely.Polygon(np.stack([310_000 + radius * np.cos(angle), 5_990_000 + radius * np.sin(angle)], axis=1))
    other = shapely.box(300_050, 5_999_000, 300_900, 5_999_900)
    frame = geopandas.GeoDataFrame({"kind": [1, 2]}, geometry=[ring, other], crs=PLACE["crs"])
    frame.to_file(folder / "labels.gpkg")


def _many_bands(folder: Path) -> None:
    raster(folder / "scene.tif", 200, 2000)
    raster(folder / "labels.tif", 200)


def _map_and_points(folder: Path) -> None:
    raster(folder / "map.tif", 40_000, dtype="uint8")
    place = np.random.default_rng(0).uniform(0, 400_000, (300, 2))
    points = shapely.points(300_000 + place[:, 0], 6_000_000 - place[:, 1])
    frame = geopandas.GeoDataFrame({"kind": np.arange(300) % 5 + 1}, geometry=points, crs=PLACE["crs"])
    frame.to_file(folder / "reference.gpkg")


def _check_polygons(folder: Path) -> object:
    return hsi_engine.check_labels(scene=folder / "scene.tif", labels=folder / "labels.gpkg", class_field="kind")


def _check_raster(folder: Path) -> object:
    return hsi_engine.check_labels(scene=folder / "scene.tif", labels=folder / "labels.tif")


def _check_names(folder: Path) -> object:
    return hsi_engine.check_labels(scene=folder / "scene.tif", labels=folder / "labels.gpkg", class_field="name")


def _scene_and_names(folder: Path) -> None:
    raster(folder / "scene.tif", 2000, 12)
    polygons(folder / "labels.gpkg", 10_000, 2000, 5000)
    frame = geopandas.read_file(folder / "labels.gpkg")
    frame["name"] = [f"class {number}" for number in frame["kind"]]
    frame.to_file(folder / "labels.gpkg")


def _train_and_map(folder: Path) -> object:
    return hsi_engine.train_and_classify(
        scene=folder / "scene.tif",
        labels=folder / "labels.tif",
        model="lda",
        split="none",
        output=folder / "map.tif",
        model_output=folder / "m.hsimodel",
    )


def _clean(folder: Path) -> object:
    return hsi_engine.clean_map(map=folder / "map.tif", min_area=2, area_unit="px", output=folder / "clean.tif")


def _sample(folder: Path) -> object:
    return hsi_engine.sample_reference_points(map=folder / "map.tif", points=300, output=folder / "points.gpkg")


def _assess(folder: Path) -> object:
    return hsi_engine.assess_map(
        map=folder / "map.tif", reference=folder / "reference.gpkg", class_field="kind", report=folder / "report.html"
    )


LOADS: dict[str, Load] = {
    "200,000 polygons, check labels": Load(_scene_and_polygons, _check_polygons),
    "a polygon of 1,000,000 vertices, check labels": Load(_scene_and_vertices, _check_polygons),
    "1,000 classes, check labels": Load(partial(_scene_and_raster, classes=1000), _check_raster),
    "5,000 classes, check labels": Load(partial(_scene_and_raster, classes=5000), _check_raster),
    "5,000 class names, check labels": Load(_scene_and_names, _check_names),
    "labels of 65,535 values, check labels": Load(partial(_scene_and_raster, classes=65_535), _check_raster),
    "labels of 30,000 × 30,000, check labels": Load(partial(_scene_and_raster, classes=5, side=30_000), _check_raster),
    "2,000 bands, train and map": Load(_many_bands, _train_and_map),
    "a map of 40,000 × 40,000, sample": Load(_map_and_points, _sample),
    "a map of 40,000 × 40,000, assess": Load(_map_and_points, _assess),
    "65,535 values in a map of 20,000 × 20,000, clean": Load(
        lambda folder: raster(folder / "map.tif", 20_000, values=65_535), _clean
    ),
}


def measured(load: Load) -> dict[str, Any]:
    """Seconds, memory and end of one load; the job runs in a fork that loads its libraries itself."""
    with tempfile.TemporaryDirectory(prefix="load-") as name:
        made = os.fork()
        if not made:
            load.make(Path(name))
            os._exit(0)
        if os.waitpid(made, 0)[1]:
            return {"end": "its files could not be made"}
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            begun, end = time.monotonic(), "done"
            try:
                load.job(Path(name))
            except HsiError as error:
                end = f"refused: {error.message}"
            except BaseException as error:  # whatever else is an answer, too
                end = f"{type(error).__name__}: {error}"
            used = resource.getrusage(resource.RUSAGE_SELF)
            found = {
                "seconds": round(time.monotonic() - begun, 1),
                "busy_seconds": round(used.ru_utime + used.ru_stime, 1),
                "memory_mb": used.ru_maxrss // 1024,
                "end": end,
            }
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
    for name, load in LOADS.items():
        if not options.only or any(word in name for word in options.only):
            found[name] = measured(load)
            print(f"{name}: {found[name]}", file=sys.stderr, flush=True)
    print(json.dumps(found, indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
