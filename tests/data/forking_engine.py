"""Workers that are forked from one process that has imported the engine, in place of a new Python for each.

A new worker computes for four seconds before its job begins, most of them in imports, and the tests start hundreds. Here
:class:`ForkingEngine` runs this file with the engine's Python. That process imports what jobs need and forks; what a
fork runs, what it reads and what it writes are the same. Tests of how the worker itself starts and ends keep the real one.
"""

from __future__ import annotations

import importlib
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

_PRELOADED = [
    "geopandas",
    "hsi_engine.io.labels.vector_labels",
    "hsi_engine.models.estimators.linear",
    "hsi_engine.operations.classify_scene.run",
    "hsi_engine.operations.train_and_classify.run",
    "hsi_engine.report.figures.training",
    "hsi_engine.report.html",
    "hsi_engine.worker",
    "pyogrio",
    "sklearn.ensemble",
    "sklearn.svm",
    "spectral",
]
_PIPES = 4  # stdin, stdout, stderr of the worker, and what becomes of it


class ForkingEngine:
    """Starts workers of one Python with one environment."""

    def __init__(self, python: Path, variables: dict[str, str], folder: Path) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [str(python), __file__]
            self._process = subprocess.Popen(command, stdin=theirs, env=variables, cwd=folder)
        self._socket = ours

    def start(self, variables: dict[str, str]) -> ForkedWorker:
        """A worker in that environment."""
        stdin, *others = [os.pipe() for _ in range(_PIPES)]
        inner = [stdin[0], *(write for _, write in others)]
        outer = [stdin[1], *(read for read, _ in others)]
        changed = "\0".join(f"{name}={value}" for name, value in variables.items())
        socket.send_fds(self._socket, [changed.encode(errors="surrogateescape")], inner)
        for descriptor in inner:
            os.close(descriptor)
        return ForkedWorker(*outer)

    def close(self) -> None:
        """End the process; it ends by itself when this one has gone."""
        self._socket.close()
        self._process.wait(10)


class ForkedWorker:
    """As much of :class:`subprocess.Popen` as the plugin uses."""

    def __init__(self, stdin: int, stdout: int, stderr: int, ending: int) -> None:
        self.stdin = os.fdopen(stdin, "wb", 0)
        self.stdout = os.fdopen(stdout, "rb")
        self.stderr = os.fdopen(stderr, "rb")
        self._ending = os.fdopen(ending, "rb", 0)
        self.pid = int(self._ending.readline())
        self._exit_code: int | None = None

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        return self._wait(0)

    def wait(self, timeout: float) -> int:
        """The exit code, once it has ended."""
        exit_code = self._wait(timeout)
        if exit_code is None:
            raise subprocess.TimeoutExpired("forked worker", timeout)
        return exit_code

    def _wait(self, timeout: float) -> int | None:
        if self._exit_code is None and select.select([self._ending], [], [], timeout)[0]:
            self._exit_code = int(self._ending.readline())
            self._ending.close()
        return self._exit_code


def serve(requests: socket.socket) -> None:
    """Fork a process for each request, until there is nobody to make one."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how the processes between have ended
    while True:
        variables, descriptors, _, _ = socket.recv_fds(requests, 1 << 20, _PIPES)
        if not descriptors:
            return
        if os.fork() == 0:
            requests.close()
            _run_and_tell(variables, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _run_and_tell(variables: bytes, descriptors: list[int]) -> None:
    *streams, ending = descriptors
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    worker = os.fork()
    if worker == 0:
        os.close(ending)
        os.setsid()
        for target, descriptor in enumerate(streams):
            os.dup2(descriptor, target)
            os.close(descriptor)
        os.environ.clear()
        for pair in variables.decode(errors="surrogateescape").split("\0"):
            name, _, value = pair.partition("=")
            os.environ[name] = value
        from hsi_engine.worker import main

        sys.exit(main())
    for descriptor in streams:
        os.close(descriptor)
    os.close(0)
    os.write(ending, f"{worker}\n".encode())
    _, status = os.waitpid(worker, 0)
    os.write(ending, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    for module in _PRELOADED:
        importlib.import_module(module)
    serve(socket.socket(fileno=os.dup(0)))
    os._exit(0)  # torch takes its time to end
