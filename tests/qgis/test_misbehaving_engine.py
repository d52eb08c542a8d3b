"""Engines that talk nonsense, flood, die or hang, in a task of QGIS as a dialog starts it.

Each ends with a message that says what happened and what to do; meanwhile QGIS reacts, its memory stays bounded, and no process
or thread is left. What was measured is at the end of the test run.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingUtils,
)
from qgis.PyQt.QtCore import QEventLoop, QTimer

from benchmarks.soak.measuring import descendants, forget_peak, peak_mb
from qgis_plugin.engine import source
from qgis_plugin.environment.current import engine_location
from qgis_plugin.environment.records.failure_log import last_failures
from qgis_plugin.runs import listener
from recording_feedback import RecordingFeedback
from scripted_worker import write_engine

# A second is promised. Machines that run tests are busy with other things.
LIMIT_S = 6.0
MOST_MB = 150


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """``engine(text)`` puts an engine whose worker runs ``text`` in the place of the real one; it leaves nothing."""
    before, folder = set(descendants(os.getpid())), QgsProcessingUtils.tempFolder()
    files = set(Path(folder).iterdir())

    def write(text: str) -> None:
        staged = tmp_path / "engine"
        staged.mkdir()
        monkeypatch.setattr(source, "_STAGED", write_engine(staged, text))
        # Any Python will do, and this one has no packages to look at.
        monkeypatch.setenv("HSI_ENGINE_PYTHON", "/usr/bin/python3")

    yield write
    assert set(descendants(os.getpid())) <= before
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("hsi-")]
    assert set(Path(folder).iterdir()) == files


@dataclass(frozen=True)
class Ended:
    """How a task ended: whether it succeeded, what was said, and for how long QGIS did not react in between."""

    succeeded: bool
    feedback: RecordingFeedback
    freeze_s: float
    grown_mb: float
    latency_s: float

    @property
    def said(self) -> str:
        return "\n".join(self.feedback.errors)


class CancelWhenTold(RecordingFeedback):
    """Cancels at the phase "working", and remembers when."""

    def __init__(self) -> None:
        super().__init__(self._heard)
        self.asked = 0.0

    def _heard(self, text: str) -> None:
        if text == "working" and not self.asked:
            self.asked = time.monotonic()
            self.cancel()


@pytest.fixture
def run(provider: Any, scene_path: Path, measured: Callable[[str], None]) -> Callable[..., Ended]:
    """``run("name")`` runs Scene information in a task, as its dialog does."""

    def start(name: str, feedback: RecordingFeedback | None = None) -> Ended:
        feedback = feedback or RecordingFeedback()
        algorithm = QgsApplication.processingRegistry().createAlgorithmById("hsi:scene_information")
        loop, ticks, outcome, timer = QEventLoop(), [time.monotonic()], list[bool](), QTimer()
        timer.timeout.connect(lambda: ticks.append(time.monotonic()))
        timer.start(20)
        forget_peak()
        memory = peak_mb()
        context = QgsProcessingContext()
        task = QgsProcessingAlgRunnerTask(algorithm, {"SCENE": str(scene_path)}, context, feedback)
        assert not task.isCanceled(), feedback.errors
        task.executed.connect(lambda successful, results: (outcome.append(successful), loop.quit()))
        QgsApplication.taskManager().addTask(task)
        loop.exec()
        now = time.monotonic()
        freeze_s = max(later - earlier for earlier, later in itertools.pairwise([*ticks, now]))
        latency_s = now - getattr(feedback, "asked", now)
        ended = Ended(outcome[0], feedback, freeze_s, peak_mb() - memory, latency_s)
        measured(
            f"engine that {name}: QGIS did not react for {freeze_s:.2f} s at most, {ended.grown_mb:.0f} MB more"
            + (f", ended {latency_s:.2f} s after the cancel" if hasattr(feedback, "asked") else "")
        )
        assert "Traceback" not in ended.said
        assert freeze_s < LIMIT_S
        assert ended.grown_mb < MOST_MB
        return ended

    return start


WORKING = 'hello(), read(), say("progress", fraction=0.5, message="working")\n'


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "talks nonsense",
            r'write(b"\xff\xfe\x00 nonsense \xed\xa0\x80"), write(b"[" * 100_000), sys.exit(4)',
            ("does not run the engine (exit code 4", "run 'Set up engine', or choose another Python"),
        ),
        (
            "talks nonsense in the middle",
            WORKING + r'write(bytes(range(256)) * 1000), write(b"\xff" * 9), say("log", level=3), time.sleep(60)',
            ("its field 'level' must be of type str; found 3", "reinstall the plugin"),
        ),
        (
            "sends a line of 50 MB",
            WORKING + """write(b'{"type": "log", "message": "' + b"x" * 50_000_000 + b'"}'), time.sleep(60)""",
            ("a line of more than 16 MB", "Run it again; if it happens again, reinstall the plugin"),
        ),
        ("dies at once", "os.abort()", ("ended during start-up", "graphics driver crashed (signal SIGABRT)")),
        (
            "dies in the middle",
            WORKING + "sys.exit(3)",
            ("The engine ended without saying why (exit code 3)", "report it with the log of this job"),
        ),
        (
            "is killed",
            WORKING + "os.kill(os.getpid(), signal.SIGKILL)",
            ("most likely because the computer ran out of memory (signal SIGKILL)", "lower the memory limit"),
        ),
        (
            "names half a character",
            WORKING
            + r"""write(b'{"type": "error", "error": {"code": "x", "message": "It is \\ud800.", "hint": "Look."}}')""",
            ("It is \ufffd. Look.",),
        ),
    ],
)
def test_it_ends_with_a_message(
    engine: Callable[[str], None], run: Callable[..., Ended], name: str, text: str, words: tuple[str, ...]
) -> None:
    engine(text)
    ended = run(name)

    assert not ended.succeeded
    for part in words:
        assert part in ended.said
    assert last_failures(engine_location().failures)[-1]["message"][:6] == ended.said[:6]


def test_a_result_that_lacks_everything_is_named(engine: Callable[[str], None], run: Callable[..., Ended]) -> None:
    engine(WORKING + 'say("result", result={})')
    ended = run("sends an empty result")

    assert not ended.succeeded
    assert "its result does not follow the protocol (KeyError: 'bands')" in ended.said
    assert "reinstall the plugin" in ended.said


@pytest.mark.parametrize(
    ("name", "then"),
    [
        ("hangs without a word", "time.sleep(600)"),
        (
            "ignores signals and the end of its input",
            "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\ntime.sleep(600)",
        ),
        ("closed its output but goes on", "os.close(1), os.close(2), time.sleep(600)"),
        ("floods with progress", 'while True: say("progress", fraction=time.time() % 1, message=f"{time.time()}: x")'),
    ],
)
def test_a_cancel_ends_it(engine: Callable[[str], None], run: Callable[..., Ended], name: str, then: str) -> None:
    engine(WORKING + then)
    ended = run(name, CancelWhenTold())

    assert not ended.succeeded
    assert ended.said.startswith("Cancelled")
    assert ended.latency_s < LIMIT_S


def test_the_end_of_qgis_ends_an_engine_that_ignores_everything(
    engine: Callable[[str], None], run: Callable[..., Ended]
) -> None:
    """QGIS that is closed in the middle of a job cancels all tasks, and does not end before they have."""

    class Closing(CancelWhenTold):
        def cancel(self) -> None:
            """The main thread looks whether it is time, see below."""

    closing, timer = Closing(), QTimer()
    timer.timeout.connect(lambda: QgsApplication.taskManager().cancelAll() if closing.asked else None)
    timer.start(20)
    engine(WORKING + "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nos.close(0), time.sleep(600)")
    ended = run("ignores that QGIS is closed", closing)

    assert not ended.succeeded
    assert ended.said.startswith("Cancelled")
    assert ended.latency_s < LIMIT_S


def test_a_flood_fills_neither_log_nor_memory(
    engine: Callable[[str], None], run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, most in (("_MOST_LINES", 300), ("_MOST_WARNINGS", 100), ("_MOST_PHASES", 100), ("_MOST_FILES", 1100)):
        assert getattr(listener, name) > most
        monkeypatch.setattr(listener, name, most)
    engine(
        WORKING
        + """
        for i in range(4_000):
            say("log", level="info", message=f"line {i} " + "x" * 2000)
            say("log", level="warning", message=f"warning {i}")
            say("progress", fraction=i / 4_000, message=f"phase {i}: x")
            say("artifact", kind="report", path=f"/tmp/{i}" + "x" * 300)
        say("log", level="info", message="y" * 5_000_000)
        say("error", error={"code": "x", "message": "It is over. " + "z" * 1_000_000, "hint": "Look."})
        """.replace("\n        ", "\n")
    )
    ended = run("floods the log")

    kept = ended.feedback.log
    assert "line 298 " + "x" * 2000 in kept
    assert sum(line.startswith("The engine wrote unusually many lines.") for line in kept) == 3
    assert "And 100 further files." in kept
    assert len(kept) < 300 + 100 + 100 + 1100 + 10
    assert max(map(len, kept)) <= 5100
    assert ended.said.startswith("It is over.")
    assert len(ended.feedback.progress_values) < 1000
