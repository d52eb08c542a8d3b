"""The style of a raster of set sizes: how many classes a pixel may have."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET  # nosec B405 - it writes only

from ...classes.legend import Legend
from .style_files import sidecar_paths, style_element, style_text, write_style

# From one class, pale, to many, dark: blues of ColorBrewer (Harrower and Brewer, 2003). An empty set has another hue.
_EMPTY = ("0", "none: unlike every class", "#e66101")
_SIZES = (
    ("1", "1 class", "#eff3ff"),
    ("2", "2 classes", "#bdd7e7"),
    ("3", "3 classes", "#6baed6"),
    ("5", "4 or 5 classes", "#3182bd"),
    ("inf", "6 classes or more", "#08519c"),
)


@dataclass(frozen=True)
class SetSizeStyle:
    """Colours by the number of classes in a set."""

    def files(self, raster: Path) -> tuple[Path, ...]:
        """What is written next to ``raster``."""
        return (sidecar_paths(raster)[1],)

    def write(self, raster: Path, legend: Legend) -> None:
        """Write this file; OutputError if that fails."""
        (style,) = self.files(raster)
        write_style(raster, style, self.qml())

    def qml(self) -> str:
        """A QGIS style with one colour for each number, or range of numbers."""
        root, renderer = style_element("singlebandpseudocolor")
        renderer.attrib.update(classificationMin="0", classificationMax="6")
        shader = ET.SubElement(ET.SubElement(renderer, "rastershader"), "colorrampshader")
        shader.attrib.update(
            colorRampType="DISCRETE", classificationMode="1", clip="0", minimumValue="0", maximumValue="6"
        )
        for value, label, colour in (_EMPTY, *_SIZES):
            ET.SubElement(shader, "item", value=value, label=label, color=colour, alpha="255")
        return style_text(root)
