"""Preprocessings fitted to the pixels of a test scene in one line."""

from __future__ import annotations

from typing import Any

from hsi_engine.io.scenes.scene import SceneReader, find_usable_bands
from hsi_engine.preprocess.branch import ReductionSettings
from hsi_engine.preprocess.chain import Preprocessing
from hsi_engine.preprocess.fitting import fit_preprocessing
from hsi_engine.reporting import SilentReporter

BANDS = ReductionSettings(kind="bands")


def pca(n_components: int, *, whitened: bool = True) -> ReductionSettings:
    """Settings of so many principal components."""
    return ReductionSettings(kind="pca", n_components=n_components, whiten=float(whitened))


def fit(reader: SceneReader, *reductions: ReductionSettings, **options: Any) -> Preprocessing:
    """The usable bands of an open scene with one branch per reduction."""
    usable = find_usable_bands(reader, SilentReporter())
    return fit_preprocessing(reader, usable, reductions, **({"reporter": SilentReporter()} | options))
