"""A class field that nobody named: told from numbers of the features, or asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import pytest
from affine import Affine
from pyproj import CRS
from shapely import box

from hsi_engine.errors import LabelError
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.pixels.grid import Grid

GRID = Grid(crs=CRS("EPSG:32633").to_wkt(), transform=Affine(30, 0, 364_000, 0, -30, 5_809_000), shape=(3, 24))
IDS = list(range(1, 25))
USE = ["meadow", "forest", "water"] * 8


def chosen(tmp_path: Path, **fields: list[Any]) -> tuple[str, str]:
    """The field that is read where none is named, and the note on it."""
    count = len(next(iter(fields.values())))
    shapes = [box(364_000 + 30 * col, 5_808_910, 364_030 + 30 * col, 5_809_000) for col in range(count)]
    path = tmp_path / "labels.gpkg"
    geopandas.GeoDataFrame(fields, geometry=shapes, crs="EPSG:32633").to_file(path)
    labels = read_labels(path, GRID)
    note = next(note for note in labels.notes if "is used" in note)
    return str(labels.source["class_field"]), note


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"id": IDS, "landuse": USE}, "landuse"),
        ({"id": IDS, "Class_Name": USE, "landuse": USE}, "Class_Name"),
        ({"id": IDS, "code": [2, 5, 11] * 8, "landuse": USE}, "landuse"),
        ({"id": IDS, "code": [2, 5, 11] * 8}, "code"),
        ({"id": IDS[:3], "landuse": USE[:3]}, "landuse"),
    ],
)
def test_the_class_is_in_the_field_that_repeats_itself(
    tmp_path: Path, fields: dict[str, list[Any]], expected: str
) -> None:
    field, note = chosen(tmp_path, **fields)
    assert field == expected
    assert f"'{expected}'" in note


@pytest.mark.parametrize(
    "fields",
    [
        {"id": IDS, "owner": ["a", "b"] * 12, "landuse": USE},
        {"id": IDS, "note": [f"field {i}" for i in IDS]},
        {"id": IDS[:3], "landuse": USE[:3], "owner": ["a", "b", "c"]},
    ],
    ids=["two that repeat", "only numbers of features", "two in a first try"],
)
def test_where_nothing_stands_out_the_fields_are_listed(tmp_path: Path, fields: dict[str, list[Any]]) -> None:
    with pytest.raises(LabelError, match=r"No class field was given .* id \(integer\)") as refused:
        chosen(tmp_path, **fields)
    assert refused.value.code == "labels.field_not_named"


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("klass", "Did you mean 'class_id' or 'class_name'?"),
        ("class_nam", "Did you mean 'class_name'?"),
        ("CLAS_ID", "Did you mean 'class_id'?"),
        ("crop", "Choose one of these fields."),
    ],
)
def test_fields_that_are_as_like_as_the_nearest_are_offered_too(tmp_path: Path, wanted: str, hint: str) -> None:
    shapes = [box(364_000, 5_808_910, 364_030, 5_809_000)]
    fields = {"class_id": [1], "class_name": ["water"], "note": ["x"]}
    geopandas.GeoDataFrame(fields, geometry=shapes, crs="EPSG:32633").to_file(tmp_path / "labels.gpkg")
    with pytest.raises(LabelError, match=f"has no field '{wanted}'") as caught:
        read_labels(tmp_path / "labels.gpkg", GRID, class_field=wanted)
    assert caught.value.hint == hint
