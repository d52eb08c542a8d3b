"""The members of a model on a device, and the mean of what they say."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from ..bundle.model_bundle import Member, ModelBundle
from ..models import registry
from ..models.networks.heads import DenseHead
from ..models.networks.patch_network import PatchNetwork
from .dense import DenseNetwork, can_run_densely, patchwise_logits


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadyMember:
    """A member whose module lies on the device that computes.

    Parameters
    ----------
    network : in eval mode.
    channels : the channels of the preprocessing that it sees.
    temperature, share : as in :class:`hsi_engine.bundle.model_bundle.Member`.
    """

    network: PatchNetwork
    channels: slice
    temperature: float
    share: float

    def __getstate__(self) -> dict[str, Any]:
        """What another process gets: it prepares the network for whole tiles itself, to the same numbers."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def radius(self) -> int:
        """Pixels between the centre of a patch and its border."""
        return self.network.patch_size // 2

    @cached_property
    def dense(self) -> DenseNetwork | None:
        """The network prepared for whole tiles; None if it has to be run patch by patch."""
        return DenseNetwork(self.network) if can_run_densely(self.network) else None

    def logits(self, padded: Tensor, inset: int) -> Tensor:
        """Scores (classes, rows, cols), divided by the temperature.

        Parameters
        ----------
        padded : (channels of all branches, rows + 2 · margin, cols + 2 · margin).
        inset : pixels of the margin that this member does not need.
        """
        inner = slice(inset, -inset or None)
        tile = padded[self.channels, inner, inner]
        logits = patchwise_logits(self.network, tile) if self.dense is None else self.dense.logits(tile)
        logits = logits.float()
        return logits if self.temperature == 1 else logits / self.temperature

    @property
    def window_channels(self) -> int:
        """Channels of the features that are held for a whole tile."""
        head = self.network.head
        return head.channels if isinstance(head, DenseHead) else 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Classifier:
    """One member, or several whose probabilities are averaged.

    Parameters
    ----------
    members : at least one.
    """

    members: tuple[ReadyMember, ...]

    @property
    def radius(self) -> int:
        """Pixels between a pixel and the border of the largest patch."""
        return max(member.radius for member in self.members)

    @torch.inference_mode()
    def probabilities(self, padded: Tensor) -> Tensor:
        """Probabilities float32 (classes, rows, cols).

        Parameters
        ----------
        padded : float32 (channels, rows + 2 · radius, cols + 2 · radius) on the device.
        """
        if len(self.members) == 1:
            return self.members[0].logits(padded, 0).softmax(dim=0)
        shares = sum(member.share for member in self.members)
        total = torch.zeros(())
        for member in self.members:
            logits = member.logits(padded, self.radius - member.radius)
            total = total.to(logits.device) + member.share / shares * logits.softmax(dim=0)
        return total


def ready_network(member: Member, bundle: ModelBundle) -> PatchNetwork:
    """The network of a member with its weights, in eval mode on the CPU."""
    network = registry.build(
        member.architecture,
        member.options,
        bundle.preprocessing.branches[member.branch].n_components,
        member.patch_size,
        len(bundle.legend),
    )
    network.load_state_dict(member.weights)
    return network.eval()
