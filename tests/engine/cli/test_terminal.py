"""Progress as lines, where standard error is a file or a pipe."""

from __future__ import annotations

import pytest

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
