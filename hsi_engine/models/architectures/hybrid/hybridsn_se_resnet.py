"""HybridSN, SE-ResNet blocks, as data."""

from __future__ import annotations

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class SEResNetOptions(Options):
    """What may vary in HybridSN, SE-ResNet blocks."""

    squeeze: int = Field(default=16, ge=1, le=64)
    dropout: float = Field(default=0.4, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="hybridsn_se_resnet",
    title="HybridSN, SE-ResNet blocks",
    reference=(
        "Hu, Shen, Sun (2018): Squeeze-and-excitation networks. CVPR; after the 3-D part of HybridSN (Roy et al. 2020)."
    ),
    network="hsi_engine.models.networks.hybrid.se_resnet:SEResNet",
    options=SEResNetOptions,
    consumes="patch",
    suggested=on_components(15),
    least_components=13,
    patch_sizes=(13, 99),
    parameters=425_020,
    simplicity=62,
)
