"""Cleaning and measuring class maps: what changes, what stays, and how large it is."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from affine import Affine
from pyproj import Geod

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import Cancelled, HsiError, LabelError, OutputError, ParameterError
from hsi_engine.inference.minimum_area import majority_filter, remove_small_areas
from hsi_engine.io.files.outputs import sha256_of
from hsi_engine.io.legends.qml_reader import read_qml
from hsi_engine.io.legends.style_files import sidecar_paths, write_class_map_style
from hsi_engine.io.maps.class_map import read_class_map
from hsi_engine.io.maps.map_writer import quiet_about_georeferencing
from hsi_engine.operations.clean_map import run as cleaning_run
from hsi_engine.operations.clean_map.operation import OPERATION, CleanMapResult
from hsi_engine.operations.clean_map.run import NOTHING_TO_CLEAN
from hsi_engine.operations.definition.function import start
from hsi_engine.operations.definition.validation import validate
from hsi_engine.reporting import SilentReporter

Values = npt.NDArray[Any]
LEGEND = Legend.of({2: "water", 5: "meadow", 11: "soil", 20: "ice"}, {2: "#0072b2", 5: "#009e73", 11: "#d55e00"})
UTM = Affine(30, 0, 364000, 0, -20, 5810000)  # 600 m² a pixel
DEGREES = Affine(0.001, 0, 25, 0, -0.002, 69.5)


def speckled(rows: int = 46, cols: int = 67, seed: int = 4) -> Values:
    """Fields of three classes with specks of each, and holes."""
    rng = np.random.default_rng(seed)
    fields = np.kron(rng.choice([2, 5, 11], (6, 7)), np.ones((8, 10), int))[:rows, :cols]
    values = np.where(rng.random(fields.shape) < 0.2, rng.choice([2, 5, 11], fields.shape), fields)
    values[rng.random(fields.shape) < 0.06] = 0
    values[7:15, 20:33] = 0
    return values.astype(np.uint8)


def write(
    path: Path,
    values: Values,
    *,
    crs: str | None = "EPSG:32633",
    transform: Affine = UTM,
    nodata: float | None = 0,
    legend: Legend | None = LEGEND,
) -> Path:
    """A map as another program writes it; with names and colours beside it where a legend is given."""
    bands = values if values.ndim == 3 else values[None]
    count, height, width = bands.shape
    profile = {"driver": "GTiff", "count": count, "height": height, "width": width, "dtype": values.dtype}
    if transform != Affine.identity():
        profile["transform"] = transform
    with quiet_about_georeferencing(), rasterio.open(path, "w", nodata=nodata, crs=crs, **profile) as file:
        file.write(bands)
    if legend is not None:
        write_class_map_style(path, legend)
    return path


def clean(map_path: Path, reporter: SilentReporter | None = None, **params: Any) -> CleanMapResult:
    texts = {name: str(value) if isinstance(value, Path) else value for name, value in params.items()}
    parsed = validate(OPERATION, {"map": str(map_path), **texts})
    return start(OPERATION, parsed, reporter or SilentReporter())


def refused(error: type[HsiError], code: str, *words: str, map_path: Path, **params: Any) -> None:
    before = {path.name: sha256_of(path) for path in map_path.parent.iterdir()}
    with pytest.raises(error) as caught:
        clean(map_path, **params)
    said = str(caught.value)
    assert caught.value.code == f"{error.family}.{code}", said
    assert caught.value.hint
    for word in words:
        assert word in said
    assert {path.name: sha256_of(path) for path in map_path.parent.iterdir()} == before


# ------------------------------------------------------------------------------------------ the cleaned map


def test_grid_names_colours_and_style_are_kept(tmp_path: Path) -> None:
    source, output = write(tmp_path / "map.tif", speckled()), tmp_path / "clean.tif"
    clean(source, output=output, majority=5, min_area=1)
    with rasterio.open(source) as before, rasterio.open(output) as after:
        assert (after.crs, after.transform, after.shape) == (before.crs, before.transform, before.shape)
        assert (after.dtypes, after.nodata) == (("uint8",), 0)
        assert after.colormap(1)[5] == (0, 158, 115, 255)
    assert read_class_map(output).legend == LEGEND  # the class that does not occur among them
    _, style = sidecar_paths(output)
    assert [(*entry.values, entry.label) for entry in read_qml(style).entries] == [
        ("2", "water"),
        ("5", "meadow"),
        ("11", "soil"),
        ("20", "ice"),
    ]
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"{stem}{end}" for stem in ("map", "clean") for end in (".tif", ".tif.aux.xml", ".qml")}


def test_majority_comes_first_and_then_the_minimum_area(tmp_path: Path) -> None:
    values = speckled()
    source, output = write(tmp_path / "map.tif", values), tmp_path / "clean.tif"
    result = clean(source, output=output, majority=3, min_area=9, area_unit="px")
    found = read_class_map(output).values
    np.testing.assert_array_equal(found, remove_small_areas(majority_filter(values, 1), min_pixels=9))
    assert result.changed_pixels == (found != values).sum() > 50
    assert result.nodata_pixels == (values == 0).sum() == (found == 0).sum()
    assert result.pixels == (values > 0).sum()
    assert result.merged_areas is not None
    assert result.merged_areas > 0


@pytest.mark.parametrize(
    "params", [{"majority": 7}, {"min_area": 0.5}, {"majority": 5, "min_area": 9, "area_unit": "px"}]
)
@pytest.mark.parametrize("degrees", [False, True])
def test_strips_of_any_height_give_the_same_map(
    params: dict[str, Any], degrees: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where: dict[str, Any] = {"crs": "EPSG:4326", "transform": DEGREES} if degrees else {}
    source, whole = write(tmp_path / "map.tif", speckled(), **where), tmp_path / "whole.tif"
    expected = clean(source, output=whole, **params)
    for rows in (1, 2, 7, 45):
        monkeypatch.setattr(cleaning_run, "_STRIP_PX", rows * 67)
        output = tmp_path / f"strips_of_{rows}.tif"
        found = clean(source, output=output, **params)
        assert sha256_of(output) == sha256_of(whole)
        assert (found.changed_pixels, found.merged_areas) == (expected.changed_pixels, expected.merged_areas)
        assert found.classes[0].hectares_after == pytest.approx(expected.classes[0].hectares_after, rel=1e-12)


def test_a_tie_keeps_the_class_of_the_pixel_or_takes_the_smallest_value(tmp_path: Path) -> None:
    values = np.array([[2, 2, 9, 7, 7], [0, 0, 0, 0, 0]], np.uint8)
    output = tmp_path / "clean.tif"
    clean(write(tmp_path / "map.tif", values, legend=None), output=output, majority=5)
    found = read_class_map(output).values
    # In the middle 2 and 7 have two votes each, and 9 one. The second pixel sees 2 2 9 7, the first 2 2 9.
    assert found.tolist() == [[2, 2, 2, 7, 7], [0, 0, 0, 0, 0]]
    values = np.array([[7, 2, 0, 0]], np.uint8)
    clean(write(tmp_path / "map.tif", values, legend=None), output=output, majority=3)
    assert read_class_map(output).values.tolist() == [[7, 2, 0, 0]]


@pytest.mark.parametrize(
    ("amount", "unit", "stays"),
    [
        (3, "px", True),
        (3.5, "px", False),
        (1800, "m2", True),
        (1801, "m2", False),
        (0.18, "ha", True),
        (0.19, "ha", False),
    ],
)
def test_an_area_of_the_minimum_stays_and_a_smaller_one_goes(
    amount: float, unit: str, stays: bool, tmp_path: Path
) -> None:
    values = np.full((7, 12), 2, np.uint8)
    values[3, 4:7] = 5
    output = tmp_path / "clean.tif"
    result = clean(write(tmp_path / "map.tif", values), output=output, min_area=amount, area_unit=unit)
    assert (read_class_map(output).values == 5).sum() == (3 if stays else 0)
    assert result.changed_pixels == (0 if stays else 3)
    assert result.merged_areas == (0 if stays else 1)


def test_small_areas_that_touch_no_other_class_are_counted(tmp_path: Path) -> None:
    values = np.zeros((5, 9), np.uint8)
    values[1, 1], values[3, 4:8] = 2, 5
    result = clean(write(tmp_path / "map.tif", values), output=tmp_path / "clean.tif", min_area=50, area_unit="px")
    assert (result.changed_pixels, result.merged_areas, result.small_areas_left) == (0, 0, 2)


@pytest.mark.parametrize("unit", ["ha", "m2", "px"])
def test_a_minimum_beyond_all_measure_is_larger_than_any_area(tmp_path: Path, unit: str) -> None:
    values = np.zeros((5, 9), np.uint8)
    values[1, 1], values[3, 4:8] = 2, 5
    result = clean(write(tmp_path / "map.tif", values), output=tmp_path / "clean.tif", min_area=1e308, area_unit=unit)
    assert result.small_areas_left == 2


def test_in_degrees_areas_are_compared_by_their_size_on_the_ground(tmp_path: Path) -> None:
    values = np.full((300, 8), 2, np.uint8)
    values[20, 3:5] = values[280, 3:5] = 5  # two pixels each, at 69.46° and 68.94° north
    source = write(tmp_path / "map.tif", values, crs="EPSG:4326", transform=DEGREES)
    north, south = (pixel_on_the_ground(row) * 2 for row in (20, 280))
    assert north < 0.99 * south
    output = tmp_path / "clean.tif"
    clean(source, output=output, min_area=(north + south) / 2, area_unit="m2")
    found = read_class_map(output).values
    assert found[20].tolist() == [2] * 8
    assert found[280, 3:5].tolist() == [5, 5]
    for least, left in ((0.9999 * north, 4), (1.0001 * south, 0)):
        clean(source, output=output, min_area=least, area_unit="m2")
        assert (read_class_map(output).values == 5).sum() == left


def pixel_on_the_ground(row: int) -> float:
    west, north = DEGREES.c, DEGREES.f + row * DEGREES.e
    east, south = west + DEGREES.a, north + DEGREES.e
    area, _ = Geod(ellps="WGS84").polygon_area_perimeter([west, west, east, east], [north, south, south, north])
    return float(area)


# ------------------------------------------------------------------------------------------ areas


def test_areas_in_utm_are_pixels_times_their_area(tmp_path: Path) -> None:
    values = speckled()
    table = tmp_path / "areas.csv"
    result = clean(write(tmp_path / "map.tif", values), table=table)
    assert (result.area_method, result.notes, result.output) == ("planar", [], None)
    assert [c.value for c in result.classes] == [2, 5, 11, 20]
    for item in result.classes:
        pixels = int((values == item.value).sum())
        assert (item.pixels_before, item.pixels_after) == (pixels, pixels)
        assert item.hectares_before == item.hectares_after == pytest.approx(pixels * 0.06, rel=1e-12)
        assert item.share_before == pytest.approx(pixels / (values > 0).sum(), rel=1e-12)
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = [{k: str(v) for k, v in c.model_dump().items() if k != "color"} for c in result.classes]
    assert rows == expected
    assert list(rows[0]) == [
        "value",
        "name",
        "pixels_before",
        "pixels_after",
        "hectares_before",
        "hectares_after",
        "share_before",
        "share_after",
    ]


@pytest.mark.parametrize("south_up", [False, True])
def test_areas_in_degrees_are_those_of_the_ellipsoid(south_up: bool, tmp_path: Path) -> None:
    values = np.full((90, 40), 2, np.uint8)
    values[60:] = 5
    if south_up:
        values = values[::-1]
    transform = Affine(0.01, 0, 179.8, 0, 0.02 if south_up else -0.02, 68.2 if south_up else 70)
    result = clean(write(tmp_path / "map.tif", values, crs="EPSG:4326", transform=transform))
    assert result.area_method == "geodesic"
    for item, (north, south) in zip(result.classes[:2], ((70, 68.8), (68.8, 68.2)), strict=True):
        # The whole rectangle at once, its parallels in small steps: across the 180th meridian too.
        steps = np.linspace(179.8, 180.2, 4001)
        lons = [*steps, *steps[::-1]]
        lats = [south] * len(steps) + [north] * len(steps)
        area, _ = Geod(ellps="WGS84").polygon_area_perimeter(lons, lats)
        assert item.hectares_before == pytest.approx(area / 10_000, rel=1e-6)
    shares = [item.share_before for item in result.classes]
    assert sum(shares) == pytest.approx(1)
    assert shares[1] > 1 / 3  # a third of the pixels, which are larger in the south


def test_feet_are_turned_into_metres(tmp_path: Path) -> None:
    where = {"crs": "EPSG:2263", "transform": Affine(100, 0, 980000, 0, -100, 200000)}
    result = clean(write(tmp_path / "map.tif", np.full((3, 5), 2, np.uint8), **where))
    assert result.classes[0].hectares_before == pytest.approx(15 * (100 * 1200 / 3937) ** 2 / 10_000, rel=1e-9)


def test_a_projection_that_stretches_areas_is_pointed_out(tmp_path: Path) -> None:
    where = {"crs": "EPSG:3857", "transform": Affine(30, 0, 1_500_000, 0, -30, 8_400_000)}  # 60° north
    result = clean(write(tmp_path / "map.tif", np.full((3, 5), 2, np.uint8), **where))
    (note,) = result.notes
    assert "EPSG:3857" in note
    assert 3.9 < float(note.partition(" times ")[0].split()[-1]) < 4  # 1 / cos² of the latitude


def test_without_a_crs_there_are_pixels_only(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", speckled(), crs=None)
    result = clean(source, table=tmp_path / "areas.csv")
    assert result.area_method is None
    assert {c.hectares_before for c in result.classes} == {None}
    assert sum(c.share_before for c in result.classes) == pytest.approx(1)
    assert result.notes == ["Areas are in pixels only: the map has no CRS."]
    assert (tmp_path / "areas.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[4:6] == ["", ""]
    output = tmp_path / "clean.tif"
    words = ("minimum area of 0.5 ha", "has no CRS", "in pixels")
    refused(LabelError, "no_area", *words, map_path=source, output=output, min_area=0.5)
    assert clean(source, output=output, min_area=5, area_unit="px").changed_pixels > 0


@pytest.mark.parametrize(
    ("crs", "transform", "words"),
    [
        ("EPSG:4326", DEGREES @ Affine.rotation(10), "rotated"),
        ("EPSG:4326", Affine(0.1, 0, 0, 0, -1, 95), "latitude 95°"),
        ("EPSG:32633", Affine.identity(), "has no map coordinates"),
        ("EPSG:4978", UTM, "neither projected nor geographic"),
    ],
)
def test_where_there_are_no_areas_it_is_said_why(crs: str, transform: Affine, words: str, tmp_path: Path) -> None:
    result = clean(write(tmp_path / "map.tif", speckled(), crs=crs, transform=transform))
    assert result.area_method is None
    assert words in result.notes[0]


# ------------------------------------------------------------------------------------------ maps of others


def test_nodata_of_any_value_stays_without_a_class(tmp_path: Path) -> None:
    values = speckled().astype(np.int16)
    values[values == 0] = -9999
    values[:2, :3] = 0
    output = tmp_path / "clean.tif"
    result = clean(write(tmp_path / "map.tif", values, nodata=-9999), output=output, majority=3)
    found = read_class_map(output).values
    np.testing.assert_array_equal(found == 0, values <= 0)
    (note,) = result.notes
    assert note.startswith("6 pixels have the value 0, which the map does not declare as nodata")


@pytest.mark.parametrize("source", ["colour table", "style", "nothing", "given"])
def test_legends_of_maps_of_other_programs(source: str, tmp_path: Path) -> None:
    path = write(tmp_path / "map.tif", speckled(), legend=None)
    colours, names = {2: "#0072b2", 5: "#009e73", 11: "#d55e00"}, {2: "water", 5: "meadow", 11: "soil"}
    params: dict[str, Any] = {}
    if source == "colour table":
        with rasterio.open(path, "r+") as file:
            file.write_colormap(1, {c.value: (*c.rgb, 255) for c in LEGEND})
    elif source == "style":
        write_class_map_style(path, LEGEND)
        sidecar_paths(path)[0].unlink()
    elif source == "given":
        params["legend"] = tmp_path / "legend.json"
        params["legend"].write_text('[{"value": 2, "name": "sea", "color": "#000080"}]')
    result = clean(path, output=tmp_path / "clean.tif", **params)
    found = {c.value: (c.name, c.color) for c in result.classes}
    if source == "colour table":
        assert found == {value: (str(value), colour) for value, colour in colours.items()}
    elif source == "style":
        assert {value: found[value] for value in names} == {v: (names[v], colours[v]) for v in names}
        assert found[20][0] == "ice"
    elif source == "given":
        assert found[2] == ("sea", "#000080")
        assert {v: name for v, (name, _) in found.items()} == {2: "sea", 5: "5", 11: "11"}
        assert any("lacks class values 5, 11" in note for note in result.notes)
    else:
        assert [name for name, _ in found.values()] == ["2", "5", "11"]
    legend = read_class_map(tmp_path / "clean.tif").legend
    assert legend is not None
    assert {c.value: (c.name, c.colour) for c in legend} == found


def test_a_legend_of_every_value_of_a_byte_is_cut_to_the_classes(tmp_path: Path) -> None:
    every = {value: str(value) for value in range(1, 256)} | {30: "marsh"}
    source = write(tmp_path / "map.tif", speckled(), legend=Legend.of(every, dict.fromkeys(every, "#808080")))
    assert [(c.value, c.name) for c in clean(source).classes] == [(2, "2"), (5, "5"), (11, "11"), (30, "marsh")]


def test_values_beyond_a_byte_are_kept(tmp_path: Path) -> None:
    values = speckled().astype(np.uint16) * 300
    output = tmp_path / "clean.tif"
    clean(write(tmp_path / "map.tif", values, legend=None), output=output, majority=3)
    found = read_class_map(output).values
    np.testing.assert_array_equal(found, majority_filter(values, 1))
    assert found.dtype == np.uint16


def test_a_map_without_any_class_is_measured_and_cleaned(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", np.zeros((4, 7), np.uint8), legend=None)
    result = clean(source, output=tmp_path / "clean.tif", table=tmp_path / "t.csv", majority=3, min_area=1)
    assert (result.classes, result.pixels, result.nodata_pixels, result.merged_areas) == ([], 0, 28, 0)


def test_whole_numbers_may_be_stored_as_real_ones_with_nan_for_no_class(tmp_path: Path) -> None:
    values = np.where(speckled() == 0, np.nan, speckled()).astype(np.float64)
    values[5, 6] = np.nan
    expected = speckled()
    expected[5, 6] = 0
    expected_map = write(tmp_path / "expected.tif", expected, legend=None)
    real = write(tmp_path / "real.tif", values, legend=None)
    for source in (real, expected_map):
        clean(source, output=source.with_suffix(".clean.tif"), majority=3)
    cleaned = read_class_map(real.with_suffix(".clean.tif")).values
    np.testing.assert_array_equal(cleaned, read_class_map(expected_map.with_suffix(".clean.tif")).values)
    result = clean(write(tmp_path / "one.tif", np.eye(1, dtype=np.float64), legend=None))
    assert "1 pixel has a class, 0 pixels have none." in result.to_text()


def test_maps_that_are_none_are_refused(tmp_path: Path) -> None:
    params = {"output": tmp_path / "clean.tif", "majority": 3}
    bands = write(tmp_path / "bands.tif", np.stack([speckled()] * 3), legend=None)
    refused(LabelError, "not_a_class_map", "one band of whole numbers", "3 bands", map_path=bands, **params)
    halves = write(tmp_path / "floats.tif", speckled().astype(np.float32) / 2, legend=None)
    refused(LabelError, "not_a_class_map", "holds the value 5.5 at row 0, column 1", map_path=halves, **params)
    values = speckled().astype(np.int32)
    values[40, 3] = -2
    negative = write(tmp_path / "negative.tif", values, legend=None)
    words = ("value -2 at row 40, column 3", "from 1 to 65535", "nodata")
    refused(LabelError, "class_value", *words, map_path=negative, **params)
    refused(LabelError, "not_found", "does not exist", map_path=tmp_path / "none.tif", **params)
    cut = tmp_path / "cut.tif"
    cut.write_bytes(bands.read_bytes()[:2000])
    refused(LabelError, "truncated", "truncated or damaged", map_path=cut, **params)


# ------------------------------------------------------------------------------------------ outputs


def test_outputs_that_would_destroy_what_is_read_are_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", speckled())
    refused(OutputError, "equals_input", "map.tif", map_path=source, output=source, majority=3)
    refused(OutputError, "equals_input", "map.qml", map_path=source, table=tmp_path / "map.qml")
    # A style of the same name as that of the map.
    other = source.rename(tmp_path / "map.img")
    refused(OutputError, "equals_input", "map.qml", map_path=other, output=tmp_path / "map.tif", majority=3)
    clean_tif = tmp_path / "clean.tif"
    refused(OutputError, "duplicate", "clean.qml", map_path=other, output=clean_tif, table=tmp_path / "clean.qml")
    refused(OutputError, "suffix", "must end in .tif", map_path=other, output=tmp_path / "clean.png", majority=3)


def test_cleaning_needs_an_output_and_measuring_does_not(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", speckled())
    for params in ({"majority": 3}, {"min_area": 1.0}):
        refused(ParameterError, "output", "no output for the cleaned map", "measure", map_path=source, **params)
    before = set(tmp_path.iterdir())
    assert "changed" not in clean(source).to_text()
    assert set(tmp_path.iterdir()) == before


def test_a_copy_is_called_one(tmp_path: Path) -> None:
    source, output = write(tmp_path / "map.tif", speckled()), tmp_path / "copy.tif"
    result = clean(source, output=output)
    np.testing.assert_array_equal(read_class_map(output).values, speckled())
    assert result.changed_pixels == 0
    assert result.notes == [NOTHING_TO_CLEAN]
    assert "Set one of them" in NOTHING_TO_CLEAN


def test_a_minimum_that_no_pixel_can_miss_is_pointed_out(tmp_path: Path) -> None:
    result = clean(write(tmp_path / "map.tif", speckled()), output=tmp_path / "clean.tif", min_area=0.05)
    assert result.notes == ["The minimum area of 0.05 ha is no larger than a pixel (0.06 ha); so no area is smaller."]
    assert result.changed_pixels == 0


class _Cancelling(SilentReporter):
    """Cancels when a progress message begins with ``at``."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self._at = at
        self.reached = False

    def progress(self, fraction: float, message: str = "") -> None:
        if message.startswith(self._at):
            self.reached = True
            self.cancel.set()


