"""A worker whose parent does not read what it says, or that is stopped for a while."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import fake_operations
from worker_process import Worker, started

# Pipes take 64 KiB, in pages that a message of 130 bytes does not fill to the last byte.
FULL = 60_000
LINES = 3000
SHORT_WAIT = """
import runpy, sys
import hsi_engine.worker
hsi_engine.worker._UNREAD_S = 0.2
sys.argv = [sys.argv[1], "worker"]
runpy.run_path(sys.argv[0], run_name="__main__")
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes and signals of POSIX")


@pytest.fixture
def worker() -> Iterator[Worker]:
    with started(str(Path(fake_operations.__file__)), "worker") as worker:
        yield worker


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it never came so far"
        time.sleep(0.01)


def unread(worker: Worker) -> int:
    """Bytes in the pipe from the worker."""
    assert worker.process.stdout is not None
    answer = fcntl.ioctl(worker.process.stdout, termios.FIONREAD, b"\0" * 4)
    return int(struct.unpack("i", answer)[0])


def flooded(worker: Worker, output: Path) -> None:
    """Have it say more than the pipe takes, and wait until it can say no more."""
    worker.request("flood", lines=LINES, output=str(output))
    wait_until(lambda: unread(worker) >= FULL)


def state(worker: Worker) -> str:
    return Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.parametrize(
    "how",
    [
        lambda worker: worker.send('{"cancel": true}'),
        lambda worker: worker.process.send_signal(signal.SIGTERM),
        lambda worker: worker.close_stdin(),
    ],
    ids=["cancel", "signal", "end of input"],
)
def test_a_worker_that_nobody_reads_can_be_cancelled(
    worker: Worker, tmp_path: Path, how: Callable[[Worker], None]
) -> None:
    flooded(worker, tmp_path / "map.tif")
    how(worker)
    assert worker.end() == 130
    assert list(tmp_path.iterdir()) == []


def test_a_job_waits_for_its_reader_and_then_ends_as_ever(worker: Worker, tmp_path: Path) -> None:
    flooded(worker, tmp_path / "map.tif")
    *before, last = worker.read()
    assert last["type"] == "result"
    assert sum(message["type"] == "log" for message in before) == LINES
    assert worker.end() == 0
    assert [path.name for path in tmp_path.iterdir()] == ["map.tif"]
    assert (tmp_path / "map.tif").read_text() == "whole"


def test_a_result_that_nobody_reads_does_not_keep_the_process_once_the_parent_has_let_go(tmp_path: Path) -> None:
    with started("-c", SHORT_WAIT, str(Path(fake_operations.__file__))) as worker:
        worker.request("echo", text="x" * 100_000, twice=True)
        wait_until(lambda: unread(worker) >= FULL)
        worker.close_stdin()
        assert worker.end() == 130


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the state of a process in /proc")
@pytest.mark.parametrize("cancel", [False, True])
def test_a_stopped_worker_goes_on_where_it_stood(worker: Worker, tmp_path: Path, cancel: bool) -> None:
    flooded(worker, tmp_path / "map.tif")
    worker.process.send_signal(signal.SIGSTOP)
    wait_until(lambda: state(worker) == "T")
    if cancel:
        worker.send('{"cancel": true}')
    assert worker.process.poll() is None
    worker.process.send_signal(signal.SIGCONT)
    if cancel:
        assert worker.end() == 130
        assert list(tmp_path.iterdir()) == []
        return
    *before, last = worker.read()
    assert last["type"] == "result"
    assert sum(message["type"] == "log" for message in before) == LINES
    assert (tmp_path / "map.tif").read_text() == "whole"
