"""Writing reference points to a GeoPackage that opens in QGIS ready to be labelled."""

from __future__ import annotations

import json
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path

import geopandas
import numpy as np
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from ...errors import OutputError
from ..files.temporary_files import target_of
from .form_style import points_qml
from .layout import FIELDS, FORMAT_VERSION, GEOMETRY_COLUMN, POINTS, TABLES
from .reference_sample import ReferenceSample, SampleDesign

# Stands for the time of writing, so that the same sample gives the same file.
_NO_TIME = "2000-01-01T00:00:00.000Z"


def write_reference_sample(path: Path, sample: ReferenceSample) -> None:
    """Write the file with all its tables; the same sample gives the same bytes.

    Parameters
    ----------
    path : a ``.gpkg``; usually a temporary name of :class:`~hsi_engine.io.files.outputs.StagedOutputs`.

    Raises
    ------
    OutputError : the file cannot be written.
    """
    try:
        _write_points(path, sample)
        with closing(sqlite3.connect(path)) as database:
            # GDAL is silent about what it could not write while it closed the file.
            (written,) = database.execute("SELECT count(*) FROM reference_points").fetchone()
            if written != len(sample):
                raise OSError(f"of {len(sample)} points only {written} were written")
            _write_tables(database, sample)
            database.execute("UPDATE gpkg_contents SET last_change = ?", (_NO_TIME,))
            database.commit()
            database.execute("VACUUM")
    except (DataSourceError, DataLayerError, sqlite3.Error, OSError) as error:
        raise OutputError(
            f"Reference points '{target_of(path)}' cannot be written: {error}",
            code="write_failed",
            hint="Free some disk space, or choose another folder.",
        ) from error


def _write_points(path: Path, sample: ReferenceSample) -> None:
    columns = (
        sample.point_ids,
        list(sample.strata),
        sample.inclusion_probability,
        *(np.array(list(texts), dtype=object) for texts in (sample.reference, sample.certainty, sample.comment)),
    )
    frame = geopandas.GeoDataFrame(
        dict(zip(FIELDS, columns, strict=True)), geometry=list(shapely.points(sample.xy)), crs=sample.design.grid.crs
    )
    with warnings.catch_warnings():
        # A map without CRS has been said to be one; its points lie where it lies.
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        frame.to_file(
            path,
            driver="GPKG",
            layer=POINTS,
            engine="pyogrio",
            geometry_type="Point",
            layer_options={"GEOMETRY_NAME": GEOMETRY_COLUMN},
        )


def _write_tables(database: sqlite3.Connection, sample: ReferenceSample) -> None:
    for name, columns in TABLES.items():
        database.execute(f"CREATE TABLE {name} ({columns})")
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)", (name, name)
        )
    areas = [None if np.isnan(area) else float(area) for area in sample.pixel_area_m2]
    database.executemany(
        "INSERT INTO map_classes VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        zip(
            sample.point_ids.tolist(),
            sample.map_values.tolist(),
            sample.map_classes,
            sample.rows.tolist(),
            sample.cols.tolist(),
            areas,
            sample.strata,
            sample.inclusion_probability.tolist(),
            strict=True,
        ),
    )
    database.executemany(
        "INSERT INTO strata VALUES (?, ?, ?, ?, ?, ?)",
        [(i, s.name, s.pixels, s.candidates, s.area_m2, s.points) for i, s in enumerate(sample.all_strata, start=1)],
    )
    database.executemany(
        "INSERT INTO design VALUES (?, ?, ?)",
        [(number, *item) for number, item in enumerate(design_texts(sample.design).items(), start=1)],
    )
    database.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,"
        " styleSLD, useAsDefault, description, owner, update_time) VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', ?)",
        (POINTS, GEOMETRY_COLUMN, POINTS, points_qml(sample.design.legend), "Points to be labelled", _NO_TIME),
    )


def design_texts(design: SampleDesign) -> dict[str, str]:
    """The design as keys and values of text, in the order of the table; numbers, lists and empty values as JSON."""
    grid = design.grid
    return {
        "format_version": str(FORMAT_VERSION),
        "design": design.design,
        "strata_are": design.strata_are,
        "allocation": design.allocation,
        "seed": str(design.seed),
        "pure_neighbourhood": json.dumps(design.pure_neighbourhood),
        "minimum_distance_m": json.dumps(design.minimum_distance_m),
        "spacing_px": json.dumps(design.spacing_px),
        "map_name": design.map_name,
        "map_sha256": design.map_sha256,
        "strata_name": design.strata_name,
        "extent": design.extent,
        "mask": design.mask,
        "crs": grid.crs or "",
        "transform": json.dumps(list(grid.transform)[:6]),
        "shape": json.dumps(list(grid.shape)),
        "classes": json.dumps(
            [
                {"value": c.value, "name": c.name, "color": c.colour, "pixels": c.pixels, "area_m2": c.area_m2}
                for c in design.classes
            ],
            ensure_ascii=False,
        ),
    }
