"""A graph computes what the model does, for every architecture, and maps a scene as the model does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from classifiers import patches_of
from fitted import fit, pca
from hsi_engine.bundle.model_bundle import Member, ModelBundle, SmoothingSettings
from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.bundle.onnx.description import branches_inside
from hsi_engine.errors import BundleError, ParameterError
from hsi_engine.evaluation.confidence_scaling import ConfidenceScaling
from hsi_engine.export.graph_writer import write_graph
from hsi_engine.export.sample_images import images_of_scene, synthetic_images
from hsi_engine.export.verification import TOLERANCE, verify
from hsi_engine.inference.predictor import Predictor
from hsi_engine.inference.tile_predictions import TilePredictions
from hsi_engine.io.scenes.scene import SceneReader
from hsi_engine.models import registry
from hsi_engine.pixels.scene_part import ScenePart
from hsi_engine.pixels.window import TilePlan, Window
from hsi_engine.preprocess.branch import ReductionSettings

MakeModel = Callable[..., ModelBundle]

# With stride, with a gate, with attention, with groups, without a dense form; the others are like one of these.
_VARIANTS = {
    "hybridsn": {"batch_norm": True, "squeeze_excitation": True},
    "hybridsn_attention": {"attention": "non_local"},
}
ARCHITECTURES = [
    pytest.param(name, _VARIANTS.get(name, {}), patches_of(architecture)[0], id=name)
    for name, architecture in registry.architectures().items()
    if name not in ("spectralformer", "two_sources")
]


def mapped(bundle: ModelBundle, reader: SceneReader, tile: int = 64) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Probabilities (classes, rows, cols), NaN without data, and class indices."""
    predictor = Predictor.of(bundle, reader.scene, torch.device("cpu"))
    shape = reader.scene.grid.shape
    plan = TilePlan(shape=shape, strip_rows=min(tile, shape[0]), tile_cols=min(tile, shape[1]))
    probabilities = np.full((len(bundle.legend), *shape), np.nan, np.float32)
    tiles = TilePredictions(reader, predictor, ScenePart(window=Window.of_shape(shape)), plan).tiles()
    with closing(tiles) as predicted:
        for tile_found in predicted:
            if tile_found.prediction is not None:
                place = tile_found.window
                rows, cols = slice(place.row, place.row_end), slice(place.col, place.col_end)
                probabilities[:, rows, cols] = tile_found.prediction.probabilities
    return probabilities, np.where(np.isnan(probabilities[0]), -1, np.nan_to_num(probabilities).argmax(axis=0))


def as_onnx(bundle: ModelBundle, form: Any, path: Path) -> ModelBundle:
    path.write_bytes(write_graph(bundle, form))
    return read_bundle(path)


def assert_maps_alike(bundle: ModelBundle, graph: ModelBundle, reader: SceneReader, tile: int = 64) -> None:
    expected, classes = mapped(bundle, reader)
    found, others = mapped(graph, reader, tile)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    assert np.isnan(expected).any()
    assert len(np.unique(classes)) > 2  # no data, and several classes
    np.testing.assert_allclose(found, expected, atol=2e-5)
    np.testing.assert_array_equal(others, classes)


@pytest.mark.parametrize(("name", "options", "patch"), ARCHITECTURES)
def test_the_graph_of_images_equals_the_model(
    make_model: MakeModel,
    reader: SceneReader,
    whole_scene: Any,
    tmp_path: Path,
    name: str,
    options: dict[str, Any],
    patch: int,
) -> None:
    bundle = make_model(name, options, patch)
    path = tmp_path / "m.onnx"
    graph = as_onnx(bundle, "dense", path)

    agreement = verify(path.read_bytes(), bundle, "dense", [whole_scene(bundle)])
    assert agreement.largest_difference <= TOLERANCE
    assert agreement.pixels > 250
    assert agreement.ties == 0
    assert_maps_alike(bundle, graph, reader)


