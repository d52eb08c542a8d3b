"""Views of a GeoPackage: harmless ones are read, others are refused before GDAL runs them."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import geopandas
import pytest

from hsi_engine.errors import LabelError
from hsi_engine.io.files.isolation import databases
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.io.scenes.scene import describe_scene
from hsi_engine.pixels.grid import Grid

_LAYER = "polygons"
_ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS fid, NULL AS geom, 1 AS class_id FROM n"
_MANY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS fid, NULL AS geom, 1 AS class_id FROM n"


@pytest.fixture
def scene_grid(scene_path: Path) -> Grid:
    return describe_scene(scene_path).grid


@pytest.fixture
def polygons(polygons_path: Path, tmp_path: Path) -> Path:
    path = tmp_path / "labels.gpkg"
    geopandas.read_file(polygons_path).to_file(path, layer=_LAYER)
    return path


def run(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def registered(name: str, query: str) -> list[str]:
    """A view as a layer, as QGIS and GDAL know one."""
    return [
        f"CREATE VIEW {name} AS {query}",
        f"INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('{name}', 'features', '{name}', 32633)",
        f"INSERT INTO gpkg_geometry_columns VALUES ('{name}', 'geom', 'POLYGON', 32633, 0, 0)",
    ]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (_ENDLESS, "view seen does not end within 2 million steps or 10 s"),
        (_MANY, "view seen does not end within"),
        (
            f"SELECT fid, geom, class_id FROM {_LAYER} WHERE (SELECT count(*) FROM ({_ENDLESS})) > 0",
            "does not end within",
        ),
        (
            "SELECT 1 AS fid, zeroblob(900000000) AS geom, 1 AS class_id",
            "cannot be run under limits (string or blob too big)",
        ),
        (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100)"
            " SELECT i AS fid, NULL AS geom, zeroblob(30000000) AS class_id FROM n",
            "view seen gives more than 1,024 MB",
        ),
        ("SELECT load_extension('x') AS fid, NULL AS geom, 1 AS class_id", "cannot be run under limits"),
        (
            "SELECT fid, geom, class_id FROM missing_table",
            "cannot be run under limits (no such table: main.missing_table)",
        ),
    ],
)
@pytest.mark.parametrize("as_layer", [True, False])
def test_views_that_do_harm_are_refused(
    polygons: Path, scene_grid: Grid, monkeypatch: pytest.MonkeyPatch, query: str, words: str, as_layer: bool
) -> None:
    monkeypatch.setattr(databases, "_MOST_STEPS", 2_000_000)
    run(polygons, *registered("seen", query)[: 3 if as_layer else 1])
    with pytest.raises(LabelError) as caught:
        read_labels(polygons, scene_grid, layer="seen" if as_layer else _LAYER, class_field="class_id")
    assert caught.value.code == "labels.database"
    assert words in caught.value.message
    assert caught.value.hint.startswith("Open it in QGIS, save the layer that you need to a new GeoPackage")


@pytest.mark.parametrize("packing", ["gz", "zip"])
def test_in_an_archive_too(
    polygons: Path, scene_grid: Grid, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, packing: str
) -> None:
    monkeypatch.setattr(databases, "_MOST_STEPS", 2_000_000)
    run(polygons, *registered("seen", _MANY))
    packed = Path(f"{polygons}.{packing}")
    if packing == "gz":
        packed.write_bytes(gzip.compress(polygons.read_bytes(), 1))
    else:
        with zipfile.ZipFile(packed, "w") as archive:
            archive.write(polygons, "labels.gpkg")
        packed = Path(f"/vsizip/{packed}/labels.gpkg")
    polygons.unlink()
    with pytest.raises(LabelError, match="view seen does not end within"):
        read_labels(packed, scene_grid, layer=_LAYER, class_field="class_id")


@pytest.mark.parametrize("table", ["gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys", "layer_styles"])
def test_the_tables_of_a_geopackage_are_no_views(polygons: Path, scene_grid: Grid, table: str) -> None:
    copy = [f"ALTER TABLE {table} RENAME TO kept"] if table != "layer_styles" else ["CREATE TABLE kept (a)"]
    run(polygons, "PRAGMA legacy_alter_table = ON", *copy, f"CREATE VIEW {table} AS SELECT * FROM kept")
    with pytest.raises(LabelError, match=f"table {table} is a view, which a GeoPackage does not have there"):
        read_labels(polygons, scene_grid, class_field="class_id")


def test_computed_columns_are_run_under_limits(polygons: Path, scene_grid: Grid) -> None:
    run(polygons, f"ALTER TABLE {_LAYER} ADD COLUMN big BLOB AS (zeroblob(900000000)) VIRTUAL")
    with pytest.raises(LabelError, match=f"table with computed columns {_LAYER} cannot be run under limits"):
        read_labels(polygons, scene_grid, class_field="class_id")


def test_virtual_tables_that_may_read_anything(polygons: Path, scene_grid: Grid) -> None:
    run(
        polygons,
        "PRAGMA writable_schema = ON",
        "INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING VirtualOGR(''/etc/passwd'')')",
    )
    with pytest.raises(LabelError, match=r"table v is a virtual one \(VirtualOGR\), which may read anything"):
        read_labels(polygons, scene_grid, class_field="class_id")


def test_a_plain_view_is_read_as_the_table_is(polygons: Path, scene_grid: Grid) -> None:
    run(polygons, *registered("seen", f"SELECT fid, geom, class_id, class_name FROM {_LAYER} WHERE class_id <> 99"))
    seen = read_labels(polygons, scene_grid, layer="seen", class_field="class_id")
    table = read_labels(polygons, scene_grid, layer=_LAYER, class_field="class_id")
    assert seen.legend.names == table.legend.names
    assert (seen.pixels.values == table.pixels.values).all()


def test_triggers_are_not_run(polygons: Path, scene_grid: Grid) -> None:
    run(polygons, f"CREATE TRIGGER t AFTER UPDATE ON {_LAYER} BEGIN DELETE FROM {_LAYER}; END")
    before = polygons.read_bytes()
    read_labels(polygons, scene_grid, class_field="class_id")
    assert polygons.read_bytes() == before


def test_a_database_in_a_folder_that_takes_no_files(polygons: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sealed"
    folder.mkdir()
    run(polygons, "PRAGMA journal_mode = WAL")
    shutil.copy(polygons, folder)
    folder.chmod(0o500)
    try:
        assert databases.database_fault(str(folder / polygons.name)) is None
    finally:
        folder.chmod(0o700)


def test_damaged_databases_are_left_to_gdal(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    assert databases.database_fault(str(path)) is None


def overwrite(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    assert len(old) == len(new)
    path.write_bytes(data.replace(old, new))


@pytest.mark.parametrize("bad", [b"poly\xedons", b"poly\x00ons"])
def test_a_list_of_tables_that_is_no_text(polygons: Path, scene_grid: Grid, bad: bytes) -> None:
    run(polygons, "CREATE TABLE polygons_more (fid INTEGER)")
    overwrite(polygons, b"polygons", bad)
    with pytest.raises(LabelError, match=r"labels\.gpkg.*(list of tables is damaged|cannot be read)"):
        read_labels(polygons, scene_grid, class_field="class_id")


@pytest.mark.parametrize("stated", [0, 1, 2**31 - 1, 2**40, -3])
def test_features_are_counted_whatever_the_file_says(polygons: Path, scene_grid: Grid, stated: int) -> None:
    whole = read_labels(polygons, scene_grid, class_field="class_id")
    run(polygons, f"UPDATE gpkg_ogr_contents SET feature_count = {stated}")
    found = read_labels(polygons, scene_grid, class_field="class_id")
    assert len(found.pixels) == len(whole.pixels) > 0
