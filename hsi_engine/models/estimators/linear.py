"""Linear classifiers: one score per class, a weighted sum of the channels."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from ..architectures.architecture import Options
from ..networks.heads import PixelHead
from ..networks.patch_network import PatchNetwork


class LinearClassifier(PatchNetwork):
    """Scores ``coefficients @ spectrum + intercepts``; their softmax are the probabilities of the classes."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: Options) -> None:
        super().__init__()
        self.features = nn.Identity()
        self.head = PixelHead(
            channels=n_components,
            layers=nn.Linear(n_components, n_classes),
            macs_px=n_components * n_classes,
        )

    def projected(self) -> tuple[Tensor, PatchNetwork]:
        layer = cast(nn.Linear, cast(PixelHead, self.head).layers)
        return layer.weight.detach(), Offsets(layer.bias.detach(), dense=self.dense)


class Offsets(PatchNetwork):
    """The remaining part of a linear classifier once its weights were applied: the intercepts, (classes,)."""

    def __init__(self, intercepts: Tensor, *, dense: bool) -> None:
        super().__init__()
        self.features = nn.Identity()
        self.head = PixelHead(channels=len(intercepts), layers=_Added(intercepts), macs_px=0)
        self.patch_size, self.dense = 1, dense


class _Added(nn.Module):
    numbers: Tensor

    def __init__(self, numbers: Tensor) -> None:
        super().__init__()
        self.register_buffer("numbers", numbers)

    def forward(self, channels: Tensor) -> Tensor:
        total: Tensor = channels + self.numbers
        return total
