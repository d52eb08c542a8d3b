"""The spectral-first network, as data."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from .architecture import Architecture, Options


class SpectralCNNOptions(Options):
    """What may vary in the spectral-first network."""

    batch_norm: bool = True
    dropout: float = Field(default=0.4, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="spectral_cnn",
    title="Spectral-first CNN",
    reference=(
        "This project: 1×1 convolutions along the spectrum, then valid 3×3 convolutions, with the features of the centre"
        " pixel joined to those of its surroundings. See docs/decisions/0009."
    ),
    network="hsi_engine.models.networks.spectral_cnn:SpectralCNN",
    options=SpectralCNNOptions,
    consumes="patch",
    variants=MappingProxyType({"default": {}, "without_batch_norm": {"batch_norm": False}}),
    suggested=MappingProxyType(
        {
            "reduction": "decorrelated",
            "whiten": 0.5,
            "patch_size": 5,
            # About 7 passes over the samples, in 200 to 800 steps.
            "epochs": 7,
            "least_steps": 200,
            "most_steps": 800,
            "batch_size": 64,
            "learning_rate": 3e-3,
            "weight_decay": 0.01,
            "class_weight_power": 0.5,
            "label_smoothing": 0.05,
            "surround_dropout": 0.5,
            "gain": 0.1,
            "noise": 0.05,
        }
    ),
    patch_sizes=(1, 15),
    parameters=93_200,
    simplicity=40,
)
