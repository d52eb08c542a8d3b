"""Python, the command and the worker, each in a process that is forked from one which has imported everything.

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

_PRELOADED = [
    "sklearn.ensemble",
    "sklearn.svm",
    "hsi_engine.cli.program",
    "hsi_engine.operations.train_and_classify.run",
    "hsi_engine.operations.classify_scene.run",
    "lightning_fabric",
]
_LIMIT_S = 300


def answers_of(folder: Path, operation: str, command: str, params: Json) -> dict[str, Json]:
    """What an operation answers through python, command and worker, each in a folder of that name below ``folder``."""
    request = {"protocol": 1, "operation": operation, "params": params}
    words = [word for key, value in params.items() for word in (f"--{key.replace('_', '-')}", str(value))]
    _forked(_by_python, folder / "python", operation, params)
    _forked(_by_command, folder / "command", [command, *words, "--json"])
    _forked(_by_worker, folder / "worker", json.dumps(request))
    told = {entry: (folder / entry / "told").read_text(encoding="utf-8") for entry in ("python", "command", "worker")}
    result = json.loads(told["worker"].splitlines()[-1])
    assert result["type"] == "result", result
    return {"python": json.loads(told["python"]), "command": json.loads(told["command"]), "worker": result["result"]}


def _forked(entry: Callable[..., int], folder: Path, *arguments: Any) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")  # read once, when the first of the processes starts
        process = context.Process(target=_run, args=(entry, folder, *arguments))
        process.start()
    process.join(_LIMIT_S)
    told = folder / "told"
    assert process.exitcode == 0, f"{process.exitcode}: {told.read_text(encoding='utf-8')[-2000:]}"


def _run(entry: Callable[..., int], folder: Path, *arguments: Any) -> None:
    os.chdir(folder)
    with Path("told").open("w") as told:
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
