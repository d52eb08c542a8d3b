"""Linear classifiers: one score per class, a weighted sum of the channels."""

from __future__ import annotations

from torch import nn

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
            multiply_adds_px=n_components * n_classes,
        )
