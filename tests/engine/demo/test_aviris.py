from __future__ import annotations

from pathlib import Path

import numpy as np
import spectral

from hsi_engine.demo.aviris import N_BANDS, aviris_1992_nm


def test_wavelengths_are_those_of_the_calibration_file() -> None:
    table = Path(spectral.__file__).parent / "tests" / "data" / "92AV3C.spc"
    assert table.is_file(), "This release of the package spectral comes without 92AV3C.spc."
    calibrated = np.loadtxt(table, skiprows=2)
    centres, widths = aviris_1992_nm()
    np.testing.assert_allclose(centres, calibrated[:, 0], rtol=0, atol=0.02)
    np.testing.assert_allclose(widths, calibrated[:, 1], rtol=0, atol=0.02)


def test_spectrometers_overlap_where_one_ends() -> None:
    centres, widths = aviris_1992_nm()
    assert centres.shape == widths.shape == (N_BANDS,)
    assert (np.flatnonzero(np.diff(centres) < 0) + 2).tolist() == [32, 95, 158]
