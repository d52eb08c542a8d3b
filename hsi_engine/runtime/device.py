"""Which device computes, and in which precision."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import torch

from ..errors import DeviceError
from ..phrases import counted
from .one_process import OneProcess

if TYPE_CHECKING:
    from lightning_fabric import Fabric

Device = torch.device
ConcretePrecision = Literal["32-true", "16-mixed", "bf16-mixed"]
Precision = Literal["auto", ConcretePrecision]


def resolve_device(name: str = "auto") -> torch.device:
    """Turn ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps`` into a device that exists.

    ``auto`` takes the first CUDA GPU, then Apple's GPU, then the CPU.

    Raises
    ------
    DeviceError : the name is unknown, or the device is not there.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    match = re.fullmatch(r"(cpu|mps|cuda)(?::(\d+))?", name)
    if not match:
        raise DeviceError(
            f"There is no device called {name!r}.",
            code="unknown",
            hint="Use auto, cpu, cuda, cuda:0, cuda:1, … or mps.",
        )
    kind, index = match[1], int(match[2] or 0)
    if kind == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if index >= count:
            found = f"{counted(count, 'GPU')}" if count else "no CUDA GPU"
            build = f"torch {torch.__version__}, CUDA build: {torch.version.cuda or 'none, this is a CPU build'}"
            raise DeviceError(
                f"Device {name!r} was requested, but torch sees {found} ({build}).",
                code="missing",
                hint="Use device auto or cpu, or install a CUDA build of torch and the GPU's driver.",
            )
        return torch.device("cuda", index)
    if kind == "mps" and not torch.backends.mps.is_available():
        raise DeviceError(
            "Device 'mps' was requested, but this is not a Mac with a GPU that torch can use.",
            code="missing",
            hint="Use device auto or cpu.",
        )
    return torch.device(kind)


def resolve_devices(name: str, processes: int) -> tuple[torch.device, ...]:
    """The device of each of ``processes`` that train together: one GPU each, or all the CPU.

    Raises
    ------
    DeviceError : as :func:`resolve_device`; there are fewer GPUs than processes, or the device cannot be shared out.
    """
    first = resolve_device(name)
    if processes == 1:
        return (first,)
    if first.type == "cpu":
        return (first,) * processes
    if first.type == "mps" or ":" in name:
        raise DeviceError(
            f"{processes} processes were asked for, but device {name!r} is a single one ({first}).",
            code="one_only",
            hint="Use device cuda, which takes one GPU per process from the first on, or cpu; or leave processes at 1.",
        )
    count = torch.cuda.device_count()
    if processes > count:
        raise DeviceError(
            f"{processes} processes were asked for, one per GPU, but torch sees {counted(count, 'GPU')}.",
            code="too_few",
            hint=f"Ask for at most {count} {'process' if count == 1 else 'processes'}, or use device cpu.",
        )
    return tuple(torch.device("cuda", index) for index in range(processes))


def describe_device(device: torch.device) -> str:
    """The device as a report names it: ``cuda:0 (NVIDIA H100)`` or ``cpu (2 threads)``."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    if device.type != "cpu":
        return str(device)
    threads = torch.get_num_threads()
    return f"{device} ({threads} thread{'s' * (threads != 1)})"


def resolve_precision(precision: Precision, device: torch.device) -> ConcretePrecision:
    """``auto`` is float32, with bfloat16 products on GPUs that have them."""
    if precision != "auto":
        return precision
    return "bf16-mixed" if device.type == "cuda" and torch.cuda.is_bf16_supported() else "32-true"


def make_fabric(device: torch.device, precision: Precision) -> Fabric | OneProcess:
    """The object that knows device, precision and processes, so that the training loop need not."""
    concrete = resolve_precision(precision, device)
    if device.type == "cpu" and concrete == "32-true":
        return OneProcess(device)
    # Here: it takes as long to import as torch itself.
    from lightning_fabric import Fabric

    devices = [device.index] if device.type == "cuda" else 1
    return Fabric(accelerator=device.type, devices=devices, precision=concrete)
