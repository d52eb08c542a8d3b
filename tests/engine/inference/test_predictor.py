"""Maps do not depend on tiles, and pixels are where they belong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
import torch
from torch import nn

import hsi_engine
from classifiers import cases, trained
from fitted import fit, pca
from hsi_engine.bundle.model_bundle import Member, ModelBundle, SmoothingSettings
from hsi_engine.bundle.model_file import write_bundle
from hsi_engine.classes.legend import Legend
from hsi_engine.evaluation.confidence_scaling import ConfidenceScaling
from hsi_engine.inference.classifier import Classifier, ReadyMember
from hsi_engine.inference.confidence.scaling import scaled_samples
from hsi_engine.inference.dense import DenseNetwork, dense_logits, patchwise_logits
from hsi_engine.inference.memory import StripPlan, plan_strips
from hsi_engine.inference.predictor import Prediction, Predictor
from hsi_engine.inference.smoothing import Smoothing
from hsi_engine.inference.tile_predictions import TilePredictions
from hsi_engine.io.scenes.scene import SceneReader, open_scene
from hsi_engine.models import registry
from hsi_engine.models.networks.heads import FlattenHead
from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.pixels.scene_part import ScenePart
from hsi_engine.pixels.window import TilePlan, Window
from hsi_engine.preprocess.branch import ReductionSettings
from hsi_engine.preprocess.chain import Preprocessing

ROWS, COLS, BANDS, COMPONENTS, PATCH = 90, 71, 24, 13, 13
CPU = torch.device("cpu")


@pytest.fixture
def reader(make_scene: Callable[..., Path]) -> Iterator[SceneReader]:
    with open_scene(make_scene(rows=ROWS, cols=COLS, bands=BANDS)) as opened:
        yield opened


def preprocessing_of(reader: SceneReader, components: int) -> Preprocessing:
    return fit(reader, pca(components))


def predictor_of(network: PatchNetwork, preprocessing: Preprocessing, n_classes: int) -> Predictor:
    """One network on the channels of all branches."""
    channels = slice(0, preprocessing.n_components)
    member = ReadyMember(network=network, channels=channels, temperature=1.0, share=1.0)
    return Predictor(
        classifier=Classifier(members=(member,)),
        preprocessing=preprocessing,
        band_indices=preprocessing.band_indices,
        n_classes=n_classes,
        device=CPU,
    )


def untrained(components: int = COMPONENTS) -> PatchNetwork:
    return registry.build("hybridsn", {}, components, PATCH, 3).eval()


def predict(
    predictor: Predictor,
    reader: SceneReader,
    window: Window | None = None,
    *,
    rows: int | None = None,
    cols: int | None = None,
    **options: Any,
) -> Prediction:
    """A window of a scene, or all of it, in strips of so many rows and tiles of so many columns; the way of every map."""
    part = ScenePart(window=window or Window.of_shape(reader.scene.grid.shape))
    plan = TilePlan(shape=part.shape, strip_rows=rows or part.shape[0], tile_cols=cols or part.shape[1])
    probabilities = np.full((predictor.n_classes, *part.shape), np.nan, np.float32)
    valid, before = np.zeros(part.shape, bool), np.full(part.shape, -1)
    for tile in TilePredictions(reader, predictor, part, plan, **options).tiles():
        assert tile.place == tile.window
        if (found := tile.prediction) is not None:
            probabilities[(slice(None), *tile.place.slices())] = found.probabilities
            valid[tile.place.slices()] = found.valid
            if found.unsmoothed is not None:
                before[tile.place.slices()] = found.unsmoothed
    unsmoothed = None if predictor.smoothing is None else before
    return Prediction(probabilities=probabilities, valid=valid, unsmoothed=unsmoothed)


def predict_in_tiles(predictor: Predictor, reader: SceneReader, core: int) -> Prediction:
    return predict(predictor, reader, rows=core, cols=core)


def varied_network(
    name: str, options: dict[str, Any], reader: SceneReader, preprocessing: Preprocessing, patch: int = PATCH
) -> tuple[PatchNetwork, dict[str, Any]]:
    """A classifier whose logits differ between pixels enough to draw a map with all classes, and its options."""
    network, found = trained(name, options, n_components=preprocessing.n_components, patch_size=patch, n_classes=4)
    last = [m for m in network.head.modules() if isinstance(m, nn.Linear)]
    if last:
        window = Window.of_shape((40, 40))
        tile = torch.from_numpy(preprocessing.apply(reader.read(window, preprocessing.band_indices)))
        logits = dense_logits(network, tile).flatten(1)
        with torch.no_grad():
            scale = 3 / logits.std(dim=1)
            last[-1].bias.copy_((last[-1].bias - logits.mean(dim=1)) * scale)
            last[-1].weight *= scale[:, None]
    return network, found


def member_of(network: PatchNetwork, name: str, options: dict[str, Any], **more: Any) -> Member:
    weights = network.state_dict()
    return Member(architecture=name, options=options, weights=weights, patch_size=network.patch_size, **more)


def bundle_of(*members: Member, preprocessing: Preprocessing, **more: Any) -> ModelBundle:
    legend = Legend.of({1: "a", 2: "b", 3: "c", 4: "d"})
    parts: dict[str, Any] = {"preprocessing": preprocessing, "legend": legend, "training": {"split": {}}, "metrics": {}}
    return ModelBundle(members=members, **(parts | more))


@pytest.mark.parametrize(("name", "options", "patch"), cases())
def test_the_map_does_not_depend_on_the_tiles(
    reader: SceneReader, name: str, options: dict[str, Any], patch: int
) -> None:
    preprocessing = preprocessing_of(reader, max(COMPONENTS, registry.get(name).least_components))
    network, found = varied_network(name, options, reader, preprocessing, patch)
    bundle = bundle_of(member_of(network, name, found), preprocessing=preprocessing)
    predictor = Predictor.of(bundle, reader.scene, CPU)
    whole = predict_in_tiles(predictor, reader, core=max(ROWS, COLS))
    expected = whole.class_indices()
    assert len(np.unique(expected)) > 2
    for core in (32, 50):
        tiled = predict_in_tiles(predictor, reader, core)
        np.testing.assert_array_equal(tiled.class_indices(), expected, err_msg=f"tiles of {core} pixels")
        np.testing.assert_array_equal(tiled.valid, whole.valid)


class CentreNetwork(PatchNetwork):
    """Knows the component vector of each class and looks at nothing but the centre of the patch."""

    def __init__(self, centroids: npt.NDArray[np.float32]) -> None:
        super().__init__()
        classes, components = centroids.shape
        self.patch_size = PATCH
        self.features = nn.Conv2d(components, components, 5, bias=False)
        self.head = FlattenHead(
            channels=components, window=PATCH - 4, hidden=[2 * components], n_classes=classes, dropout=0.0
        )
        centre = (PATCH - 4) // 2
        with torch.no_grad():
            self.features.weight.zero_()
            self.head.first.weight.zero_()
            self.head.first.bias.zero_()
            first = self.head.first.weight.view(2 * components, components, PATCH - 4, PATCH - 4)
            for k in range(components):
                self.features.weight[k, k, 2, 2] = 1
                # A ReLU follows: the positive and the negative part pass through two units.
                first[k, k, centre, centre], first[components + k, k, centre, centre] = 1, -1
            last = [m for m in self.head.rest if isinstance(m, nn.Linear)][-1]
            weights = torch.from_numpy(centroids)
            last.weight.copy_(torch.cat([weights, -weights], dim=1))
            last.bias.copy_(-(weights**2).sum(1) / 2)


@pytest.mark.parametrize("core", [16, 50, 128])
def test_every_pixel_gets_the_class_that_its_own_bands_show(make_scene: Callable[..., Path], core: int) -> None:
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, (43, 31))
    truth[:3] = [[0], [1], [2]]
    cube = np.stack([0.2 + 0.5 * (truth == c) for c in range(3)])
    with open_scene(make_scene(rows=43, cols=31, bands=3, cube=cube, with_hole=True)) as reader:
        preprocessing = preprocessing_of(reader, 2)
        block = reader.read(Window.of_shape((43, 31)), (0, 1, 2))
        components = preprocessing.apply(block)
        centroids = np.stack([components[:, block.valid & (truth == c)].mean(axis=1) for c in range(3)])
        predictor = predictor_of(CentreNetwork(centroids).eval(), preprocessing, 3)
        predicted = predict_in_tiles(predictor, reader, core).class_indices()
    assert not block.valid.all()
    np.testing.assert_array_equal(predicted, np.where(block.valid, truth, -1))


def test_a_pixel_below_the_least_confidence_stays_unclassified() -> None:
    probabilities = np.array([[[0.9, 0.5]], [[0.1, 0.5]]], np.float32)
    prediction = Prediction(probabilities=probabilities, valid=np.array([[True, True]]))
    np.testing.assert_array_equal(prediction.class_indices(0.6), [[0, -1]])
    np.testing.assert_array_equal(prediction.class_indices(), [[0, 0]])


def test_a_window_without_data_has_no_prediction(reader: SceneReader) -> None:
    rows, cols = np.nonzero(~reader.read(Window.of_shape((ROWS, COLS)), (0,)).valid)
    inside = Window(row=int(rows.min()), col=int(cols.min()), height=2, width=2)
    predictor = predictor_of(untrained(), preprocessing_of(reader, COMPONENTS), 3)
    part, plan = ScenePart(window=inside), TilePlan(shape=inside.shape, strip_rows=2, tile_cols=2)
    (tile,) = TilePredictions(reader, predictor, part, plan).tiles()
    assert tile.place == Window.of_shape((2, 2))
    assert tile.prediction is None


class GreedyNetwork(DenseNetwork):
    """Needs more memory than there is for tiles of more than 2000 pixels, margins included."""

    def logits(self, tile: torch.Tensor) -> torch.Tensor:
        if tile[0].numel() > 2000:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 3.00 GiB.")
        return super().logits(tile)


def test_a_tile_that_the_device_does_not_hold_is_predicted_in_parts_and_that_is_said(
    reader: SceneReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    preprocessing = preprocessing_of(reader, COMPONENTS)
    network, _ = varied_network("hybridsn", {}, reader, preprocessing)
    window = Window(row=3, col=8, height=40, width=60)
    expected = predict(predictor_of(network, preprocessing, 4), reader, window, warn=said.append)
    assert not said
    monkeypatch.setattr("hsi_engine.inference.classifier.DenseNetwork", GreedyNetwork)
    found = predict(predictor_of(network, preprocessing, 4), reader, window, warn=said.append)
    np.testing.assert_array_equal(found.class_indices(), expected.class_indices())
    np.testing.assert_allclose(found.probabilities, expected.probabilities, atol=1e-4)
    assert said == [
        "The memory of device cpu does not hold a tile of 40×60 pixels; continuing with 40×30.",
        "The memory of device cpu does not hold a tile of 40×30 pixels; continuing with 20×30.",
    ]


@pytest.fixture
def predictor(reader: SceneReader) -> Predictor:
    return predictor_of(untrained(), preprocessing_of(reader, COMPONENTS), 3)


def plan_of(predictor: Predictor, reader: SceneReader, shape: tuple[int, int], mib: int) -> StripPlan:
    scene = replace(reader.scene, grid=replace(reader.scene.grid, shape=shape))
    return plan_strips(predictor, scene, budget_bytes=mib * 2**20)


def test_tiles_grow_with_the_memory_up_to_a_limit(predictor: Predictor, reader: SceneReader) -> None:
    plans = [plan_of(predictor, reader, (5000, 1900), mib) for mib in (1, 200, 300, 1024, 65536)]
    rows = [plan.strip_rows for plan in plans]
    assert rows == sorted(rows)
    assert rows[0] == 16
    assert rows[1] < rows[2] < rows[-1]
    assert plans[-1] == StripPlan(strip_rows=500, tile_cols=238)  # ten strips of eight tiles, nearly all of one size


def test_a_strip_of_a_wide_scene_is_no_larger_than_that_of_a_narrow_one(
    predictor: Predictor, reader: SceneReader
) -> None:
    narrow = plan_of(predictor, reader, (4096, 2048), 65536)
    wide = plan_of(predictor, reader, (4096, 8192), 65536)
    assert narrow.strip_rows * 2048 == wide.strip_rows * 8192
    middle = plan_of(predictor, reader, (4096, 4096), 65536)
    assert narrow.strip_rows * narrow.tile_cols == middle.strip_rows * middle.tile_cols
    assert plan_of(predictor, reader, (4096, 200_000), 65536).strip_rows == 16


def test_tall_tiles_of_a_file_leave_less_for_the_strips(predictor: Predictor, reader: SceneReader) -> None:
    def rows_of(block_shape: tuple[int, int]) -> int:
        grid = replace(reader.scene.grid, shape=(4000, 1900))
        scene = replace(reader.scene, grid=grid, block_shape=block_shape)
        return plan_strips(predictor, scene, budget_bytes=300 * 2**20).strip_rows

    assert rows_of((512, 512)) < rows_of((16, 16))
    assert rows_of((4000, 1900)) == rows_of((1, 1900))


def test_a_scene_is_cut_into_equal_parts(predictor: Predictor, reader: SceneReader) -> None:
    assert plan_of(predictor, reader, (ROWS, COLS), 2**20) == StripPlan(strip_rows=ROWS, tile_cols=COLS)


# ---------------------------------------------------------------- several members, temperatures, smoothing


def two_branches(reader: SceneReader) -> Preprocessing:
    """Principal components, first derivatives decorrelated, standardised bands."""
    derivative = ReductionSettings(kind="decorrelated", normalisation="derivative", whiten=0.5)
    return fit(reader, pca(COMPONENTS), derivative, ReductionSettings(kind="bands"))


def member_on(name: str, patch: int, branch: int, preprocessing: Preprocessing, **more: Any) -> Member:
    channels = preprocessing.branches[branch].n_components
    network, options = trained(name, {}, n_components=channels, patch_size=patch, n_classes=4)
    return member_of(network, name, options, branch=branch, **more)


MEMBERS = [("hybridsn", 9, 0), ("spectral_cnn", 3, 1), ("random_forest", 1, 2), ("logistic_regression", 1, 1)]


def patch_by_patch(bundle: ModelBundle, reader: SceneReader) -> npt.NDArray[np.float64]:
    """Softmax of the scores of every member on every pixel's patch, their weighted mean: the definition."""
    shape = reader.scene.grid.shape
    steps = bundle.preprocessing
    channels = steps.apply(reader.read(Window.of_shape(shape), bundle.check_scene(reader.scene)))
    total, shares = np.zeros((4, *shape)), 0.0
    for member in bundle.members:
        own = channels[steps.channels_of(member.branch)]
        network = registry.build(member.architecture, member.options, len(own), member.patch_size, 4).eval()
        network.load_state_dict(member.weights)
        radius = member.patch_size // 2
        padded = torch.from_numpy(np.pad(own, ((0, 0), (radius, radius), (radius, radius))))
        scores = patchwise_logits(network, padded) / member.temperature
        total += member.share * scores.double().softmax(0).numpy()
        shares += member.share
    return total / shares


