"""Runs a command; ends it and all its children when the other end of standard input is closed.

A killed QGIS closes it too: no installer keeps running in a folder that the next set-up repairs.

    python -I supervise.py COMMAND ARGUMENT…
"""

from __future__ import annotations

import os
import signal
import subprocess  # nosec B404 - runs Pythons and installers, never a shell
import sys
import threading


def end_process_tree(process_id: int) -> None:
    """End the process and its children at once. On POSIX it must lead a separate process group."""
    if sys.platform == "win32":
        taskkill = os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe")  # noqa: PTH118
        command = [taskkill, "/F", "/T", "/PID", str(process_id)]
        subprocess.run(command, capture_output=True, check=False)  # nosec B603 - no input of a user
    else:
        os.killpg(process_id, signal.SIGKILL)


def _end_with_parent() -> None:
    while os.read(0, 4096):
        continue
    end_process_tree(os.getpid())


def main(command: list[str]) -> int:
    """Exit status of the command, 128 + the signal's number if a signal ended it."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    status = subprocess.call(command, stdin=subprocess.DEVNULL)  # nosec B603 - built by the plugin
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
