"""The table of a GeoPackage in which QGIS looks for the style of a layer."""

from __future__ import annotations

import sqlite3

STYLE_TABLE = "layer_styles"
# As QGIS makes it; a table of other columns is not read by it.
STYLE_COLUMNS = (
    "id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),"
    " f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,"
    " useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),"
    " update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))"
)
# Stands for the time of writing, so that the same layers give the same file.
NO_TIME = "2000-01-01T00:00:00.000Z"


def add_table(database: sqlite3.Connection, name: str, columns: str) -> None:
    """Make a table without geometries that GDAL and QGIS list. ``name`` and ``columns`` are constants."""
    database.execute(f"CREATE TABLE {name} ({columns})")
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)", (name, name)
    )


def store_style(database: sqlite3.Connection, layer: str, geometry: str, qml: str, description: str) -> None:
    """Make ``qml`` the default style of a layer; the table is there already.

    Parameters
    ----------
    geometry : name of the column of its geometries.
    description : what QGIS shows of the style.
    """
    database.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,"
        " styleSLD, useAsDefault, description, owner, update_time) VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', ?)",
        (layer, geometry, layer, qml, description, NO_TIME),
    )
