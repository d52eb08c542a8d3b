"""What a vector file says about its CRS where GDAL does not understand it, and then takes it for WGS 84 or for nothing."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

from ...foreign.json_text import parse_json
from ..files.sidecars import beside

_GEOJSON = (".geojson", ".json", ".geojsonl", ".geojsons", ".geojson.gz", ".json.gz")
_WGS84 = re.compile(r"crs:?84|4326|4979|\bwgs[ _]?(?:19)?84\b", re.IGNORECASE)
_MOST_BYTES = 64 << 20
_LONG = 80


def is_geojson(path: Path) -> bool:
    """True by the name of the file."""
    return path.name.lower().endswith(_GEOJSON)


def foreign_crs_of_geojson(path: Path) -> str | None:
    """The ``crs`` member of a GeoJSON file that GDAL has taken for WGS 84, if it states something else; None otherwise."""
    if not is_geojson(path) or not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return None
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix.lower() == ".gz" else content
        stated = parse_json(content).get("crs") if b'"crs"' in content else None
    except (OSError, ValueError, AttributeError, EOFError):
        return None
    if not stated:
        return None
    shown = _name(stated)
    return None if _WGS84.search(shown) else _shortened(shown)


def text_of_prj(path: Path) -> str | None:
    """What the .prj next to a shapefile states; None if there is none, or it is empty."""
    file = beside(path, (path.with_suffix(".prj").name,)) if path.suffix.lower() == ".shp" else None
    text = "" if file is None else " ".join(file.read_bytes()[:4000].decode("utf-8", errors="replace").split())
    return _shortened(text) if text else None


def _name(stated: Any) -> str:
    """The name, code or address in a ``crs`` member; the member itself if it has another form."""
    properties = stated.get("properties") if isinstance(stated, dict) else None
    for key in ("name", "code", "href", "url"):
        if isinstance(properties, dict) and properties.get(key):
            return str(properties[key])
    return stated if isinstance(stated, str) else json.dumps(stated, ensure_ascii=False)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
