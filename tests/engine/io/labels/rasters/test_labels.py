from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import CRS
from rasterio.enums import ColorInterp

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import Cancelled, LabelError, MismatchError
from hsi_engine.io.labels.labels import read_labels, read_split
from hsi_engine.io.labels.rasters import class_strips
from hsi_engine.io.legends.style_files import write_class_map_style
from hsi_engine.io.maps.class_map import ClassMapWriter
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import SilentReporter

NORTH_UP = Affine(30, 0, 364_000, 0, -30, 5_809_000)
SHAPE = (6, 9)
GRID = Grid(crs=CRS("EPSG:32633").to_wkt(), transform=NORTH_UP, shape=SHAPE)

Write = Callable[..., Path]


def classes(dtype: str = "uint8") -> np.ndarray:
    values = np.zeros(SHAPE, dtype)
    values[0, :4] = 2
    values[3:5, 5:9] = 11
    values[5, 0] = 2
    values[2, 4] = 5
    return values


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write values (rows, cols) or (bands, rows, cols) as a GeoTIFF and return its path."""

    def write_raster(values: np.ndarray, name: str = "labels.tif", **options: Any) -> Path:
        bands = values if values.ndim == 3 else values[None]
        colours = options.pop("colours", None)
        profile = {
            "driver": "GTiff",
            "count": len(bands),
            "height": bands.shape[1],
            "width": bands.shape[2],
            "dtype": bands.dtype,
            "crs": "EPSG:32633",
            "transform": NORTH_UP,
        }
        path = tmp_path / name
        with rasterio.open(path, "w", **{**profile, **options}) as target:
            target.write(bands)
            if colours:
                target.write_colormap(1, colours)
        return path

    return write_raster


@pytest.mark.parametrize(
    "dtype", ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "float32", "float64"]
)
def test_values_are_kept_whatever_the_data_type(write: Write, dtype: str) -> None:
    labels = read_labels(write(classes(dtype)), GRID)
    assert np.array_equal(labels.values, classes())
    assert labels.values.dtype == np.int32
    assert labels.legend.values.tolist() == [2, 5, 11]
    assert len(labels.source["sha256"]) == 64


def test_each_connected_region_of_one_class_is_a_group_and_corners_connect(write: Write) -> None:
    values = np.zeros(SHAPE, np.uint8)
    values[0, 0] = values[1, 1] = 2  # touch at a corner
    values[1, 2] = 5
    values[5, 8] = 2
    groups = read_labels(write(values), GRID).groups
    assert groups[0, 0] == groups[1, 1] > 0
    assert len({groups[0, 0], groups[1, 2], groups[5, 8]}) == 3
    assert np.array_equal(groups > 0, values > 0)


def test_nodata_and_nan_are_unlabelled(write: Write) -> None:
    filled = np.where(classes() == 0, np.int16(-9999), classes("int16"))
    assert np.array_equal(read_labels(write(filled, nodata=-9999), GRID).values, classes())
    holed = np.where(classes() == 0, np.nan, classes()).astype("float32")
    assert np.array_equal(read_labels(write(holed, "nan.tif"), GRID).values, classes())


@pytest.mark.parametrize(
    ("bad", "dtype", "words"),
    [
        (-3, "int16", r"labels\.tif holds class values -3"),
        (70_000, "int32", "holds class values 70000"),
        (2.5, "float32", r"numbers that are not whole, such as 2\.5"),
        (np.inf, "float32", "numbers that are not whole, such as inf"),
    ],
)
def test_values_that_cannot_be_classes_are_refused(write: Write, bad: float, dtype: str, words: str) -> None:
    values = classes(dtype)
    values[0, 0] = bad
    with pytest.raises(LabelError, match=words):
        read_labels(write(values), GRID)


def test_pictures_and_rasters_of_several_bands_are_refused(write: Write) -> None:
    picture = np.stack([classes()] * 4)
    with pytest.raises(LabelError, match="picture in RGBA colours, not a raster of class values"):
        read_labels(write(picture, photometric="RGB", alpha="yes"), GRID)
    with pytest.raises(LabelError, match="picture in RGB colours"):
        read_labels(write(picture[:3], "rgb.tif", photometric="RGB"), GRID)
    with pytest.raises(LabelError, match="has 2 bands; a raster of class values has one"):
        read_labels(write(picture[:2], "two.tif"), GRID)


@pytest.mark.parametrize("dtype", ["uint8", "int32"])
@pytest.mark.parametrize("first", [True, False], ids=["transparency first", "classes first"])
def test_transparent_pixels_are_unlabelled(write: Write, dtype: str, first: bool) -> None:
    opaque = np.full(SHAPE, 100, dtype)
    opaque[0, 1] = 0
    path = write(np.stack([opaque, classes(dtype)] if first else [classes(dtype), opaque]))
    with rasterio.open(path, "r+") as file:
        roles = [ColorInterp.alpha, ColorInterp.gray]
        file.colorinterp = roles if first else roles[::-1]
    values = read_labels(path, GRID).values
    expected = classes().astype(np.int32)
    expected[0, 1] = 0
    np.testing.assert_array_equal(values, expected)


def test_a_raster_without_any_label_is_refused(write: Write) -> None:
    with pytest.raises(LabelError, match="labels no pixel of the scene"):
        read_labels(write(np.zeros(SHAPE, np.uint8)), GRID)


# ----------------------------------------------------------------------------------------------- grid


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        (classes()[:5], {"transform": NORTH_UP @ Affine.translation(0, 0.4)}, "the size is 6×9 pixels against 5×9"),
        (classes(), {"transform": NORTH_UP @ Affine.translation(1.5, 0)}, r"shifted by 1\.50 columns"),
        (classes(), {"crs": "EPSG:32632"}, "the CRS is EPSG:32633"),
    ],
)
def test_another_grid_is_refused_and_resampling_is_named(write: Write, values: Any, options: Any, words: str) -> None:
    with pytest.raises(MismatchError, match=words) as caught:
        read_labels(write(values, **options), GRID)
    assert "resampling 'nearest' or 'majority'" in caught.value.hint


@pytest.mark.parametrize("block_rows", [1, 2, None], ids=["rows", "pairs of rows", "one block"])
@pytest.mark.parametrize(
    "transform",
    [NORTH_UP, Affine(30, 0, 364_000, 0, 30, 5_808_000), NORTH_UP @ Affine.rotation(25)],
    ids=["north up", "south up", "rotated"],
)
@pytest.mark.parametrize(
    ("rows", "cols"),
    [((0, 6), (0, 9)), ((2, 5), (3, 7)), ((-2, 8), (-1, 12)), ((-3, 4), (2, 11)), ((1, 9), (-4, 6))],
    ids=["the same", "inside", "around", "upper right", "lower left"],
)
@pytest.mark.parametrize("rule", ["refuse", "nearest", "majority"])
def test_labels_with_the_same_pixels_need_no_resampling(
    write: Write, rows: Any, cols: Any, transform: Affine, block_rows: int | None, rule: Any
) -> None:
    """Cut from a larger plane and placed by their coordinates, whichever part of the scene they cover."""
    plane = np.random.default_rng(3).choice([0, 2, 5, 11], size=(30, 40)).astype(np.uint8)
    own = plane[10 + rows[0] : 10 + rows[1], 10 + cols[0] : 10 + cols[1]]
    blocks = {} if block_rows is None else {"blockysize": block_rows}
    path = write(own, transform=transform @ Affine.translation(cols[0], rows[0]), **blocks)
    labels = read_labels(path, Grid(crs=GRID.crs, transform=transform, shape=SHAPE), resampling=rule)

    inside = np.zeros_like(plane)
    inside[10 + rows[0] : 10 + rows[1], 10 + cols[0] : 10 + cols[1]] = own
    np.testing.assert_array_equal(labels.values, inside[10:16, 10:19])
    is_same = own.shape == SHAPE and rows[0] == cols[0] == 0
    assert any("with the same pixels" in note for note in labels.notes) != is_same


@pytest.mark.parametrize("rule", ["refuse", "nearest", "majority"])
@pytest.mark.parametrize(
    ("shape", "words", "advice"),
    [
        ((9, 6), "has 9 rows and 6 columns, the scene 6 rows and 9 columns: rows and columns are exchanged", "Transpose the labels"),
        ((4, 5), "has 4 rows and 5 columns, the scene 6 rows and 9 columns, and neither has map coordinates", "Write the labels with 6 rows and 9 columns"),
        ((6, 12), "has 6 rows and 12 columns, the scene 6 rows and 9 columns, and neither has map", "with 6 rows and 9 columns"),
    ],
    ids=["transposed", "a part", "more"],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_labels_of_another_size_without_coordinates_have_no_place(
    write: Write, shape: tuple[int, int], words: str, advice: str, rule: Any
) -> None:
    """Laid on the upper left corner, they would train in the wrong places."""
    unplaced = Grid(crs=None, transform=Affine.identity(), shape=SHAPE)
    path = write(np.full(shape, 2, np.uint8), crs=None, transform=None)
    with pytest.raises(MismatchError, match=words) as caught:
        read_labels(path, unplaced, resampling=rule)
    assert advice in caught.value.hint
    with pytest.raises(MismatchError, match=words):
        read_split(path, unplaced, np.array([0]), np.array([0]))
    same = write(np.full(SHAPE, 2, np.uint8), "same.tif", crs=None, transform=None)
    assert (read_labels(same, unplaced, resampling=rule).values == 2).all()


def finer(values: np.ndarray, factor: int = 3) -> np.ndarray:
    return values.repeat(factor, 0).repeat(factor, 1)


@pytest.mark.parametrize("rule", ["nearest", "majority"])
@pytest.mark.parametrize(
    "transform",
    [NORTH_UP, Affine(30, 0, 364_000, 0, 30, 5_808_000), NORTH_UP @ Affine.rotation(25)],
    ids=["north up", "south up", "rotated"],
)
def test_finer_labels_are_brought_onto_the_grid(write: Write, rule: Any, transform: Affine) -> None:
    path = write(finer(classes()), transform=transform @ Affine.scale(1 / 3))
    labels = read_labels(path, Grid(crs=GRID.crs, transform=transform, shape=SHAPE), resampling=rule)
    assert np.array_equal(labels.values, classes())
    assert any(f"({rule}): the size is 6×9 pixels against 18×27" in note for note in labels.notes)
    bare = write(finer(classes()), "bare.tif", transform=transform @ Affine.scale(1 / 3), crs=None)
    unlocated = Grid(crs=None, transform=transform, shape=SHAPE)
    assert np.array_equal(read_labels(bare, unlocated, resampling=rule).values, classes())


def test_majority_counts_the_unlabelled_and_nearest_takes_the_centre(write: Write) -> None:
    fine = np.zeros((18, 27), np.uint8)
    fine[0:3, 0:3] = [[2, 2, 0], [2, 5, 0], [2, 2, 0]]  # five of nine are class 2, the centre is 5
    fine[4, 4] = 11  # one of nine pixels, the centre
    path = write(fine, transform=NORTH_UP @ Affine.scale(1 / 3))
    nearest = read_labels(path, GRID, resampling="nearest").values
    majority = read_labels(path, GRID, resampling="majority").values
    assert (nearest[0, 0], majority[0, 0]) == (5, 2)
    assert (nearest[1, 1], majority[1, 1]) == (11, 0)


def test_coarser_labels_and_another_crs_are_brought_onto_the_grid(write: Write) -> None:
    coarse = np.array([[2, 5, 11], [11, 2, 5]], np.uint8)
    path = write(coarse, transform=NORTH_UP @ Affine.scale(3))
    assert np.array_equal(read_labels(path, GRID, resampling="nearest").values, finer(coarse))
    geographic = write(
        np.full((200, 200), 5, np.uint8),
        "wgs84.tif",
        crs="EPSG:4326",
        transform=Affine(1e-4, 0, 12.99, 0, -1e-4, 52.42),
    )
    assert (read_labels(geographic, GRID, resampling="majority").values == 5).all()


def test_labels_of_the_whole_earth_overlap_a_scene(write: Write) -> None:
    world = np.full((18, 36), 5, np.uint8)
    path = write(world, crs="EPSG:4326", transform=Affine(10, 0, -180, 0, -10, 90))
    assert (read_labels(path, GRID, resampling="nearest").values == 5).all()


@pytest.mark.parametrize("rule", ["refuse", "nearest"])
def test_a_local_crs_cannot_be_brought_onto_the_scene(write: Write, rule: Any) -> None:
    path = write(classes(), crs='LOCAL_CS["plan",UNIT["metre",1],AXIS["x",EAST],AXIS["y",NORTH]]')
    with pytest.raises(MismatchError, match="plan"):
        read_labels(path, GRID, resampling=rule)


def test_labels_elsewhere_are_refused_with_both_extents(write: Write) -> None:
    path = write(classes(), transform=NORTH_UP @ Affine.translation(500, 0))
    with pytest.raises(MismatchError, match=r"cover x 379000 to 379270, .* the scene over x 364000 to 364270"):
        read_labels(path, GRID, resampling="nearest")


def test_labels_without_crs_are_refused_unless_the_scene_has_none_either(write: Write) -> None:
    path = write(classes(), crs=None)
    with pytest.raises(LabelError, match=r"has no CRS; the scene is in EPSG:32633 .* Assign the CRS"):
        read_labels(path, GRID)
    bare = Grid(crs=None, transform=NORTH_UP, shape=SHAPE)
    assert np.array_equal(read_labels(path, bare).values, classes())
    with_crs = read_labels(write(classes(), "utm.tif"), bare)
    assert any("The scene has no CRS" in note for note in with_crs.notes)


# ---------------------------------------------------------------------------------- names and colours


def test_the_colour_table_gives_colours(write: Write) -> None:
    colours = {2: (255, 0, 0, 255), 5: (0, 255, 0, 255), 11: (0, 0, 255, 255)}
    labels = read_labels(write(classes(), colours=colours), GRID)
    assert [c.colour for c in labels.legend] == ["#ff0000", "#00ff00", "#0000ff"]


def test_a_colour_table_that_does_not_tell_classes_apart_is_left_aside(write: Write) -> None:
    labels = read_labels(write(classes(), colours={2: (255, 0, 0, 255)}), GRID)
    assert len({c.colour for c in labels.legend}) == 3
    assert any("same colour to several classes" in note for note in labels.notes)


def test_a_class_map_of_this_engine_is_read_with_its_legend(tmp_path: Path) -> None:
    legend = Legend.of({2: "water", 5: "tree & bush", 11: "soil"}, {2: "#0000ff", 5: "#00aa00", 11: "#aa5500"})
    path = tmp_path / "map.tif"
    with ClassMapWriter(path, GRID, legend) as writer:
        writer.write(Window.of_shape(SHAPE), classes())
    write_class_map_style(path, legend)
    labels = read_labels(path, GRID)
    assert labels.legend == legend
    path.with_suffix(".qml").unlink()
    assert read_labels(path, GRID).legend == legend


def test_a_given_legend_goes_first_and_a_broken_style_is_ignored_with_a_note(write: Write) -> None:
    path = write(classes())
    path.with_suffix(".qml").write_text("<qgis>")
    whole = Legend.of({2: "lake", 5: "wood", 11: "field", 12: "road"})
    labels = read_labels(path, GRID, legend=whole)
    assert labels.legend.names == ["lake", "wood", "field"]
    assert "Class names and colours come from the given legend." in labels.notes
    labels = read_labels(path, GRID, legend=whole.subset([2, 5]))
    assert labels.legend.names == ["lake", "wood", "11"]
    assert any("The style file of the labels was ignored" in note and "not XML" in note for note in labels.notes)


# --------------------------------------------------------------------------------- files and the split


def test_files_that_are_no_labels_are_refused(tmp_path: Path, write: Write) -> None:
    write(classes(), "labels.tif")
    with pytest.raises(LabelError, match=r"does not exist. Did you mean labels\.tif") as caught:
        read_labels(tmp_path / "label.tif", GRID)
    assert caught.value.code == "labels.not_found"
    note = tmp_path / "note.txt"
    note.write_text("not a raster")
    with pytest.raises(LabelError, match="neither a vector file nor a raster that GDAL can read"):
        read_labels(note, GRID)
    with pytest.raises(LabelError, match="is a folder"):
        read_labels(tmp_path, GRID)


def test_a_split_raster_is_read_as_it_is_and_must_be_on_the_grid(write: Write) -> None:
    split = np.resize(np.array([0, 1, 2, 3], np.uint8), SHAPE)
    rows, cols = np.nonzero(np.ones(SHAPE))
    assert np.array_equal(read_split(write(split), GRID, rows, cols), split.ravel())
    part = read_split(write(split[:5], "small.tif"), GRID, rows, cols)
    assert np.array_equal(part, np.vstack([split[:5], np.zeros((1, SHAPE[1]), np.uint8)]).ravel())
    with pytest.raises(MismatchError, match="the size is 6×9 pixels against 5×9"):
        read_split(write(split[:5], "shifted.tif", transform=NORTH_UP @ Affine.translation(0.5, 0)), GRID, rows, cols)


def test_reading_a_raster_tells_how_far_it_is_and_can_be_cancelled(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_strips, "_STRIP_PX", 2 * SHAPE[1])
    path = write(classes(), blockysize=1)
    told: list[tuple[float, str]] = []

    class Telling(SilentReporter):
        def progress(self, fraction: float, message: str = "") -> None:
            told.append((fraction, message))
            if len(told) == stop_after:
                self.cancel.set()

    stop_after = 0
    whole = read_labels(path, GRID, reporter=Telling())
    assert told[0] == (2 / 6, "Reading the labels: 2 of 6 rows")
    assert told[-1] == (1.0, "Reading the labels: 6 of 6 rows")
    assert np.array_equal(whole.pixels.values, read_labels(path, GRID).pixels.values)

    told.clear()
    stop_after = 1
    with pytest.raises(Cancelled):
        read_labels(path, GRID, reporter=Telling())
    assert len(told) == 1, "the rest is not read"
