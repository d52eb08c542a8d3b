"""Small scenes and labels, written by QGIS's own GDAL: the engine's libraries do not exist on this side.

Three land covers with values 2, 5 and 11 lie in fields like a chess board; their spectra differ in every band.
Scenes are not square and have a hole without data, so that swapped axes and forgotten nodata show.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from osgeo import gdal, ogr, osr

gdal.UseExceptions()

ROWS, COLS, BANDS = 44, 36, 12
PIXEL_M = 30.0
ORIGIN = (364095.0, 5809965.0)
EPSG = 32633
NODATA = -32768
CLASS_NAMES = {2: "water", 5: "meadow", 11: "soil"}
CLASS_COLOURS = {2: "#0072b2", 5: "#009e73", 11: "#d55e00"}

_FIELD = (11, 9)  # rows and columns of one field; its last row and column stay unlabelled
_SCALE = 0.0001


def land_cover(rows: int = ROWS, cols: int = COLS) -> np.ndarray:
    """Class value 2, 5 or 11 of every pixel, shape (rows, cols)."""
    row, col = np.indices((rows, cols))
    return np.array(list(CLASS_NAMES), dtype=np.uint8)[(row // _FIELD[0] + col // _FIELD[1]) % len(CLASS_NAMES)]


def labelled(rows: int = ROWS, cols: int = COLS) -> np.ndarray:
    """The land cover inside the fields and 0 (unlabelled) between them, shape (rows, cols)."""
    row, col = np.indices((rows, cols))
    inside = (row % _FIELD[0] < _FIELD[0] - 1) & (col % _FIELD[1] < _FIELD[1] - 1)
    return np.where(inside, land_cover(rows, cols), 0).astype(np.uint8)


def write_scene(
    path: Path,
    *,
    rows: int = ROWS,
    cols: int = COLS,
    bands: int = BANDS,
    epsg: int | None = EPSG,
    origin: tuple[float, float] = ORIGIN,
    wavelengths: bool = True,
    seed: int = 0,
) -> Path:
    """Write a scene of reflectance × 10,000 and return its path; ``epsg`` None writes no coordinate system."""
    x = np.linspace(0.0, 1.0, bands)
    spectra = {2: 0.12 - 0.08 * x, 5: 0.10 + 0.45 * x**2, 11: 0.20 + 0.25 * x}
    cover = land_cover(rows, cols)
    cube = np.zeros((bands, rows, cols))
    for value, spectrum in spectra.items():
        cube[:, cover == value] = spectrum[:, None]
    cube += np.random.default_rng(seed).normal(0.0, 0.01, cube.shape)
    stored = np.rint(cube / _SCALE).astype(np.int16)
    stored[:, rows // 2 : rows // 2 + 4, cols // 5 : cols // 5 + 6] = NODATA

    dataset = _create(path, rows, cols, bands, gdal.GDT_Int16, epsg, origin)
    for index in range(bands):
        band = dataset.GetRasterBand(index + 1)
        band.SetNoDataValue(NODATA)
        band.SetScale(_SCALE)
        if wavelengths:
            band.SetMetadata({"wavelength": f"{430 + 550 * x[index]:.1f}", "wavelength_units": "Nanometers"})
        band.WriteArray(stored[index])
    return path


def write_labels(path: Path, *, rows: int = ROWS, cols: int = COLS) -> Path:
    """Write the labels as uint8 raster on the grid of :func:`write_scene` and return its path."""
    dataset = _create(path, rows, cols, 1, gdal.GDT_Byte, EPSG, ORIGIN)
    band = dataset.GetRasterBand(1)
    band.SetNoDataValue(0)
    band.WriteArray(labelled(rows, cols))
    return path


def write_polygons(
    path: Path, *, rows: int = ROWS, cols: int = COLS, epsg: int = EPSG, layer: str = "polygons", append: bool = False
) -> Path:
    """Write the labels as one rectangle a field, in any coordinate system, and return the path of the GeoPackage.

    ``append`` adds the layer to a GeoPackage that exists.
    """
    driver = ogr.GetDriverByName("GPKG")
    source = driver.Open(str(path), 1) if append else driver.CreateDataSource(str(path))
    to_layer = osr.CoordinateTransformation(_reference(EPSG), _reference(epsg))
    target = source.CreateLayer(layer, _reference(epsg), ogr.wkbPolygon)
    target.CreateField(ogr.FieldDefn("class_id", ogr.OFTInteger))
    target.CreateField(ogr.FieldDefn("class_name", ogr.OFTString))
    target.CreateField(ogr.FieldDefn("color", ogr.OFTString))
    cover = land_cover(rows, cols)
    for row in range(0, rows, _FIELD[0]):
        for col in range(0, cols, _FIELD[1]):
            value = int(cover[row, col])
            feature = ogr.Feature(target.GetLayerDefn())
            feature["class_id"] = value
            feature["class_name"] = CLASS_NAMES[value]
            feature["color"] = CLASS_COLOURS[value]
            geometry = ogr.CreateGeometryFromWkt(_rectangle(row, col, _FIELD[0] - 1, _FIELD[1] - 1))
            geometry.Transform(to_layer)
            feature.SetGeometry(geometry)
            target.CreateFeature(feature)
    return path


def _create(
    path: Path, rows: int, cols: int, bands: int, data_type: int, epsg: int | None, origin: tuple[float, float]
) -> gdal.Dataset:
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), cols, rows, bands, data_type)
    dataset.SetGeoTransform((origin[0], PIXEL_M, 0.0, origin[1], 0.0, -PIXEL_M))
    if epsg is not None:
        dataset.SetProjection(_reference(epsg).ExportToWkt())
    return dataset


def _reference(epsg: int) -> osr.SpatialReference:
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(epsg)
    reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return reference


def _rectangle(row: int, col: int, height: int, width: int) -> str:
    left, top = ORIGIN[0] + col * PIXEL_M, ORIGIN[1] - row * PIXEL_M
    right, bottom = left + width * PIXEL_M, top - height * PIXEL_M
    return f"POLYGON (({left} {top}, {right} {top}, {right} {bottom}, {left} {bottom}, {left} {top}))"