@pytest.mark.parametrize(("name", "patch"), [("spectral_cnn", 5), ("lenet", 5), ("spectralformer", 3), ("ssftt", 7)])
def test_the_graph_of_patches_equals_the_model(
    make_model: MakeModel, reader: SceneReader, whole_scene: Any, tmp_path: Path, name: str, patch: int
) -> None:
    patch = max(patch, registry.get(name).patch_sizes[0])
    bundle = make_model(name, {}, patch)
    path = tmp_path / "m.onnx"
    graph = as_onnx(bundle, "patch", path)
    assert verify(path.read_bytes(), bundle, "patch", [whole_scene(bundle)]).largest_difference <= TOLERANCE
    assert_maps_alike(bundle, graph, reader)


def test_a_model_without_a_dense_form_is_refused(make_model: MakeModel) -> None:
    with pytest.raises(ParameterError, match="SpectralFormer has no dense form") as refused:
        write_graph(make_model("spectralformer", {}, 3), "dense")
    assert "--onnx" in refused.value.hint


@pytest.mark.parametrize(
    "reduction",
    [
        pca(6),
        ReductionSettings(kind="mnf", n_components=5, whiten=0.5),
        ReductionSettings(kind="decorrelated", whiten=0.5, normalisation="brightness"),
        ReductionSettings(kind="bands", normalisation="derivative"),
    ],
    ids=str,
)
def test_every_reduction_is_inside(make_model: MakeModel, whole_scene: Any, reduction: ReductionSettings) -> None:
    bundle = make_model("spectral_cnn", {}, 3, reduction=reduction)
    agreement = verify(write_graph(bundle, "dense"), bundle, "dense", [whole_scene(bundle)])
    assert agreement.largest_difference <= agreement.tolerance


@pytest.mark.parametrize("form", ["patch", "dense"])
def test_a_mean_of_candidates_with_temperature_and_smoothing(
    make_model: MakeModel, reader: SceneReader, tmp_path: Path, form: str
) -> None:
    """Members of different patches; the smoothing is the engine's, guided by the same channels."""
    first, second = make_model("spectral_cnn", {}, 5), make_model("logistic_regression", {}, 1)
    (a,), (b,) = first.members, second.members
    bundle = replace(
        first,
        members=(replace(a, temperature=1.3, share=2.0), b),
        preprocessing=first.preprocessing.with_branch(fit(reader, pca(3)).branches[0]),
        temperature=0.7,
        confidence_scaling=ConfidenceScaling(slope=0.6, offset=-0.4),
        smoothing=SmoothingSettings(radius_px=2, epsilon=0.1, branch=1),
    )
    graph = as_onnx(bundle, form, tmp_path / "m.onnx")
    assert graph.smoothing == bundle.smoothing
    assert graph.temperature == bundle.temperature
    assert graph.confidence_scaling == bundle.confidence_scaling
    assert branches_inside(graph) == (0,), "not the one that guides the smoothing"
    assert branches_inside(bundle) is None
    assert_maps_alike(bundle, graph, reader)


@pytest.mark.parametrize("form", ["patch", "dense"])
@pytest.mark.parametrize(("slope", "offset"), [(0.5, 0.7), (1.5, -2.0), (0.05, -5.0)])
def test_the_probabilities_of_a_graph_are_those_of_a_map(
    make_model: MakeModel,
    reader: SceneReader,
    whole_scene: Any,
    tmp_path: Path,
    form: Any,
    slope: float,
    offset: float,
) -> None:
    """With scaled confidence, both from the graph alone and from the engine that maps with it; scores stay."""
    import onnxruntime

    plain = make_model("spectral_cnn", {}, 5)
    bundle = replace(plain, confidence_scaling=ConfidenceScaling(slope=slope, offset=offset))
    path = tmp_path / "m.onnx"
    graph = as_onnx(bundle, form, path)
    assert verify(path.read_bytes(), bundle, form, [whole_scene(bundle)]).largest_difference <= TOLERANCE
    assert_maps_alike(bundle, graph, reader)
    expected, _ = mapped(bundle, reader)
    assert np.nanmax(np.abs(expected - mapped(plain, reader)[0])) > 0.05
    values = whole_scene(bundle)
    if form == "patch":
        padded = np.pad(values, ((0, 0), (2, 2), (2, 2)), constant_values=np.nan)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), axis=(1, 2))
        values = windows.transpose(1, 2, 0, 3, 4).reshape(-1, len(values), 5, 5)
    else:
        values = values[None]
    session = onnxruntime.InferenceSession(path.read_bytes())
    scores, probabilities = session.run(["logits", "probabilities"], {"scene": np.ascontiguousarray(values)})
    found = probabilities.T.reshape(expected.shape) if form == "patch" else probabilities[0]
    np.testing.assert_allclose(found, expected, atol=2e-5)  # NaN in the same places
    unscaled = as_onnx(plain, form, tmp_path / "plain.onnx")
    assert unscaled.confidence_scaling.is_identity
    before = onnxruntime.InferenceSession((tmp_path / "plain.onnx").read_bytes())
    np.testing.assert_array_equal(scores, before.run(["logits"], {"scene": np.ascontiguousarray(values)})[0])
    outputs = session.get_modelmeta().custom_metadata_map["outputs"]
    assert str(bundle.confidence_scaling) in outputs
    assert "before the confidence is scaled" in outputs


