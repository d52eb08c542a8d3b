"""System calls that fail from now on, as on a disk that breaks or fills: the kernel refuses them (seccomp, Linux)."""

from __future__ import annotations

import ctypes
import platform
import struct
from collections.abc import Sequence

# Numbers of the calls and of the call that installs a filter, and the name of the machine for the kernel.
_MACHINES = {
    "x86_64": (
        0xC000003E,
        317,
        {"read": 0, "pread64": 17, "readv": 19, "preadv": 295, "write": 1, "pwrite64": 18, "writev": 20, "pwritev": 296}
        | {"ftruncate": 77, "fallocate": 285, "fsync": 74, "copy_file_range": 326, "sendfile": 40},
    ),
    "aarch64": (
        0xC00000B7,
        277,
        {"read": 63, "pread64": 67, "readv": 65, "preadv": 69, "write": 64, "pwrite64": 68, "writev": 66, "pwritev": 70}
        | {"ftruncate": 46, "fallocate": 47, "fsync": 82, "copy_file_range": 285, "sendfile": 71},
    ),
}
READS = ("read", "pread64", "readv", "preadv")
WRITES = ("write", "pwrite64", "writev", "pwritev", "ftruncate", "fallocate", "fsync", "copy_file_range", "sendfile")

_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_NR, _ARCH, _FIRST = 0, 4, 16  # places in struct seccomp_data
_NO_NEW_PRIVILEGES, _SET_FILTER, _ALL_THREADS = 38, 1, 1


def are_possible() -> bool:
    """Whether this machine's calls are known here."""
    return platform.system() == "Linux" and platform.machine() in _MACHINES


def fail(names: Sequence[str], number: int, *, only: Sequence[int] = (), but: int = -1) -> None:
    """Let calls of this process, in all its threads, fail with an error number until it ends.

    Parameters
    ----------
    names : of :data:`READS` or :data:`WRITES`.
    number : such as ``errno.EIO``.
    only : descriptors to which this is limited; all of them if empty.
    but : a descriptor that is left alone, if there is no such limit.

    Raises
    ------
    OSError : the kernel takes no filter.
    """
    arch, install, numbers = _MACHINES[platform.machine()]
    calls = [numbers[name] for name in names]
    allow, refuse = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _FAIL | number)
    # Jumps count the lines that are left out.
    program = [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, arch), allow, (_LOAD, 0, 0, _NR)]
    program += [(_EQUAL, len(calls) - i, 0, call) for i, call in enumerate(calls)]
    program += [allow, (_LOAD, 0, 0, _FIRST)]
    if only:
        program += [(_EQUAL, len(only) - i, 0, fd) for i, fd in enumerate(only)]
        program += [allow, refuse]
    else:
        program += [(_EQUAL, 1, 0, but & 0xFFFFFFFF), refuse, allow]
    data = b"".join(struct.pack("=HBBI", *line) for line in program)
    code = ctypes.create_string_buffer(data, len(data))
    filters = struct.pack("@HP", len(program), ctypes.addressof(code))
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if library.syscall(install, _SET_FILTER, _ALL_THREADS, filters):
        raise OSError(ctypes.get_errno(), "seccomp")
