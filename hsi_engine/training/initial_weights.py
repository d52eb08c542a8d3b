"""The network with which a training begins: untrained, or with the weights of a network that was trained before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..models import registry
from ..models.networks.patch_network import PatchNetwork
from ..models.without_memory import without_memory
from ..runtime.seeds import child_seed


def new_network(
    name: str, options: dict[str, Any], *, n_components: int, patch_size: int, n_classes: int, seed: int
) -> PatchNetwork:
    """An untrained network of the registry whose weights depend on the seed alone.

    Raises
    ------
    ParameterError : as :func:`hsi_engine.models.registry.build`.
    """
    with torch.random.fork_rng():
        torch.manual_seed(child_seed(seed, "weights"))
        return registry.build(name, options, n_components, patch_size, n_classes)


@dataclass(frozen=True, kw_only=True, eq=False)
class Start:
    """Weights of a trained network, for the first step of another training.

    Parameters
    ----------
    weights : ``state_dict`` of a network of the same architecture, options, channels and patch.
    classes : for each class of the new network its index in the old one; None for a new class.
    freeze_features : leave the features as they are, batch statistics too, and train the head alone.
    model_id : of the model file that the weights come from.
    """

    weights: Mapping[str, Tensor]
    classes: tuple[int | None, ...]
    freeze_features: bool
    model_id: str

    def __repr__(self) -> str:
        return f"Start(model_id={self.model_id!r}, classes={self.classes}, freeze_features={self.freeze_features})"


@torch.no_grad()
def begin_with(network: PatchNetwork, start: Start, *, model: str, options: dict[str, Any], n_components: int) -> None:
    """Give an untrained network the weights of ``start``.

    All are taken over but those of single classes, which follow ``start.classes``: a new class keeps its initial weights.

    Parameters
    ----------
    model, options, n_components : what the network was built with.
    """
    state = network.state_dict()
    with without_memory():
        wider = registry.build(model, options, n_components, network.patch_size, len(start.classes) + 1).state_dict()
    # Weights with a row per class grow with another class.
    single = {name for name, value in wider.items() if value.shape != state[name].shape}
    for name, value in state.items():
        old = start.weights[name].to(value.device)
        if name not in single:
            value.copy_(old)
            continue
        for index, old_index in enumerate(start.classes):
            if old_index is not None:
                value[index].copy_(old[old_index])
    if start.freeze_features:
        network.freeze_features()
