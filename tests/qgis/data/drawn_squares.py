"""Squares drawn on the EnMAP scene, as someone would begin, and what a random forest makes of them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from osgeo import gdal, ogr

EDGE = 4
# Class value of the EnMAP labels → what the user calls it, in the order in which texts are numbered.
CLASSES = {4: "forest", 3: "meadow", 6: "water"}
# scikit-learn lives with the engine. Reads the pixels that were drawn, prints the share of the others that is right.
FOREST = """
import sys, numpy as np, rasterio
from sklearn.ensemble import RandomForestClassifier
scene, drawn, truth = sys.argv[1:]
read = lambda path: rasterio.open(path).read()
cube, drawn, truth = read(scene).astype("float32"), read(drawn)[0], read(truth)[0]
forest = RandomForestClassifier(500, random_state=0).fit(cube[:, drawn > 0].T, drawn[drawn > 0])
others = (truth > 0) & (drawn == 0)
print(np.mean(forest.predict(cube[:, others].T) == truth[others]))
"""


@dataclass(frozen=True)
class Drawing:
    """What was drawn, as polygons and as class 1, 2, 3 of each pixel; ``truth`` is the class of all known pixels."""

    polygons: str
    drawn: np.ndarray
    truth: np.ndarray


def _squares(is_class: np.ndarray, count: int) -> list[tuple[int, int]]:
    """Rows and columns of the upper left pixels of ``count`` squares inside a class, far from each other."""
    rows, cols = is_class.shape
    found = np.array(
        [
            (row, col)
            for row in range(0, rows - EDGE + 1, EDGE)
            for col in range(0, cols - EDGE + 1, EDGE)
            if is_class[row : row + EDGE, col : col + EDGE].all()
        ]
    )
    chosen = [found[0]]
    while len(chosen) < count:
        distance = np.min([np.abs(found - one).max(axis=1) for one in chosen], axis=0)
        chosen.append(found[distance.argmax()])
    return [(int(row), int(col)) for row, col in chosen]


def draw(enmap: Path, path: Path, squares: int) -> Drawing:
    """Squares of each class, as a person would draw them with the grid in sight."""
    source = gdal.Open(str(enmap / "labels.tif"))
    labels, (left, width, _, top, _, height) = source.ReadAsArray(), source.GetGeoTransform()
    truth, drawn = np.zeros_like(labels), np.zeros_like(labels)
    file = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = file.CreateLayer("drawn", source.GetSpatialRef(), ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("landuse", ogr.OFTString))
    for number, (value, name) in enumerate(CLASSES.items(), start=1):
        truth[labels == value] = number
        for row, col in _squares(labels == value, squares):
            drawn[row : row + EDGE, col : col + EDGE] = number
            corners = [(row, col), (row, col + EDGE), (row + EDGE, col + EDGE), (row + EDGE, col), (row, col)]
            ring = ", ".join(f"{left + c * width} {top + r * height}" for r, c in corners)
            feature = ogr.Feature(layer.GetLayerDefn())
            feature["landuse"] = name
            feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({ring}))"))
            layer.CreateFeature(feature)
    return Drawing(str(path), drawn, truth)


def accuracy_elsewhere(drawing: Drawing, class_map: np.ndarray) -> float:
    """Share of the known pixels outside of the squares that a map has right."""
    others = (drawing.truth > 0) & (drawing.drawn == 0)
    return float(np.mean(class_map[others] == drawing.truth[others]))


def forest_elsewhere(enmap: Path, drawing: Drawing, python: Path, folder: Path) -> float:
    """The same for a random forest of scikit-learn that was trained on the squares; ``python`` is the engine's."""
    files = [
        _write_like(enmap, folder / f"{n}.tif", v) for n, v in (("drawn", drawing.drawn), ("truth", drawing.truth))
    ]
    words = [str(python), "-c", FOREST, str(enmap / "scene.tif"), *files]
    return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def _write_like(enmap: Path, path: Path, values: np.ndarray) -> str:
    copy = gdal.GetDriverByName("GTiff").CreateCopy(str(path), gdal.Open(str(enmap / "labels.tif")))
    copy.GetRasterBand(1).WriteArray(values)
    return str(path)
