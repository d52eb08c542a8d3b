"""Phases of a job, and cancelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from hsi_engine import errors
from hsi_engine.errors import Cancelled
from hsi_engine.reporting import Level, OnceReporter, PhaseReporter, SilentReporter, TimedReporter


class Listener(SilentReporter):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []

    def progress(self, fraction: float, message: str = "") -> None:
        self.heard.append((round(fraction, 3), message))

    def log(self, message: str, level: Level = "info") -> None:
        self.heard.append((message, level))

    def metric(self, name: str, value: float, step: int) -> None:
        self.heard.append((name, value, step))

    def artifact(self, kind: str, path: Path) -> None:
        self.heard.append((kind, path))


def test_a_phase_fills_its_part_of_the_whole_and_passes_the_rest_on() -> None:
    listener = Listener()
    inner = PhaseReporter(PhaseReporter(listener, 0.5, 1.0), 0.0, 0.5)
    inner.progress(0.5, "half")
    inner.log("careful", "warning")
    inner.metric("loss", 0.1, 3)
    inner.artifact("model", Path("m"))
    assert listener.heard == [(0.625, "half"), ("careful", "warning"), ("loss", 0.1, 3), ("model", Path("m"))]


def test_a_later_phase_repeats_no_message_of_an_earlier_one_but_its_own() -> None:
    listener = Listener()
    first = OnceReporter(listener, 0.0, 0.5)
    for message in ("no map coordinates", "a worker was lost", "a worker was lost"):
        first.log(message, "warning")
    second = OnceReporter(listener, 0.5, 1.0, first.said)
    for message in ("no map coordinates", "slow", "slow"):
        second.log(message)
    second.progress(0.5, "half")
    said = [
        ("no map coordinates", "warning"),
        *[("a worker was lost", "warning")] * 2,
        ("slow", "info"),
        ("slow", "info"),
    ]
    assert listener.heard == [*said, (0.75, "half")]
    assert second.said == {"no map coordinates", "a worker was lost", "slow"}


def test_cancel_reaches_through_phases() -> None:
    listener = Listener()
    phase = PhaseReporter(listener, 0, 1)
    phase.check_cancelled()
    listener.cancel.set()
    with pytest.raises(Cancelled, match="no output was written"):
        phase.check_cancelled()


def test_what_a_job_leaves_is_said_by_a_cancel_until_it_is_gone() -> None:
    reporter = SilentReporter()
    phase = PhaseReporter(reporter, 0, 1)
    phase.if_cancelled("The checkpoint stays.")
    reporter.cancel.set()
    with pytest.raises(Cancelled, match=r"The checkpoint stays\."):
        phase.check_cancelled()
    phase.if_cancelled()
    with pytest.raises(Cancelled, match="no output was written"):
        phase.check_cancelled()


def test_families_of_errors_have_exit_codes_of_their_own() -> None:
    families = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.HsiError)]
    codes = [family.exit_code for family in families]
    assert len(set(codes)) == len(codes) == 10
    assert len({family.family for family in families}) == len(families)


def test_an_error_tells_what_to_do_in_text_and_json() -> None:
    error = errors.SceneError("It is gone.", code="missing", hint="Look again.")
    assert str(error) == "It is gone. Look again."
    assert error.to_dict() == {
        "code": "scene.missing",
        "message": "It is gone.",
        "hint": "Look again.",
        "exit_code": 3,
    }


def test_a_timed_loop_tells_how_long_it_still_takes() -> None:
    listener = Listener()
    timed = TimedReporter(listener, clock=iter([0.0, 20.0, 40.0]).__next__)
    for share in (0.0, 0.25, 0.5):
        timed.progress(share, "Reading")
    assert listener.heard == [(0.0, "Reading"), (0.25, "Reading, about 1 min left"), (0.5, "Reading, about 40 s left")]
