"""Geometries that GDAL reads and shapely does not: surfaces become polygons, of others it is said why they are unusable."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyogrio
import shapely

if TYPE_CHECKING:
    import geopandas

# In text a polyhedral surface and a TIN are written as a multi-polygon is, and a triangle as a polygon is.
_INSTEAD = {"POLYHEDRALSURFACE": "MULTIPOLYGON", "TIN": "MULTIPOLYGON", "TRIANGLE": "POLYGON"}
# Numbers of these kinds in GDAL, without the thousands that say whether they have heights and measures.
_KINDS = {15: "polyhedral surface", 16: "TIN", 17: "triangle"}
NOT_CLOSED = "whose outline is not closed"
_SURFACE = re.compile(r"\b(POLYHEDRALSURFACE|TIN|TRIANGLE)\b")


def with_surfaces(
    frame: geopandas.GeoDataFrame, path: Path, layer: str
) -> tuple[geopandas.GeoDataFrame, dict[int, str], tuple[str, ...]]:
    """The layer with polyhedral surfaces, TINs and triangles as polygons; shapely has None for them.

    Returns
    -------
    The layer, what the geometries are that remain unread by the number of their row, and a note.
    """
    geometries = np.array(frame.geometry.values)
    missing = np.flatnonzero(shapely.is_missing(geometries))
    if not len(missing):
        return frame, {}, ()
    unread: dict[int, str] = {}
    texts = _as_texts(path, layer)
    for row in missing:
        if not texts[row]:
            continue
        try:
            geometries[row] = shapely.from_wkt(_SURFACE.sub(lambda match: _INSTEAD[match[1]], texts[row]))
        except shapely.errors.ShapelyError as error:
            unread[int(row)] = texts[row].partition("(")[0].strip().lower() + _fault(str(error))
    used = len(missing) - int(shapely.is_missing(geometries[missing]).sum())
    note = f"Surfaces (polyhedral surfaces, TIN), used as polygons seen from above: {used} features."
    return frame.set_geometry(_column(frame, geometries)), unread, (note,) if used else ()


def _fault(refusal: str) -> str:
    """What is wrong with a geometry of a kind that GEOS knows, from its refusal; empty if it does not know the kind."""
    if "closed" in refusal:
        return f" {NOT_CLOSED}"
    return " of too few points" if "point" in refusal else ""


def declared_surface(refusal: str) -> str:
    """The kind of surface that a layer is declared to hold, from pyogrio's refusal of its number; empty if it is none."""
    number = re.search(r"type is not supported: (-?\d+)$", refusal)
    return _KINDS.get(int(number[1]) % 1000, "") if number else ""


def _as_texts(path: Path, layer: str) -> list[str]:
    """Each geometry as well-known text, empty if there is none."""
    name = layer.replace("\\", "\\\\").replace('"', '\\"')
    # A VRT has no geometry if none of its fields is asked for.
    query = f'SELECT *, OGR_GEOM_WKT FROM "{name}" WHERE 1 = 1'  # noqa: S608  # nosec B608 - it reads the one file that was named
    table = pyogrio.read_dataframe(path, sql=query, sql_dialect="OGRSQL", read_geometry=False)
    return ["" if text is None or text != text else str(text) for text in table["OGR_GEOM_WKT"]]


def _column(frame: geopandas.GeoDataFrame, geometries: object) -> geopandas.GeoSeries:
    import geopandas

    return geopandas.GeoSeries(geometries, index=frame.index, crs=frame.crs, name=frame.geometry.name)
