"""Reading a class map strip by strip, whatever its size and whoever wrote it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.errors import RasterioError

from ...classes.class_names import name_key
from ...classes.legend import MAX_VALUE, NODATA_VALUE, Legend
from ...errors import LabelError, SceneError
from ...phrases import counted
from ...pixels.window import Window
from ..labels.rasters.classes import read_raster_classes
from ..legends.legend_files import read_legend
from ..rasters.open_raster import gdal_settings, open_raster, resolve_raster_path
from ..rasters.rasterio_values import grid_of, rasterio_window
from .map_writer import quiet_about_georeferencing

_NOT_A_MAP = "Choose the class map, not its confidence or a scene."


class ClassMapReader:
    """A raster of class values, read in windows; use it as a context manager. Values may be stored as real numbers.

    Raises
    ------
    LabelError
        The file is missing, no raster, damaged, or does not hold numbers in a single band.
    """

    def __init__(self, path: str | Path) -> None:
        self._given = path
        self._stack = ExitStack()
        self._file: Any = None
        self.path = Path(path)
        self.nodata_zeros = 0
        """Pixels read so far that hold 0 though the file does not say that this is no data."""
        self.name_of_zero: str | None = None
        """What the map calls the value 0; known after :meth:`legend`."""

    def __enter__(self) -> ClassMapReader:
        with ExitStack() as stack:
            stack.enter_context(reading_class_map(self._given))
            self.path = resolve_raster_path(self._given)
            self._file = stack.enter_context(open_raster(self.path)[0])
            check_class_band(self._file, self.path)
            self.grid = grid_of(self._file)
            self.tags: dict[str, str] = self._file.tags()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def read(self, window: Window) -> npt.NDArray[np.uint16]:
        """Class values (rows, cols) of a window inside the map, 0 if the file has no data, or NaN.

        Raises
        ------
        LabelError : the file is damaged, or a value is not whole or cannot be that of a class.
        """
        within = rasterio_window(window)
        values = self._file.read(1, window=within)
        valid = self._file.read_masks(1, window=within) != 0
        whole = np.ones_like(valid)
        if values.dtype.kind == "f":
            valid &= ~np.isnan(values)
            whole = np.trunc(values) == values
        self.nodata_zeros += int((valid & (values == NODATA_VALUE)).sum())
        values[~valid] = NODATA_VALUE
        self._require(whole | ~valid, values, window, "not_a_class_map", _NOT_A_MAP)
        possible = (values >= 0) & (values <= MAX_VALUE)
        hint = "Declare this value as nodata in the file, or give the class another value."
        self._require(possible, values, window, "class_value", hint)
        found: npt.NDArray[np.uint16] = values.astype(np.uint16)
        return found

    def _require(
        self, possible: npt.NDArray[np.bool_], values: npt.NDArray[Any], window: Window, code: str, hint: str
    ) -> None:
        if possible.all():
            return
        row, col = (int(place[0]) for place in np.nonzero(~possible))
        raise LabelError(
            f"Class map '{self.path}' holds the value {values[row, col]} at row {window.row + row}, column"
            f" {window.col + col}; classes are whole numbers from 1 to {MAX_VALUE}.",
            code=code,
            hint=hint,
        )

    def legend(self, occurring: Iterable[int], given: Path | None = None) -> tuple[Legend, tuple[str, ...]]:
        """The classes of the map: those of its legend, and those of ``occurring`` that the legend lacks.

        A class that does not occur and is named by its value is none: styles may list every value that a byte can have.
        Names and colours come from ``given`` (JSON or ``.qml``), and of classes that it lacks from the ``.aux.xml``, the
        colour table and the QGIS style next to the map, in this order.

        Returns
        -------
        The legend, and notes on what it lacks.
        """
        present = set(occurring)
        names, colours, notes = self._own_classes(present)
        if given is not None:
            legend, lacking = with_classes_of_map(read_legend(given), present, names, colours)
            names, colours = {c.value: c.name for c in legend}, {c.value: c.colour for c in legend}
            notes = list(lacking)
        missing = sorted(present - names.keys())
        if missing and names:
            listed = ", ".join(map(str, missing))
            notes.append(
                f"The legend lacks class values {listed}, which occur in the map; they are named by their value."
            )
        names |= {value: str(value) for value in missing}
        names = {value: name for value, name in names.items() if value in present or name != str(value)}
        return Legend.of(names, {value: colour for value, colour in colours.items() if value in names}), tuple(notes)

    def _own_classes(self, occurring: set[int]) -> tuple[dict[int, str], dict[int, str], list[str]]:
        classes = read_raster_classes(self._file, self.path, sorted(occurring))
        self.name_of_zero = classes.names.get(NODATA_VALUE)
        names = {value: name for value, name in classes.names.items() if value != NODATA_VALUE}
        # A colour table has an entry for every possible value: the classes are those that occur.
        colours = {v: colour for v, colour in classes.colours.items() if v in names.keys() | occurring}
        # Where the names of a map come from goes without saying; what is wrong with them does not.
        return names, colours, [note for note in classes.notes if " come from " not in note]


def with_classes_of_map(
    given: Legend, occurring: Iterable[int], names: Mapping[int, str], colours: Mapping[int, str]
) -> tuple[Legend, tuple[str, ...]]:
    """A given legend with the classes that it lacks and the map holds.

    Parameters
    ----------
    occurring : class values in the map.
    names, colours : of the map itself, by value. A name that the legend gives to another class is not used.

    Returns
    -------
    The legend, in which what has no name is named by its value, and a note on what was lacking.
    """
    own, taken = {c.value: c.name for c in given}, {name_key(c.name) for c in given}
    missing = sorted(set(occurring) - own.keys() - {NODATA_VALUE})
    if not missing:
        return given, ()
    added = {v: str(v) if name_key(names.get(v, "")) in taken else names.get(v, str(v)) for v in missing}
    kept = {v: colours[v] for v in missing if v in colours} | {c.value: c.colour for c in given}
    listed = ", ".join(map(str, missing))
    note = f"The given legend lacks class values {listed}; their names and colours come from the map, if it has any."
    return Legend.of(own | added, kept), (note,)


@contextlib.contextmanager
def reading_class_map(path: str | Path) -> Iterator[None]:
    """What goes wrong with the file of a class map, in the words for one.

    Raises
    ------
    LabelError : in place of whatever rasterio, GDAL or this package raises about the file.
    """
    try:
        with gdal_settings(), quiet_about_georeferencing():
            yield
    except SceneError as error:
        code = error.code.partition(".")[2]
        hint = "A class map is a raster; polygons can be its reference." if code == "not_a_raster" else error.hint
        raise LabelError(f"The class map cannot be read: {error.message}", code=code, hint=hint) from error
    except RasterioError as error:
        raise LabelError(
            f"Class map '{path}' cannot be read: {str(error.__cause__ or error).rstrip('.')}.",
            code="unreadable",
            hint="The file is truncated or damaged; copy it again.",
        ) from error


def check_class_band(file: Any, path: Path) -> None:
    """Make sure that an open raster holds numbers in a single band, of which reading sees that they are whole.

    Raises
    ------
    LabelError : it does not.
    """
    if file.count != 1 or np.dtype(file.dtypes[0]).kind not in "iuf":
        raise LabelError(
            f"Class map '{path}' must hold one band of whole numbers;"
            f" found {counted(file.count, 'band')} of type {file.dtypes[0]}.",
            code="not_a_class_map",
            hint=_NOT_A_MAP,
        )
