"""The manifest of an output folder: a line of JSON per attempt at a scene, only ever added to.

Each run, and each shard of one, adds to a separate file (``manifest.jsonl``, ``manifest-3-of-20.jsonl``): programs on
several machines never write into one file. Together they are the manifest. A line that was being written when the machine stopped
counts as nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal

from ...errors import MismatchError, OutputError
from ...foreign.json_text import parse_json
from ...phrases import counted, writing_hint
from ...version import VERSION

FORMAT = 1
_NAMES = "manifest*.jsonl"

Status = Literal["done", "failed", "refused"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One attempt at a scene.

    Parameters
    ----------
    scene : as the list of scenes names it.
    status : done; failed: something broke; refused: model or settings do not fit the scene.
    attempt : 1 for the first one in a run.
    seconds : how long it took.
    worker : computer and process.
    output, size, sha256 : the map, its bytes and their checksum; empty and 0 without one.
    code, message, hint : of the error.
    transient : whether another attempt may succeed.
    """

    scene: str
    status: Status
    attempt: int = 1
    seconds: float = 0.0
    worker: str = ""
    output: str = ""
    size: int = 0
    sha256: str = ""
    code: str = ""
    message: str = ""
    hint: str = ""
    transient: bool = False

    @classmethod
    def from_json(cls, data: Any) -> Row:
        """From a line; what a later version added is left out. KeyError, TypeError if it is none."""
        return cls(**{field.name: data[field.name] for field in fields(cls) if field.name in data})


@dataclass(frozen=True, kw_only=True)
class History:
    """What earlier runs noted: the last row of each scene, and sentences on what could not be read."""

    rows: dict[str, Row]
    notes: tuple[str, ...] = ()


def read_history(folder: Path, model_id: str) -> History:
    """The manifest of ``folder``; empty if it has none.

    Raises
    ------
    MismatchError : it is that of another model.
    OutputError : it was written by a newer version, or cannot be read.
    """
    rows: dict[str, Row] = {}
    notes = []
    for file in sorted(folder.glob(_NAMES), key=_age):
        cut = 0
        for line in _lines(file):
            try:
                data = parse_json(line, names_files=True)
                if "manifest" in data:
                    _check_head(data, file, model_id)
                else:
                    row = Row.from_json(data)
                    rows[row.scene] = row
            except (ValueError, TypeError, KeyError):
                cut += 1
        if cut:
            notes.append(
                f"{counted(cut, 'line')} of {file.name} {'was' if cut == 1 else 'were'} cut off when a run was interrupted, and"
                f" {'counts' if cut == 1 else 'count'} as nothing."
            )
    return History(rows=rows, notes=tuple(notes))


class Manifest:
    """The file that one run adds to; a context manager.

    Parameters
    ----------
    shard : name of the part of the work, such as ``3-of-20``; None for a run over all scenes.
    """

    def __init__(self, folder: Path, model_id: str, settings: str, shard: str | None = None) -> None:
        self.path = folder / ("manifest.jsonl" if shard is None else f"manifest-{shard}.jsonl")
        self._head = {
            "manifest": FORMAT,
            "operation": "classify_scenes",
            "engine": VERSION,
            "model": model_id,
            "settings": settings,
        }
        self._file: BinaryIO | None = None

    def __enter__(self) -> Manifest:
        """Raises OutputError if the file cannot be written."""
        try:
            self._file = self.path.open("ab+")
            if self._file.seek(0, os.SEEK_END):
                self._file.seek(-1, os.SEEK_END)
                if self._file.read(1) != b"\n":  # the machine stopped while a line was written
                    self._file.write(b"\n")
            self._write(self._head)
        except OSError as error:
            raise self._failed(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with suppress(OSError):  # of a line that could not be written, which has been reported
                self._file.close()

    def add(self, row: Row) -> None:
        """Note an attempt; it is on the disk when this returns. OutputError if that fails."""
        try:
            self._write(asdict(row))
        except OSError as error:
            raise self._failed(error) from error

    def _write(self, data: dict[str, Any]) -> None:
        if self._file is None:
            raise ValueError("the manifest is not open")
        self._file.write(json.dumps(data, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _failed(self, error: OSError) -> OutputError:
        return OutputError(
            f"The manifest '{self.path}' cannot be written: {error.strerror}.",
            code="write_failed",
            hint=f"{writing_hint(error, 'Free some disk space, or choose another folder.')} Finished maps stay.",
        )


def _lines(file: Path) -> Iterator[bytes]:
    try:
        yield from (line for line in file.read_bytes().split(b"\n") if line.strip())
    except OSError as error:
        raise OutputError(f"The manifest '{file}' cannot be read: {error.strerror}.", code="manifest") from error


def _age(file: Path) -> tuple[float, str]:
    return file.stat().st_mtime, file.name


def _check_head(head: Any, file: Path, model_id: str) -> None:
    if head["manifest"] != FORMAT:
        raise OutputError(
            f"The manifest '{file}' is of version {head['manifest']}, written by hsi-engine {head.get('engine', '?')}; this engine,"
            f" {VERSION}, reads version {FORMAT}.",
            code="manifest_version",
            hint="Update the engine, or choose another output folder.",
        )
    if head["model"] != model_id:
        raise MismatchError(
            f"The folder '{file.parent}' holds maps of another model: its manifest names model {str(head['model'])[:12]}, the given"
            f" one is {model_id[:12]}.",
            code="manifest_model",
            hint="Choose another output folder, or the model that this archive was begun with.",
        )
