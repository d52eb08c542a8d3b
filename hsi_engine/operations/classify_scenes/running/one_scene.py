"""One attempt at one scene: its map, its STAC Item and what is to be noted of it."""

from __future__ import annotations

import errno
import json
import os
import platform
import time
from pathlib import Path

from ....bundle.model_bundle import ModelBundle
from ....errors import Cancelled, HsiError, LabelError, MismatchError, ParameterError
from ....failures import as_hsi_error
from ....io.files.outputs import StagedOutputs, sha256_of
from ....io.scenes.scene import describe_scene
from ....reporting import Reporter
from ...classify_scene.description import settings_hash
from ...classify_scene.run import classify
from ...definition.output_check import check_output_files
from ...definition.scene_input import scene_reading
from ..finished import scene_digest
from ..manifest import Row
from ..stac import map_item, time_of
from ..tasks import Task

# What networks, disks and neighbours cause, and what may be over in a moment.
_PASSING = frozenset(
    getattr(errno, name)
    for name in ("EIO", "EAGAIN", "EINTR", "EBUSY", "ESTALE", "ETIMEDOUT", "ENETDOWN", "ENETUNREACH", "ECONNRESET")
    if hasattr(errno, name)
)
_REFUSALS = (MismatchError, ParameterError, LabelError)
_REFUSING_CODES = frozenset({"scene.no_valid_pixel", "output.equals_input", "output.duplicate"})
MEMORY_CODES = frozenset({"device.memory", "engine.memory"})


def map_one(task: Task, model: ModelBundle, reporter: Reporter, attempt: int = 1) -> Row:
    """Map a scene; whatever goes wrong but a cancel is in the row.

    Raises
    ------
    Cancelled : nothing of this scene was written.
    """
    started = time.perf_counter()
    worker = f"{platform.node()}:{os.getpid()}"
    try:
        size, sha256 = _map(task, model, reporter)
    except Cancelled:
        raise
    except Exception as error:
        return failure_row(task, error, attempt, time.perf_counter() - started, worker)
    return Row(
        scene=task.scene,
        status="done",
        attempt=attempt,
        seconds=round(time.perf_counter() - started, 3),
        worker=worker,
        output=task.params.output.name,
        size=size,
        sha256=sha256,
    )


def failure_row(task: Task, error: BaseException, attempt: int, seconds: float, worker: str) -> Row:
    """What is noted of a scene that has no map."""
    known = error if isinstance(error, HsiError) else _in_words(error)
    refused = isinstance(known, _REFUSALS) or known.code in _REFUSING_CODES
    return Row(
        scene=task.scene,
        status="refused" if refused else "failed",
        attempt=attempt,
        seconds=round(seconds, 3),
        worker=worker,
        code=known.code,
        message=known.message,
        hint=known.hint,
        transient=not refused and (known.code in MEMORY_CODES or _is_passing(error)),
    )


def _map(task: Task, model: ModelBundle, reporter: Reporter) -> tuple[int, str]:
    """Write the map, then its Item, without which it does not count as finished; size and SHA-256 of the map."""
    check_output_files(task.params)
    # Before the pixels are read: if they change meanwhile, the map does not count as that of the changed scene.
    scene = describe_scene(task.params.scene, **scene_reading(task.params))
    digest, when = scene_digest(scene), time_of(scene)
    result = classify(task.params, reporter, model)
    files: dict[Path, tuple[int, str]] = {path: (path.stat().st_size, sha256_of(path)) for path in task.rasters}
    item = map_item(task, result, scene, when, digest, settings_hash(task.params), files)
    with StagedOutputs() as stage:
        text = json.dumps(item, indent=1, ensure_ascii=False)
        stage.path(task.item).write_text(text + "\n", encoding="utf-8")
    return files[task.params.output]


def _in_words(error: BaseException) -> HsiError:
    if isinstance(error, OSError):
        detail = " ".join(str(error).split()) or "no message"
        return HsiError(f"A file cannot be read or written: {detail}.", code="io", hint="Check disk and network.")
    return as_hsi_error(error)


def _is_passing(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in _PASSING:
            return True
        error = error.__cause__ or error.__context__
    return False
