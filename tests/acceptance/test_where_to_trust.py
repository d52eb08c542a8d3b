"""The area of applicability on a real EnMAP scene: another material in one quarter is outside, and the rest stays as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio

Hsi = Callable[..., dict[str, Any]]
Spectrum = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]


def snow(um: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Bright where eyes see, dark beyond 1.4 µm."""
    return np.where(um < 1.4, np.clip(1 - 0.6 * (um - 0.4), 0, 1), 0.08) * 9000


def rust(um: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Iron oxide: an edge at 0.6 µm, a dip at 0.87 µm; no brighter than the scene."""
    edge, dip = 1 / (1 + np.exp(-30 * (um - 0.6))), 1 - 0.5 * np.exp(-(((um - 0.87) / 0.06) ** 2))
    return np.asarray(500 + 3500 * edge * dip)


@pytest.fixture(scope="module")
def model(enmap: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import hsi_engine

    path = tmp_path_factory.mktemp("enmap") / "m.hsimodel"
    hsi_engine.train_classifier(
        scene=enmap / "scene.tif", labels=enmap / "labels.tif", output=path, model="logistic_regression", folds=3, smooth=False,
        device="cpu",
    )  # fmt: skip
    return path


@pytest.mark.parametrize("material", [snow, rust])
def test_a_quarter_of_another_material_is_outside_and_the_rest_inside(
    enmap: Path, model: Path, tmp_path: Path, hsi: Hsi, material: Spectrum
) -> None:
    scene, area = tmp_path / "scene.tif", tmp_path / "inside.tif"
    shutil.copy(enmap / "scene.tif", scene)
    with rasterio.open(scene, "r+") as file:
        values, nodata = file.read(), file.nodata
        um = np.array([float(file.tags(band)["wavelength"]) for band in file.indexes]) / 1000
        quarter = values[:, : file.height // 2, : file.width // 2]
        rng = np.random.default_rng(0)
        shade = 1 + 0.05 * rng.standard_normal(quarter.shape[1:])
        other = material(um)[:, None, None] * shade + 20 * rng.standard_normal(quarter.shape)
        quarter[:] = np.where(quarter == nodata, quarter, np.clip(other, 1, 32000))
        file.write(values)
    found = hsi(
        "classify", "--scene", scene, "--model", model, "--output", tmp_path / "map.tif", "--applicability", area,
        "--device", "cpu",
    )  # fmt: skip
    with rasterio.open(area) as file:
        inside = file.read(1)
    rows, cols = inside.shape
    replaced = np.zeros(inside.shape, bool)
    replaced[: rows // 2, : cols // 2] = True
    there, elsewhere = inside[replaced & (inside > 0)], inside[~replaced & (inside > 0)]
    assert len(there) > 2000
    assert (there == 2).mean() >= 0.95
    assert (elsewhere == 1).mean() > 0.9
    told = found["area_of_applicability"]
    assert told["outside_pixels"] == (inside == 2).sum()
    assert any("outside the area of applicability: as far as spectra tell" in note for note in found["notes"])
