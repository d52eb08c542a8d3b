"""The model of a preview: which one it is, and the place where it is kept.

Its key is made of all that decides the weights: the scene, the labelled pixels with their legend, what counts as data, the
bands, the methods, the engine. Labels count by their pixels and not by their file, so that a copy of a layer finds the model
too. A second, quicker key names the files and the settings they are read with; it leads to the first without reading labels.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...bundle.manifest import FORMAT_VERSION
from ...bundle.model_bundle import ModelBundle
from ...bundle.model_file import read_bundle, write_bundle
from ...errors import BundleError, OutputError
from ...io.files.file_identity import identity_of_files, identity_of_source, lasting
from ...io.files.outputs import StagedOutputs, sha256_of
from ...io.labels.types import Labels
from ...io.scenes.reader import SceneReader
from ...reporting import Reporter
from ...version import VERSION
from ..classify_scene.resume import scene_state
from .operation import PreviewParams

# Changes with the methods of a preview and the way they are trained.
_RECIPE = 2
MOST_MODELS = 24
_MOST_LINKS = 240
_MODEL, _LINK = ".hsimodel", ".link"
_KEY = re.compile(r"[0-9a-f]{64}")
# How labels are read: besides the file, what decides which pixels they give.
_READING = ("class_field", "name_field", "color_field", "layer", "overlap", "all_touched", "resampling")


def scene_key(params: PreviewParams, reader: SceneReader) -> list[Any]:
    """What names the pixels of an open scene and how they are read, as JSON values."""
    scene = reader.scene
    return [
        identity_of_files(lasting(scene.files)),
        scene_state(scene),
        [scene.nodata_text, params.nodata, params.bands, params.quality],
        [list(scene.bands.good), list(scene.bands.wavelength_nm), list(scene.scale), list(scene.offset)],
        [VERSION, FORMAT_VERSION, _RECIPE],
    ]


def quick_key(params: PreviewParams, scene: list[Any]) -> str | None:
    """A key that needs no look at the labels; None if they are not a file."""
    labels = identity_of_source(params.labels)
    if labels is None:
        return None
    legend = None if params.legend is None or not params.legend.is_file() else sha256_of(params.legend)
    return _digest([scene, str(params.labels), labels, legend, {name: getattr(params, name) for name in _READING}])


def full_key(scene: list[Any], labels: Labels) -> str:
    """The key of the model for these labels."""
    pixels = hashlib.sha256()
    for array in (labels.pixels.rows, labels.pixels.cols, labels.pixels.values, labels.pixels.groups):
        pixels.update(array.tobytes())
    return _digest([scene, pixels.hexdigest(), labels.legend.to_json()])


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class KeptModels:
    """A folder of preview models, of which the ones used last stay.

    Several processes may use it at once: files are renamed into place when they are complete, and any may be gone at any time.

    Parameters
    ----------
    folder : it need not exist.
    reporter : receives which files cannot be used, read or written. None of this ends a preview.
    """

    folder: Path
    reporter: Reporter

    def path(self, key: str) -> Path:
        """The path of the model of a key, whether it exists or not."""
        return self.folder / f"{key}{_MODEL}"

    def linked(self, quick: str) -> str | None:
        """The key that a quick key leads to; None if it leads nowhere."""
        try:
            text = (self.folder / f"{quick}{_LINK}").read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return None
        return text if _KEY.fullmatch(text) else None

    def find(self, key: str) -> ModelBundle | None:
        """The model of a key; None if there is none, or a file that is not such a model, which is reported."""
        path = self.path(key)
        if not path.exists():
            return None
        try:
            bundle = read_bundle(path)
        except BundleError as error:
            if error.code.endswith("missing"):  # removed by another process since
                return None
            self.reporter.log(f"A kept preview model cannot be used and is made again. {error.message}", "warning")
            return None
        if bundle.training.get("inputs") != {"preview": key}:
            self.reporter.log(
                f"A kept preview model cannot be used and is made again. Model '{path}' is that of something else.",
                "warning",
            )
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # used last
        return bundle

    def keep(self, key: str, bundle: ModelBundle) -> Path | None:
        """Write a model and remove those that were not used for longest; None, and a warning, if that is not possible."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with StagedOutputs() as stage:
                write_bundle(bundle, stage.path(self.path(key)))
        except (OSError, OutputError) as error:
            reason = error.message if isinstance(error, OutputError) else f"{self.folder}: {error.strerror}."
            self.reporter.log(
                f"The preview model cannot be kept, so the next preview trains again. {reason}", "warning"
            )
            return None
        _remove_oldest(self.folder.glob(f"*{_MODEL}"), MOST_MODELS)
        return self.path(key)

    def link(self, quick: str, key: str) -> None:
        """Let a quick key lead to the model; if that fails, labels are read again next time."""
        with contextlib.suppress(OSError, OutputError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with StagedOutputs() as stage:
                stage.path(self.folder / f"{quick}{_LINK}").write_text(key, encoding="ascii")
            _remove_oldest(self.folder.glob(f"*{_LINK}"), _MOST_LINKS)


def _remove_oldest(files: Iterable[Path], most: int) -> None:
    """Remove all files but those changed last, of those named after keys: others are not ours."""
    aged = []
    for file in files:
        if _KEY.fullmatch(file.stem):
            with contextlib.suppress(OSError):
                aged.append((file.stat().st_mtime_ns, file))
    for _, file in sorted(aged, reverse=True)[most:]:
        with contextlib.suppress(OSError):  # in use elsewhere, or gone
            file.unlink()
