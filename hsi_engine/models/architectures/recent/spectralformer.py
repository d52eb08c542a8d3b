"""SpectralFormer, as data."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_bands


class SpectralFormerOptions(Options):
    """What may vary in SpectralFormer."""

    neighbours: int = Field(default=3, ge=1, le=31)
    dropout: float = Field(default=0.1, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="spectralformer",
    title="SpectralFormer",
    reference=(
        "Hong, Han, Yao, Gao, Zhang, Plaza, Chanussot (2022): SpectralFormer: rethinking hyperspectral image "
        "classification with transformers. IEEE Transactions on Geoscience and Remote Sensing 60."
    ),
    network="hsi_engine.models.networks.recent.spectralformer:SpectralFormer",
    options=SpectralFormerOptions,
    consumes="patch",
    dense=False,
    variants=MappingProxyType({"patch": {}, "single_bands": {"neighbours": 1}}),
    suggested=on_bands(7),
    least_components=2,
    patch_sizes=(1, 15),
    parameters=112_574,
    simplicity=67,
)
