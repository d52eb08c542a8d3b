"""HybridSN, MobileNetV3 blocks, as data."""

from __future__ import annotations

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class MobileNetV3Options(Options):
    """What may vary in HybridSN, MobileNetV3 blocks."""

    expansion: int = Field(default=4, ge=1, le=8)
    dropout: float = Field(default=0.4, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="hybridsn_mobilenet_v3",
    title="HybridSN, MobileNetV3 blocks",
    reference=(
        "Howard et al. (2019): Searching for MobileNetV3. ICCV; after the 3-D part of HybridSN (Roy et al. 2020)."
    ),
    network="hsi_engine.models.networks.hybrid.mobilenet_v3:MobileNetV3",
    options=MobileNetV3Options,
    consumes="patch",
    suggested=on_components(15),
    least_components=13,
    patch_sizes=(13, 99),
    parameters=489_080,
    simplicity=58,
)
