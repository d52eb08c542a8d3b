"""HybridSN, inverted residuals, as data."""

from __future__ import annotations

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class MobileNetV2Options(Options):
    """What may vary in HybridSN, inverted residuals."""

    expansion: int = Field(default=4, ge=1, le=8)
    dropout: float = Field(default=0.4, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="hybridsn_mobilenet_v2",
    title="HybridSN, inverted residuals (MobileNetV2)",
    reference=(
        "Sandler, Howard, Zhu, Zhmoginov, Chen (2018): MobileNetV2: inverted residuals and linear "
        "bottlenecks. CVPR; after the 3-D part of HybridSN (Roy et al. 2020)."
    ),
    network="hsi_engine.models.networks.hybrid.mobilenet_v2:MobileNetV2",
    options=MobileNetV2Options,
    consumes="patch",
    suggested=on_components(15),
    least_components=13,
    patch_sizes=(13, 99),
    parameters=422_904,
    simplicity=57,
)
