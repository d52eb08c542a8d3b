"""Quality layers of PRISMA: the cloud mask of level 1, and the error matrices of level 2 with a code for each number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .....pixels.window import Window
from ....rasters.hdf5_files.opening import reading
from ...source import QualityLayer
from ..cubes.hdf5_cube import BANDS_BETWEEN, Hdf5Cube
from ..xml_products.quality_files import CLOUD

_CLOUD_MASK = "Cloud_Mask"
_MATRICES = {f"{detector}_PIXEL_L2_ERR_MATRIX": f"{detector}_Cube" for detector in ("VNIR", "SWIR")}
_INVALID, _NEGATIVE, _SATURATED = (
    "not valid in a band at level 1",
    "negative reflectance in a band",
    "saturated in a band",
)
_ERRORS = {_INVALID: (1,), _NEGATIVE: (2,), _SATURATED: (3, 4)}


def prisma_layers(
    fields: Any, shape: tuple[int, int], *, cloud_expected: bool
) -> tuple[tuple[QualityLayer, ...], tuple[str, ...]]:
    """The layers of a product, and a note on each that is missing or of another size.

    Parameters
    ----------
    fields : the group of the cubes.
    shape : (rows, cols) of the cubes.
    cloud_expected : products of this level have a cloud mask.
    """
    notes = [
        f"The quality layer {matrix} is not used: it has another size than {cube}."
        for matrix, cube in _MATRICES.items()
        if matrix in fields and not _fits(fields, matrix, fields[cube].shape)
    ]
    layers = [QualityLayer(name=name) for name in _ERRORS] if _error_matrices(fields) else []
    if _fits(fields, _CLOUD_MASK, shape):
        layers.append(CLOUD)
    elif _CLOUD_MASK in fields:
        notes.append(
            f"The quality layer {_CLOUD_MASK} is not used: it has another size than the cubes. No cloud is masked."
        )
    elif cloud_expected:
        notes.append(f"The product lacks its quality layer {_CLOUD_MASK}: no cloud is masked.")
    return tuple(layers), tuple(notes)


class PrismaLayers:
    """The layers of an open product.

    Parameters
    ----------
    fields : the group of the cubes.
    """

    def __init__(self, fields: Any) -> None:
        self._fields = fields
        self._errors: list[Hdf5Cube] | None = None

    def marked(self, window: Window, names: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Where each layer marks a pixel, (layers, rows, cols). Raises OSError."""
        marked = np.zeros((len(names), *window.shape), bool)
        if any(name in _ERRORS for name in names):
            if self._errors is None:
                self._errors = [Hdf5Cube(self._fields[name], BANDS_BETWEEN) for name in _error_matrices(self._fields)]
            for matrix in self._errors:
                codes = matrix.read(window, range(matrix.storage.shape[0]))
                for i, name in enumerate(names):
                    marked[i] |= np.isin(codes, _ERRORS.get(name, ())).any(axis=0)
        if CLOUD.name in names:
            with reading():
                marked[names.index(CLOUD.name)] = self._fields[_CLOUD_MASK][window.slices()] == 1
        return marked


def _error_matrices(fields: Any) -> list[str]:
    """Those that have a number for each of the cubes."""
    return [matrix for matrix, cube in _MATRICES.items() if _fits(fields, matrix, fields[cube].shape)]


def _fits(fields: Any, name: str, shape: tuple[int, ...]) -> bool:
    return getattr(fields.get(name), "shape", None) == shape