@pytest.fixture
def small(make_scene: Callable[..., Path]) -> Iterator[SceneReader]:
    with open_scene(make_scene("small.tif", rows=29, cols=26, bands=BANDS)) as opened:
        yield opened


def test_several_members_give_the_mean_of_their_probabilities(small: SceneReader) -> None:
    preprocessing = two_branches(small)
    members = [
        member_on(name, patch, branch, preprocessing, share=share, temperature=temperature)
        for (name, patch, branch), share, temperature in zip(
            MEMBERS, (2.0, 1.0, 0.5, 1.0), (1.0, 0.1, 0.5, 2.0), strict=True
        )
    ]
    bundle = bundle_of(*members, preprocessing=preprocessing)
    found = predict(Predictor.of(bundle, small.scene, CPU), small)
    expected = patch_by_patch(bundle, small)
    assert 0 < (~found.valid).sum() < found.valid.size
    np.testing.assert_allclose(found.probabilities[:, found.valid], expected[:, found.valid], rtol=0, atol=2e-5)
    assert np.isnan(found.probabilities[:, ~found.valid]).all()
    np.testing.assert_allclose(found.probabilities[:, found.valid].sum(axis=0), 1, atol=1e-5)
    assert len(np.unique(found.class_indices())) > 2


@pytest.mark.parametrize("case", MEMBERS, ids=[name for name, _, _ in MEMBERS])
def test_a_member_alone_gives_its_own_probabilities(small: SceneReader, case: tuple[str, int, int]) -> None:
    preprocessing = two_branches(small)
    bundle = bundle_of(member_on(*case, preprocessing, temperature=0.7, share=3.0), preprocessing=preprocessing)
    found = predict(Predictor.of(bundle, small.scene, CPU), small)
    expected = patch_by_patch(bundle, small)
    np.testing.assert_allclose(found.probabilities[:, found.valid], expected[:, found.valid], rtol=0, atol=2e-5)


