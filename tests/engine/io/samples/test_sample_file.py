"""Reference points: what is written is read back, in QGIS's own way of saving too, and what is no sample is refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from affine import Affine

from hsi_engine.errors import LabelError, OutputError
from hsi_engine.io.samples.form_style import reference_choices
from hsi_engine.io.samples.reference_sample import MapClass, ReferenceSample, SampleDesign, Stratum
from hsi_engine.io.samples.sample_reader import is_reference_sample, read_reference_sample
from hsi_engine.io.samples.sample_writer import write_reference_sample
from hsi_engine.pixels.grid import Grid

ROTATED = Grid(
    crs="EPSG:32633",
    transform=Affine.translation(4e5, 5.8e6) @ Affine.rotation(30) @ Affine.scale(30, -30),
    shape=(4, 7),
)
UTM = Grid(crs="EPSG:32633", transform=Affine(30, 0, 400_000, 0, -30, 5_800_000), shape=(4, 7))


def a_sample(grid: Grid = UTM, area: float | None = 900.0) -> ReferenceSample:
    wheat = MapClass(value=2, name="wheat", colour="#f2c14e", pixels=20, area_m2=None if area is None else 20 * area)
    water = MapClass(value=9, name="Wasser & Ufer", colour="#2b6cb0", pixels=8, area_m2=None)
    return ReferenceSample(
        point_ids=np.array([1, 2, 3]),
        rows=np.array([0, 3, 2]),
        cols=np.array([6, 1, 2]),
        strata=("wheat", "Wasser & Ufer", "wheat"),
        inclusion_probability=np.array([0.1, 0.125, 0.1]),
        map_values=np.array([2, 9, 2], np.uint16),
        map_classes=("wheat", "Wasser & Ufer", "wheat"),
        pixel_area_m2=np.full(3, np.nan if area is None else area),
        reference=(None, "cannot tell", "wheat"),
        certainty=(None, "unsure", "sure"),
        comment=(None, None, "edge of a field"),
        all_strata=(
            Stratum(name="wheat", pixels=20, candidates=18, area_m2=wheat.area_m2, points=2),
            Stratum(name="Wasser & Ufer", pixels=8, candidates=8, area_m2=None, points=1),
        ),
        design=SampleDesign(
            design="stratified",
            strata_are="map_classes",
            allocation="proportional",
            seed=7,
            pure_neighbourhood=True,
            minimum_distance_m=45.5,
            spacing_px=None,
            map_name="map.tif",
            map_sha256="ab" * 32,
            strata_name="",
            extent="",
            mask="fields.gpkg",
            grid=replace(grid, crs=None if grid.crs is None else wkt(grid.crs)),
            classes=(wheat, water),
        ),
    )


def wkt(crs: str) -> str:
    import pyproj

    return str(pyproj.CRS.from_user_input(crs).to_wkt())


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "points.gpkg"
    write_reference_sample(path, a_sample())
    return path


def change(path: Path, *statements: str) -> None:
    """Change the points as a program without the functions of GeoPackage's triggers does."""
    with closing(sqlite3.connect(path)) as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            database.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            database.execute(statement)
        database.commit()


@pytest.mark.parametrize("area", [900.0, None])
def test_all_of_a_sample_comes_back(tmp_path: Path, area: float | None) -> None:
    sample = a_sample(area=area)
    write_reference_sample(tmp_path / "points.gpkg", sample)
    found = read_reference_sample(tmp_path / "points.gpkg")
    for name in ("point_ids", "rows", "cols", "inclusion_probability", "map_values", "pixel_area_m2"):
        np.testing.assert_array_equal(getattr(found, name), getattr(sample, name), err_msg=name)
    for name in ("strata", "map_classes", "reference", "certainty", "comment", "all_strata", "design"):
        assert getattr(found, name) == getattr(sample, name), name
    assert found.labelled.tolist() == [False, False, True]
    assert found.notes == ()
    assert found.deleted == ()


def test_points_lie_in_the_middle_of_their_pixels(written: Path) -> None:
    assert pyogrio.list_layers(written)[0].tolist() == ["reference_points", "Point"]  # the first, which a GIS opens
    layer = geopandas.read_file(written, layer="reference_points")
    assert list(layer.columns) == [
        "point_id", "stratum", "inclusion_probability", "reference", "certainty", "comment", "geometry",
    ]  # fmt: skip
    assert layer.crs.to_epsg() == 32633
    assert [(p.x, p.y) for p in layer.geometry] == [(400_195, 5_799_985), (400_045, 5_799_895), (400_075, 5_799_925)]
    assert "map_class" not in layer.columns


def test_points_of_a_map_without_coordinates_lie_where_a_gis_shows_it(tmp_path: Path) -> None:
    grid = Grid(crs=None, transform=Affine.identity(), shape=(4, 7))
    write_reference_sample(tmp_path / "points.gpkg", a_sample(grid))
    layer = geopandas.read_file(tmp_path / "points.gpkg", layer="reference_points")
    assert [(p.x, p.y) for p in layer.geometry] == [(6.5, -0.5), (1.5, -3.5), (2.5, -2.5)]
    assert read_reference_sample(tmp_path / "points.gpkg").design.grid == grid


