"""AlexNet, as data."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class AlexNetOptions(Options):
    """What may vary in AlexNet."""

    groups: int = Field(default=2, ge=1)
    dropout: float = Field(default=0.5, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="alexnet",
    title="AlexNet",
    reference=(
        "Krizhevsky, Sutskever, Hinton (2012): ImageNet classification with deep convolutional neural "
        "networks. NeurIPS 25. Here with a first kernel of 7×7 and narrower layers."
    ),
    network="hsi_engine.models.networks.classic.alexnet:AlexNet",
    options=AlexNetOptions,
    consumes="patch",
    variants=MappingProxyType({"default": {}, "groups_1": {"groups": 1}}),
    suggested=on_components(21),
    patch_sizes=(21, 99),
    parameters=328_768,
    simplicity=49,
)
