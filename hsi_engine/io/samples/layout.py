"""The tables of a file of reference points, and of one of suggested points.

``reference_points`` is the layer that an interpreter labels. What must stay hidden from them is in ``map_classes``,
which joins it by ``point_id``. ``strata`` and ``design`` say how the sample was drawn, and ``layer_styles`` is where QGIS
looks for the style of a layer.
"""

from __future__ import annotations

from ..vectors.layer_styles import STYLE_COLUMNS, STYLE_TABLE

FORMAT_VERSION = 1
POINTS, MAP_CLASSES, STRATA, DESIGN = "reference_points", "map_classes", "strata", "design"
TO_FILL_IN = ("reference", "certainty", "comment")
FIELDS = ("point_id", "stratum", "inclusion_probability", *TO_FILL_IN)

# Where to label next: points that were chosen, not drawn at random. They have separate tables and fields, so that nobody
# takes them for a sample.
SUGGESTED, SUGGESTIONS, SUGGESTION_DESIGN = "suggested_points", "suggestions", "suggestion_design"
SUGGESTED_FIELDS = ("rank", "uncertainty", "dissimilarity", *TO_FILL_IN)

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
    STYLE_TABLE: STYLE_COLUMNS,
}
SUGGESTION_TABLES = {
    SUGGESTIONS: (
        "rank INTEGER PRIMARY KEY NOT NULL, predicted_value INTEGER NOT NULL, predicted_class TEXT NOT NULL,"
        ' probability REAL NOT NULL, "row" INTEGER NOT NULL, col INTEGER NOT NULL'
    ),
    SUGGESTION_DESIGN: 'id INTEGER PRIMARY KEY NOT NULL, "key" TEXT NOT NULL UNIQUE, "value" TEXT NOT NULL',
    STYLE_TABLE: STYLE_COLUMNS,
}
GEOMETRY_COLUMN = "geom"
