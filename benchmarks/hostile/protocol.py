"""What a parent can do to a worker: garbage, lines that are too long, letters that are none, requests twice, cancels first, an early end."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import odd

if TYPE_CHECKING:
    from .running import Outcome

PROTOCOL = "worker_protocol"
_LONG = 50 << 20
_LIMIT_S = 60.0
_LAST = ("result", "error", "cancelled")


def conversation(rng: random.Random, clean: Path) -> tuple[bytes, bool]:
    """What a parent writes, and whether it closes the worker's input afterwards."""
    request = json.dumps(
        {"protocol": 1, "operation": "inspect_scene", "params": {"scene": str(clean / "scene.tif")}}
    ).encode()
    cancel, kind = b'{"cancel": true}', rng.randrange(14)
    said = {
        0: rng.randbytes(rng.choice((1, 100, 5000))).replace(b"\n", b" ") + b"\n",
        1: b'{"protocol": 1, "x": "' + b"a" * _LONG + b'"}\n',
        2: b"a" * _LONG + b"\n",
        3: request.replace(b"scene.tif", rng.choice((b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"\x00", b"\\u0000"))) + b"\n",
        4: request + b"\n" + request + b"\n",
        5: cancel + b"\n" + request + b"\n",
        6: request + b"\n" + cancel + b"\n" + cancel + b"\n",
        7: request[: rng.randrange(len(request))] + rng.choice((b"", b"\n")),
        8: b"[" * odd.DEEP + b"\n",
        9: request + b"\n" + rng.choice((b"[" * odd.DEEP, b"x" * (1 << 20), b"\xff" * 100, b'{"cancel": 1}', b"null", b"9" * 5000)) + b"\n",
        10: b"\n" * rng.choice((1, 10000)) + request + b"\r\n",
        11: json.dumps({"protocol": odd.json_value(rng), "operation": "inspect_scene", "params": {}}).encode() + b"\n",
        12: json.dumps({"protocol": 1, "operation": odd.json_value(rng), "params": odd.json_value(rng)}).encode() + b"\n",
        13: b"",
    }[kind]  # fmt: skip
    return said, kind == 13 or not said.endswith(b"\n") or rng.random() < 0.4


def protocol_outcomes(numbers: list[int], seed: str, clean: Path) -> Iterator[Outcome]:
    """The outcome of each conversation with a worker that is forked from this process."""
    from .running import Outcome

    for number in numbers:
        said, closes = conversation(random.Random(f"{seed} {PROTOCOL} {number}"), clean)
        began = time.monotonic()
        outcome, what = _talk(said, closes)
        yield Outcome(kind=PROTOCOL, number=number, outcome=outcome, said=what, seconds=time.monotonic() - began)


def _talk(said: bytes, closes: bool) -> tuple[str, str]:
    (to_worker, ours), (theirs, from_worker) = os.pipe(), os.pipe()
    os.set_inheritable(ours, False)
    child = os.fork()
    if not child:
        os.close(ours)
        os.close(theirs)
        _worker(to_worker, from_worker)
    os.close(to_worker)
    os.close(from_worker)
    os.set_blocking(ours, False)
    heard, left, open_, end = b"", memoryview(said), True, time.monotonic() + _LIMIT_S
    while time.monotonic() < end:
        readable, writable, _ = select.select([theirs], [ours] if open_ and left else [], [], 0.1)
        if writable:
            try:
                left = left[os.write(ours, left[:65536]) :]
            except (BrokenPipeError, BlockingIOError):
                left = left[:0]
        if open_ and closes and not left:
            os.close(ours)
            open_ = False
        if readable:
            piece = os.read(theirs, 65536)
            if not piece:
                break
            heard += piece
    else:
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    os.close(theirs)
    if open_:
        os.close(ours)
    return _judged(heard, status, late=time.monotonic() >= end, closed=closes)


def _judged(heard: bytes, status: int, *, late: bool, closed: bool) -> tuple[str, str]:
    """Each line is a message; the last one says how the job ended, unless the parent is gone."""
    if late:
        return "hang", f"no end after {_LIMIT_S:.0f} s"
    if os.WIFSIGNALED(status):
        return "crash", f"ended by signal {os.WTERMSIG(status)}"
    try:
        messages: list[dict[str, Any]] = [json.loads(line) for line in heard.decode("utf-8").splitlines()]
    except ValueError as error:
        return "broken", f"the worker's lines are not JSON: {error}"
    last = messages[-1] if messages else {"type": "nothing"}
    ends = [message for message in messages if message["type"] in _LAST]
    if len(ends) > 1 or (ends and ends[0] is not last):
        return "broken", f"more follows the last message: {messages[-3:]}"
    if last["type"] == "error" and last["error"]["code"].endswith((".unexpected", ".memory")):
        return "traceback", json.dumps(last)
    if not ends and not closed:
        return "broken", f"no last message; exit code {os.WEXITSTATUS(status)}"
    return ("ok" if last["type"] == "result" else "refused"), json.dumps(last)[:500]


def _worker(to_worker: int, from_worker: int) -> None:
    """The forked worker: never returns."""
    try:
        os.dup2(to_worker, 0)
        os.dup2(from_worker, 1)
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 2)
        os.close(to_worker)
        os.close(from_worker)
        from hsi_engine import worker

        os._exit(worker.main())
    except BaseException:
        os._exit(99)
