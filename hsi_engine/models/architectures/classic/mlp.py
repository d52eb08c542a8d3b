"""Fully connected network, as data."""

from __future__ import annotations

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class MLPOptions(Options):
    """What may vary in Fully connected network."""

    dropout: float = Field(default=0.4, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="mlp",
    title="Fully connected network",
    reference=(
        "Rumelhart, Hinton, Williams (1986): Learning representations by back-propagating errors. Nature 323. "
        "Here two hidden layers on the flattened patch."
    ),
    network="hsi_engine.models.networks.classic.mlp:MLP",
    options=MLPOptions,
    consumes="patch",
    suggested=on_components(9),
    patch_sizes=(1, 99),
    parameters=449_936,
    simplicity=46,
)
