"""Exporting class maps: polygons that are the map again, COGs that keep its codes, legends that are read back."""

from __future__ import annotations

import csv
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas
import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from affine import Affine
from rasterio.features import rasterize

import hsi_engine
from hsi_engine.classes.legend import Legend
from hsi_engine.errors import HsiError, LabelError, ParameterError
from hsi_engine.io.files.outputs import sha256_of
from hsi_engine.io.legends.legend_files import read_legend
from hsi_engine.io.legends.style_files import write_class_map_style
from hsi_engine.io.maps.class_map import read_class_map
from hsi_engine.io.maps.map_writer import quiet_about_georeferencing
from hsi_engine.operations.export_map import run as exporting_run

Values = npt.NDArray[Any]
LEGEND = Legend.of({2: "water", 5: "meadow, wet", 11: "Wälder"}, {2: "#0072b2", 5: "#009e73", 11: "#d55e00"})
UTM = Affine(30, 0, 364000, 0, -20, 5810000)  # 600 m² a pixel
ROTATED = UTM @ Affine.rotation(17)
DEGREES = Affine(0.001, 0, 25, 0, -0.002, 69.5)


def fields_and_specks(rows: int = 45, cols: int = 67, seed: int = 4) -> Values:
    """Fields of three classes with specks of each, and holes."""
    rng = np.random.default_rng(seed)
    fields = np.kron(rng.choice([2, 5, 11], (6, 7)), np.ones((8, 10), int))[:rows, :cols]
    values = np.where(rng.random(fields.shape) < 0.2, rng.choice([2, 5, 11], fields.shape), fields)
    values[rng.random(fields.shape) < 0.06] = 0
    return values.astype(np.uint8)


def write(
    path: Path,
    values: Values,
    *,
    transform: Affine = UTM,
    crs: str | None = "EPSG:32633",
    legend: Legend | None = LEGEND,
) -> Path:
    place = {} if transform == Affine.identity() else {"transform": transform}
    with (
        quiet_about_georeferencing(),
        rasterio.open(
            path, "w", driver="GTiff", count=1, height=values.shape[0], width=values.shape[1], dtype=values.dtype,
            nodata=0, crs=crs, **place,
        ) as file,
    ):  # fmt: skip
        file.write(values, 1)
        file.update_tags(HSI_METHOD="lda")
    if legend is not None:
        write_class_map_style(path, legend)
    return path


def polygons_of(path: Path) -> geopandas.GeoDataFrame:
    return geopandas.read_file(path, layer="classes")


def burned(frame: geopandas.GeoDataFrame, values: Values, transform: Affine) -> Values:
    shapes = zip(frame.geometry, frame.class_id, strict=True)
    with quiet_about_georeferencing():
        found: Values = rasterize(shapes, out_shape=values.shape, transform=transform, dtype="uint16")
    return found


# ------------------------------------------------------------------------------------------ polygons


@pytest.mark.parametrize("strip_px", [67, 300, 10**6], ids=["rows", "strips", "whole"])
@pytest.mark.parametrize("transform", [UTM, ROTATED, Affine.identity()], ids=["utm", "rotated", "none"])
def test_polygons_burned_again_are_the_map(
    transform: Affine, strip_px: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting_run, "_STRIP_PX", strip_px)
    values = fields_and_specks()
    crs = None if transform == Affine.identity() else "EPSG:32633"
    source = write(tmp_path / "map.tif", values, transform=transform, crs=crs)
    result = hsi_engine.export_map(map=source, polygons=tmp_path / "map.gpkg")
    frame = polygons_of(tmp_path / "map.gpkg")
    assert frame.geometry.is_valid.all()
    # Without map coordinates they lie where a GIS shows the map: with its first row below y = 0.
    shown = Affine.scale(1, -1) if crs is None else transform
    assert np.array_equal(burned(frame, values, shown), values)
    said = "The map has no map coordinates: y of the polygons is minus the row, as a GIS shows the map."
    assert (said in result.notes) == (crs is None)
    assert result.polygon_count == len(frame) == sum(c.polygons or 0 for c in result.classes)
    for item in result.classes:
        assert frame.pixels[frame.class_id == item.value].sum() == item.pixels == (values == item.value).sum()


def test_polygons_do_not_depend_on_the_strips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "map.tif", fields_and_specks())
    frames = []
    for strip_px in (67, 67 * 5, 10**6):
        monkeypatch.setattr(exporting_run, "_STRIP_PX", strip_px)
        hsi_engine.export_map(map=source, polygons=tmp_path / "map.gpkg")
        frames.append(polygons_of(tmp_path / "map.gpkg"))
    outlines = [sorted(frame.geometry.normalize().to_wkt()) for frame in frames]
    assert outlines[0] == outlines[1] == outlines[2]
    corners = [frame.geometry.count_coordinates().sum() for frame in frames]
    assert corners[0] == corners[2], "no corners where strips were joined"


