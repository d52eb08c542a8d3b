"""The tables of a file of reference points.

``reference_points`` is the layer that an interpreter labels. What must stay hidden from them is in ``map_classes``,
which joins it by ``point_id``. ``strata`` and ``design`` say how the sample was drawn, and ``layer_styles`` is where QGIS
looks for the style of a layer.
"""

from __future__ import annotations

FORMAT_VERSION = 1
POINTS, MAP_CLASSES, STRATA, DESIGN = "reference_points", "map_classes", "strata", "design"
FIELDS = ("point_id", "stratum", "inclusion_probability", "reference", "certainty", "comment")

TABLES = {
    MAP_CLASSES: (
        "point_id INTEGER PRIMARY KEY NOT NULL, map_value INTEGER NOT NULL, map_class TEXT NOT NULL,"
        ' "row" INTEGER NOT NULL, col INTEGER NOT NULL, pixel_area_m2 REAL, stratum TEXT NOT NULL,'
        " inclusion_probability REAL NOT NULL"
    ),
    STRATA: (
        "id INTEGER PRIMARY KEY NOT NULL, stratum TEXT NOT NULL UNIQUE, pixels INTEGER NOT NULL,"
        " candidates INTEGER NOT NULL, area_m2 REAL, points INTEGER NOT NULL"
    ),
    DESIGN: 'id INTEGER PRIMARY KEY NOT NULL, "key" TEXT NOT NULL UNIQUE, "value" TEXT NOT NULL',
    # As QGIS makes it; a table of other columns is not read by it.
    "layer_styles": (
        "id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),"
        " f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,"
        " useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),"
        " update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))"
    ),
}
GEOMETRY_COLUMN = "geom"
