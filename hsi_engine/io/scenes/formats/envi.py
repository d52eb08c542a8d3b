"""ENVI files: described by GDAL, their pixels read without it.

GDAL reads ENVI files interleaved by pixel one band at a time, which costs as many passes over the file as there
are bands, fills what a short file lacks with zeros, and takes a compressed file for raw numbers if the header
forgets to say so. The header itself and masks are left to GDAL.
"""

from __future__ import annotations

import gzip
import math
import shutil
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from ....errors import SceneError
from ....foreign.numbers import whole_number
from ....foreign.text import shown
from ....pixels.grid import Grid
from ....pixels.window import Window
from ...files.source_names import is_gdal_name
from ...rasters.band_tags import normal_keys
from ...rasters.envi_headers import headers_of
from ...rasters.envi_pairs import read_header
from ...rasters.open_raster import TIFF_MAGIC, gdal_settings, open_raster, resolve_raster_path
from ..source import Scene, SceneFormat
from . import gdal
from .cubes.placing import envi_transform, pixels_apart
from .gdal_pixels import GdalPixels

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 22
# Difference of two places, in pixels, that is worth a note.
_APART_PX = 0.25
# Position of (bands, rows, cols) among the axes of the file, slowest first.
_AXES = {"bsq": (0, 1, 2), "bil": (1, 0, 2), "bip": (2, 0, 1)}


@dataclass(frozen=True, kw_only=True)
class EnviLayout:
    """Where the numbers of an ENVI file lie.

    Parameters
    ----------
    path : the data file.
    shape : (bands, rows, cols).
    dtype : of one number, byte order included.
    interleave : ``bsq``, ``bil`` or ``bip``.
    offset : bytes before the first number.
    compressed : the data file is gzip-compressed.
    """

    path: Path
    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    interleave: str
    offset: int
    compressed: bool

    @classmethod
    def of(cls, path: Path, shape: tuple[int, int, int], dtype: str, header: Mapping[str, str]) -> EnviLayout:
        """Complete what GDAL reports (shape and data type) from the header, keys in lower case with underscores."""
        interleave = header.get("interleave", "").strip().lower()
        stated = header.get("header_offset", "0").strip()
        offset = whole_number(stated)
        if offset is None or offset < 0:
            raise SceneError(
                f"The header of {path} states {shown(stated)!r} as header offset; a whole number of bytes is expected.",
                code="envi_header",
                hint="Correct the header; most files need 'header offset = 0'.",
            )
        return cls(
            path=path,
            shape=shape,
            dtype=np.dtype(dtype).newbyteorder(">" if header.get("byte_order", "0").strip() == "1" else "<"),
            interleave=interleave if interleave in _AXES else "bsq",  # as GDAL takes it
            offset=offset,
            compressed=header.get("file_compression", "0").strip() == "1",
        )

    @property
    def expected_bytes(self) -> int:
        """Size of the (uncompressed) data file."""
        return self.offset + math.prod(self.shape) * self.dtype.itemsize

    @property
    def excess_bytes(self) -> int:
        """How many bytes more than expected an uncompressed data file has; a sign of a wrong header."""
        return 0 if self.compressed else max(0, self.path.stat().st_size - self.expected_bytes)

    def check(self) -> None:
        """Raise SceneError if header and data file do not fit together."""
        with self.path.open("rb") as file:
            looks_compressed = file.read(2) == _GZIP_MAGIC
        size = self.path.stat().st_size
        if self.compressed and not looks_compressed:
            raise SceneError(
                f"The header of {self.path} says that the data are compressed, but the file is not in gzip format.",
                code="envi_compression",
                hint="Set 'file compression = 0' in the header if the data are not compressed.",
            )
        if not self.compressed and looks_compressed and size != self.expected_bytes:
            raise SceneError(
                f"{self.path} is gzip-compressed, but its header does not say so.",
                code="envi_compression",
                hint="Add the line 'file compression = 1' to the header, or uncompress the data file.",
            )
        if not self.compressed:
            self._check_size(size)

    def _check_size(self, size: int) -> None:
        if size < self.expected_bytes:
            bands, rows, cols = self.shape
            raise SceneError(
                f"{self.path} is truncated: the header promises {bands} bands of {rows}×{cols} pixels,"
                f" {self.expected_bytes} bytes in all; the data hold {size}.",
                code="truncated",
                hint="Copy or download the data file again, or correct the header.",
            )

    def uncompressed(self) -> IO[bytes]:
        """An unnamed temporary file with the uncompressed data.

        Raises
        ------
        SceneError : the data are damaged or too few, or there is not enough space for them.
        """
        free = shutil.disk_usage(tempfile.gettempdir()).free
        if free < self.expected_bytes:
            raise SceneError(
                f"Uncompressing {self.path} needs {self.expected_bytes} bytes in {tempfile.gettempdir()};"
                f" {free} are free.",
                code="no_space",
                hint="Free some space, set TMPDIR to a larger disk, or uncompress the data file yourself.",
            )
        with ExitStack() as stack:
            target: IO[bytes] = stack.enter_context(tempfile.TemporaryFile(prefix="hsi_"))
            try:
                with gzip.open(self.path, "rb") as source:
                    # No more than the header promises: a few kB may uncompress to a disk full of zeros.
                    while (missing := self.expected_bytes - target.tell()) > 0 and (
                        part := source.read(min(_CHUNK, missing))
                    ):
                        target.write(part)
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                raise SceneError(
                    f"{self.path} is truncated or damaged: uncompressing it failed ({error}).",
                    code="truncated",
                    hint="Copy or download the data file again.",
                ) from error
            target.flush()
            self._check_size(target.tell())
            stack.pop_all()  # the caller closes it
        return target


