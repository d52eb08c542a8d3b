"""Covariances from blocks of rows are those of scikit-learn, without its copies."""

from __future__ import annotations

import tracemalloc
from functools import partial

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf as of_scikit_learn
from sklearn.preprocessing import StandardScaler

from hsi_engine.spectrum import shrunk_covariance
from hsi_engine.spectrum.shrunk_covariance import (
    ledoit_wolf,
    mean_and_scale,
    row_blocks,
    standardised_ledoit_wolf,
)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrunk_covariance, "_BLOCK_BYTES", 8 * 7 * 5)


def spectra(rows: int, bands: int) -> np.ndarray:
    rng = np.random.default_rng(rows * 1000 + bands)
    return (
        rng.normal(size=(rows, 3)) @ rng.normal(size=(3, bands)) * 40 + rng.normal(size=(rows, bands)) + 300
    ).astype(np.float32)


@pytest.mark.parametrize(("rows", "bands"), [(40, 6), (3, 9), (200, 30), (2, 1), (50, 1)])
def test_equals_scikit_learn(small_blocks: None, rows: int, bands: int) -> None:
    values = spectra(rows, bands)
    scaler = StandardScaler().fit(values.astype(np.float64))
    seen = scaler.transform(values.astype(np.float64))
    expected = scaler.scale_[:, None] * of_scikit_learn(seen)[0] * scaler.scale_[None]
    blocks = partial(row_blocks, values, np.arange(rows))
    assert standardised_ledoit_wolf(blocks) == pytest.approx(expected, rel=1e-9, abs=1e-9)

    centred = values - values.mean(axis=0, dtype=np.float64)
    expected = of_scikit_learn(centred, assume_centered=True)[0]
    assert ledoit_wolf(row_blocks(centred, np.arange(rows))) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_bands_that_do_not_vary_keep_their_scale(small_blocks: None) -> None:
    values = spectra(30, 5)
    values[:, 2] = 0.1
    mean, scale = mean_and_scale(partial(row_blocks, values, np.arange(30)))
    scaler = StandardScaler().fit(values.astype(np.float64))
    assert mean == pytest.approx(scaler.mean_)
    assert scale == pytest.approx(scaler.scale_)
    assert scale[2] == 1.0


def test_rows_are_those_asked_for_in_their_order(small_blocks: None) -> None:
    values, members = spectra(40, 7), np.array([5, 3, 39, 0, 8, 8, 2])
    blocks = list(row_blocks(values, members))
    assert len(blocks) == 2
    assert np.array_equal(np.concatenate(blocks), values[members])
    blocks[0][:] = -1
    assert values.min() > 0, "the blocks are copies"


def test_memory_follows_the_bands_and_not_the_rows() -> None:
    values = np.random.default_rng(0).normal(size=(200_000, 50)).astype(np.float32)
    tracemalloc.start()
    standardised_ledoit_wolf(partial(row_blocks, values, np.arange(len(values))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 70 << 20, "the rows as float64 alone are 76 MB"
