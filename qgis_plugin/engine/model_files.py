"""What the model files of a folder say of themselves, read without the engine.

A model is a zip whose member ``manifest.json`` describes it. Only that is read, up to a limit; nothing in a file is executed.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

SUFFIX = ".hsimodel"

_MANIFEST = "manifest.json"
_FORMAT = "hsimodel"
# Manifests have some ten thousand bytes; the engine reads larger ones, a list of models need not.
_LIMIT_BYTES = 4 << 20
_MOST_FILES = 1000
# By path, time and size: a list that is opened again reads only what has changed.
_known: dict[tuple[str, int, int], ModelFile] = {}


@dataclass(frozen=True)
class ModelFile:
    """One file of a list.

    Attributes
    ----------
    path : the file
    day : of the training, or of the file if it does not state one, YYYY-MM-DD
    classes : their names
    accuracy : overall accuracy of the tested pixels, 0 to 1; None: not known
    scene : name of the training scene; empty: not known
    problem : why it cannot be used, as a sentence; empty: it can
    """

    path: Path
    day: str
    classes: tuple[str, ...] = ()
    accuracy: float | None = None
    scene: str = ""
    problem: str = ""

    @property
    def name(self) -> str:
        """Name without the ending."""
        return self.path.name[: -len(SUFFIX)] if self.path.name.lower().endswith(SUFFIX) else self.path.name


def list_models(folder: Path) -> list[ModelFile]:
    """The model files of ``folder``, the latest first, those that cannot be used last; none if there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            paths = sorted(Path(e.path) for e in entries if e.name.lower().endswith(SUFFIX) and e.is_file())
    except OSError:
        return []
    found = [describe_model(path) for path in paths[:_MOST_FILES]]
    found.sort(key=lambda model: model.name.lower())
    found.sort(key=lambda model: model.day, reverse=True)
    return sorted(found, key=lambda model: bool(model.problem))


def describe_model(path: Path) -> ModelFile:
    """What ``path`` states about itself; whatever is wrong with it becomes its ``problem``."""
    try:
        status = path.stat()
    except OSError as error:
        return ModelFile(path, "", problem=f"The file cannot be read: {error.strerror or error}.")
    key = (str(path), status.st_mtime_ns, status.st_size)
    if key not in _known:
        written = datetime.fromtimestamp(status.st_mtime).date().isoformat()
        try:
            _known[key] = _described(path, _manifest(path), written)
        except _Unusable as unusable:
            _known[key] = ModelFile(path, written, problem=str(unusable))
    return _known[key]


def find_model(text: str, folder: Path | None) -> str:
    """The path that ``text`` means: the bare name of a model in ``folder``, with or without its ending, or the path itself."""
    if folder is None or not text or Path(text).name != text or Path(text).exists():
        return text
    for name in (text, text + SUFFIX):
        if (folder / name).is_file():
            return str(folder / name)
    return text


class _Unusable(Exception):
    """Why a file is not a usable model."""


def _manifest(path: Path) -> Mapping[str, Any]:
    try:
        with zipfile.ZipFile(path) as archive:
            entry = archive.getinfo(_MANIFEST)
            if entry.file_size > _LIMIT_BYTES or entry.compress_type != zipfile.ZIP_STORED:
                raise _Unusable("Its description is larger than that of a model.")
            data = json.loads(archive.read(entry))
    except KeyError:
        raise _Unusable("It is not a model of this plugin.") from None
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, OverflowError, RecursionError) as error:
        raise _Unusable(f"The file is damaged or not a model: {error}.") from error
    except ValueError:
        raise _Unusable("The file is damaged: its description is not readable.") from None
    if not isinstance(data, dict) or data.get("format") != _FORMAT:
        raise _Unusable("It is not a model of this plugin.")
    return data


def _described(path: Path, manifest: Mapping[str, Any], written: str) -> ModelFile:
    legend = manifest.get("legend")
    classes = (
        [str(c["name"]) for c in legend if isinstance(c, dict) and "name" in c] if isinstance(legend, list) else []
    )
    if not classes:
        raise _Unusable("The file is damaged: it names no classes.")
    training, metrics = _part(manifest, "training"), _part(manifest, "metrics")
    settings = _part(training, "settings")
    created = training.get("created")
    accuracy = _part(metrics, "test").get("overall_accuracy")
    scene = settings.get("scene")
    return ModelFile(
        path=path,
        day=created[:10] if isinstance(created, str) else written,
        classes=tuple(classes),
        accuracy=float(accuracy) if isinstance(accuracy, (int, float)) else None,
        scene=scene.replace("\\", "/").rpartition("/")[2] if isinstance(scene, str) else "",
    )


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}
