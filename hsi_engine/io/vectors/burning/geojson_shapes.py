"""Polygons and points as rasterio takes them, made from many geometries at once."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import GeometryType

# Rings with more vertices than this on average stay arrays: a list of a million places takes ten times their room.
_MOST_LISTED = 1000


def geojson_shapes(geometries: npt.NDArray[np.object_]) -> list[dict[str, Any]]:
    """Each geometry as a GeoJSON mapping, with the coordinates that its ``__geo_interface__`` has.

    shapely makes an empty ring for each polygon to compare with, which takes most of the time of drawing small polygons.

    Parameters
    ----------
    geometries : points and polygons, none of them empty, (n,).
    """
    found: list[Any] = list(geometries)  # other kinds speak for themselves
    kinds = shapely.get_type_id(geometries)
    points = np.flatnonzero(kinds == GeometryType.POINT)
    for at, place in zip(points.tolist(), shapely.get_coordinates(geometries[points]).tolist(), strict=True):
        found[at] = {"type": "Point", "coordinates": place}
    polygons = np.flatnonzero(kinds == GeometryType.POLYGON)
    if not len(polygons):
        return found
    _, places, (ring_ends, polygon_ends) = shapely.to_ragged_array(geometries[polygons], include_z=False)
    ends = ring_ends.tolist()
    listed: Any = places.tolist() if len(places) <= _MOST_LISTED * (len(ends) - 1) else places
    rings = [listed[start:end] for start, end in pairwise(ends)]
    bounds = polygon_ends.tolist()
    for at, (start, end) in zip(polygons.tolist(), pairwise(bounds), strict=True):
        found[at] = {"type": "Polygon", "coordinates": rings[start:end]}
    return found
