"""Parameters and results that name the rasters of a map, made from :data:`.products.PRODUCTS`.

Type checkers read ``outputs.pyi``, which ``make stub`` writes.
"""

from __future__ import annotations

from pydantic import create_model

from ..definition.base import OperationParams, OperationResult
from .products import PRODUCTS

MapOutputs = create_model(
    "MapOutputs",
    __base__=OperationParams,
    __module__=__name__,
    **{product.parameter: product.parameter_field() for product in PRODUCTS},
)
MapOutputs.__doc__ = "The rasters of a map."

MapRasters = create_model(
    "MapRasters",
    __base__=OperationResult,
    __module__=__name__,
    **{product.parameter: product.result_field() for product in PRODUCTS},
)
MapRasters.__doc__ = "The rasters of a map that were written."
