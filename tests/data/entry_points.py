"""One job through Python, the command line, a request file and the worker, each in a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Job = Mapping[str, Mapping[str, Any]]

_PYTHON_JOB = """
import json, sys
import hsi_engine
answers = {name: getattr(hsi_engine, name)(**params).to_json() for name, params in json.load(sys.stdin).items()}
json.dump(answers, sys.stdout)
"""


@dataclass(frozen=True)
class EntryPoints:
    """Runs jobs: operations by name with their parameters, one after the other, in a folder.

    Parameters
    ----------
    commands : the command of each operation.
    environment : variables for the processes.
    """

    commands: Mapping[str, str]
    # Jobs run side by side; more threads than cores would wait for each other.
    environment: Mapping[str, str] = field(default_factory=lambda: {**os.environ, "OMP_NUM_THREADS": "1"})

    def answers(self, entry: str, folder: Path, job: Job) -> dict[str, Json]:
        """What each operation answers through ``entry``: python, command, request_file or worker."""
        found: dict[str, Json] = getattr(self, f"_by_{entry}")(folder, job)
        return found

    def _by_python(self, folder: Path, job: Job) -> dict[str, Json]:
        answers: dict[str, Json] = json.loads(self._run(folder, "-c", _PYTHON_JOB, stdin=json.dumps(job)))
        return answers

    def _by_command(self, folder: Path, job: Job) -> dict[str, Json]:
        answers = {}
        for name, params in job.items():
            options = [word for key, value in params.items() for word in (f"--{key.replace('_', '-')}", str(value))]
            command = self.commands[name]
            answers[name] = json.loads(self._run(folder, "-m", "hsi_engine", command, *options, "--json"))
        return answers

    def _by_request_file(self, folder: Path, job: Job) -> dict[str, Json]:
        answers = {}
        for name, params in job.items():
            request = folder / f"{name}.request.json"
            request.write_text(_request_line(name, params), encoding="utf-8")
            answers[name] = json.loads(self._run(folder, "-m", "hsi_engine", "run", request.name, "--json"))
        return answers

    def _by_worker(self, folder: Path, job: Job) -> dict[str, Json]:
        return {name: self._worker_answer(folder, _request_line(name, params)) for name, params in job.items()}

    def _worker_answer(self, folder: Path, request: str) -> Json:
        # Its standard input has to stay open: the end of it would be a cancel.
        with subprocess.Popen(
            [sys.executable, "-m", "hsi_engine.worker"],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{request}\n".encode())
            process.stdin.flush()
            messages = [json.loads(line) for line in process.stdout]
        assert messages[-1]["type"] == "result", messages[-1]
        files = [message["path"] for message in messages if message["type"] == "artifact"]
        assert files
        assert [name for name in files if not (folder / name).is_file()] == []
        answer: Json = messages[-1]["result"]
        return answer

    def _run(self, folder: Path, *words: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def _request_line(name: str, params: Mapping[str, Any]) -> str:
    return json.dumps({"protocol": 1, "operation": name, "params": params})


_OF_TIME = frozenset({"seconds", "train_seconds", "predict_seconds", "created", "written", "file_bytes"})


def timeless(value: Any) -> Any:
    """``value`` without the fields that tell when something was made, how long it took, or how long that text is."""
    if isinstance(value, dict):
        return {key: timeless(entry) for key, entry in value.items() if key not in _OF_TIME}
    return [timeless(entry) for entry in value] if isinstance(value, list) else value
