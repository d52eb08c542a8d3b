"""A small trained-looking model for the tests of the model file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hsi_engine.bundle.model_bundle import Member, ModelBundle
from hsi_engine.bundle.model_file import write_bundle
from hsi_engine.classes.legend import Legend
from hsi_engine.models import registry
from hsi_engine.preprocess.branch import Branch
from hsi_engine.preprocess.chain import Preprocessing
from hsi_engine.preprocess.pca import fit_pca
from hsi_engine.spectrum.bands import BandTable

N_BANDS, N_COMPONENTS, PATCH_SIZE = 15, 13, 9


def _bands(count: int = N_BANDS) -> BandTable:
    return BandTable(
        names=tuple(f"Band {i + 1}" for i in range(count)),
        wavelength_nm=tuple(430.0 + 10 * i for i in range(count)),
        fwhm_nm=(9.5,) * count,
        good=(True,) * count,
    )


def _preprocessing(*, wavelengths: bool = True) -> Preprocessing:
    """Fed with 15 of 17 bands: the fourth and the last are left out."""
    rng = np.random.default_rng(5)
    scene_bands = _bands(17)
    if not wavelengths:
        scene_bands = BandTable(
            names=scene_bands.names, wavelength_nm=(None,) * 17, fwhm_nm=(None,) * 17, good=scene_bands.good
        )
    indices = tuple(i for i in range(17) if i not in (3, 16))
    pca = fit_pca([rng.normal(2000, 300, (200, N_BANDS))], N_COMPONENTS, True)
    return Preprocessing(
        bands=scene_bands.select(indices),
        band_indices=indices,
        scene_bands=17,
        scene_dtype="uint16",
        pixels=200,
        mean_spectrum=pca.mean,
        branches=(Branch(n_bands=N_BANDS, reduction=pca),),
    )


def _bundle(*, wavelengths: bool = True, **changes: Any) -> ModelBundle:
    """``changes`` are those of the model or of its only member."""
    legend = Legend.of({2: "water", 5: "Wiese | Weide", 11: "soil"}, {2: "#0072b2"})
    options = {"batch_norm": True, "squeeze_excitation": True, "dropout": 0.4}
    torch.manual_seed(0)
    network = registry.build("hybridsn", options, N_COMPONENTS, PATCH_SIZE, len(legend))
    member: dict[str, Any] = {
        "architecture": "hybridsn",
        "options": options,
        "weights": network.state_dict(),
        "patch_size": PATCH_SIZE,
    }
    member |= {
        name: changes.pop(name)
        for name in list(changes)
        if name in Member.__dataclass_fields__ and name != "temperature"
    }
    parts: dict[str, Any] = {
        "members": (Member(**member),),
        "preprocessing": _preprocessing(wavelengths=wavelengths),
        "legend": legend,
        "training": {
            "seed": 0,
            "settings": {"epochs": 3, "curve": [1, 2, 3]},
            "split": {"strategy": "random", "leakage": 0.875},
            "versions": {"torch": "2.13.0"},
        },
        "metrics": {"test": {"overall_accuracy": 0.9712, "average_accuracy": None, "kappa": 0.9655}},
    }
    return ModelBundle(**(parts | changes))


@pytest.fixture(scope="session")
def make_bundle() -> Callable[..., ModelBundle]:
    """Factory: ``make_bundle(wavelengths=False, patch_size=11, …)``."""
    return _bundle


@pytest.fixture(scope="session")
def bundle() -> ModelBundle:
    return _bundle()


@pytest.fixture
def model_path(bundle: ModelBundle, tmp_path: Path) -> Path:
    path = tmp_path / "model.hsimodel"
    write_bundle(bundle, path)
    return path
