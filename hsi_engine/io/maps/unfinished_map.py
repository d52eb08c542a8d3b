"""What an interrupted mapping leaves, so that another one resumes from it: the finished tiles and a list of them.

``map.tif.unfinished`` is a folder next to the map to be. It holds a file of plain numbers for each raster
(:mod:`hsi_engine.io.maps.pixel_file`) and the journal: lines of JSON, first the fingerprint of the job, then one line a
finished tile with what was counted in it. A tile is noted only after its pixels are on the disk, so that at whatever
moment the process or the machine stops, each noted tile is there as a whole; of a line that was being written only the
beginning may be there, and counts as nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import MismatchError, OutputError
from ...foreign.json_text import parse_json
from ...phrases import writing_hint
from ...pixels.window import Window

_JOURNAL, _NEW_JOURNAL = "journal", "journal.new"
_PIXELS = ".pixels"


@dataclass(frozen=True, kw_only=True)
class FinishedTile:
    """A tile whose pixels are written.

    Parameters
    ----------
    window : its pixels.
    class_pixels : number of pixels by class index.
    nodata_pixels : number of pixels without data.
    smoothed_pixels : number of pixels that have another class than without smoothing.
    not_finite_pixels : number of pixels with data whose scores are not finite; they have no class.
    tallies : what else was counted, by the name of the raster it is of.
    """

    window: Window
    class_pixels: tuple[int, ...]
    nodata_pixels: int
    smoothed_pixels: int = 0
    not_finite_pixels: int = 0
    tallies: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def to_json(self) -> list[Any]:
        window = self.window
        place = [window.row, window.col, window.height, window.width]
        tallies = {name: list(counts) for name, counts in self.tallies.items()}
        counts = [self.nodata_pixels, self.smoothed_pixels, self.not_finite_pixels]
        return [place, list(self.class_pixels), *counts, tallies]

    @classmethod
    def from_json(cls, data: Any) -> FinishedTile:
        """From a line of the journal. ValueError if it is not that of a tile."""
        try:
            place, class_pixels, nodata_pixels, smoothed_pixels, not_finite_pixels, tallies = data
            row, col, height, width = place
            of_products = {str(name): tuple(counts) for name, counts in tallies.items()}
            counted = (
                *place,
                *class_pixels,
                nodata_pixels,
                smoothed_pixels,
                not_finite_pixels,
                *chain.from_iterable(of_products.values()),
            )
        except (TypeError, AttributeError) as error:
            raise ValueError(f"not a tile: {error}") from error
        if not all(type(number) is int and number >= 0 for number in counted) or not height * width:
            raise ValueError("the numbers of a tile are whole and not negative")
        return cls(
            window=Window(row=row, col=col, height=height, width=width),
            class_pixels=tuple(class_pixels),
            nodata_pixels=nodata_pixels,
            smoothed_pixels=smoothed_pixels,
            not_finite_pixels=not_finite_pixels,
            tallies=of_products,
        )


class UnfinishedMap:
    """The folder of one map while it is made.

    Parameters
    ----------
    output : the map.
    rasters : names of the rasters that are made.
    fingerprint : what decides their pixels, as JSON values by name; only a job with the same ones may continue.

    Attributes
    ----------
    path : the folder.
    """

    def __init__(self, output: Path, rasters: Sequence[str], fingerprint: dict[str, Any]) -> None:
        self.path = output.with_name(output.name + ".unfinished")
        self._rasters = tuple(rasters)
        self._fingerprint = {"rasters": self._rasters, **fingerprint}
        self._journal: BinaryIO | None = None
        self._written: list[FinishedTile] = []

    @property
    def kept_message(self) -> str:
        """The message of a job that ends early."""
        return (
            f"The finished tiles are kept in {self.path.name}: run it again with Resume to continue, or delete that "
            f"folder."
        )

    def pixels(self, name: str) -> Path:
        """The file that gathers the pixels of one of the rasters."""
        return self.path / f"{name}{_PIXELS}"

    def finished(self, shape: tuple[int, int], n_classes: int) -> list[FinishedTile]:
        """The tiles that earlier jobs finished, in their order; none if there is no such folder.

        Parameters
        ----------
        shape : (rows, cols) of the map.
        n_classes : of the model.

        Raises
        ------
        MismatchError : the folder was left by a job of another kind.
        OutputError : it is damaged, or cannot be read.
        """
        try:
            lines = (self.path / _JOURNAL).read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._failed(error) from error
        try:
            self._require_same_job(parse_json(lines[0]))
        except ValueError as error:
            raise self._damaged("its journal has no head") from error
        tiles = []
        for number, line in enumerate(lines[1:], start=2):
            try:
                data = parse_json(line)
            except ValueError:  # the machine stopped while it was written
                break
            tiles.append(self._tile(data, number, shape, n_classes))
        missing = [file.name for file in map(self.pixels, self._rasters) if not file.is_file()]
        if tiles and missing:
            raise self._damaged(f"{missing[0]} is missing")
        return tiles

    def begin(self, tiles: Iterable[FinishedTile]) -> None:
        """Make the folder if there is none yet, and a journal of ``tiles``, to which others will be added.

        Raises
        ------
        OutputError : it cannot be written.
        """
        partial = self.path / _NEW_JOURNAL
        try:
            self.path.mkdir(exist_ok=True)
            with partial.open("wb") as file:
                file.writelines(map(_line, [self._fingerprint, *(tile.to_json() for tile in tiles)]))
                _sync(file)
            partial.replace(self.path / _JOURNAL)
            self._journal = (self.path / _JOURNAL).open("ab")
        except OSError as error:
            raise self._failed(error) from error

    def add(self, tile: FinishedTile) -> None:
        """The pixels of a tile were written; :meth:`save` will note it."""
        self._written.append(tile)

    def save(self, sync_pixels: Callable[[], None]) -> None:
        """Note the tiles that were added, after ``sync_pixels`` has brought what is written to the disk.

        Raises
        ------
        OutputError : the journal cannot be written, for example because the disk is full.
        """
        if self._journal is None or not self._written:
            return
        sync_pixels()
        try:
            self._journal.writelines(_line(tile.to_json()) for tile in self._written)
            _sync(self._journal)
        except OSError as error:
            raise self._failed(error) from error
        self._written.clear()

    def close(self) -> None:
        """Close the journal; the folder stays."""
        if self._journal is not None:
            with suppress(OSError):  # of lines that could not be written, which has been reported
                self._journal.close()
            self._journal = None

    def remove(self) -> None:
        """Remove the folder after :meth:`close`. Any other file in it stays, and so does the folder.

        Raises
        ------
        OSError : it cannot be removed.
        """
        if not self.path.is_dir():
            return
        for file in (self.path / _JOURNAL, self.path / _NEW_JOURNAL, *self.path.glob(f"*{_PIXELS}")):
            file.unlink(missing_ok=True)
        self.path.rmdir()

    def _require_same_job(self, found: Any) -> None:
        expected = json.loads(_line(self._fingerprint))
        if not isinstance(found, dict):
            raise ValueError("the head of a journal is an object")
        names = [k for k in {**expected, **found} if expected.get(k) != found.get(k)]
        if names:
            changes = "; ".join(f"{k} was {found.get(k)!r} and is {expected.get(k)!r}" for k in names)
            raise MismatchError(
                f"The finished tiles in {self.path} belong to another job: {changes}.",
                code="unfinished_map",
                hint="Use the same inputs and settings, or delete that folder to start again.",
            )

    def _tile(self, data: Any, number: int, shape: tuple[int, int], n_classes: int) -> FinishedTile:
        """The tile of a whole line; OutputError if it is not one of this map, which no interruption brings about."""
        try:
            tile = FinishedTile.from_json(data)
        except ValueError as error:
            raise self._damaged(f"line {number} of its journal is not that of a tile") from error
        if tile.window.row_end > shape[0] or tile.window.col_end > shape[1] or len(tile.class_pixels) != n_classes:
            raise self._damaged(f"line {number} of its journal is not that of a tile of this map")
        return tile

    def _damaged(self, reason: str) -> OutputError:
        return OutputError(
            f"The finished tiles in {self.path} are damaged: {reason}.",
            code="unfinished_damaged",
            hint="Delete that folder and run it again.",
        )

    def _failed(self, error: OSError) -> OutputError:
        return OutputError(
            f"The folder of finished tiles '{self.path}' cannot be used: {error.strerror}.",
            code="write_failed",
            hint=writing_hint(error, "Free some disk space, or choose another folder for the map."),
        )


def _line(data: Any) -> bytes:
    return json.dumps(data).encode() + b"\n"


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
