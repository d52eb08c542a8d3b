"""The network a training run begins with."""

from __future__ import annotations

from typing import Any

import torch

from ..models import registry
from ..models.networks.patch_network import PatchNetwork
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
