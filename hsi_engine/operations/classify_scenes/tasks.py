"""From scenes to tasks: the parameters of each map, and which of them are to run."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import HsiError, OutputError, ParameterError
from ...io.files.source_names import is_gdal_name
from ..classify_scene.map_files import map_outputs
from ..classify_scene.operation import OPERATION as CLASSIFY_SCENE
from ..classify_scene.operation import ClassifySceneParams
from ..definition.validation import validate
from .operation import FURTHER_RASTERS, ClassifyScenesParams
from .own_files import taken_name
from .scene_folders import RASTER_SUFFIXES

_SAME = (
    "model",
    "nodata",
    "quality",
    "detector_overlap",
    "wavelengths",
    "min_confidence",
    "coverage",
    "set_method",
    "smooth",
    "cog",
    "tile_size",
    "device",
)
_PLACEHOLDERS = ("scene", "folder", "model")
_NO_NAME = re.compile(r'[\\/:*?"<>|\s]+')
# Those that the pattern itself must not hold; spaces become _, as in names of scenes.
_NO_SIGNS = re.compile(r'[\\/:*?"<>|]')
_SHARD = re.compile(r"(\d{1,6})/(\d{1,6})")


@dataclass(frozen=True, kw_only=True)
class Task:
    """One scene to be mapped.

    Parameters
    ----------
    scene : as the list of scenes names it.
    params : of :data:`hsi_engine.operations.classify_scene.operation.OPERATION`.
    """

    scene: str
    params: ClassifySceneParams

    @property
    def item(self) -> Path:
        """The STAC Item of the map."""
        return self.params.output.with_suffix(".json")

    @property
    def rasters(self) -> list[Path]:
        """All rasters of the map."""
        return list(map_outputs(self.params).values())

    def to_json(self) -> dict[str, Any]:
        """For another process."""
        return {"scene": self.scene, "params": self.params.model_dump(mode="json")}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Task:
        """Of :meth:`to_json`."""
        return cls(scene=data["scene"], params=ClassifySceneParams.model_validate(data["params"]))

    def with_memory(self, memory_mb: int) -> Task:
        """The same map with another budget for its tiles."""
        return Task(scene=self.scene, params=self.params.model_copy(update={"memory_mb": memory_mb}))


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """The tasks of a run in the order of the scenes, and scenes that cannot be mapped with the reason."""

    tasks: tuple[Task, ...]
    refused: tuple[tuple[str, HsiError], ...]


def make_tasks(params: ClassifyScenesParams, scenes: Sequence[Path], memory_mb: int) -> Tasks:
    """The tasks of all scenes; those that would write one output, or a file about all scenes, are refused.

    Raises
    ------
    ParameterError : the name pattern or the list of rasters cannot be used.
    """
    rasters = _rasters(params.rasters)
    names = {scene: _name(params.name, scene, params.model) for scene in scenes}
    outputs = {scene: _outputs(params.output, name, rasters) for scene, name in names.items()}
    written = Counter(_key(path) for paths in outputs.values() for path in paths.values())
    tasks, refused = [], []
    for scene in scenes:
        twice = next((path for path in outputs[scene].values() if written[_key(path)] > 1), None)
        if twice is not None:
            refused.append((str(scene), _collision(scene, twice, scenes, outputs)))
            continue
        taken = taken_name(outputs[scene].values(), outputs[scene]["output"].with_suffix(".json"))
        if taken:
            refused.append((str(scene), _taken(taken)))
            continue
        same = {name: getattr(params, name) for name in _SAME}
        mapping = validate(CLASSIFY_SCENE, {**same, "scene": scene, "memory_mb": memory_mb, **outputs[scene]})
        tasks.append(Task(scene=str(scene), params=mapping))
    return Tasks(tasks=tuple(tasks), refused=tuple(refused))


def shard_of(text: str | None) -> tuple[int, int] | None:
    """``3/20`` as numbers; None without a shard.

    Raises
    ------
    ParameterError : it is written in another way, or there is no such shard.
    """
    if text is None:
        return None
    found = _SHARD.fullmatch(text.strip())
    number, count = (int(found.group(1)), int(found.group(2))) if found else (0, 0)
    if not 1 <= number <= count:
        raise ParameterError(
            f"Parameter 'shard' (Shard): must be i/n with i from 1 to n, such as 3/20; found {text!r}.",
            code="value",
            hint="In a job array, i is the number of the task, counted from 1, and n is the same for all tasks, also if only"
            " some of them are submitted again.",
        )
    return number, count


def _rasters(text: str) -> list[str]:
    found = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in found:
        if name not in FURTHER_RASTERS:
            raise ParameterError(
                f"Parameter 'rasters' (Further rasters): there is no raster {name!r}.",
                code="value",
                hint=f"There are {', '.join(FURTHER_RASTERS)}.",
            )
    return found


def _name(pattern: str, scene: Path, model: Path) -> str:
    try:
        asked = [field for _, field, _, _ in string.Formatter().parse(pattern) if field is not None]
        unknown = [field for field in asked if field not in _PLACEHOLDERS]
        if unknown:
            raise ValueError(f"there is no {{{unknown[0]}}}")
        written = "".join(text for text, *_ in string.Formatter().parse(pattern))
        wrong = sorted(set(_NO_SIGNS.findall(written)))
        if wrong:
            raise ValueError(
                f"a name of a file cannot hold {' '.join(wrong)}; all maps are written into the output folder"
            )
        words = {"scene": _stem(scene), "folder": scene.absolute().parent.name, "model": model.stem}
        return _NO_NAME.sub("_", pattern.format(**words)).strip("._") or "map"
    except (ValueError, IndexError, KeyError, AttributeError) as error:
        raise ParameterError(
            f"Parameter 'name' (Name pattern): {pattern!r} cannot be used: {error}.",
            code="value",
            hint="Use {scene}, {folder} and {model}, and letters, digits, _ and - between them; a brace itself is written twice.",
        ) from error


def _stem(scene: Path) -> str:
    """The name of a scene without its ending; what GDAL resolves keeps all of its name."""
    if is_gdal_name(scene):
        return str(scene)
    name = Path(scene.stem)
    return name.stem if scene.suffix.lower() == ".hdr" and name.suffix.lower() in RASTER_SUFFIXES else name.name


def _outputs(folder: Path, name: str, rasters: Sequence[str]) -> dict[str, Path]:
    return {"output": folder / f"{name}.tif", **{raster: folder / f"{name}_{raster}.tif" for raster in rasters}}


def _key(path: Path) -> str:
    return str(path).casefold()  # one file on Windows and macOS


def _collision(scene: Path, output: Path, scenes: Sequence[Path], outputs: dict[Path, dict[str, Path]]) -> OutputError:
    others = [
        str(other)
        for other in scenes
        if other != scene and _key(output) in {_key(path) for path in outputs[other].values()}
    ]
    return OutputError(
        f"Its output '{output.name}' would also be that of {', '.join(others[:3])}.",
        code="duplicate",
        hint="Use {folder} in the name pattern, or rename one of the scenes.",
    )


def _taken(name: str) -> OutputError:
    return OutputError(
        f"Its output '{name}' would have the name of a file that is written about all scenes.",
        code="duplicate",
        hint="Add a word to the name pattern, such as {scene}_map, or rename the scene.",
    )
