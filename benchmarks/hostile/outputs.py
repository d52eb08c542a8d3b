"""Whether a job left its folder as it should: a refused one as it was, one that worked with outputs that are whole."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from xml.etree import ElementTree as ET

from .kinds import Trial

_HIDDEN = ".tmp-"


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of each file by its path in the folder; links are not followed."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_dir():
            state = path.lstat()
            found[str(path.relative_to(folder))] = (state.st_size, state.st_mtime_ns)
    return found


def problem(folder: Path, before: dict[str, tuple[int, int]], trial: Trial, *, refused: bool) -> str:
    """What is wrong with the folder after a job; empty if nothing is."""
    after = contents(folder)
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    hidden = [name for name in after if Path(name).name.startswith(_HIDDEN)]
    if hidden:
        return f"a hidden file stayed: {hidden[0]!r}"
    if refused:
        left = [name for name in changed if not any(keep in name for keep in trial.keeps)]
        return f"refused, but {left[0]!r} is not as it was" if left else ""
    for name in changed:
        path = folder / name
        if path.is_file() and (fault := _fault(path)):
            return f"{name!r} {fault}"
    return ""


def _fault(path: Path) -> str:
    """What is wrong with an output."""
    try:
        _read(path)
    except Exception as error:
        return f"cannot be read: {type(error).__name__}: {error}"
    return ""


def _read(path: Path) -> None:
    """Open a file as other programs would, and read all of it."""
    suffix = path.suffix.lower()
    if suffix in (".tif", ".tiff"):
        import rasterio

        with warnings.catch_warnings(), rasterio.open(path) as raster:
            warnings.simplefilter("ignore")
            raster.read()
    elif suffix == ".gpkg":
        import pyogrio

        for layer, _ in pyogrio.list_layers(path):
            pyogrio.read_info(path, layer=layer)
    elif suffix in (".json", ".geojson"):
        json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_constant)
    elif suffix in (".qml", ".xml", ".sld"):
        ET.parse(path)
    elif suffix in (".csv", ".clr", ".md", ".html", ".htm"):
        path.read_bytes().decode("utf-8")
    elif suffix == ".hsimodel":
        from hsi_engine.bundle.model_file import read_bundle

        read_bundle(path)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
