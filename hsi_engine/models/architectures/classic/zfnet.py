"""ZFNet, as data."""

from __future__ import annotations

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class ZFNetOptions(Options):
    """What may vary in ZFNet."""

    dropout: float = Field(default=0.5, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="zfnet",
    title="ZFNet",
    reference=(
        "Zeiler, Fergus (2014): Visualizing and understanding convolutional networks. ECCV. Here AlexNet with "
        "a first kernel of 5×5 and without groups."
    ),
    network="hsi_engine.models.networks.classic.alexnet:ZFNet",
    options=ZFNetOptions,
    consumes="patch",
    suggested=on_components(19),
    patch_sizes=(19, 99),
    parameters=381_760,
    simplicity=48,
)
