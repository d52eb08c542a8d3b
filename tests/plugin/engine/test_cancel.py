"""A cancel ends every job within a second, whatever its worker does, and a parent's end ends the worker.

``pytest -s`` prints what was measured.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qgis_plugin.engine.failures import EngineCancelled, EngineDied

Run = Callable[..., dict[str, Any]]

# A second is promised. Machines that run tests are busy with other things.
LIMIT_S = 2.0
ROOT = Path(__file__).resolve().parents[3]


class Telephone:
    """Where a process calls the test; the line goes dead when the process ends."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]

    def answer(self) -> socket.socket:
        self._server.settimeout(30)
        line, _ = self._server.accept()
        line.settimeout(30)
        return line

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def telephone() -> Iterator[Telephone]:
    telephone = Telephone()
    yield telephone
    telephone.close()


def cancelled(run: Run, text: str, listener: Any, **params: Any) -> EngineCancelled:
    """Run a job that ``listener`` cancels, and hold it to the second."""
    with pytest.raises(EngineCancelled) as caught:
        run(text, listener, **params)
    elapsed = time.monotonic() - listener.asked
    print(f"\ncancelled within {elapsed:.2f} s")
    assert elapsed < LIMIT_S
    return caught.value


@pytest.fixture
def timed(recorder: Any) -> Any:
    """A listener that cancels at the progress "working" and knows when."""

    class Timed(recorder):  # type: ignore[misc]
        def progress(self, fraction: float, message: str) -> None:
            super().progress(fraction, message)
            self.asked = time.monotonic()

    return Timed(cancel_at="working")


def test_a_worker_that_answers_has_the_last_word(run: Run, timed: Any) -> None:
    failure = cancelled(
        run,
        """
        hello(), read()
        say("progress", fraction=0.1, message="working")
        if read() == {"cancel": True}:
            say("cancelled", message="Cancelled; the checkpoint is kept.")
        """,
        timed,
    )
    assert str(failure) == "Cancelled; the checkpoint is kept."


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_stopped_worker_is_cancelled_as_well(run: Run, timed: Any, tmp_path: Path) -> None:
    failure = cancelled(
        run,
        """
        hello()
        folder = os.path.dirname(read()["params"]["output"])
        open(os.path.join(folder, ".tmp-0000aaaa-1-map.tif"), "w")
        say("progress", fraction=0.1, message="working")
        os.kill(os.getpid(), signal.SIGSTOP)
        """,
        timed,
        output=str(tmp_path / "map.tif"),
    )
    assert str(failure) == "Cancelled; the engine was stopped in the middle of a step."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_worker_that_was_stopped_for_a_while_is_waited_for(run: Run, recorder: Any) -> None:
    listener = recorder()
    result = run(
        """
        hello(), read()
        again = f"import os, signal, time; time.sleep(0.5); os.kill({os.getpid()}, signal.SIGCONT)"
        subprocess.Popen([sys.executable, "-c", again])
        os.kill(os.getpid(), signal.SIGSTOP)
        say("log", level="info", message="awake")
        say("result", result={"made": 1})
        """,
        listener,
    )
    assert result == {"made": 1}
    assert listener.heard == [("log", "info", "awake")]


def test_a_worker_that_does_not_answer_is_killed_and_its_files_are_removed(
    run: Run, timed: Any, tmp_path: Path
) -> None:
    (tmp_path / "sub").mkdir()
    others = [".tmp-0000bbbb-1-map.tif", "map.tif", "tmp-0000aaaa-1-map.tif"]
    for name in others:
        (tmp_path / name).touch()
    failure = cancelled(
        run,
        """
        hello(), signal.signal(signal.SIGTERM, signal.SIG_IGN)
        params = read()["params"]
        folder = os.path.dirname(params["output"])
        for name in ("1-map.tif", "1-map.tif.aux.xml", "1-old-map.qml", "sub/2-x"):
            path = os.path.join(folder, *name.split("/"))
            open(os.path.join(os.path.dirname(path), ".tmp-0000aaaa-" + os.path.basename(path)), "w")
        say("progress", fraction=0.1, message="working")
        while True:
            time.sleep(60)
        """,
        timed,
        output=str(tmp_path / "map.tif"),
        folder=str(tmp_path / "sub"),
    )
    assert "stopped in the middle of a step" in failure.message
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*others, "sub"])
    assert list((tmp_path / "sub").iterdir()) == []


