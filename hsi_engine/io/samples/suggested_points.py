"""Points at which a label would teach a model most: what is kept of them, and the GeoPackage they are labelled in.

They are chosen, not drawn at random, and so are no sample that an accuracy could be estimated from. Their layer and tables
have other names and fields than those of reference points.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import shapely

from ...classes.legend import Legend
from ...pixels.grid import Grid
from ..labels.interpreted_points import CANNOT_TELL
from .form_style import CANNOT_TELL_COLOUR, PointForm, points_qml
from .layout import FORMAT_VERSION, SUGGESTED, SUGGESTED_FIELDS, SUGGESTION_DESIGN, SUGGESTION_TABLES, SUGGESTIONS
from .point_file import PointFile, texts, write_point_file
from .reference_sample import pixel_centres

PURPOSE = "labels for training; not a probability sample, not for the accuracy of a map"


@dataclass(frozen=True, kw_only=True, eq=False)
class SuggestedPoints:
    """Suggested points in the order in which they are to be labelled; every array is (points,).

    Parameters
    ----------
    rows, cols : int64, the pixel in the scene, or the middle one of a square.
    uncertainty, dissimilarity : float64, why a point was suggested; NaN if one is not known or not used.
    predicted : int64, index in ``legend`` of the class that the model predicts, which the interpreter does not see.
    probability : float64, of that class.
    window : pixels of a side of the squares; 1 for points.
    grid, legend : of the scene, and of the model.
    settings : how they were chosen, as text by name.
    """

    rows: npt.NDArray[np.int64]
    cols: npt.NDArray[np.int64]
    uncertainty: npt.NDArray[np.float64]
    dissimilarity: npt.NDArray[np.float64]
    predicted: npt.NDArray[np.int64]
    probability: npt.NDArray[np.float64]
    window: int
    grid: Grid
    legend: Legend
    settings: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.rows)


def write_suggested_points(path: Path, points: SuggestedPoints) -> None:
    """Write the file with all its tables; the same points give the same bytes.

    Parameters
    ----------
    path : a ``.gpkg``; usually a temporary name of :class:`~hsi_engine.io.files.outputs.StagedOutputs`.

    Raises
    ------
    OutputError : the file cannot be written.
    """
    empty = texts([None] * len(points))
    ranks = np.arange(1, len(points) + 1, dtype=np.int64)
    columns = (ranks, _rounded(points.uncertainty), _rounded(points.dissimilarity), empty, empty, empty)
    classes = list(points.legend)
    content = PointFile(
        layer=SUGGESTED,
        columns=dict(zip(SUGGESTED_FIELDS, columns, strict=True)),
        geometries=_geometries(points),
        crs=points.grid.crs,
        tables=SUGGESTION_TABLES,
        rows={
            SUGGESTIONS: [
                (rank, classes[index].value, classes[index].name, probability, row, col)
                for rank, index, probability, row, col in zip(
                    ranks.tolist(),
                    points.predicted.tolist(),
                    _rounded(points.probability).tolist(),
                    points.rows.tolist(),
                    points.cols.tolist(),
                    strict=True,
                )
            ],
            SUGGESTION_DESIGN: [(number, *item) for number, item in enumerate(_settings(points).items(), start=1)],
        },
        qml=points_qml(points.legend, _form(points)),
        style_description="Points to be labelled for training",
        geometry_type="Point" if points.window == 1 else "Polygon",
    )
    write_point_file(path, content, "Suggested points")


def are_suggestions(path: Path) -> bool:
    """True if the file is one of suggested points, of whatever version."""
    try:
        with closing(_open(path)) as database:
            names = {str(name) for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error:
        return False
    return names >= {SUGGESTED, SUGGESTION_DESIGN}


def labelled_suggestions(path: Path) -> tuple[int, int]:
    """How many points a file of suggested points holds, and how many of them somebody has labelled.

    Raises
    ------
    sqlite3.Error : the file is damaged, or a table or field was removed.
    """
    with closing(_open(path)) as database:
        found = database.execute("SELECT count(*), count(reference) FROM suggested_points").fetchone()
    return int(found[0]), int(found[1])


def _open(path: Path) -> sqlite3.Connection:
    unchanging = "" if Path(f"{path}-wal").exists() else "&immutable=1"
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro{unchanging}", uri=True)


def _form(points: SuggestedPoints) -> PointForm:
    why = ("uncertainty", "dissimilarity")
    known = [name for name in why if np.isfinite(getattr(points, name)).any()]
    return PointForm(
        fields=SUGGESTED_FIELDS,
        number="rank",
        shown=tuple(known),
        hidden=tuple(name for name in why if name not in known),
        aliases={"rank": "Rank", "uncertainty": "Uncertainty", "dissimilarity": "Dissimilarity"},
        further={CANNOT_TELL: CANNOT_TELL_COLOUR},
        squares=points.window > 1,
    )


def _geometries(points: SuggestedPoints) -> Sequence[Any]:
    if points.window == 1:
        return list(shapely.points(pixel_centres(points.grid, points.rows, points.cols)))
    # Corners from those of pixels: half a pixel beyond the centre of the outermost one.
    reach = points.window / 2
    corners = [
        pixel_centres(points.grid, points.rows + down * reach, points.cols + right * reach)
        for down, right in ((-1, -1), (-1, 1), (1, 1), (1, -1))
    ]
    return list(shapely.polygons(np.stack(corners, axis=1)))


def _settings(points: SuggestedPoints) -> dict[str, str]:
    grid = points.grid
    return {
        "format_version": str(FORMAT_VERSION),
        "purpose": PURPOSE,
        **points.settings,
        "window_px": str(points.window),
        "crs": grid.crs or "",
        "transform": json.dumps(list(grid.transform)[:6]),
        "shape": json.dumps(list(grid.shape)),
        "classes": json.dumps(points.legend.to_json(), ensure_ascii=False),
    }


def _rounded(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """To three decimals, which is more than anybody reads and less than rounding on another processor changes."""
    return np.round(values, 3)