@pytest.mark.parametrize("at", ["Measuring", "Finding areas", "Merging", "Writing"])
def test_a_cancelled_job_leaves_nothing(at: str, tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", speckled())
    old = tmp_path / "clean.tif"
    old.write_text("of an earlier day")
    before = {path: sha256_of(path) for path in tmp_path.iterdir()}
    reporter = _Cancelling(at)
    with pytest.raises(Cancelled):
        clean(source, reporter, output=old, table=tmp_path / "areas.csv", min_area=1)
    assert reporter.reached
    assert {path: sha256_of(path) for path in tmp_path.iterdir()} == before


def test_progress_rises_and_files_are_announced(tmp_path: Path) -> None:
    fractions: list[float] = []
    files: list[tuple[str, Path]] = []

    class Listener(SilentReporter):
        def progress(self, fraction: float, message: str = "") -> None:
            fractions.append(fraction)

        def artifact(self, kind: str, path: Path) -> None:
            files.append((kind, path))

    output, table = tmp_path / "clean.tif", tmp_path / "areas.csv"
    clean(write(tmp_path / "map.tif", speckled()), Listener(), output=output, table=table, min_area=1, majority=3)
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    assert files == [("raster", output), ("csv", table)]


@pytest.mark.parametrize("make", [lambda r: r.to_text(), lambda r: str(r.to_json())])
def test_the_answer_names_classes_and_files(make: Callable[[CleanMapResult], str], tmp_path: Path) -> None:
    output = tmp_path / "clean.tif"
    said = make(clean(write(tmp_path / "map.tif", speckled()), output=output, majority=3))
    assert str(output) in said
    for name in LEGEND.names:
        assert name in said


def test_a_cleaned_map_still_says_what_made_it(tmp_path: Path) -> None:
    source = write(tmp_path / "map.tif", speckled())
    with rasterio.open(source, "r+") as file:
        file.update_tags(HSI_MODEL_ID="abc", HSI_LABELS="9 labelled pixels", HSI_ACCURACY="Overall accuracy 71.6 %.")
    clean(source, output=tmp_path / "clean.tif", majority=3)
    clean(tmp_path / "clean.tif", output=tmp_path / "again.tif", majority=3)
    for name in ("clean.tif", "again.tif"):
        with rasterio.open(tmp_path / name) as file:
            tags = file.tags()
        assert (tags["HSI_MODEL_ID"], tags["HSI_LABELS"]) == ("abc", "9 labelled pixels")
        assert tags["HSI_ACCURACY"] == "Overall accuracy 71.6 %. This was measured before the map was cleaned."


def named(path: Path, values: Values, nodata: float) -> Path:
    """A map whose attribute table calls value 0 soil."""
    write(path, values, nodata=nodata, legend=None)
    categories = "".join(f"<Category>{name}</Category>" for name in ("soil", "", "water", "", "", "meadow"))
    band = f"<PAMRasterBand band='1'><CategoryNames>{categories}</CategoryNames></PAMRasterBand>"
    path.with_name(f"{path.name}.aux.xml").write_text(f"<PAMDataset>{band}</PAMDataset>")
    return path


def test_a_map_that_calls_0_a_class_is_refused(tmp_path: Path) -> None:
    values = np.where(speckled() == 11, 0, speckled()).astype(np.uint8)
    path = named(tmp_path / "map.tif", values, nodata=255)
    said = "map.tif calls value 0 “soil”", "this class would be lost", "Renumber the classes from 1"
    refused(LabelError, "class_zero", *said, map_path=path, output=tmp_path / "clean.tif", majority=3)
    refused(LabelError, "class_zero", *said, map_path=path, table=tmp_path / "areas.csv")
    legend = tmp_path / "legend.json"
    legend.write_text('[{"value": 2, "name": "water"}, {"value": 5, "name": "meadow"}]')
    notes = clean(path, table=tmp_path / "areas.csv", legend=legend).notes
    assert any("although the file calls it “soil”: they are left out" in n for n in notes)
