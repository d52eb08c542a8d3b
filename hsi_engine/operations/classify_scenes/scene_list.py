"""Which scenes a folder, a pattern, a list or a STAC ItemCollection names."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import OutputError, ParameterError
from ...foreign.json_text import parse_json
from ...io.files.source_names import SourcePath, file_behind, is_gdal_name, without_file_address
from ...io.scenes.formats.catalogue import FORMATS
from ...phrases import counted, listed

RASTER_SUFFIXES = frozenset(
    ".tif .tiff .img .dat .raw .bsq .bil .bip .h5 .he5 .hdf .hdf5 .nc .nc4 .mat .vrt .jp2 .pix".split()
)
"""Endings by which a file of a folder is taken for a scene. Packed products are known by their names."""

_LISTS, _COLLECTIONS = (".txt", ".csv", ".lst"), (".json", ".geojson")
_PATTERN = "*?["
_MOST_NAMES = 5


@dataclass(frozen=True, kw_only=True)
class SceneList:
    """Scenes in their order, each once, and sentences on what was left out."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...]


def find_scenes(source: str, output: Path) -> SceneList:
    """The scenes that ``source`` names; none of them is opened.

    Parameters
    ----------
    source : a folder, a pattern, a list with a path per line, a STAC ItemCollection, or a single scene.
    output : the folder of the maps, in which no scene may lie.

    Raises
    ------
    ParameterError : there is no such source, it cannot be read, or it names no scene.
    OutputError : the maps would be written into the folder of the scenes.
    """
    path = SourcePath(without_file_address(Path(source.strip()))).expanduser()
    if path.is_dir() and not _is_product(path):
        if output.exists() and path.samefile(output):
            raise OutputError(
                f"The output folder '{output}' is also the folder of the scenes: maps would be taken for scenes.",
                code="equals_input",
                hint="Choose another folder for the maps.",
            )
        found, notes = _in_folder(path)
    elif not path.exists() and any(sign in source for sign in _PATTERN):
        found, notes = _matching(str(path))
    elif path.suffix.lower() in _LISTS:
        found, notes = _in_list(path)
    elif path.suffix.lower() in _COLLECTIONS:
        found, notes = _in_collection(path)
    else:
        found, notes = [path], []
        if not path.exists() and not is_gdal_name(path):
            raise ParameterError(
                f"There is no folder, list or scene '{source}'.",
                code="scenes",
                hint="Name a folder, a pattern with *, a list with one path per line, or a STAC ItemCollection.",
            )
    inside = [scene for scene in found if output in scene.absolute().parents]
    if inside:
        notes.append(f"Left out because they lie in the output folder: {_names(inside)}.")
        found = [scene for scene in found if scene not in set(inside)]
    once, twice = _once(found)
    if twice:
        notes.append(f"Listed twice, and mapped once: {_names(twice)}.")
    if not once:
        raise ParameterError(
            f"No scene matches '{source}'. {' '.join(notes)}".rstrip(),
            code="no_scenes",
            hint="Check the path; a pattern with ** searches subfolders, too.",
        )
    return SceneList(paths=tuple(once), notes=tuple(notes))


def _in_folder(folder: Path) -> tuple[list[Path], list[str]]:
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise _unreadable(folder, error.strerror or str(error)) from error
    found = [entry for entry in entries if _is_product(entry) or (entry.is_file() and _looks_like_raster(entry))]
    scenes = _without_parts(found)
    folders = [entry for entry in entries if entry.is_dir() and entry not in scenes]
    notes = []
    if folders:
        notes.append(f"Subfolders are not searched: {_names(folders)}. A pattern such as '{folder}/**/*.tif' does.")
    return scenes, notes


def _matching(pattern: str) -> tuple[list[Path], list[str]]:
    found = (SourcePath(name) for name in sorted(glob.glob(pattern, recursive=True)))  # noqa: PTH207
    kept = [path for path in found if not path.name.endswith((".aux.xml", ".qml", ".ovr", ".msk"))]
    return _without_parts([path for path in kept if path.is_file() or _is_product(path)]), []


