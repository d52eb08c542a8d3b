"""From an extent on the map to the pixels it touches."""

from __future__ import annotations

import pyproj
import pytest
from affine import Affine

import make_scenes
from hsi_engine.errors import MismatchError, ParameterError
from hsi_engine.io.maps.map_extent import extent_window, parse_extent
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import Window

UTM = pyproj.CRS("EPSG:32633").to_wkt()
NORTH_UP = Grid(crs=UTM, transform=Affine(30.0, 0.0, 600.0, 0.0, -30.0, 9000.0), shape=(20, 30))


def window(text: str, grid: Grid = NORTH_UP) -> Window:
    return extent_window(parse_extent(text), grid)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("660,8850,750,8970", (1, 2, 4, 3)),  # along the edges of pixels: their neighbours are not touched
        ("660.0001,8850.0001,749.9999,8969.9999", (1, 2, 4, 3)),
        ("659.9999,8849.9999,750.0001,8970.0001", (1, 2, 4, 3)),
        ("659,8849,751,8971", (0, 1, 6, 5)),
        ("661, 8969, 662, 8969.5", (1, 2, 1, 1)),
        ("0,0,1e9,1e9", (0, 0, 20, 30)),
        ("1490,8399,2000,8401", (19, 29, 1, 1)),
        ("600.1,8999.95,600.101,8999.951", (0, 0, 1, 1)),
    ],
)
def test_all_pixels_that_are_touched_are_taken_and_no_others(text: str, expected: tuple[int, int, int, int]) -> None:
    row, col, height, width = expected
    assert window(text) == Window(row=row, col=col, height=height, width=width)


def test_a_scene_with_south_up_has_its_rows_the_other_way() -> None:
    south_up = Grid(crs=UTM, transform=Affine(30.0, 0.0, 600.0, 0.0, 30.0, 8400.0), shape=(20, 30))
    assert window("660,8430,750,8550", south_up) == Window(row=1, col=2, height=4, width=3)


def test_in_a_rotated_scene_it_is_the_smallest_rectangle_of_pixels_around_the_extent() -> None:
    rotated = Grid(crs=UTM, transform=make_scenes.ROTATED, shape=(20, 30))
    x, y = rotated.transform @ (10.5, 8.5)
    found = window(f"{x - 30},{y - 15},{x + 30},{y + 15}", rotated)
    corners = [~rotated.transform @ (x + dx, y + dy) for dx in (-30, 30) for dy in (-15, 15)]
    cols, rows = zip(*corners, strict=True)
    assert (found.col, found.row) == (int(min(cols)), int(min(rows)))
    assert (found.col_end, found.row_end) == (int(max(cols)) + 1, int(max(rows)) + 1)


def test_an_extent_in_another_crs_holds_what_it_holds_there() -> None:
    grid = Grid(crs=UTM, transform=make_scenes.NORTH_UP, shape=(200, 300))
    to_degrees = pyproj.Transformer.from_crs(UTM, "EPSG:4326", always_xy=True)
    box = Window(row=50, col=70, height=60, width=90)
    left, top = grid.transform @ (box.col, box.row)
    right, bottom = grid.transform @ (box.col_end, box.row_end)
    degrees = to_degrees.transform_bounds(left, bottom, right, top)
    found = window(",".join(map(repr, degrees)) + ", EPSG:4326", grid)
    assert found.intersect(box) == box
    assert found.height <= box.height + 6
    assert found.width <= box.width + 6
    own = ",".join(map(repr, (left, bottom, right, top)))
    assert window(own + ",EPSG:32633", grid) == window(own, grid) == box


BERLIN = Grid(crs=UTM, transform=Affine(300.0, 0.0, 400000.0, 0.0, -300.0, 5800000.0), shape=(300, 300))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "text",
    [
        "-164.33397,-52.85,133.709,69.6727,EPSG:4326",  # of this, 82 % of the columns were left
        "-180,-90,180,90,EPSG:4326",
        "-220,-95,200,95,EPSG:4326",  # of a canvas that is zoomed out
        "-20037508.34,-20037508.34,20037508.34,20037508.34,EPSG:3857",
        "-5e7,-5e7,5e7,5e7,EPSG:3857",
        "-1e308,-1e308,1e308,1e308,EPSG:4326",
        "-1e308,-1e308,1e308,1e308,EPSG:3035",
        "-1e308,-1e308,1e308,1e308",
        "-105,28,44,79,EPSG:4326",  # so do the same numbers in the order of QGIS
    ],
)
def test_an_extent_that_holds_the_scene_and_much_of_the_world_is_the_whole_scene(text: str) -> None:
    assert window(text, BERLIN) == Window.of_shape(BERLIN.shape)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("crs", ["", ",EPSG:4326"])
def test_an_extent_in_the_infinite_is_refused_with_finite_places(crs: str) -> None:
    with pytest.raises(MismatchError, match="The extent does not overlap the scene") as caught:
        window(f"1e300,1e300,1e308,1e308{crs}", BERLIN)
    assert "inf" not in caught.value.message
    assert "nan" not in caught.value.message


