"""A toy network, as data: hsi_engine/models/architectures/toy_net.py in the copy that a test makes."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from .architecture import Architecture, Options


class ToyNetOptions(Options):
    """What may vary: the width, which no parameter sets, and a dropout, which one does."""

    width: int = Field(default=8, ge=1)
    dropout: float = Field(default=0.0, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="toy_net",
    title="Toy network",
    reference="A test.",
    network="hsi_engine.models.networks.toy_net:ToyNet",
    options=ToyNetOptions,
    consumes="patch",
    suggested=MappingProxyType(
        {"reduction": "bands", "patch_size": 3, "epochs": 2, "batch_size": 32, "learning_rate": 1e-2}
    ),
    patch_sizes=(3, 3),
    simplicity=15,
)
