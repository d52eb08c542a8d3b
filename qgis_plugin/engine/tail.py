"""The last of what a process printed, in bounded memory."""

from __future__ import annotations

import threading

_LIMIT = 32 * 1024  # bytes; the end of a long traceback and what led to it


class Tail:
    """Keeps the end of what is added; to be filled from several threads."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._lock = threading.Lock()

    def add(self, data: bytes) -> None:
        with self._lock:
            self._kept += data
            if len(self._kept) > 2 * _LIMIT:
                del self._kept[:-_LIMIT]

    def text(self) -> str:
        """What was kept, without NULs, which would end a message early; at most 32 KiB."""
        with self._lock:
            return self._kept[-_LIMIT:].decode("utf-8", "replace").replace("\0", "").strip()