def test_a_graph_with_another_curve_is_refused(make_model: MakeModel, whole_scene: Any) -> None:
    plain = make_model("spectral_cnn", {}, 5)
    one, other = (
        replace(plain, confidence_scaling=ConfidenceScaling(slope=0.5, offset=offset)) for offset in (0.7, 0.71)
    )
    with pytest.raises(BundleError, match=r"probabilities differ by up to 0\.00\d+; allowed are 0\.0001"):
        verify(write_graph(one, "dense"), other, "dense", [whole_scene(plain)])


@pytest.mark.parametrize("form", ["patch", "dense"])
def test_tiles_do_not_show(make_model: MakeModel, reader: SceneReader, tmp_path: Path, form: str) -> None:
    bundle = make_model("spectral_cnn", {}, 5)
    assert_maps_alike(bundle, as_onnx(bundle, form, tmp_path / "m.onnx"), reader, tile=7)


def test_two_sources_are_two_inputs(make_model: MakeModel, reader: SceneReader, tmp_path: Path) -> None:
    import onnxruntime

    scene = make_model("spectral_cnn", {}, 3)
    steps = scene.preprocessing
    own = len(steps.bands) - 3
    branch = steps.branches[0]
    joined = replace(
        steps,
        branches=(
            replace(
                branch,
                reduction=replace(
                    branch.reduction, mean=branch.reduction.mean[:own], deviation=branch.reduction.deviation[:own]
                ),
                second_bands=3,
                second=replace(
                    branch.reduction, mean=branch.reduction.mean[own:], deviation=branch.reduction.deviation[own:]
                ),
            ),
        ),
        second_bands=3,
    )
    torch.manual_seed(0)
    network = registry.build("two_sources", {"second_bands": 3}, own + 3, 3, 3)
    member = Member(
        architecture="two_sources", options={"second_bands": 3}, weights=dict(network.state_dict()), patch_size=3
    )
    bundle = replace(scene, preprocessing=joined, members=(member,))
    content = write_graph(bundle, "dense")
    assert verify(content, bundle, "dense", synthetic_images(bundle)).largest_difference <= TOLERANCE
    inputs = {i.name: i.shape[1] for i in onnxruntime.InferenceSession(content).get_inputs()}
    assert inputs == {"scene": own, "second": 3}
    (tmp_path / "m.onnx").write_bytes(content)
    assert read_bundle(tmp_path / "m.onnx").preprocessing.second_bands == 3


def test_images_to_compare_on(make_model: MakeModel, reader: SceneReader) -> None:
    bundle = make_model()
    spectra = [
        {
            "pixels": 9,
            "mean": [m] * len(bundle.preprocessing.bands),
            "deviation": [m / 10] * len(bundle.preprocessing.bands),
        }
        for m in (100.0, 900.0, 400.0)
    ]
    with_spectra = replace(bundle, training={"class_spectra": spectra})
    for model in (bundle, with_spectra):
        (image,) = synthetic_images(model)
        assert image.shape[0] == len(model.preprocessing.bands)
        assert np.isnan(image).any(axis=0).sum() == 3
        np.testing.assert_array_equal(image, synthetic_images(model)[0])
    assert 90 < np.nanpercentile(synthetic_images(with_spectra)[0], 20) < 420
    read = images_of_scene(bundle, reader)
    assert 1 <= len(read) <= 4
    assert all(np.isfinite(image).all(axis=0).any() for image in read)
