"""3-D CNN, as data."""

from __future__ import annotations

from pydantic import Field

from ..architecture import Architecture, Options
from ..suggestions import on_bands


class CNN3DOptions(Options):
    """What may vary in 3-D CNN."""

    dropout: float = Field(default=0.5, ge=0, lt=1)


ARCHITECTURE = Architecture(
    name="cnn_3d",
    title="3-D CNN",
    reference=(
        "Ben Hamida, Benoit, Lambert, Ben Amar (2018): 3-D deep learning approach for remote sensing image "
        "classification. IEEE Transactions on Geoscience and Remote Sensing 56(8)."
    ),
    network="hsi_engine.models.networks.baselines.cnn_3d:CNN3D",
    options=CNN3DOptions,
    consumes="patch",
    suggested=on_bands(5),
    least_components=10,
    patch_sizes=(5, 99),
    parameters=45_196,
    simplicity=54,
)
