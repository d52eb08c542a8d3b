"""HybridSN, self-attention, as data."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class AttentionNetOptions(Options):
    """What may vary in HybridSN, self-attention."""

    attention: Literal["low_rank", "non_local"] = "low_rank"
    nodes: int = Field(default=16, ge=1, le=64)
    dropout: float = Field(default=0.4, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="hybridsn_attention",
    title="HybridSN, self-attention",
    reference=(
        "Low rank: Li, Zhong, Wu, Yang, Lin, Liu (2019): Expectation-maximization attention networks for "
        "semantic segmentation. ICCV. Full: Wang, Girshick, Gupta, He (2018): Non-local neural networks. "
        "CVPR. After the 2-D convolution of HybridSN (Roy et al. 2020)."
    ),
    network="hsi_engine.models.networks.hybrid.attention:AttentionNet",
    options=AttentionNetOptions,
    consumes="patch",
    variants=MappingProxyType({"low_rank": {}, "non_local": {"attention": "non_local"}}),
    suggested=on_components(15),
    least_components=13,
    patch_sizes=(11, 99),
    parameters=1_015_224,
    simplicity=64,
)
