"""The multi-scale 3-D CNN of He, Li, Chen (2017)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from ....errors import ParameterError
from ...architectures.baselines.m3d_cnn import M3DCNNOptions
from ..patch_network import PatchNetwork
from ..window_heads import StridedHead
from .cnn_3d import channels_of

_CHANNELS = 16
_KERNELS = (1, 3, 5, 11)
_LEAST_BANDS = 23
# What the first and the last convolution use up in space.
_LOST_PIXELS = 3


class MultiScale(nn.Module):
    """Kernels of four lengths along the spectrum, summed."""

    def __init__(self) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Conv3d(_CHANNELS, _CHANNELS, (length, 1, 1), padding=(length // 2, 0, 0)) for length in _KERNELS
        )

    def forward(self, volume: Tensor) -> Tensor:
        first, *others = (branch(volume) for branch in self.branches)
        total: Tensor = sum(others, first)
        return total.relu()


class M3DFeatures(nn.Module):
    """(n, bands, h, w) → (n, channels, rows, cols), pooled over 2×2 px with stride on patches.

    Parameters
    ----------
    step : 2 on patches; 1 for the features of every pixel of a tile, of which those of a patch are every second.
    """

    def __init__(self, step: int = 2) -> None:
        super().__init__()
        self.first = nn.Conv3d(1, _CHANNELS, (11, 3, 3), stride=(3, 1, 1))
        self.scales = nn.Sequential(MultiScale(), MultiScale())
        self.last = nn.Conv3d(_CHANNELS, _CHANNELS, (3, 2, 2))
        self.step = step

    def forward(self, patches: Tensor) -> Tensor:
        volume = self.scales(self.first(patches.unsqueeze(1)).relu())
        volume = functional.max_pool3d(self.last(volume).relu(), (3, 2, 2), stride=(3, self.step, self.step))
        return volume.flatten(1, 2)


class M3DCNN(PatchNetwork):
    """A convolution that sees space and spectrum, two multi-scale blocks along the spectrum, one more, pooling, linear.

    Raises
    ------
    ParameterError : fewer than 23 bands.
    """

    features: M3DFeatures

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: M3DCNNOptions) -> None:
        super().__init__()
        if n_components < _LEAST_BANDS:
            raise ParameterError(
                f"M3D-CNN needs at least {_LEAST_BANDS} bands or components: its kernels and pooling along the spectrum"
                f" use up {_LEAST_BANDS - 1}; found {n_components}.",
                code="too_few_components",
                hint="Use more bands or components, or another model.",
            )
        self.features = M3DFeatures()
        self.head = StridedHead(
            channels=channels_of(self.features, n_components, patch_size),
            rows=(patch_size - _LOST_PIXELS) // 2,
            stride=2,
            window=patch_size - _LOST_PIXELS - 1,
            hidden=(),
            n_classes=n_classes,
            dropout=options.dropout,
        )

    def tile_features(self) -> M3DFeatures:
        without_stride = M3DFeatures(step=1)
        without_stride.first, without_stride.scales, without_stride.last = (
            self.features.first,
            self.features.scales,
            self.features.last,
        )
        return without_stride
