"""Denoising as the first step of a training: the model keeps the denoiser, and everything that uses it sees the scene without noise."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio

import hsi_engine
import make_scenes
from hsi_engine.bundle.denoiser_file import read_denoiser
from hsi_engine.bundle.format import MODEL_CARD
from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.errors import BundleError, MismatchError, ParameterError, SceneError
from hsi_engine.inference.denoising.denoised_reader import BLOCK_PX, DenoisedReader, as_seen_by
from hsi_engine.inference.predictor import Predictor
from hsi_engine.inference.tile_predictions import TilePredictions
from hsi_engine.io.scenes.scene import open_scene
from hsi_engine.operations.parts import denoising
from hsi_engine.operations.train_classifier.parameters import TrainClassifierParams
from hsi_engine.operations.train_classifier.recipes import candidate_recipes
from hsi_engine.pixels.scene_part import ScenePart
from hsi_engine.pixels.window import TilePlan, Window
from hsi_engine.runtime.device import resolve_device
from hsi_engine.training.denoiser.settings import DenoiserSettings
from second_rasters import write_second

# More than one block high and wide; those at the border are cut.
SIZE: dict[str, Any] = {"rows": BLOCK_PX + 5, "cols": BLOCK_PX + 9, "bands": 12}
QUICK: dict[str, Any] = {"model": "lda", "split": "none", "smooth": False, "device": "cpu", "class_field": "class_id"}
CPU = resolve_device("cpu")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("inputs")
    cube = make_scenes.reflectance(**SIZE, noise=0.1)
    scene = make_scenes.write_scene(folder / "scene.tif", cube=cube, dtype="float32", nodata=-9999)
    return {"scene": scene, "labels": make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)}


@pytest.fixture(scope="module")
def denoiser(inputs: dict[str, Path]) -> Path:
    """Of all bands but the fourth."""
    path = inputs["scene"].with_name("scene.hsidenoiser")
    copy = inputs["scene"].with_name("denoised.tif")
    hsi_engine.denoise_scene(scene=inputs["scene"], output=copy, model_output=path, steps=2, bands="1-3, 5-12")
    return path


@pytest.fixture(scope="module")
def model(inputs: dict[str, Path], denoiser: Path) -> Path:
    path = inputs["scene"].with_name("model.hsimodel")
    hsi_engine.train_classifier(**inputs, **QUICK, denoiser=denoiser, output=path)
    return path


def values(path: Path) -> npt.NDArray[Any]:
    with rasterio.open(path) as opened:
        return opened.read()


def classify(scene: Path, model: Path, output: Path, **given: Any) -> npt.NDArray[Any]:
    hsi_engine.classify_scene(scene=scene, model=model, output=output, device="cpu", **given)
    return values(output)


# ------------------------------------------------------------------------------------------- what is read


@pytest.fixture
def reader(inputs: dict[str, Path], denoiser: Path) -> Any:
    found = read_denoiser(denoiser)
    with open_scene(inputs["scene"]) as opened:
        yield DenoisedReader(opened, found, [0, 1, 2, *range(4, 12)], CPU)


def test_what_is_read_is_what_denoise_scene_writes(reader: DenoisedReader, inputs: dict[str, Path]) -> None:
    """Up to the rounding of larger windows; bands and pixels that it copies stay as they are."""
    block = reader.read(Window.of_shape(reader.scene.grid.shape), range(12))
    written, scene = values(inputs["scene"].with_name("denoised.tif")), values(inputs["scene"])
    np.testing.assert_allclose(block.data[:, block.valid], written[:, block.valid], rtol=1e-4)
    np.testing.assert_array_equal(block.data[3][block.valid], scene[3][block.valid])
    assert not block.valid.all()
    assert not block.data[:, ~block.valid].any()
    assert np.abs(block.data - scene)[:3, block.valid].mean() > 0.01


@pytest.mark.parametrize("bands", [(0, 1, 2, *range(4, 12)), (11, 3, 0), (3,)])
def test_a_window_leaves_no_trace(reader: DenoisedReader, bands: tuple[int, ...], monkeypatch: Any) -> None:
    monkeypatch.setattr("hsi_engine.inference.denoising.denoised_reader._KEPT_BYTES", 1)
    whole = reader.read(Window.of_shape(reader.scene.grid.shape), bands)
    for row, col, height, width in (
        (0, 0, 7, 9),
        (40, 30, 27, 43),
        (BLOCK_PX - 1, BLOCK_PX - 1, 2, 2),
        (68, 72, 1, 1),
    ):
        window = Window(row=row, col=col, height=height, width=width)
        part, place = reader.read(window, bands), window.slices()
        np.testing.assert_array_equal(part.data, whole.data[(slice(None), *place)])
        np.testing.assert_array_equal(part.valid, whole.valid[place])


def test_a_pixel_without_data_in_one_band_keeps_the_others(
    inputs: dict[str, Path], denoiser: Path, tmp_path: Path
) -> None:
    scene = tmp_path / "gap.tif"
    scene.write_bytes(inputs["scene"].read_bytes())
    with rasterio.open(scene, "r+") as file:
        numbers = file.read()
        numbers[0, 5, 5] = -9999
        file.write(numbers)
    place = Window(row=5, col=5, height=1, width=1)
    with open_scene(scene) as opened:
        reader = DenoisedReader(opened, read_denoiser(denoiser), [0, 1, 2, *range(4, 12)], CPU)
        alone = reader.read(place, (7, 8))
        assert alone.valid.all()
        np.testing.assert_array_equal(alone.data[:, 0, 0], numbers[7:9, 5, 5])
        assert not reader.read(place, (0, 7)).valid.any()


# ------------------------------------------------------------------------------------------- train and map


def test_the_model_keeps_the_denoiser(model: Path, denoiser: Path) -> None:
    bundle = read_bundle(model)
    assert bundle.denoising is not None
    assert bundle.denoising.positions == (0, 1, 2, *range(4, 12))
    own, given = bundle.denoising.denoiser.arrays(), read_denoiser(denoiser).arrays()
    assert own.keys() == given.keys()
    assert all(np.array_equal(own[name], given[name]) for name in own)
    assert bundle.denoising.denoiser.training["source"] == denoiser.name
    with zipfile.ZipFile(model) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert "Denoised first: 11 bands" in archive.read(MODEL_CARD).decode()
    assert manifest["preprocessing"]["denoiser"]["positions"] == list(bundle.denoising.positions)
    said = hsi_engine.model_information(model=model).to_text()
    assert "denoised first (11 bands" in said


def test_a_map_is_that_of_the_denoised_scene(inputs: dict[str, Path], model: Path, tmp_path: Path) -> None:
    """A model without a denoiser, trained on what denoise_scene wrote, gives the same map of that."""
    found = classify(inputs["scene"], model, tmp_path / "map.tif")
    clean = inputs["scene"].with_name("denoised.tif")
    plain = tmp_path / "plain.hsimodel"
    hsi_engine.train_classifier(scene=clean, labels=inputs["labels"], **QUICK, output=plain)
    expected = classify(clean, plain, tmp_path / "expected.tif")
    assert (found == expected).mean() > 0.999
    noisy = tmp_path / "noisy.hsimodel"
    hsi_engine.train_classifier(**inputs, **QUICK, output=noisy)
    assert (found != classify(inputs["scene"], noisy, tmp_path / "noisy.tif")).mean() > 0.01


def test_tiles_leave_no_trace(inputs: dict[str, Path], model: Path, tmp_path: Path) -> None:
    whole = classify(inputs["scene"], model, tmp_path / "whole.tif", confidence=tmp_path / "whole_confidence.tif")
    tiles = classify(
        inputs["scene"], model, tmp_path / "tiles.tif", confidence=tmp_path / "tiles_confidence.tif", tile_size=16
    )
    np.testing.assert_array_equal(tiles, whole)
    one, other = (values(tmp_path / f"{name}_confidence.tif") for name in ("whole", "tiles"))
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_network_sees_the_same_by_patches_and_densely(
    inputs: dict[str, Path], denoiser: Path, tmp_path: Path
) -> None:
    model = tmp_path / "m.hsimodel"
    settings = QUICK | {"model": "spectral_cnn", "epochs": 1}
    hsi_engine.train_classifier(**inputs, **settings, denoiser=denoiser, output=model)
    classify(inputs["scene"], model, tmp_path / "map.tif", confidence=tmp_path / "dense.tif")
    bundle, dense = read_bundle(model), values(tmp_path / "dense.tif")[0]
    with open_scene(inputs["scene"]) as opened:
        predictor = Predictor.of(bundle, opened.scene, CPU)
        for row, col in ((0, 0), (BLOCK_PX, BLOCK_PX - 1), (68, 70)):
            place = ScenePart(window=Window(row=row, col=col, height=1, width=1))
            plan = TilePlan(shape=(1, 1), strip_rows=1, tile_cols=1)
            (tile,) = TilePredictions(as_seen_by(bundle, opened, CPU), predictor, place, plan).tiles()
            assert tile.prediction is not None
            assert tile.prediction.confidence[0, 0] == pytest.approx(dense[row, col], abs=1e-4)
        with pytest.raises(ValueError, match="begins with a denoiser"):
            TilePredictions(opened, predictor, place, plan)


def test_a_pixel_is_explained_as_it_is_mapped(inputs: dict[str, Path], model: Path, tmp_path: Path) -> None:
    found = hsi_engine.explain_pixel(scene=inputs["scene"], model=model, row=20, col=66, device="cpu")
    mapped = classify(inputs["scene"], model, tmp_path / "map.tif", confidence=tmp_path / "c.tif")
    assert found.class_value == mapped[0, 20, 66]
    assert found.probability == pytest.approx(values(tmp_path / "c.tif")[0, 20, 66], abs=1e-5)
    clean = values(inputs["scene"].with_name("denoised.tif"))[:, 20, 66]
    np.testing.assert_allclose([band.value for band in found.bands], clean, rtol=1e-4)


def test_bands_are_examined_after_the_denoiser(inputs: dict[str, Path], model: Path) -> None:
    given = {name: inputs[name] for name in ("scene", "labels")}
    found = hsi_engine.band_importance(model=model, **given, repeats=2, groups=2, device="cpu")
    assert "Bands are those of the scene after the denoiser of the model." in found.notes


def test_labels_are_suggested_on_the_denoised_scene(inputs: dict[str, Path], model: Path, tmp_path: Path) -> None:
    given = {"scene": inputs["scene"], "model": model, "output": tmp_path / "points.gpkg", "points": 3}
    assert hsi_engine.suggest_labels(**given, device="cpu").points == 3


def test_a_denoiser_is_fitted_to_the_scene(
    inputs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one step with the map, and with folds."""
    monkeypatch.setattr(denoising, "DenoiserSettings", lambda seed: DenoiserSettings(seed=seed, steps=1))
    made = hsi_engine.train_and_classify(
        **inputs, class_field="class_id", denoise=True, model="lda", device="cpu",
        model_output=tmp_path / "m.hsimodel", output=tmp_path / "map.tif",
    )  # fmt: skip
    bundle = read_bundle(tmp_path / "m.hsimodel")
    assert bundle.denoising is not None
    assert bundle.denoising.denoiser.training["source"] == "scene"
    assert bundle.training["settings"]["denoise"] is True
    assert any("is denoised first, in 12 of 12 bands" in note for note in made.training.notes)
    mapped = values(tmp_path / "map.tif")[0]
    cover = make_scenes.labelled(SIZE["rows"], SIZE["cols"])
    assert (mapped == cover)[(mapped > 0) & (cover > 0)].mean() > 0.95


