from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from affine import Affine
from pyproj import CRS
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import LabelError, MismatchError
from hsi_engine.io.labels.labels import read_labels, read_split
from hsi_engine.io.vectors.burning import drawing
from hsi_engine.pixels.grid import Grid

UTM = "EPSG:32633"
NORTH_UP = Affine(30, 0, 364_000, 0, -30, 5_809_000)
TRANSFORMS = {
    "north up": NORTH_UP,
    "south up": Affine(30, 0, 364_000, 0, 30, 5_808_000),
    "rotated": NORTH_UP @ Affine.rotation(20),
    "rotated south up": Affine(30, 0, 364_000, 0, 30, 5_808_000) @ Affine.rotation(-35),
    "sheared, not square": Affine(30, 4, 364_000, 2, -12, 5_809_000),
}
SHAPE = (11, 17)
HERE = np.array([0]), np.array([0])

Write = Callable[..., Path]


def grid(transform: Affine = NORTH_UP, crs: str | None = UTM) -> Grid:
    return Grid(crs=None if crs is None else CRS(crs).to_wkt(), transform=transform, shape=SHAPE)


def cell(row: float, col: float, height: float = 1, width: float = 1, transform: Affine = NORTH_UP) -> Polygon:
    corners = [(col, row), (col + width, row), (col + width, row + height), (col, row + height)]
    return Polygon([transform @ corner for corner in corners])


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write geometries and fields as a layer and return the path."""

    def write_layer(geometries: list[Any], *, name: str = "labels.gpkg", crs: str | None = UTM, **fields: Any) -> Path:
        layer = fields.pop("layer", None)
        frame = geopandas.GeoDataFrame(fields or {"class_id": [1] * len(geometries)}, geometry=geometries, crs=crs)
        path = tmp_path / name
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "'crs' was not provided")  # on purpose
            pyogrio.write_dataframe(frame, path, layer=layer or path.stem)
        return path

    return write_layer


def has_note(notes: tuple[str, ...], words: str) -> bool:
    return any(words in note for note in notes)


# --------------------------------------------------------------------------------------------- places


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
@pytest.mark.parametrize("crs", [UTM, "EPSG:4326", "EPSG:3857", "EPSG:31469"])
def test_polygons_and_points_label_their_pixels_on_any_transform_from_any_crs(
    write: Write, transform: Affine, crs: str
) -> None:
    expected = np.zeros(SHAPE, int)
    expected[2:4, 5:11] = 11
    expected[9, 16] = 5
    expected[0, 0] = 2
    shapes = [
        cell(2, 5, 2, 6, transform).buffer(-0.5, join_style="mitre"),
        cell(9, 16, transform=transform),
        Point(transform @ (0.3, 0.6)),
    ]
    moved = list(geopandas.GeoSeries(shapes, crs=UTM).to_crs(crs))
    labels = read_labels(write(moved, crs=crs, class_id=[11, 5, 2]), grid(transform))
    assert np.array_equal(labels.values, expected)
    assert sorted(np.unique(labels.groups)) == [0, 1, 2, 3]
    assert has_note(labels.notes, "reprojected from") == (crs != UTM)


@pytest.mark.parametrize("crs", [UTM, "EPSG:4326", "EPSG:32632"])
def test_a_scene_whose_crs_has_heights_takes_labels_of_any_crs(write: Write, crs: str) -> None:
    moved = list(geopandas.GeoSeries([cell(2, 5, 2, 6).buffer(-0.5, join_style="mitre")], crs=UTM).to_crs(crs))
    labels = read_labels(write(moved, crs=crs), grid(crs="EPSG:32633+5773"))
    assert np.argwhere(labels.values).tolist() == [[row, col] for row in (2, 3) for col in range(5, 11)]
    assert has_note(labels.notes, "reprojected from") == (crs != UTM)


@pytest.mark.parametrize("name", ["labels.gpkg", "labels.shp", "labels.geojson", "labels.fgb", "labels.gml"])
def test_any_vector_format_gives_the_same_labels(write: Write, name: str) -> None:
    moved = list(geopandas.GeoSeries([cell(2, 5), cell(7, 3, 2, 2)], crs=UTM).to_crs("EPSG:4326"))
    labels = read_labels(write(moved, name=name, crs="EPSG:4326", class_id=[11, 5]), grid(), class_field="class_id")
    assert (np.argwhere(labels.values == 11)).tolist() == [[2, 5]]
    assert (labels.values == 5).sum() == 4
    assert len(labels.source["sha256"]) == 64


def test_the_centre_of_a_pixel_decides_unless_all_touched(write: Write) -> None:
    path = write([cell(2.6, 3.6, 1.2, 2.2)])
    assert np.argwhere(read_labels(path, grid()).values).tolist() == [[3, 4], [3, 5]]
    assert (read_labels(path, grid(), all_touched=True).values > 0).sum() == 6


def test_polygons_that_cover_no_pixel_centre_are_counted(write: Write) -> None:
    tiny = cell(4.1, 4.1, 0.2, 0.2)
    labels = read_labels(write([cell(1, 1), tiny, cell(6.1, 6.1, 0.3, 5)]), grid())
    assert has_note(labels.notes, "too small or narrow to cover a pixel centre, so they label nothing: 2.")
    with pytest.raises(LabelError, match="cover no pixel centre"):
        read_labels(write([tiny], name="tiny.gpkg"), grid())


def test_a_polygon_hidden_under_others_is_not_called_too_small(write: Write) -> None:
    labels = read_labels(write([cell(1, 1), cell(1, 1), cell(1, 1)]), grid())
    assert not has_note(labels.notes, "too small")


def test_features_outside_the_scene_are_counted(write: Write) -> None:
    labels = read_labels(write([cell(1, 1), cell(50, 50), Point(0, 0)]), grid())
    assert has_note(labels.notes, "Features outside the scene, left out: 2 of 3.")


def test_no_overlap_is_refused_with_both_extents(write: Write) -> None:
    path = write([box(13.0, 52.4, 13.1, 52.5)], crs=UTM)
    with pytest.raises(MismatchError, match=r"labels cover x 13 to 13\.1, y 52\.4 to 52\.5, the scene over x 364"):
        read_labels(path, grid())


def test_a_crs_without_a_place_on_earth_is_refused(write: Write) -> None:
    local = Grid(crs='LOCAL_CS["plan",UNIT["metre",1]]', transform=NORTH_UP, shape=SHAPE)
    with pytest.raises(MismatchError, match=r"cannot be transformed to the CRS of the scene \(plan\)"):
        read_labels(write([cell(1, 1)]), local)


def test_coordinates_beyond_the_reach_of_the_crs_are_left_out_and_counted(write: Write) -> None:
    shapes = [*geopandas.GeoSeries([cell(1, 1)], crs=UTM).to_crs("EPSG:4326"), Point(15, 95)]
    labels = read_labels(write(shapes, crs="EPSG:4326"), grid())
    assert np.argwhere(labels.values).tolist() == [[1, 1]]
    assert has_note(labels.notes, "cannot be expressed in the CRS of the scene, left out: 1.")


def test_labels_without_crs_are_refused_unless_the_scene_has_none_either(write: Write) -> None:
    path = write([cell(1, 1)], name="labels.shp", crs=None)
    with pytest.raises(LabelError, match=r"has no CRS; .* Assign the CRS"):
        read_labels(path, grid())
    labels = read_labels(path, grid(crs=None))
    assert labels.values[1, 1] == 1
    assert has_note(labels.notes, "The scene has no CRS")
    with_crs = read_labels(write([cell(1, 1)], name="utm.gpkg"), grid(crs=None))
    assert has_note(with_crs.notes, "(EPSG:32633 (WGS 84 / UTM zone 33N)) are taken to be its map coordinates")


def test_labels_drawn_in_a_gis_on_a_scene_without_coordinates_are_found_below_the_axis(write: Write) -> None:
    path = write([box(4, -4, 6, -2)], name="labels.shp", crs=None)
    labels = read_labels(path, grid(Affine.identity(), crs=None))
    assert np.argwhere(labels.values).tolist() == [[2, 4], [2, 5], [3, 4], [3, 5]]
    assert has_note(labels.notes, "minus the row")


# -------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize("texts", [["3", "nan", "7"], ["wood", "NaN", "soil"]])
def test_the_text_nan_is_no_class_unless_a_legend_names_it(write: Write, texts: list[str]) -> None:
    path = write([cell(1, 1), cell(2, 2), cell(3, 3)], kind=texts)
    labels = read_labels(path, grid(), class_field="kind")
    assert labels.values[2, 2] == 0
    assert np.count_nonzero(labels.values) == 2
    assert set(labels.legend.names) == set(texts) - {texts[1]}
    assert len(labels.warnings) == 1
    assert (
        "holds the text 'nan', which programs write for a missing number: these features are left out, 1 of 3."
        in (labels.warnings[0])
    )
    legend = Legend.of(dict(enumerate(texts, 1)))
    named = read_labels(path, grid(), class_field="kind", legend=legend)
    assert named.values[2, 2] == 2
    assert named.warnings == ()


# ----------------------------------------------------------------------------------------- geometries


def test_mixed_multi_part_3d_and_empty_geometries(write: Write) -> None:
    solid = shapely.force_3d(cell(1, 1), 100.0)
    several = MultiPolygon([cell(3, 3), cell(3, 6)])
    collection = GeometryCollection([cell(5, 5), LineString([NORTH_UP @ (0, 0), NORTH_UP @ (9, 9)])])
    line = LineString([NORTH_UP @ (0, 9.5), NORTH_UP @ (9, 9.5)])
    labels = read_labels(write([solid, several, collection, line, None, Polygon()]), grid())
    assert np.argwhere(labels.values).tolist() == [[1, 1], [3, 3], [3, 6], [5, 5]]
    assert labels.groups[3, 3] == labels.groups[3, 6] == 2
    assert has_note(labels.notes, "Features without geometry, left out: 2.")
    assert has_note(labels.notes, "Heights (z)")
    assert has_note(labels.notes, "because labels are polygons or points: 2.")


def test_only_lines_are_refused(write: Write) -> None:
    with pytest.raises(
        LabelError, match=r"holds no polygon or point that can be used \(lines: 1, empty geometries: 0\)"
    ):
        read_labels(write([LineString([NORTH_UP @ (0, 0), NORTH_UP @ (9, 9)])]), grid())


def test_invalid_polygons_are_made_valid_and_counted(write: Write) -> None:
    bow_tie = Polygon([NORTH_UP @ corner for corner in ((2, 2), (8, 8), (8, 2), (2, 8))])
    labels = read_labels(write([bow_tie, cell(0, 0)]), grid())
    assert has_note(labels.notes, "Invalid polygons (such as self-crossing outlines), made valid: 1.")
    assert labels.values[5, 3] == labels.values[5, 7] == 1
    assert labels.values[3, 5] == 0


def test_an_empty_layer_and_a_table_without_geometry_are_refused(write: Write, tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="holds no features"):
        read_labels(write([], class_id=np.array([], int)), grid())
    table = tmp_path / "table.csv"
    table.write_text("class_id\n1\n")
    with pytest.raises(LabelError, match="no layer with geometries"):
        read_labels(table, grid())


def test_damaged_vector_files_are_refused(write: Write, tmp_path: Path) -> None:
    whole = write([cell(1, 1)])
    damaged = tmp_path / "damaged.gpkg"
    damaged.write_bytes(whole.read_bytes()[:5000])
    with pytest.raises(LabelError, match=r"damaged\.gpkg cannot be read"):
        read_labels(damaged, grid())
    shapefile = write([cell(1, 1)], name="labels.shp")
    shapefile.with_suffix(".shx").unlink()
    with pytest.raises(LabelError, match=r"copy \.shp, \.shx, \.dbf and \.prj together"):
        read_labels(shapefile, grid())


def test_several_layers_must_be_chosen_from(write: Write) -> None:
    write([cell(1, 1)], layer="fields")
    path = write([cell(2, 2)], layer="woods")
    with pytest.raises(LabelError, match="holds 2 layers, and none was chosen: fields, woods"):
        read_labels(path, grid())
    with pytest.raises(LabelError, match=r"no layer 'roads' with geometries; found: fields, woods"):
        read_labels(path, grid(), layer="roads")
    labels = read_labels(path, grid(), layer="woods")
    assert np.argwhere(labels.values).tolist() == [[2, 2]]
    assert labels.source["layer"] == "woods"


# ------------------------------------------------------------------------------------ classes, names


def test_class_values_names_and_colours_are_those_of_the_file(write: Write) -> None:
    path = write(
        [cell(1, 1), cell(2, 2), cell(3, 3)],
        class_id=[11, 2, 5],
        class_name=["soil", "water", "tree"],
        color=["#D55E00", "0, 114, 178", "no colour"],
    )
    labels = read_labels(path, grid(), class_field="class_id")
    assert [(c.value, c.name) for c in labels.legend] == [(2, "water"), (5, "tree"), (11, "soil")]
    assert labels.legend.classes[0].colour == "#0072b2"
    assert labels.legend.classes[2].colour == "#d55e00"
    assert has_note(
        labels.notes, "Entries of field 'color' that cannot be read and were ignored: 1, such as 'no colour'."
    )
    named = read_labels(path, grid(), class_field="class_id", name_field="color", colour_field="class_name")
    assert named.legend.names == ["0, 114, 178", "no colour", "#D55E00"]


def test_text_classes_are_numbered_in_sorted_order(write: Write) -> None:
    labels = read_labels(write([cell(1, 1), cell(2, 2), cell(3, 3)], kind=["tree", " soil ", "tree"]), grid())
    assert [(c.value, c.name) for c in labels.legend] == [(1, "soil"), (2, "tree")]
    assert labels.values[1, 1] == labels.values[3, 3] == 2


def test_a_given_legend_numbers_text_classes_and_goes_before_the_file(write: Write) -> None:
    path = write([cell(1, 1), cell(2, 2)], kind=["tree", "Soil"])
    legend = Legend.of({7: "soil", 9: "tree", 12: "water"}, {7: "#aa0000"})
    labels = read_labels(path, grid(), class_field="kind", legend=legend)
    assert labels.values[1, 1] == 9
    assert labels.legend == legend.subset([7, 9])
    with pytest.raises(LabelError, match=r"does not name: tree\. The legend names: soil"):
        read_labels(path, grid(), class_field="kind", legend=legend.subset([7]))


def test_a_given_legend_that_lacks_a_value_is_completed_and_this_is_said(write: Write) -> None:
    labels = read_labels(write([cell(1, 1), cell(2, 2)], class_id=[3, 4]), grid(), legend=Legend.of({3: "oak"}))
    assert labels.legend.names == ["oak", "4"]
    assert has_note(labels.notes, "The given legend lacks class values 4")


def test_names_and_colours_are_said_to_come_from_where_they_do(write: Write) -> None:
    path = write([cell(1, 1), cell(2, 2)], class_id=[3, 4], label=["elm", "ash"], color=["#111111", "none"])
    whole = Legend.of({3: "oak", 4: "lime", 5: "fir"}, {3: "#aa0000", 4: "#00aa00"})

    labels = read_labels(path, grid(), class_field="class_id", legend=whole)
    assert labels.legend == whole.subset([3, 4])
    assert has_note(labels.notes, "Class names and colours come from the given legend.")
    assert not has_note(labels.notes, "field")

    asked = read_labels(path, grid(), class_field="class_id", legend=whole, name_field="label")
    assert has_note(asked.notes, "Names and colours from these fields are not used: label.")
    with pytest.raises(LabelError, match="has no field 'nme'"):
        read_labels(path, grid(), class_field="class_id", legend=whole, name_field="nme")

    part = read_labels(path, grid(), class_field="class_id", legend=whole.subset([3]))
    assert part.legend.names == ["oak", "ash"]
    assert has_note(part.notes, "Class names of classes missing in the given legend come from field 'label'.")
    assert has_note(part.notes, "Colours of classes missing in the given legend come from field 'color'.")
    assert has_note(part.notes, "ignored: 1, such as 'none'")


def test_colours_that_a_given_legend_lacks_come_from_the_field(write: Write) -> None:
    path = write([cell(1, 1), cell(2, 2), cell(3, 3)], class_id=[3, 4, 5], color=["#111111", "#222222", "#333333"])
    named: list[dict[str, object]] = [{"value": value, "name": f"tree {value}"} for value in (3, 4, 5)]

    labels = read_labels(path, grid(), class_field="class_id", legend=Legend.from_json(named))
    assert [item.colour for item in labels.legend] == ["#111111", "#222222", "#333333"]
    assert has_note(labels.notes, "Colours of classes without one in the given legend come from field 'color'.")
    assert has_note(labels.notes, "Class names come from the given legend, which has no colours for some or all")

    named[0]["color"] = "#aa0000"
    for given in (named, named[:2]):
        labels = read_labels(path, grid(), class_field="class_id", legend=Legend.from_json(given))
        assert [item.colour for item in labels.legend] == ["#aa0000", "#222222", "#333333"]
        assert labels.legend.names[:2] == ["tree 3", "tree 4"]

    asked = read_labels(
        path, grid(), class_field="class_id", legend=Legend.from_json(named), colour_field="color", name_field="color"
    )
    assert has_note(asked.notes, "Names and colours from these fields are not used: color.")
    with pytest.raises(LabelError, match="has no field 'colr'"):
        read_labels(path, grid(), class_field="class_id", legend=Legend.from_json(named), colour_field="colr")


def test_whole_numbers_in_real_or_text_fields_are_accepted(write: Write) -> None:
    path = write([cell(1, 1), cell(2, 2)], real=[2.0, 11.0], text=["2", "11"])
    for field in ("real", "text"):
        labels = read_labels(path, grid(), class_field=field)
        assert labels.legend.values.tolist() == [2, 11]
    assert has_note(labels.notes, "holds whole numbers stored as text")


def test_features_without_class_and_of_class_0_are_left_out_and_counted(write: Write) -> None:
    shapes = [cell(1, 1), cell(2, 2), cell(3, 3)]
    for name, column in (("int.gpkg", [4, None, 0]), ("text.gpkg", ["a", None, " "])):
        labels = read_labels(write(shapes, name=name, kind=column), grid(), class_field="kind")
        assert np.argwhere(labels.values).tolist() == [[1, 1]]
        assert has_note(labels.notes, "Features without class (empty field 'kind'), left out: ")


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ([1.5, 2.0], r"numbers that are not whole, such as 1\.5"),
        ([-3, 2], r"holds class values -3; class values must be whole numbers from 1 to 65535"),
        ([70_000, 2], "holds class values 70000"),
        ([2**60, 2], "class values must be whole numbers from 1 to 65535"),
        ([1e300, 2.0], r"holds class values 1e\+300"),
        ([0, 0], r"holds no class \(empty: 0, class 0: 2\)"),
        ([None, ""], r"holds no class \(empty: 2, class 0: 0\)"),
        (np.array(["2020-01-01", "2021-01-01"], "datetime64[ms]"), "holds dates"),
    ],
)
def test_values_that_cannot_be_classes_are_refused(write: Write, column: Any, words: str) -> None:
    with pytest.raises(LabelError, match=words):
        read_labels(write([cell(1, 1), cell(2, 2)], kind=column), grid(), class_field="kind")


def test_a_missing_field_lists_the_fields_and_the_nearest(write: Write) -> None:
    path = write([cell(1, 1)], Class_ID=[1], note=["x"])
    expected = r"no field 'class_id'; its fields are: Class_ID \(integer\), note \(text\)\. Did you mean 'Class_ID'"
    with pytest.raises(LabelError, match=expected):
        read_labels(path, grid(), class_field="class_id")
    for parameter in ("name_field", "colour_field"):
        with pytest.raises(LabelError, match="no field 'missing'"):
            read_labels(path, grid(), class_field="Class_ID", **{parameter: "missing"})  # type: ignore[arg-type]


def test_without_a_named_field_a_usual_one_is_taken_and_said_or_the_fields_are_listed(write: Write) -> None:
    labels = read_labels(write([cell(1, 1)], note=["x"], Class_ID=[4]), grid())
    assert has_note(labels.notes, "No class field was given; 'Class_ID' is used")
    path = write([cell(1, 1)], name="other.gpkg", height=[4], species=["oak"])
    with pytest.raises(LabelError, match=r"Its fields are: height \(integer\), species \(text\)"):
        read_labels(path, grid())


def test_names_that_differ_within_a_class_are_said(write: Write) -> None:
    shapes = [cell(1, 1), cell(2, 2), cell(3, 3)]
    labels = read_labels(write(shapes, class_id=[1, 1, 1], class_name=["oak", "ash", "oak"]), grid())
    assert labels.legend.names == ["oak"]
    assert has_note(labels.notes, "Class 1 has several entries in 'class_name': oak is used, not ash")


def test_numbers_among_words_are_read_as_names_and_this_is_said(write: Write) -> None:
    labels = read_labels(write([cell(1, 1), cell(2, 2)], kind=["5", "oak"]), grid())
    assert labels.legend.names == ["5", "oak"]
    assert labels.legend.values.tolist() == [1, 2]
    assert has_note(labels.notes, "holds numbers and other text")


STYLE = """<qgis><renderer-v2 type="categorizedSymbol" attr="{field}">
<categories><category value="oak" label="Oak forest" symbol="0"/></categories>
<symbols><symbol name="0"><layer><prop k="color" v="1,2,3,255"/></layer></symbol></symbols>
</renderer-v2></qgis>"""


def test_a_style_beside_the_file_colours_the_classes_of_its_own_field_only(write: Write) -> None:
    path = write([cell(1, 1), cell(2, 2)], kind=["oak", "ash"], stand=["oak", "elm"])
    path.with_suffix(".qml").write_text(STYLE.format(field="kind"))
    styled = read_labels(path, grid(), class_field="kind").legend
    assert [(c.name, c.colour) for c in styled][1] == ("oak", "#010203")
    other = read_labels(path, grid(), class_field="stand").legend
    assert "#010203" not in [c.colour for c in other]


# -------------------------------------------------------------------------------------------- overlap


@pytest.mark.parametrize(("rule", "shared"), [("drop", 0), ("first", 3), ("last", 7)])
def test_pixels_under_polygons_of_different_classes_follow_the_rule(write: Write, rule: Any, shared: int) -> None:
    path = write([cell(1, 1, 3, 3), cell(2, 2, 3, 3)], class_id=[3, 7])
    labels = read_labels(path, grid(), overlap=rule)
    assert (labels.values[2:4, 2:4] == shared).all()
    assert labels.values[1, 1] == 3
    assert labels.values[4, 4] == 7
    assert has_note(labels.notes, "Pixels under polygons of different classes: 4 (3 and 7 on 4)")


def test_points_that_repeat_others_are_counted_once_and_this_is_said(write: Write) -> None:
    points = [Point(NORTH_UP @ place) for place in ((1.5, 2.5), (1.2, 2.9), (1.7, 2.1), (4.5, 2.5), (60, 60), (60, 60))]
    labels = read_labels(write(points, class_id=[3, 3, 3, 3, 3, 3]), grid())
    assert (labels.values > 0).sum() == 2
    assert has_note(
        labels.notes, "in which another one of the same class lies: 2; each pixel counts once for its class"
    )
    contradicting = read_labels(write(points, class_id=[3, 7, 7, 3, 3, 3]), grid())
    assert (contradicting.values > 0).sum() == 1
    assert has_note(contradicting.notes, "another one of the same class lies: 1; each pixel counts once")
    assert has_note(contradicting.notes, "Pixels under points of different classes: 1 (3 and 7 on 1); left out")


def test_overlap_can_be_refused(write: Write) -> None:
    path = write([cell(1, 1, 3, 3), cell(2, 2, 3, 3)], kind=["oak", "ash"])
    with pytest.raises(LabelError, match=r"different classes overlap; pixels concerned: 4 \(ash and oak on 4\)"):
        read_labels(path, grid(), class_field="kind", overlap="error")


def test_a_class_between_two_of_another_is_found_though_it_is_neither_first_nor_last(write: Write) -> None:
    path = write([cell(1, 1, 1, 3), cell(1, 2), cell(1, 1, 1, 3)], class_id=[3, 7, 3])
    labels = read_labels(path, grid())
    assert labels.values[1, 1:4].tolist() == [3, 0, 3]
    assert has_note(labels.notes, "Classes without a labelled pixel: 7.")


def test_overlapping_polygons_of_one_class_are_no_conflict(write: Write) -> None:
    labels = read_labels(write([cell(1, 1, 3, 3), cell(2, 2, 3, 3)], class_id=[3, 3]), grid(), overlap="error")
    assert (labels.values == 3).sum() == 14


def test_nothing_left_after_dropping_conflicts_is_refused(write: Write) -> None:
    with pytest.raises(LabelError, match="so none can be used"):
        read_labels(write([cell(1, 1), cell(1, 1)], class_id=[3, 7]), grid())


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
@pytest.mark.parametrize("all_touched", [False, True])
@pytest.mark.parametrize("rule", ["drop", "first", "last"])
def test_drawing_row_by_row_labels_the_same_pixels(
    write: Write, monkeypatch: pytest.MonkeyPatch, transform: Affine, all_touched: bool, rule: Any
) -> None:
    rng = np.random.default_rng(0)
    places = zip(*rng.uniform(0, 10, (2, 12)), *rng.uniform(0.2, 6, (2, 12)), strict=True)
    shapes = [cell(*place, transform) for place in places]
    path = write([*shapes, Point(transform @ (16.2, 10.7))], class_id=rng.integers(1, 4, 13))
    options: dict = {"overlap": rule, "all_touched": all_touched}
    at_once = read_labels(path, grid(transform), **options)
    monkeypatch.setattr(drawing, "_STRIP_PX", 1)
    by_rows = read_labels(path, grid(transform), **options)
    assert np.array_equal(by_rows.groups, at_once.groups)
    assert np.array_equal(by_rows.values, at_once.values)
    assert by_rows.notes == at_once.notes


# ---------------------------------------------------------------------------------------------- split


@pytest.mark.parametrize("sides", [[1, 2, 3], ["Train", "validation", "test"], [1.0, 2.0, 3.0], ["1", "2", "3"]])
def test_a_split_field_holds_numbers_or_words(write: Write, sides: list[Any]) -> None:
    path = write([cell(0, 0, 2, 5), cell(4, 0, 2, 5), cell(8, 0, 2, 5)], split=sides, class_id=[9, 9, 9])
    values = read_split(path, grid(), np.array([1, 3, 5, 9]), np.array([3, 3, 3, 3]))
    assert values.tolist() == [1, 0, 2, 3]


def test_a_split_with_other_words_or_overlapping_sides_is_refused(write: Write) -> None:
    with pytest.raises(LabelError, match=r"must say train, validation or test .* found holdout"):
        read_split(write([cell(0, 0)], split=["holdout"]), grid(), *HERE)
    with pytest.raises(LabelError, match="training and test on 1"):
        read_split(write([cell(0, 0), cell(0, 0)], name="two.gpkg", split=[1, 3]), grid(), *HERE)


# ------------------------------------------------------------------------------------------ real data


def test_polygons_of_the_real_scene_equal_its_label_raster(enmap: Path) -> None:
    import rasterio

    with rasterio.open(enmap / "scene.tif") as dataset:
        real = Grid(crs=dataset.crs.to_wkt(), transform=dataset.transform, shape=dataset.shape)
    vector = read_labels(enmap / "polygons.gpkg", real, class_field="class_id")
    raster = read_labels(enmap / "labels.tif", real)
    assert np.array_equal(vector.values, raster.values)
    assert vector.legend.names == ["roof", "pavement", "low vegetation", "tree", "soil", "water"]
    texts = read_labels(enmap / "polygons.gpkg", real, class_field="class_name")
    assert texts.legend == vector.legend