def test_a_worker_that_talks_on_is_killed_too(run: Run, timed: Any) -> None:
    cancelled(
        run,
        """
        hello(), read()
        say("progress", fraction=0.1, message="working")
        while True:
            say("log", level="info", message="busy")
        """,
        timed,
    )


def test_the_workers_children_end_with_it(run: Run, timed: Any, telephone: Telephone) -> None:
    child = (
        "import socket, sys, time; line = socket.create_connection(('127.0.0.1', int(sys.argv[1])));"
        "line.send(b'!'); print('called', flush=True); time.sleep(600)"
    )
    cancelled(
        run,
        f"""
        hello()
        words = [sys.executable, "-c", {child!r}, str(read()["params"]["port"])]
        child = subprocess.Popen(words, stdout=subprocess.PIPE)
        child.stdout.readline()
        say("progress", fraction=0.1, message="working")
        child.wait()
        """,
        timed,
        port=telephone.port,
    )
    with telephone.answer() as line:
        assert line.recv(1) == b"!"
        assert line.recv(1) == b""


def test_a_worker_that_has_not_said_hello_is_not_waited_for(run: Run, recorder: Any, tmp_path: Path) -> None:
    class Impatient(recorder):  # type: ignore[misc]
        """Cancels as soon as the worker runs."""

        def is_cancelled(self) -> bool:
            return (tmp_path / "running").exists()

    path = tmp_path / "running"
    with pytest.raises(EngineCancelled, match="before the engine started"):
        run(f"open({str(path)!r}, 'w').close(), time.sleep(600)", Impatient())
    elapsed = time.time() - path.stat().st_mtime
    print(f"\ncancelled within {elapsed:.2f} s")
    assert elapsed < LIMIT_S


def test_a_job_that_is_cancelled_already_is_not_started(run: Run, recorder: Any, tmp_path: Path) -> None:
    listener = recorder()
    listener.cancelled = True
    with pytest.raises(EngineCancelled, match="nothing was written"):
        run(f"open({str(tmp_path / 'started')!r}, 'w')", listener)
    assert list(tmp_path.iterdir()) == []


def test_a_job_that_is_done_in_this_moment_is_done(run: Run, timed: Any) -> None:
    text = 'hello(), read(), say("progress", fraction=1, message="working"), read(), say("result", result={"n": 1})'
    assert run(text, timed) == {"n": 1}


def test_a_cancel_that_nobody_asked_for_is_told_as_what_it_is(run: Run) -> None:
    with pytest.raises(EngineDied, match="Another program or the system stopped the engine"):
        run('hello(), read(), say("cancelled", message="Cancelled.")')


def test_the_worker_ends_when_its_parent_is_killed(
    script: Callable[[str], Path], telephone: Telephone, tmp_path: Path
) -> None:
    source = script(
        """
        import socket
        hello()
        line = socket.create_connection(("127.0.0.1", read()["params"]["port"]))
        line.send(b"!")
        while read() is not None:
            pass
        """
    )
    parent = f"""
import sys
from pathlib import Path
from qgis_plugin.engine import source
from qgis_plugin.engine.client import run_operation
class Listener:
    def is_cancelled(self): return False
source._STAGED = Path({str(source)!r})
run_operation(Path(sys.executable), "scripted", {json.dumps({"port": telephone.port})}, Listener())
"""
    with subprocess.Popen([sys.executable, "-c", parent], cwd=ROOT) as process:
        line = telephone.answer()
        assert line.recv(1) == b"!"
        os.kill(process.pid, signal.SIGKILL)
    assert line.recv(1) == b""
    line.close()
