"""The 3-D CNN of Ben Hamida et al. (2018)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ....errors import ParameterError
from ...architectures.baselines.cnn_3d import CNN3DOptions
from ..patch_network import PatchNetwork
from ..window_heads import StridedHead

_LOST_PIXELS = 4


class CNN3DFeatures(nn.Module):
    """(n, bands, h, w) → (n, 35 · depth, h − 4, w − 4). Strides run along the spectrum only."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv3d(1, 20, 3),
            nn.ReLU(),
            nn.Conv3d(20, 20, (3, 1, 1), stride=(2, 1, 1), padding=(1, 0, 0)),
            nn.ReLU(),
            nn.Conv3d(20, 35, 3, padding=(1, 0, 0)),
            nn.ReLU(),
            nn.Conv3d(35, 35, (3, 1, 1), stride=(2, 1, 1), padding=(1, 0, 0)),
            nn.ReLU(),
            nn.Conv3d(35, 35, (3, 1, 1), padding=(1, 0, 0)),
            nn.ReLU(),
            nn.Conv3d(35, 35, (2, 1, 1), stride=(2, 1, 1), padding=(1, 0, 0)),
            nn.ReLU(),
        )

    def forward(self, patches: Tensor) -> Tensor:
        volume: Tensor = self.layers(patches.unsqueeze(1))
        return volume.flatten(1, 2)


class CNN3D(PatchNetwork):
    """Four 3-D convolutions, two of them along the spectrum only, and two that halve the spectrum in place of pooling.

    Raises
    ------
    ParameterError : too few bands for the kernels along the spectrum.
    """

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: CNN3DOptions) -> None:
        super().__init__()
        if n_components < 10:
            raise ParameterError(
                f"The 3-D CNN needs at least 10 bands or components: it halves the spectrum three times; found"
                f" {n_components}.",
                code="too_few_components",
                hint="Use more bands or components, or another model.",
            )
        self.features = CNN3DFeatures()
        window = patch_size - _LOST_PIXELS
        self.head = StridedHead(
            channels=channels_of(self.features, n_components, patch_size),
            rows=window,
            stride=1,
            window=window,
            hidden=(),
            n_classes=n_classes,
            dropout=options.dropout,
        )


@torch.no_grad()
def channels_of(features: nn.Module, n_components: int, patch_size: int) -> int:
    """Channels of the features of a patch."""
    return int(features(torch.zeros(1, n_components, patch_size, patch_size)).shape[1])