def test_an_area_holds_together_by_corners_as_in_clean_map(tmp_path: Path) -> None:
    values = np.zeros((3, 5), np.uint8)
    values[0, 0] = values[1, 1] = values[2, 2] = 2
    values[0, 4] = 2
    hsi_engine.export_map(map=write(tmp_path / "map.tif", values), polygons=tmp_path / "map.gpkg")
    frame = polygons_of(tmp_path / "map.gpkg")
    assert sorted(zip(frame.pixels, frame.area_m2, frame.area_ha, strict=True)) == [(1, 600, 0.06), (3, 1800, 0.18)]
    assert frame.geometry.is_valid.all()
    assert set(frame.geom_type) == {"MultiPolygon"}


@pytest.mark.parametrize(("amount", "unit"), [(5, "px"), (0.3, "ha"), (3000, "m2")])
def test_the_minimum_mapping_unit_gives_the_cleaned_map(amount: float, unit: Any, tmp_path: Path) -> None:
    values = fields_and_specks()
    source = write(tmp_path / "map.tif", values)
    size = {"min_area": amount, "area_unit": unit}
    cleaned = hsi_engine.clean_map(map=source, output=tmp_path / "clean.tif", **size)
    result = hsi_engine.export_map(map=source, polygons=tmp_path / "map.gpkg", cog=tmp_path / "cog.tif", **size)
    frame = polygons_of(tmp_path / "map.gpkg")
    with rasterio.open(tmp_path / "clean.tif") as file:
        assert np.array_equal(burned(frame, values, UTM), file.read(1))
    assert (result.merged_areas, result.small_areas_left) == (cleaned.merged_areas, cleaned.small_areas_left)
    assert (frame.pixels < 5).sum() == result.small_areas_left
    with rasterio.open(tmp_path / "cog.tif") as file:
        assert np.array_equal(file.read(1), values), "the raster stays as the map"


