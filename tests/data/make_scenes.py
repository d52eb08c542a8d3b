"""Tiny scenes and labels with the layout of real files, made anew for every test.

Three land covers with values 2, 5 and 11 lie in rectangular fields; their spectra differ in every band. The
same ``seed`` always gives the same pixels. Scenes are not square, have a hole without data and fill several
blocks of the file, so that swapped axes, forgotten nodata and misplaced windows show.
"""

from __future__ import annotations

import gzip
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import rasterio
from affine import Affine

ROWS, COLS, BANDS = 37, 29, 12
CLASS_NAMES = {2: "water", 5: "meadow", 11: "soil"}
CLASS_COLOURS = {2: "#0072b2", 5: "#009e73", 11: "#d55e00"}
NORTH_UP = Affine(30.0, 0.0, 364095.0, 0.0, -30.0, 5809965.0)
SOUTH_UP = Affine(30.0, 0.0, 364095.0, 0.0, 30.0, 5808855.0)
ROTATED = NORTH_UP @ Affine.rotation(20.0)

_FIELD = (7, 6)  # rows and columns of one field; the last row and column of each stay unlabelled
_STORAGE: dict[str, tuple[float, float | None]] = {  # scale and nodata value usual for a data type
    "int8": (0.01, -128.0),
    "uint8": (0.005, 255.0),
    "int16": (0.0001, -32768.0),
    "uint16": (0.0001, 65535.0),
    "int32": (0.000001, -9999.0),
    "uint32": (0.000001, 4294967295.0),
    "float32": (1.0, float("nan")),
    "float64": (1.0, float("nan")),
}
_ENVI_TYPES = {"uint8": 1, "int16": 2, "int32": 3, "float32": 4, "float64": 5, "uint16": 12, "uint32": 13}
_UNITS_PER_NM = {"Nanometers": 1.0, "Micrometers": 1e-3, "Meters": 1e-9}

Layout = Literal["geotiff", "bsq", "bil", "bip"]


