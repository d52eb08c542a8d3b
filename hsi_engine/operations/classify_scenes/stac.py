"""A map as an Item of STAC 1.1, and all of them as an ItemCollection: plain dictionaries.

With the extensions projection 2.0.0, processing 1.2.0, classification 2.0.0 and file 2.1.0. Nothing in an Item depends on when or
where the map was made: the same files, times of the last change included, give the same text. What no extension has is called ``hsi:…``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ...io.scenes.metadata.acquisition import acquisition_of
from ...io.scenes.scene import Scene
from ...io.vectors.extents import box_of, outline_in_degrees
from ...pixels.grid import Grid
from ...version import VERSION
from ..classify_scene.operation import ClassifySceneResult
from ..classify_scene.products import PRODUCTS
from .tasks import Task

_VERSION = "1.1.0"
_EXTENSIONS = [
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "https://stac-extensions.github.io/processing/v1.2.0/schema.json",
    "https://stac-extensions.github.io/classification/v2.0.0/schema.json",
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
]
_GEOTIFF = "image/tiff; application=geotiff"
_SHA256 = "1220"  # of a multihash: SHA-256, 32 bytes
_NO_WORD = re.compile(r"[^0-9A-Za-z_-]+")


def map_item(
    task: Task,
    result: ClassifySceneResult,
    scene: Scene,
    when: Mapping[str, str],
    state: str,
    settings: str,
    files: Mapping[Path, tuple[int, str]],
) -> dict[str, Any]:
    """The Item of a finished map.

    Parameters
    ----------
    when : what :func:`time_of` said of the scene before it was mapped: its file may be gone or replaced since.
    state : by which the scene is recognised: a hash of the names, sizes and times of its files and of its description.
    settings : hash of the settings, as in the tags of the map.
    files : size in bytes and SHA-256 of each of its rasters.
    """
    outline = outline_in_degrees(scene.grid)
    found: dict[str, Any] = {
        "type": "Feature",
        "stac_version": _VERSION,
        "stac_extensions": _EXTENSIONS,
        "id": task.params.output.stem,
        "geometry": None if outline is None else {"type": "Polygon", "coordinates": [outline]},
        "properties": {
            "title": result.description["title"],
            **when,
            **_projection(scene.grid),
            "processing:software": {"hsi-engine": VERSION},
            "processing:lineage": f"Classified with {result.description['method']}, model {result.model_id}.",
            "hsi:scene": task.scene,
            "hsi:scene_state": state,
            "hsi:model_id": result.model_id,
            "hsi:settings": settings,
            "hsi:classes": result.classes,
            "hsi:nodata_pixels": result.nodata_pixels,
            "hsi:unclassified_pixels": result.unclassified_pixels,
            "hsi:notes": result.notes,
        },
        "links": _links(task),
        "assets": {
            product.name: _asset(path, files[path], result.classes if product.required else None, product.title)
            for product in PRODUCTS
            if (path := product.path_in(task.params)) is not None
        },
    }
    if outline is not None:
        found["bbox"] = box_of(outline)
    return found


def item_collection(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All Items as a FeatureCollection."""
    return {"type": "FeatureCollection", "features": list(items)}


def time_of(scene: Scene) -> dict[str, str]:
    """An Item must have a time, in UTC. If the scene does not state it in full, the Item states what it is."""
    found = acquisition_of(scene)
    if found.start is not None:
        start = found.start.isoformat().partition("+")[0]
        text = f"{start.rstrip('0') if '.' in start else start}Z"
        if found.start.tzinfo is not None:
            return {"datetime": text}
        return {"datetime": text, "hsi:datetime_of": "scene: it states no time zone, and UTC is assumed"}
    if found.day is not None:
        return {
            "datetime": f"{found.day}T00:00:00Z",
            "hsi:datetime_of": "day: the scene does not state the time of day",
        }
    try:
        newest = max(Path(file).stat().st_mtime for file in scene.files)
    except (OSError, ValueError):
        newest = 0.0
    text = datetime.fromtimestamp(int(newest), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"datetime": text, "hsi:datetime_of": "file: the scene does not state when it was acquired"}


def _projection(grid: Grid) -> dict[str, Any]:
    t = grid.transform
    found: dict[str, Any] = {"proj:shape": list(grid.shape), "proj:transform": [t.a, t.b, t.c, t.d, t.e, t.f]}
    if grid.crs is None:
        return found | {"proj:code": None}
    from pyproj import CRS

    authority = CRS.from_user_input(grid.crs).to_authority(min_confidence=70)
    return found | ({"proj:code": ":".join(authority)} if authority else {"proj:code": None, "proj:wkt2": grid.crs})


def _links(task: Task) -> list[dict[str, str]]:
    folder = task.params.output.parent
    return [
        {"rel": "derived_from", "href": _address(task.params.scene, folder), "title": "Scene"},
        {"rel": "related", "href": _address(task.params.model, folder), "title": "Model"},
    ]


def _address(path: Path, folder: Path) -> str:
    """Relative if possible, so that an archive can be moved as a whole."""
    if not path.exists():
        return str(path)
    try:
        return Path(os.path.relpath(path.absolute(), folder)).as_posix()
    except ValueError:  # another drive on Windows
        return path.absolute().as_uri()


def _asset(
    path: Path, file: tuple[int, str], classes: Sequence[Mapping[str, Any]] | None, title: str
) -> dict[str, Any]:
    size, sha256 = file
    found = {
        "href": f"./{path.name}",
        "type": _GEOTIFF,
        "title": title,
        "roles": ["data"] if classes is not None else ["metadata"],
        "file:size": size,
        "file:checksum": f"{_SHA256}{sha256}",
    }
    if classes is not None:
        found["classification:classes"] = [
            {
                "value": c["value"],
                "name": _NO_WORD.sub("-", c["name"]).strip("-") or str(c["value"]),
                "title": c["name"],
                "color_hint": c["color"].lstrip("#").upper(),
            }
            for c in classes
        ]
    return found
