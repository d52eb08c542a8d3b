"""Products of NumPy run in one thread while the preprocessing computes, and as before afterwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from hsi_engine.preprocess import pca
from hsi_engine.preprocess.product_threads import single_threaded_products


def blas_threads() -> list[int]:
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_products_run_in_one_thread_and_as_before_afterwards() -> None:
    with threadpool_limits(2, "blas"):
        assert blas_threads() == [2] * len(blas_threads()) != []
        with single_threaded_products():
            assert set(blas_threads()) == {1}
        assert set(blas_threads()) == {2}


def test_fitting_and_applying_a_pca_run_in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    entered = []

    def recorded() -> Any:
        entered.append(True)
        return single_threaded_products()

    monkeypatch.setattr("hsi_engine.preprocess.linear.single_threaded_products", recorded)
    monkeypatch.setattr("hsi_engine.preprocess.covariance.single_threaded_products", recorded)
    spectra = np.random.default_rng(0).normal(size=(50, 4))
    fitted = pca.fit_pca([spectra], 2, False)
    assert len(entered) == 1
    fitted.transform(spectra.T.reshape(4, 5, 10), np.ones((5, 10), bool))
    assert len(entered) == 2
