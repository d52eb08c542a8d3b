"""Styles in which a map opens in a GIS, written as sidecar files.

Next to a class map ``map.tif`` are ``map.tif.aux.xml`` (:mod:`hsi_engine.io.legends.pam`) and the QGIS style
``map.qml``. QGIS 3.22 shows exactly the classes of the legend only with the style; later versions and
other programs read the attribute table.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET  # nosec B405 - it writes only

from ...classes.class_names import one_line
from ...classes.legend import Legend
from ...errors import OutputError
from ...phrases import writing_hint
from ..files.temporary_files import target_of
from .pam import dataset_elements, pam_path, pam_xml

# Viridis (Smith and van der Walt, 2015) at five places: even in lightness, safe for the colour-blind.
_RAMP = (
    (0.0, "#440154"),
    (0.25, "#3b528b"),
    (0.5, "#21918c"),
    (0.75, "#5ec962"),
    (1.0, "#fde725"),
)
# What has the same style file in QGIS. A header stands for the image of ENVI, whose name may have any ending or none.
_RASTERS = (
    *(".tif", ".tiff", ".img", ".dat", ".raw", ".bsq", ".bil", ".bip", ".hdr", ".vrt", ".nc", ".h5", ".he5", ".hdf5"),
    *(".jp2", ".png", ".jpg", ".jpeg", ".asc", ".mat", ".zarr"),
)


def sidecar_paths(raster: str | Path) -> tuple[Path, Path]:
    """The names GDAL and QGIS expect next to ``raster``: (``.aux.xml``, ``.qml``)."""
    raster = Path(raster)
    return pam_path(raster), raster.with_suffix(".qml")


def check_style_is_ours(raster: str | Path) -> None:
    """Make sure that the ``.qml`` a map will have is not there already as the style of something else.

    ``labels.qml`` next to ``labels.gpkg`` would be lost to a map called ``labels.tif``, and ``lake.qml`` next to ``lake.img``
    to a new ``lake.tif``. The style of an older map is replaced with it.

    Raises
    ------
    OutputError
        There is a style of that name, and it paints no raster, or another one.
    """
    raster = Path(raster)
    _, style = sidecar_paths(raster)
    # A style that holds the labels or the form of a vector layer only says nothing of how it is painted.
    written = style.read_bytes() if style.is_file() else b""
    if b"<qgis" not in written:
        return
    if b"<rasterrenderer" not in written:
        belongs = "is not the style of a raster"
    elif not raster.exists() and (others := _rasters_of_that_name(raster)):
        belongs = f"is the style of '{others[0]}'"
    else:
        return
    raise OutputError(
        f"Raster '{raster}' needs the style file '{style.name}', but that file exists and {belongs}.",
        code="foreign_style",
        hint="Choose another name for the raster, so that the existing style is not lost.",
    )


def _rasters_of_that_name(raster: Path) -> list[str]:
    """Names of the rasters next to ``raster`` that QGIS opens with the same ``.qml``."""
    return sorted(
        other.name
        for other in raster.parent.iterdir()
        if other.stem == raster.stem and other.suffix.lower() in _RASTERS and other.name != raster.name
    )


def write_class_map_style(raster: str | Path, legend: Legend) -> tuple[Path, Path]:
    """Write both files next to a class map, replacing what is there; returns their paths.

    What the GeoTIFF itself could not hold and GDAL put into the ``.aux.xml``, such as an unusual CRS, is kept.

    Raises
    ------
    OutputError
        A file cannot be written.
    """
    pam, style = sidecar_paths(raster)
    with _as_output_error(raster):
        pam.write_text(pam_xml(legend, kept=dataset_elements(pam)), encoding="utf-8")
        style.write_text(qml(legend), encoding="utf-8")
    return pam, style


def qml(legend: Legend) -> str:
    """A QGIS style that paints exactly the classes of the legend, in its order."""
    root, renderer = style_element("paletted")
    palette = ET.SubElement(renderer, "colorPalette")
    for item in legend:
        ET.SubElement(
            palette, "paletteEntry", value=str(item.value), color=item.colour, alpha="255", label=one_line(item.name)
        )
    return style_text(root)


@dataclass(frozen=True)
class ClassStyle:
    """Names and colours of the classes next to a raster of them."""

    def files(self, raster: Path) -> tuple[Path, ...]:
        """What is written next to ``raster``."""
        return sidecar_paths(raster)

    def write(self, raster: Path, legend: Legend) -> None:
        """Write these files; OutputError if that fails."""
        write_class_map_style(raster, legend)


@dataclass(frozen=True)
class RampStyle:
    """Colours from ``low`` to ``high``, viridis, for the first band of a raster of numbers.

    ``shares`` False: values from 0 to 1 are no shares, and are not shown as percentages.
    """

    low: float = 0.0
    high: float = 1.0
    shares: bool = True

    def files(self, raster: Path) -> tuple[Path, ...]:
        """What is written next to ``raster``."""
        return (sidecar_paths(raster)[1],)

    def write(self, raster: Path, legend: Legend) -> None:
        """Write this file; OutputError if that fails."""
        (style,) = self.files(raster)
        write_style(raster, style, self.qml())

    def qml(self) -> str:
        """A QGIS style with these colours, interpolated; values from 0 to 1 are shown as percentages."""
        root, renderer = style_element("singlebandpseudocolor")
        low, high = f"{self.low:g}", f"{self.high:g}"
        renderer.attrib.update(classificationMin=low, classificationMax=high)
        shader = ET.SubElement(ET.SubElement(renderer, "rastershader"), "colorrampshader")
        shader.attrib.update(
            colorRampType="INTERPOLATED", classificationMode="1", clip="0", minimumValue=low, maximumValue=high
        )
        form = ".0%" if self.shares and (self.low, self.high) == (0, 1) else "g"
        for place, colour in _RAMP:
            value = self.low + place * (self.high - self.low)
            ET.SubElement(shader, "item", value=f"{value:g}", label=f"{value:{form}}", color=colour, alpha="255")
        return style_text(root)


def write_style(raster: Path, style: Path, text: str) -> None:
    """Write the text of a style next to a raster; OutputError if that fails."""
    with _as_output_error(raster):
        style.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def _as_output_error(raster: str | Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"The style of raster '{target_of(Path(raster))}' cannot be written: {error.strerror}.",
            code="write_failed",
            hint=writing_hint(error, "Free some disk space, or choose another folder."),
        ) from error


def style_element(renderer_type: str) -> tuple[ET.Element, ET.Element]:
    """An empty style of QGIS and its renderer, to be filled in."""
    root = ET.Element("qgis", version="3.22.0", styleCategories="AllStyleCategories", hasScaleBasedVisibilityFlag="0")
    renderer = ET.SubElement(
        ET.SubElement(root, "pipe"),
        "rasterrenderer",
        type=renderer_type,
        band="1",
        opacity="1",
        alphaBand="-1",
        nodataColor="",
    )
    ET.SubElement(renderer, "rasterTransparency")
    return root, renderer


def style_text(root: ET.Element) -> str:
    """A style as the text of a ``.qml`` file."""
    ET.SubElement(root, "blendMode").text = "0"
    return document(root)


def document(root: ET.Element) -> str:
    """A style of any layer as the text of a ``.qml`` file."""
    ET.indent(root)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode") + "\n"