@pytest.mark.parametrize(
    ("kind", "normalisation"),
    [("bands", "none"), ("pca", "none"), ("decorrelated", "derivative"), ("mnf", "brightness")],
)
@pytest.mark.parametrize("case", [("logistic_regression", 1), ("lda", 1), ("spectral_cnn", 1), ("spectral_cnn", 5)])
def test_a_first_layer_that_is_applied_with_the_preprocessing_changes_nothing(
    make_scene: Callable[..., Path], case: tuple[str, int], kind: Any, normalisation: Any
) -> None:
    """Of scenes with more bands than the first layer is wide."""
    wanted = ReductionSettings(
        kind=kind,
        normalisation=normalisation,
        n_components=70 if kind in ("pca", "mnf") else None,
        whiten=0.0 if kind == "bands" else 0.5,
    )
    name, patch = case
    with open_scene(make_scene("wide.tif", rows=29, cols=26, bands=80)) as reader:
        preprocessing = fit(reader, wanted, pca(3))
        member = member_on(name, patch, 0, preprocessing)
        smoothing = SmoothingSettings(radius_px=2, epsilon=0.05, branch=1)
        bundle = bundle_of(member, preprocessing=preprocessing, smoothing=smoothing)
        predictor = Predictor.of(bundle, reader.scene, CPU)
        assert predictor.preprocessing.n_components < preprocessing.n_components
        assert predictor.preprocessing.n_components == 3 + (64 if name == "spectral_cnn" else 4)
        plain = Predictor.of(bundle, reader.scene, CPU, smooth=False)
        found, expected = predict(plain, reader), patch_by_patch(bundle, reader)
        np.testing.assert_allclose(found.probabilities[:, found.valid], expected[:, found.valid], rtol=0, atol=1e-4)
        smoothed = predict(predictor, reader)
        np.testing.assert_array_equal(smoothed.unsmoothed, found.class_indices())


