"""Training and mapping as operations, on tiny scenes with a real layout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
from affine import Affine

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle

MakeScene = Callable[..., Path]
QUICK: dict[str, Any] = {
    "model": "hybridsn",
    "components": 13,
    "patch_size": 9,
    "epochs": 3,
    "split": "random",
    "train_share": 0.4,
    "class_field": "class_id",
}


class Notebook(hsi_engine.SilentReporter):
    """Keeps what an operation says."""

    def __init__(self) -> None:
        super().__init__()
        self.warnings: list[str] = []
        self.fractions: list[float] = []
        self.metrics: list[tuple[str, int]] = []
        self.artifacts: list[tuple[str, Path]] = []

    def progress(self, fraction: float, message: str = "") -> None:
        self.fractions.append(fraction)

    def log(self, message: str, level: str = "info") -> None:
        if level == "warning":
            self.warnings.append(message)

    def metric(self, name: str, value: float, step: int) -> None:
        self.metrics.append((name, step))

    def artifact(self, kind: str, path: Path) -> None:
        self.artifacts.append((kind, path))


@pytest.fixture
def scene(make_scene: MakeScene) -> Path:
    return make_scene(rows=45, cols=33, bands=16)


def polygons_of(scene: Path, **options: Any) -> Path:
    return make_scenes.write_polygons(scene.with_name(f"{scene.stem}.gpkg"), like=scene, **options)


def train(scene: Path, labels: Path | None = None, **changes: Any) -> Any:
    output = scene.with_name(f"{scene.stem}.hsimodel")
    return hsi_engine.train_classifier(
        scene=scene, labels=labels or polygons_of(scene), output=output, **{**QUICK, **changes}
    )


def classify(scene: Path, model: Path, **options: Any) -> Any:
    return hsi_engine.classify_scene(scene=scene, model=model, output=scene.with_name("map.tif"), **options)


def test_values_of_the_file_stay_values_of_the_map(scene: Path) -> None:
    trained = train(scene, epochs=12)
    mapped = classify(scene, trained.model)
    with rasterio.open(mapped.output) as written:
        values = written.read(1)
    assert set(np.unique(values)) <= {0, 2, 5, 11}
    truth = make_scenes.land_cover(45, 33)
    hole = make_scenes.hole(45, 33)
    assert (values[hole] == 0).all()
    outside = np.ones(values.shape, bool)
    outside[hole] = False
    assert np.mean(values[outside] == truth[outside]) > 0.8
    assert sum(c["pixels"] for c in mapped.classes) + mapped.nodata_pixels == values.size


def test_a_run_reports_progress_that_only_rises_and_every_epoch(scene: Path) -> None:
    notebook = Notebook()
    result = train(
        scene, reporter=notebook, validation_share=0.2, compare_split="polygons", report=scene.with_name("r.html")
    )
    assert notebook.fractions == sorted(notebook.fractions)
    assert notebook.fractions[-1] == 1.0
    assert ("loss", 3) in notebook.metrics
    assert ("validation_accuracy", 1) in notebook.metrics
    assert [kind for kind, _ in notebook.artifacts] == ["model", "report"]
    assert result.validation is not None
    assert result.comparison["split"]["strategy"] == "polygons"
    assert "Compared  polygons: overall accuracy " in result.to_text()
    assert "groups: " not in result.to_text()
    assert result.comparison["test"]["samples"] == result.comparison["split"]["test_samples"]


def test_the_record_repeats_the_run(scene: Path) -> None:
    polygons = polygons_of(scene)
    first = train(scene, polygons, seed=3)
    settings = read_bundle(first.model).training["settings"]
    again: Any = hsi_engine.train_classifier(output=scene.with_name("again.hsimodel"), **settings)
    assert again.model_id == first.model_id
    record = read_bundle(first.model).training
    assert record["versions"]["torch"]
    assert len(record["inputs"]["scene"]) == 64


@pytest.mark.parametrize("split", ["random", "blocks", "polygons"])
def test_the_split_raster_marks_the_samples_of_each_side(make_scene: MakeScene, split: str) -> None:
    scene = make_scene(rows=90, cols=70, bands=16)
    target = scene.with_name("split.tif")
    result = train(scene, split=split, validation_share=0.1, epochs=1, split_output=target)
    with rasterio.open(target) as written, rasterio.open(scene) as source:
        values = written.read(1)
        assert written.transform == source.transform
    counts = np.bincount(values.ravel(), minlength=4)
    sides = ("train_samples", "validation_samples", "test_samples")
    assert counts[1:].tolist() == [result.split[side] for side in sides]
    assert (values[make_scenes.labelled(90, 70) == 0] == 0).all()
    repeated = train(scene, split_source=target, epochs=1)
    assert repeated.split["strategy"] == "given"
    assert [repeated.split[side] for side in sides] == [result.split[side] for side in sides]


def test_patience_without_validation_is_refused_before_any_work(scene: Path) -> None:
    with pytest.raises(hsi_engine.ParameterError, match=r"'patience'.*validation share is 0.*such as 0.05"):
        train(scene, patience=2)


def test_pixels_below_the_least_confidence_are_counted(scene: Path) -> None:
    trained = train(scene, epochs=1)
    confidence, probabilities = scene.with_name("c.tif"), scene.with_name("p.tif")
    mapped = classify(scene, trained.model, confidence=confidence, probabilities=probabilities, min_confidence=0.9)
    with rasterio.open(confidence) as c, rasterio.open(probabilities) as p, rasterio.open(mapped.output) as m:
        largest, shares, values = c.read(1), p.read(), m.read(1)
        assert p.descriptions == tuple(entry["name"] for entry in mapped.classes)
    valid = ~np.isnan(largest)
    assert mapped.nodata_pixels == (~valid).sum()
    np.testing.assert_allclose(shares[:, valid].sum(0), 1, atol=1e-5)
    np.testing.assert_array_equal(largest[valid], shares[:, valid].max(0))
    assert mapped.unclassified_pixels == (largest[valid] < 0.9).sum() > 0
    np.testing.assert_array_equal(values[valid] == 0, largest[valid] < 0.9)


def test_class_values_beyond_255_make_a_uint16_map(scene: Path) -> None:
    labels = make_scenes.write_labels(scene.with_name("labels.tif"), like=scene)
    high = scene.with_name("high.tif")
    with rasterio.open(labels) as source:
        profile = source.profile | {"dtype": "uint16"}
        with rasterio.open(high, "w", **profile) as target:
            target.write(source.read(1).astype("uint16") * 1000, 1)
    mapped = classify(scene, train(scene, high, class_field=None).model)
    with rasterio.open(mapped.output) as written:
        assert written.dtypes == ("uint16",)
        assert set(np.unique(written.read(1))) <= {0, 2000, 5000, 11000}


def test_labels_of_another_crs_train_the_same_model(scene: Path) -> None:
    here = train(scene)
    elsewhere = make_scenes.write_polygons(scene.with_name("wgs84.gpkg"), like=scene, crs="EPSG:4326")
    assert train(scene, elsewhere).model_id == here.model_id


@pytest.mark.parametrize(
    "transform",
    [
        pytest.param(Affine(30, 0, 400_000, 0, 30, 5_700_000), id="south-up"),
        pytest.param(
            Affine.translation(400_000, 5_700_000) @ Affine.rotation(25) @ Affine.scale(30, -30), id="rotated"
        ),
    ],
)
def test_south_up_and_rotated_scenes_keep_their_grid(make_scene: MakeScene, transform: Affine) -> None:
    scene = make_scene(rows=45, cols=33, bands=16, transform=transform)
    mapped = classify(scene, train(scene, epochs=12).model)
    with rasterio.open(mapped.output) as written:
        assert written.transform.almost_equals(transform)
        values = written.read(1)
    valid = values > 0
    assert np.mean(values[valid] == make_scenes.land_cover(45, 33)[valid]) > 0.8


def test_a_scene_without_crs_works_and_says_so(make_scene: MakeScene) -> None:
    scene = make_scene(rows=45, cols=33, bands=16, crs=None)
    labels = make_scenes.write_labels(scene.with_name("labels.tif"), like=scene)
    notebook = Notebook()
    trained = train(scene, labels, class_field=None, reporter=notebook)
    assert any("The scene has no CRS" in warning for warning in notebook.warnings)
    classify(scene, trained.model)


def test_missing_data_that_the_file_does_not_declare_is_said_and_can_be_given(make_scene: MakeScene) -> None:
    cube = np.rint(make_scenes.reflectance(45, 33, 16) * 10_000)
    cube[:, :, :8] = -9999
    scene = make_scene(cube=cube, scale=1.0, nodata=None, with_hole=False)
    labels = make_scenes.write_labels(scene.with_name("labels.tif"), like=scene)
    notebook = Notebook()
    trained = train(scene, labels, class_field=None, reporter=notebook)
    assert any("360 of 1,485 pixels hold -9999 in all bands" in warning for warning in notebook.warnings)
    assert any("hold -9999 in all bands" in note for note in classify(scene, trained.model).notes)

    trained = train(scene, labels, class_field=None, nodata=-9999)
    assert not any("-9999" in note for note in trained.notes)
    mapped = classify(scene, trained.model, nodata=-9999)
    assert mapped.nodata_pixels == 360
    with rasterio.open(mapped.output) as written:
        values = written.read(1)
    assert not values[:, :8].any()
    assert (values[:, 8:] > 0).all()


def test_a_scene_in_another_unit_is_mapped_with_a_warning(scene: Path, make_scene: MakeScene) -> None:
    trained = train(scene)
    other = make_scene(
        "other.tif", rows=45, cols=33, bands=16, dtype="float32", cube=make_scenes.reflectance(45, 33, 16) * 100
    )
    mapped = classify(other, trained.model)
    assert any("times" in note or "unit" in note or "scale" in note for note in mapped.notes), mapped.notes


def test_chosen_bands_are_the_bands_of_the_model(scene: Path) -> None:
    assert train(scene, bands="2-15").bands_used == 14


def test_an_older_map_stays_when_the_new_one_fails(scene: Path, make_scene: MakeScene) -> None:
    trained = train(scene)
    before = classify(scene, trained.model).output.read_bytes()
    fewer = make_scene("fewer.tif", rows=45, cols=33, bands=14)
    with pytest.raises(hsi_engine.MismatchError, match="does not fit the model"):
        hsi_engine.classify_scene(scene=fewer, model=trained.model, output=scene.with_name("map.tif"))
    assert scene.with_name("map.tif").read_bytes() == before


def test_the_style_of_another_layer_is_not_lost_to_a_map_of_the_same_name(scene: Path) -> None:
    trained = train(scene)
    style = scene.with_name("map.qml")
    style.write_text("<qgis><renderer-v2 type='categorizedSymbol'/></qgis>", encoding="utf-8")
    with pytest.raises(hsi_engine.OutputError, match=r"'map.qml'.*not the style of a raster.*another name"):
        classify(scene, trained.model)
    assert "categorizedSymbol" in style.read_text(encoding="utf-8")
    style.unlink()
    classify(scene, trained.model)
    classify(scene, trained.model)  # the style of an older map is replaced


def test_a_training_in_two_processes_says_so_and_maps_like_one(scene: Path) -> None:
    labels = polygons_of(scene)
    alone = train(scene, labels, device="cpu", epochs=1)
    weights = read_bundle(alone.model).members[0].weights
    together = train(scene, labels, device="cpu", epochs=1, processes=2)
    assert (alone.to_json()["world_size"], together.to_json()["world_size"]) == (1, 2)
    assert "2 processes" in together.to_text()
    bundle = read_bundle(together.model)
    assert bundle.training["world_size"] == 2
    # The tolerance: tests/engine/training/distributed/test_processes.py. One epoch, since these labels let the last bits grow
    # tenfold in each further one, by a weight of the head whose gradients nearly cancel.
    for name, found in bundle.members[0].weights.items():
        assert torch.allclose(found.double(), weights[name].double(), rtol=0, atol=1e-4), name
    assert together.test["overall_accuracy"] == pytest.approx(alone.test["overall_accuracy"], abs=0.02)
    assert not list(scene.parent.glob("*.checkpoint"))


def test_a_method_that_is_no_network_says_that_one_process_trained_it(scene: Path) -> None:
    method = {"model": "lda", "components": None, "patch_size": None, "epochs": None}
    result = train(scene, device="cpu", processes=2, **method)
    assert result.world_size == 1
    assert "The model holds no network: it was trained by one process, whatever 'processes' says." in result.notes
