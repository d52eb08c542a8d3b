"""Progress as lines, where standard error is a file or a pipe."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from hsi_engine.cli.replies import Answer, Replies
from hsi_engine.cli.terminal import TerminalReporter


def test_a_stage_writes_a_line_each_tenth_and_none_because_the_time_left_has_other_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reporter = TerminalReporter()
    left = ["", "", ", about 2 min left", ", about 1 min left", ", about 50 s left", ", a few seconds left"]
    for number, words in enumerate(left):
        reporter.progress(number / 50, f"Classifying the scene: tile {number + 1} of 50{words}")
    reporter.progress(0.1, "Classifying the scene: tile 6 of 50, a few seconds left")
    reporter.progress(0.1, "Writing the map")
    reporter.close()
    assert capsys.readouterr().err.splitlines() == [
        "  0% Classifying the scene: tile 1 of 50",
        " 10% Classifying the scene: tile 6 of 50, a few seconds left",
        " 10% Writing the map",
    ]


def test_a_message_that_stderr_has_shown_is_repeated_only_in_another_file(tmp_path: Path) -> None:
    answer = Answer(
        document={},
        text="Accuracy 90 %\nWarning: Two points are missing.\nNote: Kept.",
        said=frozenset({"Two points are missing."}),
    )
    assert _printed(answer, tmp_path / "both", tmp_path / "both") == "Accuracy 90 %\nNote: Kept.\n"
    assert _printed(answer, tmp_path / "result", tmp_path / "messages") == answer.text + "\n"


def test_the_answer_that_the_log_has_given_leads_the_text_only_in_another_file(tmp_path: Path) -> None:
    answer = Answer(document={}, text="All is well.\n\nFigures follow.", said=frozenset({"All is well."}))
    assert _printed(answer, tmp_path / "both", tmp_path / "both") == "Figures follow.\n"
    assert _printed(answer, tmp_path / "result", tmp_path / "messages") == "All is well.\n\nFigures follow.\n"


def test_messages_that_quiet_keeps_back_were_not_said(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = TerminalReporter(quiet=True)
    reporter.log("Ten pixels.")
    reporter.log("Two points are missing.", "warning")
    assert reporter.said == {"Two points are missing."}
    assert "Ten pixels" not in capsys.readouterr().err


def _printed(answer: Answer, stdout: Path, stderr: Path) -> str:
    """What standard output gets if both descriptors lead to these files."""
    sys.stdout.flush()
    kept = os.dup(1), os.dup(2)
    try:
        for number, path in ((1, stdout), (2, stderr)):
            descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
            os.dup2(descriptor, number)
            os.close(descriptor)
        Replies(as_json=False).answer(answer)
    finally:
        for number, descriptor in zip((1, 2), kept, strict=True):
            os.dup2(descriptor, number)
            os.close(descriptor)
    return stdout.read_text(encoding="utf-8")
