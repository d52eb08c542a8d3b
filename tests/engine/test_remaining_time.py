"""What a progress message says of the time that is left, by a clock that the test turns."""

from __future__ import annotations

import pytest

from hsi_engine.remaining_time import RemainingTime, duration_text


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def said(steps: list[tuple[float, float]]) -> list[str]:
    """What is said at each (second, share)."""
    clock = Clock()
    remaining = RemainingTime(clock)
    words = []
    for second, share in steps:
        clock.now = 1000.0 + second
        words.append(remaining.after(share))
    return words


def test_an_even_loop_is_foretold() -> None:
    assert said([(0, 0), (60, 0.1), (300, 0.5), (540, 0.9)])[1:] == [
        ", about 9 min left",
        ", about 5 min left",
        ", about 1 min left",
    ]


def test_nothing_is_said_in_the_first_moments_and_at_the_end() -> None:
    assert said([(0, 0), (0.5, 0.2), (2.9, 0.4)]) == ["", "", ""]
    assert said([(0, 0), (100, 0.001)]) == ["", ""], "of a thousandth nobody can tell"
    assert said([(0, 0), (100, 1.0)]) == ["", ""]


def test_a_loop_that_goes_on_from_an_earlier_run_counts_its_own_steps_only() -> None:
    assert said([(0, 0.5), (100, 0.75)])[1] == ", about 2 min left"


def test_a_first_half_without_work_is_forgotten() -> None:
    """Half of a scene holds no data and passes in a moment; then each percent takes 10 s."""
    steps = [(second, 0.5 * second / 4) for second in (0, 1, 2, 3, 4)]
    steps += [(4 + 10 * percent, 0.5 + percent / 100) for percent in range(1, 21)]
    assert said(steps)[-1] == ", about 5 min left"


def test_a_loop_that_stands_still_says_nothing_rather_than_nonsense() -> None:
    assert said([(0, 0), (10, 0.5), (1000, 0.5), (2000, 0.5)])[-1] == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds"),
        (9.9, "a few seconds"),
        (12, "about 10 s"),
        (54, "about 50 s"),
        (55, "about 1 min"),
        (150, "about 2 min"),
        (3540, "about 59 min"),
        (3590, "about 1 h"),
        (7900, "about 2 h 10 min"),
        (86_400, "about 24 h"),
    ],
)
def test_durations_are_as_coarse_as_an_estimate(seconds: float, words: str) -> None:
    assert duration_text(seconds) == words
