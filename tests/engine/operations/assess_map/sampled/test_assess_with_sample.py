"""Assessing a map with a probability sample: what is estimated, what is said, and what is refused."""

from __future__ import annotations

import csv
import json
import sqlite3
import warnings
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pytest
import shapely
from affine import Affine

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import LabelError, MismatchError, ParameterError
from hsi_engine.evaluation.design_based.intervals import wilson
from hsi_engine.io.files.source_hash import sha256_of_source
from hsi_engine.io.legends.style_files import write_class_map_style
from hsi_engine.io.maps.class_map import ClassMapWriter
from hsi_engine.io.maps.pixel_areas import pixel_areas
from hsi_engine.io.samples.reference_sample import (
    MapClass,
    ReferenceSample,
    SampleDesign,
    Stratum,
    pixel_centres,
)
from hsi_engine.io.samples.sample_writer import write_reference_sample
from hsi_engine.operations.assess_map.operation import OPERATION, AssessMapResult
from hsi_engine.operations.assess_map.sample_text import difference_words
from hsi_engine.operations.definition.function import start
from hsi_engine.operations.definition.validation import validate
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import Level, SilentReporter

UTM = Grid(crs="EPSG:32633", transform=Affine(30, 0, 500_000, 0, -30, 5_800_000), shape=(60, 100))
DEGREES = Grid(crs="EPSG:4326", transform=Affine(0.01, 0, 13, 0, -0.01, 60), shape=(60, 100))
LEGEND = Legend.of({2: "water", 5: "meadow", 11: "soil"})
PIXEL_HA = 0.09


def assess(map_path: Path, reference: Path, **params: Any) -> AssessMapResult:
    given = {"map": map_path, "reference": reference, **params}
    parsed = validate(OPERATION, {k: str(v) if isinstance(v, Path) else v for k, v in given.items()})
    return start(OPERATION, parsed, SilentReporter())


