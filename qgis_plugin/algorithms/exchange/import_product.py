"""Algorithm: a product as a layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...runs.result_values import ResultValue, at
from ...translation import counted, tr
from ..kinds.engine_algorithm import EngineAlgorithm


class ImportProductAlgorithm(EngineAlgorithm):
    """The file of a product in; a GeoTIFF with its wavelengths out, shown in false colour."""

    OPERATION = "import_scene"
    TAGS = (
        tr("hyperspectral"),
        tr("product"),
        tr("wavelengths"),
        "COG",
        "EnMAP",
        "PRISMA",
        "DESIS",
        "EMIT",
        "NEON",
        "AVIRIS",
        "Tanager",
        "MATLAB",
        "HDF5",
    )
    HELP_PAGE = "products"
    VISIBLE = ("SCENE",)
    RESULT_VALUES = (
        ResultValue("ROWS", tr("Rows"), at("rows")),
        ResultValue("COLS", tr("Columns"), at("cols")),
        ResultValue("BANDS", tr("Bands"), at("bands")),
        ResultValue("MASKED_VALUES", tr("Values masked by the product"), at("masked_values")),
    )
    HELP = tr(
        "<p>Writes a product of a satellite or an aircraft, or a benchmark cube, as a GeoTIFF that QGIS, EnMAP-Box and Spectral "
        "Python open with its wavelengths. All other tools read products as they are; import one if you want it as a "
        "layer.</p>"
        "<h3>What to prepare</h3>"
        "<p><b>Product</b>: the file with which the product is opened, such as <i>METADATA.XML</i>, <i>.he5</i>, <i>.nc</i>, "
        "<i>.h5</i> or <i>.mat</i>, or the archive as it was delivered. The guide lists them, one line per product.</p>"
        "<h3>What comes out</h3>"
        "<p>All bands in the order of their wavelengths, with the scale, no data and bad bands of the product. The layer is shown "
        "in false colour: vegetation is red.</p>"
        "<h3>How to read it</h3>"
        "<p>Pixels that the product marks as cloud or cloud shadow have no data, unless <b>Quality layers</b> says otherwise; the log "
        "counts them. A product that lies on no map, such as PRISMA L1, gives a layer without coordinates.</p>"
    )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        shown = result["composite"]
        if not shown.startswith("Bands "):  # which lists them
            shown += tr(", bands {}").format(", ".join(str(band) for band in result["shown_bands"]))
        lines = [
            tr("Product: {}").format(result["format"]),
            tr("Size: {} rows × {} columns, {}").format(
                result["rows"], result["cols"], counted(result["bands"], tr("band"), tr("bands"))
            ),
            tr("Shown: {}").format(shown),
        ]
        if result["bands_flagged_bad"]:
            lines.append(tr("Bands flagged bad: {} of {}").format(len(result["bands_flagged_bad"]), result["bands"]))
        if result["masked_values"]:
            lines.append(tr("Values masked by the product: {:,}").format(result["masked_values"]))
        return lines

    def warnings(self, result: Mapping[str, Any]) -> list[str]:
        return list(result["notes"])
