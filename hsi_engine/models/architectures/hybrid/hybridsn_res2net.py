"""HybridSN, Res2Net block, as data."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class Res2NetOptions(Options):
    """What may vary in HybridSN, Res2Net block."""

    scales: int = Field(default=3, ge=2, le=4)
    dropout: float = Field(default=0.4, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="hybridsn_res2net",
    title="HybridSN, Res2Net block",
    reference=(
        "Gao, Cheng, Zhao, Zhang, Yang, Torr (2021): Res2Net: a new multi-scale backbone architecture. IEEE "
        "Transactions on Pattern Analysis and Machine Intelligence 43(2); after the 3-D part of HybridSN (Roy "
        "et al. 2020)."
    ),
    network="hsi_engine.models.networks.hybrid.res2net:Res2Net",
    options=Res2NetOptions,
    consumes="patch",
    variants=MappingProxyType({"default": {}, "two_scales": {"scales": 2}}),
    suggested=on_components(15),
    least_components=13,
    patch_sizes=(15, 99),
    parameters=370_408,
    simplicity=61,
)
