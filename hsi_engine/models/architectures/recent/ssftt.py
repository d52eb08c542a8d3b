"""SSFTT, as data."""

from __future__ import annotations

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class SSFTTOptions(Options):
    """What may vary in SSFTT."""

    tokens: int = Field(default=4, ge=1, le=64)
    dropout: float = Field(default=0.1, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="ssftt",
    title="SSFTT",
    reference=(
        "Sun, Zhao, Zheng, Wu (2022): Spectral–spatial feature tokenization transformer for hyperspectral "
        "image classification. IEEE Transactions on Geoscience and Remote Sensing 60."
    ),
    network="hsi_engine.models.networks.recent.ssftt:SSFTT",
    options=SSFTTOptions,
    consumes="patch",
    suggested=on_components(13, components=30),
    least_components=3,
    patch_sizes=(7, 99),
    parameters=153_032,
    simplicity=66,
)