def test_an_extent_over_half_the_world_is_cut_where_it_ends() -> None:
    """Its edge is the meridian through the middle of the scene, along which columns shift by a few pixels."""
    to_degrees = pyproj.Transformer.from_crs(UTM, "EPSG:4326", always_xy=True)
    edge = [to_degrees.transform(*(BERLIN.transform @ (150, row)))[0] for row in (0, 150, 300)]
    found = window(f"-180,-90,{edge[1]!r},90,EPSG:4326", BERLIN)
    assert (found.row, found.col, found.height) == (0, 0, 300)
    lean = [(~BERLIN.transform @ to_degrees.transform(edge[1], lat, direction="INVERSE"))[0] for lat in (51.5, 52.4)]
    assert found.col_end == pytest.approx(max(lean), abs=2)


@pytest.mark.parametrize("east", ["179,-17,180,-16", "-181,-17,-180,-16"])
def test_a_scene_across_the_180th_meridian_is_one_piece(east: str) -> None:
    """At 180° the scene of 180 × 180 km has about 40 % of its columns in the west."""
    fiji = Grid(
        crs=pyproj.CRS("EPSG:32760").to_wkt(), transform=Affine(3000, 0, 750000, 0, -3000, 8200000), shape=(60, 60)
    )
    assert window("-180,-90,180,90,EPSG:4326", fiji) == Window.of_shape(fiji.shape)
    to_degrees = pyproj.Transformer.from_crs(fiji.crs, "EPSG:4326", always_xy=True)
    west_of = [(~fiji.transform @ to_degrees.transform(180, lat, direction="INVERSE"))[0] for lat in (-17, -16.3)]
    found = window(f"{east},EPSG:4326", fiji)
    assert found.col == 0
    assert found.col_end == pytest.approx(max(west_of), abs=2)


def test_an_extent_in_a_crs_without_a_place_for_the_scene_is_refused() -> None:
    beyond = Grid(crs=pyproj.CRS("EPSG:3035").to_wkt(), transform=Affine(1e5, 0, 5e7, 0, -1e5, 5e7), shape=(10, 10))
    with pytest.raises(MismatchError, match=r"The scene has no place in the CRS of the extent \(EPSG:4326"):
        window("0,0,10,10,EPSG:4326", beyond)


@pytest.mark.parametrize("transform", [Affine.identity(), Affine.scale(1, -1)])
@pytest.mark.parametrize("text", ["3,-9,7,-4", "3,4,7,9"])
def test_rows_of_a_scene_without_coordinates_may_count_down_from_zero(transform: Affine, text: str) -> None:
    grid = Grid(crs=None, transform=transform, shape=(20, 30))
    assert window(text, grid) == Window(row=4, col=3, height=5, width=4)


def test_an_extent_beside_the_scene_is_refused_with_both_places() -> None:
    with pytest.raises(MismatchError) as caught:
        window("1500,8400,1600,9000")
    assert caught.value.code == "mismatch.no_overlap"
    assert "The extent does not overlap the scene." in caught.value.message
    assert "EPSG:32633" in caught.value.message
    assert "x 1500 to 1600, y 8400 to 9000, the scene over x 600 to 1500, y 8400 to 9000" in caught.value.message
    assert caught.value.hint == "Check the four numbers and their CRS."


def test_the_order_of_qgis_is_recognised() -> None:
    """Read as it stands, such an extent covers the scene and much around it."""
    utm = Grid(crs=UTM, transform=make_scenes.NORTH_UP, shape=(200, 300))
    degrees = Grid(crs=pyproj.CRS("EPSG:4326").to_wkt(), transform=Affine(1e-4, 0, 13, 0, -1e-4, 52), shape=(200, 300))
    for text, grid in (("364200,364500,5809000,5809500", utm), ("13.001,13.01,51.985,52.1", degrees)):
        with pytest.raises(MismatchError, match=r"QGIS writes xmin,xmax,ymin,ymax: swap the second and third"):
            window(text, grid)
        a, b, c, d = text.split(",")
        assert not window(f"{a},{c},{b},{d}", grid).is_empty


@pytest.mark.parametrize("text", ["1,2,29,19", "-5,-3,40,38", "0,0,30,20"])
def test_small_coordinates_are_not_taken_for_another_order(text: str) -> None:
    grid = Grid(crs=None, transform=Affine(1, 0, 0, 0, -1, 20), shape=(20, 30))
    assert not window(text, grid).is_empty


def test_an_extent_as_qgis_writes_it_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"in the order of QGIS.*Write \"xmin,ymin,xmax,ymax\""):
        window("660,750,8850,8970 [EPSG:32633]")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "does not begin with four numbers"),
        ("1,2,3", "does not hold four finite numbers"),
        ("1,2,three,4", "does not begin with four numbers"),
        ("1,2,nan,4", "does not hold four finite numbers"),
        ("3,2,3,4", "has no area: xmin must be less than xmax"),
        ("1,4,3,2", "ymin less than ymax"),
        ("1,2,3,4,EPSG:99999", "'EPSG:99999' is not a known CRS"),
        ("1,2,3,4,", "is not a known CRS"),
    ],
)
def test_what_is_no_extent_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parse_extent(text)
    assert caught.value.code == "parameter.extent"
    assert says in caught.value.message
    assert '"xmin,ymin,xmax,ymax"' in caught.value.hint


def test_an_extent_with_a_crs_needs_a_scene_with_one() -> None:
    grid = Grid(crs=None, transform=NORTH_UP.transform, shape=NORTH_UP.shape)
    with pytest.raises(MismatchError, match=r"the scene has no CRS\. Give the extent in the coordinates of the scene"):
        window("660,8850,750,8970,EPSG:32633", grid)
