"""Writing the areas of a class map as polygons to a GeoPackage that a GIS opens with the colours of the map."""

from __future__ import annotations

import contextlib
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import write

from ...classes.class_names import one_line
from ...classes.legend import Legend
from ...errors import OutputError
from ...phrases import writing_hint
from ..files.temporary_files import target_of
from .layer_styles import NO_TIME, STYLE_COLUMNS, STYLE_TABLE, add_table, store_style

LAYER, FIELDS = "classes", ("class_id", "class_name", "color", "pixels", "area_m2", "area_ha")
_GEOMETRY = "geom"
_HECTARE_M2 = 10_000
# Polygons that wait to be written together: to open the file for each of them would take most of the time.
_TOGETHER = 20_000


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassAreas:
    """Areas of classes, each (areas,).

    Parameters
    ----------
    values : class values.
    outlines : multipolygons in map coordinates.
    pixels : how many pixels each has.
    areas_m2 : ground that each covers in square metres; NaN if it is not known.
    """

    values: npt.NDArray[np.int64]
    outlines: npt.NDArray[Any]
    pixels: npt.NDArray[np.int64]
    areas_m2: npt.NDArray[np.float64]


class ClassPolygonWriter:
    """Writes areas as they come; the file is complete when the context ends without an error.

    Fields are ``class_id``, ``class_name``, ``color``, ``pixels``, ``area_m2`` and ``area_ha``; the last two are null if areas are
    not known. The same areas give the same bytes.

    Parameters
    ----------
    path : a ``.gpkg``; usually a temporary name of :class:`~hsi_engine.io.files.outputs.StagedOutputs`.
    crs : of the outlines; None if they have none.
    legend : every class that comes.
    qml : style of the layer.

    Raises
    ------
    OutputError : the file cannot be written, here and in all methods.
    """

    def __init__(self, path: Path, *, crs: str | None, legend: Legend, qml: str) -> None:
        self._path, self._crs, self._qml = path, crs, qml
        self._classes = {c.value: (one_line(c.name), c.colour) for c in legend}
        self._waiting: list[ClassAreas] = []
        self._begun = False
        self.written = 0

    def __enter__(self) -> ClassPolygonWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._write_waiting(last=True)
            self._add_style()

    def write(self, areas: ClassAreas) -> None:
        """Write these areas, or keep them until there are more."""
        self._waiting.append(areas)
        if sum(len(part.values) for part in self._waiting) >= _TOGETHER:
            self._write_waiting()

    def _write_waiting(self, *, last: bool = False) -> None:
        waiting, self._waiting = self._waiting, []
        if self._begun and not any(len(part.values) for part in waiting):
            return
        if not waiting and not last:
            return
        values, outlines, pixels, areas_m2 = (
            np.concatenate([getattr(part, name) for part in waiting]) if waiting else np.empty(0, kind)
            for name, kind in (("values", int), ("outlines", object), ("pixels", int), ("areas_m2", float))
        )
        named = [self._classes[value] for value in values.tolist()]
        columns = (
            values.astype(np.int32),
            np.array([name for name, _ in named], object),
            np.array([colour for _, colour in named], object),
            pixels.astype(np.int64),
            areas_m2,
            areas_m2 / _HECTARE_M2,
        )
        with self._as_output_error(), warnings.catch_warnings():
            # A map without CRS has been said to be one; its polygons lie where it lies.
            warnings.filterwarnings("ignore", message="'crs' was not provided")
            write(
                self._path,
                geometry=np.asarray(shapely.to_wkb(outlines), object),
                field_data=list(columns),
                fields=list(FIELDS),
                layer=LAYER,
                driver="GPKG",
                geometry_type="MultiPolygon",
                crs=self._crs,
                append=self._begun,
                # The newest that QGIS 3.22 knows.
                dataset_options={} if self._begun else {"VERSION": "1.2"},
                layer_options={} if self._begun else {"GEOMETRY_NAME": _GEOMETRY},
            )
        self._begun = True
        self.written += len(values)

    def _add_style(self) -> None:
        with self._as_output_error(), closing(sqlite3.connect(self._path)) as database:
            # GDAL is silent about what it could not write while it closed the file.
            (count,) = database.execute(f"SELECT count(*) FROM {LAYER}").fetchone()  # noqa: S608  # nosec B608 - a constant
            if count != self.written:
                raise OSError(f"of {self.written} polygons only {count} were written")
            add_table(database, STYLE_TABLE, STYLE_COLUMNS)
            store_style(database, LAYER, _GEOMETRY, self._qml, "Classes of the map")
            database.execute("UPDATE gpkg_contents SET last_change = ?", (NO_TIME,))
            database.commit()

    @contextlib.contextmanager
    def _as_output_error(self) -> Iterator[None]:
        try:
            yield
        except (DataSourceError, DataLayerError, sqlite3.Error, OSError) as error:
            raise OutputError(
                f"Polygons '{target_of(self._path)}' cannot be written: {error}",
                code="write_failed",
                hint=writing_hint(error, "Free some disk space, or choose another folder."),
            ) from error
