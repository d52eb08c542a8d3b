"""2-D CNN, as data."""

from __future__ import annotations

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_components


class CNN2DOptions(Options):
    """What may vary in 2-D CNN."""

    dropout: float = Field(default=0.0, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="cnn_2d",
    title="2-D CNN",
    reference=(
        "Makantasis, Karantzalos, Doulamis, Doulamis (2015): Deep supervised learning for hyperspectral data "
        "classification through convolutional neural networks. IGARSS."
    ),
    network="hsi_engine.models.networks.baselines.cnn_2d:CNN2D",
    options=CNN2DOptions,
    consumes="patch",
    suggested=on_components(5, components=30),
    patch_sizes=(5, 99),
    parameters=295_036,
    simplicity=51,
)
