"""Trainings that choose a method, train it on all labels, and say what their accuracy is worth."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.errors import LabelError, ParameterError
from hsi_engine.models import registry
from hsi_engine.operations.definition.parameter_spec import parameter_specs
from hsi_engine.operations.train_classifier.parameters import TrainClassifierParams
from hsi_engine.operations.train_classifier.recipes import candidate_recipes

MakeScene = Callable[..., Path]
CLASSES = list(make_scenes.CLASS_NAMES.values())


def train(scene: Path, labels: Path, **changes: Any) -> Any:
    parameters: dict[str, Any] = {
        "scene": scene,
        "labels": labels,
        "class_field": "class_id",
        "output": scene.with_name("m.hsimodel"),
        "device": "cpu",
    }
    return hsi_engine.train_classifier(**(parameters | changes))


def polygons_of(scene: Path, keep: Callable[[geopandas.GeoDataFrame], geopandas.GeoDataFrame]) -> Path:
    whole = make_scenes.write_polygons(scene.with_name("whole.gpkg"), like=scene)
    path = scene.with_name("some.gpkg")
    keep(geopandas.read_file(whole)).to_file(path)
    return path


def one_a_class(frame: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    return frame.drop_duplicates("class_id")


def without_most_soil(frame: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    soil = frame.index[frame.class_id == 11]
    return frame.drop(soil[1:])


def of_a_sample(frame: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """With the fields of reference points."""
    return frame.assign(
        point_id=range(len(frame)), stratum="1", inclusion_probability=0.01, reference=frame["class_name"]
    )


@pytest.mark.parametrize("parameter", ["labels", "more_labels"])
def test_training_with_points_that_were_drawn_for_the_accuracy_is_warned_of(scene_path: Path, parameter: str) -> None:
    labels = polygons_of(scene_path, of_a_sample)
    given = {"labels": labels, "class_field": "reference"}
    if parameter == "more_labels":
        plain = scene_path.with_name("plain.gpkg")
        geopandas.read_file(labels)[["class_name", "geometry"]].to_file(plain)
        given = {"labels": plain, "class_field": "class_name", "more_labels": labels, "more_class_field": "reference"}
    result = train(scene_path, model="svm", **given)
    (warning,) = [text for text in result.notes if "Sample reference points" in text]
    assert warning.startswith(
        "some.gpkg holds points from Sample reference points, which are for the accuracy of a map"
    )
    assert "keep these for Assess map" in warning


def test_the_methods_to_choose_from_are_those_of_the_registry() -> None:
    model = parameter_specs(TrainClassifierParams)["model"]
    names = tuple(registry.architectures())
    assert model.choices == ("auto", *names)
    assert [model.choice_titles[name] for name in names] == [registry.get(name).title for name in names]


def test_the_simplest_come_first_and_no_two_are_equally_simple() -> None:
    order = [architecture.simplicity for architecture in registry.architectures().values()]
    assert len(set(order)) == len(order)
    assert registry.get("logistic_regression").simplicity == min(order)
    assert registry.get("spectral_cnn").simplicity < registry.get("hybridsn").simplicity


@pytest.mark.parametrize(
    ("given", "shares"),
    [
        ({}, {0.0, 0.5, 0.3}),
        ({"split": "random"}, {0.0}),
        ({"model": "hybridsn"}, {0.0, 0.3}),
        ({"model": "hybridsn", "split": "random", "surround_dropout": 0.1}, {0.0, 0.1}),
    ],
    ids=str,
)
def test_networks_lean_on_surroundings_only_where_these_are_known(given: dict[str, Any], shares: set[float]) -> None:
    params = TrainClassifierParams(scene="s.tif", labels="l.gpkg", output="m.hsimodel", effort="thorough", **given)
    recipes = candidate_recipes(params, 50)
    assert {recipe.training.surround_dropout for recipe in recipes} == shares
    assert all(recipe.training.surround_dropout == 0 for recipe in recipes if not recipe.is_network)


@pytest.fixture(scope="module")
def ten_bands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ten")
    return make_scenes.write_scene(folder / "scene.tif", rows=60, cols=48, bands=10)


@pytest.fixture(scope="module")
def chosen(ten_bands: Path) -> Any:
    """A quick automatic training with everything else at its default."""
    labels = make_scenes.write_polygons(ten_bands.with_name("polygons.gpkg"), like=ten_bands)
    return train(ten_bands, labels, effort="quick")


def labelled_with_data() -> int:
    values = make_scenes.labelled(60, 48)
    values[make_scenes.hole(60, 48)] = 0
    return int((values > 0).sum())


def test_a_scene_of_ten_bands_works_with_the_automatic_choice(chosen: Any) -> None:
    assert chosen.bands_used == 10
    assert chosen.test["overall_accuracy"] > 0.9
    tried = {row["name"]: row for row in chosen.selection["candidates"]}
    assert {"logistic_regression", "lda", "svm", "random_forest", "spectral_cnn_5px"} <= tried.keys()
    assert [row["status"] for row in tried.values()].count("chosen") == 1
    assert chosen.selection["chosen"] in tried
    assert any(note.startswith("Chosen: ") for note in chosen.notes)


def test_the_model_is_trained_on_all_labels_and_tested_where_it_was_not_trained(chosen: Any) -> None:
    assert chosen.split["strategy"] == "folds"
    assert chosen.split["train_samples"] == labelled_with_data()
    assert 0 < chosen.split["test_samples"] <= chosen.split["train_samples"]
    assert chosen.split["leakage"] == 0
    assert chosen.test == chosen.cross_fitted
    assert chosen.test["samples"] == chosen.split["test_samples"] == chosen.folds["tested"]
    low, high = chosen.intervals["overall_accuracy"]["interval_95"]
    assert low <= chosen.test["overall_accuracy"] <= high


def test_what_was_chosen_is_in_the_file_and_maps_the_scene(chosen: Any, ten_bands: Path) -> None:
    bundle = read_bundle(chosen.model)
    best = next(row for row in chosen.selection["candidates"] if row["status"] == "chosen")
    assert len(bundle.members) == len(best["members"])
    used = {member.branch for member in bundle.members} | ({bundle.smoothing.branch} if bundle.smoothing else set())
    assert bundle.trust.known is not None
    used.add(bundle.trust.known.branch)
    assert used == set(range(len(bundle.preprocessing.branches)))  # none is carried along for nothing
    target = ten_bands.with_name("map.tif")
    hsi_engine.classify_scene(scene=ten_bands, model=chosen.model, output=target, device="cpu")
    with rasterio.open(target) as file:
        found = file.read(1)
    cover = make_scenes.land_cover(60, 48)
    assert np.mean(found[found > 0] == cover[found > 0]) > 0.9


def test_folds_are_written_but_cannot_be_taken_for_a_test_of_the_map(chosen: Any, ten_bands: Path) -> None:
    labels, folds = ten_bands.with_name("polygons.gpkg"), ten_bands.with_name("folds.tif")
    train(ten_bands, labels, model="lda", split_output=folds, output=ten_bands.with_name("lda.hsimodel"), folds=3)
    with rasterio.open(folds) as raster:
        assert {0, 11, 12, 13} <= set(np.unique(raster.read(1))) <= {0, 1, 11, 12, 13}
    hsi_engine.classify_scene(
        scene=ten_bands, model=ten_bands.with_name("lda.hsimodel"), output=ten_bands.with_name("lda.tif"), device="cpu"
    )
    with pytest.raises(LabelError, match="the model was trained with all of their pixels: they cannot test its map"):
        hsi_engine.assess_map(
            map=ten_bands.with_name("lda.tif"), reference=labels, class_field="class_id", subset=folds, subset_value=11
        )


def test_labels_in_a_corner_are_said_to_speak_for_it_only(make_scene: MakeScene) -> None:
    scene = make_scene(rows=150, cols=130)
    frame = geopandas.read_file(make_scenes.write_polygons(scene.with_name("all.gpkg"), like=scene))
    left, bottom, right, top = frame.total_bounds
    part = frame.cx[left : left + 0.45 * (right - left), top - 0.45 * (top - bottom) : top]
    part.to_file(scene.with_name("corner.gpkg"))
    trained = train(scene, scene.with_name("corner.gpkg"), model="lda")
    (note,) = [note for note in trained.notes if note.startswith("All labels lie within ")]
    assert "% of the scene; the rest may be mapped much worse." in note


def test_the_report_shows_for_which_distances_the_accuracy_speaks(make_scene: MakeScene) -> None:
    scene = make_scene(rows=150, cols=130)
    everywhere = make_scenes.write_polygons(scene.with_name("all.gpkg"), like=scene)
    frame = geopandas.read_file(everywhere)
    left, bottom, right, top = frame.total_bounds
    part = frame.cx[left : left + 0.45 * (right - left), top - 0.45 * (top - bottom) : top]
    part.to_file(scene.with_name("corner.gpkg"))
    report = scene.with_name("report.html")
    corner = train(scene, scene.with_name("corner.gpkg"), model="lda", report=report)
    spread = train(scene, everywhere, model="lda")
    assert corner.distances is not None
    assert spread.distances is not None
    assert corner.distances["matching"] == "farther"
    assert corner.distances["unit"] == "m"
    assert corner.distances["beyond_share"] > 0.25
    assert corner.distances["median_map"] > 3 * spread.distances["median_map"]
    assert spread.distances["matching"] != "farther"
    (note,) = [note for note in corner.notes if note.startswith("Half of the tested pixels lie within ")]
    assert "The accuracy applies near the labels" in note
    text = report.read_text()
    assert 'id="distances"' in text
    assert note in text


def test_the_same_settings_give_the_same_model(chosen: Any, ten_bands: Path) -> None:
    again = train(
        ten_bands,
        ten_bands.with_name("polygons.gpkg"),
        effort="quick",
        model="lda",
        output=ten_bands.with_name("lda.hsimodel"),
    )
    once_more = train(
        ten_bands,
        ten_bands.with_name("polygons.gpkg"),
        effort="quick",
        model="lda",
        output=ten_bands.with_name("lda_2.hsimodel"),
    )
    assert again.model_id == once_more.model_id != chosen.model_id
    assert again.test == once_more.test
    assert {row["name"] for row in again.selection["candidates"]} == {"lda", "logistic_regression"}


def test_more_bands_than_pixels_leave_mnf_out_and_say_so(make_scene: MakeScene) -> None:
    scene = make_scene(rows=20, cols=16, bands=330)
    trained = train(scene, polygons_of(scene, lambda frame: frame), effort="quick")
    (note,) = [note for note in trained.notes if "MNF" in note]
    assert note.startswith(
        "No method is compared on MNF components. An MNF of 330 bands needs at least 331 valid pixels; the scene has"
    )
    assert not [row for row in trained.selection["candidates"] if "mnf" in row["name"]]


def test_hybridsn_on_ten_bands_is_refused_in_words(ten_bands: Path) -> None:
    labels = make_scenes.write_polygons(ten_bands.with_name("polygons_2.gpkg"), like=ten_bands)
    output = ten_bands.with_name("none.hsimodel")
    with pytest.raises(ParameterError, match=r"needs at least 13 components.*found 10"):
        train(ten_bands, labels, model="hybridsn", output=output)
    assert not output.exists()


@pytest.fixture
def scene(make_scene: MakeScene) -> Path:
    return make_scene(rows=60, cols=48, bands=10)


@pytest.mark.parametrize("model", ["auto", "svm"])
def test_one_polygon_a_class_still_gives_a_model_and_says_what_to_label(scene: Path, model: str) -> None:
    labels = polygons_of(scene, one_a_class)
    trained = train(scene, labels, model=model)
    assert trained.test is None
    assert trained.cross_fitted is None
    assert trained.split["strategy"] == "none"
    assert trained.split["test_samples"] == 0
    assert trained.split["train_samples"] > 0
    said = " ".join(trained.notes)
    assert "label" in said.lower()
    assert all(name in said for name in CLASSES) or "second" in said or "another place" in said
    assert "the accuracy of this model is not known" in trained.to_text()
    information = hsi_engine.model_information(model=trained.model)
    assert sum(c.labelled_pixels for c in information.classes) == trained.split["train_samples"]
    bundle = read_bundle(trained.model)
    assert [member.architecture for member in bundle.members] == (
        ["logistic_regression", "random_forest"] if model == "auto" else ["svm"]
    )
    mapped = hsi_engine.classify_scene(
        scene=scene, model=trained.model, output=scene.with_name("map.tif"), device="cpu"
    )
    assert sorted(entry["name"] for entry in mapped.classes) == sorted(CLASSES)


def test_a_class_of_one_polygon_is_trained_though_it_cannot_be_tested(scene: Path) -> None:
    labels = polygons_of(scene, without_most_soil)
    trained = train(scene, labels, model="lda")
    soil = next(entry for entry in trained.folds["classes"] if entry["name"] == "soil")
    assert soil["tested"] == 0
    assert soil["samples"] > 0
    assert trained.folds["untested"] == ["soil"]
    assert any("soil" in note for note in trained.notes)
    assert trained.split["train_samples"] == trained.folds["samples"] > trained.split["test_samples"] > 0
    target = scene.with_name("map.tif")
    hsi_engine.classify_scene(scene=scene, model=trained.model, output=target, device="cpu")
    with rasterio.open(target) as file:
        found = file.read(1)
    cover = make_scenes.land_cover(60, 48)
    assert np.mean(found[cover == 11] == 11) > 0.7


def test_no_check_trains_on_all_labels_and_compares_nothing(scene: Path) -> None:
    labels = polygons_of(scene, lambda frame: frame)
    trained = train(scene, labels, split="none")
    assert trained.test is trained.selection is trained.folds is None
    assert trained.split["train_samples"] == labelled_with_data()
    assert len(read_bundle(trained.model).members) == 2


def test_a_share_of_the_labels_is_chosen_on_and_the_rest_tested(scene: Path) -> None:
    labels = polygons_of(scene, lambda frame: frame)
    trained = train(scene, labels, split="random", train_share=0.5, effort="quick", time_limit=1e-6)
    assert trained.split["strategy"] == "random"
    assert trained.split["train_samples"] + trained.split["test_samples"] == labelled_with_data()
    assert trained.folds["samples"] == trained.split["train_samples"]
    assert trained.test != trained.cross_fitted
    status = [row["status"] for row in trained.selection["candidates"]]
    assert status.count("not_tried") == len(status) - 1
    assert read_bundle(trained.model).smoothing is None


def test_a_method_that_was_asked_for_is_taken_though_the_baseline_is_better(
    scene: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = polygons_of(scene, lambda frame: frame)
    trained = train(scene, labels, model="spectral_cnn", patch_size=1, epochs=1, learning_rate=1e-6)
    (member,) = read_bundle(trained.model).members
    assert member.architecture == "spectral_cnn"
    rows = {row["name"]: row for row in trained.selection["candidates"]}
    assert set(rows) == {"spectral_cnn_1px", "logistic_regression"}
    assert rows["logistic_regression"]["overall_accuracy"] > rows["spectral_cnn_1px"]["overall_accuracy"]
    assert trained.test["overall_accuracy"] == rows["spectral_cnn_1px"]["overall_accuracy"] or (
        read_bundle(trained.model).smoothing is not None
    )


def test_a_test_of_one_class_is_no_accuracy(scene: Path) -> None:
    labels = polygons_of(scene, lambda frame: frame)
    truth, given = make_scenes.labelled(60, 48), scene.with_name("given.tif")
    with rasterio.open(scene) as source:
        profile = {**source.profile, "count": 1, "dtype": "uint8", "nodata": 0, "driver": "GTiff"}
    side = np.where(truth == 0, 0, np.where((truth == 11) & (np.indices(truth.shape)[1] % 2 == 0), 3, 1))
    with rasterio.open(given, "w", **profile) as target:
        target.write(side.astype(np.uint8), 1)
    report = scene.with_name("r.html")
    trained = train(scene, labels, model="lda", split_source=given, report=report)
    assert trained.split["test_samples"] > 0
    assert trained.test is None
    assert "pixels of one class only were tested: the accuracy of this model is not known" in trained.to_text()
    assert any(
        note.startswith("The accuracy is not known: the test pixels are all of one class") for note in trained.notes
    )
    page = report.read_text("utf-8")
    assert "The accuracy of this model is not known" in page
    assert "The test pixels are all of one class" in page
    assert "No labelled pixel was held back" not in page


def test_spectra_without_noise_make_a_map_that_is_not_smoothed(make_scene: MakeScene) -> None:
    rows, cols = np.mgrid[0:37, 0:29]
    spectra = np.random.default_rng(0).uniform(
        0.1, 0.3, (3, 8)
    )  # one for all, one along each axis: two components vary
    cube = spectra[0, :, None, None] + np.tensordot(spectra[1], rows / 37, 0) + np.tensordot(spectra[2], cols / 29, 0)
    scene = make_scene(cube=cube, dtype="float64", scale=1.0, with_hole=False)
    polygons = make_scenes.write_polygons(scene.with_name("whole.gpkg"), like=scene)
    result = train(scene, polygons, model="lda")
    assert any("The map is not smoothed" in note for note in result.notes)
    assert read_bundle(scene.with_name("m.hsimodel")).smoothing is None
