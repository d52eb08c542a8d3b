"""A representation shared by two sources: a branch for each, and last layers that both share.

After deep supervised cross-modal retrieval (Zhen, Hu, Wang, Peng 2019), which brings images and sentences into one space. Here
a pixel of a hyperspectral scene and the same pixel of a second raster are brought there, and classified by the mean of
both, or by either of them.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...errors import ParameterError
from ..architectures.two_sources import TwoSourcesOptions
from .heads import PixelHead
from .patch_network import PatchNetwork
from .spectral_cnn import SpectralCNNFeatures

_WIDTH = 64
_SECOND_WIDTH = 32
# Cosines of representations that vanish are 0.
_LEAST_NORM = 1e-6


class Branch(nn.Module):
    """(n, channels, h, w) → (n, 64, h − 2l, w − 2l): features of one source, then a 1×1 layer with ReLU.

    Parameters
    ----------
    features : (n, channels, h, w) → (n, ``width``, h − 2l, w − 2l).
    """

    def __init__(self, features: nn.Module, width: int) -> None:
        super().__init__()
        self.features = features
        self.last = nn.Sequential(nn.Conv2d(width, _WIDTH, 1), nn.ReLU())

    def forward(self, channels: Tensor) -> Tensor:
        out: Tensor = self.last(self.features(channels))
        return out


class TwoBranches(nn.Module):
    """(n, channels of both, h, w) → (n, 64 or 128, h − 2l, w − 2l): what each source that is there makes of itself.

    Parameters
    ----------
    channels : of the scene, and of the second raster; 0 for a source that the network does without.
    """

    def __init__(self, channels: tuple[int, int], *, layers: int) -> None:
        super().__init__()
        self._scene_channels, second = channels
        self.scene: Branch | None = None
        self.second: Branch | None = None
        if self._scene_channels:
            features = SpectralCNNFeatures(self._scene_channels, layers=layers, batch_norm=True)
            self.scene = Branch(features, 2 * _WIDTH if layers else _WIDTH)
        if second:
            self.second = Branch(SecondFeatures(second, layers=layers), (2 if layers else 1) * _SECOND_WIDTH)

    def forward(self, patches: Tensor) -> Tensor:
        parts = []
        if self.scene is not None:
            parts.append(self.scene(patches[:, : self._scene_channels]))
        if self.second is not None:
            parts.append(self.second(patches[:, self._scene_channels :]))
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)


class SecondFeatures(nn.Module):
    """(n, bands, h, w) → (n, 32 or 64, h − 2l, w − 2l): a 1×1 layer, l valid 3×3 convolutions, and the centre pixel.

    Few bands say more with their surroundings than alone: slope and texture are differences of neighbours.
    """

    def __init__(self, bands: int, *, layers: int) -> None:
        super().__init__()
        self.layers = layers
        self.pixel = _block(bands, 1)
        self.spatial = nn.Sequential(*(_block(bands if i == 0 else _SECOND_WIDTH, 3) for i in range(layers)))

    def forward(self, image: Tensor) -> Tensor:
        if not self.layers:
            out: Tensor = self.pixel(image)
            return out
        centre = image[:, :, self.layers : -self.layers, self.layers : -self.layers]
        return torch.cat([self.spatial(image), self.pixel(centre)], dim=1)


class SharedLayers(nn.Module):
    """The layers that both sources share: (…, 64 per source) → (…, classes).

    Attributes
    ----------
    common : from the last features of a source into the common space.
    classify : from the common space to scores.
    """

    def __init__(self, sources: int, n_classes: int, dropout: float) -> None:
        super().__init__()
        self.sources = sources
        self.common = nn.Linear(_WIDTH, _WIDTH)
        self.dropout = nn.Dropout(dropout)
        self.classify = nn.Linear(_WIDTH, n_classes)

    def represent(self, features: Tensor) -> Tensor:
        """(…, 64 per source) → (sources, …, 64): each source in the common space."""
        return torch.stack([self.common(part) for part in features.chunk(self.sources, dim=-1)])

    def score(self, representation: Tensor) -> Tensor:
        """(…, 64) → (…, classes)."""
        logits: Tensor = self.classify(self.dropout(representation))
        return logits

    def forward(self, features: Tensor) -> Tensor:
        return self.score(self.represent(features).mean(dim=0))


class TwoSources(PatchNetwork):
    """A branch for each source, one linear layer into a common space and one to the scores, both shared.

    The last ``second_bands`` channels are those of the second raster. With as many of them as there are channels the
    second raster is classified alone, with none of them the scene; the weights of the shared layers and of the branch
    are the same in all three cases.
    """

    features: TwoBranches
    head: PixelHead
    couples_batch = True

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: TwoSourcesOptions) -> None:
        super().__init__()
        second = options.second_bands
        if second > n_components:
            raise ParameterError(
                f"A network of two sources cannot take the last {second} of {n_components} channels for its second source.",
                code="second_bands",
            )
        channels = (n_components - second, second)
        sources = sum(count > 0 for count in channels)
        self._options = options
        self.features = TwoBranches(channels, layers=patch_size // 2)
        self.head = PixelHead(
            channels=sources * _WIDTH,
            layers=SharedLayers(sources, n_classes, options.dropout),
            macs_px=sources * _WIDTH**2 + _WIDTH * n_classes,
        )

    def learn(self, patches: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of training patches, of some by one source alone, and λ·J2 + η·J3 of Zhen et al. (2019)."""
        shared, options = cast(SharedLayers, self.head.layers), self._options
        both = shared.represent(self.features(patches)[:, :, 0, 0])
        if len(both) == 1:
            return shared.score(both[0]), both.new_zeros(())
        logits = shared.score(_mean_of_present(both, options.modality_dropout))
        added = options.common_weight * common_space_loss(both[0], both[1], classes)
        return logits, added + options.invariance_weight * invariance_loss(both[0], both[1])


