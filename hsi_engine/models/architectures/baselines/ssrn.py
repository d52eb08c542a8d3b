"""SSRN, as data."""

from __future__ import annotations

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_bands


class SSRNOptions(Options):
    """What may vary in SSRN."""

    dropout: float = Field(default=0.5, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="ssrn",
    title="SSRN",
    reference=(
        "Zhong, Li, Luo, Chapman (2018): Spectral–spatial residual network for hyperspectral image "
        "classification: a 3-D deep learning framework. IEEE Transactions on Geoscience and Remote Sensing "
        "56(2)."
    ),
    network="hsi_engine.models.networks.baselines.ssrn:SSRN",
    options=SSRNOptions,
    consumes="patch",
    suggested=on_bands(7),
    least_components=7,
    patch_sizes=(5, 99),
    parameters=363_800,
    simplicity=65,
)
