"""How an output is shown as a layer of a GIS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# class_map: the classes of a map, which its result describes; classes: any raster of named classes. Both, and a ramp of
# colours, and a scene, are painted by the style next to the file. shares: bands of 0 to 1. findings: polygons and points to look at;
# reference_points: points to be labelled, painted and asked for by the style in their file. class_polygons: the areas of a map,
# painted by the style in their file.
LayerContent = Literal[
    "class_map",
    "classes",
    "ramp",
    "shares",
    "components",
    "picture",
    "scene",
    "findings",
    "reference_points",
    "class_polygons",
]


@dataclass(frozen=True, kw_only=True)
class OutputLayer:
    """The layer of an output.

    Parameters
    ----------
    name : what it is called after its scene: "confidence".
    content : what it shows, which decides how it is painted.
    shown : whether it lies on top and is visible; others are switched off below it.
    """

    name: str
    content: LayerContent
    shown: bool = True
