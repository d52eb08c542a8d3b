"""The model file as a whole: the same model comes back, and a wrong one is refused in words."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from affine import Affine

from hsi_engine.bundle.format import MANIFEST, PREPROCESSING, WEIGHTS, read_members, write_members
from hsi_engine.bundle.model_bundle import ModelBundle
from hsi_engine.bundle.model_file import read_bundle, write_bundle
from hsi_engine.classes.legend import Legend
from hsi_engine.errors import BundleError, MismatchError
from hsi_engine.io.scenes.scene import Scene
from hsi_engine.pixels.grid import Grid
from hsi_engine.spectrum.bands import BandTable

MakeBundle = Callable[..., ModelBundle]


def weights_of(bundle: ModelBundle) -> dict[str, torch.Tensor]:
    """Those of the first member."""
    return bundle.members[0].weights


def numbered(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Weights of the first member by the names that they have in the file."""
    return {f"members.0.{name}": tensor for name, tensor in weights.items()}


def assert_same_model(found: ModelBundle, expected: ModelBundle) -> None:
    for name in (
        "preprocessing",
        "legend",
        "temperature",
        "confidence_scaling",
        "smoothing",
        "padding",
        "training",
        "metrics",
    ):
        assert getattr(found, name) == getattr(expected, name)
    assert [member.to_json() for member in found.members] == [member.to_json() for member in expected.members]
    for mine, theirs in zip(found.members, expected.members, strict=True):
        assert mine.weights.keys() == theirs.weights.keys()
        assert all(torch.equal(mine.weights[name], tensor) for name, tensor in theirs.weights.items())


def test_round_trip(bundle: ModelBundle, model_path: Path) -> None:
    found = read_bundle(model_path)
    assert found.id == bundle.id
    assert_same_model(found, bundle)


def test_equal_models_give_equal_bytes(make_bundle: MakeBundle, model_path: Path, tmp_path: Path) -> None:
    write_bundle(make_bundle(), tmp_path / "again.hsimodel")
    write_bundle(read_bundle(model_path), tmp_path / "copy.hsimodel")
    assert (tmp_path / "again.hsimodel").read_bytes() == model_path.read_bytes()
    assert (tmp_path / "copy.hsimodel").read_bytes() == model_path.read_bytes()


def test_id_follows_what_decides_a_map(make_bundle: MakeBundle, bundle: ModelBundle) -> None:
    assert make_bundle(training={"seed": 9}, metrics={}).id == bundle.id
    weights = dict(weights_of(bundle))
    weights["head.first.bias"] = weights["head.first.bias"] + 1e-3
    recoloured = Legend.from_json([entry | {"color": "#123456"} for entry in bundle.legend.to_json()])
    assert len({bundle.id, make_bundle(weights=weights).id, make_bundle(legend=recoloured).id}) == 3


def test_weights_are_a_copy(make_bundle: MakeBundle, bundle: ModelBundle) -> None:
    live = {name: tensor.clone() for name, tensor in weights_of(bundle).items()}
    kept = make_bundle(weights=live)
    live["head.first.bias"].fill_(7)
    assert torch.equal(weights_of(kept)["head.first.bias"], weights_of(bundle)["head.first.bias"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"patch_size": 10}, "must be odd; found 10"),
        ({"patch_size": 11}, "'head.first.weight' does not fit 'hybridsn': expected 256×576 float32, found 256×64"),
        ({"padding": "reflect"}, "must be 'zero'"),
        ({"architecture": "hybridson"}, "cannot be built: There is no model called 'hybridson'"),
        ({"options": {"depth": 3}}, r"cannot be built: HybridSN .* has no option 'depth'"),
        ({"options": {"batch_norm": True}}, r"4 tensors that it does not know, among them 'head"),
        ({"weights": {}}, r"tensors that it lacks, among them 'features"),
        ({"legend": Legend.of({1: "a"})}, "expected 1×128 float32, found 3×128 float32"),
        ({"training": {"loss": float("nan")}}, "training of a model must be plain JSON"),
        ({"metrics": {"when": object()}}, "metrics of a model must be plain JSON"),
    ],
)
def test_parts_that_do_not_fit(make_bundle: MakeBundle, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BundleError, match=words):
        make_bundle(**changes)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite(make_bundle: MakeBundle, bundle: ModelBundle, value: float) -> None:
    weights = {name: tensor.clone() for name, tensor in weights_of(bundle).items()}
    weights["head.first.weight"][3, 4] = value
    with pytest.raises(BundleError, match=r"'head\.first\.weight' holds NaN or infinite") as caught:
        make_bundle(weights=weights)
    assert caught.value.code == "model.not_finite"


