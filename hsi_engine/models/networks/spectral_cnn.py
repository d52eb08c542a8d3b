"""The spectral-first network: what a pixel is by its spectrum first, its surroundings second."""

from __future__ import annotations

import itertools
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..architectures.spectral_cnn import SpectralCNNOptions
from .fusion import fused
from .heads import PixelHead
from .patch_network import PatchNetwork

_SPECTRAL_WIDTHS = (64, 64)
_SPATIAL_WIDTH = 64


class SpectralCNNFeatures(nn.Module):
    """(n, channels, h, w) → (n, 64 or 128, h − 2l, w − 2l) with l valid 3×3 convolutions.

    The last channels are those of the pixel itself, before any surroundings were seen.
    """

    def __init__(self, channels: int, *, layers: int, batch_norm: bool) -> None:
        super().__init__()
        self.spectral = _stack((channels, *_SPECTRAL_WIDTHS), kernel=1, batch_norm=batch_norm)
        widths = (_SPECTRAL_WIDTHS[-1], *(_SPATIAL_WIDTH,) * layers)
        self.spatial = _stack(widths, kernel=3, batch_norm=batch_norm)
        self.layers = layers

    def forward(self, patches: Tensor) -> Tensor:
        spectra: Tensor = self.spectral(patches)
        if not self.layers:
            return spectra
        centre = spectra[:, :, self.layers : -self.layers, self.layers : -self.layers]
        return torch.cat([self.spatial(spectra), centre], dim=1)


class SpectralCNN(PatchNetwork):
    """Two 1×1 convolutions of 64 channels, (p − 1) / 2 valid 3×3 convolutions of 64, one linear layer.

    The linear layer sees the features of the last convolution and those of the centre pixel alone. A patch of one
    pixel gives a network of spectra.
    """

    features: SpectralCNNFeatures

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: SpectralCNNOptions) -> None:
        super().__init__()
        layers = patch_size // 2
        self.features = SpectralCNNFeatures(n_components, layers=layers, batch_norm=options.batch_norm)
        width = _SPECTRAL_WIDTHS[-1] + (_SPATIAL_WIDTH if layers else 0)
        self.head = PixelHead(
            channels=width,
            layers=nn.Sequential(nn.Dropout(options.dropout), nn.Linear(width, n_classes)),
            macs_px=width * n_classes,
        )

    def inference_features(self) -> SpectralCNNInference:
        return SpectralCNNInference(self.features)

    def projected(self) -> tuple[Tensor, PatchNetwork]:
        features = SpectralCNNInference(self.features, first_is_applied=True)
        rest = PatchNetwork()
        rest.features, rest.head = features, self.head
        rest.patch_size, rest.dense = self.patch_size, self.dense
        return features.first, rest


class SpectralCNNInference(nn.Module):
    """The features in eval mode with batch normalisations folded in and channels last in memory; the same numbers.

    Parameters
    ----------
    first_is_applied : the channels that come in are products with :attr:`first` already.

    Attributes
    ----------
    first : weights of the first layer, (width, channels).
    """

    def __init__(self, features: SpectralCNNFeatures, *, first_is_applied: bool = False) -> None:
        super().__init__()
        self._first_is_applied = first_is_applied
        first, *others = fused(features.spectral)
        self.first = first.weight[:, :, 0, 0].detach()
        # Each convolution has a bias here: its own, or that of the normalisation that was folded into it.
        self._offsets = cast(Tensor, first.bias).detach()[:, None]
        self._others = [(layer.weight[:, :, 0, 0], layer.bias) for layer in others]
        self._spatial = [
            (layer.weight.contiguous(memory_format=torch.channels_last), layer.bias)
            for layer in fused(features.spatial)
        ]

    def forward(self, patches: Tensor) -> Tensor:
        n, channels, height, width = patches.shape
        flat = patches.reshape(n, channels, -1)
        # A 1×1 convolution is a product with the channels of all pixels at once.
        pixels = (
            flat + self._offsets
            if self._first_is_applied
            else torch.baddbmm(self._offsets, self.first.expand(n, -1, -1), flat)
        )
        pixels = pixels.relu_().transpose(1, 2)
        for weight, bias in self._others:
            pixels = functional.linear(pixels, weight, bias).relu_()
        spectra = pixels.view(n, height, width, -1).permute(0, 3, 1, 2)
        if not self._spatial:
            return spectra
        image = spectra
        for weight, bias in self._spatial:
            image = functional.conv2d(image, weight, bias).relu_()
        layers = len(self._spatial)
        return torch.cat([image, spectra[:, :, layers:-layers, layers:-layers]], dim=1)


def _stack(widths: tuple[int, ...], *, kernel: int, batch_norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(widths):
        # A convolution before a batch normalisation needs no bias: the shift takes its place.
        layer = nn.Conv2d(before, after, kernel, bias=not batch_norm)
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        layers.append(layer)
        if batch_norm:
            layers.append(nn.BatchNorm2d(after))
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)
