"""HybridSN: three 3-D convolutions, one 2-D convolution, three fully connected layers (Roy et al. 2020)."""

from __future__ import annotations

from torch import Tensor, nn

from ...errors import ParameterError
from ..architectures.hybridsn import HybridSNOptions
from .grouping import check_groups
from .heads import FlattenHead
from .hybridsn_inference import HybridSNInference
from .patch_network import PatchNetwork
from .window_layers import SqueezeExcitation

# (output channels, kernel along the spectrum) of the 3-D convolutions; all kernels are 3×3 in space.
_SPECTRAL_LAYERS = ((8, 7), (16, 5), (32, 3))
_SPATIAL_CHANNELS = 64
_HIDDEN = (256, 128)

_LOST_COMPONENTS = sum(depth - 1 for _, depth in _SPECTRAL_LAYERS)
_LOST_PIXELS = 2 * (len(_SPECTRAL_LAYERS) + 1)


class HybridSNFeatures(nn.Module):
    """(n, components, h, w) → (n, 64, h − 8, w − 8), valid convolutions only."""

    def __init__(self, n_components: int, *, batch_norm: bool, groups: int = 1) -> None:
        super().__init__()
        spectral: list[nn.Module] = []
        channels = 1
        for width, depth in _SPECTRAL_LAYERS:
            # A convolution before a batch normalisation needs no bias: the shift takes its place.
            apart = 1 if channels == 1 else groups
            spectral.append(nn.Conv3d(channels, width, (depth, 3, 3), groups=apart, bias=not batch_norm))
            if batch_norm:
                spectral.append(nn.BatchNorm3d(width))
            spectral.append(nn.ReLU(inplace=True))
            channels = width
        folded = channels * (n_components - _LOST_COMPONENTS)
        spatial: list[nn.Module] = [nn.Conv2d(folded, _SPATIAL_CHANNELS, 3, groups=groups, bias=not batch_norm)]
        if batch_norm:
            spatial.append(nn.BatchNorm2d(_SPATIAL_CHANNELS))
        spatial.append(nn.ReLU(inplace=True))
        self.spectral = nn.Sequential(*spectral)
        self.spatial = nn.Sequential(*spatial)

    def forward(self, patches: Tensor) -> Tensor:
        volume = self.spectral(patches.unsqueeze(1))
        features: Tensor = self.spatial(volume.flatten(1, 2))
        return features


class HybridSN(PatchNetwork):
    """The network of the paper: 5,122,176 parameters at 30 components, 25×25 pixels and 16 classes.

    Options add batch normalisation after every convolution, a squeeze-and-excitation gate (reduction 16; Hu, Shen, Sun 2018)
    after the 2-D convolution, and groups of channels that all convolutions but the first keep apart (Krizhevsky et al. 2012).

    Raises
    ------
    ParameterError : fewer than 13 components, or groups that do not divide the channels.
    """

    features: HybridSNFeatures

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: HybridSNOptions) -> None:
        super().__init__()
        if n_components <= _LOST_COMPONENTS:
            raise ParameterError(
                f"HybridSN needs at least {_LOST_COMPONENTS + 1} components: its 3-D convolutions use up"
                f" {_LOST_COMPONENTS} along the spectrum; found {n_components}.",
                code="too_few_components",
                hint="Use more components; the paper uses 15 to 30.",
            )
        check_groups("HybridSN", options.groups, (*(width for width, _ in _SPECTRAL_LAYERS), _SPATIAL_CHANNELS))
        self.features = HybridSNFeatures(n_components, batch_norm=options.batch_norm, groups=options.groups)
        self.head = FlattenHead(
            channels=_SPATIAL_CHANNELS,
            window=patch_size - _LOST_PIXELS,
            hidden=_HIDDEN,
            n_classes=n_classes,
            dropout=options.dropout,
            gate=SqueezeExcitation(_SPATIAL_CHANNELS) if options.squeeze_excitation else None,
        )

    def inference_features(self) -> HybridSNInference:
        return HybridSNInference(self.features.spectral, self.features.spatial)