def rewrite(
    path: Path, *, manifest: Callable[[Any], object] = lambda data: None, mend_checksums: bool = True, **members: bytes
) -> None:
    """Change members of a model file; the file itself stays sound."""
    content = read_members(path)
    content.update({f"{name}.safetensors": value for name, value in members.items()})
    data = json.loads(content[MANIFEST])
    if mend_checksums:
        digests = {n: hashlib.sha256(content[f"{n}.safetensors"]).hexdigest() for n in ("weights", "preprocessing")}
        data["sha256"] = digests
    manifest(data)
    content[MANIFEST] = json.dumps(data).encode()
    write_members(path, content)


def test_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "scene.tif"
    path.write_bytes(b"II*\x00")
    with pytest.raises(BundleError, match=r"^Model '.*scene\.tif': This is not a model: .*found a TIFF") as caught:
        read_bundle(str(path))
    assert caught.value.code == "model.not_a_model"


def test_weights_of_another_model(model_path: Path, bundle: ModelBundle) -> None:
    other = safetensors.torch.save({name: tensor * 2 for name, tensor in numbered(weights_of(bundle)).items()})
    rewrite(model_path, weights=other, mend_checksums=False)
    with pytest.raises(BundleError, match=r"'weights\.safetensors' does not match manifest\.json"):
        read_bundle(model_path)


@pytest.mark.parametrize("member", [WEIGHTS, PREPROCESSING])
@pytest.mark.parametrize(
    "content", [b"", b"x" * 20, (1 << 40).to_bytes(8, "little") + b"{}", b"\x80\x04}q\x00."], ids=range(4)
)
def test_members_that_are_no_safetensors(model_path: Path, member: str, content: bytes) -> None:
    rewrite(model_path, **{member.removesuffix(".safetensors"): content})
    with pytest.raises(BundleError, match=f"tensors of the {member.removesuffix('.safetensors')} cannot be decoded"):
        read_bundle(model_path)


def test_tensor_that_claims_to_be_larger_than_its_data(model_path: Path) -> None:
    header = b'{"a": {"dtype": "F32", "shape": [1000000000000], "data_offsets": [0, 4]}}'
    rewrite(model_path, weights=len(header).to_bytes(8, "little") + header + bytes(4))
    with pytest.raises(BundleError, match="cannot be decoded"):
        read_bundle(model_path)


def test_tensor_of_another_dtype(model_path: Path, bundle: ModelBundle) -> None:
    weights = dict(weights_of(bundle))
    weights["head.first.bias"] = weights["head.first.bias"].half()
    rewrite(model_path, weights=safetensors.torch.save(numbered(weights)))
    with pytest.raises(BundleError, match=r"'head\.first\.bias' .*expected 256 float32, found 256 float16"):
        read_bundle(model_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda arrays: arrays.pop("branches.0.mean"), "inconsistent: branch 0 lacks 'mean'"),
        (lambda arrays: arrays.pop("mean_spectrum"), "inconsistent: the array 'mean_spectrum' is missing"),
        (lambda arrays: arrays.update(mean_spectrum=np.full(15, np.nan)), "mean spectrum holds NaN"),
        (lambda arrays: arrays.update(extra=np.zeros(2)), "expected the arrays"),
        (
            lambda arrays: arrays.update({"branches.0.mean": np.zeros(15, np.float32)}),
            r"'branches\.0\.mean' .*must be float64",
        ),
        (lambda arrays: arrays.update({"branches.0.mean": np.zeros(14)}), "shapes of a PCA do not fit"),
        (lambda arrays: arrays.update({"branches.0.mean": np.full(15, np.nan)}), "NaN"),
        (lambda arrays: arrays.update({"branches.0.explained_variance": np.zeros(13)}), "cannot be whitened"),
    ],
)
def test_preprocessing_that_does_not_fit(
    model_path: Path, bundle: ModelBundle, change: Callable[[Any], object], words: str
) -> None:
    arrays = bundle.preprocessing.arrays()
    change(arrays)
    rewrite(model_path, preprocessing=safetensors.numpy.save(arrays))
    with pytest.raises(BundleError, match=words):
        read_bundle(model_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.update(format_version=5), "format version 5; this engine reads versions up to 4"),
        (lambda data: data["legend"].reverse(), "class values of the legend must be in ascending order"),
        (
            lambda data: data["legend"].append(data["legend"][-1]),
            "class values of the legend must be in ascending order",
        ),
        (lambda data: data["preprocessing"]["bands"]["names"].pop(), "preprocessing is inconsistent.*one length"),
        (lambda data: data["preprocessing"]["fitted_on"]["band_indices"].pop(), "preprocessing is inconsistent"),
        (lambda data: data["members"][0].update(patch_size=99), "'head.first.weight' does not fit"),
        (lambda data: data["members"][0].update(patch_size=7), "cannot be built: HybridSN needs a patch"),
        (
            lambda data: data["members"][0].update(architecture="transformer"),
            "no model called 'transformer'.*newer engine",
        ),
    ],
)
def test_manifest_that_does_not_fit(model_path: Path, change: Callable[[Any], object], words: str) -> None:
    rewrite(model_path, manifest=change)
    with pytest.raises(BundleError, match=words):
        read_bundle(model_path)


