"""Reference points: which pixels are drawn, how many, with what is known of them, and what is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pytest
import rasterio
import shapely
from affine import Affine
from pyproj import Geod

import hsi_engine
from hsi_engine.classes.legend import Legend
from hsi_engine.errors import Cancelled, HsiError, LabelError, MismatchError, OutputError, ParameterError
from hsi_engine.io.files.outputs import sha256_of
from hsi_engine.io.legends.style_files import write_class_map_style
from hsi_engine.io.maps.class_map_reader import ClassMapReader
from hsi_engine.io.maps.map_writer import quiet_about_georeferencing
from hsi_engine.io.maps.pixel_areas import pixel_areas
from hsi_engine.io.samples.reference_sample import ReferenceSample
from hsi_engine.io.samples.sample_reader import read_reference_sample
from hsi_engine.operations.definition.function import start
from hsi_engine.operations.definition.validation import validate
from hsi_engine.operations.sample_reference_points import counting
from hsi_engine.operations.sample_reference_points.counting import Region
from hsi_engine.operations.sample_reference_points.drawing import draw_ranks, lattice_pixels, pixels_of_ranks
from hsi_engine.operations.sample_reference_points.expected_accuracy import ExpectedAccuracies
from hsi_engine.operations.sample_reference_points.operation import OPERATION, SampleReferencePointsResult
from hsi_engine.operations.sample_reference_points.strata import Strata, make_strata
from hsi_engine.pixels.scene_part import ScenePart
from hsi_engine.reporting import SilentReporter

Values = npt.NDArray[Any]
LEGEND = Legend.of({2: "water", 5: "meadow", 11: "soil"}, {2: "#0072b2", 5: "#009e73", 11: "#d55e00"})
UTM = Affine(30, 0, 364_000, 0, -20, 5_810_000)  # 600 m² a pixel
DEGREES = Affine(0.01, 0, 25, 0, -0.02, 69.5)


def cover(rows: int = 46, cols: int = 67, seed: int = 4) -> Values:
    """Fields of three classes with single pixels of others, and a hole."""
    rng = np.random.default_rng(seed)
    fields = np.kron(rng.choice([2, 5, 5, 11], (6, 7)), np.ones((8, 10), int))[:rows, :cols]
    values = np.where(rng.random(fields.shape) < 0.05, rng.choice([2, 5, 11], fields.shape), fields)
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
    profile = {
        "driver": "GTiff",
        "count": 1,
        "height": values.shape[0],
        "width": values.shape[1],
        "dtype": values.dtype,
    }
    with (
        quiet_about_georeferencing(),
        rasterio.open(path, "w", **profile, crs=crs, transform=transform, nodata=nodata) as file,
    ):
        file.write(values, 1)
    if legend is not None:
        write_class_map_style(path, legend)
    return path


@pytest.fixture
def class_map(tmp_path: Path) -> Path:
    return write(tmp_path / "map.tif", cover())


Draw = Callable[..., tuple[SampleReferencePointsResult, ReferenceSample]]


@pytest.fixture
def draw(tmp_path: Path, class_map: Path) -> Draw:
    def run(**options: Any) -> tuple[SampleReferencePointsResult, ReferenceSample]:
        output = options.pop("output", tmp_path / "points.gpkg")
        result = hsi_engine.sample_reference_points(**{"map": class_map, "points": 120, "output": output, **options})
        return result, read_reference_sample(output)

    return run


def districts(path: Path, *, overlapping: bool = False) -> Path:
    """West and east, which meet between columns 29 and 30; the lower six rows belong to neither."""
    middle = 364_000 + 30 * 30
    polygons = [
        shapely.box(363_000, 5_809_200, middle + (60 if overlapping else 0), 5_811_000),
        shapely.box(middle, 5_809_200, 367_000, 5_811_000),
    ]
    frame = geopandas.GeoDataFrame({"district": ["west", "east"], "code": [1, 2]}, geometry=polygons, crs="EPSG:32633")
    frame.to_file(path, layer="districts")
    return path


# --------------------------------------------------------------------------------------------- which pixels


def test_points_have_the_class_and_stratum_of_their_pixel_and_are_drawn_once(draw: Draw) -> None:
    result, sample = draw()
    values = cover()
    np.testing.assert_array_equal(sample.map_values, values[sample.rows, sample.cols])
    names = {c.value: c.name for c in LEGEND}
    assert list(sample.map_classes) == list(sample.strata) == [names[int(v)] for v in sample.map_values]
    assert len({*zip(sample.rows.tolist(), sample.cols.tolist(), strict=True)}) == len(sample) == result.points == 120
    assert set(sample.reference) == {None}
    for stratum in sample.all_strata:
        value = next(v for v, name in names.items() if name == stratum.name)
        here = np.array(sample.strata) == stratum.name
        assert (stratum.pixels, stratum.points) == ((values == value).sum(), here.sum())
        np.testing.assert_allclose(sample.inclusion_probability[here], stratum.points / stratum.pixels)
        assert stratum.area_m2 == 600 * stratum.pixels


def test_the_layer_says_nothing_of_the_class_of_the_map_by_its_order(draw: Draw) -> None:
    _, sample = draw()
    values = sample.map_values.astype(int)
    changes = (np.diff(values) != 0).sum()
    assert changes > len(LEGEND) * 5  # sorted by stratum there would be two


def test_the_same_seed_draws_the_same_file_and_another_one_other_points(draw: Draw, tmp_path: Path) -> None:
    _, first = draw(output=tmp_path / "a.gpkg")
    draw(output=tmp_path / "b.gpkg")
    _, other = draw(output=tmp_path / "c.gpkg", seed=1)
    assert sha256_of(tmp_path / "a.gpkg") == sha256_of(tmp_path / "b.gpkg")
    assert not np.array_equal(first.rows, other.rows)
    assert first.design.map_sha256 == sha256_of(tmp_path / "map.tif")


@pytest.mark.parametrize(
    "options", [{}, {"design": "systematic"}, {"pure_neighbourhood": True}, {"minimum_distance": 60}]
)
def test_points_do_not_depend_on_how_the_map_is_read(
    draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    draw(output=tmp_path / "a.gpkg", **options)
    monkeypatch.setattr(counting, "_STRIP_PX", 3 * 67)
    draw(output=tmp_path / "b.gpkg", **options)
    assert sha256_of(tmp_path / "a.gpkg") == sha256_of(tmp_path / "b.gpkg")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[tuple[Region, Strata]]:
    """A map of 14 rows and 23 columns, counted, and its strata."""
    path = write(tmp_path / "small.tif", cover(14, 23))
    with ClassMapReader(path) as reader:
        region = Region(reader=reader, part=ScenePart.whole((14, 23)), layer=None, pure=False)
        region.count(pixel_areas(reader.grid), SilentReporter())
        expected = ExpectedAccuracies("0.8", LEGEND.names)
        yield region, make_strata(region.cells, "map_classes", LEGEND, {}, expected, has_areas=True)


def check_frequencies(times: Values, draws: int, probability: Values) -> None:
    """Compare how often each pixel was drawn with its inclusion probability, in standard deviations."""
    assert not times[probability == 0].any()
    p = probability[probability > 0]
    deviation = (times[probability > 0] - draws * p) / np.sqrt(draws * p * (1 - p))
    assert abs(float(deviation.mean())) < 0.15
    assert 0.85 < float(deviation.std()) < 1.15
    assert np.abs(deviation).max() < 5


def test_every_pixel_of_a_stratum_is_drawn_as_often(small: tuple[Region, Strata]) -> None:
    region, strata = small
    tables, sizes, points = strata.tables(), strata.sizes, (7, 12, 5)
    times, draws = np.zeros((14, 23)), 1500
    for seed in range(draws):
        ranks = [draw_ranks(seed, h, s.candidates, n) for h, (s, n) in enumerate(zip(sizes, points, strict=True))]
        drawn = pixels_of_ranks(region, tables, ranks, SilentReporter())
        times[drawn.rows, drawn.cols] += 1
    probability = np.zeros((14, 23))
    for size, n, item in zip(sizes, points, LEGEND, strict=True):
        probability[cover(14, 23) == item.value] = n / size.candidates
    check_frequencies(times, draws, probability)


def test_a_lattice_meets_every_pixel_as_often(small: tuple[Region, Strata]) -> None:
    region, strata = small
    tables, spacing = strata.tables(), 3.3
    times, draws = np.zeros((14, 23)), 1500
    for seed in range(draws):
        drawn = lattice_pixels(region, tables, spacing, seed, SilentReporter())
        times[drawn.rows, drawn.cols] += 1
    check_frequencies(times, draws, (cover(14, 23) > 0) / spacing**2)


def test_only_pixels_in_the_middle_of_their_class_are_pure(draw: Draw) -> None:
    result, sample = draw(pure_neighbourhood=True, points=60)
    values = np.pad(cover(), 1)
    for row, col in zip(sample.rows, sample.cols, strict=True):
        assert len(np.unique(values[row : row + 3, col : col + 3])) == 1
    centres = sliding_equal(values)
    for stratum in sample.all_strata:
        value = next(c.value for c in LEGEND if c.name == stratum.name)
        assert stratum.candidates == (centres & (cover() == value)).sum() < stratum.pixels
    assert any("accuracies will come out too high" in note for note in result.notes)


def sliding_equal(padded: Values) -> npt.NDArray[np.bool_]:
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    return np.asarray((windows == windows[:, :, 1:2, 1:2]).all(axis=(2, 3)))


def test_a_lattice_has_its_spacing(draw: Draw) -> None:
    result, sample = draw(design="systematic", points=100)
    assert result.spacing_px == pytest.approx(np.sqrt((cover() > 0).sum() / 100))
    spacing = float(result.spacing_px or 0)
    rows = np.unique(sample.rows)
    assert set(np.diff(rows)) <= {int(spacing), int(spacing) + 1}
    assert 80 <= len(sample) <= 120
    assert set(sample.inclusion_probability.tolist()) == {1 / spacing**2}
    assert [(s.name, s.points) for s in sample.all_strata] == [("whole map", len(sample))]


def test_points_keep_their_distance_in_a_plane(draw: Draw) -> None:
    result, sample = draw(minimum_distance=75, points=100)
    xy = sample.xy
    apart = np.hypot(*(xy[:, None] - xy[None]).T)
    assert apart[~np.eye(len(xy), dtype=bool)].min() >= 75
    assert any("standard errors are approximate" in note for note in result.notes)
    without = draw(points=100)[1].xy
    assert np.hypot(*(without[:, None] - without[None]).T)[~np.eye(100, dtype=bool)].min() < 75


def test_points_keep_their_distance_on_the_ellipsoid(draw: Draw, tmp_path: Path) -> None:
    lonlat = write(tmp_path / "degrees.tif", cover(), crs="EPSG:4326", transform=DEGREES)
    _, sample = draw(map=lonlat, minimum_distance=3_000, points=60)
    geod, xy = Geod(ellps="WGS84"), sample.xy
    distances = [geod.inv(*xy[i], *xy[j])[2] for i in range(len(xy)) for j in range(i)]
    assert min(distances) >= 2_999.9


# --------------------------------------------------------------------------------------------- strata and regions


def test_districts_are_crossed_with_classes(draw: Draw, tmp_path: Path) -> None:
    result, sample = draw(strata=districts(tmp_path / "d.gpkg"), strata_field="district", points=200)
    values, names = cover(), {c.value: c.name for c in LEGEND}
    for stratum in sample.all_strata:
        district, name = stratum.name.split(" / ")
        side = values[:40, :30] if district == "west" else values[:40, 30:]
        assert stratum.pixels == (side == next(v for v, n in names.items() if n == name)).sum()
    assert {s.name for s in sample.all_strata} == {f"{d} / {n}" for d in ("west", "east") for n in names.values()}
    for row, col, name in zip(sample.rows, sample.cols, sample.strata, strict=True):
        assert name == f"{'west' if col < 30 else 'east'} / {names[int(values[row, col])]}"
    outside = int((values[40:] > 0).sum())
    assert f"Pixels outside the layer of strata, not sampled: {outside}." in result.notes
    assert sum(c.pixels for c in sample.design.classes) == (values[:40] > 0).sum()
    assert (sample.design.strata_are, sample.design.strata_name) == ("both", "d.gpkg")


def test_districts_alone(draw: Draw, tmp_path: Path) -> None:
    result, sample = draw(strata=districts(tmp_path / "d.gpkg"), strata_field="district", cross_classes=False)
    assert [s.name for s in sample.all_strata] == ["east", "west"]
    assert sample.design.strata_are == "layer"
    assert {(name, int(col) < 30) for name, col in zip(sample.strata, sample.cols, strict=True)} == {
        ("west", True),
        ("east", False),
    }
    assert [s.points for s in sample.all_strata] == [s.points for s in result.strata]


def test_a_raster_of_districts_gives_the_same_strata(draw: Draw, tmp_path: Path) -> None:
    drawn = draw(strata=districts(tmp_path / "d.gpkg"), strata_field="district", output=tmp_path / "a.gpkg")[1]
    areas = np.zeros((46, 67), np.uint8)
    areas[:40, :30], areas[:40, 30:] = 7, 3
    raster = write(tmp_path / "areas.tif", areas, legend=Legend.of({3: "east", 7: "west"}))
    found = draw(strata=raster)[1]
    assert found.all_strata == drawn.all_strata
    np.testing.assert_array_equal(found.rows, drawn.rows)


def test_districts_that_overlap_are_said(draw: Draw, tmp_path: Path) -> None:
    result, _ = draw(strata=districts(tmp_path / "d.gpkg", overlapping=True), strata_field="district")
    assert "Pixels in polygons of two strata, which count for the one that comes last in the file: 80." in result.notes


def test_a_region_of_interest(draw: Draw, tmp_path: Path) -> None:
    mask = tmp_path / "mask.gpkg"
    geopandas.GeoDataFrame(geometry=[shapely.box(364_150, 5_809_500, 365_000, 5_809_900)], crs="EPSG:32633").to_file(
        mask
    )
    _, sample = draw(mask=mask, extent="364300,5809500,366000,5809900", points=60)
    rows, cols = slice(5, 25), slice(10, 33)
    assert ((sample.rows >= 5) & (sample.rows < 25) & (sample.cols >= 10) & (sample.cols < 33)).all()
    values = cover()[rows, cols]
    assert {s.name: s.pixels for s in sample.all_strata} == {
        c.name: int((values == c.value).sum()) for c in LEGEND if (values == c.value).any()
    }
    assert (sample.design.mask, sample.design.extent) == ("mask.gpkg", "364300,5809500,366000,5809900")


def test_areas_in_degrees_are_those_on_the_ellipsoid(draw: Draw, tmp_path: Path) -> None:
    lonlat = write(tmp_path / "degrees.tif", cover(), crs="EPSG:4326", transform=DEGREES)
    result, sample = draw(map=lonlat)
    measured = hsi_engine.clean_map(map=lonlat)
    hectares = {c.name: c.hectares_before for c in measured.classes}
    for stratum in result.strata:
        assert stratum.hectares == pytest.approx(hectares[stratum.name], rel=1e-12)
    geod = Geod(ellps="WGS84")
    x, y = 25 + 0.01 * sample.cols[0], 69.5 - 0.02 * sample.rows[0]
    area, _ = geod.polygon_area_perimeter([x, x + 0.01, x + 0.01, x], [y, y, y - 0.02, y - 0.02])
    assert sample.pixel_area_m2[0] == pytest.approx(abs(area))
    assert any("differ in area by up to" in note for note in result.notes)


def test_a_map_without_crs_has_points_but_no_areas(draw: Draw, tmp_path: Path) -> None:
    plain = write(tmp_path / "plain.tif", cover(), crs=None, transform=Affine.identity())
    result, sample = draw(map=plain)
    assert result.area_method is None
    assert np.isnan(sample.pixel_area_m2).all()
    assert all(s.hectares is None for s in result.strata)
    with pytest.raises(LabelError, match="does not say where its pixels lie on the ground"):
        draw(map=plain, minimum_distance=10)


# --------------------------------------------------------------------------------------------- how many


def olofsson(path: Path) -> Path:
    """A map with the shares of the example of Olofsson et al. (2014): 2, 1.5, 32 and 64.5 %."""
    values = np.repeat(np.array([1, 2, 3, 4], np.uint8), [200, 150, 3200, 6450]).reshape(80, 125)
    names = {1: "deforestation", 2: "forest gain", 3: "stable forest", 4: "stable non-forest"}
    return write(path, values, legend=Legend.of(names))


@pytest.mark.parametrize(
    "expected",
    [
        "0.70, 0.60, 0.90, 0.95",
        "deforestation=0.7, forest gain = .6,Stable Forest=0.9, 0.95",
        "1=0.7,2=0.6,3=0.9,4=0.95",
    ],
)
def test_a_target_standard_error_takes_the_points_of_the_literature(tmp_path: Path, expected: str) -> None:
    result = hsi_engine.sample_reference_points(
        map=olofsson(tmp_path / "o.tif"), target_error=0.01, expected_accuracy=expected, minimum_per_stratum=2
    )
    assert (result.points, result.output) == (641, None)
    assert [s.points for s in result.strata] == [13, 10, 205, 413]  # in proportion, as in its table 5
    # The equation is for the best allocation; this one is a little worse: √(Σ W U (1 − U) / n).
    assert result.expected_standard_error == pytest.approx(np.sqrt(0.0672375 / 641), rel=2e-3)
    assert "A standard error of 0.01 of the overall accuracy takes 641 points" in result.notes[0]
    assert "With this allocation it comes to 0.0102" in result.notes[1]
    assert not list(tmp_path.glob("*.gpkg"))
    assert "641 points would be drawn" in result.to_text()


def test_equal_and_proportional_allocations_with_a_minimum(tmp_path: Path) -> None:
    plan: Callable[..., SampleReferencePointsResult] = hsi_engine.sample_reference_points
    path = olofsson(tmp_path / "o.tif")
    equal = [s.points for s in plan(map=path, points=640, allocation="equal").strata]
    assert sum(equal) == 640
    assert equal[1] == 150  # all it has
    assert max(equal) - min(equal[0], *equal[2:]) <= 1
    with_minimum = [s.points for s in plan(map=path, points=640, minimum_per_stratum=75).strata]
    assert sum(with_minimum) == 640
    assert with_minimum[:2] == [75, 75]


def test_simple_random_points_for_a_target(tmp_path: Path) -> None:
    result = hsi_engine.sample_reference_points(
        map=olofsson(tmp_path / "o.tif"), design="simple", target_error=0.02, expected_accuracy="0.8"
    )
    assert result.points == 400  # 0.8 · 0.2 / 0.02²


def test_a_small_class_is_taken_whole_and_said(draw: Draw, tmp_path: Path) -> None:
    values = np.where(cover() == 11, 5, cover())
    values[0, :4] = 11
    result, sample = draw(map=write(tmp_path / "rare.tif", values.astype(np.uint8)))
    (rare,) = [s for s in sample.all_strata if s.name == "soil"]
    assert (rare.pixels, rare.points) == (4, 4)
    assert "All pixels are taken of soil, as there are no more." in result.notes


def test_two_classes_of_one_name_stay_two_strata(draw: Draw, tmp_path: Path) -> None:
    legend = Legend.of({2: "water", 5: "field", 11: "field"})
    _, sample = draw(map=write(tmp_path / "twice.tif", cover(), legend=legend))
    assert [(s.name, s.pixels) for s in sample.all_strata] == [
        ("water", (cover() == 2).sum()),
        ("field", (cover() == 5).sum()),
        ("field (2)", (cover() == 11).sum()),
    ]
    for name, value in (("field", 5), ("field (2)", 11)):
        assert set(sample.map_values[np.array(sample.strata) == name].tolist()) == {value}


def test_value_zero_without_nodata_is_counted(draw: Draw, tmp_path: Path) -> None:
    result, _ = draw(map=write(tmp_path / "zeros.tif", cover(), nodata=None))
    zeros = int((cover() == 0).sum())
    assert any(
        note.startswith(f"{zeros:,} pixels have the value 0, which the map does not declare") for note in result.notes
    )
    assert result.nodata_pixels == zeros


def test_the_recipe_of_the_guide_fills_the_points_and_keeps_their_design(draw: Draw, tmp_path: Path) -> None:
    """docs/guide/sampling.md, *By a script*."""
    output = tmp_path / "points.gpkg"
    _, before = draw(output=output)
    points = geopandas.read_file(output, layer="reference_points")
    points["reference"] = points["point_id"].map({1: "water", 2: "soil"})
    points.to_file(output, layer="reference_points", driver="GPKG")
    after = read_reference_sample(output)
    assert (after.design, after.all_strata) == (before.design, before.all_strata)
    np.testing.assert_array_equal(after.rows, before.rows)
    assert [text for text in after.reference if text is not None] == ["water", "soil"]


# --------------------------------------------------------------------------------------------- what is refused


def test_too_few_points_for_small_classes_are_explained_by_their_pixels(draw: Draw, tmp_path: Path) -> None:
    values = np.full((20, 20), 5, np.uint8)
    values[0, :3] = 2
    with pytest.raises(ParameterError) as raised:
        draw(map=write(tmp_path / "small.tif", values), points=1)
    assert raised.value.message == (
        "1 point is too few for 2 strata with at least 10 points each: that takes 13. Smaller stratum, of which every pixel is"
        " taken: water (3)."
    )


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"points": 20}, ParameterError, "20 points are too few for 3 strata with at least 10 points each: that takes 30."),
        ({"points": 5000}, MismatchError, "5,000 points cannot be drawn: only 2,978 pixels can be chosen."),
        ({"minimum_distance": 900}, MismatchError, "A minimum distance of 900 m leaves room for only"),
        ({"design": "systematic", "minimum_distance": 9}, ParameterError, "A systematic sample has its own spacing"),
        ({"expected_accuracy": "0.9, 0.8"}, ParameterError, "it holds 2 shares, but the map has 3 classes."),
        ({"expected_accuracy": "85"}, ParameterError, "85 is not a share from 0 to 1."),
        ({"expected_accuracy": "high"}, ParameterError, "“high” is not a number."),
        ({"expected_accuracy": " "}, ParameterError, "it is empty."),
        ({"expected_accuracy": "water=0.9"}, ParameterError, "it says nothing of “meadow”."),
        ({"expected_accuracy": "0.8, wheat=0.9"}, ParameterError, "“wheat” is neither a class of the map nor a stratum."),
        ({"expected_accuracy": "0.8, 0.7, water=0.9"}, ParameterError, "2 shares without a name next to those with one."),
        ({"extent": "0,0,1,1"}, MismatchError, "The extent does not overlap"),
        ({"extent": "364600,5809700,364990,5809860"}, LabelError, "The sampled part of class map '"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(
    draw: Draw, tmp_path: Path, options: dict[str, Any], error: type[HsiError], words: str
) -> None:
    with pytest.raises(error) as raised:
        draw(**options)
    assert words in str(raised.value)
    assert raised.value.hint
    assert {path.name for path in tmp_path.iterdir()} == {"map.tif", "map.qml", "map.tif.aux.xml"}


def test_a_scene_or_numbers_that_are_no_classes(draw: Draw, tmp_path: Path, make_scene: Callable[..., Path]) -> None:
    with pytest.raises(
        LabelError, match=r"must hold one band of whole numbers; found 12 bands.*not its confidence or a scene"
    ):
        draw(map=make_scene())
    real = write(tmp_path / "real.tif", cover().astype(np.float32) + 0.5, legend=None)
    with pytest.raises(LabelError, match="classes are whole numbers from 1 to 65535"):
        draw(map=real)
    with pytest.raises(LabelError, match=r"holds no class: all of its 3,082 pixels are nodata or 0"):
        draw(map=write(tmp_path / "empty.tif", np.zeros((46, 67), np.uint8)))


def test_no_pixel_is_pure(draw: Draw, tmp_path: Path) -> None:
    values = np.indices((20, 30)).sum(axis=0) % 2 * 3 + 2
    with pytest.raises(MismatchError, match="No pixel of the map has eight neighbours of its class"):
        draw(map=write(tmp_path / "chess.tif", values.astype(np.uint8)), pure_neighbourhood=True)


def test_layers_of_strata_that_do_not_fit(draw: Draw, tmp_path: Path) -> None:
    def refused(words: str, **options: Any) -> None:
        with pytest.raises(HsiError) as raised:
            draw(**options)
        assert words in str(raised.value)

    far = geopandas.GeoDataFrame({"name": ["a"]}, geometry=[shapely.box(0, 0, 10, 10)], crs="EPSG:32633")
    far.to_file(tmp_path / "far.gpkg")
    refused("The layer of strata cannot be used: No area of far.gpkg lies on the map.", strata=tmp_path / "far.gpkg")
    where = districts(tmp_path / "d.gpkg")
    refused("has no field 'distrikt'; its fields are", strata=where, strata_field="distrikt")
    refused("A simple sample has no strata", strata=where, design="simple")
    points = geopandas.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(364_500, 5_809_900)], crs="EPSG:32633")
    points.to_file(tmp_path / "points_only.gpkg")
    refused("holds no polygon with a name", strata=tmp_path / "points_only.gpkg")
    shifted = write(tmp_path / "shifted.tif", cover(), transform=UTM @ Affine.translation(3, 0))
    refused("is not on the grid of the map: the pixels are shifted by", strata=shifted)
    halves = write(tmp_path / "r.tif", cover().astype(np.float32) / 2)
    refused("holds the value 2.5 at row 0, column 0; classes are whole numbers", strata=halves)
    refused("The layer of strata cannot be used: Raster '", strata=halves)
    nothing = np.where(cover() > 0, 0, 1).astype(np.uint8)
    refused("No pixel of the map that has a class lies in the layer", strata=write(tmp_path / "n.tif", nothing))


def test_a_cancel_leaves_nothing(tmp_path: Path, class_map: Path) -> None:
    class Stops(SilentReporter):
        def progress(self, fraction: float, message: str = "") -> None:
            if message == "Writing the points":
                self.cancel.set()

    params = validate(OPERATION, {"map": class_map, "output": tmp_path / "points.gpkg"})
    before = set(tmp_path.iterdir())
    with pytest.raises(Cancelled):
        start(OPERATION, params, Stops())
    assert set(tmp_path.iterdir()) == before


def test_labelled_points_are_not_overwritten(draw: Draw, tmp_path: Path) -> None:
    draw(points=30)
    draw(points=31)  # nobody has labelled any yet
    path = tmp_path / "points.gpkg"
    with closing(sqlite3.connect(path)) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')  # they call functions that only GDAL and QGIS have
        database.execute("UPDATE reference_points SET reference = 'other' WHERE point_id < 4")
    before = path.read_bytes()
    with pytest.raises(OutputError, match=r"points\.gpkg holds 31 reference points, 3 of them labelled.*delete them"):
        draw(points=32)
    assert path.read_bytes() == before
