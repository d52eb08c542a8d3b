"""The steps of checking the engine: what is here, and does it work?"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ...errors import Cancelled, HsiError
from ...reporting import Reporter
from ...runtime.machine import check_device, describe_torch, list_devices, memory_bytes, unused_gpu, usable_cores
from ...version import VERSION
from .operation import ADVICE, CheckEngineParams, CheckEngineResult
from .self_test import SelfTest

# Package by the name under which it is imported: all that pyproject.toml asks for.
LIBRARIES = {
    "affine": "affine",
    "cyclopts": "cyclopts",
    "defusedxml": "defusedxml",
    "filelock": "filelock",
    "geopandas": "geopandas",
    "h5py": "h5py",
    "jinja2": "jinja2",
    "lightning_fabric": "lightning-fabric",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "psutil": "psutil",
    "pydantic": "pydantic",
    "pyogrio": "pyogrio",
    "pyproj": "pyproj",
    "rasterio": "rasterio",
    "rich": "rich",
    "safetensors": "safetensors",
    "scipy": "scipy",
    "shapely": "shapely",
    "sklearn": "scikit-learn",
    "spectral": "spectral",
    "threadpoolctl": "threadpoolctl",
    "torch": "torch",
}
# Of extras: their versions are listed, and they need not be there.
OPTIONAL = ("distributed", "onnx", "onnxruntime", "tensorly")


def run(params: CheckEngineParams, reporter: Reporter) -> CheckEngineResult:
    """Check everything; if something fails, the log holds the whole text and an error names it.

    Raises
    ------
    HsiError : one of the checks failed.
    """
    found = examine(reporter)
    if found.healthy:
        for note in found.notes:
            reporter.log(note, "warning")
        return found
    for line in found.to_text().splitlines():
        reporter.log(line)
    failed = found.failed()
    listed = "; ".join(f"{name}: {message.rstrip('.')}" for name, message in failed.items())
    raise HsiError(
        f"{len(failed)} of {len(found.checks)} checks of the engine failed. {listed}.",
        code="check_failed",
        hint=ADVICE,
    )


def examine(reporter: Reporter) -> CheckEngineResult:
    """Load the libraries, look at the machine and try everything. What fails is part of the result.

    Raises
    ------
    Cancelled : asked before each check.
    """
    started = time.perf_counter()
    found = _Findings()
    checks: list[tuple[str, Callable[[], str]]] = [(f"import {name}", partial(_import, name)) for name in LIBRARIES]
    checks += [("machine", found.machine), ("GDAL and PROJ", found.raster_libraries), ("torch", found.torch)]
    checks += [("rasters", _check_rasters), ("CRS", _check_crs), ("devices", found.try_devices)]
    with SelfTest(reporter) as self_test:
        checks += self_test.steps()
        results = []
        for number, (name, check) in enumerate(checks):
            reporter.check_cancelled()
            phase = "Loading the libraries" if name.startswith("import ") else "Trying the parts of the engine"
            reporter.progress(number / len(checks), phase)
            results.append(_try(name, check))
    folder = tempfile.gettempdir()
    return CheckEngineResult(
        version=VERSION,
        python=platform.python_version(),
        executable=sys.executable,
        platform=platform.platform(),
        packages={package: _version(package) for package in (*LIBRARIES.values(), *OPTIONAL)},
        temporary_folder=folder,
        free_disk_bytes=shutil.disk_usage(folder).free,
        checks=results,
        healthy=all(result["ok"] for result in results),
        seconds=time.perf_counter() - started,
        **found.facts,
    )


class _Findings:
    """What libraries tell about themselves, as far as they can be loaded."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {
            "cores": os.cpu_count() or 1,
            "memory_bytes": None,
            "available_memory_bytes": None,
            "gdal": None,
            "proj": None,
            "torch_build": None,
            "threads": None,
            "devices": [],
            "notes": [],
        }

    def machine(self) -> str:
        self.facts["cores"] = usable_cores()
        self.facts["memory_bytes"], self.facts["available_memory_bytes"] = memory_bytes()
        return f"{self.facts['cores']} cores, {self.facts['memory_bytes'] / 2**30:.1f} GiB of memory"

    def raster_libraries(self) -> str:
        from ...io.files.libraries import raster_libraries

        self.facts |= raster_libraries()
        return f"GDAL {self.facts['gdal']}, PROJ {self.facts['proj']}"

    def torch(self) -> str:
        self.facts |= describe_torch()
        self.facts["notes"] = [note for note in (unused_gpu(),) if note is not None]
        return f"build {self.facts['torch_build']}, {self.facts['threads']} threads"

    def try_devices(self) -> str:
        devices = list_devices()
        self.facts["devices"] = [device.to_json() for device in devices]
        for device in devices:
            try:
                check_device(device.name)
            except Exception as error:
                raise HsiError(f"{device.name} ({device.title}) cannot compute: {_message_of(error)}") from error
        return f"a 3-D convolution is right on {', '.join(device.name for device in devices)}"


def _try(name: str, check: Callable[[], str]) -> dict[str, Any]:
    # A check that fails is a finding, whatever it raises: a broken library may raise anything.
    try:
        return {"check": name, "ok": True, "message": check()}
    except Cancelled:
        raise
    except Exception as error:
        return {"check": name, "ok": False, "message": _message_of(error)}


def _message_of(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, HsiError) else f"{type(error).__name__}: {text}"


def _import(module: str) -> str:
    __import__(module)
    return "loaded"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _check_rasters() -> str:
    from ...io.files.libraries import check_raster_files

    return check_raster_files()


def _check_crs() -> str:
    from ...io.files.libraries import check_crs

    return check_crs()
