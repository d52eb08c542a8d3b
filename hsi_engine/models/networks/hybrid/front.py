"""What the relatives of HybridSN keep of it: its three 3-D convolutions and the 2-D one."""

from __future__ import annotations

from torch import nn

from ....errors import ParameterError
from ..hybridsn import HybridSNFeatures
from ..hybridsn_inference import HybridSNInference
from ..patch_network import PatchNetwork
from ..stacks import Stack, WithoutStride

FRONT_CHANNELS = 64
FRONT_LOST = 8
LEAST_COMPONENTS = 13
HIDDEN = (256, 128)


class HybridRelative(PatchNetwork):
    """The convolutions of HybridSN with batch normalisation, then what makes the relative.

    Parameters
    ----------
    title : its name in a message.
    blocks : layers without stride that belong to the features too; None if all that follows sees the window.

    Raises
    ------
    ParameterError : fewer than 13 components.
    """

    def __init__(self, title: str, n_components: int, blocks: Stack | None = None) -> None:
        super().__init__()
        if n_components < LEAST_COMPONENTS:
            raise ParameterError(
                f"{title} needs at least {LEAST_COMPONENTS} components: its 3-D convolutions use up"
                f" {LEAST_COMPONENTS - 1} along the spectrum; found {n_components}.",
                code="too_few_components",
                hint="Use more components; 15 to 30 are usual.",
            )
        self._front = [HybridSNFeatures(n_components, batch_norm=True)]  # in a list: the weights belong to the features
        self._blocks = [] if blocks is None else [blocks]
        self.features = nn.Sequential(*self._front, *self._blocks) if self._blocks else self._front[0]

    def inference_features(self) -> nn.Module:
        (front,) = self._front
        fast = HybridSNInference(front.spectral, front.spatial)
        return nn.Sequential(fast, *map(WithoutStride, self._blocks)) if self._blocks else fast


def fully_connected(channels: int, n_classes: int, dropout: float) -> nn.Sequential:
    """HybridSN's last layers on a flattened window."""
    first, second = HIDDEN
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(channels, first),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(first, second),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(second, n_classes),
    )
