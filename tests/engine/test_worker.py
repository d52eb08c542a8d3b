"""The protocol of the worker, seen from a parent process."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fake_operations
import hsi_engine
from hsi_engine.operations.definition.function import make_function
from worker_process import Worker, started


@pytest.fixture
def worker() -> Iterator[Worker]:
    with started(str(Path(fake_operations.__file__)), "worker") as worker:
        yield worker


def temporary_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_job_from_hello_to_result(worker: Worker, capfd: pytest.CaptureFixture[str]) -> None:
    worker.request("echo", text="hi", twice=True)
    messages = list(worker.read())
    assert worker.end() == 0
    assert [message.pop("type") for message in messages] == [
        "hello",
        "progress",
        "log",
        "metric",
        "artifact",
        "progress",
        "result",
    ]
    hello, progress, log, metric, artifact, done, result = messages
    assert done == {"fraction": 1.0, "message": "Done"}
    assert re.fullmatch(r"\.tmp-[0-9a-f]{8}-", hello.pop("temporary_prefix"))
    assert hello == {"protocol": 1, "version": hsi_engine.__version__, "pid": worker.process.pid}
    assert progress == {"fraction": 0.5, "message": "speaking"}
    assert log == {"level": "warning", "message": "careful"}
    assert metric == {"name": "loss", "value": None, "step": 1}
    assert artifact == {"kind": "report", "path": "r.html"}
    echo: Any = make_function(fake_operations.ECHO)
    assert result["result"] == echo(text="hi", twice=True).to_json() == {"text": "hihi", "ratio": None}


def test_what_libraries_print_goes_to_stderr(worker: Worker) -> None:
    worker.request("echo", text="hi")
    # Its input stays open: closed, it would say that the caller is gone, and end the job.
    out, err = worker.process.stdout.read(), worker.process.stderr.read()
    assert b"a print of" not in out
    assert b"a print of Python" in err
    assert b"a print of a C library" in err
    assert all(json.loads(line) for line in out.splitlines())


@pytest.mark.parametrize(
    ("params", "code", "exit_code", "words"),
    [
        ({"text": "hi", "mode": "quiet"}, "scene.silence", 3, "Nothing to hear."),
        ({"text": "hi", "size": 4}, "parameter.value", 2, "must be an odd whole number from 3 to 9; found 4."),
        ({"text": "crash"}, "engine.unexpected", 1, "(RuntimeError: a fault in two lines)"),
        ({"text": "exit"}, "engine.unexpected", 1, "SystemExit"),
    ],
)
def test_an_error_is_the_last_message(
    worker: Worker, params: dict[str, Any], code: str, exit_code: int, words: str
) -> None:
    worker.request("echo", **params)
    *before, last = worker.read()
    assert last["type"] == "error"
    assert last["error"]["code"] == code
    assert last["error"]["exit_code"] == worker.end() == exit_code
    assert words in last["error"]["message"]
    assert last["error"]["hint"]
    assert not {"result", "error", "cancelled"} & {message["type"] for message in before}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("classify, please", "it is not JSON"),
        ("[1, 2]", "expected a JSON object, found list"),
        ('{"operation": "echo"}', "protocol must be 1; found None"),
        ('{"protocol": 2, "operation": "echo"}', "protocol must be 1; found 2"),
        ('{"protocol": 1, "operation": "ecko"}', "There is no operation 'ecko'"),
        ('{"protocol": 1, "operation": "echo", "params": []}', "params must be an object"),
        ('{"protocol": 1, "operation": "echo", "parameters": {}}', "unknown field 'parameters'"),
        ('{"protocol": 1}', "operation must be a string; found None"),
    ],
)
def test_a_malformed_request_is_an_error_message(worker: Worker, line: str, words: str) -> None:
    worker.send(line)
    last = list(worker.read())[-1]
    assert last["type"] == "error"
    assert words in last["error"]["message"]
    assert worker.end() == 2


@pytest.mark.parametrize(
    ("how", "text"), [("polls", '{"cancel": true}'), ("in_c", '{"cancel": true}'), ("polls", "cancel")]
)
def test_cancel_ends_the_job_and_leaves_nothing(worker: Worker, tmp_path: Path, how: str, text: str) -> None:
    worker.request("block", how=how, output=str(tmp_path / "map.tif"))
    worker.wait_for("progress")
    assert len(temporary_files(tmp_path)) == 1
    worker.send(text)
    (last,) = worker.read()
    assert last == {"type": "cancelled", "message": "Cancelled; no output was written."}
    assert worker.end() == 130
    assert temporary_files(tmp_path) == []


def test_what_it_writes_begins_with_the_prefix_of_its_hello(worker: Worker, tmp_path: Path) -> None:
    prefix = worker.wait_for("hello")["temporary_prefix"]
    worker.request("block", how="polls", output=str(tmp_path / "map.tif"))
    worker.wait_for("progress")
    (name,) = temporary_files(tmp_path)
    assert name.startswith(prefix)


@pytest.mark.parametrize("how", ["polls", "in_c"])
def test_the_end_of_stdin_ends_the_worker(worker: Worker, tmp_path: Path, how: str) -> None:
    worker.request("block", how=how, output=str(tmp_path / "map.tif"))
    worker.wait_for("progress")
    worker.close_stdin()
    assert worker.end() == 130
    assert temporary_files(tmp_path) == []


def test_the_end_of_stdin_before_a_request_is_a_clean_end(worker: Worker) -> None:
    worker.close_stdin()
    assert [message["type"] for message in worker.read()] == ["hello"]
    assert worker.end() == 0


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_a_cancel(worker: Worker, tmp_path: Path, number: int) -> None:
    worker.request("block", how="in_c", output=str(tmp_path / "map.tif"))
    worker.wait_for("progress")
    worker.process.send_signal(number)
    assert [message["type"] for message in worker.read()] == ["cancelled"]
    assert worker.end() == 130
    assert temporary_files(tmp_path) == []


def test_a_line_that_is_no_cancel_is_ignored_with_a_warning(worker: Worker, tmp_path: Path) -> None:
    worker.request("block", how="polls", output=str(tmp_path / "map.tif"))
    worker.wait_for("progress")
    worker.send('{"cancle": true}')
    assert "not a cancel" in worker.wait_for("log")["message"]
    worker.send('{"cancel": true}')
    assert [message["type"] for message in worker.read()] == ["cancelled"]


def test_the_module_runs_the_operations_of_the_engine() -> None:
    with started("-m", "hsi_engine.worker") as worker:
        worker.request("classify_scene", model="no.hsimodel")
        *_, last = worker.read()
        assert last["type"] == "error"
        assert "is required and was not given" in last["error"]["message"]
        assert worker.end() == 2


def test_a_file_name_that_is_no_utf_8_is_refused_in_letters_that_can_be_sent() -> None:
    with started("-m", "hsi_engine.worker") as worker:
        worker.request("inspect_scene", scene="/missing\udcff.tif")
        *_, last = worker.read()
        assert "/missing\ufffd.tif" in last["error"]["message"]
        assert "not in UTF-8" in last["error"]["message"]
        assert worker.end() == 2