def test_the_automatic_choice_compares_nothing_on_mnf_components(inputs: dict[str, Path], denoiser: Path) -> None:
    def names(**given: Any) -> list[str]:
        params = TrainClassifierParams(**inputs, output=Path("m.hsimodel"), **given)
        return [recipe.name for recipe in candidate_recipes(params, n_bands=100)]

    assert names(denoiser=denoiser) == names(denoise=True) == [name for name in names() if "mnf" not in name]
    assert len(names(denoise=True)) < len(names())


def test_of_two_sources_the_scene_is_denoised(inputs: dict[str, Path], denoiser: Path, tmp_path: Path) -> None:
    second, model = write_second(tmp_path / "dem.tif", like=inputs["scene"]), tmp_path / "m.hsimodel"
    settings = QUICK | {"model": "two_sources", "epochs": 1, "modality_dropout": 0.4, "second": second}
    hsi_engine.train_classifier(**inputs, **settings, denoiser=denoiser, output=model)
    both = classify(inputs["scene"], model, tmp_path / "both.tif", second=second)
    assert (both > 0).any()
    assert (classify(inputs["scene"], model, tmp_path / "scene.tif") > 0).any()
    assert (classify(second, model, tmp_path / "second.tif", only_second=True) > 0).any()


def test_a_start_from_a_model_keeps_its_denoiser(inputs: dict[str, Path], denoiser: Path, tmp_path: Path) -> None:
    first, then = tmp_path / "first.hsimodel", tmp_path / "then.hsimodel"
    settings = QUICK | {"model": "spectral_cnn", "epochs": 1}
    hsi_engine.train_classifier(**inputs, **settings, denoiser=denoiser, output=first)
    hsi_engine.train_classifier(**inputs, **settings, init_from=first, output=then)
    kept, own = (read_bundle(path).denoising for path in (first, then))
    assert kept is not None
    assert own is not None
    assert own.to_json() == kept.to_json()
    with pytest.raises(ParameterError, match="'denoiser' is decided by the model to start from"):
        hsi_engine.train_classifier(**inputs, **settings, init_from=first, denoiser=denoiser, output=then)


