"""Covariance of spectra with the shrinkage of Ledoit and Wolf (2004), from blocks of rows.

scikit-learn's ``ledoit_wolf`` gives the same from one array in float64, of which it makes several copies, and multiplies it with
itself twice over. Here memory follows the bands, and the second product is a sum of squared norms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Blocks = Callable[[], Iterator[FloatArray]]

_BLOCK_BYTES = 16 << 20
_FLOAT_BYTES = 8


def row_blocks(values: npt.NDArray[np.floating], members: npt.NDArray[np.int64]) -> Iterator[FloatArray]:
    """Some rows of ``values`` (n, bands) in their order, a few at once, as separate float64 arrays."""
    for some in row_slices(len(members), values.shape[1]):
        yield values[members[some]].astype(np.float64)


def row_slices(count: int, bands: int) -> Iterator[slice]:
    """Slices that cut ``count`` rows into blocks of some 16 MB."""
    height = max(1, _BLOCK_BYTES // (_FLOAT_BYTES * bands))
    yield from (slice(start, start + height) for start in range(0, count, height))


def mean_and_scale(blocks: Blocks) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of each band, (bands,); the deviation is 1 where a band does not vary.

    Parameters
    ----------
    blocks : gives rows (some, bands) from the start at each call, one or more in all.
    """
    count, total = 0, np.zeros(1)
    for block in blocks():
        count, total = count + len(block), total + block.sum(axis=0)
    mean = total / count
    squares = sum(((block - mean) ** 2).sum(axis=0) for block in blocks())
    variance = squares / count
    tiny = np.finfo(np.float64).eps
    # As scikit-learn's StandardScaler decides: less than rounding alone leaves.
    constant = variance <= count * tiny * variance + (count * mean * tiny) ** 2
    return mean, np.where(constant, 1.0, np.sqrt(variance))


def ledoit_wolf(blocks: Iterator[FloatArray]) -> FloatArray:
    """Shrunk covariance (bands, bands) of centred rows, drawn towards the same variance in all bands.

    Parameters
    ----------
    blocks : rows (some, bands) whose mean is 0, one or more in all.
    """
    count, fourth, products = 0, 0.0, np.zeros((1, 1))
    for block in blocks:
        count += len(block)
        fourth += float((np.einsum("ij,ij->i", block, block) ** 2).sum())
        products = products + block.T @ block
    covariance: FloatArray = products / count
    bands = len(covariance)
    if bands == 1:
        return covariance
    trace = float(np.trace(covariance))
    squares = float(np.einsum("ij,ij->", covariance, covariance))
    delta = (squares - trace**2 / bands) / bands
    beta = min((fourth / count - squares) / (bands * count), delta)
    shrinkage = 0.0 if beta == 0 else beta / delta
    covariance *= 1.0 - shrinkage
    covariance.flat[:: bands + 1] += shrinkage * trace / bands
    return covariance


def standardised_ledoit_wolf(blocks: Blocks) -> FloatArray:
    """The same of rows whose bands are first brought to mean 0 and deviation 1, in the unit of the rows (bands, bands)."""
    mean, scale = mean_and_scale(blocks)
    covariance = ledoit_wolf((block - mean) / scale for block in blocks())
    covariance *= scale[:, None]
    covariance *= scale[None, :]
    return covariance