@pytest.mark.parametrize("temperature", [0.25, 3.0])
def test_the_last_temperature_sharpens_or_flattens_and_changes_no_class(small: SceneReader, temperature: float) -> None:
    preprocessing = two_branches(small)
    members = [member_on(*case, preprocessing) for case in MEMBERS[2:]]
    plain, scaled = (
        predict(
            Predictor.of(bundle_of(*members, preprocessing=preprocessing, temperature=number), small.scene, CPU), small
        )
        for number in (1.0, temperature)
    )
    powers = plain.probabilities[:, plain.valid].astype(np.float64) ** (1 / temperature)
    np.testing.assert_allclose(scaled.probabilities[:, plain.valid], powers / powers.sum(axis=0), atol=1e-5)
    np.testing.assert_array_equal(scaled.class_indices(), plain.class_indices())
    sharper = scaled.confidence[plain.valid].mean() > plain.confidence[plain.valid].mean()
    assert sharper == (temperature < 1)


def test_the_confidence_is_scaled_last_and_changes_no_class(reader: SceneReader) -> None:
    bundle = smoothing_bundle(reader)
    curve = bundle.confidence_scaling
    assert not curve.is_identity
    before = predict(Predictor.of(replace(bundle, confidence_scaling=ConfidenceScaling()), reader.scene, CPU), reader)
    found = predict(Predictor.of(bundle, reader.scene, CPU), reader)
    np.testing.assert_array_equal(found.valid, before.valid)
    assert 0 < found.valid.sum() < found.valid.size
    assert np.isnan(found.probabilities[:, ~found.valid]).all()
    expected = scaled_samples(before.probabilities[:, before.valid].T.astype(np.float64).copy(), curve)
    np.testing.assert_allclose(found.probabilities[:, found.valid].T, expected, atol=2e-6)
    np.testing.assert_array_equal(found.class_indices(), before.class_indices())
    np.testing.assert_array_equal(found.unsmoothed, before.unsmoothed)
    assert np.abs(found.confidence - before.confidence)[found.valid].max() > 0.01


