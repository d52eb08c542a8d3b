"""Any exception as an error that a user can read."""

from __future__ import annotations

import os
import re
import sys
import traceback

from .errors import DeviceError, HsiError
from .phrases import writing_hint
from .version import VERSION

# Of what a library or the system says, which repeats names of any length.
_MOST_LETTERS = 500
_CHECK_FILE = "Check that it exists, that you may read and write it, and that its disk works and is not full."
_NO_MEMORY = re.compile(r"failed to map segment|cannot allocate memory", re.IGNORECASE)


def as_hsi_error(error: BaseException) -> HsiError:
    """``error`` itself if it is one of the engine's, otherwise one that asks for a report."""
    if isinstance(error, HsiError):
        return error
    detail = " ".join(str(error).split())[:_MOST_LETTERS] or "no message"
    # torch is not imported here, so its errors are known by their names and words.
    if type(error).__name__ == "OutOfMemoryError":
        return DeviceError(
            "The GPU does not have enough memory for this job.",
            code="memory",
            hint="Use smaller batches or patches, less memory for tiles, or device cpu.",
        )
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        return HsiError(
            "The machine does not have enough memory for this job.",
            code="memory",
            hint="Close other programs, or work on a part of the scene.",
        )
    if type(error).__module__.partition(".")[0] in ("rasterio", "pyogrio"):
        return HsiError(
            f"GDAL cannot read or write one of the files of this job ({detail}).",
            code="gdal",
            hint="It may be damaged: check that it opens in a GIS, and copy or download it again.",
        )
    if isinstance(error, OSError):
        return HsiError(
            f"A file or folder of this job cannot be used ({detail}).",
            code="system",
            hint=writing_hint(error, _CHECK_FILE),
        )
    if isinstance(error, ImportError) and _NO_MEMORY.search(str(error)):
        return HsiError(
            f"The memory does not suffice to load a library that the engine needs ({detail}).",
            code="memory",
            hint="Close other programs, or raise the limit on memory (ulimit -v).",
        )
    if isinstance(error, ImportError):
        return HsiError(
            f"A library that the engine needs cannot be loaded ({error}).",
            code="missing_library",
            hint="Reinstall hsi-engine in a clean environment.",
        )
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return HsiError(
            "The system starts no more threads for this job.",
            code="threads",
            hint="Close other programs, or raise the limits on memory and processes (ulimit -v, ulimit -u).",
        )
    if isinstance(error, EOFError) and "marshal" in str(error):
        return HsiError(
            "A module that Python had compiled and kept is incomplete, as happens when the disk is full.",
            code="compiled_modules",
            hint="Make sure that there is space on the disk, and run it again; if it fails again, reinstall hsi-engine.",
        )
    return HsiError(
        f"Something unexpected happened ({type(error).__name__}: {detail}).",
        code="unexpected",
        hint=f"This is a bug in hsi-engine {VERSION}. Report it, with the output of HSI_DEBUG=1.",
    )


def print_traceback(error: BaseException) -> None:
    """Write the traceback to stderr if the environment variable HSI_DEBUG asks for it."""
    if os.environ.get("HSI_DEBUG", "0") not in ("", "0"):
        traceback.print_exception(error, file=sys.stderr)
