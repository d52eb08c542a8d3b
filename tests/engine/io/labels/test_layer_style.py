"""Names and colours of vector labels from QGIS styles: beside the file, and in the GeoPackage itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas
import pytest

import make_scenes
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.io.scenes.scene import describe_scene
from hsi_engine.pixels.grid import Grid

CLASSES = [(2, "water", "#0000ff"), (5, "meadow", "#00ff00"), (11, "soil", "#aa5500")]


def style(expression: str = "class_id") -> str:
    categories = "".join(f"<category value='{v}' label='{name}' symbol='{v}'/>" for v, name, _ in CLASSES)
    symbols = "".join(
        f"<symbol name='{v}'><layer><Option><Option name='color' value='{colour}'/></Option></layer></symbol>"
        for v, _, colour in CLASSES
    )
    return (
        f"<qgis><renderer-v2 type='categorizedSymbol' attr='{expression}'><categories>{categories}</categories>"
        f"<symbols>{symbols}</symbols></renderer-v2></qgis>"
    )


@pytest.fixture
def grid(scene_path: Path) -> Grid:
    return describe_scene(scene_path).grid


@pytest.fixture
def fields(scene_path: Path, tmp_path: Path) -> Path:
    """Polygons with class_id only."""
    path = tmp_path / "fields.gpkg"
    geopandas.read_file(make_scenes.write_polygons(tmp_path / "p.gpkg", like=scene_path))[
        ["class_id", "geometry"]
    ].to_file(path)
    return path


def store(path: Path, *styles: tuple[str, str, bool], layer: str = "fields") -> None:
    """Write styles (name, text, default) as QGIS keeps them in a GeoPackage."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE IF NOT EXISTS layer_styles (id INTEGER PRIMARY KEY, f_table_name TEXT, styleName TEXT, styleQML TEXT,"
            " useAsDefault BOOLEAN, update_time TEXT)"
        )
        for name, text, default in styles:
            database.execute(
                "INSERT INTO layer_styles (f_table_name, styleName, styleQML, useAsDefault) VALUES (?, ?, ?, ?)",
                (layer, name, text, default),
            )


def classes(path: Path, grid: Grid) -> tuple[list[tuple[int, str, str]], tuple[str, ...]]:
    labels = read_labels(path, grid)
    return [(c.value, c.name, c.colour) for c in labels.legend], labels.notes


def test_the_default_style_in_a_geopackage(fields: Path, grid: Grid) -> None:
    store(fields, ("old", style().replace("water", "lake"), False), ("cover", style(), True))
    store(fields, ("other", "<qgis/>", True), layer="roads")
    before = sorted(path.name for path in fields.parent.iterdir())
    found, notes = classes(fields, grid)
    assert found == CLASSES
    assert "Names and colours not in the fields come from the style “cover” in fields.gpkg." in notes
    assert sorted(path.name for path in fields.parent.iterdir()) == before


def test_the_only_style_in_a_geopackage_needs_no_default(fields: Path, grid: Grid) -> None:
    store(fields, ("cover", style(), False))
    assert classes(fields, grid)[0] == CLASSES


def test_several_styles_without_a_default_are_named(fields: Path, grid: Grid) -> None:
    store(fields, ("a", style(), False), ("b", style(), False))
    found, notes = classes(fields, grid)
    assert [name for _, name, _ in found] == ["2", "5", "11"]
    assert any("holds 2 styles of this layer (“a”, “b”), none of which is the default" in note for note in notes)


def test_a_damaged_style_in_a_geopackage_is_said(fields: Path, grid: Grid) -> None:
    store(fields, ("cover", "<qgis", True))
    assert any("The style “cover” in fields.gpkg is not a QGIS style" in note for note in classes(fields, grid)[1])


def test_a_style_beside_the_file_goes_first(fields: Path, grid: Grid) -> None:
    store(fields, ("cover", style().replace("water", "lake"), True))
    fields.with_suffix(".qml").write_text(style())
    assert classes(fields, grid)[0] == CLASSES


@pytest.mark.parametrize("expression", ["CLASS_ID", "&quot;class_id&quot;", "to_int(&quot;class_id&quot;)"])
def test_an_expression_that_is_the_field(fields: Path, grid: Grid, expression: str) -> None:
    fields.with_suffix(".qml").write_text(style(expression))
    assert classes(fields, grid)[0] == CLASSES


@pytest.mark.parametrize("expression", ["&quot;class_id&quot; * 1", "kind"])
def test_a_style_of_something_else_is_said(fields: Path, grid: Grid, expression: str) -> None:
    fields.with_suffix(".qml").write_text(style(expression))
    found, notes = classes(fields, grid)
    assert [name for _, name, _ in found] == ["2", "5", "11"]
    shown = expression.replace("&quot;", '"')
    assert f"The style fields.qml shows {shown}, not the field 'class_id'; it is not used." in notes
