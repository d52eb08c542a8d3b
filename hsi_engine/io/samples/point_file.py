"""Writing a GeoPackage with one layer to be labelled, tables behind it, and the style that QGIS opens it with."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
from pyogrio.errors import DataLayerError, DataSourceError

from ...errors import OutputError
from ...phrases import writing_hint
from ..files.temporary_files import target_of
from ..vectors.layer_styles import NO_TIME, add_table, store_style
from .layout import GEOMETRY_COLUMN


@dataclass(frozen=True, kw_only=True, eq=False)
class PointFile:
    """What such a file holds.

    Parameters
    ----------
    layer : its name.
    columns : of the layer by their names, in order, each (points,).
    geometries : shapely geometries, (points,), all of ``geometry_type``.
    crs : of the geometries; None if they have none.
    tables : definition of the columns of each table by its name, ``layer_styles`` among them.
    rows : of the tables other than ``layer_styles``, by its name.
    qml : style of the layer.
    style_description : what QGIS shows of the style.
    """

    layer: str
    columns: Mapping[str, npt.NDArray[Any] | Sequence[Any]]
    geometries: Sequence[Any]
    crs: str | None
    tables: Mapping[str, str]
    rows: Mapping[str, Sequence[tuple[Any, ...]]]
    qml: str
    style_description: str
    geometry_type: str = "Point"


def write_point_file(path: Path, content: PointFile, what: str) -> None:
    """Write the file; the same content gives the same bytes.

    Parameters
    ----------
    path : a ``.gpkg``; usually a temporary name of :class:`~hsi_engine.io.files.outputs.StagedOutputs`.
    what : what the points are called in messages, with a capital: "Reference points".

    Raises
    ------
    OutputError : the file cannot be written.
    """
    try:
        _write_layer(path, content)
        with closing(sqlite3.connect(path)) as database:
            # GDAL is silent about what it could not write while it closed the file.
            written = _count(database, content.layer)
            if written != len(content.geometries):
                raise OSError(f"of {len(content.geometries)} points only {written} were written")
            _write_tables(database, content)
            database.execute("UPDATE gpkg_contents SET last_change = ?", (NO_TIME,))
            database.commit()
            database.execute("VACUUM")
    except (DataSourceError, DataLayerError, sqlite3.Error, OSError) as error:
        raise OutputError(
            f"{what} '{target_of(path)}' cannot be written: {error}",
            code="write_failed",
            hint=writing_hint(error, "Free some disk space, or choose another folder."),
        ) from error


def texts(values: Sequence[str | None]) -> npt.NDArray[Any]:
    """A column of text, also if all of it is empty."""
    return np.array(list(values), dtype=object)


def _write_layer(path: Path, content: PointFile) -> None:
    frame = geopandas.GeoDataFrame(dict(content.columns), geometry=list(content.geometries), crs=content.crs)
    with warnings.catch_warnings():
        # A map without CRS has been said to be one; its points lie where it lies.
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        frame.to_file(
            path,
            driver="GPKG",
            layer=content.layer,
            engine="pyogrio",
            geometry_type=content.geometry_type,
            layer_options={"GEOMETRY_NAME": GEOMETRY_COLUMN},
        )


def _count(database: sqlite3.Connection, layer: str) -> int:
    # The names of layers are constants.
    (count,) = database.execute(f"SELECT count(*) FROM {layer}").fetchone()  # noqa: S608  # nosec B608 - see above
    return int(count)


def _write_tables(database: sqlite3.Connection, content: PointFile) -> None:
    for name, columns in content.tables.items():
        add_table(database, name, columns)
    for name, rows in content.rows.items():
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            # The names of tables are constants.
            database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)  # noqa: S608  # nosec B608 - see above
    store_style(database, content.layer, GEOMETRY_COLUMN, content.qml, content.style_description)
