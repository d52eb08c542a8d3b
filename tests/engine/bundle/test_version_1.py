"""Model files of format version 1 are upgraded, and map to the values that the engine of that time gave."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

import hsi_engine
from hsi_engine.bundle.format import MANIFEST, read_members
from hsi_engine.bundle.manifest import FORMAT_VERSION
from hsi_engine.bundle.model_bundle import ModelBundle
from hsi_engine.bundle.model_file import read_bundle, write_bundle

FILES = Path(__file__).parents[2] / "data" / "models"  # its README says how they were made


# The scene that each was trained on and mapped.
MAPPED: dict[str, dict[str, Any]] = {
    "version_1": {"bands": 16},
    **{
        f"version_1_{name}": case["scene"]
        for name, case in json.loads((FILES / "version_1.json").read_text(encoding="utf-8")).items()
    },
}


def unpacked(name: str, folder: Path) -> Path:
    path = folder / f"{name}.hsimodel"
    path.write_bytes(gzip.decompress((FILES / f"{name}.hsimodel.gz").read_bytes()))
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked("version_1", tmp_path_factory.mktemp("model"))


@pytest.fixture
def bundle(model: Path) -> ModelBundle:
    return read_bundle(model)


def manifest_of(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(read_members(path)[MANIFEST])
    return data


def test_one_network_on_principal_components_becomes_the_only_member(model: Path, bundle: ModelBundle) -> None:
    old = manifest_of(model)
    assert old["format_version"] == 1
    (member,) = bundle.members
    assert (member.architecture, member.patch_size, member.branch) == ("hybridsn", 9, 0)
    assert member.options == old["options"]
    assert member.temperature == member.share == bundle.temperature == 1
    assert bundle.smoothing is None
    (branch,) = bundle.preprocessing.branches
    assert (branch.kind, branch.normalisation, branch.n_components) == ("pca", "none", 13)
    assert branch.settings.whiten == 1
    assert bundle.training == old["training"]
    np.testing.assert_array_equal(bundle.preprocessing.mean_spectrum, branch.arrays()["mean"])


def test_its_options_keep_the_defaults_of_that_time(model: Path, tmp_path: Path) -> None:
    """Batch normalisation was off unless it was asked for; now it is on."""
    from hsi_engine.bundle.manifest import parse_manifest

    old = manifest_of(model)
    del old["options"]["batch_norm"]
    found = parse_manifest(json.dumps(old).encode()).members[0].options
    assert found == {"batch_norm": False, "squeeze_excitation": False, "dropout": 0.1}


def test_what_is_written_again_is_of_this_version(model: Path, bundle: ModelBundle, tmp_path: Path) -> None:
    again = tmp_path / "again.hsimodel"
    write_bundle(bundle, again)
    assert manifest_of(again)["format_version"] == FORMAT_VERSION
    assert read_bundle(again).id == bundle.id


@pytest.mark.filterwarnings("ignore:Dataset has no geotransform")  # one of the scenes
@pytest.mark.parametrize("written_again", [False, True], ids=["as it is", "written again"])
@pytest.mark.parametrize("name", MAPPED)
def test_it_maps_to_the_values_of_that_time(
    name: str, make_scene: Callable[..., Path], tmp_path: Path, written_again: bool
) -> None:
    model = unpacked(name, tmp_path)
    if written_again:
        bundle = read_bundle(model)
        model = tmp_path / "again.hsimodel"
        write_bundle(bundle, model)
    targets = tmp_path / "map.tif", tmp_path / "confidence.tif"
    hsi_engine.classify_scene(
        scene=make_scene(**MAPPED[name]), model=model, output=targets[0], confidence=targets[1], device="cpu"
    )
    with rasterio.open(targets[0]) as classes, rasterio.open(targets[1]) as confidence:
        found = {"classes": classes.read(1), "confidence": confidence.read(1)}
    with np.load(FILES / f"{name}_map.npz") as expected:
        assert found["classes"].tobytes() == expected["classes"].tobytes()
        assert set(np.unique(found["classes"])) == {0, 2, 5, 11}
        np.testing.assert_allclose(found["confidence"], expected["confidence"], rtol=0, atol=1e-6)


def test_the_models_differ_in_both_options_of_the_network(tmp_path: Path) -> None:
    found = {name: read_bundle(unpacked(name, tmp_path)).members[0].options for name in MAPPED}
    assert {(options["batch_norm"], options["squeeze_excitation"]) for options in found.values()} == {
        (True, False),
        (False, False),
        (False, True),
        (True, True),
    }
