"""Styles in which a map opens in a GIS, written as sidecar files.

Next to a class map ``map.tif`` are ``map.tif.aux.xml`` (:mod:`hsi_engine.io.legends.pam`) and the QGIS style
``map.qml``. QGIS 3.22 shows exactly the classes of the legend only with the style; later versions and
other programs read the attribute table.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET  # nosec B405 - it writes only

from ...classes.class_names import one_line
from ...classes.legend import Legend
from ...errors import OutputError
from ..files.outputs import target_of
from .pam import dataset_elements, pam_path, pam_xml

# Viridis (Smith and van der Walt, 2015) at five places: even in lightness, safe for the colour-blind.
_CONFIDENCE_RAMP = (
    (0.0, "#440154"),
    (0.25, "#3b528b"),
    (0.5, "#21918c"),
    (0.75, "#5ec962"),
    (1.0, "#fde725"),
)


def sidecar_paths(raster: str | Path) -> tuple[Path, Path]:
    """The names GDAL and QGIS expect next to ``raster``: (``.aux.xml``, ``.qml``)."""
    raster = Path(raster)
    return pam_path(raster), raster.with_suffix(".qml")


def check_style_is_ours(raster: str | Path) -> None:
    """Make sure that the ``.qml`` a map will have is not there already as the style of something else.

    ``labels.qml`` next to ``labels.gpkg`` would be lost to a map called ``labels.tif``. The style of an older map is
    replaced with it.

    Raises
    ------
    OutputError
        There is a style of that name, and it is that of a vector layer.
    """
    _, style = sidecar_paths(raster)
    if style.is_file() and b"<renderer-v2" in style.read_bytes():
        raise OutputError(
            f"Raster '{Path(raster)}' needs the style file '{style.name}', but that file exists and is the style of a "
            f"vector layer.",
            code="foreign_style",
            hint="Choose another name for the raster, so that the existing style is not lost.",
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


def write_confidence_style(raster: str | Path) -> Path:
    """Write the ``.qml`` next to a confidence raster, replacing what is there; returns its path.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    _, style = sidecar_paths(raster)
    with _as_output_error(raster):
        style.write_text(confidence_qml(), encoding="utf-8")
    return style


def qml(legend: Legend) -> str:
    """A QGIS style that paints exactly the classes of the legend, in its order."""
    root, renderer = style_element("paletted")
    palette = ET.SubElement(renderer, "colorPalette")
    for item in legend:
        ET.SubElement(
            palette, "paletteEntry", value=str(item.value), color=item.colour, alpha="255", label=one_line(item.name)
        )
    return style_text(root)


def confidence_qml() -> str:
    """A QGIS style for a raster of probabilities: viridis from 0 to 1, interpolated."""
    root, renderer = style_element("singlebandpseudocolor")
    renderer.attrib.update(classificationMin="0", classificationMax="1")
    shader = ET.SubElement(ET.SubElement(renderer, "rastershader"), "colorrampshader")
    shader.attrib.update(
        colorRampType="INTERPOLATED", classificationMode="1", clip="0", minimumValue="0", maximumValue="1"
    )
    for value, colour in _CONFIDENCE_RAMP:
        ET.SubElement(shader, "item", value=f"{value:g}", label=f"{value:.0%}", color=colour, alpha="255")
    return style_text(root)


@contextlib.contextmanager
def _as_output_error(raster: str | Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"The style of raster '{target_of(Path(raster))}' cannot be written: {error.strerror}.",
            code="write_failed",
            hint="Free some disk space, or choose another folder.",
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
    ET.indent(root)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode") + "\n"
