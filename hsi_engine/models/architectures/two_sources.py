"""The network of two sources, as data."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from .architecture import Architecture, Options


class TwoSourcesOptions(Options):
    """What may vary in the network of two sources; ``second_bands`` follows from the second raster.

    ``modality_dropout`` is the share of training pixels that one source alone has to classify, each source as often as
    the other. ``common_weight`` is λ and ``invariance_weight`` η of Zhen et al. (2019).
    """

    modality_dropout: float = Field(default=0.0, ge=0, lt=1)
    common_weight: float = Field(default=0.001, ge=0)
    invariance_weight: float = Field(default=0.1, ge=0)
    dropout: float = Field(default=0.4, ge=0, lt=1)
    second_bands: int = Field(default=1, ge=0, json_schema_extra={"follows": True})


ARCHITECTURE = Architecture(
    name="two_sources",
    title="Two sources in a common space",
    reference=(
        "After the idea of Zhen, Hu, Wang, Peng (2019): Deep supervised cross-modal retrieval. CVPR. Here a branch for each"
        " raster and shared last layers; see docs/decisions/0016."
    ),
    network="hsi_engine.models.networks.two_sources:TwoSources",
    options=TwoSourcesOptions,
    consumes="patch",
    variants=MappingProxyType(
        {
            "default": {},
            "four_bands": {"second_bands": 4, "modality_dropout": 0.3},
            "scene_alone": {"second_bands": 0},
            "second_alone": {"second_bands": 13},
        }
    ),
    suggested=MappingProxyType(
        {
            "reduction": "decorrelated",
            "whiten": 0.5,
            "patch_size": 5,
            "epochs": 10,
            "least_steps": 300,
            "most_steps": 1000,
            "batch_size": 64,
            "learning_rate": 3e-3,
            "weight_decay": 0.01,
            "class_weight_power": 0.5,
            "label_smoothing": 0.05,
            "surround_dropout": 0.3,
            "gain": 0.1,
            "noise": 0.05,
        }
    ),
    patch_sizes=(1, 15),
    parameters=118_416,
    simplicity=59,
    second_source=True,
)