def common_space_loss(first: Tensor, second: Tensor, classes: Tensor) -> Tensor:
    """J2 of Zhen et al. (2019): pixels of one class are alike in the common space, within each source and between both.

    The negative log-likelihood that two pixels are of one class, with half the cosine of their representations as
    logit; the mean over all pairs, summed over scene and second raster, scene and scene, second raster and second raster.

    Parameters
    ----------
    first, second : representations of the two sources, (n, d).
    classes : int64 (n,).
    """
    same = (classes[:, None] == classes[None, :]).to(first.dtype)
    pairs = ((first, second), (first, first), (second, second))
    losses = [functional.softplus(logit) - same * logit for a, b in pairs for logit in [_half_cosine(a, b)]]
    return torch.stack([loss.mean() for loss in losses]).sum()


def invariance_loss(first: Tensor, second: Tensor) -> Tensor:
    """J3 of Zhen et al. (2019): the mean distance between the two representations, (n, d) each, of a pixel."""
    distance: Tensor = torch.linalg.vector_norm(first - second, dim=1).mean()
    return distance


def _half_cosine(a: Tensor, b: Tensor) -> Tensor:
    lengths = (torch.linalg.vector_norm(side, dim=1, keepdim=True) for side in (a, b))
    norms = next(lengths) @ next(lengths).T
    half: Tensor = a @ b.T / norms.clamp(min=_LEAST_NORM) / 2
    return half


def _mean_of_present(both: Tensor, share: float) -> Tensor:
    """The mean over the sources that a pixel has: both, but for ``share`` of the pixels, which have one.

    Parameters
    ----------
    both : (2, n, d).

    Returns
    -------
    (n, d).
    """
    if not share:
        return both.mean(dim=0)
    # Drawn on the CPU, so that the draws do not depend on the device.
    draws = torch.rand(both.shape[1]).to(both.device)
    present = torch.stack([draws >= share / 2, (draws < share / 2) | (draws >= share)]).to(both.dtype)[:, :, None]
    return (both * present).sum(dim=0) / present.sum(dim=0)


def _block(before: int, kernel: int) -> nn.Sequential:
    """A valid convolution to 32 channels, batch normalisation, ReLU."""
    layer = nn.Conv2d(before, _SECOND_WIDTH, kernel, bias=False)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return nn.Sequential(layer, nn.BatchNorm2d(_SECOND_WIDTH), nn.ReLU())
