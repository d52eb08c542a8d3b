"""What the machine has: cores, memory and the devices that torch can compute on."""

from __future__ import annotations

import contextlib
import math
import platform
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from .control_groups import core_limits, memory_limits


@dataclass(frozen=True, kw_only=True)
class FoundDevice:
    """A computing device: ``name`` as the parameter ``device`` takes it, its memory if it has its own memory."""

    name: str
    title: str
    memory_bytes: int | None

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def list_devices() -> tuple[FoundDevice, ...]:
    """All devices that torch can compute on here, the CPU first."""
    import torch

    found = [FoundDevice(name="cpu", title=_processor(), memory_bytes=None)]
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            found.append(FoundDevice(name=f"cuda:{index}", title=properties.name, memory_bytes=properties.total_memory))
    if torch.backends.mps.is_available():
        found.append(FoundDevice(name="mps", title="Apple GPU", memory_bytes=None))
    return tuple(found)


def describe_torch() -> dict[str, object]:
    """``torch_build``, as the wheels of torch call it (cpu, cu130, rocm6.4), and its number of ``threads``."""
    import torch

    build = "cpu"
    if torch.version.cuda:
        build = f"cu{torch.version.cuda.replace('.', '')}"
    elif torch.version.hip:
        build = f"rocm{'.'.join(torch.version.hip.split('.')[:2])}"
    return {"torch_build": build, "threads": torch.get_num_threads()}


def unused_gpu() -> str | None:
    """Why torch does not compute on the NVIDIA GPU whose driver is installed; None if nothing is amiss."""
    import torch

    if torch.cuda.is_available() or shutil.which("nvidia-smi") is None:
        return None
    if torch.version.cuda is None:
        return "There is an NVIDIA driver, but this torch is built without CUDA: install a CUDA build to use the GPU."
    return (
        f"There is an NVIDIA driver, but torch with CUDA {torch.version.cuda} finds no GPU: the driver may be too old."
    )


def check_device(name: str) -> str:
    """Compute a small 3-D convolution on a device and compare it with the sum it must give.

    Raises
    ------
    Exception
        Whatever torch raises, or an ArithmeticError if the sum is wrong.
    """
    import torch

    image = torch.ones(1, 1, 4, 5, 6, device=name)
    kernel = torch.ones(1, 1, 2, 3, 3, device=name)
    total = float(torch.nn.functional.conv3d(image, kernel).sum())
    expected = 18.0 * 3 * 3 * 4
    if abs(total - expected) > 1e-3:
        raise ArithmeticError(f"a convolution gave {total}, expected {expected}")
    return "a 3-D convolution is right"


def _processor() -> str:
    # platform.processor() names the family only on Linux, and nothing at all on some of them.
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        return next(line for line in lines if line.startswith("model name")).partition(":")[2].strip()
    return platform.processor() or platform.machine()


def usable_cores() -> int:
    """Cores this process may use: no more than its affinity and the quota of its container allow."""
    import psutil

    process = psutil.Process()
    cores = len(process.cpu_affinity()) if hasattr(process, "cpu_affinity") else psutil.cpu_count() or 1
    return min([cores, *map(math.ceil, core_limits())])


def memory_bytes() -> tuple[int, int]:
    """(total, available) main memory, as far as this process may use it: within the limit of its container."""
    import psutil

    memory = psutil.virtual_memory()
    within = [(memory.total, memory.available), *memory_limits()]
    return min(total for total, _ in within), min(available for _, available in within)
