"""Modules that Python has compiled and keeps in files, of which a full disk may hold only the beginning.

Python writes such a file in one go and up to 3.12 does not look how much of it was written. What a full disk cut off stays, and each
later import of the module ends in an EOFError, in the middle of a job if it is first needed there.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType
from typing import Any

_get_code, _set_data = SourceFileLoader.get_code, SourceFileLoader.set_data


def keep_whole_modules() -> None:
    """Let this process keep no compiled module that is cut off, and compile those again that it finds cut off."""
    SourceFileLoader.get_code = _code_of  # type: ignore[method-assign, assignment]
    SourceFileLoader.set_data = _keep  # type: ignore[method-assign, assignment]


def _code_of(loader: SourceFileLoader, fullname: str) -> CodeType | None:
    try:
        return _get_code(loader, fullname)
    except EOFError:
        source = loader.get_filename(fullname)
        with suppress(OSError):  # a later import finds it again
            Path(cache_from_source(source)).unlink()
        return loader.source_to_code(loader.get_data(source), source)


def _keep(loader: SourceFileLoader, path: str, data: bytes, **options: Any) -> None:
    _set_data(loader, path, data, **options)
    with suppress(OSError):  # it was not written at all, as in a folder without permission
        if Path(path).stat().st_size < len(data):
            Path(path).unlink()
