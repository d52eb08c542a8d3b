"""Map many scenes with one trained model, and keep a record of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from ...phrases import counted, shortened
from ...report.areas import area_texts
from ..classify_scene.operation import ClassifySceneParams
from ..classify_scene.products import PRODUCTS
from ..definition.base import Operation, OperationParams, OperationResult, parameter, same_as
from ..definition.scene_input import (
    detector_overlap_parameter,
    nodata_parameter,
    quality_parameter,
    wavelengths_parameter,
)
from ..parts.computing import device_parameter

SOME_FAILED, NONE_DONE = 10, 11
"""Exit codes of the command: some scenes have no map; no scene has one."""

FURTHER_RASTERS = tuple(product.parameter for product in PRODUCTS if not product.required)
# Words of a summary, and the count that each is of.
_COUNTS = {
    "done": "mapped",
    "skipped": "finished before",
    "failed": "failed",
    "refused": "refused",
    "left": "not run",
}


class _Inputs(OperationParams):
    """What is mapped, and with what."""

    scenes: str = parameter(
        title="Scenes",
        description="A folder, a pattern such as 'flights/*/*.hdr', a list of paths (.txt, one per line), or a STAC"
        " ItemCollection (.json).",
        kind="scene_list",
    )
    model: Path = same_as(ClassifySceneParams, "model")
    nodata: float | None = nodata_parameter()
    quality: Literal["mask", "keep"] = quality_parameter()
    detector_overlap: Literal["vnir", "swir", "both"] = detector_overlap_parameter()
    wavelengths: Path | None = wavelengths_parameter()


class _Outputs(OperationParams):
    """What is written."""

    output: Path = parameter(
        title="Output folder",
        description="Folder of the maps, their records and the summary page; it is made if it does not exist.",
        kind="folder_out",
    )
    name: str = parameter(
        "{scene}_map",
        title="Name pattern",
        description="Name of each map without its ending; {scene}, {folder} and {model} stand for the names of scene, its"
        " folder and the model.",
        kind="text",
        min_length=1,
    )
    rasters: str = parameter(
        "",
        title="Further rasters",
        description=f"Rasters for each scene in addition to its map, separated by commas: {', '.join(FURTHER_RASTERS)}.",
        kind="text",
    )


class _Mapping(OperationParams):
    """How each scene is mapped."""

    min_confidence: float = same_as(ClassifySceneParams, "min_confidence")
    coverage: float = same_as(ClassifySceneParams, "coverage")
    set_method: Literal["lac", "aps", "class"] = same_as(ClassifySceneParams, "set_method")
    smooth: bool = same_as(ClassifySceneParams, "smooth")
    cog: bool = same_as(ClassifySceneParams, "cog")
    tile_size: int | None = same_as(ClassifySceneParams, "tile_size")
    device: str = device_parameter()


class _Running(OperationParams):
    """Which scenes are mapped now, and by how many processes."""

    resume: bool = parameter(
        True,
        title="Resume",
        description="Skip scenes whose map was made with this model and these settings; otherwise every scene is mapped again.",
        kind="boolean",
    )
    only: Literal["all", "failed"] = parameter(
        "all",
        title="Run",
        description="all: every scene that has no map yet; failed: only those that failed in the last run.",
        kind="choice",
        choices={"all": "All scenes", "failed": "Only those that failed"},
        advanced=True,
    )
    dry_run: bool = parameter(
        False,
        title="Dry run",
        description="Map nothing: list what would run, what would be refused and why, and estimate time and disk space.",
        kind="boolean",
        advanced=True,
    )
    processes: int | None = parameter(
        None,
        title="Processes",
        description="Scenes that are mapped at the same time, each by a separate process. By default as many as cores and memory"
        " allow.",
        kind="integer",
        ge=1,
        le=256,
        advanced=True,
    )
    memory_mb: int | None = parameter(
        None,
        title="Memory",
        description="Memory budget for the tiles of all processes of a machine together. By default derived from the free"
        " memory.",
        kind="integer",
        unit="MiB",
        ge=64,
        le=1_048_576,
        advanced=True,
    )
    scheduler: str | None = parameter(
        None,
        title="Dask scheduler",
        description="Address of the scheduler of a Dask cluster, whose workers map the scenes, such as tcp://10.0.0.5:8786.",
        kind="text",
        min_length=1,
        advanced=True,
    )
    dask_local: int | None = parameter(
        None,
        title="Local Dask workers",
        description="Start a Dask cluster of so many workers on this machine, and map the scenes with it.",
        kind="integer",
        ge=1,
        le=256,
        advanced=True,
    )
    shard: str | None = parameter(
        None,
        title="Shard",
        description="Map only every n-th scene from the i-th on, written i/n, such as 3/20; for job arrays. A run without it"
        " writes mosaics and summary at the end.",
        kind="text",
        advanced=True,
    )
    write_slurm: Path | None = parameter(
        None,
        title="SLURM script",
        description="Write a script for a SLURM job array that does this run, and map nothing.",
        kind="script_out",
        advanced=True,
    )


class ClassifyScenesParams(_Running, _Mapping, _Outputs, _Inputs):
    """Parameters of :data:`OPERATION`. Of several parents, the last one's fields come first."""


