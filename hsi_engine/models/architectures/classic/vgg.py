"""VGG, as data."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class VGGOptions(Options):
    """What may vary in VGG."""

    batch_norm: bool = True
    dropout: float = Field(default=0.5, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="vgg",
    title="VGG",
    reference=(
        "Simonyan, Zisserman (2015): Very deep convolutional networks for large-scale image recognition. "
        "ICLR. Here two blocks of two convolutions without padding."
    ),
    network="hsi_engine.models.networks.classic.vgg:VGG",
    options=VGGOptions,
    consumes="patch",
    variants=MappingProxyType({"default": {}, "without_batch_norm": {"batch_norm": False}}),
    suggested=on_components(15),
    patch_sizes=(15, 99),
    parameters=157_200,
    simplicity=50,
)