def truth(grid: Grid = UTM) -> npt.NDArray[np.uint16]:
    """Water above, meadow in the middle, soil in a narrow strip at the right."""
    values = np.full(grid.shape, 5, np.uint16)
    values[: grid.shape[0] // 4] = 2
    values[:, -8:] = 11
    return values


def mapped(grid: Grid = UTM, seed: int = 1, wrong: float = 0.15) -> npt.NDArray[np.uint16]:
    """The truth with errors, and a corner without a class."""
    rng, values = np.random.default_rng(seed), truth(grid)
    errors = rng.random(grid.shape) < wrong
    values[errors] = rng.choice([2, 5, 11], errors.sum())
    values[:5, :10] = 0
    return values


@dataclass
class Made:
    """A folder with maps and samples that are made for a test."""

    folder: Path

    def map(
        self,
        values: npt.NDArray[Any],
        name: str = "map.tif",
        grid: Grid = UTM,
        legend: Legend = LEGEND,
        *,
        style: bool = True,
    ) -> Path:
        path = self.folder / name
        with ClassMapWriter(path, grid, legend) as writer:
            writer.write(Window.of_shape(values.shape), values)
        if style:
            write_class_map_style(path, legend)
        return path

    def sample(
        self,
        map_path: Path,
        values: npt.NDArray[Any],
        per_class: int = 60,
        *,
        grid: Grid = UTM,
        known: npt.NDArray[Any] | None = None,
        design: str = "stratified",
        name: str = "points.gpkg",
        change: Callable[[ReferenceSample], ReferenceSample] = lambda sample: sample,
    ) -> Path:
        """Points drawn as ``sample_reference_points`` would, with the truth as reference."""
        rng = np.random.default_rng(0)
        rows_m2 = pixel_areas(grid).rows_m2
        assert rows_m2 is not None
        area_of = np.broadcast_to(rows_m2[:, None], grid.shape)
        drawn, strata = [], []
        for item in LEGEND if design == "stratified" else [None]:
            here = np.argwhere(values > 0 if item is None else values == item.value)
            n = per_class if item is not None else 3 * per_class
            drawn.append(here[rng.choice(len(here), n, replace=False)])
            area = float(area_of[tuple(here.T)].sum())
            label = "whole map" if item is None else item.name
            strata.append(Stratum(name=label, pixels=len(here), candidates=len(here), area_m2=area, points=n))
        places, names = np.concatenate(drawn), {c.value: c.name for c in LEGEND}
        rows, cols = places.T
        known = truth(grid) if known is None else known
        sample = ReferenceSample(
            point_ids=np.arange(1, len(rows) + 1),
            rows=rows,
            cols=cols,
            strata=[s.name for s, part in zip(strata, drawn, strict=True) for _ in part],
            inclusion_probability=np.full(len(rows), 0.1),
            map_values=values[rows, cols].astype(np.uint16),
            map_classes=[names[v] for v in values[rows, cols].tolist()],
            pixel_area_m2=area_of[rows, cols],
            reference=[names[v] for v in known[rows, cols].tolist()],
            certainty=[None] * len(rows),
            comment=[None] * len(rows),
            all_strata=tuple(strata),
            design=SampleDesign(
                design=design,  # type: ignore[arg-type]
                strata_are="map_classes" if design == "stratified" else "none",
                allocation="equal" if design == "stratified" else "none",
                seed=0,
                pure_neighbourhood=False,
                minimum_distance_m=None,
                spacing_px=None,
                map_name=map_path.name,
                map_sha256=sha256_of_source(map_path),
                strata_name="",
                extent="",
                mask="",
                grid=grid,
                classes=tuple(
                    MapClass(
                        value=c.value,
                        name=c.name,
                        colour=c.colour,
                        pixels=int((values == c.value).sum()),
                        area_m2=float(area_of[values == c.value].sum()),
                    )
                    for c in LEGEND
                ),
            ),
        )
        path = self.folder / name
        write_reference_sample(path, change(sample))
        return path


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


def relabelled(*places: int, text: str | None = None) -> Callable[[ReferenceSample], ReferenceSample]:
    """Give some points of a sample, by their position, another reference."""

    def change(sample: ReferenceSample) -> ReferenceSample:
        return replace(sample, reference=[text if i in places else old for i, old in enumerate(sample.reference)])

    return change


def test_the_figures_are_those_of_the_formulas(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    result = assess(path, made.sample(path, values))
    assert result.question == "this_map"
    sample = result.sample or {}
    matrix = np.array(sample["matrix"]["points"])[:, :-1].T  # rows: the map, which are the strata
    sizes = np.array([(values == v).sum() for v in (2, 5, 11)])
    weights, rows = sizes / sizes.sum(), matrix.sum(axis=1)
    right = np.diag(matrix) / rows
    variance = (weights**2 * (1 - rows / sizes) * right * (1 - right) / (rows - 1)).sum()
    share = float(weights @ right)
    assert result.overall_accuracy == pytest.approx(share)
    assert sample["overall"]["standard_error"] == pytest.approx(np.sqrt(variance))
    plain, (low, high) = wilson(share, share * (1 - share) / variance), sample["overall"]["interval_95"]
    assert plain[0] - 0.01 < low <= plain[0] < plain[1] <= high < plain[1] + 0.01
    area = weights @ (matrix[:, 2] / rows) * sizes.sum() * PIXEL_HA
    assert sample["classes"][2]["area_ha"]["value"] == pytest.approx(area)
    assert sample["classes"][2]["mapped_ha"] == pytest.approx(sizes[2] * PIXEL_HA)
    assert sample["region_ha"] == pytest.approx(sizes.sum() * PIXEL_HA)


def test_intervals_are_those_that_were_asked_for(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    points = made.sample(path, values)
    found = {
        name: (assess(path, points, interval=name).sample or {})["overall"] for name in ("wald", "clopper_pearson")
    }
    low, high = found["wald"]["interval_95"]
    assert (high - low) / 2 == pytest.approx(1.959964 * found["wald"]["standard_error"])
    exact = found["clopper_pearson"]["interval_95"]
    assert exact[0] < low
    assert exact[1] - exact[0] > high - low


def test_the_truth_lies_in_the_intervals(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    sample = assess(path, made.sample(path, values, 100)).sample or {}
    inside = values > 0
    low, high = sample["overall"]["interval_95"]
    assert low < (values == truth())[inside].mean() < high
    for item in sample["classes"]:
        low, high = item["area_ha"]["interval_95"]
        assert low < (truth()[inside] == item["value"]).sum() * PIXEL_HA < high


def test_unlabelled_points_are_counted_and_not_guessed(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    part = assess(path, made.sample(path, values, name="part.gpkg", change=relabelled(*range(0, 180, 3))))
    assert part.samples == 120
    assert (part.sample or {})["unlabelled"] == 60
    assert any(text.startswith("60 of 180 points have no class. They are not guessed") for text in part.warnings)
    assert [s["labelled"] for s in (part.sample or {})["strata"]] == [40, 40, 40]
    assert [s["drawn"] for s in (part.sample or {})["strata"]] == [60, 60, 60]
    assert part.advice == [
        "60 points of the sample have not been labelled: label them and run Assess map again; the intervals get narrower."
    ]


def test_points_whose_class_cannot_be_told_are_unlabelled_but_not_to_be_labelled(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    result = assess(path, made.sample(path, values, change=relabelled(0, 1, text="cannot tell")))
    assert ((result.sample or {})["unlabelled"], (result.sample or {})["undecided"]) == (2, 2)
    assert result.advice == []

    def one_more(sample: ReferenceSample) -> ReferenceSample:
        return relabelled(5)(relabelled(0, 1, text="cannot tell")(sample))

    result = assess(path, made.sample(path, values, name="more.gpkg", change=one_more))
    assert result.advice[0].startswith("1 point of the sample has not been labelled: label it and run")


def test_classes_that_were_renamed_after_the_sample_was_drawn_are_the_same_classes(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    points = made.sample(path, values)
    before = assess(path, points)
    write_class_map_style(path, Legend.of({2: "water", 5: "Wiese", 11: "bare ground"}))
    result = assess(path, points)
    assert result.overall_accuracy == before.overall_accuracy
    assert [c["name"] for c in result.classes] == ["water", "Wiese", "bare ground"]
    assert "“meadow” of the sample is “Wiese” of the map." in result.notes
    assert result.warnings == before.warnings


def test_names_that_changed_places_after_the_sample_was_drawn_count_and_are_warned_of(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    points = made.sample(path, values)
    write_class_map_style(path, Legend.of({2: "meadow", 5: "water", 11: "soil"}))
    result = assess(path, points)
    assert result.overall_accuracy is not None
    assert result.overall_accuracy < 0.5
    (warning,) = result.warnings
    assert "“water” was 2 and is 5, “meadow” was 5 and is 2" in warning
    assert "restore the legend that the map had" in warning


def test_a_name_that_moved_on_to_another_class_means_that_class(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    points = made.sample(path, values)
    write_class_map_style(path, Legend.of({2: "meadow", 5: "soil", 11: "bare"}))
    result = assess(path, points)
    assert any("does not know: water" in text for text in result.warnings)
    assert any("“meadow” was 5 and is 2, “soil” was 11 and is 5" in text for text in result.warnings)


def test_another_map_keeps_its_names(made: Made) -> None:
    values = mapped()
    points = made.sample(made.map(values), values)
    other = made.map(mapped(seed=2), "other.tif", legend=Legend.of({2: "water", 5: "Wiese", 11: "soil"}))
    result = assess(other, points)
    assert any("does not know: meadow" in text for text in result.warnings)


def test_a_legend_of_a_part_of_the_classes_leaves_the_others_their_names(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    points = made.sample(path, values)
    given = made.folder / "given.json"
    given.write_text('[{"value": 5, "name": "Wiese"}]')
    result = assess(path, points, legend=given)
    assert [c["name"] for c in result.classes] == ["water", "Wiese", "soil"]
    assert result.overall_accuracy == assess(path, points).overall_accuracy
    note = "The given legend lacks class values 2, 11; their names and colours come from the map, if it has any."
    assert note in result.notes
    given.write_text('[{"value": 5, "name": "Water"}]')
    assert [c["name"] for c in assess(path, points, legend=given).classes][:3] == ["2", "Water", "soil"]


def test_a_class_that_the_map_does_not_know_is_listed_and_has_an_area(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    result = assess(path, made.sample(path, values, change=relabelled(70, 71, 72, text="ice")))
    ice = (result.sample or {})["classes"][-1]
    assert (ice["name"], ice["in_map"], ice["points_reference"]) == ("ice", False, 3)
    assert ice["users_accuracy"]["value"] is None
    assert ice["producers_accuracy"]["value"] == 0
    assert ice["area_ha"]["value"] > 0
    assert any("a class that the map does not know: ice" in text for text in result.warnings)
    producers = [c["producers_accuracy"] for c in result.classes]
    assert result.average_accuracy == pytest.approx(np.mean(producers))
    assert any("the average accuracy counts it as 0" in text for text in result.warnings)


def test_figures_of_points_that_do_not_differ_have_no_standard_error_of_zero(made: Made) -> None:
    values = mapped(wrong=0)
    path, table, page = made.map(values), made.folder / "figures.csv", made.folder / "report.html"
    result = assess(path, made.sample(path, values), table=table, report=page)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert (float(rows[0]["overall_accuracy"]), rows[0]["overall_accuracy_se"]) == (1, "")
    assert float(rows[0]["overall_accuracy_low"]) < 0.99
    assert rows[1]["users_accuracy_se"] == ""
    assert "standard error" not in page.read_text(encoding="utf-8").partition("<h2>")[0]
    assert "(unweighted)" in page.read_text(encoding="utf-8")
    assert "of its area with a class is mapped correctly (95 % interval" in result.to_text()


def test_differences_are_in_percentage_points() -> None:
    pair = {"first": "a", "second": "b", "difference": 0.249, "interval_95": (0.2, 0.3), "p_holm": 9.45e-25}
    assert difference_words(pair) == (
        "a maps 24.9 percentage points more of the area correctly than b (95 % interval 20.0 to 30.0 points, p < 0.001)."
    )
    assert difference_words(pair | {"p_holm": 0.0123}).endswith("p = 0.012).")


def test_a_class_that_is_never_found_has_no_producers_accuracy(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    known = truth()
    known[known == 11] = 5
    result = assess(path, made.sample(path, values, known=known))
    soil = (result.sample or {})["classes"][2]
    assert soil["producers_accuracy"]["value"] is None
    assert any("No point was found to be soil in the reference" in note for note in result.notes)


def test_a_stratum_with_one_labelled_point_has_no_interval(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    result = assess(path, made.sample(path, values, change=relabelled(*range(121, 180))))
    assert result.overall_accuracy is not None
    assert result.overall_accuracy_interval_95 == (None, None)
    assert any("stratum soil has a single labelled point" in text for text in result.warnings)
    assert (result.sample or {})["classes"][0]["users_accuracy"]["interval_95"] is not None


def test_a_stratum_without_labelled_points_is_refused(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    with pytest.raises(LabelError, match=r"The stratum soil of points.gpkg has no labelled point") as caught:
        assess(path, made.sample(path, values, change=relabelled(*range(120, 180))))
    assert caught.value.hint == "Label at least two points of the stratum soil."


def test_a_sample_without_labels_is_refused(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    with pytest.raises(LabelError, match=r"None of the 180 points of points.gpkg has a class"):
        assess(path, made.sample(path, values, change=relabelled(*range(180))))


def test_another_map_keeps_the_strata_of_the_sample(made: Made) -> None:
    values, other = mapped(), mapped(seed=2, wrong=0.4)
    path, second = made.map(values), made.map(other, "other.tif")
    result = assess(second, made.sample(path, values, 150))
    assert any("drawn for another map (map.tif). Its strata are kept" in note for note in result.notes)
    assert [s["name"] for s in (result.sample or {})["strata"]] == ["water", "meadow", "soil"]
    low, high = result.overall_accuracy_interval_95
    assert (low or 1) < (other == truth())[values > 0].mean() < (high or 0)


def test_maps_without_names_take_those_of_the_sample(made: Made) -> None:
    values = mapped()
    named, nameless = made.map(values), made.map(mapped(seed=2), "nameless.tif", style=False)
    points = made.sample(named, values)
    result = assess(nameless, points)
    assert [c["name"] for c in result.classes] == ["water", "meadow", "soil"]
    assert any("nameless.tif has no names for its classes 2, 5, 11" in note for note in result.notes)


def test_a_map_on_another_grid_is_compared_by_place_and_said_to_be(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    shifted = replace(UTM, transform=Affine(30, 0, 500_015, 0, -30, 5_800_000))
    result = assess(made.map(values, "shifted.tif", shifted), made.sample(path, values))
    assert any("The maps have different grids (the pixels are shifted" in text for text in result.warnings)


def test_points_outside_of_a_map_are_left_out_and_areas_are_not_stated(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    half = replace(UTM, shape=(60, 97))
    result = assess(made.map(values[:, :97], "half.tif", half), made.sample(path, values))
    assert any("outside of the map half.tif" in text for text in result.warnings)
    assert result.samples < 180
    assert (result.sample or {})["region_ha"] is None


def test_a_map_of_another_place_is_refused(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    away = replace(UTM, transform=Affine(30, 0, 900_000, 0, -30, 5_800_000))
    with pytest.raises(MismatchError, match=r"No labelled point of points.gpkg lies on the map away.tif"):
        assess(made.map(values, "away.tif", away), made.sample(path, values))


@pytest.mark.parametrize(("unclassified", "counted", "words"), [("wrong", 180, "count"), ("leave_out", 0, "left out")])
def test_points_without_a_class_in_another_map(made: Made, unclassified: str, counted: int, words: str) -> None:
    values = mapped()
    path, holes = made.map(values), values.copy()
    holes[::2] = 0
    result = assess(made.map(holes, "holes.tif"), made.sample(path, values), unclassified=unclassified)
    if unclassified == "wrong":
        assert (result.samples, result.unclassified > 50) == (counted, True)
        assert (result.overall_accuracy or 1) < 0.6
    else:
        assert (result.overall_accuracy or 0) > 0.8
        assert 0 < result.samples < 130
    assert any("where holes.tif has no class" in text and words in text for text in result.warnings)


def test_areas_in_degrees_are_geodesic_and_shares_follow_them(made: Made) -> None:
    values = mapped(DEGREES)
    path = made.map(values, grid=DEGREES)
    sample = assess(path, made.sample(path, values, grid=DEGREES)).sample or {}
    rows_m2 = pixel_areas(DEGREES).rows_m2
    assert rows_m2 is not None
    areas = np.broadcast_to(rows_m2[:, None], DEGREES.shape)
    assert sample["region_ha"] == pytest.approx(areas[values > 0].sum() / 10_000)
    water = sample["classes"][0]
    assert water["mapped_ha"] == pytest.approx(areas[values == 2].sum() / 10_000)
    low, high = water["area_ha"]["interval_95"]
    assert low < areas[(truth(DEGREES) == 2) & (values > 0)].sum() / 10_000 < high


def test_without_a_crs_there_are_shares_but_no_hectares(made: Made) -> None:
    values, grid = mapped(), replace(UTM, crs=None)
    path = made.map(values, grid=grid)
    frame = points_of(values, per_class=0, simple=200)
    frame.to_file(made.folder / "own.gpkg", driver="GPKG")
    result = assess(path, made.folder / "own.gpkg", design="simple", class_field="seen")
    assert (result.sample or {})["region_ha"] is None
    assert (result.sample or {})["classes"][0]["area_ha"] is None
    assert any("Areas are in pixels only" in text for text in result.warnings)


def points_of(values: npt.NDArray[Any], *, per_class: int = 60, simple: int = 0) -> geopandas.GeoDataFrame:
    rng, chosen = np.random.default_rng(3), []
    for value in () if simple else (2, 5, 11):
        here = np.argwhere(values == value)
        chosen.append(here[rng.choice(len(here), per_class, replace=False)])
    if simple:
        here = np.argwhere(np.ones_like(values))
        chosen.append(here[rng.choice(len(here), simple, replace=False)])
    rows, cols = np.concatenate(chosen).T
    names = {c.value: c.name for c in LEGEND}
    return geopandas.GeoDataFrame(
        {"seen": [names[v] for v in truth()[rows, cols].tolist()], "district": np.where(cols < 50, "west", "east")},
        geometry=list(shapely.points(pixel_centres(UTM, rows, cols))),
        crs=UTM.crs,
    )


def test_own_points_within_the_classes_of_the_map_give_the_figures_of_a_sample_file(made: Made) -> None:
    values = mapped()
    path, points = made.map(values), made.folder / "own.gpkg"
    sample = made.sample(path, values)
    geopandas.read_file(sample, layer="reference_points").rename(columns={"reference": "seen"})[
        ["seen", "geometry"]
    ].to_file(points, driver="GPKG")
    stated = assess(path, points, design="stratified", class_field="seen")
    known = assess(path, sample)
    assert (stated.sample or {})["overall"] == (known.sample or {})["overall"]
    assert (stated.sample or {})["classes"] == (known.sample or {})["classes"]
    assert any("The design was stated, not read from the file" in text for text in stated.warnings)


def test_post_stratified_points_are_weighted_by_the_map(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    sample = made.sample(path, values, design="simple")
    plain, weighted = assess(path, sample), assess(path, sample, design="post_stratified")
    matrix = np.array((weighted.sample or {})["matrix"]["points"])[:, :-1]
    weights = np.array([(values == v).sum() for v in (2, 5, 11)]) / (values > 0).sum()
    assert weighted.overall_accuracy == pytest.approx(weights @ (np.diag(matrix) / matrix.sum(axis=0)))
    assert plain.overall_accuracy == pytest.approx(np.trace(matrix) / matrix.sum())


def test_strata_of_a_table_are_those_of_the_points(made: Made) -> None:
    values = mapped()
    points_of(values).to_file(made.folder / "own.gpkg", driver="GPKG")
    (made.folder / "strata.csv").write_text("stratum,pixels\nwest,2950\neast,3000\n")
    result = assess(
        made.map(values),
        made.folder / "own.gpkg",
        design="stratified",
        class_field="seen",
        stratum_field="district",
        strata=made.folder / "strata.csv",
    )
    assert [(s["name"], s["pixels"]) for s in (result.sample or {})["strata"]] == [("west", 2950), ("east", 3000)]
    assert (result.sample or {})["region_ha"] == pytest.approx(5950 * PIXEL_HA)
    assert not any("of the table" in text for text in result.warnings)
    (made.folder / "strata.csv").write_text("stratum,pixels\nwest,2800\neast,3000\n")
    result = assess(
        made.folder / "map.tif",
        made.folder / "own.gpkg",
        design="stratified",
        class_field="seen",
        stratum_field="district",
        strata=made.folder / "strata.csv",
    )
    assert any("strata.csv have 5,800 of the 5,950 pixels of map.tif" in text for text in result.warnings)
    assert "of the sampled part (522 of 536 ha)" in result.to_text()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("stratum,pixels\nwest,10\n", "lacks the strata east of the points"),
        ("stratum,pixels\nwest,2950\neast,2995\nnorth,5\n", "The stratum north of own.gpkg has no labelled point"),
        ("stratum,pixels\nwest,2950\neast,3001\n", "have 5,951 pixels, but map.tif has only 5,950 pixels with a class"),
        (
            "stratum,pixels\nwest,2950\neast,20\n",
            "The stratum east of own.gpkg has 110 labelled points, but only 20 pixels",
        ),
        ("name,pixels\nwest,1\n", "needs the columns stratum and pixels"),
        ("stratum,pixels\nwest,2950\nwest,3000\n", "a stratum that stands there already"),
        ("stratum,pixels\nwest,-3\n", "no pixels above 0"),
    ],
)
def test_tables_of_strata_that_do_not_fit_are_refused(made: Made, table: str, words: str) -> None:
    values = mapped()
    points_of(values).to_file(made.folder / "own.gpkg", driver="GPKG")
    (made.folder / "strata.csv").write_text(table)
    with pytest.raises(LabelError, match=words):
        assess(
            made.map(values),
            made.folder / "own.gpkg",
            design="stratified",
            class_field="seen",
            stratum_field="district",
            strata=made.folder / "strata.csv",
        )


def test_a_map_class_without_points_is_no_stratified_sample(made: Made) -> None:
    values = mapped()
    frame = points_of(values)
    frame.iloc[:120].to_file(made.folder / "own.gpkg", driver="GPKG")
    with pytest.raises(LabelError, match=r"The stratum soil of own\.gpkg has no labelled point") as caught:
        assess(made.map(values), made.folder / "own.gpkg", design="stratified", class_field="seen")
    assert "state the design simple" in caught.value.hint


def test_polygons_with_a_stated_design_are_refused(made: Made) -> None:
    values = mapped()
    frame = points_of(values)
    frame.geometry = frame.geometry.buffer(20)
    frame.to_file(made.folder / "own.gpkg", driver="GPKG")
    with pytest.raises(LabelError, match="180 features other than single points"):
        assess(made.map(values), made.folder / "own.gpkg", design="stratified", class_field="seen")


def test_names_that_the_map_does_not_have_at_all_are_refused(made: Made) -> None:
    values = mapped()
    frame = points_of(values)
    frame["seen"] = "forest"
    frame.to_file(made.folder / "own.gpkg", driver="GPKG")
    with pytest.raises(LabelError, match=r"No class of the points of own.gpkg \(forest\) is one of the map"):
        assess(made.map(values), made.folder / "own.gpkg", design="stratified", class_field="seen")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"design": "simple"}, "were drawn by a stratified design; the design simple was stated"),
        ({"subset": "map.tif"}, "A subset cannot be chosen among the points of a sample"),
        ({"stratum_field": "x"}, "states its strata; others cannot be given"),
    ],
)
def test_what_does_not_go_with_a_sample_is_refused(made: Made, params: dict[str, Any], words: str) -> None:
    values = mapped()
    path = made.map(values)
    if "subset" in params:
        params = {"subset": path}
    with pytest.raises(ParameterError, match=words):
        assess(path, made.sample(path, values), **params)


def test_further_maps_need_a_sample(made: Made) -> None:
    path = made.map(mapped())
    with pytest.raises(ParameterError, match="other maps"):
        assess(path, path, other_maps=str(path))


def test_two_maps_are_compared_on_the_same_points(made: Made) -> None:
    values = mapped()
    worse = np.where(np.random.default_rng(9).random(values.shape) < 0.1, 11, values).astype(np.uint16)
    path, second = made.map(values), made.map(worse, "worse.tif")
    sample = assess(path, made.sample(path, values, 150), other_maps=str(second)).sample or {}
    (pair,) = sample["differences"]
    other = sample["other_maps"][0]
    assert pair["difference"] == pytest.approx(sample["overall"]["value"] - other["overall"]["value"])
    assert pair["interval_95"][0] > 0
    assert pair["p_value"] < 0.001
    apart = np.hypot(sample["overall"]["standard_error"], other["overall"]["standard_error"])
    assert pair["standard_error"] < 0.8 * apart


def test_a_sample_of_another_map_of_the_same_grid_is_said_in_the_log(made: Made) -> None:
    values = mapped()
    path, second = made.map(values), made.map(mapped(seed=2), "other.tif")
    points = made.sample(path, values)
    for first, others in ((second, None), (path, second)):
        reporter = _Listening()
        given = {"map": str(first), "reference": str(points)} | ({} if others is None else {"other_maps": str(others)})
        start(OPERATION, validate(OPERATION, given), reporter)
        assert sum("The sample was drawn for another map (map.tif)" in line for line in reporter.lines) == 1


class _Listening(SilentReporter):
    """Keeps the lines of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def log(self, message: str, level: Level = "info") -> None:
        self.lines.append(message)


def test_post_stratified_maps_are_compared_on_the_points_that_both_have(made: Made) -> None:
    values, holes = mapped(), mapped(seed=2)
    holes[::3] = 0
    path, second = made.map(values), made.map(holes, "holes.tif")
    points = made.sample(path, values, design="simple")
    sample = (
        assess(path, points, design="post_stratified", other_maps=str(second), unclassified="leave_out").sample or {}
    )
    (pair,) = sample["differences"]
    assert 100 < pair["points"] == sample["other_maps"][0]["counted"] < sample["counted"] == 180
    assert pair["difference"] == pytest.approx((pair["only_first"] - pair["only_second"]) / pair["points"])


def test_interpreters_are_compared(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    points = made.sample(path, values)
    with closing(sqlite3.connect(points)) as database:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):  # of the triggers of its index
            database.create_function(name, 1, lambda _: 0)
        database.execute("ALTER TABLE reference_points ADD COLUMN second TEXT")
        database.execute("UPDATE reference_points SET second = reference WHERE point_id > 20")
        database.execute("UPDATE reference_points SET second = 'soil' WHERE point_id > 170 AND reference != 'soil'")
        changed = database.execute(
            "SELECT count(*) FROM reference_points WHERE point_id > 20 AND second != reference"
        ).fetchone()[0]
        database.commit()
    (pair,) = (assess(path, points, interpreter_fields="second").sample or {})["interpreters"]
    assert (pair["first"], pair["second"], pair["points"]) == ("reference", "second", 160)
    assert pair["agree"] == 160 - changed
    assert 0 < pair["kappa"] <= 1
    with pytest.raises(LabelError, match="has no field 'third'"):
        assess(path, points, interpreter_fields="third")


def test_report_json_and_csv_lead_with_the_answer(made: Made) -> None:
    values = mapped()
    legend = Legend.of({2: "=HYPERLINK(1)", 5: "meadow", 11: "soil"})
    path = made.map(values, legend=legend)
    points = made.sample(
        path,
        values,
        change=lambda s: replace(s, reference=["=HYPERLINK(1)" if text == "water" else text for text in s.reference]),
    )
    files = {"report": made.folder / "r.html", "metrics": made.folder / "m.json", "table": made.folder / "t.csv"}
    result = assess(path, points, **files)
    html = files["report"].read_text(encoding="utf-8")
    assert "How accurate is this map?" in html.split("</header>")[0]
    assert "Kappa" in html
    data = json.loads(files["metrics"].read_text(encoding="utf-8"))
    assert next(iter(data)) == "question"
    assert data["overall"]["value"] == data["overall_accuracy"] == result.overall_accuracy
    assert data["confusion_matrix"] == result.confusion_matrix
    rows = list(csv.reader(files["table"].read_text(encoding="utf-8").splitlines()))
    assert rows[1][1:3] == ["all classes", str(result.overall_accuracy)]
    assert rows[2][1] == "'=HYPERLINK(1)"
    assert float(rows[4][rows[0].index("area_ha")]) == pytest.approx(data["classes"][2]["area_ha"]["value"])
    assert all(len(row) == len(rows[0]) for row in rows)


def test_the_terminal_leads_with_the_answer(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    text = assess(path, made.sample(path, values)).to_text()
    assert text.startswith("How accurate is this map? ")
    assert "true area" in text


def test_the_figures_of_a_part_are_said_to_be_of_this_part(made: Made) -> None:
    values = mapped()
    path = made.map(values)

    def part(sample: ReferenceSample) -> ReferenceSample:
        classes = tuple(
            replace(c, pixels=c.pixels // 4, area_m2=(c.pixels // 4) * 900.0) for c in sample.design.classes
        )
        strata = tuple(
            replace(s, pixels=c.pixels, area_m2=c.area_m2) for s, c in zip(sample.all_strata, classes, strict=True)
        )
        return replace(sample, all_strata=strata, design=replace(sample.design, extent="0,0,1,1", classes=classes))

    points, page = made.sample(path, values, change=part), made.folder / "report.html"
    result = assess(path, points, report=page)
    pixels = sum(int((values == v).sum()) // 4 for v in (2, 5, 11))
    sample, whole = result.sample or {}, int((values > 0).sum())
    assert sample["sampled_share"] == pytest.approx(pixels / whole)
    assert sample["map_ha"] == pytest.approx(whole * PIXEL_HA)
    words = f"of the sampled part ({pixels * PIXEL_HA:,.0f} of {whole * PIXEL_HA:,.0f} ha) is mapped correctly"
    assert words in result.to_text()
    assert "of its area" not in result.to_text()
    html = page.read_text(encoding="utf-8")
    assert words in html
    assert "legend are of the whole map" in html
    all_of_it = assess(path, made.sample(path, values, name="all.gpkg"), report=page)
    assert (all_of_it.sample or {})["sampled_share"] == 1
    assert "legend are of the whole map" not in page.read_text(encoding="utf-8")


def test_a_pure_neighbourhood_is_warned_of(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    points = made.sample(path, values, change=lambda s: replace(s, design=replace(s.design, pure_neighbourhood=True)))
    assert any("the accuracies are too high" in text for text in assess(path, points).warnings)


def test_without_a_design_pixels_are_counted_as_ever(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    points = made.sample(path, values)
    result = assess(path, points, design="none", layer="reference_points", class_field="reference")
    assert (result.question, result.sample) == ("these_pixels", None)
    assert result.overall_accuracy == result.correct / result.samples
    assert "not how accurate it is as a whole" in result.notes[len(result.warnings)]
    assert result.to_text().count("not how accurate it is as a whole") == 1
    assert "as if pixels were independent" in result.to_text()
    page = made.folder / "report.html"
    assess(path, points, design="none", layer="reference_points", class_field="reference", report=page)
    head, _, rest = page.read_text(encoding="utf-8").partition("<dl")
    assert head.count("not how accurate it is as a whole") == 1
    assert "not how accurate it is as a whole" not in rest


def test_a_copy_that_lost_its_design_is_pointed_out(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    frame = geopandas.read_file(made.sample(path, values), layer="reference_points")
    frame.to_file(made.folder / "copy.gpkg", driver="GPKG")
    result = assess(path, made.folder / "copy.gpkg", class_field="reference")
    assert result.question == "these_pixels"
    assert any("a copy of reference points that lost their design" in text for text in result.warnings)


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "shp"])
@pytest.mark.parametrize("design", ["auto", "stratified"])
def test_a_copy_is_read_by_its_fields(made: Made, ending: str, design: str) -> None:
    values = mapped()
    path, copy = made.map(values), made.folder / f"copy.{ending}"
    sample = made.sample(path, values, change=relabelled(3, 70, text="Cannot tell"))
    frame = geopandas.read_file(sample, layer="reference_points")
    frame.loc[9, "reference"] = None
    frame = frame.to_crs(4326) if ending == "geojson" else frame
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a shapefile cuts the names of fields
        frame.to_file(copy)
    result = assess(path, copy, design=design)
    assert (result.samples, result.question) == (177, "these_pixels" if design == "auto" else "this_map")
    assert any("The design is in the original file" in text for text in result.warnings)
    if design == "stratified":
        assert (result.sample or {})["undecided"] == 2
    else:
        assert any("could not tell, left out: 2" in text for text in result.notes)


@pytest.mark.parametrize("design", ["simple", "post_stratified", "systematic"])
def test_points_of_unequal_probabilities_are_no_simple_sample(made: Made, design: str) -> None:
    values = mapped()
    path, copy = made.map(values), made.folder / "copy.gpkg"
    frame = geopandas.read_file(made.sample(path, values), layer="reference_points")
    frame.to_file(copy)
    assert assess(path, copy, design=design).question == "this_map"
    copy.unlink()
    frame.loc[:59, "inclusion_probability"] = 0.4
    frame.to_file(copy)
    with pytest.raises(
        ParameterError, match=r"unequal probabilities \(field inclusion_probability: 0\.1 to 0\.4"
    ) as caught:
        assess(path, copy, design=design)
    assert "original file" in caught.value.hint
    assert assess(path, copy, design="stratified").question == "this_map"


def test_a_design_needs_points_and_a_file_that_holds_any(made: Made) -> None:
    path = made.map(mapped())
    with pytest.raises(LabelError, match=r"map\.tif is a raster, and a stated design is one of points") as caught:
        assess(path, path, design="simple")
    assert "Give a layer of points" in caught.value.hint
    (made.folder / "none.gpkg").touch()
    for design in ("auto", "simple"):
        with pytest.raises(LabelError, match=r"none\.gpkg is empty"):
            assess(path, made.folder / "none.gpkg", design=design)


def test_another_interpreter_can_be_the_reference(made: Made) -> None:
    values = mapped()
    path = made.map(values)
    points = made.sample(path, values)
    assert assess(path, points, class_field="reference").correct == assess(path, points).correct
    with pytest.raises(LabelError, match=r"Field 'certainty' of points\.gpkg does not hold"):
        assess(path, points, class_field="certainty")
    with pytest.raises(LabelError, match="has no field 'second'"):
        assess(path, points, class_field="second")
