"""Outputs that appear whole or not at all.

Every output is written under a hidden temporary name (:mod:`.temporary_files`) in the folder of its target and renamed
when all of them are finished. An exception or a cancel removes the temporary files. A killed process (SIGKILL, power
cut) cannot tidy up: it may leave files whose names begin with ``.tmp-``, which can be deleted, but never a half-written
file under the name of an output.

Several files that belong together (a map, its names, its style) cannot be renamed in one step. The old
files next to the first one are therefore taken away before the first is replaced, so that a process
killed between two renames leaves the new map without its sidecars, never with those of another map.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from ...errors import HsiError, OutputError
from ...phrases import listed, writing_hint
from .output_names import check_folder, check_name, is_folder
from .source_names import file_behind
from .temporary_files import COMPANIONS, files_of_job, longest_prefix

_RASTER_SUFFIXES = (".tif", ".tiff")
# The longest of what follows the names of outputs in those of files next to them: sidecars, checkpoints, SQLite's journal.
_LONGEST_ENDINGS = {".tif": ".aux.xml", ".tiff": ".aux.xml", ".hsimodel": ".checkpoint", ".gpkg": "-journal"}

# Disk full, quota used up, larger than a file may be there.
_NO_ROOM = frozenset(getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name))


def check_output(
    path: str | Path,
    *,
    inputs: Iterable[str | Path] = (),
    overwrite: bool = True,
    suffixes: tuple[str, ...] = (),
) -> Path:
    """Make sure that an output can be written before any work is done for it.

    Parameters
    ----------
    path : the file to be written.
    inputs : files that are read; the output must be none of them, under whatever name.
    overwrite : whether a file of that name may be replaced.
    suffixes : endings that are allowed, such as ``(".tif", ".tiff")``; all of them if empty.

    Returns
    -------
    The absolute path.

    Raises
    ------
    OutputError
        The folder is missing or cannot be written to, the name is too long, the path is a folder, a symbolic link or equals an
        input, the file exists and may not be replaced, or its ending is not allowed.
    """
    target = Path(path).expanduser().absolute()
    if is_folder(target):
        problem = f"Output '{target}' is a folder; a file name is expected."
        raise OutputError(problem, code="is_folder", hint="Add a file name to the path.")
    if suffixes and target.suffix.lower() not in suffixes:
        raise OutputError(
            f"The name of output '{target}' must end in {listed(suffixes, 'or')};"
            f" found {repr(target.suffix) if target.suffix else 'no extension'}.",
            code="suffix",
            hint=f"For example: {target.with_suffix(suffixes[0]).name}",
        )
    check_folder(target)
    check_name(target, _longest_name(target))
    for source in inputs:
        file = Path(source).expanduser()
        if _same_file(target, file_behind(file) or file):
            raise OutputError(
                f"Output '{target}' is also an input ('{source}'); writing it would destroy the input.",
                code="equals_input",
                hint="Choose another name for the output.",
            )
    if target.is_symlink():
        raise OutputError(
            f"Output '{target}' is a symbolic link to '{target.readlink()}'; outputs are not written through links, "
            f"because the files that belong next to them would end up elsewhere.",
            code="link",
            hint="Name the file that the link points to, or remove the link. A link to the whole folder is fine.",
        )
    if not overwrite and target.exists():
        hint = "Choose another name, or allow existing files to be replaced."
        raise OutputError(f"Output '{target}' already exists.", code="exists", hint=hint)
    return target


def check_outputs(
    paths: Iterable[str | Path],
    *,
    inputs: Iterable[str | Path] = (),
    overwrite: bool = True,
    suffixes: tuple[str, ...] = (),
) -> tuple[Path, ...]:
    """:func:`check_output` for several files, which must also differ from one another."""
    inputs = tuple(inputs)
    checked: list[Path] = []
    for path in paths:
        target = check_output(path, inputs=inputs, overwrite=overwrite, suffixes=suffixes)
        if any(_same_file(target, other) for other in checked):
            raise OutputError(
                f"Two outputs have the same name: '{target}'.",
                code="duplicate",
                hint="Give each output its own file name.",
            )
        checked.append(target)
    return tuple(checked)


class StagedOutputs:
    """A set of outputs that are renamed to their final names together, or all removed.

    Use as a context manager. A clean exit renames, in the order in which :meth:`path` was asked; leaving
    through an exception removes everything. Put the main file first and its sidecars after it.
    """

    def __init__(self) -> None:
        # A prefix, so that what GDAL or a style writer puts next to a temporary raster (map.tif.aux.xml,
        # map.qml) already has the temporary name of the sidecar's own target.
        self._files = files_of_job()
        self._prefix = self._files.new_prefix()
        self._staged: dict[Path, Path] = {}

    def path(self, target: str | Path) -> Path:
        """The temporary name under which ``target`` is to be written; the same at every call."""
        final = Path(target).absolute()
        if final not in self._staged:
            temporary = final.with_name(self._prefix + final.name)
            self._staged[final] = temporary
            self._files.add(temporary)
        return self._staged[final]

    def __enter__(self) -> StagedOutputs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        first = next(iter(self._staged), None)
        try:
            if kind is None:
                self._commit()
        finally:
            for temporary in self._staged.values():
                self._files.discard(temporary)
            self._staged.clear()
        if isinstance(error, OSError) and error.errno in _NO_ROOM and first is not None:
            raise OutputError(
                f"Output '{first}' and what belongs to it cannot be written: {error.strerror}.",
                code="write_failed",
                hint=writing_hint(error, "Free some disk space, or choose another folder."),
            ) from error

    def _commit(self) -> None:
        with self._files.lock:
            self._adopt_companions()
            missing = [final for final, temporary in self._staged.items() if not temporary.exists()]
            if missing:
                raise OutputError(f"Output '{missing[0]}' was announced but not written.", code="not_written")
            aside = self._put_aside()
            try:
                for final, temporary in self._staged.items():
                    temporary.replace(final)
            except OSError as error:
                for final, old in aside.items():
                    if not final.exists():
                        old.replace(final)
                raise OutputError(
                    f"Output '{error.filename2 or final}' cannot be replaced: {error.strerror}.",
                    code="locked",
                    hint="Close the programs that have it open, or choose another name.",
                ) from error
            finally:
                for old in aside.values():
                    self._files.discard(old)

    def _adopt_companions(self) -> None:
        """Take along what GDAL wrote next to a temporary raster, such as a CRS that GeoTIFF cannot hold."""
        for final, temporary in tuple(self._staged.items()):
            if final.suffix.lower() in _RASTER_SUFFIXES:
                for companion in COMPANIONS:
                    if Path(f"{temporary}{companion}").exists():
                        self.path(f"{final}{companion}")

    def _put_aside(self) -> dict[Path, Path]:
        """Rename the old files that would not fit a new first file; (old name → temporary name)."""
        stale = [final for final in tuple(self._staged)[1:] if final.exists()]
        for final in self._staged:
            if final.suffix.lower() in _RASTER_SUFFIXES:
                stale += [p for p in map(Path, (f"{final}{c}" for c in COMPANIONS)) if p.exists()]
        aside = {}
        for final in dict.fromkeys(stale):
            old = final.with_name(f"{self._prefix}old-{final.name}")
            self._files.add(old)
            final.replace(old)
            aside[final] = old
        return aside


def sha256_of(path: str | Path) -> str:
    """SHA-256 of a file's bytes in hexadecimal, read piece by piece.

    Raises
    ------
    HsiError
        The file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with Path(path).open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError as error:
        raise HsiError(f"File '{path}' cannot be read: {error.strerror}.", code="unreadable") from error
    return digest.hexdigest()


def _longest_name(target: Path) -> str:
    return f"{longest_prefix()}{target.name}{_LONGEST_ENDINGS.get(target.suffix.lower(), '')}"


def _same_file(a: Path, b: Path) -> bool:
    if a.exists() and b.exists():
        return a.samefile(b)
    return a.resolve() == b.resolve()
