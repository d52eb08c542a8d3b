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
    pixel's result does not depend on its neighbours. How it is rounded may depend on its column and on the number of
    columns, never on the rows: a job that resumes in the middle of a scene gives the same numbers.

    Parameters
    ----------
    data : spectra, (bands, rows, cols).
    valid : True where a pixel holds data, (rows, cols).
    mean : (bands,).
    matrix : (components, bands).

    Returns
    -------
    float32 (components, rows, cols), zero where not valid; not finite where values are too large for it.
    """
    require_spectra(data, valid, len(mean))
    dtype = np.float64 if data.dtype == np.float64 else np.float32
    rounded = mean.astype(dtype)
    shift = (matrix @ (rounded.astype(np.float64) - mean)).astype(dtype)[:, None, None]
    factor = matrix.astype(dtype)
    rows, cols = valid.shape
    result = np.empty((len(matrix), rows, cols), dtype=np.float32)
    width = max(1, min(cols, _CHUNK_PX))
    height = max(1, _CHUNK_PX // width)
    with single_threaded_products(), np.errstate(over="ignore", invalid="ignore"):
        for row in range(0, rows, height):
            for col in range(0, cols, width):
                part = (slice(None), slice(row, row + height), slice(col, col + width))
                centred = np.subtract(data[part], rounded[:, None, None], dtype=dtype)
                # A product a row: libraries round the columns of a matrix differently by their position.
                result[part] = (factor @ centred.transpose(1, 0, 2)).transpose(1, 0, 2) + shift
    np.copyto(result, 0, where=~valid)
    return result


def require_spectra(data: npt.NDArray[Any], valid: npt.NDArray[np.bool_], bands: int) -> None:
    """Raise ValueError unless ``data`` is (bands, rows, cols) and ``valid`` (rows, cols)."""
    if data.ndim != 3 or len(data) != bands or data.shape[1:] != valid.shape:
        raise ValueError(
            f"expected data of {bands} bands and a mask of the same size; found data {data.shape} and mask {valid.shape}"
        )
