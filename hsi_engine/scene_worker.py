"""One process of a run over many scenes: ``python -m hsi_engine.scene_worker``, started by
:mod:`.operations.classify_scenes.running.processes`.

The first line on stdin names the model; each further one is a scene to be mapped. The end of input
means that the run is over or cancelled: the process then ends at once. Messages leave as JSON lines on stdout: ready, and a
row of the manifest for each scene.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .entrypoints.streams import take_stdout, write_all
from .errors import Cancelled

if TYPE_CHECKING:
    from .io.files.temporary_files import TemporaryFiles


def main() -> int:
    """Map the scenes that come on stdin; returns the exit code, unless the end of input ends the process."""
    # The process that started this one receives it too, and closes stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = take_stdout()
    from .io.files.temporary_files import TemporaryFiles

    files = TemporaryFiles()
    inbox: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(inbox, files), daemon=True).start()
    setup = inbox.get()
    from .entrypoints.ending import end_quickly
    from .entrypoints.threads import share_cores
    from .io.files.isolation.network import let_no_host_past

    end_quickly()
    share_cores()
    let_no_host_past()
    from .bundle.model_file import read_bundle
    from .operations.classify_scenes.running.one_scene import map_one
    from .operations.classify_scenes.tasks import Task
    from .reporting import SilentReporter

    model = read_bundle(setup["model"])
    _send(channel, "ready", prefix=files.prefix)
    with files.in_use():
        while True:
            asked = inbox.get()
            row = map_one(Task.from_json(asked["task"]), model, SilentReporter(), asked["attempt"])
            _send(channel, "row", row=asdict(row))


def _send(channel: int, message_type: str, /, **content: Any) -> None:
    write_all(channel, json.dumps({"type": message_type, **content}) + "\n")


def _listen(inbox: queue.SimpleQueue[dict[str, Any]], files: TemporaryFiles) -> None:
    """Hand on the lines of stdin; end the process, whatever it computes, once nobody waits for it."""
    buffer = b""
    while piece := os.read(0, 65536):
        *lines, buffer = (buffer + piece).split(b"\n")
        for line in lines:
            inbox.put(json.loads(line))
    files.discard_all()
    os._exit(Cancelled.exit_code)


if __name__ == "__main__":
    sys.exit(main())
