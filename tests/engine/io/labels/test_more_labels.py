"""Further labels next to others: which of their classes are the same, and the values they get."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas
import pytest
from affine import Affine
from pyproj import CRS
from shapely import box

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import MismatchError
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.io.labels.more_labels import with_more_labels
from hsi_engine.io.labels.types import Labels
from hsi_engine.pixels.grid import Grid

GRID = Grid(crs=CRS("EPSG:32633").to_wkt(), transform=Affine(30, 0, 364_000, 0, -30, 5_809_000), shape=(1, 12))
OWN = {2: "water", 5: "meadow", 11: "soil"}


def labels(
    tmp_path: Path, classes: dict[int, str] | list[Any], first: int, legend: dict[int, str] | None = None
) -> Labels:
    """Labels of one pixel for each class, from column ``first`` on: values and their names, or values only, or names only."""
    shapes = [box(364_000 + 30 * col, 5_808_970, 364_030 + 30 * col, 5_809_000) for col in range(first, 12)][
        : len(classes)
    ]
    fields: dict[str, Any] = {"code": list(classes)}
    if isinstance(classes, dict):
        fields["class_name"] = list(classes.values())
    path = tmp_path / f"{first}.gpkg"
    geopandas.GeoDataFrame(fields, geometry=shapes, crs="EPSG:32633").to_file(path)
    return read_labels(path, GRID, class_field="code", legend=None if legend is None else Legend.of(legend))


def together(tmp_path: Path, own: Any, more: Any, legend: dict[int, str] | None = None) -> tuple[Labels, list[int]]:
    """Both together, and the values of the pixels of ``more``."""
    both = with_more_labels(labels(tmp_path, own, 0, legend), labels(tmp_path, more, 6))
    return both, both.values[0, 6 : 6 + len(more)].tolist()


def classes(found: Labels) -> dict[int, str]:
    return {c.value: c.name for c in found.legend}


def said(found: Labels, words: str) -> list[str]:
    return [text for text in (*found.notes, *found.warnings) if words in text]


def test_names_decide_whatever_the_numbers(tmp_path: Path) -> None:
    both, values = together(tmp_path, OWN, {2: "water", 3: "Meadow", 1: "soil"})
    assert classes(both) == OWN
    assert values == [2, 5, 11]
    (note,) = said(both, "matched by name")
    assert note == (
        "Classes are matched by name, so values of the more labels change: 1 “soil” becomes 11 and 3 “Meadow” becomes 5."
    )
    assert not said(both, "only the more labels")
    assert not both.warnings


def test_names_that_exchange_numbers_decide_and_are_noted(tmp_path: Path) -> None:
    both, values = together(tmp_path, OWN, {5: "water", 11: "meadow", 2: "soil"})
    assert (classes(both), values) == (OWN, [2, 5, 11])
    (note,) = said(both, "matched by name")
    assert "2 “soil” becomes 11, 5 “water” becomes 2 and 11 “meadow” becomes 5" in note
    assert not both.warnings


@pytest.mark.parametrize(("number", "value"), [(7, 7), (12, 12)])
def test_a_new_name_keeps_a_number_that_is_free(tmp_path: Path, number: int, value: int) -> None:
    both, values = together(tmp_path, OWN, {2: "water", number: "rock"})
    assert (classes(both), values) == (OWN | {value: "rock"}, [2, value])
    assert said(both, "Classes that only the more labels have: rock.")
    assert not said(both, "matched by name")
    assert not both.warnings


def test_a_new_name_with_a_number_of_another_class_gets_a_free_one_and_is_a_warning(tmp_path: Path) -> None:
    both, values = together(tmp_path, OWN, {2: "water", 5: "rock", 12: "sand"})
    assert (classes(both), values) == (OWN | {12: "sand", 13: "rock"}, [2, 13, 12])
    assert said(both, "values of the more labels change: 5 “rock” becomes 13.")
    (warning,) = both.warnings
    assert warning == (
        "Labels and more labels have other names for the same class values: 5 “meadow” and “rock”. Classes are matched by"
        " name, so “rock” is a class next to those of the labels. If they are the same classes, give them the same names."
    )


def test_where_the_numbers_differ_anyway_a_new_name_is_no_warning(tmp_path: Path) -> None:
    both, values = together(tmp_path, OWN, {3: "water", 5: "rock"})
    assert (classes(both), values) == ({**OWN, 12: "rock"}, [2, 12])
    assert not both.warnings


def test_two_numbers_of_one_name_become_one_class(tmp_path: Path) -> None:
    both, values = together(tmp_path, OWN, {5: "meadow", 6: "meadow", 7: "rock", 8: "Rock"})
    assert (classes(both), values) == (OWN | {7: "rock"}, [5, 5, 7, 7])


def test_of_two_classes_of_one_name_that_of_the_same_number_is_meant(tmp_path: Path) -> None:
    both, values = together(tmp_path, {2: "water", 3: "water", 5: "meadow"}, {3: "water", 9: "water"})
    assert (len(both.legend), values) == (3, [3, 2])


@pytest.mark.parametrize(("own", "more"), [(OWN, [2, 5, 7]), ([2, 5, 11], {2: "water", 5: "meadow", 7: "rock"})])
def test_without_names_on_one_side_numbers_decide(tmp_path: Path, own: Any, more: Any) -> None:
    both, values = together(tmp_path, own, more)
    assert values == [2, 5, 7]
    assert [c.value for c in both.legend] == [2, 5, 7, 11]
    assert not said(both, "matched by name")
    assert not both.warnings


@pytest.mark.parametrize(
    ("own", "more", "found"),
    [
        (OWN, {3: "water", 5: ""}, "5 cannot be assigned to one of water, meadow, soil"),
        ({2: "water", 5: ""}, {3: "water", 5: "meadow"}, "meadow cannot be assigned to one of water, 5"),
    ],
)
def test_a_class_without_name_is_refused_where_numbers_differ(tmp_path: Path, own: Any, more: Any, found: str) -> None:
    with pytest.raises(MismatchError, match="different values for classes of the same name") as error:
        together(tmp_path, own, more)
    assert found in error.value.message
    assert error.value.hint.startswith("Give the classes names in both")


def test_the_legend_decides_before_the_names_in_the_file(tmp_path: Path) -> None:
    german = {2: "Wasser", 5: "Wiese", 11: "Boden"}
    both, values = together(tmp_path, OWN, {2: "water", 3: "meadow", 1: "Boden"}, german)
    assert (classes(both), values) == (german, [2, 5, 11])
    exchanged = {2: "soil", 5: "water", 11: "meadow"}
    both, values = together(tmp_path, OWN, {2: "water", 5: "soil"}, exchanged)
    assert (classes(both), values) == (exchanged, [5, 2])


def test_names_in_a_text_field_match_those_of_numbers(tmp_path: Path) -> None:
    both, values = together(tmp_path, OWN, ["Soil", "meadow", "gravel", "sand"])
    assert (classes(both), values) == (OWN | {12: "gravel", 13: "sand"}, [11, 5, 12, 13])
    both, values = together(tmp_path, ["water", "meadow"], {7: "water", 1: "soil"})
    assert (classes(both), values) == ({1: "meadow", 2: "water", 3: "soil"}, [2, 3])
    for own, more in ((["water", "meadow"], [1, 2]), ([1, 2], ["water", "meadow"])):
        with pytest.raises(MismatchError, match="cannot be assigned to one of"):
            together(tmp_path, own, more)


def test_there_must_be_room_for_new_classes(tmp_path: Path) -> None:
    with pytest.raises(MismatchError, match="add 1 classes to values up to 65,535; class values end at 65,535"):
        together(tmp_path, {65535: "water", 5: "meadow"}, {5: "rock"})


def test_the_style_next_to_a_raster_names_its_classes(tmp_path: Path) -> None:
    """Of the labels also if a legend is given: more labels may use either names."""
    import numpy as np
    import rasterio

    from hsi_engine.io.legends.style_files import write_class_map_style

    path = tmp_path / "own.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=12, height=1, count=1, dtype="uint8", crs=GRID.crs, transform=GRID.transform
    ) as file:
        file.write(np.array([[[2, 5, 11] + [0] * 9]], dtype=np.uint8)[0], 1)
    write_class_map_style(path, Legend.of(OWN))
    own = read_labels(path, GRID, legend=Legend.from_json(json.loads('[{"value": 2, "name": "Wasser"}]')))
    both = with_more_labels(own, labels(tmp_path, {3: "water", 1: "meadow"}, 6))
    assert both.values[0, 6:8].tolist() == [2, 5]
