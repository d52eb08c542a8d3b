"""A job in a fork of this process, which has everything loaded."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hsi_engine.errors import HsiError

_LONGEST_S = 300.0


@dataclass(frozen=True)
class End:
    """How a job ended: ``done``, ``refused`` (an error of ours), ``traceback``, ``killed``, ``crash`` or ``hang``, and its words."""

    how: str
    said: str = ""


def forked(run: Callable[[], object], *, kill_after_s: float | None = None) -> End:
    """Run in a fork; with ``kill_after_s`` it gets SIGKILL if it is still running then."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        with contextlib.suppress(BaseException):
            end = _run(run)
            os.write(writer, f"{end.how}\n{end.said}"[:4000].encode("utf-8", "backslashreplace"))
        os._exit(0)
    os.close(writer)
    status = _wait(child, kill_after_s)
    with os.fdopen(reader, "rb") as file:
        how, _, said = file.read().decode("utf-8", "replace").partition("\n")
    if how:
        return End(how, said)
    if status is None:
        return End("hang")
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return End("killed" if killed and kill_after_s is not None else "crash", f"status {status}")


def _wait(child: int, kill_after_s: float | None) -> int | None:
    end = time.monotonic() + (_LONGEST_S if kill_after_s is None else kill_after_s)
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    return None if kill_after_s is None else status


def _run(run: Callable[[], object]) -> End:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    warnings.simplefilter("ignore")
    try:
        run()
    except HsiError as error:
        # An error that nobody foresaw is worded in one place, with this code.
        return End("traceback" if error.code.endswith("unexpected") else "refused", f"{error.code} {error}")
    except BaseException:
        return End("traceback", traceback.format_exc()[-3000:])
    return End("done")


def leftovers(folder: Path, allowed: set[str], kept: tuple[str, ...] = ()) -> list[str]:
    """What lies in a folder that is neither an output, nor kept for resuming, nor hidden."""
    return sorted(path.name for path in _visible(folder) if path.name not in allowed and path.name not in kept)


def _visible(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if not path.name.startswith(".tmp-"))


def hidden(folder: Path) -> list[str]:
    """The temporary files that lie in a folder."""
    return sorted(path.name for path in folder.rglob(".tmp-*"))


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