def test_areas_in_degrees_are_those_on_the_ellipsoid(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", fields_and_specks(), transform=DEGREES, crs="EPSG:4326")
    result = hsi_engine.export_map(map=source, polygons=tmp_path / "map.gpkg")
    frame = polygons_of(tmp_path / "map.gpkg")
    measured = {c.value: c.hectares_before for c in hsi_engine.clean_map(map=source).classes}
    assert result.area_method == "geodesic"
    for value, hectares in measured.items():
        assert frame.area_ha[frame.class_id == value].sum() == pytest.approx(hectares)
    one = frame[frame.pixels == 1]
    assert one.area_m2.max() > one.area_m2.min() * 1.0001, "pixels in the north are smaller"


def test_areas_that_are_not_known_stay_empty(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", fields_and_specks(), transform=Affine.identity(), crs=None)
    result = hsi_engine.export_map(map=source, polygons=tmp_path / "map.gpkg")
    frame = polygons_of(tmp_path / "map.gpkg")
    assert frame.crs is None
    assert frame.area_m2.isna().all()
    assert frame.area_ha.isna().all()
    assert "no CRS" in " ".join(result.notes)


def test_the_fields_and_the_style_say_what_the_classes_are(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", fields_and_specks())
    hsi_engine.export_map(map=source, polygons=tmp_path / "map.gpkg")
    frame = polygons_of(tmp_path / "map.gpkg")
    classes = set(zip(frame.class_id, frame.class_name, frame.color, strict=True))
    assert classes == {(c.value, c.name, c.colour) for c in LEGEND}
    with closing(sqlite3.connect(tmp_path / "map.gpkg")) as database:
        ((qml, default),) = database.execute("SELECT styleQML, useAsDefault FROM layer_styles").fetchall()
    (tmp_path / "style.qml").write_text(qml, encoding="utf-8")
    assert default
    assert read_legend(tmp_path / "style.qml") == LEGEND


def test_the_same_map_gives_the_same_bytes(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", fields_and_specks())
    hashes = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        polygons, cog = tmp_path / name / "p.gpkg", tmp_path / name / "c.tif"
        hsi_engine.export_map(map=source, polygons=polygons, cog=cog)
        hashes.append([sha256_of(path) for path in (polygons, cog)])
    assert hashes[0] == hashes[1]


# ------------------------------------------------------------------------------------------ the COG


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Values]:
    """A map of more than one block, of which every second pixel is of another class, and its COG."""
    folder = tmp_path_factory.mktemp("large")
    values = np.full((700, 1100), 2, np.uint8)
    values[:, ::2] = 11
    values[600:, 900:] = 0
    hsi_engine.export_map(map=write(folder / "map.tif", values), cog=folder / "cog.tif")
    return folder / "cog.tif", values


def test_the_cog_has_the_layout_of_one(large: tuple[Path, Values]) -> None:
    path, _ = large
    with rasterio.open(path) as file:
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.block_shapes == [(512, 512)]
        assert file.overviews(1) == [2, 4]
        offsets = [int(file.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", bidx=1, ovr=level)) for level in (0, 1)]
        offsets.insert(0, int(file.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", bidx=1)))
    assert offsets == sorted(offsets, reverse=True), "overviews come before the pixels"
    head = path.read_bytes()[:16]
    assert struct.unpack("<I", head[4:8])[0] < min(offsets), "the directory comes first"


def test_codes_are_never_averaged_and_names_and_colours_kept(large: tuple[Path, Values]) -> None:
    path, values = large
    with rasterio.open(path) as file:
        assert np.array_equal(file.read(1), values)
        assert (file.nodata, file.dtypes, file.transform, file.crs.to_epsg()) == (0, ("uint8",), UTM, 32633)
        assert file.colormap(1)[11] == (0xD5, 0x5E, 0, 255)
        assert file.tags()["HSI_METHOD"] == "lda"
    for level in (0, 1):
        with rasterio.open(path, OVERVIEW_LEVEL=level) as overview:
            assert set(np.unique(overview.read(1))) <= {0, 2, 11}
    assert read_class_map(path).legend == LEGEND


def test_a_cog_without_the_files_next_to_it_has_its_names(large: tuple[Path, Values], tmp_path: Path) -> None:
    alone = tmp_path / "alone.tif"
    alone.write_bytes(large[0].read_bytes())
    legend = read_class_map(alone).legend
    assert legend is not None
    assert legend.names == LEGEND.names
    assert [c.colour for c in legend.subset([2, 11])] == [c.colour for c in LEGEND.subset([2, 11])], "those that occur"


# ------------------------------------------------------------------------------------------ the legend


@pytest.mark.parametrize("suffix", [".json", ".clr", ".qml"])
def test_legends_are_read_back(suffix: str, tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", fields_and_specks())
    hsi_engine.export_map(map=source, legend_file=tmp_path / f"legend{suffix}")
    assert read_legend(tmp_path / f"legend{suffix}") == LEGEND


def test_a_legend_as_a_table(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", fields_and_specks())
    hsi_engine.export_map(map=source, legend_file=tmp_path / "legend.csv")
    with (tmp_path / "legend.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["value"], row["name"], row["color"]) for row in rows] == [
        (str(c.value), c.name, c.colour) for c in LEGEND
    ]
    assert (rows[0]["red"], rows[0]["green"], rows[0]["blue"]) == ("0", "114", "178")


def test_a_legend_for_map_servers(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", fields_and_specks())
    hsi_engine.export_map(map=source, legend_file=tmp_path / "legend.sld")
    root = ET.parse(tmp_path / "legend.sld").getroot()
    spaces = {"sld": "http://www.opengis.net/sld"}
    colours = root.find(".//sld:RasterSymbolizer/sld:ColorMap", spaces)
    assert colours is not None
    assert colours.get("type") == "values"
    entries = [(e.get("quantity"), e.get("label"), e.get("color")) for e in colours if e.get("opacity") is None]
    assert entries == [(str(c.value), c.name, c.colour) for c in LEGEND]
    (nothing,) = (e for e in colours if e.get("opacity") is not None)
    assert (nothing.get("quantity"), nothing.get("opacity")) == ("0", "0.0")


def test_a_map_of_another_program_gets_the_legend_that_is_given(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", fields_and_specks().astype(np.uint16) * 100, legend=None)
    (tmp_path / "given.json").write_text('[{"value": 200, "name": "sea"}]')
    result = hsi_engine.export_map(map=source, legend=tmp_path / "given.json", cog=tmp_path / "cog.tif")
    assert [(c.value, c.name) for c in result.classes] == [(200, "sea"), (500, "500"), (1100, "1100")]
    assert "lacks class values 500, 1100" in " ".join(result.notes)
    legend = read_class_map(tmp_path / "cog.tif").legend
    assert legend is not None
    assert legend.names == ["sea", "500", "1100"]


# ------------------------------------------------------------------------------------------ refused


def refused(error: type[HsiError], *words: str, **params: Any) -> None:
    with pytest.raises(error) as caught:
        hsi_engine.export_map(**params)
    said = f"{caught.value} {caught.value.hint}"
    for word in words:
        assert word in said


def test_nothing_to_write(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", fields_and_specks())
    refused(ParameterError, "nothing to write", "cog", "polygons", map=source)
    refused(ParameterError, "without polygons", "clean", map=source, cog=tmp_path / "cog.tif", min_area=3)


def test_a_map_without_any_class(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", np.zeros((4, 6), np.uint8), legend=None)
    refused(LabelError, "holds no class", "nodata", map=source, polygons=tmp_path / "map.gpkg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.tif"]


def test_a_map_of_which_no_named_class_occurs_has_no_polygons(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", np.zeros((4, 6), np.uint8))
    result = hsi_engine.export_map(map=source, polygons=tmp_path / "map.gpkg")
    assert result.polygon_count == 0 == len(polygons_of(tmp_path / "map.gpkg"))


def test_too_many_areas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hsi_engine.operations.export_map.areas.MAX_AREAS", 50)
    source = write(tmp_path / "map.tif", fields_and_specks())
    refused(LabelError, "more than 50 areas", "majority", map=source, polygons=tmp_path / "map.gpkg")
    assert not list(tmp_path.glob("*.gpkg"))
    assert not list(tmp_path.glob(".tmp*"))