def test_the_same_sample_is_the_same_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_reference_sample(tmp_path / f"{name}.gpkg", a_sample())
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


def test_what_was_saved_but_is_still_in_the_journal_is_read(written: Path) -> None:
    with closing(sqlite3.connect(written)) as editor:
        for (name,) in editor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            editor.execute(f'DROP TRIGGER "{name}"')
        editor.execute("PRAGMA journal_mode = WAL")
        editor.execute("UPDATE reference_points SET reference = ' water ' WHERE point_id = 1")
        editor.commit()
        assert read_reference_sample(written).reference == ("water", "cannot tell", "wheat")


def test_a_deleted_point_is_kept_without_a_label_and_said(written: Path) -> None:
    change(written, "DELETE FROM reference_points WHERE point_id = 3")
    found = read_reference_sample(written)
    assert found.deleted == (3,)
    assert len(found) == 3
    assert found.reference[2] is None
    assert found.notes == ("1 point was deleted from the layer (3); it counts as not labelled.",)


def move(path: Path, number: int, wkt_of_place: str | None) -> None:
    """Give a point of the layer another place, as GeoPackage holds it: with a header of 8 bytes."""
    place = "NULL" if wkt_of_place is None else f"X'47500001E6100000{shapely.from_wkt(wkt_of_place).wkb_hex}'"
    change(path, f"UPDATE reference_points SET geom = {place} WHERE point_id = {number}")


def test_moved_points_count_where_they_were_drawn_and_are_named(written: Path) -> None:
    move(written, 2, "POINT (400075 5799895)")
    found = read_reference_sample(written)
    assert found.notes == ("1 point was moved out of its pixel (2); it counts where it was drawn.",)
    assert (found.rows[1], found.cols[1]) == (3, 1)
    move(written, 1, "POINT (400195 5800015)")
    change(written, "DELETE FROM reference_points WHERE point_id = 3")
    assert read_reference_sample(written).notes == (
        "1 point was deleted from the layer (3); it counts as not labelled.",
        "2 points were moved out of their pixels (1, 2); they count where they were drawn.",
    )


@pytest.mark.parametrize("place", ["POINT (400059.9 5799880.1)", "POINT (400030 5799910)", "POINT EMPTY", None])
def test_points_within_their_pixels_and_without_a_place_are_not_called_moved(written: Path, place: str | None) -> None:
    move(written, 2, place)
    assert read_reference_sample(written).notes == ()


@pytest.mark.parametrize("grid", [Grid(crs=None, transform=Affine.identity(), shape=(4, 7)), ROTATED])
def test_points_of_other_grids_are_moved_only_if_they_were(tmp_path: Path, grid: Grid) -> None:
    path = tmp_path / "points.gpkg"
    write_reference_sample(path, a_sample(grid))
    assert read_reference_sample(path).notes == ()
    x, y = a_sample(grid).xy[0]
    move(path, 2, f"POINT ({x} {y})")
    assert read_reference_sample(path).notes[0].startswith("1 point was moved out of its pixel (2)")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE reference_points SET point_id = 1 WHERE point_id = 2", "holds the point 1 more than once. Delete the copies"),
        ("INSERT INTO reference_points (reference) VALUES ('wheat')", "holds 1 point that the sample does not (point_id empty)"),
        ("ALTER TABLE reference_points RENAME COLUMN reference TO klass", "has no field 'reference'; found: certainty, comment"),
        ("UPDATE design SET value = '2' WHERE key = 'format_version'", "are of format 2; this version reads up to 1. Update"),
        ("DELETE FROM design WHERE key = 'seed'", "cannot be read: 'seed'. The file is damaged"),
        ("DROP TABLE strata", "is not a file of reference points: it lacks the tables that say how the points were drawn"),
    ],
)  # fmt: skip
def test_a_file_that_was_changed_is_refused_in_words(written: Path, statement: str, words: str) -> None:
    change(written, statement)
    with pytest.raises(LabelError) as raised:
        read_reference_sample(written)
    assert words in str(raised.value)


def test_other_files_are_no_samples(tmp_path: Path, written: Path) -> None:
    geopandas.read_file(written, layer="reference_points").to_file(tmp_path / "copy.gpkg")
    (tmp_path / "text.gpkg").write_text("no database")
    assert is_reference_sample(written)
    assert not any(is_reference_sample(tmp_path / name) for name in ("copy.gpkg", "text.gpkg", "missing.gpkg"))
    with pytest.raises(LabelError, match="labels saved in another file have lost the design"):
        read_reference_sample(tmp_path / "copy.gpkg")
    with pytest.raises(LabelError, match="There is no file"):
        read_reference_sample(tmp_path / "missing.gpkg")


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"Reference points .*points\.gpkg' cannot be written"):
        write_reference_sample(tmp_path / "missing" / "points.gpkg", a_sample())


def test_choices_are_the_classes_and_two_more_that_no_class_is_called() -> None:
    legend = a_sample().design.legend
    assert list(reference_choices(legend)) == ["wheat", "Wasser & Ufer", "other", "cannot tell"]
    with_other = replace(legend, classes=tuple(replace(c, name=c.name.replace("wheat", "Other")) for c in legend))
    assert list(reference_choices(with_other)) == ["Other", "Wasser & Ufer", "cannot tell"]
