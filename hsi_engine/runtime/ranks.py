"""Processes that train one network together: which of them this is, and what they exchange.

Each process is a *rank*, counted from 0; the first one alone writes and reports. They run on one machine, one per GPU, or
several on the CPU. A process that trains alone is ``Ranks()``: it has every sample, and nothing is exchanged.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import torch
from torch import Tensor, distributed

from ..errors import DeviceError
from .device import ConcretePrecision
from .one_process import OneProcess

if TYPE_CHECKING:
    from lightning_fabric import Fabric

T = TypeVar("T")

# Ranks of one machine talk over its loopback interface, whatever its host name resolves to and its firewall says.
_LOOPBACK = {"linux": "lo", "darwin": "lo0"}


@dataclass(frozen=True)
class Ranks:
    """One process of a group. If ``size`` is above 1, it has joined the group (:func:`join_ranks`).

    Parameters
    ----------
    rank : 0 to ``size`` − 1.
    size : number of processes, the "world size".
    """

    rank: int = 0
    size: int = 1

    @classmethod
    def of(cls, fabric: Fabric | OneProcess) -> Ranks:
        """The ranks that ``fabric`` was launched with."""
        return cls(fabric.global_rank, fabric.world_size)

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that writes and reports."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """Which of ``count`` things are this rank's: shares follow each other and differ by one thing at most."""
        least, larger = divmod(count, self.size)
        start = self.rank * least + min(self.rank, larger)
        return slice(start, start + least + (self.rank < larger))

    def sum(self, values: Tensor) -> Tensor:
        """The sum of ``values`` over the ranks, the same bits on each; every rank has to call it, in the same order.

        Parameters
        ----------
        values : any shape, on the device that the rank computes on.
        """
        if self.size == 1:
            return values
        total = values.detach().clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total)
        return total

    def from_first(self, thing: T) -> T:
        """What the first rank gives; the others' is ignored. Every rank has to call it."""
        if self.size == 1:
            return thing
        box = [thing if self.is_first else None]
        distributed.broadcast_object_list(box, src=0)
        received: T = box[0]  # type: ignore[assignment]
        return received


def check_started_once() -> None:
    """Refuse to be one of several processes that torchrun has started: each would do, and write, all of the job.

    Raises
    ------
    DeviceError : this process is one of them.
    """
    count = os.environ.get("WORLD_SIZE", "1")
    if "TORCHELASTIC_RUN_ID" in os.environ and count != "1":
        raise DeviceError(
            f"This command was started by torchrun as one of {count} processes, each of which would train all of the model.",
            code="started_in_ranks",
            hint=f"Start it once, without torchrun, with --processes {count}.",
        )


def join_ranks(rank: int, devices: Sequence[torch.device], precision: ConcretePrecision, meeting_file: Path) -> Fabric:
    """Wait for the other ranks, and return the object that the training loop knows device and precision from.

    Gradients are exchanged by NCCL between GPUs, by Gloo between CPU processes.

    Parameters
    ----------
    rank : of this process.
    devices : one per rank; all are GPUs, or all the CPU.
    meeting_file : through which the ranks find each other; it must not exist before the first one starts.

    Raises
    ------
    DeviceError : this torch was built without the part for several processes.
    """
    if not distributed.is_available():
        raise DeviceError(
            f"torch {torch.__version__} was built without torch.distributed, so it cannot train in several processes.",
            code="no_processes",
            hint="Leave processes at 1, or install another build of torch.",
        )
    from lightning_fabric import Fabric
    from lightning_fabric.plugins.environments.lightning import LightningEnvironment
    from lightning_fabric.strategies.ddp import DDPStrategy

    class Joined(LightningEnvironment):
        """Processes that were started already, whatever variables a cluster has set."""

        @property
        def creates_processes_externally(self) -> bool:
            return True

        def local_rank(self) -> int:
            return rank

        def node_rank(self) -> int:
            return 0

    device = devices[rank]
    if sys.platform in _LOOPBACK:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", _LOOPBACK[sys.platform])
    if device.type == "cuda":
        torch.cuda.set_device(device)
    backend = "nccl" if device.type == "cuda" else "gloo"
    distributed.init_process_group(
        backend, init_method=meeting_file.resolve().as_uri(), rank=rank, world_size=len(devices)
    )
    fabric = Fabric(
        accelerator=device.type,
        devices=len(devices) if device.type == "cpu" else [one.index for one in devices],
        strategy=DDPStrategy(process_group_backend=backend),
        plugins=[Joined()],
        precision=precision,
    )
    fabric.launch()
    return fabric


def leave_ranks() -> None:
    """Close the connections to the other ranks, once all have finished."""
    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()
