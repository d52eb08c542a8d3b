"""The side of a process that another one has started (:class:`hsi_engine.runtime.child_process.ChildProcess`).

JSON lines come on stdin and leave on stdout. The end of input means that nobody waits: the process then ends
at once, whatever it computes, and removes what it was writing.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import threading
from typing import Any

from ..errors import Cancelled
from ..io.files.isolation.network import let_no_host_past
from ..io.files.temporary_files import TemporaryFiles
from .compiled_modules import keep_whole_modules
from .ending import end_quickly
from .streams import take_stdout, write_all
from .threads import share_cores


class Child:
    """The started process as it sees itself. Make it before torch is loaded.

    Attributes
    ----------
    files : its temporary files.
    """

    def __init__(self) -> None:
        # The process that started this one receives it too, and closes stdin.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        keep_whole_modules()
        self._channel = take_stdout()
        self._inbox: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.files = TemporaryFiles()
        threading.Thread(target=self._listen, daemon=True).start()
        end_quickly()
        share_cores()
        let_no_host_past()

    def receive(self) -> dict[str, Any]:
        """The next message; does not return once there is none."""
        return self._inbox.get()

    def send(self, message_type: str, /, **content: Any) -> None:
        """Send a message."""
        write_all(self._channel, json.dumps({"type": message_type, **content}) + "\n")

    def _listen(self) -> None:
        buffer = b""
        while piece := os.read(0, 65536):
            *lines, buffer = (buffer + piece).split(b"\n")
            for line in lines:
                self._inbox.put(json.loads(line))
        self.files.discard_all()
        os._exit(Cancelled.exit_code)
