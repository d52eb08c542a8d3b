"""A CRS that a vector file states and GDAL does not understand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import geopandas
import pytest

import make_scenes
from hsi_engine.errors import LabelError
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.io.samples.lost_design import are_suggestions_for_training
from hsi_engine.io.scenes.scene import describe_scene
from hsi_engine.pixels.grid import Grid


@pytest.fixture
def grid(scene_path: Path) -> Grid:
    return describe_scene(scene_path).grid


@pytest.fixture
def frame(scene_path: Path, tmp_path: Path) -> geopandas.GeoDataFrame:
    return geopandas.read_file(make_scenes.write_polygons(tmp_path / "p.gpkg", like=scene_path))


def geojson(path: Path, frame: geopandas.GeoDataFrame, crs: Any) -> Path:
    path.write_text(json.dumps(json.loads(frame.to_json()) | {"crs": crs}))
    return path


def named(name: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


@pytest.mark.parametrize(
    ("crs", "shown"),
    [
        (named("My local grid"), "My local grid"),
        (named("urn:ogc:def:crs:EPSG::999999"), "urn:ogc:def:crs:EPSG::999999"),
        ({"type": "link", "properties": {"href": "http://example.org/a.prj"}}, "http://example.org/a.prj"),
        ("EPSG:32633", "EPSG:32633"),
    ],
)
def test_the_crs_member_of_a_geojson_file_is_shown(
    frame: geopandas.GeoDataFrame, tmp_path: Path, grid: Grid, crs: Any, shown: str
) -> None:
    path = geojson(tmp_path / "a.geojson", frame, crs)
    packed = tmp_path / "b.geojson.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    for file in (path, packed):
        with pytest.raises(LabelError, match="are not longitudes and latitudes in degrees") as caught:
            read_labels(file, grid)
        assert f"its crs member states “{shown}”, which GDAL does not understand" in caught.value.message
        assert "in EPSG:32633 (WGS 84 / UTM zone 33N) they lie on the scene" in caught.value.hint


def test_a_geojson_file_without_a_crs_is_called_so(frame: geopandas.GeoDataFrame, tmp_path: Path, grid: Grid) -> None:
    with pytest.raises(LabelError, match="a GeoJSON file without a CRS is in WGS 84"):
        read_labels(geojson(tmp_path / "a.geojson", frame, None), grid)


@pytest.mark.parametrize(
    ("code", "crs", "noted"),
    [
        (4326, named("GPS positions"), True),
        (4326, named("urn:ogc:def:crs:OGC:1.3:CRS84"), False),
        (4326, named("EPSG:4326"), False),
        (4258, named("EPSG:4258"), False),
        (32633, named("EPSG:32633"), False),
    ],
)
def test_degrees_of_an_unknown_crs_are_noted(
    frame: geopandas.GeoDataFrame, tmp_path: Path, grid: Grid, code: int, crs: Any, noted: bool
) -> None:
    labels = read_labels(geojson(tmp_path / "a.geojson", frame.to_crs(code), crs), grid)
    assert len(labels.pixels) > 700
    note = "The CRS that a.geojson states (“GPS positions”) is not understood; its coordinates are taken for WGS 84."
    assert (note in labels.notes) == noted


def test_a_damaged_prj_is_shown(frame: geopandas.GeoDataFrame, tmp_path: Path, grid: Grid) -> None:
    frame.to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").write_text('PROJCS["strange')
    with pytest.raises(LabelError, match=r"states a CRS that (is not|cannot be) understood \(\.prj: PROJCS") as caught:
        read_labels(tmp_path / "a.shp", grid)
    assert "Assign projection" in caught.value.hint
    (tmp_path / "a.prj").unlink()
    with pytest.raises(LabelError, match=r"a\.shp has no CRS"):
        read_labels(tmp_path / "a.shp", grid)


def test_a_text_file_is_said_how_to_state_its_crs(frame: geopandas.GeoDataFrame, tmp_path: Path, grid: Grid) -> None:
    """And a file written like that is read."""
    path = tmp_path / "fields.csv"
    path.write_text(f'WKT,class_name\n"{frame.geometry.iloc[0].wkt}",water\n', encoding="utf-8")
    with pytest.raises(LabelError, match=r"fields\.csv has no CRS") as caught:
        read_labels(path, grid)
    assert "as WKT into fields.prj" in caught.value.hint
    path.with_suffix(".prj").write_text(frame.crs.to_wkt("WKT1_ESRI"), encoding="utf-8")
    assert [c.name for c in read_labels(path, grid).legend] == ["water"]


def test_a_crs_that_gdal_knows_and_pyproj_does_not(tmp_path: Path, frame: geopandas.GeoDataFrame, grid: Grid) -> None:
    path = geojson(tmp_path / "heights.geojson", frame, named("EPSG:5817"))  # withdrawn, of heights
    with pytest.raises(LabelError, match=r"heights\.geojson.*EPSG:5817"):
        read_labels(path, grid, class_field="class_id")


def test_a_prj_that_is_not_text(frame: geopandas.GeoDataFrame, tmp_path: Path, grid: Grid) -> None:
    """Also for those who only look at the fields."""
    frame.to_file(tmp_path / "a.shp")
    prj = (tmp_path / "a.prj").read_bytes()
    (tmp_path / "a.prj").write_bytes(prj.replace(b"Zone", b"Zon\xe9"))
    assert not are_suggestions_for_training(tmp_path / "a.shp", None)
    with pytest.raises(LabelError, match=r"states a CRS that cannot be understood \(\.prj: PROJCS"):
        read_labels(tmp_path / "a.shp", grid)
