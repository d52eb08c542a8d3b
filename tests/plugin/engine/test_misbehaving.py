"""Workers that do not keep to the protocol: each job ends with a message, in bounded memory, and leaves no process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qgis_plugin.engine.failures import EngineCancelled, EngineDied, EngineFailure

Run = Callable[..., dict[str, Any]]

# A second is promised. Machines that run tests are busy with other things.
LIMIT_S = 2.0


def gone(process: int) -> bool:
    """Whether a process has ended, also if nobody has collected it."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("begin", ["hello(), read()", "pass"])
def test_a_line_of_50_mb_is_not_read_to_its_end(run: Run, begin: str) -> None:
    with pytest.raises(EngineFailure, match="sent a line of more than 16 MB, which is not a message") as caught:
        run(
            f"""
            {begin}
            print("before", file=sys.stderr, flush=True)
            write(b'{{"type": "log", "level": "info", "message": "' + b"x" * 50_000_000 + b'"}}')
            time.sleep(60)
            """
        )
    assert caught.value.code == "engine.protocol"
    assert "reinstall the plugin and report it" in caught.value.hint
    assert len(caught.value.details) <= 32 * 1024


def test_a_worker_that_talks_faster_than_it_is_heard_waits(run: Run, recorder: Any, tmp_path: Path) -> None:
    class Slow(recorder):  # type: ignore[misc]
        """Looks after a second how much the worker has got rid of."""

        def log(self, level: str, message: str) -> None:
            if not self.heard:
                time.sleep(1)
                self.sent = len((tmp_path / "sent").read_bytes())
            super().log(level, message[:1])

    listener = Slow()
    run(
        f"""
        hello(), read()
        with open({str(tmp_path / "sent")!r}, "wb", 0) as sent:
            for i in range(600):
                say("log", level="info", message="x" * 100_000)
                sent.write(b".")
        say("result", result={{}})
        """,
        listener,
    )
    assert listener.sent < 300
    assert len(listener.heard) == 600


def test_nonsense_without_end_can_be_cancelled(run: Run, recorder: Any) -> None:
    class Timed(recorder):  # type: ignore[misc]
        def progress(self, fraction: float, message: str) -> None:
            self.cancelled, self.asked = True, time.monotonic()

    listener = Timed()
    with pytest.raises(EngineCancelled):
        run(
            r"""
            hello(), read()
            say("progress", fraction=0.1, message="working")
            while True:
                write(os.urandom(5000).replace(b"\n", b""))
            """,
            listener,
        )
    assert time.monotonic() - listener.asked < LIMIT_S


def test_nonsense_in_the_place_of_the_hello_is_named(run: Run) -> None:
    with pytest.raises(EngineFailure, match=r"does not run the engine \(exit code 0: .*nonsense") as caught:
        run(r'write(b"\xff\xfe nonsense \x00")')
    assert caught.value.code == "engine.not_started"


def test_a_worker_that_closes_its_output_is_ended_and_explained(run: Run, tmp_path: Path) -> None:
    with pytest.raises(EngineDied, match="it closed its output but did not end"):
        run(
            f"hello(), open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())), read(), os.close(1), time.sleep(60)"
        )
    assert gone(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("begin", ["hello(), read()", "()"])
def test_a_worker_that_closed_its_output_can_be_cancelled(run: Run, recorder: Any, tmp_path: Path, begin: str) -> None:
    closed = tmp_path / "closed"

    class Impatient(recorder):  # type: ignore[misc]
        """Cancels a moment after the output was closed, when the client waits for the end of the worker."""

        asked = 0.0

        def is_cancelled(self) -> bool:
            if not self.asked and closed.exists() and time.time() > closed.stat().st_mtime + 0.5:
                self.asked = time.monotonic()
            return self.asked > 0

    listener = Impatient()
    with pytest.raises(EngineCancelled):
        run(f"{begin}, os.close(1), os.close(2), open({str(closed)!r}, 'w').close(), time.sleep(60)", listener)
    assert time.monotonic() - listener.asked < LIMIT_S


def test_the_children_of_a_worker_that_died_are_ended(run: Run, tmp_path: Path) -> None:
    with pytest.raises(EngineDied):
        run(
            f"""
            hello(), read()
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            open({str(tmp_path / "child")!r}, "w").write(str(child.pid))
            os.kill(os.getpid(), signal.SIGKILL)
            """
        )
    child = int((tmp_path / "child").read_text())
    end = time.monotonic() + 30
    while not gone(child):
        assert time.monotonic() < end, "the child is still at work"
        time.sleep(0.01)


def test_a_child_that_cleans_up_after_its_parent_may_end_by_itself(run: Run, tmp_path: Path) -> None:
    run(
        f"""
        hello(), read()
        clean = "import sys, time; sys.stdin.read(); time.sleep(0.3); open(sys.argv[1], 'w')"
        child = subprocess.Popen([sys.executable, "-c", clean, {str(tmp_path / "cleaned")!r}], stdin=subprocess.PIPE)
        say("result", result={{}})
        """
    )
    assert (tmp_path / "cleaned").exists()


def test_a_request_that_nobody_reads_is_given_up(run: Run) -> None:
    with pytest.raises(EngineDied):
        run("hello(), time.sleep(0.2), os._exit(3)", bands="1," * 1_000_000)


def test_what_follows_the_last_message_is_not_waited_for(run: Run) -> None:
    flood = 'hello(), read(), say("result", result={"n": 1})\nfor i in range(100): say("log", level="info", message="x" * 1_000_000)'
    assert run(flood) == {"n": 1}


def test_no_thread_of_a_job_is_left(run: Run) -> None:
    before = threading.active_count()
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    for end in ('say("result", result={})', "os.abort()", "os.close(1), os.close(2), os._exit(0)"):
        try:
            run(f"hello(), read(), {end}")
        except EngineDied:
            continue
    assert threading.active_count() == before
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


def test_an_endless_message_is_shortened(run: Run) -> None:
    with pytest.raises(EngineFailure) as caught:
        run('hello(), read(), say("error", error={"code": "x", "message": "m" * 1_000_000, "hint": "h" * 1_000_000})')
    assert len(str(caught.value)) < 50_000