class ClassifyScenesResult(OperationResult):
    """What became of each scene.

    ``scenes`` holds for each its scene, status (done, skipped, failed, refused, left; in a dry run ``ready`` in place of
    done), output, seconds, attempts, code and message. ``classes`` holds value, name, color, pixels and hectares over all
    finished maps; hectares are null if a map does not say how large its pixels are. ``mosaics``, ``items``, ``summary`` and
    ``page`` are the files about all scenes; a shard and a dry run write none. ``estimate`` of a dry run holds seconds and
    bytes, and of these start_seconds and record_bytes, or null if nothing would run.
    """

    output: Path
    done: int
    skipped: int
    failed: int
    refused: int
    left: int
    ready: int
    scenes: list[dict[str, Any]]
    maps: list[Path]
    classes: list[dict[str, Any]]
    mosaics: list[Path]
    items: Path | None
    summary: Path | None
    page: Path | None
    script: Path | None
    model_id: str
    processes: int
    estimate: dict[str, float] | None
    notes: list[str]
    seconds: float

    @property
    def exit_code(self) -> int:
        """0: every scene that was to be mapped has its map; otherwise :data:`SOME_FAILED` or :data:`NONE_DONE`."""
        if not self.failed + self.refused:
            return 0
        return SOME_FAILED if self.done + self.skipped + self.ready + self.left else NONE_DONE

    def to_text(self) -> str:
        if self.script is not None:
            return f"SLURM script  {self.script}"
        lines = [f"Maps       {self.output}"]
        if self.ready:
            lines.append(f"  {counted(self.ready, 'scene')} would be mapped")
        lines += [
            f"  {counted(count, 'scene')} {words}" for name, words in _COUNTS.items() if (count := getattr(self, name))
        ]
        for scene in self.scenes:
            if scene["status"] in ("failed", "refused"):
                lines.append(f"  {scene['status']}: {scene['scene']}: {scene['message']}")
        if self.estimate is not None:
            lines.append(f"Estimate   {self._estimated(self.estimate)}")
        total = max(1, sum(c["pixels"] for c in self.classes))
        width = max((len(shortened(c["name"])) for c in self.classes), default=0)
        areas = area_texts([c["hectares"] for c in self.classes])
        for c, text in zip(self.classes, areas, strict=True) if self.maps else ():
            area = f"  {text:>12}" if text else ""
            lines.append(
                f"  {c['value']:>5}  {shortened(c['name']):<{width}}  {c['pixels']:>12,} px  {100 * c['pixels'] / total:5.1f} %{area}"
            )
        if self.page is not None:
            lines.append(f"Summary    {self.page}")
        lines.append(f"Time       {self.seconds:.1f} s")
        return "\n".join(lines)

    def _estimated(self, found: dict[str, float]) -> str:
        count = max(1, min(self.processes, self.ready))
        return (
            f"{found['seconds']:,.0f} s with {count} process{'' if count == 1 else 'es'}, of which {found['start_seconds']:,.0f} s to"
            f" start; {_size_text(found['bytes'])}, of which {_size_text(found['record_bytes'])} for Items, styles and page"
        )


def _size_text(count: float) -> str:
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if count >= unit:
            return f"{count / unit:,.1f} {name}"
    return f"{max(1.0, count / 1e3):,.0f} kB"


OPERATION = Operation(
    name="classify_scenes",
    command="classify-many",
    title="Classify many scenes",
    summary="Classify all scenes of a folder or list with one model, resume a run that ended early, and report on each scene.",
    group="Classification",
    params=ClassifyScenesParams,
    result=ClassifyScenesResult,
    run="hsi_engine.operations.classify_scenes.run:run",
    example="hsi classify-many --scenes flights --model crops.hsimodel --output maps --rasters confidence",
)
