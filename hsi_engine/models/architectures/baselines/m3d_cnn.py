"""M3D-CNN, as data."""

from __future__ import annotations

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_bands


class M3DCNNOptions(Options):
    """What may vary in M3D-CNN."""

    dropout: float = Field(default=0.5, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="m3d_cnn",
    title="M3D-CNN (multi-scale 3-D CNN)",
    reference=(
        "He, Li, Chen (2017): Multi-scale 3D deep convolutional neural network for hyperspectral image "
        "classification. ICIP."
    ),
    network="hsi_engine.models.networks.baselines.m3d_cnn:M3DCNN",
    options=M3DCNNOptions,
    consumes="patch",
    suggested=on_bands(7),
    least_components=23,
    patch_sizes=(7, 99),
    parameters=35_552,
    simplicity=55,
)
