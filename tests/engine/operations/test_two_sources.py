"""A scene and a second raster: training and mapping from both, from either alone where that was trained, and what is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from affine import Affine

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.errors import Cancelled, MismatchError, ParameterError, SceneError
from hsi_engine.io.scenes.scene import describe_scene, open_scene
from hsi_engine.io.scenes.second.joining import join_second
from hsi_engine.pixels.window import Window
from second_rasters import heights, write_second

ROWS, COLS, BANDS = 61, 47, 12
GAP = (slice(40, 44), slice(30, 41))
QUICK: dict[str, Any] = {"model": "two_sources", "split": "none", "epochs": 4, "smooth": False, "device": "cpu"}


class Notebook(hsi_engine.SilentReporter):
    """Keeps what is said; cancels when a message begins with ``until``, or when epoch ``epoch`` is finished."""

    def __init__(self, until: str = "\0", epoch: int | None = None) -> None:
        super().__init__()
        self.until, self.epoch = until, epoch
        self.messages: list[str] = []

    def progress(self, fraction: float, message: str = "") -> None:
        if message.startswith(self.until):
            self.cancel.set()

    def metric(self, name: str, value: float, step: int) -> None:
        if step == self.epoch:
            self.cancel.set()

    def log(self, message: str, level: str = "info") -> None:
        self.messages.append(message)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("inputs")
    scene = make_scenes.write_scene(folder / "scene.tif", rows=ROWS, cols=COLS, bands=BANDS)
    labels = make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)
    return {"scene": scene, "labels": labels, "second": write_second(folder / "dem.tif", like=scene, hole=GAP)}


def train(inputs: dict[str, Path], output: Path, **changes: Any) -> Any:
    given = {"class_field": "class_id", "output": output, **inputs, **QUICK, **changes}
    return hsi_engine.train_classifier(**given)


@pytest.fixture(scope="module")
def either(inputs: dict[str, Path]) -> Path:
    """A model that maps from both sources or from either."""
    model = inputs["scene"].with_name("either.hsimodel")
    train(inputs, model, modality_dropout=0.4)
    return model


@pytest.fixture(scope="module")
def both_only(inputs: dict[str, Path]) -> Path:
    model = inputs["scene"].with_name("both.hsimodel")
    train(inputs, model)
    return model


def classify(model: Path, output: Path, **given: Any) -> Any:
    return hsi_engine.classify_scene(model=model, output=output, device="cpu", **given)


def values(path: Path) -> npt.NDArray[Any]:
    with rasterio.open(path) as opened:
        return opened.read(1)


def agreement(path: Path) -> float:
    mapped, cover = values(path), make_scenes.labelled(ROWS, COLS)
    known = (mapped > 0) & (cover > 0)
    return float((mapped[known] == cover[known]).mean())


def test_both_sources_and_either_alone_make_maps_of_the_same_grid(
    inputs: dict[str, Path], either: Path, tmp_path: Path
) -> None:
    scene, second = inputs["scene"], inputs["second"]
    classify(either, tmp_path / "both.tif", scene=scene, second=second)
    alone = classify(either, tmp_path / "scene.tif", scene=scene)
    other = classify(either, tmp_path / "second.tif", scene=second, only_second=True)
    found = {name: agreement(tmp_path / f"{name}.tif") for name in ("both", "scene", "second")}
    assert min(found.values()) > 0.8, found
    assert any("made from the scene alone" in note for note in alone.notes)
    assert any("made from the second raster alone" in note for note in other.notes)
    assert alone.model_id == other.model_id == read_bundle(either).id


def test_pixels_without_data_in_a_source_that_is_used_get_no_class_and_are_counted(
    inputs: dict[str, Path], either: Path, tmp_path: Path
) -> None:
    scene, second = inputs["scene"], inputs["second"]
    hole = make_scenes.hole(ROWS, COLS)
    both = classify(either, tmp_path / "both.tif", scene=scene, second=second)
    gap = (GAP[0].stop - GAP[0].start) * (GAP[1].stop - GAP[1].start)
    assert not values(tmp_path / "both.tif")[GAP].any()
    assert not values(tmp_path / "both.tif")[hole].any()
    assert any(f"The second raster has no data for {gap} of {ROWS * COLS:,} pixels" in note for note in both.notes)
    alone = classify(either, tmp_path / "scene.tif", scene=scene)
    assert values(tmp_path / "scene.tif")[GAP].all()
    assert not values(tmp_path / "scene.tif")[hole].any()
    other = classify(either, tmp_path / "second.tif", scene=second, only_second=True)
    assert not values(tmp_path / "second.tif")[GAP].any()
    assert values(tmp_path / "second.tif")[hole].all()
    assert both.nodata_pixels == alone.nodata_pixels + other.nodata_pixels


def test_the_share_of_gaps_is_that_of_the_part_that_is_mapped(
    inputs: dict[str, Path], either: Path, tmp_path: Path
) -> None:
    with rasterio.open(inputs["scene"]) as opened:
        left, top = opened.transform @ (20, 42)
    extent = f"{left},{top - 30 * 10},{left + 30 * 15},{top}"  # columns 20 to 34, rows 42 to 51
    found = classify(either, tmp_path / "part.tif", scene=inputs["scene"], second=inputs["second"], extent=extent)
    assert any("no data for 10 of 150 pixels" in note for note in found.notes)


def test_a_second_raster_in_another_unit_is_warned_of(inputs: dict[str, Path], either: Path, tmp_path: Path) -> None:
    scene, here = inputs["scene"], {"scene": inputs["scene"], "second": inputs["second"]}
    in_cm = write_second(tmp_path / "cm.tif", like=scene, values=heights(ROWS, COLS) * 100)
    given = {"scene": scene, "second": in_cm}
    words = "The second raster's mean value is 100 times as high"
    assert any(words in note for note in classify(either, tmp_path / "cm_map.tif", **given).notes)
    told = hsi_engine.model_information(model=either, **given)
    assert told.fit.verdict == "does_not_fit"
    assert told.fit.headline == (
        "The model does not fit this scene: the values of its second raster have another scale."
    )
    (check,) = [check for check in told.fit.checks if check.name == "second_values"]
    assert (check.title, check.level) == ("Scale of the second raster", "problem")
    assert check.text.startswith(words)
    assert not any("second raster's mean" in note for note in classify(either, tmp_path / "m_map.tif", **here).notes)


@pytest.mark.parametrize("tile", [16, 24])
def test_tiles_do_not_change_the_map(inputs: dict[str, Path], either: Path, tmp_path: Path, tile: int) -> None:
    given = {"scene": inputs["scene"], "second": inputs["second"]}
    classify(either, tmp_path / "whole.tif", **given)
    classify(either, tmp_path / "tiles.tif", **given, tile_size=tile)
    assert np.array_equal(values(tmp_path / "whole.tif"), values(tmp_path / "tiles.tif"))


def test_a_map_is_resumed_with_its_own_second_raster_only(
    inputs: dict[str, Path], either: Path, tmp_path: Path
) -> None:
    given = {"scene": inputs["scene"], "second": inputs["second"], "tile_size": 16}
    classify(either, tmp_path / "whole.tif", **given)
    target = tmp_path / "map.tif"
    with pytest.raises(Cancelled):
        classify(either, target, **given, resume=True, reporter=Notebook("Classifying the scene: tile 5"))
    other = Path(shutil.copy(inputs["second"], tmp_path / "other.tif"))
    with pytest.raises(hsi_engine.HsiError, match="second raster"):
        classify(either, target, **(given | {"second": other}), resume=True)
    notebook = Notebook()
    classify(either, target, **given, resume=True, reporter=notebook)
    assert any(message.startswith("Resuming after tile") for message in notebook.messages)
    assert target.read_bytes() == (tmp_path / "whole.tif").read_bytes()


def test_a_resumed_training_ends_with_the_same_weights(inputs: dict[str, Path], either: Path, tmp_path: Path) -> None:
    model = tmp_path / "m.hsimodel"
    with pytest.raises(Cancelled):
        train(inputs, model, modality_dropout=0.4, reporter=Notebook(epoch=2))
    train(inputs, model, modality_dropout=0.4, resume=True)
    assert read_bundle(model).id == read_bundle(either).id


def test_the_second_raster_is_standardised_by_the_training(inputs: dict[str, Path], either: Path) -> None:
    branch, _ = read_bundle(either).preprocessing.branches  # the second shows where the model may be trusted
    assert branch.second is not None
    valid = np.ones((ROWS, COLS), bool)
    valid[GAP] = False
    valid[make_scenes.hole(ROWS, COLS)] = False
    expected = heights(ROWS, COLS)[:, valid]
    assert np.allclose(branch.second.mean, expected.mean(axis=1), rtol=1e-5)
    assert np.allclose(branch.second.deviation, expected.std(axis=1, ddof=1), rtol=1e-4)


def test_the_file_keeps_what_was_trained(inputs: dict[str, Path], either: Path, tmp_path: Path) -> None:
    bundle = read_bundle(either)
    (member,) = bundle.members
    assert member.options["modality_dropout"] == 0.4
    assert member.options["second_bands"] == 2
    assert bundle.preprocessing.second_bands == 2
    assert set(bundle.training["inputs"]) == {"scene", "labels", "second"}
    told = hsi_engine.model_information(model=either, scene=inputs["scene"], second=inputs["second"])
    assert "2 bands on the grid of the scene" in told.second_raster
    assert "scene alone" in told.second_raster
    assert told.trained_on.bands == BANDS
    assert told.fit is not None
    assert told.fit.verdict != "does_not_fit"
    assert "The 2 bands of the second raster match by their order." in told.fit.checks[0].text
    alone = hsi_engine.model_information(model=either, scene=inputs["scene"])
    assert alone.fit is not None
    assert "none is given" in alone.fit.checks[0].text


def test_a_model_of_both_refuses_one_source(inputs: dict[str, Path], both_only: Path, tmp_path: Path) -> None:
    with pytest.raises(MismatchError, match="trained with a second raster of 2 bands, and none is given") as refused:
        classify(both_only, tmp_path / "map.tif", scene=inputs["scene"])
    assert "modality_dropout" in refused.value.hint
    with pytest.raises(MismatchError, match="cannot map from the second raster alone"):
        classify(both_only, tmp_path / "map.tif", scene=inputs["second"], only_second=True)
    assert not list(tmp_path.iterdir())


def test_a_model_without_a_second_raster_refuses_one(inputs: dict[str, Path], tmp_path: Path) -> None:
    plain = tmp_path / "plain.hsimodel"
    single = {name: path for name, path in inputs.items() if name != "second"}
    train(single, plain, model="lda", epochs=None)
    with pytest.raises(MismatchError, match="was trained without one"):
        classify(plain, tmp_path / "map.tif", scene=inputs["scene"], second=inputs["second"])
    with pytest.raises(MismatchError, match="trained without a second raster"):
        classify(plain, tmp_path / "map.tif", scene=inputs["second"], only_second=True)


def test_another_number_of_bands_is_refused(inputs: dict[str, Path], either: Path, tmp_path: Path) -> None:
    three = write_second(tmp_path / "three.tif", like=inputs["scene"], bands=3)
    with pytest.raises(MismatchError, match=r"second raster '.*three.tif' has 3 bands .*that of the training had 2"):
        classify(either, tmp_path / "map.tif", scene=inputs["scene"], second=three)
    with pytest.raises(MismatchError, match="2 bands are needed and 3 were found"):
        classify(either, tmp_path / "map.tif", scene=three, only_second=True)


def test_half_a_pixel_off_is_refused_and_resampled_when_asked_for(
    inputs: dict[str, Path], either: Path, tmp_path: Path
) -> None:
    with rasterio.open(inputs["scene"]) as opened:
        moved = opened.transform @ Affine.translation(0.5, 0.5)
    second = write_second(tmp_path / "moved.tif", like=inputs["scene"], transform=moved)
    given = {"scene": inputs["scene"], "second": second}
    for operation in (
        lambda: classify(either, tmp_path / "map.tif", **given),
        lambda: train(inputs | {"second": second}, tmp_path / "m.hsimodel"),
    ):
        with pytest.raises(MismatchError, match=r"shifted by 0.50 columns and 0.50 rows"):
            operation()
    found = classify(either, tmp_path / "map.tif", **given, resample_second="nearest")
    assert any("was resampled to the grid of the scene (nearest)" in note for note in found.notes)
    assert agreement(tmp_path / "map.tif") > 0.6


WRONG = [
    ({"model": "spectral_cnn"}, ParameterError, "the method 'spectral_cnn' does not use one"),
    ({"model": "auto", "epochs": None}, ParameterError, "the automatic choice compares methods of the scene alone"),
    ({"second": None}, ParameterError, "'two_sources' needs a second raster"),
    (
        {"second": None, "model": "lda", "epochs": None, "resample_second": "nearest"},
        ParameterError,
        "no second raster",
    ),
    ({"model_options": "second_bands=3"}, ParameterError, "'second_bands' cannot be set"),
    ({"modality_dropout": 1.0}, ParameterError, "modality_dropout"),
    (
        {"model": "hybridsn", "second": None, "modality_dropout": 0.2},
        ParameterError,
        "has no option 'modality_dropout'",
    ),
]


@pytest.mark.parametrize(("changes", "error", "says"), WRONG)
def test_what_does_not_belong_together_is_refused(
    inputs: dict[str, Path], tmp_path: Path, changes: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        train(inputs, tmp_path / "m.hsimodel", **changes)
    assert not list(tmp_path.iterdir())


def test_two_second_rasters_are_refused(inputs: dict[str, Path], either: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="takes the second raster as scene"):
        classify(either, tmp_path / "map.tif", scene=inputs["second"], second=inputs["second"], only_second=True)


def test_a_second_raster_without_information_or_data_is_refused(inputs: dict[str, Path], tmp_path: Path) -> None:
    same = write_second(tmp_path / "same.tif", like=inputs["scene"], values=np.full((1, ROWS, COLS), 7.0, np.float32))
    with pytest.raises(SceneError, match="holds the same value \\(7\\)"):
        train(inputs | {"second": same}, tmp_path / "m.hsimodel")
    empty = np.full((2, ROWS, COLS), 7.0, np.float32)
    empty[1] = -9999.0
    nothing = write_second(tmp_path / "nothing.tif", like=inputs["scene"], values=empty)
    with pytest.raises(SceneError, match="has no data on the scene in 'Band 2'"):
        train(inputs | {"second": nothing}, tmp_path / "m.hsimodel")


def test_undeclared_missing_data_of_the_second_raster_is_asked_about(inputs: dict[str, Path], tmp_path: Path) -> None:
    found = heights(ROWS, COLS)
    found[:, 3:8, 4:20] = -9999.0
    second = write_second(tmp_path / "dem.tif", like=inputs["scene"], values=found, nodata=None)
    trained = train(inputs | {"second": second}, tmp_path / "m.hsimodel", epochs=1)
    assert any("hold -9999" in note and "missing data" in note for note in trained.notes)


def test_no_output_may_replace_the_second_raster(inputs: dict[str, Path], either: Path) -> None:
    with pytest.raises(hsi_engine.HsiError, match=r"dem.tif"):
        classify(either, inputs["second"], scene=inputs["scene"], second=inputs["second"])


def test_the_report_names_both_rasters(inputs: dict[str, Path], either: Path, tmp_path: Path) -> None:
    report = tmp_path / "map.html"
    classify(either, tmp_path / "map.tif", scene=inputs["scene"], second=inputs["second"], report=report)
    page = report.read_text(encoding="utf-8")
    assert "scene.tif" in page
    assert "dem.tif" in page
    assert "The second raster has no data for" in page


VIEWS: list[tuple[dict[str, Any], int]] = [
    ({"reduction": "bands"}, BANDS),
    ({"reduction": "pca", "components": 4, "whiten": 1.0}, 4),
    ({"reduction": "pca", "components": 4, "whiten": 0.5}, 4),
    ({"reduction": "mnf", "components": 5}, 5),
    ({"normalisation": "brightness"}, BANDS),
    ({"normalisation": "derivative"}, BANDS - 1),
    ({"bands": "2-9"}, 8),
]


@pytest.mark.parametrize(("view", "channels"), VIEWS)
def test_whatever_is_done_to_the_spectrum_leaves_the_second_raster_alone(
    inputs: dict[str, Path], either: Path, tmp_path: Path, view: dict[str, Any], channels: int
) -> None:
    model = tmp_path / "m.hsimodel"
    train(inputs, model, epochs=1, modality_dropout=0.2, **view)
    (branch, _), (usual, _) = (read_bundle(path).preprocessing.branches for path in (model, either))
    assert (branch.reduction.n_components, branch.second_channels) == (channels, 2)
    assert branch.second == usual.second
    for name, given in (("both", {"second": inputs["second"]}), ("scene", {})):
        classify(model, tmp_path / f"{name}.tif", scene=inputs["scene"], **given)
    steps, window = read_bundle(model).preprocessing, Window(row=0, col=0, height=9, width=7)
    scene = describe_scene(inputs["scene"])
    found = []
    for part, source in ((steps, join_second(scene, inputs["second"])), (steps.scene_alone, scene)):
        with open_scene(source) as reader:
            found.append(part.apply(reader.read(window, part.band_indices)))
    assert len(found[1]) > channels  # those of the second branch follow
    assert np.allclose(found[0][:channels], found[1][:channels], atol=1e-6)
    assert np.allclose(found[0][channels + 2 :], found[1][channels:], atol=1e-6)


def test_training_and_mapping_in_one_go_with_smoothing(inputs: dict[str, Path], tmp_path: Path) -> None:
    settings = {**QUICK, "split": "folds", "smooth": True, "epochs": 2, "modality_dropout": 0.4}
    model = tmp_path / "m.hsimodel"
    hsi_engine.train_and_classify(
        class_field="class_id",
        output=tmp_path / "map.tif",
        model_output=model,
        report=tmp_path / "report.html",
        **inputs,
        **settings,
    )
    assert values(tmp_path / "map.tif").any()
    assert "dem.tif" in (tmp_path / "report.html").read_text(encoding="utf-8")
    metrics = read_bundle(model).metrics
    assert metrics["test"]["overall_accuracy"] > 0.5


def test_a_smoothed_model_is_not_smoothed_where_its_guide_is_missing(
    inputs: dict[str, Path], either: Path, tmp_path: Path
) -> None:
    from dataclasses import replace

    from hsi_engine.bundle.model_bundle import SmoothingSettings
    from hsi_engine.bundle.model_file import write_bundle
    from hsi_engine.bundle.trust import Trust
    from hsi_engine.preprocess.branch import Branch

    bundle = read_bundle(either)
    own, _ = bundle.preprocessing.branches
    few = replace(own.reduction, matrix=own.reduction.matrix[:3])
    guide = Branch(n_bands=own.n_bands, reduction=few, second_bands=own.second_bands)
    steps = replace(bundle.preprocessing, branches=(own, guide))
    smoothing = SmoothingSettings(radius_px=1, epsilon=0.1, branch=1)
    smoothed = replace(bundle, preprocessing=steps, smoothing=smoothing, trust=Trust())
    model = tmp_path / "smoothed.hsimodel"
    write_bundle(smoothed, model)
    assert read_bundle(model).id == smoothed.id
    both = classify(model, tmp_path / "both.tif", scene=inputs["scene"], second=inputs["second"])
    scene = classify(model, tmp_path / "scene.tif", scene=inputs["scene"])
    second = classify(model, tmp_path / "second.tif", scene=inputs["second"], only_second=True)
    assert both.smoothed_pixels is not None
    assert scene.smoothed_pixels is not None
    assert second.smoothed_pixels is None
    assert any("The map is not smoothed" in note for note in second.notes)


def test_a_warm_start_keeps_both_sources(inputs: dict[str, Path], either: Path, tmp_path: Path) -> None:
    trained = train(inputs, tmp_path / "m.hsimodel", model="auto", init_from=either, epochs=1)
    assert any("Starts from Two sources" in note for note in trained.notes)
    (member,) = read_bundle(tmp_path / "m.hsimodel").members
    assert member.options["modality_dropout"] == 0.4
    with pytest.raises(MismatchError, match="none is given"):
        train(inputs, tmp_path / "n.hsimodel", model="auto", init_from=either, epochs=1, second=None)


def test_one_process_trains_it_whatever_is_asked_for(inputs: dict[str, Path], tmp_path: Path) -> None:
    notebook = Notebook()
    trained = train(inputs, tmp_path / "m.hsimodel", epochs=1, processes=2, reporter=notebook)
    assert trained.world_size == 1
    assert any("compares all pixels of a batch: one process trains it" in message for message in notebook.messages)


def test_the_command_says_what_is_missing(inputs: dict[str, Path], both_only: Path, tmp_path: Path) -> None:
    words = ["classify", "--scene", inputs["scene"], "--model", both_only, "--output", tmp_path / "map.tif", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "hsi_engine", *map(str, words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == MismatchError.exit_code
    assert json.loads(done.stdout)["error"]["code"] == "mismatch.second_missing"
