"""Which scenes a folder, a pattern, a list or a STAC ItemCollection names."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import OutputError, ParameterError
from ...foreign.json_text import parse_json
from ...io.files.source_names import SourcePath, is_gdal_name, without_file_address
from ...phrases import listed
from .scene_folders import names_of, products_of_folder, scenes_in_folder, without_parts

_LISTS, _COLLECTIONS = (".txt", ".csv", ".lst"), (".json", ".geojson")
_PATTERN = "*?["


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
    if path.is_dir():
        if output.exists() and path.samefile(output):
            raise OutputError(
                f"The output folder '{output}' is also the folder of the scenes: maps would be taken for scenes.",
                code="equals_input",
                hint="Choose another folder for the maps.",
            )
        try:
            found, notes = scenes_in_folder(path)
        except OSError as error:
            raise _unreadable(path, error.strerror or str(error)) from error
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
        notes.append(f"Left out because they lie in the output folder: {names_of(inside)}.")
        found = [scene for scene in found if scene not in set(inside)]
    once, twice = _once(found)
    if twice:
        notes.append(f"Listed twice, and mapped once: {names_of(twice)}.")
    if not once:
        raise ParameterError(
            f"No scene matches '{source}'. {' '.join(notes)}".rstrip(),
            code="no_scenes",
            hint="Check the path; a pattern with ** searches subfolders, too.",
        )
    return SceneList(paths=tuple(once), notes=tuple(notes))


def _matching(pattern: str) -> tuple[list[Path], list[str]]:
    found = (SourcePath(name) for name in sorted(glob.glob(pattern, recursive=True)))  # noqa: PTH207
    kept = [path for path in found if not path.name.endswith((".aux.xml", ".qml", ".ovr", ".msk"))]
    scenes = [scene for path in kept for scene in (products_of_folder(path) if path.is_dir() else [path])]
    return without_parts(scenes), []


def _in_list(path: Path) -> tuple[list[Path], list[str]]:
    lines = (line.strip() for line in _text(path).splitlines())
    return [_line(path.parent, line) for line in lines if line and not line.startswith("#")], []


def _line(folder: Path, line: str) -> Path:
    """The scene of a line; what follows a ``#`` after a space is a comment, unless the name of a file holds it."""
    signs = [found.start() for found in re.finditer(r"\s#", line)]
    names = [_from_folder(folder, line[:end].strip().strip('"')) for end in (len(line), *reversed(signs))]
    return next((name for name in names if name.exists()), names[-1])


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
