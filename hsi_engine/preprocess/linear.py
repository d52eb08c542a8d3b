"""A linear map of spectra, pixel by pixel, exact for large offsets and fast for many pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .product_threads import single_threaded_products

# Pixels projected at once; centring and product then stay in the cache.
_CHUNK_PX = 4096

Floats = npt.NDArray[np.float64]


def project(
    data: npt.NDArray[Any], valid: npt.NDArray[np.bool_], *, mean: Floats, matrix: Floats
) -> npt.NDArray[np.float32]:
    """``matrix @ (spectrum - mean)`` of every pixel.

    The product runs in float64 if ``data`` is float64, otherwise in float32. The mean is subtracted before the
    product; what rounding the mean to float32 loses is added afterwards, so a large offset costs no digits. A
    pixel's result does not depend on its neighbours, up to the rounding of a matrix product.

    Parameters
    ----------
    data : spectra, (bands, rows, cols).
    valid : True where a pixel holds data, (rows, cols).
    mean : (bands,).
    matrix : (components, bands).

    Returns
    -------
    float32 (components, rows, cols), zero where not valid.
    """
    require_spectra(data, valid, len(mean))
    dtype = np.float64 if data.dtype == np.float64 else np.float32
    rounded = mean.astype(dtype)
    shift = (matrix @ (rounded.astype(np.float64) - mean)).astype(dtype)[:, None]
    factor = matrix.astype(dtype)
    spectra = data.reshape(len(mean), -1)
    pixels = spectra.shape[1]
    result = np.empty((len(matrix), pixels), dtype=np.float32)
    with single_threaded_products():
        for start in range(0, pixels, _CHUNK_PX):
            part = slice(start, start + _CHUNK_PX)
            centred = np.subtract(spectra[:, part], rounded[:, None], dtype=dtype)
            result[:, part] = factor @ centred + shift
    np.copyto(result, 0, where=~valid.ravel())
    return result.reshape(len(matrix), *valid.shape)


def require_spectra(data: npt.NDArray[Any], valid: npt.NDArray[np.bool_], bands: int) -> None:
    """Raise ValueError unless ``data`` is (bands, rows, cols) and ``valid`` (rows, cols)."""
    if data.ndim != 3 or len(data) != bands or data.shape[1:] != valid.shape:
        raise ValueError(
            f"expected data of {bands} bands and a mask of the same size; found data {data.shape} and mask {valid.shape}"
        )
