"""What every network and every classifier of spectra of the engine has in common."""

from __future__ import annotations

from typing import Any, TypeVar

from torch import Tensor, nn

_Network = TypeVar("_Network", bound="PatchNetwork")


class PatchNetwork(nn.Module):
    """A module that classifies the centre pixel of a patch.

    Attributes
    ----------
    features : (n, components, p, p) → (n, channels, q, q); also any larger height and width. May have a stride on patches.
    head : (n, channels, q, q) → (n, classes), scores whose softmax are the probabilities.
    patch_size : p, edge of a patch in pixels.
    dense : whether both keep the contract of :mod:`hsi_engine.models.registry`.
    features_frozen : whether training leaves ``features`` as they are.
    couples_batch : whether :meth:`learn` adds a loss that joins the pixels of a batch, which one process then has to see
        whole.

    The registry sets ``patch_size`` and ``dense``.
    """

    features: nn.Module
    head: nn.Module
    patch_size: int
    dense: bool = True
    features_frozen: bool = False
    couples_batch: bool = False

    def freeze_features(self) -> None:
        """Train the head alone: the weights and the batch statistics of ``features`` stay as they are."""
        self.features_frozen = True
        self.features.requires_grad_(False)
        self.features.eval()

    def train(self: _Network, mode: bool = True) -> _Network:
        """As in torch, but frozen features stay in eval mode."""
        super().train(mode)
        if self.features_frozen:
            self.features.eval()
        return self

    def tile_features(self) -> nn.Module:
        """``features`` in the form that gives those of every pixel of a tile; a network with a stride returns another."""
        return self.features

    def inference_features(self) -> nn.Module:
        """:meth:`tile_features` in eval mode in the form that runs fastest; a network that knows one returns it."""
        return self.tile_features()

    def projected(self) -> tuple[Tensor, PatchNetwork] | None:
        """The first layer as a matrix (width, components), and a network that takes its products; in eval mode.

        Only a network whose first layer is linear and sees single pixels has such a form. The matrix can then be
        applied with the preprocessing, so that fewer channels have to be held; zero stays zero.
        """
        return None

    def check_state(self) -> str:
        """What is wrong with the values of the weights beyond their shapes, as a sentence; empty if nothing is.

        Classifiers whose weights are indices check them here, because a model file may come from anywhere.
        """
        return ""

    def learn(self, patches: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of training patches, and what a network adds to the loss of these: nothing, unless it says otherwise.

        Parameters
        ----------
        patches, classes : float32 (n, components, p, p) and int64 (n,).
        """
        return self._scores(patches), patches.new_zeros(())

    def forward(self, patches: Tensor, classes: Tensor | None = None) -> Any:
        """Scores (n, classes) of patches (n, components, p, p); with classes, what :meth:`learn` returns.

        The softmax belongs to the loss.
        """
        return self._scores(patches) if classes is None else self.learn(patches, classes)

    def _scores(self, patches: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(patches))
        return logits
