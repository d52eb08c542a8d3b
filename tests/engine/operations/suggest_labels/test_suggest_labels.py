"""Where to label next, from a scene and a model to labelled points and the training that takes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pytest
import rasterio

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.classes.legend import Legend
from hsi_engine.errors import Cancelled, LabelError, OutputError, ParameterError, SceneError
from hsi_engine.io.files.outputs import sha256_of
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.io.legends.style_files import write_class_map_style
from hsi_engine.operations.definition.function import start
from hsi_engine.operations.definition.validation import validate
from hsi_engine.operations.suggest_labels.operation import OPERATION, SuggestLabelsResult
from hsi_engine.pixels.grid import Grid
from hsi_engine.reporting import SilentReporter

ROWS, COLS, BANDS = 66, 53, 8
Params = dict[str, Any]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Params:
    """A scene whose classes overlap, labels in its upper half, and a model of them."""
    folder = tmp_path_factory.mktemp("inputs")
    scene = make_scenes.write_scene(folder / "scene.tif", cube=make_scenes.reflectance(ROWS, COLS, BANDS, noise=0.25))
    labels = folder / "labels.tif"
    make_scenes.write_labels(labels, like=scene)
    with rasterio.open(labels, "r+") as file:
        values = file.read(1)
        values[ROWS // 2 :] = 0
        file.write(values, 1)
    model = folder / "m.hsimodel"
    hsi_engine.train_classifier(
        scene=scene, labels=labels, output=model, model="logistic_regression", split="folds", legend=_legend(folder)
    )
    return {"scene": scene, "model": model, "labels": labels}


def _legend(folder: Path) -> Path:
    import json

    path = folder / "legend.json"
    path.write_text(
        json.dumps(
            [{"value": v, "name": n, "color": make_scenes.CLASS_COLOURS[v]} for v, n in make_scenes.CLASS_NAMES.items()]
        )
    )
    return path


def suggest(inputs: Params, output: Path, **changes: Any) -> SuggestLabelsResult:
    result = hsi_engine.suggest_labels(**{"points": 20, **inputs, "output": output, **changes})
    assert isinstance(result, SuggestLabelsResult)
    return result


def pixels_of(path: Path, scene: Path) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    layer = geopandas.read_file(path, layer="suggested_points")
    with rasterio.open(scene) as file:
        at = np.array([file.index(g.centroid.x, g.centroid.y) for g in layer.geometry])
    return at[:, 0], at[:, 1]


def label(path: Path, said: Mapping[int, str]) -> None:
    with closing(sqlite3.connect(path)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')  # they call functions that only GDAL and QGIS have
        database.executemany(
            "UPDATE suggested_points SET reference = ? WHERE rank = ?", [(text, rank) for rank, text in said.items()]
        )
        database.commit()


def read(path: Path) -> npt.NDArray[Any]:
    with rasterio.open(path) as file:
        return np.asarray(file.read())


@pytest.fixture(scope="module")
def suggested(inputs: Params, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SuggestLabelsResult]:
    path = tmp_path_factory.mktemp("suggested") / "next.gpkg"
    return path, suggest(inputs, path)


def test_points_lie_on_data_without_a_label_and_apart(
    inputs: Params, suggested: tuple[Path, SuggestLabelsResult]
) -> None:
    path, result = suggested
    rows, cols = pixels_of(path, inputs["scene"])
    assert len(rows) == result.points == 20
    assert not read(inputs["labels"])[0][rows, cols].any()
    hole = np.zeros((ROWS, COLS), bool)
    hole[make_scenes.hole(ROWS, COLS)] = True
    assert not hole[rows, cols].any()
    assert result.nodata_pixels == hole.sum()
    assert result.labelled_pixels == ((read(inputs["labels"])[0] > 0) & ~hole).sum()
    assert result.pixels + result.nodata_pixels + result.labelled_pixels == ROWS * COLS
    at = np.stack([rows, cols], axis=1)
    apart = np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2))[~np.eye(20, dtype=bool)]
    assert result.minimum_distance_px == pytest.approx(np.sqrt(ROWS * COLS / 20) / 2)
    assert apart.min() >= result.minimum_distance_px
    assert sum(c.points for c in result.classes) == 20
    assert sum(c.pixels for c in result.classes) == result.pixels


def test_the_file_says_why_each_point_was_suggested_but_not_what_the_model_predicts(
    inputs: Params, suggested: tuple[Path, SuggestLabelsResult], tmp_path: Path
) -> None:
    path, result = suggested
    files = {name: tmp_path / f"{name}.tif" for name in ("output", "probabilities", "dissimilarity")}
    hsi_engine.classify_scene(scene=inputs["scene"], model=inputs["model"], **files)
    rows, cols = pixels_of(path, inputs["scene"])
    layer = geopandas.read_file(path, layer="suggested_points")
    assert list(layer.columns) == [
        "rank",
        "uncertainty",
        "dissimilarity",
        "reference",
        "certainty",
        "comment",
        "geometry",
    ]
    assert layer["rank"].tolist() == list(range(1, 21))
    assert layer["reference"].isna().all()
    top = np.sort(read(files["probabilities"])[:, rows, cols], axis=0)
    np.testing.assert_allclose(layer["uncertainty"], 1 - (top[-1] - top[-2]), atol=1e-3)
    np.testing.assert_allclose(layer["dissimilarity"], read(files["dissimilarity"])[0][rows, cols], atol=1e-3)
    with closing(sqlite3.connect(path)) as database:
        hidden = database.execute('SELECT rank, predicted_value, "row", col FROM suggestions ORDER BY rank').fetchall()
        said = dict(database.execute("SELECT key, value FROM suggestion_design").fetchall())
    assert [(r, c) for _, _, r, c in hidden] == list(zip(rows.tolist(), cols.tolist(), strict=True))
    np.testing.assert_array_equal([value for _, value, _, _ in hidden], read(files["output"])[0][rows, cols])
    assert "not a probability sample" in said["purpose"]
    assert said["model_id"] == read_bundle(inputs["model"]).id
    assert result.mean_uncertainty is not None
    assert result.mean_uncertainty["points"] > 1.2 * result.mean_uncertainty["pixels"]
    assert any("not a probability sample" in note for note in result.notes)


def test_the_same_seed_gives_the_same_bytes_whatever_the_tiles_and_another_seed_others(
    inputs: Params, suggested: tuple[Path, SuggestLabelsResult], tmp_path: Path
) -> None:
    path, _ = suggested
    small, other = tmp_path / "next.gpkg", tmp_path / "other.gpkg"
    suggest(inputs, small, tile_size=17)
    assert sha256_of(small) == sha256_of(path)
    suggest(inputs, other, seed=1)
    assert set(zip(*pixels_of(other, inputs["scene"]), strict=True)) != set(
        zip(*pixels_of(path, inputs["scene"]), strict=True)
    )


def test_a_part_of_the_scene_and_a_distance_in_metres(inputs: Params, tmp_path: Path) -> None:
    path, mask = tmp_path / "next.gpkg", tmp_path / "mask.tif"
    with rasterio.open(inputs["labels"]) as like, rasterio.open(mask, "w", **like.profile) as file:
        inside = np.zeros((ROWS, COLS), np.uint8)
        inside[20:60, 5:40] = 1
        file.write(inside, 1)
    result = suggest(inputs, path, mask=mask, minimum_distance=240.0, points=500)
    rows, cols = pixels_of(path, inputs["scene"])
    assert inside[rows, cols].all()
    at = 30.0 * np.stack([rows, cols], axis=1)  # 30 m a pixel
    apart = np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2))[~np.eye(len(at), dtype=bool)]
    assert apart.min() >= 240
    assert result.points < result.asked_points == 500
    assert any(note.startswith(f"Only {result.points} points of 500") for note in result.notes)
    assert result.minimum_distance_px is None


def test_what_counts_can_be_switched_off(inputs: Params, tmp_path: Path) -> None:
    equal = suggest(inputs, tmp_path / "a.gpkg", balance="equal", points=18)
    assert [c.points for c in equal.classes] == [6, 6, 6]
    unlike = suggest(inputs, tmp_path / "b.gpkg", uncertainty="none", dissimilarity=1)
    assert unlike.mean_uncertainty is None
    assert unlike.mean_dissimilarity is not None
    assert unlike.mean_dissimilarity["points"] > 1.1 * unlike.mean_dissimilarity["pixels"]
    with pytest.raises(ParameterError, match="Neither uncertainty nor dissimilarity"):
        suggest(inputs, tmp_path / "c.gpkg", uncertainty="none", dissimilarity=0)


def test_squares_are_labelled_whole_and_touch_neither_labels_nor_one_another(inputs: Params, tmp_path: Path) -> None:
    path = tmp_path / "next.gpkg"
    suggest(inputs, path, window=3, points=8)
    layer = geopandas.read_file(path, layer="suggested_points")
    assert layer.geometry.area.round(3).tolist() == [90.0 * 90.0] * 8
    rows, cols = pixels_of(path, inputs["scene"])
    known = read(inputs["labels"])[0]
    for row, col in zip(rows, cols, strict=True):
        assert not known[max(0, row - 1) : row + 2, max(0, col - 1) : col + 2].any()
    assert not layer.geometry.iloc[0].intersects(layer.geometry.iloc[1:].union_all())
    label(path, {1: "water", 2: "soil"})
    with rasterio.open(inputs["scene"]) as file:
        grid = Grid(crs=file.crs.to_wkt(), transform=file.transform, shape=file.shape)
    labels = read_labels(path, grid)
    assert len(labels.pixels) == 2 * 9
    assert set(labels.legend.names) == {"water", "soil"}


def test_squares_keep_to_the_scene_and_to_data_at_any_tile_size(inputs: Params, tmp_path: Path) -> None:
    """Of squares of 9 pixels, nearly half of the pixels of this scene could only have one that is cut."""
    options = {"window": 9, "points": 12, "minimum_distance": 382.0, "labels": None}
    result = suggest(inputs, tmp_path / "next.gpkg", **options)
    suggest(inputs, tmp_path / "tiled.gpkg", **options, tile_size=17)
    assert (tmp_path / "next.gpkg").read_bytes() == (tmp_path / "tiled.gpkg").read_bytes()
    empty = np.ones((ROWS + 8, COLS + 8), bool)
    empty[4:-4, 4:-4] = False
    empty[4:-4, 4:-4][make_scenes.hole(ROWS, COLS)] = True
    rows, cols = pixels_of(tmp_path / "next.gpkg", inputs["scene"])
    assert len(rows)
    for row, col in zip(rows, cols, strict=True):
        assert not empty[row : row + 9, col : col + 9].any()
    whole = ~np.lib.stride_tricks.sliding_window_view(empty, (9, 9)).any(axis=(2, 3))
    cut = ROWS * COLS - int(whole.sum()) - result.nodata_pixels
    assert result.pixels == whole.sum()
    assert any(note.endswith(f"onto pixels without data: {cut:,}.") for note in result.notes)
    with pytest.raises(LabelError, match=r"No square of 99×99 pixels lies in scene\.tif"):
        suggest(inputs, tmp_path / "none.gpkg", window=99, labels=None)


def test_labelled_points_come_back_as_more_labels(inputs: Params, tmp_path: Path) -> None:
    path, model, output = (tmp_path / name for name in ("next.gpkg", "m.hsimodel", "map.tif"))
    suggest(inputs, path)
    label(path, {1: "Soil", 2: "meadow", 3: "cannot tell", 4: "gravel", 5: "gravel", 6: "water"})
    result = hsi_engine.train_and_classify(
        scene=inputs["scene"],
        labels=inputs["labels"],
        more_labels=path,
        legend=_legend(tmp_path),
        output=output,
        model_output=model,
        model="lda",
        split="none",
        min_samples=2,
    )
    notes = "\n".join(result.training.notes)
    assert "More labels: 5 labelled pixels." in notes
    assert "More labels: Features without class (empty field 'reference'), left out: 14 of 20." in notes
    assert "More labels: Points whose class the interpreter could not tell, left out: 1." in notes
    assert "Classes that only the more labels have: gravel." in notes
    legend = {c.value: c.name for c in read_bundle(model).legend}
    assert legend == {**make_scenes.CLASS_NAMES, 12: "gravel"}
    assert output.is_file()
    again = suggest(inputs, tmp_path / "again.gpkg", more_labels=path, points=300, minimum_distance=1.0)
    assert again.labelled_pixels == (read(inputs["labels"])[0] > 0)[_data()].sum() + 6  # one that cannot be told too
    rows, cols = (at[:6] for at in pixels_of(path, inputs["scene"]))
    suggested_again = set(zip(*pixels_of(tmp_path / "again.gpkg", inputs["scene"]), strict=True))
    assert not suggested_again & set(zip(rows, cols, strict=True))


def test_label_rasters_on_another_grid_are_resampled(inputs: Params, tmp_path: Path) -> None:
    values, shifted = read(inputs["labels"])[0], tmp_path / "shifted.tif"
    with rasterio.open(inputs["labels"]) as like:
        profile = {**like.profile, "transform": like.transform @ like.transform.translation(0.25, 0.25)}
    with rasterio.open(shifted, "w", **profile) as file:
        file.write(values, 1)
    found = suggest(inputs, tmp_path / "next.gpkg", labels=shifted)
    assert found.labelled_pixels == (values > 0)[_data()].sum()
    assert any("nearest" in note for note in found.notes)
    train = {
        "scene": inputs["scene"],
        "labels": inputs["labels"],
        "more_labels": shifted,
        "model": "lda",
        "split": "none",
    }
    result = hsi_engine.train_classifier(**train, output=tmp_path / "m.hsimodel", resampling="nearest")
    assert any("labelled twice" in note and "all with the same class" in note for note in result.notes)
    with pytest.raises(ParameterError, match=r"A class field of more labels is given \('kind'\), but no more labels"):
        hsi_engine.train_classifier(
            **{**train, "more_labels": None}, output=tmp_path / "m.hsimodel", more_class_field="kind"
        )


def test_other_names_for_the_same_values_are_a_warning(inputs: Params, tmp_path: Path) -> None:
    more = tmp_path / "more.tif"
    with rasterio.open(inputs["labels"]) as file:
        profile, values = file.profile, file.read(1)
    with rasterio.open(more, "w", **profile) as file:
        file.write(values, 1)
    write_class_map_style(more, Legend.of({2: "WATER", 5: "gravel", 11: "soil"}))
    result = hsi_engine.train_classifier(
        scene=inputs["scene"],
        labels=inputs["labels"],
        legend=_legend(tmp_path),
        more_labels=more,
        model="lda",
        split="none",
        output=tmp_path / "m.hsimodel",
    )
    (warning,) = [note for note in result.notes if "other names" in note]
    assert warning.startswith(
        "Labels and more labels have other names for the same class values: 5 “meadow” and “gravel”."
    )


def test_points_that_nobody_labelled_are_no_labels(inputs: Params, tmp_path: Path) -> None:
    path = tmp_path / "next.gpkg"
    suggest(inputs, path)
    with rasterio.open(inputs["scene"]) as file:
        grid = Grid(crs=file.crs.to_wkt(), transform=file.transform, shape=file.shape)
    with pytest.raises(LabelError, match=r"holds no class \(empty: 20, class 0: 0\)") as error:
        read_labels(path, grid)
    assert error.value.hint == "Label some of the points first."


def test_a_distance_at_which_squares_overlap_is_refused(inputs: Params, tmp_path: Path) -> None:
    with pytest.raises(
        ParameterError, match=r"Squares of 3×3 pixels are 127\.3 m from corner to corner; with a .* of 31 m"
    ):
        suggest(inputs, tmp_path / "next.gpkg", window=3, minimum_distance=31.0)
    assert suggest(inputs, tmp_path / "next.gpkg", window=3, minimum_distance=127.5).points


def _data() -> npt.NDArray[np.bool_]:
    data = np.ones((ROWS, COLS), bool)
    data[make_scenes.hole(ROWS, COLS)] = False
    return data


def test_points_alone_are_labels_with_the_values_of_their_model(inputs: Params, tmp_path: Path) -> None:
    path, model = tmp_path / "next.gpkg", tmp_path / "m.hsimodel"
    suggest(inputs, path)
    label(path, {1: "soil", 2: "water", 3: "soil", 4: "water", 5: "reed"})
    result = hsi_engine.train_classifier(
        scene=inputs["scene"], labels=path, output=model, model="lda", split="none", min_samples=2, small_classes="drop"
    )
    assert {c.value: c.name for c in read_bundle(model).legend} == {2: "water", 11: "soil"}
    notes = "\n".join(result.notes)
    assert "Class values are those of the model that the points were suggested with." in notes
    assert "left out: 15 of 20" in notes
    assert "reed" in notes


@pytest.mark.parametrize("copied", [None, "GPKG", "GeoJSON", "ESRI Shapefile"])
def test_a_map_is_not_assessed_with_them(inputs: Params, tmp_path: Path, copied: str | None) -> None:
    path = tmp_path / "next.gpkg"
    suggest(inputs, path, points=4)
    label(path, {1: "soil", 2: "water"})
    reference = path
    if copied is not None:
        reference = tmp_path / f"copy.{ {'GPKG': 'gpkg', 'GeoJSON': 'geojson', 'ESRI Shapefile': 'shp'}[copied] }"
        layer = geopandas.read_file(path, layer="suggested_points")
        if copied == "ESRI Shapefile":
            layer = layer.rename(columns={name: name[:10] for name in layer.columns})  # as that format cuts them
        layer.to_file(reference, driver=copied)
    for design in ("auto", "none", "simple"):
        with pytest.raises(LabelError, match="not drawn at random") as refused:
            hsi_engine.assess_map(map=inputs["labels"], reference=reference, design=design)
        assert refused.value.code.endswith("suggested_points")
        assert "Sample reference points" in (refused.value.hint or "")


def test_labels_that_were_given_are_not_overwritten(inputs: Params, tmp_path: Path) -> None:
    path = tmp_path / "next.gpkg"
    suggest(inputs, path)
    suggest(inputs, path)  # nobody has labelled any
    label(path, {3: "soil"})
    with pytest.raises(OutputError, match="holds points, 1 of them labelled"):
        suggest(inputs, path)


def test_nothing_to_suggest_is_said(inputs: Params, tmp_path: Path) -> None:
    everywhere = tmp_path / "everywhere.tif"
    with rasterio.open(inputs["labels"]) as like, rasterio.open(everywhere, "w", **like.profile) as file:
        file.write(np.full((ROWS, COLS), 2, np.uint8), 1)
    with pytest.raises(LabelError, match="are labelled already"):
        suggest(inputs, tmp_path / "next.gpkg", labels=everywhere)
    rows, cols = make_scenes.hole(ROWS, COLS)
    hole = np.zeros((ROWS, COLS), np.uint8)
    hole[rows, cols] = 1
    with rasterio.open(inputs["labels"]) as like, rasterio.open(everywhere, "w", **like.profile) as file:
        file.write(hole, 1)
    with pytest.raises(SceneError, match="has data in the bands of the model"):
        suggest(inputs, tmp_path / "next.gpkg", mask=everywhere)
    assert not (tmp_path / "next.gpkg").exists()


def test_a_distance_in_metres_needs_a_place_on_the_ground(inputs: Params, tmp_path: Path) -> None:
    cube = make_scenes.reflectance(ROWS, COLS, BANDS)
    nowhere = make_scenes.write_scene(tmp_path / "nowhere.tif", cube=cube, crs=None, transform=None)
    with pytest.raises(LabelError, match="the scene does not say where its pixels lie"):
        suggest({**inputs, "scene": nowhere}, tmp_path / "next.gpkg", labels=None, minimum_distance=50.0)
    result = suggest({**inputs, "scene": nowhere}, tmp_path / "next.gpkg", labels=None)
    assert result.points == 20
    assert any("No labels were given" in note for note in result.notes)


def test_it_can_be_cancelled(inputs: Params, tmp_path: Path) -> None:
    class Impatient(SilentReporter):
        def check_cancelled(self) -> None:
            raise Cancelled

    params = validate(OPERATION, {**inputs, "output": tmp_path / "next.gpkg"})
    with pytest.raises(Cancelled):
        start(OPERATION, params, Impatient())
    assert not list(tmp_path.iterdir())
