"""The file of a denoiser: what is written comes back, and what is not one is refused as a message."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hsi_engine.bundle.denoiser import Denoiser
from hsi_engine.bundle.denoiser_file import read_denoiser, write_denoiser
from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.cli import main
from hsi_engine.errors import BundleError
from hsi_engine.models.networks.residual_denoiser import ResidualDenoiser
from hsi_engine.preprocess.noise import SignalSubspace
from hsi_engine.spectrum.bands import BandTable

BANDS, COMPONENTS = 13, 4


@pytest.fixture
def denoiser() -> Denoiser:
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    return Denoiser(
        bands=BandTable(
            names=tuple(f"B{i}" for i in range(BANDS)),
            wavelength_nm=tuple(400.0 + 20 * i for i in range(BANDS)),
            fwhm_nm=(18.5,) * BANDS,
            good=(True,) * BANDS,
        ),
        subspace=SignalSubspace(
            mean=rng.normal(2000, 100, BANDS),
            noise=rng.uniform(1, 9, BANDS),
            vectors=np.linalg.qr(rng.normal(size=(BANDS, COMPONENTS)))[0].T,
            variances=np.array([900.0, 40.0, 7.0, 1.4]),
        ),
        layers=3,
        width=5,
        weights=ResidualDenoiser(components=COMPONENTS, layers=3, width=5).state_dict(),
        training={"steps": 7, "error": 0.25},
    )


def test_what_is_written_comes_back(denoiser: Denoiser, tmp_path: Path) -> None:
    one, two = tmp_path / "one.hsidenoiser", tmp_path / "two.hsidenoiser"
    write_denoiser(denoiser, one)
    read = read_denoiser(one)
    write_denoiser(read, two)
    assert one.read_bytes() == two.read_bytes()
    assert read.bands == denoiser.bands
    assert read.to_json() == denoiser.to_json()
    for name, array in denoiser.arrays().items():
        np.testing.assert_array_equal(read.arrays()[name], array)
    images = torch.randn(1, COMPONENTS, 11, 13)
    assert torch.equal(read.network()(images), denoiser.network()(images))


def test_there_is_no_pickle_in_it(denoiser: Denoiser, tmp_path: Path) -> None:
    write_denoiser(denoiser, tmp_path / "d.hsidenoiser")
    with zipfile.ZipFile(tmp_path / "d.hsidenoiser") as archive:
        assert archive.namelist() == ["manifest.json", "arrays.safetensors"]


def test_the_model_of_a_classifier_is_none(tmp_path: Path) -> None:
    model = tmp_path / "m.hsimodel"
    with zipfile.ZipFile(model, "w") as archive:
        for name in ("manifest.json", "weights.safetensors", "preprocessing.safetensors", "MODEL_CARD.md"):
            archive.writestr(name, "{}")
    with pytest.raises(BundleError, match="model of a classifier, not a denoiser") as caught:
        read_denoiser(model)
    assert caught.value.code == "model.not_a_denoiser"
    assert ".hsidenoiser" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"\x80\x04 pickle", "model.not_a_model"), (b"", "model.not_a_model"), (None, "model.missing")],
)
def test_other_files_are_refused(content: bytes | None, code: str, tmp_path: Path) -> None:
    path = tmp_path / "d.hsidenoiser"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BundleError, match=r"d\.hsidenoiser") as caught:
        read_denoiser(path)
    assert caught.value.code == code


def rewritten(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The file with another manifest."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["manifest.json"])
    change(manifest)
    members["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"format_version": 2}, "model.newer_version", "format version 2; this engine reads version 1"),
        ({"format": "hsimodel"}, "model.not_a_denoiser", "not that of a denoiser"),
        ({"layers": 4}, "model.inconsistent", "missing or unknown"),
        ({"width": 6}, "model.inconsistent", "expected"),
        ({"width": 10**9}, "model.inconsistent", "whole number from 1 to 1024"),
        ({"bands": {}}, "model.inconsistent", "names"),
    ],
)
def test_a_manifest_that_does_not_fit(
    changed: dict[str, Any], code: str, words: str, denoiser: Denoiser, tmp_path: Path
) -> None:
    path = tmp_path / "d.hsidenoiser"
    write_denoiser(denoiser, path)
    with pytest.raises(BundleError, match=words) as caught:
        read_denoiser(rewritten(path, lambda manifest: manifest.update(changed)))
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["network.linear.weight", "network.scale", "subspace.noise"])
def test_numbers_that_are_none_are_refused(name: str, denoiser: Denoiser) -> None:
    arrays = {key: np.array(array) for key, array in denoiser.arrays().items()}
    arrays[name].flat[0] = np.nan
    with pytest.raises(BundleError, match="NaN"):
        Denoiser.from_parts(denoiser.to_json(), arrays)


@pytest.mark.parametrize("name", ["d.hsidenoiser", "d.hsimodel"])
def test_where_a_model_is_asked_for_a_denoiser_is_called_one(
    denoiser: Denoiser, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    write_denoiser(denoiser, tmp_path / name)
    with pytest.raises(BundleError, match="This is a denoiser") as caught:
        read_bundle(tmp_path / name)
    assert caught.value.code == "model.not_a_model"
    assert "hsi denoise --model" in caught.value.hint
    assert main(["info", str(tmp_path / name)]) == 5
    assert "This is a denoiser" in capfd.readouterr().err
