"""HybridSN, as data."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from .architecture import Architecture, Options


class HybridSNOptions(Options):
    """What may vary in HybridSN."""

    batch_norm: bool = True
    squeeze_excitation: bool = False
    dropout: float = Field(default=0.4, ge=0, lt=1)
    groups: int = Field(default=1, ge=1)


ARCHITECTURE = Architecture(
    name="hybridsn",
    title="HybridSN (3-D–2-D CNN)",
    reference=(
        "Roy, Krishna, Dubey, Chaudhuri (2020): HybridSN: Exploring 3-D–2-D CNN feature hierarchy for"
        " hyperspectral image classification. IEEE Geoscience and Remote Sensing Letters 17(2)."
    ),
    network="hsi_engine.models.networks.hybridsn:HybridSN",
    options=HybridSNOptions,
    consumes="patch",
    variants=MappingProxyType(
        {
            "plain": {"batch_norm": False},
            "batch_norm": {},
            "squeeze_excitation": {"batch_norm": False, "squeeze_excitation": True},
            "batch_norm+squeeze_excitation": {"squeeze_excitation": True},
            "groups": {"groups": 4},
        }
    ),
    suggested=MappingProxyType(
        {
            "reduction": "mnf",
            "components": 20,
            "whiten": 0.5,
            "patch_size": 15,
            # 40 passes over up to 1,600 samples, fewer over more.
            "epochs": 40,
            "most_steps": 2000,
            "fewest_draws": 20,
            "surround_dropout": 0.3,
            "batch_size": 32,
            "learning_rate": 2e-3,
            "weight_decay": 0.01,
            "label_smoothing": 0.05,
        }
    ),
    least_components=13,
    patch_sizes=(9, 99),
    parameters=1_005_816,
    simplicity=60,
)
