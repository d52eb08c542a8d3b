"""Inception, as data."""

from __future__ import annotations

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class InceptionOptions(Options):
    """What may vary in Inception."""

    dropout: float = Field(default=0.4, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="inception",
    title="Inception",
    reference=("Szegedy et al. (2015): Going deeper with convolutions. CVPR. Here two blocks without padding."),
    network="hsi_engine.models.networks.classic.inception:Inception",
    options=InceptionOptions,
    consumes="patch",
    suggested=on_components(15),
    patch_sizes=(11, 99),
    parameters=38_840,
    simplicity=52,
)
