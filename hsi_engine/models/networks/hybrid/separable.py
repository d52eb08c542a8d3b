"""HybridSN with depthwise separable convolutions in the place of the full ones (after MobileNets; Howard et al. 2017)."""

from __future__ import annotations

from torch import Tensor, nn

from ....errors import ParameterError
from ...architectures.hybrid.hybridsn_separable import SeparableOptions
from ..patch_network import PatchNetwork
from ..window_heads import DepthwiseHead
from .front import FRONT_LOST, LEAST_COMPONENTS
from .separable_inference import SeparableInference

# (output channels, kernel along the spectrum) of the 3-D convolutions of HybridSN, and the channels of its 2-D one.
_SPECTRAL_LAYERS = ((8, 7), (16, 5), (32, 3))
_SPATIAL_CHANNELS = 64
_HIDDEN = 128
_SUMS = 4


class SeparableFeatures(nn.Module):
    """(n, components, h, w) → (n, width, h − 8, w − 8). As in MobileNets the first convolution is a full one."""

    def __init__(self, n_components: int, width_multiplier: float) -> None:
        super().__init__()
        widths = [max(1, round(width * width_multiplier)) for width, _ in _SPECTRAL_LAYERS]
        (_, first_depth), *others = _SPECTRAL_LAYERS
        layers: list[nn.Module] = [
            nn.Conv3d(1, widths[0], (first_depth, 3, 3), bias=False),
            nn.BatchNorm3d(widths[0]),
            nn.ReLU(),
        ]
        for (_, depth), before, after in zip(others, widths, widths[1:], strict=False):
            layers += [
                nn.Conv3d(before, before, (depth, 3, 3), groups=before, bias=False),
                nn.BatchNorm3d(before),
                nn.ReLU(),
                nn.Conv3d(before, after, 1, bias=False),
                nn.BatchNorm3d(after),
                nn.ReLU(),
            ]
        self.spectral = nn.Sequential(*layers)
        folded = widths[-1] * (n_components - LEAST_COMPONENTS + 1)
        self.width = max(1, round(_SPATIAL_CHANNELS * width_multiplier))
        self.spatial = nn.Sequential(
            nn.Conv2d(folded, folded, 3, groups=folded, bias=False),
            nn.BatchNorm2d(folded),
            nn.ReLU(),
            nn.Conv2d(folded, self.width, 1, bias=False),
            nn.BatchNorm2d(self.width),
            nn.ReLU(),
        )

    def forward(self, patches: Tensor) -> Tensor:
        features: Tensor = self.spatial(self.spectral(patches.unsqueeze(1)).flatten(1, 2))
        return features


class Separable(PatchNetwork):
    """Depthwise separable 3-D and 2-D convolutions, and a separable window layer in the place of the first dense one.

    Raises
    ------
    ParameterError : fewer than 13 components.
    """

    features: SeparableFeatures

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: SeparableOptions) -> None:
        super().__init__()
        if n_components < LEAST_COMPONENTS:
            raise ParameterError(
                f"The separable HybridSN needs at least {LEAST_COMPONENTS} components: its 3-D convolutions use up"
                f" {LEAST_COMPONENTS - 1} along the spectrum; found {n_components}.",
                code="too_few_components",
                hint="Use more components; 15 to 30 are usual.",
            )
        self.features = SeparableFeatures(n_components, options.width_multiplier)
        self.head = DepthwiseHead(
            channels=self.features.width,
            window=patch_size - FRONT_LOST,
            multiplier=_SUMS,
            hidden=_HIDDEN,
            n_classes=n_classes,
            dropout=options.dropout,
        )

    def inference_features(self) -> SeparableInference:
        return SeparableInference(self.features.spectral, self.features.spatial)
