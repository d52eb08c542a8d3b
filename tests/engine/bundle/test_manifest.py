"""The manifest: strict types, and older versions become current step by step."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from hsi_engine.bundle.manifest import FORMAT_VERSION, UPGRADES, parse_manifest, upgrade
from hsi_engine.bundle.model_bundle import ModelBundle
from hsi_engine.errors import BundleError


@pytest.fixture
def data(bundle: ModelBundle) -> dict[str, Any]:
    return bundle.manifest()


def encode(data: Any) -> bytes:
    return json.dumps(data).encode()


def test_valid(data: dict[str, Any]) -> None:
    assert parse_manifest(encode(data)).model_dump(exclude_unset=True) == data


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b'{"format": Infinity}', b"[" * 100_000, b'{"a": ' + b"9" * 9000 + b"}"],
)
def test_not_json(content: bytes) -> None:
    with pytest.raises(BundleError, match=r"manifest\.json cannot be read: it"):
        parse_manifest(content)


@pytest.mark.parametrize("content", [[], 3, None, {}, {"format": "onnx", "format_version": 1}])
def test_json_of_something_else(content: Any) -> None:
    with pytest.raises(BundleError, match=r"not that of a model"):
        parse_manifest(encode(content))


def _set(*path: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_set("members", 0, "patch_size", to="9"), r"'members\.0\.patch_size'.*must be a whole number; found '9'"),
        (_set("members", 0, "patch_size", to=-1), r"'members\.0\.patch_size'.*must be 1 or more; found -1"),
        (_set("members", 0, "patch_size", to=10**12), r"'members\.0\.patch_size'.*must be 9999 or less"),
        (_set("legend", to=[]), r"'legend'.*at least 1"),
        (_set("legend", 0, "value", to=0), r"'legend\.0\.value'"),
        (_set("legend", 0, "value", to=True), r"'legend\.0\.value'.*found True"),
        (
            _set("legend", 1, "color", to="red"),
            r"'legend\.1\.color': it must be a colour such as #1f78b4; found 'red' ",
        ),
        (_set("padding", to="reflect"), r"'padding'.*'zero'"),
        (_set("preprocessing", "branches", 0, "n_components", to=10**9), r"'preprocessing\.branches\.0\.n_components'"),
        (_set("preprocessing", "branches", 0, "whiten", to=True), r"'preprocessing\.branches\.0\.whiten'"),
        (_set("preprocessing", "fitted_on", "band_indices", to={}), r"'preprocessing\.fitted_on\.band_indices'"),
        (
            _set("sha256", "weights", to="xyz"),
            r"'sha256\.weights': it must be 64 digits from 0 to 9 and a to f; found 'xyz' ",
        ),
        (lambda data: data.update(members=data["members"] * 101), r"'members': it must have at most 100 items; found "),
        (_set("training", to=None), r"'training'.*found None"),
        (_set("surprise", to=1), r"'surprise': it is not known"),
        (lambda data: data["members"][0].pop("architecture"), r"'members\.0\.architecture': it is missing"),
        (_set("members", to=[]), r"'members'.*at least 1"),
        (_set("members", 0, "share", to=0.0), r"'members\.0\.share'.*greater than 0"),
        (
            _set("members", 0, "temperature", to=-1.0),
            r"'members\.0\.temperature': it must be 0\.05 or more; found -1\.0 ",
        ),
        (
            _set("members", 0, "temperature", to=1e-300),
            r"'members\.0\.temperature': it must be 0\.05 or more; found 1e-300 ",
        ),
        (_set("members", 0, "temperature", to=20.5), r"'members\.0\.temperature': it must be 20 or less; found 20\.5 "),
        (_set("temperature", to=0.0), r"'temperature': it must be 0\.05 or more; found 0\.0 "),
        (_set("confidence_scaling", "slope", to=0.0), r"'confidence_scaling\.slope'.*must be 0.05 or more; found 0.0"),
        (_set("confidence_scaling", "offset", to=1e4), r"'confidence_scaling\.offset'.*must be 1000 or less"),
        (_set("confidence_scaling", to=None), r"'confidence_scaling'.*found None"),
        (lambda data: data.pop("confidence_scaling"), r"'confidence_scaling': it is missing"),
        (_set("smoothing", to={"radius_px": 0, "epsilon": 0.1, "branch": 0}), r"'smoothing\.radius_px'"),
        (_set("preprocessing", "branches", to=[]), r"'preprocessing\.branches'.*at least 1"),
        (_set("preprocessing", "branches", 0, "reduction", to="ica"), r"'preprocessing\.branches\.0\.reduction'"),
        (
            _set("preprocessing", "branches", 0, "normalisation", to="snv"),
            r"'preprocessing\.branches\.0\.normalisation'",
        ),
    ],
)
def test_wrong_field(data: dict[str, Any], change: Callable[[dict[str, Any]], Any], words: str) -> None:
    change(data)
    with pytest.raises(BundleError, match=words) as caught:
        parse_manifest(encode(data))
    assert len(str(caught.value)) < 500


def test_newer_version(data: dict[str, Any]) -> None:
    with pytest.raises(BundleError, match=r"version 5; this engine reads versions up to 4\. Update") as caught:
        parse_manifest(encode(data | {"format_version": 5, "unknown_then": {}}))
    assert caught.value.code == "model.newer_version"


@pytest.mark.parametrize("version", [0, -1, "1", 1.0, True, None, []])
def test_impossible_version(data: dict[str, Any], version: Any) -> None:
    with pytest.raises(BundleError, match="'format_version' must be a whole number from 1 to 4; found"):
        parse_manifest(encode(data | {"format_version": version}))


def test_older_versions_are_upgraded_one_step_at_a_time() -> None:
    def rename(data: dict[str, Any]) -> dict[str, Any]:
        assert data["format_version"] == 1
        return {"new": data["old"]}

    def double(data: dict[str, Any]) -> dict[str, Any]:
        assert data["format_version"] == 2
        return {"new": data["new"] * 2}

    steps = {1: rename, 2: double}
    assert upgrade({"format_version": 1, "old": 4}, current=3, steps=steps) == {"format_version": 3, "new": 8}
    assert upgrade({"format_version": 2, "new": 5}, current=3, steps=steps) == {"format_version": 3, "new": 10}
    assert upgrade({"format_version": 3, "new": 5}, current=3, steps=steps) == {"format_version": 3, "new": 5}


def test_a_split_by_polygons_has_the_name_that_users_give_it(data: dict[str, Any]) -> None:
    old = {"strategy": "groups", "leakage": 0.25}
    data["training"] = {
        "split": old,
        "comparison": {"split": {"strategy": "blocks"}, "test": None},
        "notes": ["groups"],
    }
    training = parse_manifest(encode(data)).training
    assert training["split"] == {"strategy": "polygons", "leakage": 0.25}
    assert (training["comparison"], training["notes"]) == (data["training"]["comparison"], ["groups"])
    data["training"] = {"split": {"strategy": "folds"}, "comparison": {"split": old, "test": None}}
    training = parse_manifest(encode(data)).training
    assert training["split"] == {"strategy": "folds"}
    assert training["comparison"] == {"split": {"strategy": "polygons", "leakage": 0.25}, "test": None}


@pytest.mark.parametrize("training", [{}, {"split": None, "comparison": None}, {"split": 3, "comparison": {}}])
def test_a_record_without_a_split_stays_as_it_is(data: dict[str, Any], training: dict[str, Any]) -> None:
    assert parse_manifest(encode(data | {"training": training})).training == training


def test_there_is_a_step_from_every_older_version() -> None:
    assert set(UPGRADES) == set(range(1, FORMAT_VERSION))
