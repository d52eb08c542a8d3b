"""What the model files of a folder say of themselves, read without the engine.

A model is a zip whose member ``manifest.json`` describes it, and an exported ONNX graph has the same text in its metadata. Only
that is read, up to a limit; nothing in a file is executed.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from ..paths import exists, is_file

SUFFIX = ".hsimodel"
ONNX_SUFFIX = ".onnx"

_MANIFEST = "manifest.json"
_FORMAT = "hsimodel"
_ONNX_RECORD = "hsi_manifest"
# Of protobuf: how fields are stored, and the field of an ONNX model that holds its metadata.
_VARINT, _EIGHT_BYTES, _COUNTED, _FOUR_BYTES = 0, 1, 2, 5
_METADATA = 14
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
        """Name without the ending; that of a graph keeps it, as both forms of a model may be there."""
        return self.path.name[: -len(SUFFIX)] if self.path.name.lower().endswith(SUFFIX) else self.path.name


def list_models(folder: Path) -> list[ModelFile]:
    """The model files of ``folder``, the latest first, those that cannot be used last; none if there is no such folder.

    ONNX files are listed if this engine exported them.
    """
    endings = (SUFFIX, ONNX_SUFFIX)
    try:
        with os.scandir(folder) as entries:
            paths = sorted(Path(e.path) for e in entries if e.name.lower().endswith(endings) and e.is_file())
    except (OSError, ValueError):  # no such folder, or none that could have this name
        return []
    described = (describe_model(path) for path in paths[:_MOST_FILES])
    found = [model for model in described if not (model.problem and _is_onnx(model.path))]
    found.sort(key=lambda model: model.name.lower())
    found.sort(key=lambda model: model.day, reverse=True)
    return sorted(found, key=lambda model: bool(model.problem))


def describe_model(path: Path) -> ModelFile:
    """What ``path`` states about itself; whatever is wrong with it becomes its ``problem``."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        return ModelFile(path, "", problem=f"The file cannot be read: {getattr(error, 'strerror', None) or error}.")
    key = (str(path), status.st_mtime_ns, status.st_size)
    if key not in _known:
        written = datetime.fromtimestamp(status.st_mtime).date().isoformat()
        try:
            manifest = _onnx_record(path) if _is_onnx(path) else _manifest(path)
            _known[key] = _described(path, manifest, written)
        except _Unusable as unusable:
            _known[key] = ModelFile(path, written, problem=str(unusable))
    return _known[key]


def find_model(text: str, folder: Path | None) -> str:
    """The path that ``text`` means: the bare name of a model in ``folder``, with or without its ending, or the path itself."""
    if folder is None or not text or Path(text).name != text or exists(text):
        return text
    for name in (text, text + SUFFIX, text + ONNX_SUFFIX):
        if is_file(folder / name):
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
            return _checked(json.loads(archive.read(entry)))
    except KeyError:
        raise _Unusable("It is not a model of this plugin.") from None
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, OverflowError, RecursionError) as error:
        raise _Unusable(f"The file is damaged or not a model: {error}.") from error
    except ValueError:
        raise _Unusable("The file is damaged: its description is not readable.") from None


def _checked(data: Any) -> Mapping[str, Any]:
    if not isinstance(data, dict) or data.get("format") != _FORMAT:
        raise _Unusable("It is not a model of this plugin.")
    return data


def _is_onnx(path: Path) -> bool:
    return path.name.lower().endswith(ONNX_SUFFIX)


def _onnx_record(path: Path) -> Mapping[str, Any]:
    """The description in the metadata of an ONNX file. The graph, which may be large, is passed over."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            for field, length in _fields(file, size):
                if field != _METADATA or length > _LIMIT_BYTES:
                    file.seek(length, os.SEEK_CUR)
                    continue
                entry = io.BytesIO(file.read(length))
                name, value = [entry.read(part) for _, part in _fields(entry, length)]
                if name.decode() == _ONNX_RECORD:
                    return _checked(json.loads(value))
    except (OSError, OverflowError, RecursionError, ValueError) as error:
        raise _Unusable(f"The file is damaged or not a model: {error}.") from error
    raise _Unusable("It is not a model of this plugin.")


def _fields(file: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """Number and length of each field of a protobuf message whose content has a length; the caller moves past the content."""
    while file.tell() < size:
        key = _varint(file)
        field, stored = key >> 3, key & 7
        if stored == _COUNTED:
            length = _varint(file)
            if length > size - file.tell():
                raise ValueError("it ends too early")
            yield field, length
        elif stored == _VARINT:
            _varint(file)
        elif stored in (_EIGHT_BYTES, _FOUR_BYTES):
            file.seek(8 if stored == _EIGHT_BYTES else 4, os.SEEK_CUR)
        else:
            raise ValueError("it is not protobuf")


def _varint(file: BinaryIO) -> int:
    value = 0
    for place in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            raise ValueError("it ends too early")
        value |= (byte[0] & 0x7F) << place
        if byte[0] < 0x80:
            return value
    raise ValueError("it is not protobuf")


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