def _in_list(path: Path) -> tuple[list[Path], list[str]]:
    lines = (line.strip().strip('"') for line in _text(path).splitlines())
    return [_from_folder(path.parent, line) for line in lines if line and not line.startswith("#")], []


def _in_collection(path: Path) -> tuple[list[Path], list[str]]:
    try:
        document = parse_json(_text(path), names_files=True)
        features = document["features"] if document["type"] == "FeatureCollection" else [document]
        return [_from_folder(path.parent, _scene_asset(feature)) for feature in features], []
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ParameterError(
            f"'{path}' cannot be read as a STAC ItemCollection: {error}.",
            code="stac",
            hint="Expected is a FeatureCollection of Items, each with an asset that is the scene.",
        ) from error


def _scene_asset(item: Mapping[str, Any]) -> str:
    """The address of the one asset of an Item that is its scene."""
    assets: Mapping[str, Mapping[str, Any]] = item["assets"]
    data = {key: asset for key, asset in assets.items() if "data" in asset.get("roles", ())} or assets
    if len(data) != 1:
        raise ParameterError(
            f"Item '{item.get('id')}' has {len(data)} assets that may be its scene: {listed(list(data)) or 'none'}.",
            code="stac",
            hint="Leave one asset with the role data in each Item, or name the paths in a list.",
        )
    return str(next(iter(data.values()))["href"])


def _from_folder(folder: Path, name: str) -> Path:
    """The scene that a line or an address names, relative to the folder of the list."""
    path: Path = SourcePath(without_file_address(Path(name))).expanduser()
    if is_gdal_name(path) or path.is_absolute():
        return path
    return SourcePath(folder / path)


def _is_product(path: Path) -> bool:
    """Whether a format other than GDAL's knows a folder or a packed file as one of its products."""
    if path.is_file() and path.suffix.lower() not in (".zip", ".gz", ".tar"):
        return False
    return any(known.recognises(path) for known in FORMATS if known.name not in ("gdal", "envi"))


def _looks_like_raster(path: Path) -> bool:
    return path.suffix.lower() in RASTER_SUFFIXES or path.suffix.lower() == ".hdr"


def _without_parts(found: Sequence[Path]) -> list[Path]:
    """Headers and the data files that they describe are one scene: the header, but a GeoTIFF next to it."""
    headers = {path for path in found if path.suffix.lower() == ".hdr"}
    described = {header.with_suffix("") for header in headers}
    whole = {path.with_suffix("") for path in found if path.suffix.lower() in (".tif", ".tiff")}
    kept = []
    for path in found:
        if path in headers:
            is_extra = path.with_suffix("") in whole or path.with_suffix("").suffix.lower() in (".tif", ".tiff")
            if is_extra:
                continue
        elif path.suffix.lower() not in (".tif", ".tiff") and (path in described or path.with_suffix("") in described):
            continue
        kept.append(path)
    return kept


def _once(found: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    once: dict[str, Path] = {}
    twice = []
    for path in found:
        key = str(path) if is_gdal_name(path) else str(path.resolve())
        if key in once:
            twice.append(path)
        else:
            once[key] = path
    return list(once.values()), twice


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _unreadable(path, "it is not UTF-8 text") from error


def _unreadable(path: Path, reason: str) -> ParameterError:
    return ParameterError(f"The list of scenes '{path}' cannot be read: {reason}.", code="scenes")


def _names(paths: Sequence[Path]) -> str:
    shown = [path.name for path in paths[:_MOST_NAMES]]
    more = len(paths) - len(shown)
    return ", ".join(shown) + (f" and {counted(more, 'other')}" if more else "")


def modified(scene: Path) -> float:
    """When the newest file of a scene was written, in seconds; 0 for what is no file."""
    file = file_behind(scene)
    if file is None:
        return 0.0
    if file.is_dir():
        return max((part.stat().st_mtime for part in file.rglob("*") if part.is_file()), default=0.0)
    parts = [file]
    if file.suffix.lower() == ".hdr":
        parts += [other for other in file.parent.glob(f"{glob.escape(file.stem)}*") if other.is_file()]
    return max(part.stat().st_mtime for part in parts)
