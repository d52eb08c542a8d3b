"""A job in a fork of this process, which has everything loaded."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hsi_engine.failures import as_hsi_error

_LONGEST_S = 300.0

REPORT = 200
"""Descriptor on which a fork reports how its job ended; faults leave it alone."""


@dataclass(frozen=True)
class End:
    """How a job ended: ``done``, ``refused`` (an error of ours), ``traceback``, ``killed``, ``crash`` or ``hang``, and its words."""

    how: str
    said: str = ""


@dataclass(frozen=True)
class Act:
    """Something that happens to a job from outside, ``after_s`` seconds after its start, unless it has ended."""

    after_s: float
    do: Callable[[int], None]


def killed_after(seconds: float) -> Act:
    """SIGKILL."""
    return Act(seconds, lambda process: os.kill(process, signal.SIGKILL))


class Fork:
    """A job that is under way in a fork."""

    def __init__(self, run: Callable[[], object]) -> None:
        self._reader, writer = os.pipe()
        self.process = os.fork()
        if not self.process:
            os.dup2(writer, REPORT)
            with contextlib.suppress(BaseException):
                end = _run(run)
                os.write(REPORT, f"{end.how}\n{end.said}"[:4000].encode("utf-8", "backslashreplace"))
            os._exit(0)
        os.close(writer)

    def end(self, acts: Sequence[Act] = ()) -> End:
        """How it ended; what runs for five minutes is killed and hangs."""
        status = self._wait(acts)
        with os.fdopen(self._reader, "rb") as file:
            how, _, said = file.read().decode("utf-8", "replace").partition("\n")
        if how:
            return End(how, said)
        if status is None:
            return End("hang")
        by_signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        return End("killed" if by_signal == signal.SIGKILL else "crash", f"status {status}")

    def _wait(self, acts: Sequence[Act]) -> int | None:
        begun, left = time.monotonic(), sorted(acts, key=lambda act: act.after_s)
        while (passed := time.monotonic() - begun) < _LONGEST_S:
            done, status = os.waitpid(self.process, os.WNOHANG)
            if done:
                return status
            if left and passed >= left[0].after_s:
                left.pop(0).do(self.process)
                continue
            time.sleep(0.002)
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        return None


def forked(run: Callable[[], object], *acts: Act) -> End:
    """Run in a fork, while ``acts`` happen to it."""
    return Fork(run).end(acts)


def _run(run: Callable[[], object]) -> End:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    warnings.simplefilter("ignore")
    try:
        result = run()
    except BaseException as error:
        known = as_hsi_error(error)  # as the entry points do; what nobody foresaw has this code
        if known.code.endswith("unexpected"):
            return End("traceback", traceback.format_exc()[-3000:])
        return End("refused", f"{known.code} {known}")
    # Of many scenes: those that have no map are in the result.
    without = [scene for scene in getattr(result, "scenes", ()) if scene["status"] in ("failed", "refused")]
    if without:
        how = "traceback" if any(scene["code"].endswith("unexpected") for scene in without) else "refused"
        return End(how, " ".join(f"{scene['code']} {scene['message']}" for scene in without))
    return End("done")


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
