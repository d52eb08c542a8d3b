"""A file system of a few kilobytes that really fills up. Linux, as root or where users may have separate mounts."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

_NEW_MOUNTS, _NEW_USER = 0x00020000, 0x10000000
_REMOUNT, _PRIVATE, _RECURSIVE, _DETACH = 32, 1 << 18, 16384, 2


def keep_mounts_apart() -> bool:
    """Give this process mounts that nobody else sees, and that end with it; whether that is possible.

    Call it before there are threads.
    """
    library = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if library.unshare(_NEW_MOUNTS):
        if library.unshare(_NEW_MOUNTS | _NEW_USER):
            return False
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    return not library.mount(None, b"/", None, _PRIVATE | _RECURSIVE, None)


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """Mount a file system with room for ``size`` bytes on a folder while the block runs."""
    _mount(folder, 0, size)
    try:
        yield
    finally:
        ctypes.CDLL(None).umount2(os.fsencode(folder), _DETACH)


def enlarge(folder: Path, size: int) -> None:
    """Give it room for ``size`` bytes; what it holds stays."""
    _mount(folder, _REMOUNT, size)


def _mount(folder: Path, flags: int, size: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", flags, f"size={size}".encode()):
        raise OSError(ctypes.get_errno(), "mount")
