"""Checking labels: what is said of good, poor and impossible ones, and what is written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from affine import Affine

import hsi_engine
import make_scenes
from hsi_engine.errors import Cancelled, LabelError, OutputError
from hsi_engine.label_check.check import GUARD_PX
from hsi_engine.operations.check_labels.operation import OPERATION, CheckLabelsParams, CheckLabelsResult
from hsi_engine.operations.definition.function import start
from hsi_engine.operations.train_classifier.parameters import TrainClassifierParams
from hsi_engine.operations.train_classifier.recipes import candidate_recipes
from hsi_engine.reporting import SilentReporter

MakeScene = Callable[..., Path]


@dataclass(frozen=True)
class Box:
    """A polygon over pixels, in rows and columns, and the name of its class."""

    row: float
    col: float
    row_end: float
    col_end: float
    name: str


# Two fields of each class of the synthetic land cover, inside its borders.
WATER, MEADOW, SOIL = "water", "meadow", "soil"


def truth() -> np.ndarray[Any, np.dtype[np.uint8]]:
    return make_scenes.land_cover()


def fields(name: str, count: int) -> list[Box]:
    """The first ``count`` fields of a class, five by four pixels each."""
    value = next(v for v, n in make_scenes.CLASS_NAMES.items() if n == name)
    cover = truth()
    hidden = np.zeros(cover.shape, bool)
    hidden[make_scenes.hole()] = True
    found = [
        Box(row, col, row + 5, col + 4, name)
        for row in range(0, 35, 7)
        for col in range(0, 24, 6)
        if cover[row, col] == value and not hidden[row : row + 5, col : col + 4].any()
    ]
    assert len(found) >= count
    return found[:count]


def write(path: Path, shapes: Sequence[Any], names: Sequence[str], crs: str | None = "EPSG:32633") -> Path:
    geopandas.GeoDataFrame({"kind": list(names)}, geometry=list(shapes), crs=crs).to_file(path, driver="GPKG")
    return path


def box(b: Box, transform: Affine = make_scenes.NORTH_UP) -> shapely.Polygon:
    corners = [(b.col, b.row), (b.col_end, b.row), (b.col_end, b.row_end), (b.col, b.row_end)]
    return shapely.Polygon([transform @ corner for corner in corners])


@pytest.fixture
def check(scene_path: Path, tmp_path: Path) -> Callable[..., CheckLabelsResult]:
    """``check(boxes, …)`` draws the boxes and checks them."""

    def run(boxes: Sequence[Box], **params: Any) -> CheckLabelsResult:
        labels = write(tmp_path / "drawn.gpkg", [box(b) for b in boxes], [b.name for b in boxes])
        result: CheckLabelsResult = hsi_engine.check_labels(scene=scene_path, labels=labels, **params)
        return result

    return run


def two_each() -> list[Box]:
    return [*fields(WATER, 2), *fields(MEADOW, 2), *fields(SOIL, 2)]


def kinds(result: CheckLabelsResult) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for finding in result.findings:
        found.setdefault(finding.kind, []).append(finding.number)
    return found


def test_good_labels(scene_path: Path, polygons_path: Path) -> None:
    result = hsi_engine.check_labels(scene=scene_path, labels=polygons_path, class_field="class_id")
    assert result.verdict == (
        "You can train now, and the accuracy of all 3 classes can be checked in separate places. Nothing needs to be added."
    )
    assert (result.can_train, result.can_test, result.advice, result.findings) == (True, True, [], [])
    assert [c.name for c in result.classes] == ["water", "meadow", "soil"]
    assert sum(c.features for c in result.classes) == 30
    assert sum(c.pixels_without_data for c in result.classes) > 0
    for c in result.classes:
        assert c.area_m2 == c.pixels * 900
        assert c.recognised == 1.0
        assert c.mean is not None
        assert c.standard_deviation is not None
        assert c.standard_deviation == pytest.approx([0.01] * 12, abs=0.003)
    assert result.classes[2].mean == pytest.approx(list(0.20 + 0.25 * np.linspace(0, 1, 12)), abs=0.005)
    assert len(result.pairs) == 3
    assert all(pair.told_apart == "well" for pair in result.pairs)
    assert result.wavelength_nm == pytest.approx(list(make_scenes.wavelengths_nm()))
    assert result.examined_pixels == sum(c.pixels for c in result.classes)


def test_one_polygon_per_class_can_be_trained_but_not_tested(check: Callable[..., CheckLabelsResult]) -> None:
    result = check([*fields(WATER, 1), *fields(SOIL, 1)])
    assert (result.can_train, result.can_test) == (True, False)
    assert result.verdict.startswith("You can train now, but nobody will know how good the map is")
    assert result.advice[0] == "Draw soil and water in at least one more separate place each."
    assert [c.tested for c in result.classes] == [False, False]
    assert result.classes[0].advice == ["At least one more place, away from the first.", "A few dozen pixels."]
    assert (result.overall_accuracy, result.classes[0].recognised) == (None, None)
    assert "not known" in result.to_text()


def test_a_class_in_one_place_is_named(check: Callable[..., CheckLabelsResult]) -> None:
    result = check([*fields(WATER, 3), *fields(MEADOW, 3), *fields(SOIL, 1)])
    assert result.verdict == (
        "You can train now, but the accuracy of soil cannot be checked. What would help most: one more separate place."
    )
    assert [c.name for c in result.classes if not c.tested] == ["soil"]


def test_one_class_cannot_be_trained(check: Callable[..., CheckLabelsResult]) -> None:
    result = check(fields(WATER, 2))
    assert (result.can_train, result.can_test, result.pairs) == (False, False, [])
    assert result.verdict == (
        "You cannot train yet: only water is labelled. What would help most:"
        " label at least two classes, each in two or more separate places."
    )


def test_the_same_land_cover_under_two_names_is_told(check: Callable[..., CheckLabelsResult]) -> None:
    water = [
        Box(b.row, b.col, b.row_end, b.col_end, "lake" if at % 2 else "river") for at, b in enumerate(fields(WATER, 4))
    ]
    result = check([*water, *fields(SOIL, 3)])
    (pair,) = [pair for pair in result.pairs if pair.told_apart == "hardly"]
    assert pair.text == "lake and river can hardly be told apart by their spectra."
    assert pair.jm_distance < 1
    assert any(sentence.startswith("Merge classes") and "lake and river" in sentence for sentence in result.advice)


def test_a_polygon_of_the_wrong_class_is_odd(check: Callable[..., CheckLabelsResult]) -> None:
    wrong, *meadow = fields(MEADOW, 4)
    boxes = [*fields(WATER, 5), *fields(SOIL, 5), *meadow]
    result = check([*boxes, Box(wrong.row, wrong.col, wrong.row_end, wrong.col_end, WATER)])
    assert kinds(result) == {"odd": [14]}
    assert result.findings[0].reason.startswith("Spectrum unlike the other water polygons, and more like meadow: ")
    assert "Look at polygons whose spectra do not fit their class (1)." in result.advice


def test_polygons_that_are_too_small(check: Callable[..., CheckLabelsResult]) -> None:
    a, b = fields(SOIL, 2)
    between = Box(a.row + 0.6, a.col + 0.6, a.row + 1.4, a.col + 1.4, SOIL)  # touches four pixels, no centre
    tiny = Box(b.row + 0.3, b.col + 0.3, b.row + 0.7, b.col + 0.7, SOIL)
    boxes = [*fields(WATER, 2), between, tiny]
    result = check(boxes)
    assert kinds(result) == {"no_pixel": [3], "tiny": [4]}
    assert result.findings[0].reason == "Labels nothing: it covers no pixel centre (area 0.64 pixels)."
    assert result.findings[1].reason.startswith("Smaller than a pixel (area 0.16 pixels)")
    assert "Use all touched pixels, or draw larger: 1 of 4 polygons labels nothing." in result.advice
    assert kinds(check(boxes, all_touched=True)) == {"tiny": [3, 4]}


def test_a_class_without_a_pixel_is_still_listed(check: Callable[..., CheckLabelsResult]) -> None:
    a = fields(SOIL, 1)[0]
    result = check(
        [*fields(WATER, 2), *fields(MEADOW, 2), Box(a.row + 0.6, a.col + 0.6, a.row + 0.8, a.col + 0.9, SOIL)]
    )
    soil = next(c for c in result.classes if c.name == SOIL)
    assert (soil.features, soil.pixels, soil.places, soil.mean) == (1, 0, 0, None)
    assert soil.advice == ["Larger polygons, or all touched pixels: none of these labels any pixel."]
    assert "Draw soil again: none of their labels covers a pixel." in result.advice


def test_overlaps_contradictions_and_duplicates(check: Callable[..., CheckLabelsResult]) -> None:
    boxes = two_each()
    first, third = boxes[0], boxes[2]
    over = Box(first.row + 3, first.col, first.row_end + 1, first.col_end, SOIL)
    again = Box(third.row, third.col, third.row_end, third.col_end, third.name)
    other = Box(third.row, third.col, third.row_end, third.col_end, WATER)
    result = check([*boxes, over, again, other])
    found = kinds(result)
    assert found["overlap"] == [1, 7]
    assert found["duplicate"] == [8]
    assert found["contradiction"] == [3, 8, 9]
    reasons = {(f.kind, f.number): f.reason for f in result.findings}
    assert reasons["overlap", 7] == "Overlaps number 1 (water, 8.0 pixels)."
    assert reasons["duplicate", 8] == "Same place as number 3 (meadow): drawn twice."
    assert reasons["contradiction", 9] == "Same place as number 3 (meadow), 8 (meadow), but of another class."
    assert [f.kind for f in result.findings] == sorted(
        (f.kind for f in result.findings), key=["contradiction", "overlap", "odd", "duplicate"].index
    )


def test_outlines_that_touch_do_not_overlap(check: Callable[..., CheckLabelsResult]) -> None:
    a = fields(WATER, 1)[0]
    beside = Box(a.row, a.col_end - 1e-5, a.row_end, a.col_end + 1, SOIL)
    assert "overlap" not in kinds(check([*two_each(), beside]))


def test_outside_the_scene_and_without_data(check: Callable[..., CheckLabelsResult]) -> None:
    rows, cols = make_scenes.hole()
    hole = Box(rows.start, cols.start, rows.stop, cols.stop, SOIL)
    result = check([*two_each(), Box(50, 50, 55, 55, WATER), hole])
    assert kinds(result) == {"outside": [7], "no_data": [8]}
    soil = next(c for c in result.classes if c.name == SOIL)
    assert soil.pixels_without_data == (rows.stop - rows.start) * (cols.stop - cols.start)
    assert any("have no data in the scene" in note for note in result.notes)


def test_points(scene_path: Path, tmp_path: Path) -> None:
    spots = [(b.row + r, b.col + c, b.name) for b in two_each() for r in (0.5, 2.5) for c in (0.5, 2.5)]
    again = (spots[0][0] + 0.2, spots[0][1], spots[0][2])
    against = (spots[4][0], spots[4][1] + 0.2, SOIL)
    spots += [again, against]
    shapes = [shapely.Point(make_scenes.NORTH_UP @ (col, row)) for row, col, _ in spots]
    labels = write(tmp_path / "points.gpkg", shapes, [name for *_, name in spots])
    result = hsi_engine.check_labels(scene=scene_path, labels=labels, problems=tmp_path / "p.gpkg")
    assert result.feature_word == "point"
    assert kinds(result) == {"contradiction": [5, 26], "duplicate": [25]}
    assert set(geopandas.read_file(tmp_path / "p.gpkg").geom_type) == {"Point"}


def test_points_among_polygons_are_drawn_as_circles(scene_path: Path, tmp_path: Path) -> None:
    boxes = two_each()
    water, soil = (next(b for b in boxes if b.name == name) for name in (WATER, SOIL))
    spot = shapely.Point(make_scenes.NORTH_UP @ (water.col + 0.5, water.row + 0.5))
    two_parts = shapely.MultiPolygon([box(soil), box(Box(34, 0, 35, 1, SOIL))])
    names = [*(b.name for b in boxes), SOIL, WATER]
    labels = write(tmp_path / "mixed.gpkg", [*(box(b) for b in boxes), spot, two_parts], names)
    result = hsi_engine.check_labels(scene=scene_path, labels=labels, class_field="kind", problems=tmp_path / "p.gpkg")
    assert result.feature_word == "feature"
    assert kinds(result)["overlap"] == [1, 5, 7, 8]
    layer = geopandas.read_file(tmp_path / "p.gpkg")
    assert set(layer.geom_type) == {"MultiPolygon"}
    circle = layer.geometry[layer["number"].tolist().index(7)]
    assert circle.area == pytest.approx(np.pi * 15**2, rel=0.01)


def test_a_label_raster(scene_path: Path, labels_path: Path, tmp_path: Path) -> None:
    with rasterio.open(labels_path, "r+") as raster:
        values = raster.read(1)
        meadow = np.argwhere(values == 5)[0]
        values[meadow[0] : meadow[0] + 6, meadow[1] : meadow[1] + 5] = np.where(
            values[meadow[0] : meadow[0] + 6, meadow[1] : meadow[1] + 5] == 5, 2, 0
        )
        raster.write(values, 1)
    problems = tmp_path / "problems.gpkg"
    result = hsi_engine.check_labels(scene=scene_path, labels=labels_path, problems=problems)
    assert result.feature_word == "region"
    assert list(kinds(result)) == ["odd"]
    (found,) = result.findings
    layer = geopandas.read_file(problems)
    assert layer.crs == "EPSG:32633"
    assert layer["number"].tolist() == [found.number]
    centre = ~make_scenes.NORTH_UP @ (layer.geometry[0].centroid.x, layer.geometry[0].centroid.y)
    assert truth()[int(centre[1]), int(centre[0])] == 5
    assert layer.geometry[0].area == 900 * (values[meadow[0] :, meadow[1] :][:6, :5] == 2).sum()


def test_a_scene_without_wavelengths_or_crs(make_scene: MakeScene, tmp_path: Path) -> None:
    scene = make_scene(wavelengths=False, crs=None)
    boxes = two_each()
    labels = tmp_path / "drawn.geojson"  # which states no other place
    labels.write_text(
        geopandas.GeoDataFrame({"kind": [b.name for b in boxes]}, geometry=[box(b) for b in boxes]).to_json()
    )
    page, problems = tmp_path / "page.html", tmp_path / "problems.gpkg"
    result = hsi_engine.check_labels(scene=scene, labels=labels, class_field="kind", report=page, problems=problems)
    assert geopandas.read_file(problems).crs is None
    assert result.wavelength_nm == [None] * 12
    assert result.bands == list(range(1, 13))
    assert all(c.area_m2 is None for c in result.classes)
    assert "(ha)" not in page.read_text(encoding="utf-8")


def test_labels_of_a_scene_without_coordinates_come_back_where_a_gis_shows_them(
    make_scene: MakeScene, tmp_path: Path
) -> None:
    scene = make_scene(crs=None, transform=None)
    # Below the first row, which would touch the scene either way.
    boxes = [Box(max(b.row, 1), b.col, b.row_end, b.col_end, b.name) for b in two_each()]
    boxes.append(Box(34.3, 0.3, 34.7, 0.7, SOIL))
    below = Affine.scale(1, -1)
    labels = tmp_path / "drawn.geojson"
    frame = geopandas.GeoDataFrame({"kind": [b.name for b in boxes]}, geometry=[box(b, below) for b in boxes])
    labels.write_text(frame.to_json())
    problems = tmp_path / "problems.gpkg"
    hsi_engine.check_labels(scene=scene, labels=labels, class_field="kind", problems=problems)
    layer = geopandas.read_file(problems)
    assert layer["number"].tolist() == [7]
    assert layer.total_bounds.tolist() == pytest.approx([0.3, -34.7, 0.7, -34.3])


def test_a_legend_numbers_and_names_the_classes(check: Callable[..., CheckLabelsResult], tmp_path: Path) -> None:
    legend = tmp_path / "legend.json"
    legend.write_text('[{"value": 4, "name": "soil"}, {"value": 2, "name": "water"}, {"value": 3, "name": "meadow"}]')
    result = check(two_each(), legend=legend)
    assert [(c.value, c.name) for c in result.classes] == [(2, "water"), (3, "meadow"), (4, "soil")]


def test_one_pixel_per_class_says_that_nothing_can_be_said(scene_path: Path, tmp_path: Path) -> None:
    spots = [fields(name, 1)[0] for name in (WATER, SOIL)]
    shapes = [shapely.Point(make_scenes.NORTH_UP @ (b.col + 0.5, b.row + 0.5)) for b in spots]
    labels = write(tmp_path / "points.gpkg", shapes, [b.name for b in spots])
    result = hsi_engine.check_labels(scene=scene_path, labels=labels, report=tmp_path / "page.html")
    assert result.pairs == []
    assert "No class has two pixels with data, so how well classes can be told apart is unknown." in result.notes
    assert result.can_train
    assert (tmp_path / "page.html").is_file()


def test_the_layer_of_what_to_look_at(check: Callable[..., CheckLabelsResult], tmp_path: Path) -> None:
    path = tmp_path / "problems.gpkg"
    boxes = two_each()
    tiny = Box(boxes[4].row + 0.3, boxes[4].col + 0.3, boxes[4].row + 0.7, boxes[4].col + 0.7, SOIL)
    check([*boxes, tiny], problems=path)
    layer = geopandas.read_file(path)
    assert layer[["number", "class_name", "problem"]].to_numpy().tolist() == [[7, "soil", "tiny"]]
    assert layer["reason"][0].startswith("Smaller than a pixel")
    (shown,) = layer.geometry[0].geoms
    assert shapely.equals_exact(shown.normalize(), box(tiny).normalize(), 1e-6)
    check(boxes, problems=path)
    assert len(geopandas.read_file(path)) == 0
    assert pyogrio.read_info(path)["geometry_type"] == "MultiPolygon"


@pytest.mark.parametrize(("name", "suffix"), [("report", ".html or .htm"), ("problems", ".gpkg")])
def test_outputs_with_another_ending_are_refused(
    check: Callable[..., CheckLabelsResult], tmp_path: Path, name: str, suffix: str
) -> None:
    with pytest.raises(OutputError, match=rf"must end in {suffix}; found '\.txt'"):
        check(two_each(), **{name: tmp_path / "out.txt"})


def test_labels_are_refused_as_in_a_training(check: Callable[..., CheckLabelsResult], tmp_path: Path) -> None:
    a = fields(WATER, 1)[0]
    with pytest.raises(LabelError, match=r"cover no pixel centre.*all touched"):
        check([Box(a.row + 0.6, a.col + 0.6, a.row + 0.8, a.col + 0.8, WATER)])
    with pytest.raises(LabelError, match="has no field 'klass'"):
        check(two_each(), class_field="klass")
    first = two_each()[0]
    with pytest.raises(LabelError, match="polygons of different classes overlap"):
        check([*two_each(), Box(first.row, first.col, first.row_end, first.col_end, SOIL)], overlap="error")
    assert list(tmp_path.glob("*.html")) == []


class CancelAt(SilentReporter):
    """Asks to stop at the first progress whose message begins like this."""

    def __init__(self, message: str) -> None:
        super().__init__(threading.Event())
        self._message = message

    def progress(self, fraction: float, message: str = "") -> None:
        if message.startswith(self._message):
            self.cancel.set()


@pytest.mark.parametrize("message", ["Looking for bands", "Reading", "Looking for separate", "Testing", "Writing"])
def test_a_cancel_leaves_nothing(scene_path: Path, polygons_path: Path, tmp_path: Path, message: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    params = CheckLabelsParams(
        scene=scene_path, labels=polygons_path, class_field="class_id", report=out / "r.html", problems=out / "p.gpkg"
    )
    with pytest.raises(Cancelled):
        start(OPERATION, params, CancelAt(message))
    assert list(out.iterdir()) == []


def test_progress_rises_to_the_end(scene_path: Path, polygons_path: Path, tmp_path: Path) -> None:
    class Recorder(SilentReporter):
        fractions: list[float] = []  # noqa: RUF012

        def progress(self, fraction: float, message: str = "") -> None:
            self.fractions.append(fraction)

    params = CheckLabelsParams(
        scene=scene_path, labels=polygons_path, class_field="class_id", report=tmp_path / "r.html"
    )
    recorder = Recorder()
    start(OPERATION, params, recorder)
    assert recorder.fractions == sorted(recorder.fractions)
    assert 0 <= recorder.fractions[0] < 0.2
    assert recorder.fractions[-1] >= 0.9


def test_parameters_of_labels_are_those_of_a_training() -> None:
    shared = set(CheckLabelsParams.model_fields) - {"scene", "labels", "report", "problems"}
    assert len(shared) == 13
    for name in shared:
        ours, theirs = CheckLabelsParams.model_fields[name], TrainClassifierParams.model_fields[name]
        assert (ours.annotation, ours.title, ours.description, ours.default) == (
            theirs.annotation,
            theirs.title,
            theirs.description,
            theirs.default,
        )


def test_the_guard_is_that_of_a_training_with_its_defaults() -> None:
    params = TrainClassifierParams(scene=Path("s.tif"), labels=Path("l.gpkg"), output=Path("m.hsimodel"))
    assert max(recipe.radius for recipe in candidate_recipes(params, n_bands=200)) == GUARD_PX
