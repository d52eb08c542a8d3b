"""What a run reads, a line per layer: the beginning of the log."""

from __future__ import annotations

from qgis.core import QgsRasterLayer

from ..layers import FeatureInput
from ..translation import tr


def raster_line(title: str, layer: QgsRasterLayer) -> str:
    """Name, size and CRS of a raster."""
    crs = layer.crs().authid() or layer.crs().description() or tr("no CRS")
    return tr("{}: “{}”, {:,} rows × {:,} columns, {:,} band(s), {}").format(
        title, layer.name(), layer.height(), layer.width(), layer.bandCount(), crs
    )


def features_line(title: str, given: FeatureInput, class_field: str | None) -> str:
    """Name and number of features of a vector layer, and the field that holds the class if one was chosen."""
    layer = given.layer
    if given.selected_only:
        number = tr("{:,} selected features").format(layer.selectedFeatureCount())
    else:
        number = tr("{:,} features").format(max(0, layer.featureCount()))
    field = tr(", class field '{}'").format(class_field) if class_field else ""
    return tr("{}: “{}”, {}{}").format(title, layer.name(), number, field)
