"""Labels, legends and splits that cannot be read or do not belong to the scene."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pytest
import rasterio
import shapely
from affine import Affine

import make_scenes
from hsi_engine.errors import HsiError, LabelError, MismatchError
from projects import Project

Refused = Callable[..., HsiError]
Frame = geopandas.GeoDataFrame
Change = Callable[[Frame], Frame]
# Operation and parameter through which labels come in.
DOORS = [("train_classifier", "labels"), ("assess_map", "reference")]


def vector(project: Project, change: Change, name: str = "changed.gpkg") -> Path:
    """The polygons of the project after ``change``."""
    path = project / name
    changed = change(geopandas.read_file(project / "polygons.gpkg"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a missing CRS is meant
        changed.to_file(path)
    return path


def raster(
    project: Project, values: npt.NDArray[Any], dtype: str, crs: str | None = "EPSG:32633", shift_px: float = 0
) -> Path:
    """``values`` where the scene begins, or so many of its pixels to the right."""
    path = project / "changed.tif"
    with rasterio.open(project / "scene.tif") as scene:
        transform = scene.transform @ Affine.translation(shift_px, 0)
    rows, cols = values.shape
    options = {"driver": "GTiff", "count": 1, "height": rows, "width": cols, "dtype": dtype, "transform": transform}
    with rasterio.open(path, "w", crs=crs, **options) as target:
        target.write(values.astype(dtype), 1)
    return path


def classes(change: Callable[[Any], Any]) -> Change:
    return lambda frame: frame.assign(class_id=change(frame.class_id))


def text_file(project: Project) -> Path:
    path = project / "notes.txt"
    path.write_text("meadow left of the road")
    return path


def damaged(project: Project) -> Path:
    path = project / "damaged.gpkg"
    path.write_bytes((project / "polygons.gpkg").read_bytes()[:5000])
    return path


def table(project: Project) -> Path:
    path = project / "table.csv"
    path.write_text("class_id,class_name\n2,water\n5,meadow\n")
    return path


NOT_LABELS: dict[str, tuple[Callable[[Project], Path], str, tuple[str, ...]]] = {
    "missing": (lambda p: p / "polygon.gpkg", "not_found", ("does not exist", "Did you mean polygons.gpkg?")),
    "a folder": (lambda p: p / "out", "is_folder", ("is a folder", ".gpkg, .shp or .tif")),
    "the scene": (lambda p: p / "scene.tif", "bands", ("has 16 bands", "has one")),
    "a model": (lambda p: p / "model.hsimodel", "not_labels", ("neither a vector file nor a raster", ".gpkg")),
    "a text": (text_file, "not_labels", ("notes.txt is neither", "polygons or points")),
    "a table": (table, "no_geometry", ("no layer with geometries", "a table has no geometry")),
    "damaged": (damaged, "unreadable", ("damaged.gpkg cannot be read", "opens in a GIS")),
    "no feature": (lambda p: vector(p, lambda f: f.iloc[:0]), "empty", ("holds no features", "Draw")),
    "lines": (
        lambda p: vector(p, lambda f: f.set_geometry(f.boundary)),
        "no_polygons",
        ("no polygon or point that can be used (lines: 30", "buffer"),
    ),
    "no CRS": (
        lambda p: vector(p, lambda f: f.set_crs(None, allow_override=True), "changed.shp"),
        "no_crs",
        ("has no CRS", "EPSG:32633", "Assign"),
    ),
    "raster without CRS": (
        lambda p: raster(p, make_scenes.labelled(), "uint8", crs=None),
        "no_crs",
        ("changed.tif has no CRS", "EPSG:32633", "Assign"),
    ),
    "negative": (
        lambda p: vector(p, classes(lambda c: -c)),
        "class_value",
        ("Field 'class_id'", "-11, -5, -2", "from 1 to 65535", "Renumber the classes from 1. If"),
    ),
    "huge": (
        lambda p: vector(p, classes(lambda c: c.astype("int64") * 10**17)),
        "class_value",
        ("200000000000000000", "from 1 to 65535", "Renumber"),
    ),
    "fractions": (lambda p: vector(p, classes(lambda c: c + 0.5)), "class_value", ("not whole, such as 2.5", "Check")),
    "negative raster": (
        lambda p: raster(p, make_scenes.labelled().astype(int) - 5, "int16"),
        "class_value",
        ("changed.tif holds class values -5, -3", "Renumber the classes from 1. If"),
    ),
    "huge raster": (
        lambda p: raster(p, make_scenes.labelled().astype(int) * 100_000, "int32"),
        "class_value",
        ("200000", "Renumber the classes, or store long codes as text. If"),
    ),
    "infinite raster": (
        lambda p: raster(p, np.where(make_scenes.labelled() == 2, np.inf, 5), "float32"),
        "class_value",
        ("not whole, such as inf", "a measurement"),
    ),
    "no class at all": (lambda p: raster(p, np.zeros((37, 29)), "uint8"), "empty", ("labels no pixel", "Check")),
}


@pytest.mark.parametrize(("operation", "parameter"), DOORS)
@pytest.mark.parametrize("case", NOT_LABELS)
def test_what_cannot_serve_as_labels(
    case: str, operation: str, parameter: str, project: Project, refused: Refused
) -> None:
    make, code, words = NOT_LABELS[case]
    refused(operation, LabelError, code, *words, **{parameter: make(project)})


@pytest.mark.parametrize(("operation", "parameter"), DOORS)
def test_labels_of_another_place(operation: str, parameter: str, project: Project, refused: Refused) -> None:
    far = vector(project, lambda f: f.set_crs("EPSG:32733", allow_override=True))
    words = ("No label of changed.gpkg lies on", "y -4191145", "y 5808855", "CRS of both files")
    refused(operation, MismatchError, "no_overlap", *words, **{parameter: far})


@pytest.mark.parametrize(("operation", "parameter"), DOORS)
def test_a_label_raster_with_other_pixels(operation: str, parameter: str, project: Project, refused: Refused) -> None:
    small = raster(project, make_scenes.labelled(20, 30), "uint8", shift_px=0.5)
    words = ("37×29 pixels against 20×30", "resampling 'nearest' or 'majority'")
    refused(operation, MismatchError, "grid", *words, **{parameter: small})


@pytest.mark.parametrize(("operation", "parameter"), DOORS)
def test_a_missing_class_field(operation: str, parameter: str, refused: Refused) -> None:
    words = ("no field 'clas_id'", "class_id (integer), class_name (text)", "Did you mean 'class_id'?")
    refused(operation, LabelError, "field_missing", *words, class_field="clas_id")


def points(frame: Frame) -> Frame:
    one = frame.drop_duplicates("class_id")
    return one.set_geometry(one.representative_point())


TOO_FEW: dict[str, tuple[Change, dict[str, Any], str, tuple[str, ...]]] = {
    "one class": (lambda f: f[f.class_id == 2], {}, "one_class", ("found: water (", "second class")),
    "one sample a class": (
        points,
        {"min_samples": 2},
        "too_few_samples",
        ("water (1), meadow (1), soil (1)", "leave small classes out"),
    ),
    "one sample, dropped": (
        points,
        {"min_samples": 2, "small_classes": "drop"},
        "one_class",
        ("found: none", "second class"),
    ),
    "all overlap": (
        lambda f: f.set_geometry([shapely.box(*f.total_bounds)] * len(f)),
        {},
        "overlap",
        ("covered by polygons of different classes", "first or last"),
    ),
}


@pytest.mark.parametrize("case", TOO_FEW)
def test_too_little_to_learn_from(case: str, project: Project, refused: Refused) -> None:
    change, parameters, code, words = TOO_FEW[case]
    labels = vector(project, change)
    refused("train_classifier", LabelError, code, *words, labels=labels, **parameters)


def test_one_sample_a_class_trains_and_says_what_is_missing(project: Project) -> None:
    trained = project.run("train_classifier", labels=vector(project, points))
    assert trained.test is None
    assert any("No test pixel of water, meadow, soil" in note for note in trained.notes)


def test_text_where_numbers_were_meant_becomes_names_and_is_noted(project: Project) -> None:
    labels = vector(project, classes(lambda c: c.astype(str).replace("5", "five")))
    trained = project.run("train_classifier", labels=labels)
    assert [c["name"] for c in trained.classes] == ["11", "2", "five"]
    assert any("numbers and other text; all entries are read as class names" in note for note in trained.notes)


def test_heights_collections_and_mixed_geometries_work(project: Project) -> None:
    def mix(frame: Frame) -> Frame:
        parts = list(shapely.force_3d(frame.geometry.values, 120.0))
        parts[0] = shapely.MultiPolygon([parts[0]])
        parts[1] = shapely.GeometryCollection([parts[1], shapely.LineString([(0, 0), (1, 1)])])
        parts[2] = parts[2].representative_point()
        parts[3] = None
        return frame.set_geometry(parts, crs=frame.crs)

    labels = vector(project, mix)
    plain = project.run("assess_map").samples
    lost = 29 + 30  # a field of 6×5 pixels became one pixel, another one is gone
    trained = project.run("train_classifier", labels=labels)
    assert {"Heights (z) of 3-D geometries are ignored.", "Features without geometry, left out: 1."} <= {*trained.notes}
    assert any(note.startswith("Lines, left out") and "1" in note for note in trained.notes)
    assert project.run("assess_map", reference=labels).samples == plain - lost


def test_a_class_map_serves_as_labels(project: Project) -> None:
    trained = project.run("train_classifier", labels=project / "map.tif")
    assert {c["value"]: (c["name"], c["color"]) for c in trained.classes} == {
        value: (name, make_scenes.CLASS_COLOURS[value]) for value, name in make_scenes.CLASS_NAMES.items()
    }


LEGENDS = {
    "missing": ("nothing.json", None, "legend_missing", "does not exist"),
    "not JSON": ("legend.json", '[{"value": 1,', "legend_format", "cannot be read: it is not JSON"),
    "no list": ("legend.json", '{"water": 2}', "legend_format", "this one is an object"),
    "no colour": ("legend.json", '[{"value": 2, "color": "red"}]', "colour", "'red' of class 2"),
    "labels": ("polygons.gpkg", None, "legend_format", ".json, .qml or .clr"),
    "one symbol": ("one.qml", '<qgis><renderer-v2 type="singleSymbol"/></qgis>', "legend_format", "singleSymbol"),
}


@pytest.mark.parametrize("operation", [operation for operation, _ in DOORS])
@pytest.mark.parametrize("case", LEGENDS)
def test_a_legend_that_is_none(case: str, operation: str, project: Project, refused: Refused) -> None:
    name, text, code, words = LEGENDS[case]
    if text is not None:
        (project / name).write_text(text)
    refused(operation, LabelError, code, words, legend=project / name)


SPLITS: dict[str, tuple[str, dict[str, Any], str, tuple[str, ...]]] = {
    "missing": ("split.tif", {}, "not_found", ("does not exist",)),
    "other values": ("labels.tif", {}, "split_values", ("1 (training), 2 (validation), 3 (test)", "[5, 11]")),
    "the scene": ("scene.tif", {}, "bands", ("has 16 bands",)),
    "no field": ("polygons.gpkg", {}, "field_not_named", ("class_id (integer)", "Choose the field")),
    "other words": ("polygons.gpkg", {"split_field": "class_name"}, "split_values", ("found meadow, soil, water",)),
}


@pytest.mark.parametrize("case", SPLITS)
def test_a_split_that_is_none(case: str, project: Project, refused: Refused) -> None:
    name, parameters, code, words = SPLITS[case]
    refused("train_classifier", LabelError, code, *words, split_source=project / name, **parameters)


def test_a_split_without_training(project: Project, refused: Refused) -> None:
    split = raster(project, np.full((37, 29), 3), "uint8")
    refused("train_classifier", LabelError, "split_without_training", "(value 1)", split_source=split)


MAPS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "missing": ("mapp.tif", "not_found", ("mapp.tif does not exist", "Did you mean map.tif")),
    "a folder": ("out", "is_folder", ("is a folder", "Choose the file")),
    "the scene": ("scene.tif", "not_a_class_map", ("found 16 bands of type int16", "Choose the class map")),
    "polygons": ("polygons.gpkg", "not_a_raster", ("polygons.gpkg is not a raster", "polygons can be its reference")),
    "a model": ("model.hsimodel", "not_a_raster", ("model.hsimodel is not a raster", "A class map is a raster")),
    "truncated": ("cut.tif", "truncated", ("cut.tif is truncated", "Copy or download")),
}


@pytest.mark.parametrize("case", MAPS)
def test_a_map_that_is_none(case: str, project: Project, refused: Refused) -> None:
    name, code, words = MAPS[case]
    (project / "cut.tif").write_bytes((project / "map.tif").read_bytes()[:700])
    refused("assess_map", LabelError, code, *words, map=project / name)


def test_a_map_whose_pixels_are_damaged(project: Project, refused: Refused) -> None:
    path = Path(shutil.copy(project / "map.tif", project / "hurt.tif"))
    with rasterio.open(path) as file:
        offset, size = (int(file.get_tag_item(f"BLOCK_{tag}_0_0", "TIFF", bidx=1)) for tag in ("OFFSET", "SIZE"))
    content = bytearray(path.read_bytes())
    content[offset : offset + size] = b"\xff" * size
    path.write_bytes(content)
    refused("assess_map", LabelError, "unreadable", "hurt.tif", "copy it again", map=path)


def test_a_subset_that_leaves_nothing(project: Project, refused: Refused) -> None:
    words = ("have no pixel to compare", "Check the subset")
    refused("assess_map", LabelError, "nothing_to_assess", *words, subset=project / "labels.tif", subset_value=99)
