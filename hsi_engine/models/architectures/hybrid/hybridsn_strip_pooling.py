"""HybridSN, strip pooling, as data."""

from __future__ import annotations

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class StripPoolingNetOptions(Options):
    """What may vary in HybridSN, strip pooling."""

    dropout: float = Field(default=0.4, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="hybridsn_strip_pooling",
    title="HybridSN, strip pooling",
    reference=(
        "Hou, Zhang, Cheng, Feng (2020): Strip pooling: rethinking spatial pooling for scene parsing. CVPR; "
        "after the 2-D convolution of HybridSN (Roy et al. 2020)."
    ),
    network="hsi_engine.models.networks.hybrid.strip_pooling:StripPoolingNet",
    options=StripPoolingNetOptions,
    consumes="patch",
    suggested=on_components(15),
    least_components=13,
    patch_sizes=(11, 99),
    parameters=1_034_808,
    simplicity=63,
)
