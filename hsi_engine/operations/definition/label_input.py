"""What every operation that reads labels asks about them. Of several parents, the last one's fields come first."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from .base import OperationParams, parameter


def labels_parameter() -> Any:
    """The field ``labels: Path`` of an operation."""
    return parameter(
        title="Labels",
        description="Polygons or points in any vector file, or a raster of class values (0: unlabelled).",
        kind="labels",
    )


class MoreLabels(OperationParams):
    """Further labels, such as those of points that were suggested."""

    more_labels: Path | None = parameter(
        None,
        title="More labels",
        description="Further polygons or points, such as those of Suggest where to label next; classes are matched by name, or"
        " by value where one side only numbers them. On pixels that have both, they take precedence.",
        kind="vector",
        advanced=True,
    )
    more_class_field: str | None = parameter(
        None,
        title="Class field of more labels",
        description="Field with the class of each further feature; detected automatically as that of the labels is.",
        kind="field",
        of="more_labels",
        advanced=True,
    )


class ClassField(OperationParams):
    """Where the class of a feature stands."""

    class_field: str | None = parameter(
        None,
        title="Class field",
        description="Field with the class of each feature. Integers are used as class values; names are numbered automatically.",
        kind="field",
        of="labels",
    )


class LabelReading(OperationParams):
    """How labels are read; most users need none of it."""

    name_field: str | None = parameter(
        None,
        title="Name field",
        description="Field with class names; detected automatically if it is named class_name, name or label.",
        kind="field",
        of="labels",
        advanced=True,
    )
    color_field: str | None = parameter(
        None,
        title="Colour field",
        description="Field with class colours as #rrggbb; detected automatically if it is named color or colour.",
        kind="field",
        of="labels",
        advanced=True,
    )
    layer: str | None = parameter(
        None,
        title="Layer",
        description="Layer to read, if the vector file has several.",
        kind="layer",
        of="labels",
        advanced=True,
    )
    legend: Path | None = parameter(
        None,
        title="Legend",
        description="Class values, names and colours from JSON, a QGIS style (.qml) or a colour file (.clr). Class numbers that it lacks keep their number as name; class names that it lacks are refused.",
        kind="legend_file",
        advanced=True,
    )
    overlap: Literal["drop", "first", "last", "error"] = parameter(
        "drop",
        title="Overlapping polygons",
        description="Label of a pixel covered by polygons of different classes: none, the first, the last; or stop with an error.",
        kind="choice",
        choices={
            "drop": "Leave these pixels out",
            "first": "Use the first polygon",
            "last": "Use the last polygon",
            "error": "Stop",
        },
        advanced=True,
    )
    all_touched: bool = parameter(
        False,
        title="All touched pixels",
        description="Label every pixel a polygon touches, not only those whose centre lies inside.",
        kind="boolean",
        advanced=True,
    )
    resampling: Literal["refuse", "nearest", "majority"] = parameter(
        "refuse",
        title="Resampling of labels",
        description="How to resample a label raster that is not on the grid of the scene.",
        kind="choice",
        choices={"refuse": "Stop", "nearest": "Nearest pixel", "majority": "Class with the largest share"},
        advanced=True,
    )
