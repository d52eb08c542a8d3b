"""Where features lie: surfaces, longitudes of any range, coordinates that are no degrees, and files read with care."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import warnings
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import CRS
from shapely import MultiPolygon, Point, Polygon, box
from shapely.geometry import mapping

from hsi_engine.errors import LabelError, MismatchError
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.pixels.grid import Grid

UTM = Grid(crs=CRS("EPSG:32633").to_wkt(), transform=Affine(30, 0, 364_000, 0, -30, 5_809_000), shape=(5, 8))


def degrees(left: float, top: float = 40.0, size: float = 1.0, shape: tuple[int, int] = (5, 8)) -> Grid:
    return Grid(crs=CRS("EPSG:4326").to_wkt(), transform=Affine(size, 0, left, 0, -size, top), shape=shape)


def cell(row: float, col: float) -> Polygon:
    return box(364_000 + 30 * col, 5_809_000 - 30 * row - 30, 364_030 + 30 * col, 5_809_000 - 30 * row)


def write(path: Path, shapes: list[Any], crs: str | None = "EPSG:4326", **fields: Any) -> Path:
    fields = fields or {"class_id": range(1, len(shapes) + 1)}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")  # on purpose
        geopandas.GeoDataFrame(fields, geometry=shapes, crs=crs).to_file(path)
    return path


# ------------------------------------------------------------------------------------------ surfaces


def ring(row: int, col: int, height: float = 5.0) -> str:
    corners = [*cell(row, col).exterior.coords]
    return "(" + ", ".join(f"{x} {y} {height}" for x, y in corners) + ")"


SURFACES = {
    "polyhedral surface": "POLYHEDRALSURFACE Z (({0}))",
    "a wall of one": "POLYHEDRALSURFACE Z (({0}), ((364030 5808970 0, 364060 5808970 0, 364060 5808970 9, 364030 5808970 0)))",
    "TIN": "TIN Z (((364030 5808940 1, 364060 5808940 1, 364060 5808970 1, 364030 5808940 1)),"
    " ((364030 5808940 1, 364030 5808970 1, 364060 5808970 1, 364030 5808940 1)))",
    "triangle": "TRIANGLE Z ((364030 5808940 1, 364074 5808940 1, 364030 5808985 1, 364030 5808940 1))",
    "in a collection": "GEOMETRYCOLLECTION Z (POLYHEDRALSURFACE Z (({0})), POINT Z (364045 5808955 1))",
}


@pytest.mark.parametrize("kind", SURFACES)
def test_surfaces_are_polygons_from_above(tmp_path: Path, kind: str) -> None:
    table = tmp_path / "labels.csv"
    table.write_text(f'WKT,class_id\n"{SURFACES[kind].format(ring(1, 1))}",7\n"{cell(3, 3).wkt}",9\n,4\n')
    table.with_suffix(".csvt").write_text("String,Integer\n")
    table.with_suffix(".prj").write_text(CRS("EPSG:32633").to_wkt("WKT1_GDAL"))
    source = '<SrcDataSource relativeToVRT="1">labels.csv</SrcDataSource><LayerSRS>EPSG:32633</LayerSRS>'
    path = tmp_path / "labels.vrt"
    path.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="labels">{source}<GeometryField encoding="WKT" field="WKT"/>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    labels = read_labels(path, UTM, class_field="class_id")
    assert np.argwhere(labels.values).tolist() == [[1, 1], [3, 3]]
    assert labels.values[1, 1] == 7
    assert any(
        "Surfaces (polyhedral surfaces, TIN), used as polygons seen from above: 1 features." in n for n in labels.notes
    )
    assert any("Features without geometry, left out: 1." in note for note in labels.notes)


@pytest.mark.parametrize(
    ("declared", "kind"),
    [("TIN", "TIN"), ("TRIANGLE", "triangle"), ("POLYHEDRALSURFACE", "polyhedral surface")],
)
@pytest.mark.parametrize("heights", [0, 1])
def test_a_layer_declared_as_surfaces_is_refused_by_its_kind(
    tmp_path: Path, declared: str, kind: str, heights: int
) -> None:
    path = write(tmp_path / "labels.gpkg", [cell(1, 1)], crs="EPSG:32633")
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = ?, z = ?", (declared, heights))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "geometry column type")  # it is declared on purpose as what it is not
        with pytest.raises(LabelError) as caught:
            read_labels(path, UTM, class_field="class_id")
    assert caught.value.code == "labels.geometry_kind"
    assert f"labels.gpkg has a layer that is declared to hold geometries of the kind {kind};" in caught.value.message
    assert "ogr2ogr -nlt MULTIPOLYGON" in (caught.value.hint or "")


# ------------------------------------------------------------------------------------- open outlines


def outlines(path: Path, *closed: bool) -> Path:
    """Polygons one cell apart as GeoJSON; of those that are not closed the last point is left out."""
    features = []
    for number, whole in enumerate(closed):
        ring = [list(point) for point in cell(0, 2 * number).exterior.coords][: None if whole else -1]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"class_id": number + 1}, "geometry": shape})
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}), encoding="utf-8")
    return path


def test_outlines_that_are_not_closed_are_named_with_a_way_to_close_them(tmp_path: Path) -> None:
    labels = read_labels(outlines(tmp_path / "half.geojson", True, False, False), UTM)
    [note] = [note for note in labels.notes if "left out" in note]
    assert note == (
        "Geometries that cannot be used, left out (polygon whose outline is not closed: 2). An outline is closed if its last point"
        " is its first. Export the layer from QGIS as a GeoPackage, which closes outlines."
    )
    assert not any("OGR_GEOMETRY" in note for note in labels.notes)


def test_a_file_of_nothing_but_open_outlines_is_refused_for_them(tmp_path: Path) -> None:
    words = (
        r"holds no polygon or point that can be used \(lines: 0, empty .*: 0, polygon whose outline is not closed: 3\)"
    )
    with pytest.raises(LabelError, match=words) as caught:
        read_labels(outlines(tmp_path / "open.geojson", False, False, False), UTM)
    assert caught.value.hint.startswith(
        "An outline is closed if its last point is its first. Export the layer from QGIS"
    )


# ------------------------------------------------------------------------------- a field called geometry


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp"])
def test_a_field_called_geometry_is_a_field(tmp_path: Path, suffix: str) -> None:
    frame = geopandas.GeoDataFrame(
        {"geometry": ["wood", "soil"], "p": [cell(0, 0), cell(2, 2)]}, geometry="p", crs="EPSG:32633"
    )
    path = tmp_path / f"labels.{suffix}"
    frame.to_file(path)
    labels = read_labels(path, UTM, class_field="geometry")
    assert [(c.value, c.name) for c in labels.legend] == [(1, "soil"), (2, "wood")]
    assert np.argwhere(labels.values).tolist() == [[0, 0], [2, 2]]
    assert read_labels(path, UTM).legend == labels.legend


# ------------------------------------------------------------------------------------------- encodings

WORDS = ["Gewässer", "Wälder", "Äcker"]


def shapefile(tmp_path: Path, encoding: str, words: list[str], language: int | None = None, cpg: bool = False) -> Path:
    path = write(tmp_path / "labels.shp", [cell(0, 0), cell(1, 1), cell(2, 2)], "EPSG:32633", klasse=["x" * 30] * 3)
    table = path.with_suffix(".dbf")
    data = table.read_bytes()
    for word in words:
        data = data.replace(b"x" * 30, word.encode(encoding).ljust(30), 1)
    table.write_bytes(data if language is None else data[:29] + bytes([language]) + data[30:])
    if not cpg:
        path.with_suffix(".cpg").unlink()
    return path


@pytest.mark.parametrize("language", [0, 0x57, 0x03])
def test_texts_in_utf8_are_read_so_where_the_cpg_is_lost(tmp_path: Path, language: int) -> None:
    labels = read_labels(shapefile(tmp_path, "utf-8", WORDS, language), UTM, class_field="klasse")
    assert labels.legend.names == sorted(WORDS)
    assert any("Text in labels.dbf is read as UTF-8" in note for note in labels.notes)


def test_a_folder_of_shapefiles_is_read_with_the_same_care(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    shapefile(folder, "utf-8", WORDS, 0)
    assert read_labels(folder, UTM, class_field="klasse").legend.names == sorted(WORDS)


def test_texts_in_another_encoding_are_said_to_be_a_guess(tmp_path: Path) -> None:
    labels = read_labels(shapefile(tmp_path, "latin-1", WORDS, 0), UTM, class_field="klasse")
    assert labels.legend.names == sorted(WORDS)
    assert any("no labels.cpg with the encoding of labels.dbf" in note for note in labels.notes)


def test_a_cpg_is_believed_and_one_that_is_wrong_is_named(tmp_path: Path) -> None:
    words = ["лес", "вода", "поле"]
    path = shapefile(tmp_path, "cp1251", words, cpg=True)
    with pytest.raises(LabelError, match="cannot be read: 'utf-8' codec") as caught:
        read_labels(path, UTM, class_field="klasse")
    assert "correct its .cpg file if it has one" in caught.value.hint
    path.with_suffix(".cpg").write_text("CP1251")
    labels = read_labels(path, UTM, class_field="klasse")
    assert labels.legend.names == sorted(words)
    assert not any(".cpg" in note for note in labels.notes)


def test_plain_letters_need_no_word_about_encodings(tmp_path: Path) -> None:
    labels = read_labels(shapefile(tmp_path, "ascii", ["a", "b", "c"], 0), UTM, class_field="klasse")
    assert not any("encoding" in note or "UTF-8" in note for note in labels.notes)


# ---------------------------------------------------------------------------------------- no degrees


def geojson(path: Path, shapes: list[Any], crs: str | None = None) -> Path:
    features = [
        {"type": "Feature", "properties": {"class_id": n}, "geometry": mapping(shape)}
        for n, shape in enumerate(shapes, 1)
    ]
    content: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if crs:
        content["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("grid", [UTM, degrees(13.0, 52.4)], ids=["metres", "degrees"])
def test_metres_that_are_called_degrees_are_refused(tmp_path: Path, grid: Grid) -> None:
    path = geojson(tmp_path / "labels.geojson", [cell(0, 0), cell(1, 1)])
    with pytest.raises(
        LabelError, match=r"such as x 364000, y 5808970, are not longitudes and latitudes in degrees"
    ) as caught:
        read_labels(path, grid)
    assert caught.value.code == "labels.not_degrees"
    assert "a GeoJSON file without a CRS is in WGS 84" in caught.value.message
    assert caught.value.hint.startswith(
        "Export the labels again as a GeoPackage, which states its CRS, or as GeoJSON in WGS 84"
    )
    assert "stated in their file" not in caught.value.hint
    assert ("in EPSG:32633 (WGS 84 / UTM zone 33N) they lie on the scene" in caught.value.hint) == (grid is UTM)


def test_metres_are_read_where_the_file_says_so_or_the_scene_has_no_crs(tmp_path: Path) -> None:
    path = geojson(tmp_path / "labels.geojson", [cell(0, 0)], crs="urn:ogc:def:crs:EPSG::32633")
    assert read_labels(path, UTM).values[0, 0] == 1
    bare = Grid(crs=None, transform=UTM.transform, shape=UTM.shape)
    assert read_labels(geojson(tmp_path / "bare.geojson", [cell(0, 0)]), bare).values[0, 0] == 1


def test_a_shapefile_that_claims_degrees_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="are not longitudes and latitudes") as caught:
        read_labels(write(tmp_path / "labels.shp", [cell(0, 0)], "EPSG:4326"), UTM)
    assert "GeoJSON" not in str(caught.value)
    assert caught.value.hint.startswith("Export the labels again in the CRS stated in their file")


def test_latitudes_before_longitudes_are_hinted_at(tmp_path: Path) -> None:
    turned = geopandas.GeoSeries([cell(0, 0)], crs="EPSG:32633").to_crs("EPSG:4326")[0]
    swapped = Polygon([(y, x) for x, y in turned.exterior.coords])
    with pytest.raises(MismatchError, match="No label of labels") as caught:
        read_labels(geojson(tmp_path / "labels.geojson", [swapped]), UTM)
    assert "With x and y swapped, the labels would lie there" in caught.value.hint
    with pytest.raises(MismatchError) as caught:
        read_labels(geojson(tmp_path / "labels.geojson", [box(1, 2, 3, 4)]), UTM)
    assert "exchanged" not in caught.value.hint


# ---------------------------------------------------------------------------------------- longitudes


@pytest.mark.parametrize(
    ("left", "shape", "pixels"),
    [
        (284, box(-76, 39, -75, 40), [[0, 0]]),
        (-76, box(284, 39, 285, 40), [[0, 0]]),
        (284, Point(-75.5, 39.5), [[0, 0]]),
        (176, box(-180, 39, -178, 40), [[0, 4], [0, 5]]),  # a scene across 180°, from 0 to 360
        (176, box(179, 39, 180, 40), [[0, 3]]),
        (176, MultiPolygon([box(179, 39, 180, 40), box(-180, 39, -179, 40)]), [[0, 3], [0, 4]]),
        (-184, box(179, 39, 180, 40), [[0, 3]]),
        (176, Polygon([(179, 40), (-179, 40), (-179, 39), (179, 39)]), [[0, 3], [0, 4]]),  # not cut at 180°
        (-184, Polygon([(179, 40), (-179, 40), (-179, 39), (179, 39)]), [[0, 3], [0, 4]]),
        (356, box(-1, 39, 1, 40), [[0, 3], [0, 4]]),
        (-4, Polygon([(359, 40), (1, 40), (1, 39), (359, 39)]), [[0, 3], [0, 4]]),
    ],
)
def test_longitudes_are_taken_modulo_360(tmp_path: Path, left: float, shape: Any, pixels: list[list[int]]) -> None:
    labels = read_labels(write(tmp_path / "labels.gpkg", [shape]), degrees(left))
    assert np.argwhere(labels.values).tolist() == pixels
    expected = ("modulo 360", "cross the line of 180")
    inside = left <= np.min(shape.bounds[::2]) and np.max(shape.bounds[::2]) <= left + 8
    assert any(words in note for note in labels.notes for words in expected) == (not inside)


def test_labels_in_metres_find_a_scene_from_0_to_360(tmp_path: Path) -> None:
    shape = geopandas.GeoSeries([box(-75.99, 39.01, -75.01, 39.99)], crs="EPSG:4326").to_crs("EPSG:32618")
    labels = read_labels(write(tmp_path / "labels.gpkg", list(shape), "EPSG:32618"), degrees(284))
    assert np.argwhere(labels.values).tolist() == [[0, 0]]


@pytest.mark.parametrize("left", [-180, 0])
def test_a_scene_of_the_whole_world_is_not_labelled_twice(tmp_path: Path, left: int) -> None:
    world = degrees(left, 90, 10, (18, 36))
    labels = read_labels(
        write(tmp_path / "labels.gpkg", [box(-20, 0, 20, 10), box(-180, 60, 180, 70)]), world, all_touched=False
    )
    assert (labels.values == 1).sum() == 4
    assert (labels.values == 2).sum() == 36
    assert any("modulo" in note for note in labels.notes) == (left == 0)


def test_a_label_raster_from_minus_180_lies_on_a_scene_from_0(tmp_path: Path) -> None:
    path = tmp_path / "labels.tif"
    profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "crs": "EPSG:4326"}
    values = np.resize(np.array([1, 2, 3], np.uint8), (5, 8))
    with rasterio.open(path, "w", height=5, width=8, transform=degrees(-76).transform, **profile) as target:
        target.write(values, 1)
    labels = read_labels(path, degrees(284))
    assert np.array_equal(labels.values, values)
    assert any("modulo 360" in note for note in labels.notes)
    half = np.repeat(np.repeat(values, 2, 0), 2, 1)
    assert np.array_equal(read_labels(path, degrees(284, size=0.5, shape=(10, 16)), resampling="nearest").values, half)


def test_a_label_raster_of_the_world_labels_both_sides_of_180(tmp_path: Path) -> None:
    path = tmp_path / "labels.tif"
    values = np.ones((18, 36), np.uint8)
    values[:, :18] = 2
    profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "crs": "EPSG:4326", "height": 18, "width": 36}
    with rasterio.open(path, "w", transform=degrees(-180, 90, 10).transform, **profile) as target:
        target.write(values, 1)
    labels = read_labels(path, degrees(176), resampling="nearest")
    assert labels.values[0].tolist() == [1, 1, 1, 1, 2, 2, 2, 2]
    inner = read_labels(path, degrees(-180), resampling="nearest")
    assert (inner.values == 2).all()
    assert not any("modulo" in note for note in inner.notes)


# ------------------------------------------------------------------------------------ coordinates that are no places


@pytest.mark.parametrize(
    ("odd", "note"),
    [
        ([(364_000, 5_809_000), (364_030, np.nan), (364_030, 5_808_970)], "cannot be expressed .* left out: 1"),
        ([(364_000, 5_809_000), (np.inf, 5_809_000), (364_030, 5_808_970)], "cannot be expressed .* left out: 1"),
        ([(0, 0), (1e308, 1e308), (1e308, -1e308), (0, 1)], "made valid: 1"),
    ],
)
def test_coordinates_that_are_no_numbers_cost_that_polygon_only(
    tmp_path: Path, odd: list[tuple[float, float]], note: str
) -> None:
    with np.errstate(all="ignore"):
        path = write(tmp_path / "odd.gpkg", [cell(0, 0), Polygon(odd), cell(1, 1)], crs="EPSG:32633")
    found = read_labels(path, UTM, class_field="class_id")
    assert sorted(found.pixels.values.tolist()) == [1, 3]
    assert re.search(note, " ".join(found.notes))