# ------------------------------------------------------------------------------------------- what is refused


def test_what_is_refused(inputs: dict[str, Path], denoiser: Path, tmp_path: Path) -> None:
    output = tmp_path / "m.hsimodel"

    def train(**given: Any) -> None:
        hsi_engine.train_classifier(**{**inputs, **QUICK, "output": output, **given})

    with pytest.raises(ParameterError, match="orders components by their noise, but the scene is denoised first"):
        train(denoise=True, reduction="mnf", model="svm")
    with pytest.raises(ParameterError, match="'denoiser' names a file, but only one can be applied"):
        train(denoise=True, denoiser=denoiser)
    with pytest.raises(BundleError, match="not a denoiser"):
        train(denoiser=_model_like(tmp_path, inputs))
    with pytest.raises(MismatchError, match="band"):
        train(denoiser=denoiser, bands="1-8")
    three = make_scenes.write_scene(tmp_path / "three.tif", cube=make_scenes.reflectance(**SIZE | {"bands": 3}))
    with pytest.raises(SceneError, match="at least 10 bands"):
        train(scene=three, denoise=True)
    bright = make_scenes.write_scene(
        tmp_path / "bright.tif", cube=10_000 * make_scenes.reflectance(**SIZE), dtype="float32", nodata=-9999
    )
    with pytest.raises(MismatchError, match="another unit"):
        train(scene=bright, denoiser=denoiser)
    assert not output.exists()


def _model_like(folder: Path, inputs: dict[str, Path]) -> Path:
    """The model of a classifier under the name of a denoiser."""
    model = folder / "plain.hsimodel"
    hsi_engine.train_classifier(**inputs, **QUICK, output=model)
    return model.rename(folder / "plain.hsidenoiser")


def test_a_damaged_denoiser_is_refused(model: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.hsimodel"
    with zipfile.ZipFile(model) as source, zipfile.ZipFile(broken, "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "manifest.json":
                manifest = json.loads(content)
                manifest["preprocessing"]["denoiser"]["positions"][0] = 99
                content = json.dumps(manifest).encode()
            target.writestr(item, content)
    with pytest.raises(BundleError, match="does not fit the 12 bands of the model"):
        read_bundle(broken)
