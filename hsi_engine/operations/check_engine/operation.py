"""Check that the engine works on this machine, and describe it."""

from __future__ import annotations

from typing import Any

from ..definition.base import Operation, OperationParams, OperationResult


class CheckEngineParams(OperationParams):
    """There are none."""


class CheckEngineResult(OperationResult):
    """What is here, and whether it works.

    ``packages`` holds versions by name, ``torch_build`` is ``cpu``, ``cu130``, ``rocm6.4``, …; entries of ``devices``
    hold name, title and memory_bytes (null if it is that of the machine), those of ``checks`` check, ok and message.
    What a broken library could not tell is null or empty.
    """

    version: str
    python: str
    executable: str
    platform: str
    packages: dict[str, str]
    gdal: str | None
    proj: str | None
    torch_build: str | None
    threads: int | None
    devices: list[dict[str, Any]]
    cores: int
    memory_bytes: int | None
    available_memory_bytes: int | None
    temporary_folder: str
    free_disk_bytes: int
    checks: list[dict[str, Any]]
    healthy: bool
    notes: list[str]
    seconds: float

    def to_text(self) -> str:
        rows = [
            ("hsi-engine", self.version),
            ("Python", f"{self.python} ({self.executable})"),
            ("System", self.platform),
            ("Cores", f"{self.cores}, of which torch uses {self.threads or 'none'}"),
            ("Memory", f"{_size(self.available_memory_bytes)} free of {_size(self.memory_bytes)}"),
            ("Disk", f"{_size(self.free_disk_bytes)} free in {self.temporary_folder}"),
            ("GDAL, PROJ", f"{self.gdal or 'missing'}, {self.proj or 'missing'}"),
            ("torch build", self.torch_build or "missing"),
            *((f"Device {device['name']}", _device(device)) for device in self.devices),
            *self.packages.items(),
        ]
        width = max(len(name) for name, _ in rows)
        lines = [f"{name:<{width}}  {text}" for name, text in rows]
        failed = self.failed()
        lines += ["", *self.notes, *(f"FAILED {name}: {message}" for name, message in failed.items())]
        passed = len(self.checks) - len(failed)
        verdict = "Ready." if self.healthy else ADVICE
        lines.append(f"{passed} of {len(self.checks)} checks passed in {self.seconds:.1f} s. {verdict}")
        return "\n".join(lines)

    def failed(self) -> dict[str, str]:
        """The messages of the checks that failed, by the names of the checks."""
        return {check["check"]: check["message"] for check in self.checks if not check["ok"]}


ADVICE = "Reinstall hsi-engine in a clean environment."


def _device(device: dict[str, Any]) -> str:
    memory = device["memory_bytes"]
    return f"{device['title']}, {_size(memory)}" if memory else str(device["title"])


def _size(size: int | None) -> str:
    return "unknown" if size is None else f"{size / 2**30:.1f} GiB"


OPERATION = Operation(
    name="check_engine",
    command="check",
    title="Check engine",
    summary="Load all libraries, try every device, train on and map a small synthetic scene, and list installed "
    "versions.",
    group="Engine",
    params=CheckEngineParams,
    result=CheckEngineResult,
    run="hsi_engine.operations.check_engine.examination:run",
    example="hsi check --json",
    in_toolbox=False,
)
