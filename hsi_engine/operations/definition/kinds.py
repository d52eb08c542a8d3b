"""The kinds of parameters, as data: what a value is in JSON, whether it names a file, and what a form asks with.

Everything else follows from this table: which files an operation reads and writes (:class:`.base.OperationParams`), what
their names must end in (:mod:`.output_check`), and the widgets of a form, which read it in the descriptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

JsonType = Literal["path", "integer", "number", "boolean", "string"]
Direction = Literal["in", "out", "none"]
Widget = Literal[
    "scene",
    "raster",
    "vector",
    "labels",
    "layer",
    "mask",
    "model",
    "file",
    "scenes",
    "field",
    "hidden",
    "number",
    "boolean",
    "choice",
    "text",
    "extent",
    "point",
    "raster_out",
    "vector_out",
    "file_out",
    "folder_out",
]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What the values of parameters of one kind are.

    Parameters
    ----------
    type : JSON type of a value; "path" is a string that names a file or a folder.
    direction : "in" for what is read, "out" for what is written, "none" for other values.
    widget : what a form asks for a value with; several kinds may share one. A "hidden" one is not asked for.
    suffixes : endings that the name of a file may have, the usual one first; empty if any will do.
    styled : a raster whose names and colours are in files next to it, which are read or written with it.
    folder : the path is that of a folder.
    """

    type: JsonType
    widget: Widget
    direction: Direction = "none"
    suffixes: tuple[str, ...] = ()
    styled: bool = False
    folder: bool = False

    @property
    def is_file(self) -> bool:
        """True if a value is the path of one file."""
        return self.type == "path" and not self.folder

    def is_file_of(self, direction: Direction) -> bool:
        """True if a value is the path of one file that is read, or that is written."""
        return self.is_file and self.direction == direction

    @property
    def is_part(self) -> bool:
        """True if a value names a part of a file that another parameter names."""
        return self.direction == "in" and self.type != "path"

    def to_json(self) -> dict[str, Any]:
        """The kind as plain JSON values."""
        return {
            "type": self.type,
            "direction": self.direction,
            "widget": self.widget,
            "suffixes": list(self.suffixes),
            "styled": self.styled,
            "folder": self.folder,
        }


def _input(widget: Widget, *suffixes: str, styled: bool = False) -> Kind:
    return Kind(type="path", widget=widget, direction="in", suffixes=suffixes, styled=styled)


def _output(widget: Widget, *suffixes: str, styled: bool = False) -> Kind:
    return Kind(type="path", widget=widget, direction="out", suffixes=suffixes, styled=styled)


def _part(widget: Widget) -> Kind:
    return Kind(type="string", widget=widget, direction="in")


_GEOTIFF = (".tif", ".tiff")

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "scene": _input("scene"),
        "raster": _input("raster"),
        "class_map": _input("raster", styled=True),
        "labels": _input("labels"),
        "vector": _input("vector"),
        "split_source": _input("layer"),
        "labelled_places": _input("layer"),
        "mask": _input("mask"),
        "strata": _input("mask"),
        "model": _input("model", ".hsimodel", ".onnx"),
        "denoiser": _input("file", ".hsidenoiser"),
        "legend_file": _input("file", ".json", ".qml", ".clr"),
        "table": _input("file", ".csv"),
        "wavelength_list": _input("file", ".csv", ".txt"),
        "field": _part("field"),
        "layer": _part("hidden"),  # follows from the layer that a form asks for
        # A folder, a pattern or a list: not the path of one file.
        "scene_list": Kind(type="string", widget="scenes"),
        "integer": Kind(type="integer", widget="number"),
        "number": Kind(type="number", widget="number"),
        "seed": Kind(type="integer", widget="number"),
        "boolean": Kind(type="boolean", widget="boolean"),
        "choice": Kind(type="string", widget="choice"),
        "text": Kind(type="string", widget="text"),
        "band_selection": Kind(type="string", widget="text"),
        "extent": Kind(type="string", widget="extent"),
        "position": Kind(type="string", widget="point"),
        "model_out": _output("file_out", ".hsimodel"),
        "onnx_out": _output("file_out", ".onnx"),
        "denoiser_out": _output("file_out", ".hsidenoiser"),
        "class_map_out": _output("raster_out", *_GEOTIFF, styled=True),
        "styled_raster_out": _output("raster_out", *_GEOTIFF, styled=True),
        "raster_out": _output("raster_out", *_GEOTIFF),
        "report_out": _output("file_out", ".html", ".htm"),
        "picture_out": _output("file_out", ".png"),
        "style_out": _output("file_out", ".qml"),
        "json_out": _output("file_out", ".json"),
        "markdown_out": _output("file_out", ".md"),
        "script_out": _output("file_out", ".sh", ".slurm", ".sbatch"),
        "csv_out": _output("file_out", ".csv"),
        "legend_out": _output("file_out", ".sld", ".json", ".csv", ".clr", ".qml"),
        "vector_out": _output("vector_out", ".gpkg"),
        "reference_points_out": _output("vector_out", ".gpkg"),
        "folder_out": Kind(type="path", widget="folder_out", direction="out", folder=True),
    }
)