def land_cover(rows: int = ROWS, cols: int = COLS, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Class value 2, 5 or 11 of every pixel, shape (rows, cols): what is on the ground."""
    height, width = _FIELD
    across = -(-cols // width)
    count = -(-rows // height) * across
    classes = np.resize(np.array(list(CLASS_NAMES), dtype=np.uint8), count)
    np.random.default_rng(seed).shuffle(classes)
    row, col = np.indices((rows, cols))
    return np.asarray(classes[row // height * across + col // width])


def labelled(rows: int = ROWS, cols: int = COLS, seed: int = 0) -> npt.NDArray[np.uint8]:
    """The land cover inside the fields and 0 (unlabelled) between them, shape (rows, cols)."""
    height, width = _FIELD
    row, col = np.indices((rows, cols))
    inside = (row % height < height - 1) & (col % width < width - 1)
    return np.where(inside, land_cover(rows, cols, seed), 0).astype(np.uint8)


def hole(rows: int = ROWS, cols: int = COLS) -> tuple[slice, slice]:
    """(rows, cols) of the pixels without data; labels know nothing of them."""
    return slice(rows // 2, rows // 2 + max(1, rows // 6)), slice(cols // 5, cols // 5 + max(1, cols // 4))


def wavelengths_nm(bands: int = BANDS) -> npt.NDArray[np.float64]:
    """Band centres in nm, shape (bands,): evenly spread from 430 to 980 nm."""
    return np.linspace(430.0, 980.0, bands)


def reflectance(
    rows: int = ROWS, cols: int = COLS, bands: int = BANDS, seed: int = 0, noise: float = 0.01
) -> npt.NDArray[np.float64]:
    """Reflectance between 0.02 and 0.9, shape (bands, rows, cols): a spectrum per land cover plus noise."""
    x = np.linspace(0.0, 1.0, bands)
    spectra = {2: 0.12 - 0.08 * x, 5: 0.10 + 0.45 * x**2, 11: 0.20 + 0.25 * x}
    cover = land_cover(rows, cols, seed)
    cube = np.zeros((bands, rows, cols))
    for value, spectrum in spectra.items():
        cube[:, cover == value] = spectrum[:, None]
    cube += np.random.default_rng(seed + 1).normal(0.0, noise, cube.shape)
    return np.clip(cube, 0.02, 0.9)


def write_scene(
    path: Path,
    *,
    rows: int = ROWS,
    cols: int = COLS,
    bands: int = BANDS,
    seed: int = 0,
    dtype: str = "int16",
    scale: float | None = None,
    offset: float = 0.0,
    nodata: float | Literal["usual"] | None = "usual",
    crs: str | None = "EPSG:32633",
    transform: Affine | None = NORTH_UP,
    layout: Layout = "geotiff",
    compressed: bool = False,
    wavelengths: bool = True,
    units: str | None = "Nanometers",
    bad_bands: Sequence[int] = (),
    empty_bands: Sequence[int] = (),
    with_hole: bool = True,
    block: int | None = 16,
    cube: npt.NDArray[np.float64] | None = None,
) -> Path:
    """Write a scene and return its path.

    Parameters
    ----------
    path : target; for ENVI layouts the data file, its header gets the same name with ``.hdr``.
    dtype : data type of the file; ``scale`` and ``nodata`` follow from it unless given.
    transform : None writes no transform.
    layout : GeoTIFF or the interleave of an ENVI file; ``compressed`` gzips an ENVI data file.
    wavelengths : False leaves out wavelength, FWHM and bad-band list; ``units`` None leaves out their unit only.
    bad_bands, empty_bands : 0-based bands that the file flags as bad, and that hold nodata only.
    with_hole : pixels of :func:`hole` hold nodata in every band (where there is a nodata value).
    block : edge of a GeoTIFF tile; None writes strips.
    cube : reflectance (bands, rows, cols) to write in place of :func:`reflectance`; NaN becomes nodata,
        or stays where there is no nodata value.
    """
    if cube is None:
        cube = reflectance(rows, cols, bands, seed)
    bands, rows, cols = cube.shape
    usual_scale, usual_nodata = _STORAGE[dtype]
    scale = usual_scale if scale is None else scale
    fill = usual_nodata if nodata == "usual" else nodata

    missing = np.isnan(cube)
    missing[list(empty_bands)] = True
    if with_hole:
        missing[(slice(None), *hole(rows, cols))] = True
    if np.issubdtype(np.dtype(dtype), np.integer):
        stored = np.rint((np.where(missing, 0.0, cube) - offset) / scale)
    else:
        stored = (cube - offset) / scale
    if fill is not None:
        stored[missing] = fill
    data = stored.astype(dtype)

    path.parent.mkdir(parents=True, exist_ok=True)
    if layout == "geotiff":
        _write_geotiff(path, data, scale, offset, fill, crs, transform, wavelengths, units, bad_bands, block)
    else:
        _write_envi(path, data, scale, offset, fill, crs, transform, wavelengths, units, bad_bands, layout, compressed)
    return path


def write_labels(path: Path, *, like: Path, seed: int = 0) -> Path:
    """Write :func:`labelled` as a uint8 GeoTIFF on the grid of the scene ``like``; 0 is nodata."""
    with _unreferenced_is_fine(), rasterio.open(like) as scene:
        options: dict[str, Any] = {"height": scene.height, "width": scene.width, "crs": scene.crs}
        if not scene.transform.is_identity:
            options["transform"] = scene.transform
    with (
        _unreferenced_is_fine(),
        rasterio.open(path, "w", driver="GTiff", count=1, dtype="uint8", nodata=0, **options) as target,
    ):
        target.write(labelled(options["height"], options["width"], seed), 1)
    return path


def write_polygons(path: Path, *, like: Path, seed: int = 0, crs: str | None = None) -> Path:
    """Write each labelled field as a polygon with class_id, class_name and color.

    Parameters
    ----------
    like : the scene whose grid and CRS are used.
    crs : reproject the polygons to this CRS before writing.
    """
    import geopandas
    from shapely.geometry import Polygon

    with _unreferenced_is_fine(), rasterio.open(like) as scene:
        rows, cols, transform, scene_crs = scene.height, scene.width, scene.transform, scene.crs
    values = labelled(rows, cols, seed)
    records: list[dict[str, Any]] = []
    for row in range(0, rows, _FIELD[0]):
        for col in range(0, cols, _FIELD[1]):
            row_end, col_end = min(row + _FIELD[0] - 1, rows), min(col + _FIELD[1] - 1, cols)
            corners = [(col, row), (col_end, row), (col_end, row_end), (col, row_end)]
            value = int(values[row, col])
            records.append(
                {
                    "class_id": value,
                    "class_name": CLASS_NAMES[value],
                    "color": CLASS_COLOURS[value],
                    "geometry": Polygon([transform @ corner for corner in corners]),
                }
            )
    frame = geopandas.GeoDataFrame(records, geometry="geometry", crs=scene_crs)
    if crs is not None:
        frame = frame.to_crs(crs)
    with _unreferenced_is_fine():
        frame.to_file(path, driver="GPKG")
    return path


@contextmanager
def _unreferenced_is_fine() -> Iterator[None]:
    """Files without CRS or transform are made on purpose; their warnings must not fail a strict test run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _write_geotiff(
    path: Path,
    data: npt.NDArray[Any],
    scale: float,
    offset: float,
    nodata: float | None,
    crs: str | None,
    transform: Affine | None,
    wavelengths: bool,
    units: str | None,
    bad_bands: Sequence[int],
    block: int | None,
) -> None:
    bands, rows, cols = data.shape
    options: dict[str, Any] = {"driver": "GTiff", "count": bands, "height": rows, "width": cols, "dtype": data.dtype}
    options |= {"nodata": nodata, "crs": crs, "compress": "deflate"}
    if transform is not None:
        options["transform"] = transform
    if block is not None:
        options |= {"tiled": True, "blockxsize": block, "blockysize": block}
    with _unreferenced_is_fine(), rasterio.open(path, "w", **options) as target:
        target.write(data)
        target.scales, target.offsets = (scale,) * bands, (offset,) * bands
        if not wavelengths:
            return
        factor = _UNITS_PER_NM.get(units or "Nanometers", 1.0)
        spacing = np.diff(wavelengths_nm(max(bands, 2)))[0]
        for band, centre in enumerate(wavelengths_nm(bands)):
            tags = {
                "wavelength": f"{centre * factor:.6g}",
                "fwhm": f"{spacing * factor:.6g}",
                "bbl": str(int(band not in bad_bands)),
            }
            if units is not None:
                tags["wavelength_units"] = units
            target.update_tags(band + 1, **tags)


def _write_envi(
    path: Path,
    data: npt.NDArray[Any],
    scale: float,
    offset: float,
    nodata: float | None,
    crs: str | None,
    transform: Affine | None,
    wavelengths: bool,
    units: str | None,
    bad_bands: Sequence[int],
    layout: str,
    compressed: bool,
) -> None:
    bands, rows, cols = data.shape
    axes = {"bsq": (0, 1, 2), "bil": (1, 0, 2), "bip": (1, 2, 0)}[layout]
    payload = np.ascontiguousarray(data.transpose(axes)).tobytes()
    path.write_bytes(gzip.compress(payload) if compressed else payload)
    header = {
        "description": "{synthetic scene}",
        "samples": cols,
        "lines": rows,
        "bands": bands,
        "header offset": 0,
        "file type": "ENVI Standard",
        "data type": _ENVI_TYPES[data.dtype.name],
        "interleave": layout,
        "byte order": 0,
        "band names": _braces(f"band {b + 1}" for b in range(bands)),
        "data gain values": _braces([scale] * bands),
        "data offset values": _braces([offset] * bands),
    }
    if compressed:
        header["file compression"] = 1
    if nodata is not None:
        header["data ignore value"] = nodata
    if transform is not None:
        header["map info"] = (
            f"{{UTM, 1, 1, {transform.c}, {transform.f}, {transform.a}, {-transform.e}, 33, North, WGS-84}}"
        )
    if crs is not None:
        header["coordinate system string"] = f"{{{rasterio.crs.CRS.from_user_input(crs).to_wkt()}}}"
    if wavelengths:
        factor = _UNITS_PER_NM.get(units or "Nanometers", 1.0)
        spacing = np.diff(wavelengths_nm(max(bands, 2)))[0]
        header["wavelength"] = _braces(f"{w * factor:.6g}" for w in wavelengths_nm(bands))
        header["fwhm"] = _braces([f"{spacing * factor:.6g}"] * bands)
        header["bbl"] = _braces(int(b not in bad_bands) for b in range(bands))
        if units is not None:
            header["wavelength units"] = units
    lines = ["ENVI", *(f"{key} = {value}" for key, value in header.items())]
    path.with_suffix(".hdr").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _braces(values: Any) -> str:
    return "{" + ", ".join(str(v) for v in values) + "}"
