"""Where a model may be trusted, from a training to the rasters of a map: values, tiles, entry points, refusals."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.bundle.trust import Trust
from hsi_engine.errors import ParameterError
from hsi_engine.evaluation.trust.of_pixels import pixel_draws
from hsi_engine.io.files.outputs import sha256_of
from hsi_engine.pixels.window import Window

ROWS, COLS, BANDS = 66, 53, 12
FILES = {name: f"{name}.tif" for name in ("applicability", "dissimilarity", "set_size", "sets")}
MODELS = Path(__file__).parents[2] / "data" / "models"

Params = dict[str, Any]


def noisy_scene(path: Path) -> Path:
    """Classes overlap, so that sets hold several of them; one corner shows what no label does."""
    cube = make_scenes.reflectance(ROWS, COLS, BANDS, noise=0.06)
    cube[:, -20:, -20:] = np.linspace(0.9, 0.05, BANDS)[:, None, None]
    return make_scenes.write_scene(path, cube=cube)


def labels_elsewhere(path: Path, scene: Path) -> Path:
    make_scenes.write_labels(path, like=scene)
    with rasterio.open(path, "r+") as file:
        values = file.read(1)
        values[-22:, -22:] = 0
        file.write(values, 1)
    return path


@pytest.fixture(scope="module", params=["logistic_regression", "auto"])
def inputs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Params:
    """A scene and a model: of spectra alone, or what a quick comparison makes of it."""
    folder = tmp_path_factory.mktemp("inputs")
    scene = noisy_scene(folder / "scene.tif")
    labels = labels_elsewhere(folder / "labels.tif", scene)
    model = folder / "m.hsimodel"
    hsi_engine.train_classifier(
        scene=scene, labels=labels, output=model, model=request.param, effort="quick", device="cpu", time_limit=0.1
    )
    return {"scene": scene, "model": model, "device": "cpu"}


@pytest.fixture(scope="module")
def whole(inputs: Params, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    return mapped(inputs, tmp_path_factory.mktemp("whole"))


def mapped(inputs: Params, folder: Path, **given: Any) -> tuple[Path, Any]:
    asked = {name: folder / file for name, file in FILES.items()}
    shares = folder / "shares.tif"
    return folder, hsi_engine.classify_scene(
        **inputs, output=folder / "map.tif", probabilities=shares, **asked, **given
    )


def raster(path: Path) -> npt.NDArray[Any]:
    with rasterio.open(path) as file:
        return np.asarray(file.read())


def test_the_rasters_say_what_the_result_counts(inputs: Params, whole: tuple[Path, Any]) -> None:
    folder, result = whole
    area, dissimilarity = raster(folder / "applicability.tif")[0], raster(folder / "dissimilarity.tif")[0]
    sizes, sets = raster(folder / "set_size.tif")[0], raster(folder / "sets.tif")
    valid = np.isfinite(dissimilarity)
    assert result.nodata_pixels == (~valid).sum() > 0
    assert ((area == 0) == ~valid).all()
    assert ((sizes == 255) == ~valid).all()
    assert (sets[:, ~valid] == 255).all()
    told = result.area_of_applicability
    np.testing.assert_array_equal(area[valid] == 2, dissimilarity[valid] > told["threshold"])
    assert told["outside_pixels"] == (area == 2).sum()
    assert told["outside_share"] == pytest.approx((area == 2).sum() / valid.sum())
    assert (area[-19:, -19:] == 2).all()
    assert (area[:-22] == 1).sum() / valid[:-22].sum() > 0.8
    np.testing.assert_array_equal(sets[:, valid].sum(axis=0), sizes[valid])
    counted = np.bincount(sizes[valid], minlength=4).tolist()
    found = result.prediction_sets
    assert found["set_sizes"] == counted
    assert found["several_classes_share"] == pytest.approx(sum(counted[2:]) / valid.sum())
    # By definition: the classes whose probability is at least 1 minus the threshold.
    scores = read_bundle(inputs["model"]).trust.calibrated
    assert scores is not None
    limit = scores.scores.thresholds("lac", 0.9)[0]
    np.testing.assert_array_equal(sets[:, valid], 1 - raster(folder / "shares.tif")[:, valid].astype(float) <= limit)
    assert len(set(counted[1:3])) == 2
    assert any("outside the area of applicability: as far as spectra tell" in note for note in result.notes)
    assert any(note.startswith("Prediction sets (smallest sets) with a coverage of 90.0 %") for note in result.notes)


def test_files_and_styles(whole: tuple[Path, Any]) -> None:
    folder, _ = whole
    kinds = {}
    for name, file_name in FILES.items():
        with rasterio.open(folder / file_name) as file:
            kinds[name] = (file.count, file.dtypes[0], str(file.nodata), file.descriptions[0])
    assert kinds.pop("sets")[:3] == (3, "uint8", "255.0")
    assert kinds == {
        "applicability": (1, "uint8", "0.0", "class"),
        "dissimilarity": (1, "float32", "nan", "dissimilarity"),
        "set_size": (1, "uint8", "255.0", "set size"),
    }
    assert "outside: unlike the training pixels" in (folder / "applicability.qml").read_text(encoding="utf-8")
    assert 'label="0.5"' in (folder / "dissimilarity.qml").read_text(encoding="utf-8")
    assert 'label="none: unlike every class"' in (folder / "set_size.qml").read_text(encoding="utf-8")
    with rasterio.open(folder / "applicability.tif") as file:
        assert not {"HSI_MODEL_ID", "HSI_CLASSES"} & set(file.tags()), "it is no map of the model's classes"


def test_rasters_state_what_their_numbers_depend_on(inputs: Params, whole: tuple[Path, Any]) -> None:
    folder, _ = whole
    tags = {}
    for name, file_name in FILES.items():
        with rasterio.open(folder / file_name) as file:
            tags[name] = file.tags()
    bundle = read_bundle(inputs["model"])
    assert {of["HSI_MADE_WITH"] for of in tags.values()} == {bundle.id}
    assert {name: of["HSI_PRODUCT"] for name, of in tags.items()} == {name: name for name in FILES}
    assert tags["sets"]["TIFFTAG_IMAGEDESCRIPTION"] == f"Prediction sets of {inputs['scene'].name}"
    assert (tags["sets"]["HSI_COVERAGE"], tags["set_size"]["HSI_SET_METHOD"]) == ("0.9", "lac")
    assert bundle.trust.known is not None
    for name in ("applicability", "dissimilarity"):
        threshold = float(tags[name]["HSI_DISSIMILARITY_THRESHOLD"])
        assert threshold == pytest.approx(bundle.trust.known.area.threshold, rel=1e-5)


@pytest.mark.parametrize("method", ["lac", "aps", "class"])
def test_tiles_and_parts_change_nothing(inputs: Params, tmp_path: Path, method: str) -> None:
    with rasterio.open(inputs["scene"]) as file:
        (left, top), (right, bottom) = (file.transform @ corner for corner in ((11, 7), (41, 57)))
    settings: dict[str, Params] = {
        "one": {},
        "tiles": {"tile_size": 16},
        "part": {"extent": f"{left},{bottom},{right},{top}"},
    }
    for name, given in settings.items():
        (tmp_path / name).mkdir()
        mapped(inputs, tmp_path / name, set_method=method, coverage=0.8, **given)
    for file in FILES.values():
        one, tiles, part = (raster(tmp_path / name / file) for name in settings)
        inside = one[:, 7:57, 11:41]
        if file == "dissimilarity.tif":  # channels may differ in the last digits
            np.testing.assert_allclose(tiles, one, rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(part, inside, rtol=1e-5, atol=1e-6)
        else:
            assert (tiles != one).mean() < 1e-3
            assert (part != inside).mean() < 1e-3


def test_draws_follow_from_the_place_alone() -> None:
    whole = pixel_draws(Window(row=0, col=0, height=200, width=150))
    part = pixel_draws(Window(row=37, col=91, height=20, width=30))
    np.testing.assert_array_equal(part, whole[37:57, 91:121])
    assert 0 <= whole.min() < 1e-3
    assert 1 - 1e-3 < whole.max() < 1
    assert abs(whole.mean() - 0.5) < 0.01
    assert len(np.unique(whole)) == whole.size
    for shifted in (whole[1:] - whole[:-1], whole[:, 1:] - whole[:, :-1]):
        assert abs(np.corrcoef(shifted.ravel()[:-1], shifted.ravel()[1:])[0, 1]) < 0.6


def test_the_command_writes_the_same_bytes(inputs: Params, whole: tuple[Path, Any], tmp_path: Path) -> None:
    folder, result = whole
    options = [f"--{name.replace('_', '-')}={tmp_path / file}" for name, file in FILES.items()]
    done = subprocess.run(
        [
            sys.executable, "-m", "hsi_engine", "classify", "--json", f"--output={tmp_path / 'map.tif'}", *options,
            f"--probabilities={tmp_path / 'shares.tif'}", *(f"--{name}={value}" for name, value in inputs.items()),
        ],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["area_of_applicability"] == result.area_of_applicability
    assert told["prediction_sets"] == result.prediction_sets
    for path in folder.iterdir():
        assert sha256_of(tmp_path / path.name) == sha256_of(path), path.name


def test_sets_grow_with_coverage_and_other_rasters_do_not_change(inputs: Params, tmp_path: Path) -> None:
    before = None
    for coverage in (0.6, 0.8, 0.95):
        folder = tmp_path / str(coverage)
        folder.mkdir()
        _, result = mapped(inputs, folder, coverage=coverage)
        sets = raster(folder / "sets.tif")
        # More where many pixels have the same score.
        assert result.prediction_sets["out_of_fold"]["realised"] > coverage - 0.06
        if before is not None:
            assert (sets >= before).all()
        before = sets


def test_settings_of_sets_are_not_ignored_in_silence(inputs: Params, tmp_path: Path) -> None:
    result = hsi_engine.classify_scene(**inputs, output=tmp_path / "m.tif", coverage=0.8)
    assert (
        "Not used: 'coverage' is about prediction sets, and neither 'set_size' nor 'sets' was asked for."
        in result.notes
    )
    result = hsi_engine.classify_scene(**inputs, output=tmp_path / "m.tif")
    assert not [note for note in result.notes if note.startswith("Not used")]


def test_a_resumed_map_counts_all_its_tiles(inputs: Params, whole: tuple[Path, Any], tmp_path: Path) -> None:
    class Stop(hsi_engine.SilentReporter):
        def progress(self, fraction: float, message: str = "") -> None:
            if fraction > 0.4 and "tile" in message:
                self.cancel.set()

    with pytest.raises(hsi_engine.Cancelled):
        hsi_engine.classify_scene(
            **inputs, output=tmp_path / "map.tif", applicability=tmp_path / "a.tif", set_size=tmp_path / "s.tif",
            tile_size=16, resume=True, reporter=Stop(),
        )  # fmt: skip
    again = {"output": tmp_path / "map.tif", "applicability": tmp_path / "a.tif", "set_size": tmp_path / "s.tif"}
    with pytest.raises(hsi_engine.HsiError, match=r"coverage of the prediction sets was 0\.9 and is 0\.8"):
        hsi_engine.classify_scene(**inputs, **again, tile_size=16, resume=True, coverage=0.8)
    result = hsi_engine.classify_scene(**inputs, **again, tile_size=16, resume=True)
    _, expected = whole
    assert result.area_of_applicability == expected.area_of_applicability
    assert result.prediction_sets == expected.prediction_sets


def refusal(folder: Path, **given: Any) -> str:
    with pytest.raises(ParameterError) as caught:
        hsi_engine.classify_scene(output=folder / "map.tif", **given)
    assert not list(folder.glob("map*"))
    return f"{caught.value.message} {caught.value.hint}"


def test_too_few_tested_pixels_for_the_coverage(inputs: Params, tmp_path: Path) -> None:
    calibrated = read_bundle(inputs["model"]).trust.calibrated
    assert calibrated is not None
    count = len(calibrated.scores)
    assert count < 999 * 3
    said = refusal(tmp_path, **_fewer(inputs, tmp_path, 500), set_size=tmp_path / "s.tif", coverage=0.999)
    assert "need 999 tested pixels or more to be calibrated; few.hsimodel has 500" in said
    assert "Ask for at most 0.998" in said


def _fewer(inputs: Params, folder: Path, count: int) -> Params:
    """The same model with fewer calibration scores."""
    from dataclasses import replace

    from hsi_engine.bundle.model_file import write_bundle

    bundle = read_bundle(inputs["model"])
    calibrated = bundle.trust.calibrated
    assert calibrated is not None
    part = replace(calibrated, scores=calibrated.scores.thinned(count, seed=0))
    write_bundle(replace(bundle, trust=Trust(known=bundle.trust.known, calibrated=part)), folder / "few.hsimodel")
    return inputs | {"model": folder / "few.hsimodel"}


def test_a_model_of_an_earlier_version_still_maps_and_says_what_it_lacks(tmp_path: Path) -> None:
    model = tmp_path / "old.hsimodel"
    model.write_bytes(gzip.decompress((MODELS / "version_1.hsimodel.gz").read_bytes()))
    scene = make_scenes.write_scene(tmp_path / "scene.tif", bands=16)
    given = {"scene": scene, "model": model, "device": "cpu"}
    for name in ("applicability", "dissimilarity"):
        said = refusal(tmp_path, **given, **{name: tmp_path / "x.tif"})
        assert f"Parameter '{name}'" in said
        assert "old.hsimodel has no applicability data" in said
        assert "train it again" in said
    for name in ("set_size", "sets"):
        said = refusal(tmp_path, **given, **{name: tmp_path / "x.tif"})
        assert "old.hsimodel has no calibration scores" in said
    result = hsi_engine.classify_scene(**given, output=tmp_path / "map.tif")
    assert (result.area_of_applicability, result.prediction_sets) == (None, None)


def test_a_training_without_a_test_knows_its_spectra_and_has_no_scores(tmp_path: Path) -> None:
    scene = noisy_scene(tmp_path / "scene.tif")
    labels = labels_elsewhere(tmp_path / "labels.tif", scene)
    model = tmp_path / "m.hsimodel"
    hsi_engine.train_classifier(scene=scene, labels=labels, output=model, model="lda", split="none", device="cpu")
    trust = read_bundle(model).trust
    assert trust.known is not None
    assert (trust.known.apart, trust.calibrated) == ("places", None)
    said = refusal(tmp_path, scene=scene, model=model, set_size=tmp_path / "s.tif")
    assert "trained without a check of its accuracy" in said


@pytest.mark.parametrize(("split", "unit"), [("random", "pixel"), ("polygons", "polygon")])
def test_the_test_side_of_a_split_calibrates_the_model_that_was_trained_on_the_other(
    tmp_path: Path, split: str, unit: str
) -> None:
    scene = noisy_scene(tmp_path / "scene.tif")
    labels = labels_elsewhere(tmp_path / "labels.tif", scene)
    model = tmp_path / "m.hsimodel"
    trained = hsi_engine.train_classifier(
        scene=scene, labels=labels, output=model, model="lda", split=split, train_share=0.3, device="cpu"
    )
    kept = read_bundle(model)
    assert kept.trust.calibrated is not None
    assert kept.trust.calibrated.unit_name == unit
    assert len(kept.trust.calibrated.scores) == trained.split["test_samples"]
    assert kept.trust.known is not None
    assert kept.trust.known.training_pixels == trained.split["train_samples"]
    tested = next(s for s in kept.metrics["conformal"]["sets"] if (s["method"], s["asked"]) == ("lac", 0.9))
    assert tested["realised"] == pytest.approx(0.9, abs=0.05)
    assert sum(tested["set_sizes"]) == pytest.approx(1)
    assert kept.metrics["selective"]["points"][0]["accuracy"] == pytest.approx(trained.test["overall_accuracy"])
