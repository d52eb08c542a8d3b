"""Labelled points of any vector file, one class a point, as the points of a sample.

The pixels of a map are what is sampled, so each counts once. Of a draw without replacement none can be there twice. Of one with
replacement, or of random places of which two fell into one pixel, the different pixels are a simple sample without replacement whatever
their number, and the mean over them is unbiased, with a smaller variance than that over all draws (Raj and Khamis 1958). Copies of a
point add nothing.

References
----------
Raj, D. and Khamis, S. H. (1958): Some remarks on sampling with replacement. Annals of Mathematical Statistics 29, 550–557.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import GeometryType

from ...classes.class_names import one_line
from ...errors import LabelError
from ...phrases import counted
from ...pixels.grid import Grid
from ..labels.class_column import choose_class_field, require_field
from ..labels.interpreted_points import are_of_reference_points, cannot_be_told, probability_field
from ..labels.labels import is_vector, locate
from ..vectors.geometry import place_features
from ..vectors.layers import VectorLayer, field_type, read_layer

_SHOWN = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class OwnPoints:
    """Points on the grid of a map, one in each pixel; all are (points,).

    Parameters
    ----------
    rows, cols : the pixel each lies in, int64; it may be outside of the grid.
    classes : text of the class field; None if it is empty or 0.
    others : the same of further fields, by name.
    probabilities : how likely each was to be drawn, float64, if a field of reference points says so.
    undecided : points whose class the interpreter could not tell; they have none.
    repeated, differing : points that were left out, because an earlier one lies in their pixel; how many of these have another class
        than that one. A point with a class comes before one without.
    notes : what was decided or left out.
    """

    rows: npt.NDArray[np.int64]
    cols: npt.NDArray[np.int64]
    classes: tuple[str | None, ...]
    others: Mapping[str, tuple[str | None, ...]]
    probabilities: npt.NDArray[np.float64] | None
    undecided: int
    repeated: int
    differing: int
    notes: tuple[str, ...]


def read_own_points(
    path: Path, grid: Grid, *, layer: str | None, class_field: str | None, others: Sequence[str] = ()
) -> OwnPoints:
    """Read points, in any CRS, onto the grid of a map.

    Parameters
    ----------
    class_field : None: a field with a usual name, as for labels.
    others : further fields that are read.

    Raises
    ------
    LabelError : the file, its layer or a field cannot be used, or it holds anything but single points.
    MismatchError : no point lies on the map.
    """
    path, layer = locate(path, layer)
    if not is_vector(path):
        raise LabelError(
            f"{path.name} is a raster, and a stated design is one of points.",
            code="not_points",
            hint="Give a layer of points that were drawn at random, or state no design: labels of a raster are compared pixel by"
            " pixel.",
        )
    source = read_layer(path, layer)
    _require_points(source)
    field, chosen = choose_class_field(source, class_field)
    placed = place_features(source, grid, "map")
    own = shapely.get_coordinates(placed.geometries)
    cols, rows = (np.floor(np.asarray(at)).astype(np.int64) for at in ~grid.transform @ (own[:, 0], own[:, 1]))
    keep = _one_each(placed.feature, rows, cols, grid, source)
    rows, cols, feature = rows[keep], cols[keep], placed.feature[keep]
    texts = {name: _texts(source, require_field(source, name), feature) for name in dict.fromkeys((field, *others))}
    sampled = are_of_reference_points(source.fields)
    unknown = [sampled and cannot_be_told(text) for text in texts[field]]
    classes = [None if text == "0" or no else text for text, no in zip(texts[field], unknown, strict=True)]
    chosen_points, twin = _first_in_each_pixel(rows, cols, np.array([text is not None for text in classes], dtype=bool))
    numbers = chosen_points.tolist()
    return OwnPoints(
        rows=rows[chosen_points],
        cols=cols[chosen_points],
        classes=tuple(classes[i] for i in numbers),
        probabilities=_probabilities(source, feature[chosen_points]),
        undecided=sum(unknown[i] for i in numbers),
        repeated=len(rows) - len(numbers),
        differing=sum(text is not None and text != classes[i] for text, i in zip(classes, twin.tolist(), strict=True)),
        others={name: tuple(texts[name][i] for i in numbers) for name in others},
        notes=(*source.notes, *chosen, *(note for note in placed.notes if not note.startswith("Features outside"))),
    )


def _probabilities(source: VectorLayer, feature: npt.NDArray[np.int64]) -> npt.NDArray[np.float64] | None:
    name = probability_field(source.fields)
    if name is None or field_type(source.frame[name]) not in ("integer", "real"):
        return None
    return np.asarray(source.frame[name].to_numpy(dtype=np.float64, na_value=np.nan)[feature])


def _require_points(source: VectorLayer) -> None:
    geometries = np.asarray(source.frame.geometry.values)
    kinds = shapely.get_type_id(geometries)
    drawn = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    single = (kinds == GeometryType.POINT) | (
        (kinds == GeometryType.MULTIPOINT) & (shapely.get_num_geometries(geometries) == 1)
    )
    wrong = int((drawn & ~single).sum())
    if wrong:
        raise LabelError(
            f"{source.place} holds {counted(wrong, 'feature')} other than single points. A stated design is one of points;"
            " pixels of one polygon are alike, and an interval that takes them for separate draws is too narrow.",
            code="not_points",
            hint="Give a layer of points that were drawn at random, or state no design.",
        )


def _one_each(
    feature: npt.NDArray[np.int64], rows: npt.NDArray[Any], cols: npt.NDArray[Any], grid: Grid, source: VectorLayer
) -> npt.NDArray[np.int64]:
    """The place of each feature that counts: on the map, if a full turn of longitude puts it there."""
    on_map = (rows >= 0) & (cols >= 0) & (rows < grid.shape[0]) & (cols < grid.shape[1])
    order = np.lexsort((~on_map, feature))
    _, first = np.unique(feature[order], return_index=True)
    return np.asarray(order[first])


def _first_in_each_pixel(
    rows: npt.NDArray[np.int64], cols: npt.NDArray[np.int64], labelled: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The points that count, (pixels,), in the order of the file; and which of them stands for each point, (points,)."""
    order = np.lexsort((~labelled, cols, rows))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(rows[order]) != 0) | (np.diff(cols[order]) != 0)
    twin = np.empty(len(order), np.int64)
    twin[order] = order[new][np.cumsum(new) - 1]
    return np.sort(order[new]), twin


def _texts(source: VectorLayer, field: str, feature: npt.NDArray[np.int64]) -> tuple[str | None, ...]:
    column = source.frame[field]
    return tuple(_text(value) for value in column.iloc[feature].tolist())


def _text(value: Any) -> str | None:
    if value is None or value != value or str(value) == "<NA>":
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return one_line(str(value)) or None
