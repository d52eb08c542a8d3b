"""Points of a known design where the map has no class: what they count for, and what the figures are then of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pytest
import shapely
from affine import Affine
from scipy.stats import norm

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import LabelError, MismatchError
from hsi_engine.io.legends.style_files import write_class_map_style
from hsi_engine.io.maps.class_map import ClassMapWriter
from hsi_engine.io.samples.reference_sample import pixel_centres
from hsi_engine.operations.assess_map.operation import OPERATION, AssessMapResult
from hsi_engine.operations.definition.function import start
from hsi_engine.operations.definition.validation import validate
from hsi_engine.operations.sample_reference_points.operation import OPERATION as SAMPLE
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import SilentReporter

GRID = Grid(crs="EPSG:32633", transform=Affine(30, 0, 500_000, 0, -30, 5_800_000), shape=(120, 100))
NAMES = {1: "water", 2: "meadow", 3: "soil"}
PIXEL_HA = 0.09

Values = npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Scene:
    """A folder, the truth, and a map of it whose errors and gaps are known."""

    folder: Path
    truth: Values
    mapped: Values

    def write(self, values: Values, name: str) -> Path:
        path, legend = self.folder / name, Legend.of(NAMES)
        with ClassMapWriter(path, GRID, legend) as writer:
            writer.write(Window.of_shape(values.shape), values)
        write_class_map_style(path, legend)
        return path

    def points(self, places: npt.NDArray[Any], **columns: Any) -> Path:
        path, (rows, cols) = self.folder / "own.gpkg", places.T
        geopandas.GeoDataFrame(
            {"seen": [NAMES[v] for v in self.truth[rows, cols].tolist()], **columns},
            geometry=list(shapely.points(pixel_centres(GRID, rows, cols))),
            crs=GRID.crs,
        ).to_file(path, driver="GPKG")
        return path


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A third of the pixels of the map has no class, more of them in water."""
    rng = np.random.default_rng(4)
    truth = np.full(GRID.shape, 2, np.uint16)
    truth[:40], truth[:, 80:] = 1, 3
    mapped = truth.copy()
    wrong = rng.random(GRID.shape) < 0.12
    mapped[wrong] = rng.integers(1, 4, int(wrong.sum()))
    mapped[rng.random(GRID.shape) < np.where(truth == 1, 0.6, 0.2)] = 0
    return Scene(tmp_path, truth, mapped)


def assess(map_path: Path, reference: Path, **params: Any) -> AssessMapResult:
    given = {"map": map_path, "reference": reference, "class_field": "seen", **params}
    given = {k: str(v) if isinstance(v, Path) else v for k, v in given.items() if v is not None}
    return start(OPERATION, validate(OPERATION, given), SilentReporter())