def smoothing_bundle(reader: SceneReader, *, radius_px: int = 2, temperature: float = 0.8) -> ModelBundle:
    preprocessing = fit(reader, pca(COMPONENTS), ReductionSettings(kind="bands"), pca(3))
    network, options = varied_network("hybridsn", {}, reader, preprocessing.select([0]), 9)
    members = member_of(network, "hybridsn", options, branch=0), member_on("svm", 1, 1, preprocessing)
    smoothing = SmoothingSettings(radius_px=radius_px, epsilon=0.05, branch=2)
    curve = ConfidenceScaling() if temperature == 1 else ConfidenceScaling(slope=0.6, offset=0.5)
    return bundle_of(
        *members,
        preprocessing=preprocessing,
        smoothing=smoothing,
        temperature=temperature,
        confidence_scaling=curve,
    )


def assert_same_map(found: Prediction, expected: Prediction, what: str) -> None:
    np.testing.assert_array_equal(found.valid, expected.valid)
    np.testing.assert_allclose(
        found.probabilities[:, found.valid], expected.probabilities[:, found.valid], rtol=0, atol=2e-5, err_msg=what
    )
    np.testing.assert_array_equal(found.class_indices(), expected.class_indices(), err_msg=what)


def test_a_smoothed_map_does_not_depend_on_the_tiles(reader: SceneReader) -> None:
    predictor = Predictor.of(smoothing_bundle(reader), reader.scene, CPU)
    assert predictor.radius == 4 + predictor.reach > 4
    expected = predict(predictor, reader)
    assert 0 < (~expected.valid).sum() < ROWS * COLS
    assert len(np.unique(expected.class_indices())) > 3
    assert expected.unsmoothed is not None
    assert (expected.unsmoothed != expected.class_indices()).mean() > 0.01
    for core in (16, 23):
        tiled = predict_in_tiles(predictor, reader, core)
        assert_same_map(tiled, expected, f"tiles of {core} pixels")


