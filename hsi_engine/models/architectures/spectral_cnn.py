"""The spectral-first network, as data."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from .architecture import Architecture, Options


class SpectralCNNOptions(Options):
    """What may vary in the spectral-first network."""

    batch_norm: bool = False
    dropout: float = Field(default=0.3, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="spectral_cnn",
    title="Spectral-first CNN",
    reference=(
        "This project: 1×1 convolutions along the spectrum, then valid 3×3 convolutions, with the features of the centre"
        " pixel joined to those of its surroundings. See docs/decisions/0008."
    ),
    network="hsi_engine.models.networks.spectral_cnn:SpectralCNN",
    options=SpectralCNNOptions,
    consumes="patch",
    variants=MappingProxyType({"plain": {}, "batch_norm": {"batch_norm": True}}),
    suggested=MappingProxyType(
        {
            "reduction": "bands",
            "patch_size": 5,
            "epochs": 30,
            "batch_size": 64,
            "learning_rate": 2e-3,
            "weight_decay": 0.01,
            "label_smoothing": 0.05,
        }
    ),
    patch_sizes=(1, 15),
    simplicity=40,
)