class EnviPixels:
    """The open data file. A compressed one is uncompressed once, into a file that ends with the process.

    See :class:`hsi_engine.io.scenes.source.PixelSource`.
    """

    def __init__(self, scene: Scene) -> None:
        layout: EnviLayout = scene.source
        layout.check()
        self._layout = layout
        with ExitStack() as stack:
            self._by_gdal = GdalPixels(scene)
            stack.callback(self._by_gdal.close)
            self._file = layout.uncompressed() if layout.compressed else layout.path.open("rb")
            stack.pop_all()  # all is open; from here on close() answers for it

    def close(self) -> None:
        """Close the data file; a temporary one is gone then."""
        self._file.close()
        self._by_gdal.close()

    def mask(self, window: Window, bands: Sequence[int]) -> npt.NDArray[np.bool_] | None:
        return self._by_gdal.mask(window, bands)

    def read(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        """Numbers as stored in the file, native byte order, shape (bands, rows, cols).

        In memory, bands are the axis that changes fastest if that is so in the file, which saves reordering. The
        array may be a view of the file.
        """
        layout = self._layout
        order = _AXES[layout.interleave]
        in_file = tuple(layout.shape[order.index(axis)] for axis in range(3))
        # Mapped again for each window, so that the pages of earlier ones do not count as memory in use.
        mapped = np.memmap(self._file, dtype=layout.dtype, mode="r", offset=layout.offset, shape=in_file)
        cut = (slice(None), *window.slices())
        cube = mapped[tuple(cut[order.index(axis)] for axis in range(3))]
        chosen = np.asarray(bands)
        if len(bands) == int(chosen[-1]) - int(chosen[0]) + 1 and bool((np.diff(chosen) == 1).all()):
            cube = cube.transpose(order)[int(chosen[0]) : int(chosen[-1]) + 1]
        else:
            cube = cube.take(chosen, axis=order[0]).transpose(order)
        by_pixel = layout.interleave == "bip"
        return np.asarray(cube, dtype=layout.dtype.newbyteorder("="), order="K" if by_pixel else "C")


def recognises(path: Path) -> bool:
    """Whether GDAL takes a file, or the data file of a header, for ENVI."""
    if is_gdal_name(path):
        return False
    try:
        path = resolve_raster_path(path)
        with path.open("rb") as file:
            if file.read(4) in TIFF_MAGIC:  # most scenes; their names and headers say no more
                return False
        with gdal_settings(), open_raster(path)[0] as dataset:
            return bool(dataset.driver == "ENVI")
    except (SceneError, OSError):  # GDAL's to say
        return False


def describe(path: Path, *, bands_stated_elsewhere: bool = False) -> Scene:
    """Describe an ENVI file, and where its numbers lie.

    ``bands_stated_elsewhere`` as in :func:`.gdal.describe_dataset`.

    Raises
    ------
    SceneError : header and data file do not fit together.
    """
    path = resolve_raster_path(path)
    with gdal_settings():
        dataset, messages = open_raster(path)
        with dataset:
            scene = gdal.describe_dataset(dataset, messages, path, bands_stated_elsewhere=bands_stated_elsewhere)
            header = normal_keys(dataset.tags(ns="ENVI"))
    layout = EnviLayout.of(path, (len(scene.bands), *scene.grid.shape), scene.dtype, header)
    layout.check()
    return replace(
        scene, source=layout, warnings=(*scene.warnings, *_turned_notes(scene.grid, path), *_storage_notes(layout))
    )


def _turned_notes(grid: Grid, data: Path) -> tuple[str, ...]:
    """Where GDAL takes a rotated grid for another one.

    GDAL knows ``rotation=`` without blanks and in small letters only, and turns about the upper left corner, not about the
    reference pixel. 180 it writes itself, for rows that go up: none of ENVI's turns.
    """
    header = next((read_header(header) for header in headers_of(data)), {})
    stated = envi_transform(header.get("map_info", ""))  # which GDAL keeps to itself
    if stated is None or not grid.is_georeferenced:
        return ()
    transform, entries = stated
    turned = next((entry for entry in entries if entry.lower().startswith("rotation")), "")
    is_half_turn = math.isclose(abs(transform.d), 0.0, abs_tol=1e-9 * abs(transform.a)) and transform.a < 0
    apart = pixels_apart(grid, transform)
    if not turned or is_half_turn or apart <= _APART_PX:
        return ()
    return (
        f"The header turns the grid ({turned}) in a way that GDAL, and with it QGIS, does not read: they show the scene up to"
        f" {apart:.2g} pixels away from its place in the header, and the map lies there too. In 'map info' of the header, write rotation= in"
        " small letters and without blanks, and give the place of pixel 1, 1.",
    )


def _storage_notes(layout: EnviLayout) -> tuple[str, ...]:
    if layout.compressed:
        return (
            "The data file is compressed as a whole: it is uncompressed into a temporary file each time it is"
            f" opened ({layout.expected_bytes / 1e6:.0f} MB). Uncompress it to save time.",
        )
    if layout.excess_bytes:
        return (
            f"The data file is {layout.excess_bytes} bytes longer than its header says; check size and data type in it.",
        )
    return ()


ENVI = SceneFormat(name="envi", recognises=recognises, describe=describe, open=EnviPixels)
