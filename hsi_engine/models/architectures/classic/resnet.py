"""ResNet, as data."""

from __future__ import annotations

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class ResNetOptions(Options):
    """What may vary in ResNet."""

    dropout: float = Field(default=0.2, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="resnet",
    title="ResNet",
    reference=(
        "He, Zhang, Ren, Sun (2016): Deep residual learning for image recognition. CVPR. Here three basic "
        "blocks without padding."
    ),
    network="hsi_engine.models.networks.classic.resnet:ResNet",
    options=ResNetOptions,
    consumes="patch",
    suggested=on_components(15),
    patch_sizes=(15, 99),
    parameters=157_136,
    simplicity=53,
)
