"""SSRN: residual blocks along the spectrum, then in space (Zhong et al. 2018)."""

from __future__ import annotations

from torch import Tensor, nn

from ....errors import ParameterError
from ...architectures.baselines.ssrn import SSRNOptions
from ..patch_network import PatchNetwork
from ..window_heads import WindowHead

_CHANNELS, _FOLDED = 24, 128
_KERNEL = 7


class SpectralBlock(nn.Module):
    """x + two convolutions of 7 along the spectrum, padded."""

    def __init__(self) -> None:
        super().__init__()
        kernel, padding = (_KERNEL, 1, 1), (_KERNEL // 2, 0, 0)
        self.body = nn.Sequential(
            nn.Conv3d(_CHANNELS, _CHANNELS, kernel, padding=padding, bias=False),
            nn.BatchNorm3d(_CHANNELS),
            nn.ReLU(),
            nn.Conv3d(_CHANNELS, _CHANNELS, kernel, padding=padding, bias=False),
            nn.BatchNorm3d(_CHANNELS),
        )

    def forward(self, volume: Tensor) -> Tensor:
        out: Tensor = (volume + self.body(volume)).relu()
        return out


class SpatialBlock(nn.Module):
    """x + two 3×3 convolutions, padded with zeros at the edge of the window."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(_CHANNELS, _CHANNELS, 3, padding=1, bias=False),
            nn.BatchNorm2d(_CHANNELS),
            nn.ReLU(),
            nn.Conv2d(_CHANNELS, _CHANNELS, 3, padding=1, bias=False),
            nn.BatchNorm2d(_CHANNELS),
        )

    def forward(self, image: Tensor) -> Tensor:
        out: Tensor = (image + self.body(image)).relu()
        return out


class SSRNFeatures(nn.Module):
    """(n, bands, h, w) → (n, 24, h − 2, w − 2): all that does not depend on where the window ends."""

    def __init__(self, n_bands: int) -> None:
        super().__init__()
        depth = (n_bands - _KERNEL) // 2 + 1
        self.spectral = nn.Sequential(
            nn.Conv3d(1, _CHANNELS, (_KERNEL, 1, 1), stride=(2, 1, 1), bias=False),
            nn.BatchNorm3d(_CHANNELS),
            nn.ReLU(),
            SpectralBlock(),
            SpectralBlock(),
            nn.Conv3d(_CHANNELS, _FOLDED, (depth, 1, 1), bias=False),
            nn.BatchNorm3d(_FOLDED),
            nn.ReLU(),
        )
        self.spatial = nn.Sequential(nn.Conv2d(_FOLDED, _CHANNELS, 3, bias=False), nn.BatchNorm2d(_CHANNELS), nn.ReLU())

    def forward(self, patches: Tensor) -> Tensor:
        features: Tensor = self.spatial(self.spectral(patches.unsqueeze(1))[:, :, 0])
        return features


class WindowMean(nn.Module):
    """The mean of each channel over the window."""

    def forward(self, image: Tensor) -> Tensor:
        return image.mean(dim=(2, 3))


class SSRN(PatchNetwork):
    """Two residual blocks along the spectrum, two in space, mean over the window, dropout, linear.

    The blocks in space pad the window with zeros, as in the paper: they run on each window alone.

    Raises
    ------
    ParameterError : fewer than 7 bands.
    """

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: SSRNOptions) -> None:
        super().__init__()
        if n_components < _KERNEL:
            raise ParameterError(
                f"SSRN needs at least {_KERNEL} bands or components, the length of its first kernel; found"
                f" {n_components}.",
                code="too_few_components",
                hint="Use more bands or components, or another model.",
            )
        self.features = SSRNFeatures(n_components)
        self.head = WindowHead(
            channels=_CHANNELS,
            window=patch_size - 2,
            layers=nn.Sequential(
                SpatialBlock(),
                SpatialBlock(),
                WindowMean(),
                nn.Dropout(options.dropout),
                nn.Linear(_CHANNELS, n_classes),
            ),
        )