@pytest.mark.parametrize("strip_rows", [16, 23])
def test_a_smoothed_map_does_not_depend_on_the_strips(reader: SceneReader, strip_rows: int) -> None:
    predictor = Predictor.of(smoothing_bundle(reader), reader.scene, CPU)
    found = predict(predictor, reader, rows=strip_rows, cols=29)
    assert_same_map(found, predict(predictor, reader), f"strips of {strip_rows} rows")


def test_smoothing_is_the_filter_of_the_probabilities_and_can_be_left_out(reader: SceneReader) -> None:
    bundle = smoothing_bundle(reader, temperature=1.0)
    whole = Window.of_shape((ROWS, COLS))
    plain = predict(Predictor.of(bundle, reader.scene, CPU, smooth=False), reader)
    smoothed = predict(Predictor.of(bundle, reader.scene, CPU), reader)
    assert plain.unsmoothed is None
    np.testing.assert_array_equal(smoothed.unsmoothed, plain.class_indices())
    smoothing = Smoothing(radius_px=2, epsilon=0.05)
    around = (smoothing.reach_px, smoothing.reach_px)
    guide = bundle.preprocessing.select([2]).apply(reader.read(whole, bundle.check_scene(reader.scene)))
    expected = smoothing.apply(
        np.pad(plain.probabilities, ((0, 0), around, around)),
        np.pad(guide, ((0, 0), around, around)),
        np.pad(plain.valid, (around, around)),
    )
    np.testing.assert_allclose(smoothed.probabilities[:, plain.valid], expected[:, plain.valid], rtol=0, atol=2e-5)


def test_a_smoothed_map_from_the_pipeline_does_not_depend_on_the_tiles(
    make_scene: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = make_scene(rows=ROWS, cols=COLS, bands=BANDS)
    model = tmp_path / "m.hsimodel"
    with open_scene(scene) as opened:
        bundle = smoothing_bundle(opened)
        write_bundle(bundle, model)
        whole = predict(Predictor.of(bundle, opened.scene, CPU), opened)
    expected = np.where(whole.valid, whole.class_indices() + 1, 0)
    for edge in (16, 23, 128):
        plan = StripPlan(strip_rows=edge, tile_cols=edge)
        monkeypatch.setattr("hsi_engine.operations.classify_scene.run.plan_strips", lambda *_, plan=plan, **__: plan)
        targets = tmp_path / f"map_{edge}.tif", tmp_path / f"confidence_{edge}.tif"
        hsi_engine.classify_scene(scene=scene, model=model, output=targets[0], confidence=targets[1], device="cpu")
        with rasterio.open(targets[0]) as classes, rasterio.open(targets[1]) as confidence:
            np.testing.assert_array_equal(classes.read(1), expected, err_msg=f"tiles of {edge} pixels")
            np.testing.assert_allclose(confidence.read(1)[whole.valid], whole.confidence[whole.valid], atol=2e-5)
