"""HybridSN, depthwise separable, as data."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class SeparableOptions(Options):
    """What may vary in HybridSN, depthwise separable."""

    width_multiplier: float = Field(default=1.0, gt=0, le=4)
    dropout: float = Field(default=0.4, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="hybridsn_separable",
    title="HybridSN, depthwise separable (MobileNetV1)",
    reference=(
        "Howard et al. (2017): MobileNets: efficient convolutional neural networks for mobile vision "
        "applications. arXiv 1704.04861; in the place of the full convolutions of HybridSN (Roy et al. 2020)."
    ),
    network="hsi_engine.models.networks.hybrid.separable:Separable",
    options=SeparableOptions,
    consumes="patch",
    variants=MappingProxyType({"default": {}, "half": {"width_multiplier": 0.5}}),
    suggested=on_components(15),
    least_components=13,
    patch_sizes=(9, 99),
    parameters=69_440,
    simplicity=56,
)
