"""What a run reads, a line per layer: the beginning of the log."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsRasterLayer

from ..layers import FeatureInput
from ..plain_text import shortened
from ..translation import counted, tr

# Of the name of a layer.
_MOST_LETTERS = 500


def raster_line(title: str, layer: QgsRasterLayer) -> str:
    """Name, size and CRS of a raster."""
    crs = layer.crs().authid() or layer.crs().description() or tr("no CRS")
    return tr("{}: '{}', {:,} rows × {:,} columns, {}, {}").format(
        title,
        shortened(layer.name(), _MOST_LETTERS),
        layer.height(),
        layer.width(),
        counted(layer.bandCount(), tr("band"), tr("bands")),
        crs,
    )


def file_line(title: str, path: Path) -> str:
    """Path of a file that only the engine can read."""
    return tr("{}: {}, which QGIS cannot open; the engine reads it").format(title, path)


def features_line(title: str, given: FeatureInput, class_field: str | None) -> str:
    """Name and number of features of a vector layer, and the field that holds the class if one was chosen."""
    layer = given.layer
    if given.selected_only:
        number = counted(layer.selectedFeatureCount(), tr("selected feature"), tr("selected features"))
    else:
        number = counted(max(0, layer.featureCount()), tr("feature"), tr("features"))
    field = tr(", class field '{}'").format(class_field) if class_field else ""
    return tr("{}: '{}', {}{}").format(title, shortened(layer.name(), _MOST_LETTERS), number, field)
