"""Products in HDF5 and MATLAB files against the same cube as a tiled GeoTIFF: ``python -m benchmarks.products``.

Makes a scene of each family (``--rows 1000 --cols 500 --bands 200``), with the layout of the real one, and makes two passes over
each in a separate process: one that fits the PCA and one that reduces the scene strip by strip, as a map is made. Prints one
JSON document; of each the time of both passes, its ratio to a tiled GeoTIFF with the same numbers, no data and scale, compressed
if the product is, and the peak memory of the process. ``cpu_ratio`` is that of the time of the processor for both passes, which other
jobs on the machine disturb less.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import rasterio
import scipy.io
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.windows import Window

from benchmarks.reading import _fit, _reduce
from hsi_engine.io.scenes.scene import Scene, describe_scene

_STRIP, _DIFFERENT = 50, 4
_TILES = {"tiled": True, "blockxsize": 256, "blockysize": 256, "interleave": "band"}
_DEFLATE = {"compress": "deflate", "zlevel": 1}
Shape = tuple[int, int, int]


def strips(shape: Shape, scale: float, dtype: str) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """First row and numbers (bands, rows, cols) of each strip: materials of smooth spectra, mixed, with some noise.

    A few strips are made and follow one another again and again: to make all of a large scene takes longer than to read it.
    """
    bands, rows, cols = shape
    rng = np.random.default_rng(0)
    spectra = 0.3 + 0.2 * np.sin(np.linspace(0, 9, bands)[:, None] * rng.uniform(0.2, 1.5, 12) + rng.uniform(0, 6, 12))
    made: list[npt.NDArray[Any]] = []
    for number, top in enumerate(range(0, rows, _STRIP)):
        if len(made) < _DIFFERENT:
            shares = rng.dirichlet(np.full(12, 0.3), _STRIP * cols).T
            values = spectra @ shares + rng.normal(0, 0.002, (bands, _STRIP * cols))
            made.append((values * scale + 1).reshape(bands, _STRIP, cols).astype(dtype))
        yield top, made[number % _DIFFERENT][:, : rows - top]


def wavelengths(bands: int) -> npt.NDArray[np.float32]:
    return np.linspace(420, 2450, bands).astype(np.float32)


def write_geotiff(
    path: Path, shape: Shape, dtype: str, scale: float, options: dict[str, Any], like: Scene | None = None
) -> Path:
    """The numbers of a family as tiles; with the nodata value and the scale of ``like``."""
    bands, rows, cols = shape
    place = {"crs": CRS.from_epsg(32632), "transform": Affine(30, 0, 500_000, 0, -30, 5_000_000)}
    with rasterio.open(
        path, "w", driver="GTiff", count=bands, height=rows, width=cols, dtype=dtype, **_TILES, **options, **place
    ) as file:
        if like is not None:
            file.nodata = like.nodata
            file.scales, file.offsets = like.scale, like.offset
        for top, numbers in strips(shape, scale, dtype):
            file.write(numbers, window=Window(0, top, cols, numbers.shape[1]))
    return path


def write_prisma(folder: Path, shape: Shape) -> Path:
    bands, rows, cols = shape
    path = folder / "PRS_L2D_STD_20220618101512_20220618101516_0001.he5"
    split, nm = bands // 3, wavelengths(bands)[::-1]
    with h5py.File(path, "w") as file:
        fields = file.create_group("HDFEOS/SWATHS/PRS_L2D_HCO/Data Fields")
        cubes = [
            fields.create_dataset(f"{d}_Cube", (rows, n, cols), "u2")
            for d, n in (("SWIR", bands - split), ("VNIR", split))
        ]
        for top, numbers in strips(shape, 60_000, "u2"):
            part = slice(top, top + numbers.shape[1])
            cubes[0][part] = numbers[split:][::-1].transpose(1, 0, 2)
            cubes[1][part] = numbers[:split][::-1].transpose(1, 0, 2)
        file.attrs.update({"Processing_Level": b"2D", "Epsg_Code": 32632})
        for key, part_nm in (("Swir", nm[: bands - split]), ("Vnir", nm[bands - split :])):
            file.attrs.update({f"List_Cw_{key}": part_nm, f"L2Scale{key}Min": 0.0, f"L2Scale{key}Max": 1.0})
        corners = {"UL": (500_015, 4_999_985), "LR": (500_000 + 30 * cols - 15, 5_000_000 - 30 * rows + 15)}
        for key, (x, y) in corners.items():
            file.attrs.update({f"Product_{key}corner_easting": x, f"Product_{key}corner_northing": y})
    return path


def write_emit(folder: Path, shape: Shape) -> Path:
    bands, rows, cols = shape
    path = folder / "EMIT_L2A_RFL_001_20230428T101530_2311807_012.nc"
    with h5py.File(path, "w") as file:
        cube = file.create_dataset("reflectance", (rows, cols, bands), "f4")
        for top, numbers in strips(shape, 1.0, "f4"):
            cube[top : top + numbers.shape[1]] = numbers.transpose(1, 2, 0)
        cube.attrs["_FillValue"] = np.float32(-9999)
        file["sensor_band_parameters/wavelengths"] = wavelengths(bands)
        file["sensor_band_parameters/good_wavelengths"] = np.ones(bands, "u1")
        # Turned as the orbit of the space station turns it.
        angle = np.deg2rad(35)
        height = int(rows * np.cos(angle) + cols * np.sin(angle))
        width = int(cols * np.cos(angle) + rows * np.sin(angle))
        y, x = np.mgrid[0:height, 0:width] + 0.5
        y, x = y - height / 2, x - width / 2
        line = np.floor(y * np.cos(angle) - x * np.sin(angle) + rows / 2).astype(int)
        sample = np.floor(x * np.cos(angle) + y * np.sin(angle) + cols / 2).astype(int)
        inside = (line >= 0) & (line < rows) & (sample >= 0) & (sample < cols)
        for key, numbers in (("glt_y", line), ("glt_x", sample)):
            file.create_dataset(
                f"location/{key}", data=np.where(inside, numbers + 1, 0).astype("i4"), compression="gzip"
            )
        file.attrs["geotransform"] = [13.0, 0.00054, 0.0, 52.0, 0.0, -0.00054]
    return path


def write_neon(folder: Path, shape: Shape) -> Path:
    bands, rows, cols = shape
    path = folder / "NEON_D17_SJER_DP3_257000_4112000_reflectance.h5"
    group = "SJER/Reflectance"
    with h5py.File(path, "w") as file:
        cube = file.create_dataset(
            f"{group}/Reflectance_Data",
            (rows, cols, bands),
            "i2",
            chunks=(min(50, rows), min(50, cols), bands),
            compression="gzip",
            compression_opts=1,
        )
        for top, numbers in strips(shape, 10_000, "i2"):
            cube[top : top + numbers.shape[1]] = numbers.transpose(1, 2, 0)
        cube.attrs.update({"Scale_Factor": 10_000.0, "Data_Ignore_Value": -9999.0})
        file[f"{group}/Metadata/Spectral_Data/Wavelength"] = wavelengths(bands)
        file[f"{group}/Metadata/Coordinate_System/Map_Info"] = "UTM, 1, 1, 257000, 4112000, 1, 1, 11, North, WGS-84"
        file[f"{group}/Metadata/Coordinate_System/EPSG Code"] = "32611"
    return path


def write_tanager(folder: Path, shape: Shape) -> Path:
    bands, rows, cols = shape
    path = folder / "20250308_101530_22_4001_ortho_sr_hdf5.h5"
    with h5py.File(path, "w") as file:
        grid = file.create_group("HDFEOS/GRIDS/HYP")
        grid.attrs["epsg_code"] = 32618
        cube = grid.create_dataset(
            "Data Fields/surface_reflectance",
            (bands, rows, cols),
            "f4",
            chunks=(8, rows, cols),
            compression="gzip",
            compression_opts=1,
        )
        whole = np.concatenate([numbers for _, numbers in strips(shape, 1.0, "f4")], axis=1)
        for band in range(0, bands, 8):
            cube[band : band + 8] = whole[band : band + 8]
        cube.attrs["wavelengths"] = wavelengths(bands)
        file["HDFEOS INFORMATION/StructMetadata.0"] = np.bytes_(
            f'GROUP=GRID_1\nGridName="HYP"\nXDim={cols}\nYDim={rows}\nUpperLeftPointMtrs=(298305.0,4430655.0)\n'
            f"LowerRightMtrs=({298305 + 30 * cols}.0,{4430655 - 30 * rows}.0)\nEND_GROUP=GRID_1\n"
        )
    return path


def write_matlab_73(folder: Path, shape: Shape) -> Path:
    bands, rows, cols = shape
    path = folder / "scene73.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        chunks = (1, min(32, cols), min(256, rows))
        cube = file.create_dataset(
            "cube", (bands, cols, rows), "u2", chunks=chunks, compression="gzip", compression_opts=1
        )
        # Band by band: chunks that are written in parts are compressed again for each.
        whole = np.concatenate([numbers for _, numbers in strips(shape, 10_000, "u2")], axis=1)
        for band in range(bands):
            cube[band] = whole[band].T
        cube.attrs["MATLAB_class"] = np.bytes_("uint16")
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
    return path


def write_matlab_5(folder: Path, shape: Shape) -> Path:
    whole = np.concatenate([numbers for _, numbers in strips(shape, 10_000, "u2")], axis=1)
    scipy.io.savemat(folder / "scene5.mat", {"cube": whole.transpose(1, 2, 0)}, do_compression=True)
    return folder / "scene5.mat"


# Each family, and type, scale and compression of the GeoTIFF that it is compared with.
FAMILIES: dict[str, tuple[Callable[[Path, Shape], Path], str, float, dict[str, Any]]] = {
    "prisma": (write_prisma, "uint16", 60_000, {}),
    "emit": (write_emit, "float32", 1.0, {}),
    "neon": (write_neon, "int16", 10_000, _DEFLATE),
    "tanager": (write_tanager, "float32", 1.0, _DEFLATE),
    "matlab_7.3": (write_matlab_73, "uint16", 10_000, _DEFLATE),
    "matlab_5": (write_matlab_5, "uint16", 10_000, _DEFLATE),
}


def read(path: Path) -> dict[str, float]:
    """Seconds of each pass over a scene, its pixels, and the peak memory of this process."""
    scene, began = describe_scene(path), time.process_time()
    preprocessing, fit_s = _fit(scene)
    reduce_s = _reduce(scene, preprocessing)
    # Not that of getrusage, which begins with the peak of the process that started this one.
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    return {
        "cpu_s": time.process_time() - began,
        "fit_s": fit_s,
        "reduce_s": reduce_s,
        "pixels": float(np.prod(scene.grid.shape)),
        "peak_mb": float(peak.group(1)) / 1024 if peak else float("nan"),
    }


def measured(path: Path) -> dict[str, float]:
    """The same in a separate process."""
    command = [sys.executable, "-m", "benchmarks.products", "--read", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name, default in (("rows", 1000), ("cols", 500), ("bands", 200)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--family", choices=FAMILIES, action="append", help="only this one; may be repeated")
    parser.add_argument("--read", type=Path, help="a scene: make both passes over it and print their times")
    options = parser.parse_args()
    if options.read is not None:
        print(json.dumps(read(options.read)))
        return
    shape = (options.bands, options.rows, options.cols)
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tiffs: dict[str, dict[str, float]] = {}
        for family in options.family or FAMILIES:
            write, dtype, scale, packing = FAMILIES[family]
            path = write(folder, shape)
            times, scene = measured(path), describe_scene(path)
            path.unlink()
            like = f"geotiff_{dtype}{'_deflate' if packing else ''}_nodata_{scene.nodata}_scale_{scene.scale[0]:g}"
            if like not in tiffs:
                tiff = write_geotiff(folder / f"{like}.tif", shape, dtype, scale, packing, scene)
                tiffs[like] = found[like] = measured(tiff)
                tiff.unlink()
            # The grid of a lookup table is larger than the swath: by pixel.
            share = times["pixels"] / tiffs[like]["pixels"]
            ratios = {
                f"{key}_ratio": times[f"{key}_s"] / tiffs[like][f"{key}_s"] / share for key in ("fit", "reduce", "cpu")
            }
            found[family] = {**times, **ratios}
            print(json.dumps({family: found[family]}), file=sys.stderr, flush=True)
    print(json.dumps({"rows": options.rows, "cols": options.cols, "bands": options.bands, **found}, indent=2))


if __name__ == "__main__":
    main()
