"""How long a loop still takes, as text for its progress messages."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

# Before that, the first steps (reading from a cold disk, compiling, planning transforms) would decide.
_QUIET_S = 3.0
_QUIET_SHARE = 0.01
# Between two marks that are kept, so that a loop of many steps costs nothing.
_MARK_S = 0.2


class RemainingTime:
    """Estimates from the later half of what a loop has done so far, since the first half may have been easier.

    ::

        remaining = RemainingTime()
        for number, tile in enumerate(tiles):
            share = number / len(tiles)
            reporter.progress(share, f"Classifying the scene: tile {number + 1} of {len(tiles)}{remaining.after(share)}")

    Parameters
    ----------
    clock : seconds from any beginning.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._marks: deque[tuple[float, float]] = deque()  # (seconds, share done)
        self._start: tuple[float, float] | None = None

    def after(self, share: float) -> str:
        """``", about 3 min left"`` when ``share`` of the loop, 0 to 1, is done; empty while too little is known.

        The first call is the beginning of what is measured; a loop that continues another one may begin
        with any share.
        """
        now = self._clock()
        if self._start is None:
            self._start = (now, share)
        if not self._marks or now - self._marks[-1][0] >= _MARK_S:
            self._marks.append((now, share))
        began, share_then = self._start
        if now - began < _QUIET_S or share - share_then < _QUIET_SHARE or share >= 1:
            return ""
        while len(self._marks) > 1 and self._marks[1][0] <= (began + now) / 2:
            self._marks.popleft()
        middle, share_middle = self._marks[0]
        if share <= share_middle:
            return ""
        return f", {duration_text((now - middle) / (share - share_middle) * (1 - share))} left"


def duration_text(seconds: float) -> str:
    """A duration as coarse as an estimate is: "a few seconds", "about 40 s", "about 3 min", "about 2 h 10 min"."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 55:
        return f"about {round(seconds / 10) * 10} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"about {minutes} min"
    hours, minutes = divmod(round(seconds / 600) * 10, 60)
    return f"about {hours} h {minutes} min" if minutes else f"about {hours} h"
