"""LeNet, as data."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class LeNetOptions(Options):
    """What may vary in LeNet."""

    width: int = Field(default=4, ge=1, le=16)
    dropout: float = Field(default=0.0, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="lenet",
    title="LeNet",
    reference=(
        "LeCun, Bottou, Bengio, Haffner (1998): Gradient-based learning applied to document recognition. "
        "Proceedings of the IEEE 86(11). Here with 3×3 kernels and wider layers."
    ),
    network="hsi_engine.models.networks.classic.lenet:LeNet",
    options=LeNetOptions,
    consumes="patch",
    variants=MappingProxyType({"default": {}, "width_1": {"width": 1}}),
    suggested=on_components(15),
    patch_sizes=(11, 99),
    parameters=60_596,
    simplicity=47,
)
