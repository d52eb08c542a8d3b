"""The steps of mapping many scenes: list, lock, map, conclude."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...bundle.model_bundle import ModelBundle
from ...bundle.model_file import read_bundle
from ...errors import HsiError, OutputError
from ...io.files.folder_lock import locked_folder
from ...io.files.output_names import check_folder
from ...io.files.outputs import StagedOutputs
from ...io.files.temporary_files import target_of
from ...io.scenes.scene import Scene
from ...reporting import PhaseReporter, Reporter
from ..classify_scene.description import settings_hash
from ..classify_scene.run import refuse_early
from ..definition.output_check import check_output_files, check_scene_is_kept
from .conclusion import conclude, total_classes
from .estimate import estimate
from .finished import check_model, finished_item, read_item
from .manifest import History, Manifest, Row, read_history
from .operation import ClassifyScenesParams, ClassifyScenesResult
from .running.one_scene import failure_row
from .running.sharing import Share
from .running.where import check_place, share_out, work_through
from .running.work import Work
from .scene_list import SceneList, find_scenes
from .slurm import slurm_script
from .tasks import Task, make_tasks, shard_of

_LISTED, _MAPPED = 0.02, 0.97
_COUNTED = ("done", "skipped", "failed", "refused", "left", "ready")


@dataclass(kw_only=True)
class _Run:
    """What a run knows of its scenes.

    Parameters
    ----------
    order : all scenes of this run.
    tasks : those that can be mapped, by scene.
    rows : what became of scenes in this run.
    items : the STAC Items of finished maps, by scene.
    earlier : what became of scenes in the last run that tried them.
    """

    params: ClassifyScenesParams
    model: ModelBundle
    share: Share
    order: list[str]
    tasks: dict[str, Task]
    notes: list[str]
    rows: dict[str, Row] = field(default_factory=dict)
    items: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    ready: list[tuple[Task, Scene]] = field(default_factory=list)
    earlier: Mapping[str, Row] = field(default_factory=dict)


def run(params: ClassifyScenesParams, reporter: Reporter) -> ClassifyScenesResult:
    """Map the scenes that have no map yet, and write what there is to say about all of them.

    What is wrong with a single scene is in the result, not raised.

    Raises
    ------
    HsiError : of the family of what is wrong with the run: parameters, model, output folder, its manifest.
    Cancelled : finished maps stay.
    """
    started = time.perf_counter()
    shard = shard_of(params.shard)
    check_place(params)
    model = read_bundle(params.model)
    folder = params.output
    scenes = find_scenes(params.scenes, folder.absolute())
    if params.write_slurm is not None:
        return _write_script(params, model, scenes, started)
    work = _prepare(params, model, scenes, shard)
    for note in work.notes:
        reporter.log(note, "warning")
    if params.dry_run:
        return _result(_rehearse(work, read_history(folder, model.id), reporter), started)
    _make_folder(folder)
    part = None if shard is None else f"{shard[0]}-of-{shard[1]}"
    with locked_folder(folder, part):
        history = read_history(folder, model.id)
        work.notes += history.notes
        work.earlier = history.rows
        if part is None:
            _remove_leftovers(folder, work)
        _map(work, history, part, PhaseReporter(reporter, 0.0, _MAPPED))
        if part is not None:
            return _result(work, started)
        known = _result(work, started)
        listed = {scene: work.items[scene] for scene in work.order if scene in work.items}
        found = conclude(folder, model, known.to_json(), listed, PhaseReporter(reporter, _MAPPED, 1.0))
    reporter.if_cancelled()
    for kind, path in (("summary", found.summary), ("page", found.page), ("items", found.items)):
        reporter.artifact(kind, path)
    return known.model_copy(
        update={
            "mosaics": found.mosaics,
            "items": found.items,
            "summary": found.summary,
            "page": found.page,
            "notes": [*known.notes, *found.notes],
            "seconds": time.perf_counter() - started,
        }
    )


def _prepare(
    params: ClassifyScenesParams, model: ModelBundle, scenes: SceneList, shard: tuple[int, int] | None
) -> _Run:
    share = share_out(params, len(scenes.paths))
    made = make_tasks(params, scenes.paths, share.memory_mb)
    order = [str(path) for path in scenes.paths]
    if shard is not None:
        order = order[shard[0] - 1 :: shard[1]]
    of_run = set(order)
    work = _Run(
        params=params,
        model=model,
        share=share,
        order=order,
        tasks={task.scene: task for task in made.tasks if task.scene in of_run},
        notes=list(scenes.notes),
    )
    for scene, error in made.refused:
        if scene in of_run:
            work.rows[scene] = Row(
                scene=scene, status="refused", code=error.code, message=error.message, hint=error.hint
            )
    return work


def _map(work: _Run, history: History, part: str | None, reporter: Reporter) -> None:
    """Map what is to be mapped in this run."""
    chosen = _chosen(work, history, PhaseReporter(reporter, 0.0, _LISTED))
    settings = settings_hash(next(iter(work.tasks.values())).params) if work.tasks else ""
    with Manifest(work.params.output, work.model.id, settings, part) as manifest:
        for scene, row in work.rows.items():
            manifest.add(row)
            reporter.log(f"{scene} {row.status}: {row.message} {row.hint}".rstrip(), "warning")
        tasks = Work(chosen, manifest.add, PhaseReporter(reporter, _LISTED, 1.0))
        try:
            within = PhaseReporter(reporter, _LISTED, 1.0)
            used = work_through(tasks, chosen, work.params, work.model, work.share, within)
            work.share = replace(work.share, processes=used)
        finally:
            work.rows.update(tasks.rows)
    for scene, row in work.rows.items():
        item = read_item(work.tasks[scene].item, work.model.legend) if row.status == "done" else None
        if item is not None:
            work.items[scene] = item


def _chosen(work: _Run, history: History, reporter: Reporter) -> list[Task]:
    """The tasks that are to run now; those that are finished get their Items."""
    chosen, others = [], 0
    for number, (scene, task) in enumerate(work.tasks.items()):
        reporter.check_cancelled()
        reporter.progress(number / len(work.tasks), "Looking for finished maps")
        item = finished_item(task, work.model) if work.params.resume else None
        if item is not None:
            work.items[scene] = item
            continue
        check_model(task.params.output, work.model.id)
        last = history.rows.get(scene)
        if work.params.only == "failed" and (last is None or last.status != "failed"):
            continue
        others += last is not None and last.status == "done" and task.params.output.exists()
        chosen.append(task)
    if others and work.params.resume:
        note = f"Maps of {others} scenes were made with other settings or from another file, and are made again."
        work.notes.append(note)
        reporter.log(note, "warning")
    return chosen


def _rehearse(work: _Run, history: History, reporter: Reporter) -> _Run:
    """A dry run: what would run, and what would be refused."""
    chosen = _chosen(work, history, PhaseReporter(reporter, 0.0, 0.2))
    for number, task in enumerate(chosen):
        reporter.check_cancelled()
        reporter.progress(0.2 + 0.7 * number / len(chosen), "Checking the scenes")
        try:
            scene = refuse_early(task.params, work.model)
            if task.params.output.parent.is_dir():  # otherwise it will be made
                check_output_files(task.params)
                check_scene_is_kept(task.params, scene)
            work.ready.append((task, scene))
        except HsiError as error:
            work.rows[task.scene] = failure_row(task, error, 1, 0.0, "")
    return work


def _result(work: _Run, started: float) -> ClassifyScenesResult:
    ready = {task.scene for task, _ in work.ready}
    scenes = [_scene(work, scene, ready) for scene in work.order]
    counts = {name: sum(scene["status"] == name for scene in scenes) for name in _COUNTED}
    return ClassifyScenesResult(
        output=work.params.output,
        **counts,
        scenes=scenes,
        maps=[work.tasks[scene].params.output for scene in work.order if scene in work.items],
        classes=total_classes(work.model, work.items),
        mosaics=[],
        items=None,
        summary=None,
        page=None,
        script=None,
        model_id=work.model.id,
        processes=work.share.processes,
        estimate=estimate(work.ready, work.model, work.share.processes) if work.params.dry_run else None,
        notes=work.notes,
        seconds=time.perf_counter() - started,
    )


def _scene(work: _Run, scene: str, ready: set[str]) -> dict[str, Any]:
    row, attempts = work.rows.get(scene), 0
    if row is not None:
        status, attempts = str(row.status), row.attempt
    elif scene in ready or scene in work.items:
        status = "ready" if scene in ready else "skipped"
    elif (last := work.earlier.get(scene)) is not None and last.status != "done":
        row, status = last, last.status  # it was not tried again, and still has no map
    else:
        status = "left"
    task = work.tasks.get(scene)
    return {
        "scene": scene,
        "status": status,
        "output": None if task is None else task.params.output.name,
        "seconds": 0.0 if row is None else row.seconds,
        "attempts": attempts,
        "code": "" if row is None else row.code,
        "message": "" if row is None else row.message,
        "hint": "" if row is None else row.hint,
    }


def _make_folder(folder: Path) -> None:
    if folder.is_file():
        raise OutputError(
            f"The output folder '{folder}' is a file.", code="no_folder", hint="Choose a folder for the maps."
        )
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The output folder '{folder}' cannot be made: {error.strerror}.",
            code="no_folder",
            hint="Create the folder that it is to lie in, or choose another one.",
        ) from error
    check_folder(folder / "manifest.jsonl")


def _remove_leftovers(folder: Path, work: _Run) -> None:
    """Remove what a killed run was writing: hidden files whose outputs this run makes, and nobody else may."""
    ours = {path.name for task in work.tasks.values() for path in (*task.rasters, task.item)}
    for file in folder.glob(".tmp-*"):
        target = target_of(file)
        if target.name.removesuffix(".aux.xml") in ours or target.with_suffix(".tif").name in ours:
            with suppress(OSError):
                file.unlink()


def _write_script(
    params: ClassifyScenesParams, model: ModelBundle, scenes: SceneList, started: float
) -> ClassifyScenesResult:
    if params.write_slurm is None:
        raise ValueError("no script is asked for")
    made = make_tasks(params, scenes.paths, 1024)  # what is wrong with names shows now
    with StagedOutputs() as stage:
        stage.path(params.write_slurm).write_text(slurm_script(params, len(made.tasks)), encoding="utf-8")
    work = _Run(
        params=params.model_copy(update={"dry_run": False}),
        model=model,
        share=Share(processes=1, threads=1, memory_mb=1024),
        order=[],
        tasks={},
        notes=list(scenes.notes),
    )
    return _result(work, started).model_copy(update={"script": params.write_slurm})