def scene_with(bands: BandTable) -> Scene:
    return Scene(
        path=Path("new.tif"),
        grid=Grid(crs=None, transform=Affine.identity(), shape=(4, 6)),
        bands=bands,
        dtype="uint16",
        nodata=None,
        scale=(1.0,) * len(bands),
        offset=(0.0,) * len(bands),
        driver="GTiff",
        block_shape=(4, 6),
    )


def test_check_scene_gives_the_bands_to_read(bundle: ModelBundle) -> None:
    bands = bundle.preprocessing.bands
    turned = bands.select(range(len(bands))[::-1])
    assert bundle.check_scene(scene_with(bands)) == tuple(range(15))
    assert bundle.check_scene(scene_with(turned)) == tuple(range(15))[::-1]


def test_check_scene_by_position(make_bundle: MakeBundle) -> None:
    unknown = make_bundle(wavelengths=False)
    names = tuple(str(i) for i in range(17))
    bands = BandTable(names=names, wavelength_nm=(None,) * 17, fwhm_nm=(None,) * 17, good=(True,) * 17)
    assert unknown.check_scene(scene_with(bands)) == unknown.preprocessing.band_indices
    with pytest.raises(MismatchError, match=r"'new\.tif' does not fit the model: 15 bands are needed and 16 were"):
        unknown.check_scene(scene_with(bands.select(range(16))))


def test_check_scene_names_missing_bands(bundle: ModelBundle) -> None:
    bands = bundle.preprocessing.bands.select(range(13))
    with pytest.raises(MismatchError, match=r"'new\.tif' does not fit .*570\.0 nm.*580\.0 nm.*430\.0 to 560\.0 nm"):
        bundle.check_scene(scene_with(bands))


def test_check_scene_names_bands_flagged_bad(bundle: ModelBundle) -> None:
    bands = bundle.preprocessing.bands
    flagged = dataclasses.replace(bands, good=tuple(i not in (1, 14) for i in range(15)))
    with pytest.raises(
        MismatchError, match=r"2 bands.*flagged.*band 2 \(440\.0 nm\), band 15 \(580\.0 nm\)"
    ) as refused:
        bundle.check_scene(scene_with(flagged))
    assert "detector" not in refused.value.hint
    of_two = dataclasses.replace(scene_with(flagged), detectors=("VNIR", *["SWIR"] * 14))
    with pytest.raises(MismatchError, match=r"2 bands.*left out of the scene") as refused:
        bundle.check_scene(of_two)
    assert "set 'detector_overlap' to both" in refused.value.hint
    all_bad = dataclasses.replace(bands, good=(False,) * 15)
    with pytest.raises(MismatchError, match=r"15 band.*and 7 more"):
        bundle.check_scene(scene_with(all_bad))


def test_scale_warning(bundle: ModelBundle) -> None:
    mean = bundle.preprocessing.mean_spectrum
    assert bundle.scale_warning(mean * 1.2) == ""
    assert "10,000 times as low" in bundle.scale_warning(mean * 1e-4)
