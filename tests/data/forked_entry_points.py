"""Python, the command, a request file and the worker, each in a process that is forked from one which has imported everything.

For tests of many jobs, where the imports of each process would take longer than the job.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]

PRELOADED = [
    "sklearn.ensemble",
    "sklearn.svm",
    "hsi_engine.cli.program",
    "hsi_engine.operations.train_and_classify.run",
    "hsi_engine.operations.classify_scene.run",
    "hsi_engine.io.labels.vector_labels",
    "hsi_engine.models.estimators.linear",
    "hsi_engine.report.figures.training",
    "hsi_engine.report.html",
    "geopandas",
    "pyogrio",
    "spectral",
]
_LIMIT_S = 300


def answers_of(folder: Path, operation: str, command: str, params: Json) -> dict[str, Json]:
    """What an operation answers through python, command and worker, each in a folder of that name below ``folder``."""
    return {
        entry: answer_through(entry, folder / entry, operation, command, params)
        for entry in ("python", "command", "worker")
    }


def answer_through(entry: str, folder: Path, operation: str, command: str, params: Json) -> Json:
    """What an operation answers through python, command, request_file or worker, run in ``folder``.

    The worker must have named at least one file, and written all that it named.
    """
    request = json.dumps({"protocol": 1, "operation": operation, "params": params})
    if entry == "python":
        _forked(_by_python, folder, operation, params)
    elif entry == "worker":
        _forked(_by_worker, folder, request)
    elif entry == "request_file":
        (folder / f"{operation}.request.json").write_text(request, encoding="utf-8")
        _forked(_by_command, folder, ["run", f"{operation}.request.json", "--json"])
    else:
        words = [word for key, value in params.items() for word in (f"--{key.replace('_', '-')}", str(value))]
        _forked(_by_command, folder, [command, *words, "--json"])
    told = _told(folder).read_text(encoding="utf-8")
    if entry != "worker":
        return json.loads(told)
    messages = [json.loads(line) for line in told.splitlines()]
    assert messages[-1]["type"] == "result", messages[-1]
    files = [message["path"] for message in messages if message["type"] == "artifact"]
    assert files
    assert [name for name in files if not (folder / name).is_file()] == []
    return messages[-1]["result"]


def _forked(entry: Callable[..., int], folder: Path, *arguments: Any) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")  # read once, when the first of the processes starts
        process = context.Process(target=_run, args=(entry, folder, *arguments))
        process.start()
    process.join(_LIMIT_S)
    assert process.exitcode == 0, f"{process.exitcode}: {_told(folder).read_text(encoding='utf-8')[-2000:]}"


def _told(folder: Path) -> Path:
    """What the process that ran in ``folder`` printed, next to it."""
    return folder.with_name(f"{folder.name}.told")


def _run(entry: Callable[..., int], folder: Path, *arguments: Any) -> None:
    os.chdir(folder)
    with _told(folder).open("w") as told:
        os.dup2(told.fileno(), 1)
    code = entry(*arguments)
    sys.stdout.flush()
    sys.exit(code)


def _by_python(operation: str, params: Json) -> int:
    import hsi_engine

    print(json.dumps(getattr(hsi_engine, operation)(**params).to_json()))
    return 0


def _by_command(words: list[str]) -> int:
    from hsi_engine.cli.program import run_program

    return run_program(words, None)


def _by_worker(request: str) -> int:
    from hsi_engine import worker

    read, write = os.pipe()  # the writing end stays open: the end of the input would be a cancel
    os.write(write, f"{request}\n".encode())
    os.dup2(read, 0)
    return worker.main()
