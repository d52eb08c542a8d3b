"""Where the bands of AVIRIS lay in the spectrum during the flight season of 1992.

AVIRIS is four spectrometers side by side; within each, centre and width of a band are smooth functions of
its number. The quadratics below were fitted to the instrument's spectral calibration file of that season
(``spectral_920530-930111``, distributed as ``92AV3C.spc``), whose 220 rows they reproduce to within 0.02 nm.
The spectrometers overlap, so the wavelength falls back at bands 32, 95 and 158.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

N_BANDS = 220

# bands, coefficients of the centre, coefficients of the width: nm, from the square to the constant term,
# over the number of the band within its spectrometer (0, 1, …).
_SPECTROMETERS = (
    (31, (2.9163e-03, 9.795127, 400.0204), (-1.4440e-03, 4.00144e-02, 9.78054)),
    (63, (-5.6054e-04, 9.641913, 686.9105), (-2.9781e-05, 3.8021e-03, 8.86902)),
    (63, (-6.8148e-04, 9.966234, 1272.9970), (-1.3865e-04, 2.05287e-02, 9.18143)),
    (63, (-1.31921e-03, 10.012785, 1883.2368), (-3.3573e-04, 3.47335e-02, 13.71770)),
)


def aviris_1992_nm() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Centre and full width at half maximum of the 220 bands in nm, two arrays of shape (220,)."""
    centres = [_quadratic(bands, centre) for bands, centre, _ in _SPECTROMETERS]
    widths = [_quadratic(bands, width) for bands, _, width in _SPECTROMETERS]
    return np.concatenate(centres), np.concatenate(widths)


def _quadratic(bands: int, coefficients: tuple[float, float, float]) -> npt.NDArray[np.float64]:
    values = np.polyval(np.array(coefficients), np.arange(bands, dtype=np.float64))
    return np.asarray(values, dtype=np.float64).round(2)