def anywhere(n: int, seed: int = 0, where: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[Any]:
    here = np.argwhere(np.ones(GRID.shape, bool) if where is None else where)
    return here[np.random.default_rng(seed).choice(len(here), n, replace=False)]


def by_name(result: AssessMapResult) -> dict[str, Mapping[str, Any]]:
    return {c["name"]: c for c in (result.sample or {})["classes"]}


def wilson(share: float, n: float) -> tuple[float, float]:
    z = float(norm.ppf(0.975))
    middle, half = share + z * z / (2 * n), z * np.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


@pytest.mark.parametrize("design", ["simple", "systematic"])
def test_points_without_a_class_are_errors_of_the_map(scene: Scene, design: str) -> None:
    places = anywhere(400)
    result = assess(scene.write(scene.mapped, "map.tif"), scene.points(places), design=design)
    said, known = scene.mapped[tuple(places.T)], scene.truth[tuple(places.T)]
    share, n, total = float((said == known).mean()), 400, GRID.shape[0] * GRID.shape[1]
    assert (result.samples, result.unclassified) == (n, int((said == 0).sum()))
    assert result.overall_accuracy == pytest.approx(share)
    variance = (1 - n / total) * share * (1 - share) / (n - 1)
    assert (result.sample or {})["overall"]["standard_error"] == pytest.approx(np.sqrt(variance))
    assert result.overall_accuracy_interval_95 == pytest.approx(wilson(share, share * (1 - share) / variance))
    for value, name in NAMES.items():
        found = by_name(result)[name]
        # Of the map's class only points that it has, of the class on the ground all points.
        assert found["users_accuracy"]["value"] == pytest.approx((known == value)[said == value].mean())
        assert found["producers_accuracy"]["value"] == pytest.approx((said == value)[known == value].mean())
        assert found["area_share"]["value"] == pytest.approx((known == value).mean())
        assert found["area_ha"]["value"] == pytest.approx((known == value).mean() * total * PIXEL_HA)
        assert found["mapped_share"] == pytest.approx((scene.mapped == value).mean())
    assert (result.sample or {})["region_ha"] == pytest.approx(total * PIXEL_HA)
    empty = int((scene.mapped == 0).sum())
    words = (
        f"lie where map.tif has no class; they count as wrong, and the figures are for all pixels that could be drawn. {empty:,} of"
        " its 12,000 pixels"
    )
    assert any(words in text for text in result.warnings)
    assert "of its area is mapped correctly" in result.to_text()


@pytest.mark.parametrize("design", ["simple", "systematic", "post_stratified"])
def test_points_without_a_class_can_be_left_out(scene: Scene, design: str) -> None:
    places = anywhere(400)
    path, points = scene.write(scene.mapped, "map.tif"), scene.points(places)
    result = assess(path, points, design=design, unclassified="leave_out")
    said, known = scene.mapped[tuple(places.T)], scene.truth[tuple(places.T)]
    assert (result.samples, result.unclassified) == (int((said > 0).sum()), 0)
    if design != "post_stratified":
        share, n, total = float((said == known)[said > 0].mean()), result.samples, int((scene.mapped > 0).sum())
        assert result.overall_accuracy == pytest.approx(share)
        assert (result.sample or {})["overall"]["standard_error"] == pytest.approx(
            np.sqrt((1 - n / total) * share * (1 - share) / (n - 1))
        )
    assert (result.sample or {})["region_ha"] == pytest.approx((scene.mapped > 0).sum() * PIXEL_HA)
    assert any(
        "has no class and are left out: the figures are for the pixels with a class" in t for t in result.warnings
    )
    assert "of its area with a class is mapped correctly" in result.to_text()


def test_the_accuracy_is_that_of_the_map_whoever_draws(scene: Scene) -> None:
    """The mean of many samples is the share of all pixels that are right, unclassified ones not being so."""
    path, true = scene.write(scene.mapped, "map.tif"), float((scene.mapped == scene.truth).mean())
    for design in ("simple", "post_stratified"):
        found = [assess(path, scene.points(anywhere(250, seed)), design=design) for seed in range(12)]
        values = [result.overall_accuracy or 0 for result in found]
        errors = [(result.sample or {})["overall"]["standard_error"] for result in found]
        assert abs(np.mean(values) - true) < 3.5 * np.mean(errors) / np.sqrt(12)


def test_pixels_without_a_class_are_a_stratum_of_their_own_after_the_draw(scene: Scene) -> None:
    places = anywhere(400)
    result = assess(scene.write(scene.mapped, "map.tif"), scene.points(places), design="post_stratified")
    said, known = scene.mapped[tuple(places.T)], scene.truth[tuple(places.T)]
    sizes = np.bincount(scene.mapped.ravel())
    weights = sizes / sizes.sum()
    right = np.array([(said == known)[said == v].mean() for v in range(4)])
    assert right[0] == 0
    assert result.overall_accuracy == pytest.approx(weights @ right)
    counts = np.bincount(said)
    spread = right * (1 - right) * counts / (counts - 1)
    variance = (1 - 400 / 12_000) * (weights @ spread) / 400 + ((1 - weights) @ spread) / 400**2
    found = (result.sample or {})["overall"]
    assert found["standard_error"] == pytest.approx(np.sqrt(variance))
    low, high = found["interval_95"]
    # What has no class cannot be right, so that the interval is about as wide as the standard error says.
    assert 3.6 < (high - low) / found["standard_error"] < 4.3
    assert [s["name"] for s in (result.sample or {})["strata"]] == ["water", "meadow", "soil", "no class"]
    water = np.array([(known == 1)[said == v].mean() for v in range(4)])
    assert by_name(result)["water"]["area_ha"]["value"] == pytest.approx(weights @ water * 12_000 * PIXEL_HA)
    assert by_name(result)["water"]["producers_accuracy"]["value"] == pytest.approx(
        weights[1] * right[1] / (weights @ water)
    )


def test_points_within_the_classes_of_the_map_have_one(scene: Scene) -> None:
    within = [anywhere(40, v, scene.mapped == v) for v in NAMES]
    path = scene.write(scene.mapped, "map.tif")
    clean = assess(path, scene.points(np.concatenate(within)), design="stratified")
    strays = assess(
        path, scene.points(np.concatenate([*within, anywhere(5, 9, scene.mapped == 0)])), design="stratified"
    )
    assert (strays.sample or {})["overall"] == (clean.sample or {})["overall"]
    assert any("5 points lie where map.tif has no class and are left out" in text for text in strays.warnings)
    assert any("Points that were drawn within the classes of the map cannot lie there" in t for t in strays.warnings)
    assert any("The figures are for the pixels of map.tif with a class." in text for text in clean.notes)
    assert "of its area with a class is mapped correctly" in clean.to_text()


def test_strata_of_a_table_may_hold_pixels_without_a_class(scene: Scene) -> None:
    west = np.broadcast_to(np.arange(100) < 30, GRID.shape)
    places = np.concatenate([anywhere(150, 1, west), anywhere(60, 2, ~west)])
    district = ["west"] * 150 + ["east"] * 60
    path, points, table = (
        scene.write(scene.mapped, "map.tif"),
        scene.points(places, district=district),
        scene.folder / "strata.csv",
    )
    table.write_text("stratum,pixels\nwest,3600\neast,8400\n")
    given: dict[str, Any] = {"design": "stratified", "stratum_field": "district", "strata": table}
    right = scene.mapped[tuple(places.T)] == scene.truth[tuple(places.T)]
    result = assess(path, points, **given)
    assert result.overall_accuracy == pytest.approx(0.3 * right[:150].mean() + 0.7 * right[150:].mean())
    assert not any("strata of the table" in text for text in result.warnings)
    with pytest.raises(LabelError, match=r"has only 8,268 pixels with a class"):
        assess(path, points, **given, unclassified="leave_out")
    table.write_text("stratum,pixels\nwest,3601\neast,8400\n")
    with pytest.raises(LabelError, match=r"have 12,001 pixels, but map.tif has only 12,000 pixels\."):
        assess(path, points, **given)
    classed = [int((scene.mapped[here] > 0).sum()) for here in (west, ~west)]
    table.write_text(f"stratum,pixels\nwest,{classed[0]}\neast,{classed[1]}\n")
    assert any(
        "no more pixels than map.tif has with a class" in text for text in assess(path, points, **given).warnings
    )


def test_points_over_the_data_of_a_scene_say_nothing_of_pixels_without_data(scene: Scene) -> None:
    """A third of the raster is no data and was not drawn from; of the rest, some pixels are unclassified and were."""
    mapped = np.where(np.random.default_rng(1).random(GRID.shape) < 0.1, 0, np.maximum(scene.truth, 1)).astype(
        np.uint16
    )
    mapped[:, :35] = 0
    places = anywhere(300, 3, np.broadcast_to(np.arange(100) >= 35, GRID.shape))
    path, points = scene.write(mapped, "map.tif"), scene.points(places)
    result = assess(path, points, design="simple")
    said = mapped[tuple(places.T)]
    assert result.overall_accuracy == pytest.approx((said > 0).mean())
    sample = result.sample or {}
    assert sample["region_ha"] is sample["classes"][0]["area_ha"] is sample["classes"][0]["mapped_share"] is None
    assert any(
        "it is not known which of its 4," in text and "areas in hectares are not known" in text
        for text in result.warnings
    )
    with pytest.raises(MismatchError, match="points cannot be weighted by the classes of the map") as caught:
        assess(path, points, design="post_stratified")
    assert "State the design simple" in caught.value.hint
    assert assess(path, points, design="post_stratified", unclassified="leave_out").unclassified == 0


def test_a_map_with_gaps_is_weighted_over_the_pixels_another_was_sampled_for(scene: Scene) -> None:
    whole, gaps = scene.write(scene.truth, "whole.tif"), scene.write(scene.mapped, "gaps.tif")
    places = anywhere(400)
    points = scene.points(places)
    result = assess(whole, points, design="post_stratified", other_maps=str(gaps))
    other = (result.sample or {})["other_maps"][0]
    weights = np.bincount(scene.mapped.ravel()) / 12_000
    right = (scene.mapped == scene.truth)[tuple(places.T)]
    said = scene.mapped[tuple(places.T)]
    assert other["overall"]["value"] == pytest.approx(sum(weights[v] * right[said == v].mean() for v in range(4)))
    (pair,) = (result.sample or {})["differences"]
    assert (pair["points"], pair["only_second"]) == (400, 0)


def test_our_own_points_lie_on_classes_and_nothing_changes(scene: Scene) -> None:
    path, points = scene.write(scene.mapped, "map.tif"), scene.folder / "points.gpkg"
    given = {"map": str(path), "points": 200, "design": "simple", "output": str(points)}
    start(SAMPLE, validate(SAMPLE, given), SilentReporter())
    frame = geopandas.read_file(points, layer="reference_points")
    cols, rows = (np.floor(np.asarray(at)).astype(int) for at in ~GRID.transform @ (frame.geometry.x, frame.geometry.y))
    assert (scene.mapped[rows, cols] > 0).all()
    frame["reference"] = [NAMES[v] for v in scene.truth[rows, cols].tolist()]
    frame.to_file(points, layer="reference_points", driver="GPKG")
    results = [assess(path, points, class_field=None, unclassified=how) for how in ("wrong", "leave_out")]
    assert (
        results[0].overall_accuracy == results[1].overall_accuracy == (scene.mapped == scene.truth)[rows, cols].mean()
    )
    empty = int((scene.mapped == 0).sum())
    note = (
        f"The figures are for the pixels of map.tif with a class. {empty:,} of its 12,000 pixels ({empty / 120:.1f} %) have none,"
        " because they were left unclassified or have no data."
    )
    assert note in results[0].notes
    unclassified = (results[0].sample or {})["unclassified"]
    assert unclassified == {"pixels": empty, "share": empty / 12_000, "counted_wrong": 0, "left_out": True}
