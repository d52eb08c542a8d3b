"""The optimizer of a training run."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch.optim import AdamW

from ..models.networks.patch_network import PatchNetwork
from .config import TrainingConfig

# The torch from which on AdamW updates weights and moments in one pass over memory on a kind of device.
_ONE_PASS_SINCE = {"cuda": (2, 0), "cpu": (2, 4), "mps": (2, 5)}


class EagerAdamW(AdamW):
    """AdamW (Loshchilov and Hutter 2019) that does not load the compiler of torch.

    torch wraps these methods, so that a compiler leaves them alone; their first call loads all of the compiler, which takes
    as long as torch itself. Nothing is compiled here.
    """

    add_param_group = inspect.unwrap(AdamW.add_param_group)
    load_state_dict = inspect.unwrap(AdamW.load_state_dict)
    state_dict = inspect.unwrap(AdamW.state_dict)
    zero_grad = inspect.unwrap(AdamW.zero_grad)
    step = torch.no_grad()(inspect.unwrap(AdamW.step))


def new_optimizer(network: PatchNetwork, config: TrainingConfig) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter 2019) for a network that lies on its device already.

    Biases and normalisations do not decay. Frozen weights are left out. Without weight decay this is Adam. If torch can,
    weights and moments are updated in one pass; the result is the same up to rounding.
    """
    one_pass = updates_in_one_pass(next(network.parameters()).device.type, torch.__version__)
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    matrices = [parameter for parameter in trained if parameter.ndim > 1]
    others = [parameter for parameter in trained if parameter.ndim < 2]
    groups: list[dict[str, Any]] = [{"params": matrices}, {"params": others, "weight_decay": 0.0}]
    return EagerAdamW(
        groups,
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
        fused=one_pass,
        foreach=not one_pass,
    )


def updates_in_one_pass(device_type: str, torch_version: str) -> bool:
    """Whether a torch such as ``"2.4.1+cpu"`` has the update in one pass for ``cuda``, ``cpu``, ``mps``, …"""
    since = _ONE_PASS_SINCE.get(device_type)
    return since is not None and tuple(int(part) for part in torch_version.split(".")[:2]) >= since
