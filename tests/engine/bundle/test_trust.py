"""What a model keeps of its training pixels: it comes back, older files lack it, and damage is refused in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import safetensors.numpy

from hsi_engine.bundle.format import MANIFEST, PREPROCESSING, read_members, write_members
from hsi_engine.bundle.model_bundle import ModelBundle
from hsi_engine.bundle.model_file import read_bundle, write_bundle
from hsi_engine.errors import BundleError
from trusted import trust_of

MakeBundle = Callable[..., ModelBundle]
Arrays = dict[str, npt.NDArray[np.float64]]
CHANNELS = 13


@pytest.fixture
def path(make_bundle: MakeBundle, tmp_path: Path) -> Path:
    write_bundle(make_bundle(trust=trust_of()), tmp_path / "kept.hsimodel")
    return tmp_path / "kept.hsimodel"


def rewrite(path: Path, change: Callable[[dict[str, Any], Arrays], object]) -> None:
    content = read_members(path)
    manifest, arrays = json.loads(content[MANIFEST]), safetensors.numpy.load(content[PREPROCESSING])
    change(manifest, arrays)
    content[PREPROCESSING] = safetensors.numpy.save(arrays)
    manifest["sha256"]["preprocessing"] = hashlib.sha256(content[PREPROCESSING]).hexdigest()
    write_members(path, content | {MANIFEST: json.dumps(manifest).encode()})


def test_it_comes_back_and_decides_the_id(make_bundle: MakeBundle, path: Path, tmp_path: Path) -> None:
    found, expected = read_bundle(path).trust, trust_of()
    assert found.to_json() == expected.to_json()
    arrays = expected.arrays()
    assert found.arrays().keys() == arrays.keys()
    assert all(np.array_equal(found.arrays()[name], array) for name, array in arrays.items())
    write_bundle(read_bundle(path), tmp_path / "again.hsimodel")
    assert (tmp_path / "again.hsimodel").read_bytes() == path.read_bytes()
    assert read_bundle(path).id != make_bundle().id


def test_a_file_of_version_2_keeps_nothing_and_keeps_its_id(make_bundle: MakeBundle, tmp_path: Path) -> None:
    bundle, old = make_bundle(), tmp_path / "old.hsimodel"
    write_bundle(bundle, old)

    def to_version_2(manifest: dict[str, Any], _: Arrays) -> None:
        assert (manifest.pop("applicability"), manifest.pop("conformal")) == (None, None)
        assert manifest.pop("confidence_scaling") == {"slope": 1, "offset": 0}
        manifest["format_version"] = 2

    rewrite(old, to_version_2)
    found = read_bundle(old)
    assert (found.trust.known, found.trust.calibrated) == (None, None)
    manifest = json.loads(read_members(old)[MANIFEST])
    essentials = {name: value for name, value in manifest.items() if name not in ("training", "metrics")}
    assert found.id == hashlib.sha256(json.dumps(essentials, sort_keys=True).encode()).hexdigest() == bundle.id


def test_a_file_of_version_3_keeps_its_temperature_and_its_id(make_bundle: MakeBundle, tmp_path: Path) -> None:
    bundle, old = make_bundle(trust=trust_of(), temperature=0.75), tmp_path / "old.hsimodel"
    write_bundle(bundle, old)

    def to_version_3(manifest: dict[str, Any], _: Arrays) -> None:
        assert manifest.pop("confidence_scaling") == {"slope": 1, "offset": 0}
        manifest["format_version"] = 3

    rewrite(old, to_version_3)
    found = read_bundle(old)
    assert found.temperature == 0.75
    assert found.confidence_scaling.is_identity
    manifest = json.loads(read_members(old)[MANIFEST])
    essentials = {name: value for name, value in manifest.items() if name not in ("training", "metrics")}
    assert found.id == hashlib.sha256(json.dumps(essentials, sort_keys=True).encode()).hexdigest() == bundle.id


def set_item(name: str, at: Any, value: float) -> Callable[[dict[str, Any], Arrays], None]:
    def change(_: dict[str, Any], arrays: Arrays) -> None:
        arrays[name][at] = value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_item("applicability.points", (3, 2), np.nan), "points of an area of applicability must be finite"),
        (set_item("applicability.factor", 0, np.inf), "factor of an area of applicability must be finite"),
        (set_item("conformal.lac", 3, 1.5), "scores of calibration samples lie between 0 and 1"),
        (set_item("conformal.aps", 3, np.nan), "scores of calibration samples lie between 0 and 1"),
        (set_item("conformal.classes", 3, 3), "classes of calibration samples lie between 0 and 2"),
        (set_item("conformal.classes", 3, 0.5), "conformal.classes must hold whole numbers"),
        (set_item("conformal.folds", 3, 1e300), "conformal.folds must hold whole numbers"),
        (lambda _, a: a.update({"conformal.units": np.zeros(4)}), "one value for each calibration sample"),
        (lambda _, a: a.update({"applicability.centre": np.zeros(4)}), "13 predictors do not fit"),
        (lambda _, a: a.update({"applicability.points": np.zeros((1, CHANNELS))}), "two training points or more"),
        (lambda _, a: a.pop("applicability.points"), "inconsistent: 'applicability.points'"),
        (lambda m, _: m.update(applicability=None), "expected the arrays"),
        (lambda m, _: m["applicability"].update(branch=1), "from branch 1 of the preprocessing"),
        (lambda m, _: m["applicability"].update(mean_distance=0.0), "'applicability.mean_distance'"),
        (lambda m, _: m["applicability"].update(apart="by hand"), "'applicability.apart'"),
        (lambda m, _: m["conformal"].update(tested_pixels=0), "'conformal.tested_pixels'"),
        (lambda m, _: m.pop("conformal"), "'conformal': it is missing"),
    ],
)
def test_damage_is_refused(path: Path, change: Callable[[dict[str, Any], Arrays], object], words: str) -> None:
    rewrite(path, change)
    with pytest.raises(BundleError, match=words):
        read_bundle(path)


def test_parts_of_another_model_do_not_fit(make_bundle: MakeBundle) -> None:
    with pytest.raises(BundleError, match="4 predictors from branch 0 of the preprocessing, whose branches have 13"):
        make_bundle(trust=trust_of(channels=4))
    with pytest.raises(BundleError, match="calibration scores are of 4 classes, the legend has 3"):
        make_bundle(trust=trust_of(classes=4))
