"""``hsi doctor``: is everything here that the engine needs, and does it work?"""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from ..runtime.machine import check_device, describe_torch, list_devices, memory_bytes, unused_gpu, usable_cores
from ..runtime.versions import versions
from .replies import Answer

_NEEDED = ("rasterio", "geopandas", "scipy", "sklearn", "lightning_fabric", "safetensors", "matplotlib", "jinja2")


def examine() -> Answer:
    """Look at Python, libraries, devices and machine, and try the parts that break most often."""
    total, available = memory_bytes()
    folder = Path.cwd()
    report: dict[str, Any] = {
        "python": {"version": platform.python_version(), "executable": sys.executable},
        "platform": platform.platform(),
        "libraries": {name: text for name, text in versions().items() if name not in ("python", "platform")},
        "raster_libraries": {},
        "torch": {},
        "devices": [],
        "notes": [],
        "cores": usable_cores(),
        "memory": {"total_bytes": total, "available_bytes": available},
        "disk": {"folder": str(folder), "free_bytes": shutil.disk_usage(folder).free},
    }
    checks = [_try(f"import {module}", partial(_import, module)) for module in _NEEDED]
    checks += [_try("GDAL", partial(_find_gdal, report)), _try("torch", partial(_find_torch, report))]
    checks += [_try("rasters", _check_rasters), _try("CRS", _check_crs)]
    checks += [_try(f"device {d['name']}", partial(check_device, d["name"])) for d in report["devices"]]
    report["checks"] = checks
    report["healthy"] = all(check["ok"] for check in checks)
    return Answer(document=report, text=_text(report), code=0 if report["healthy"] else 1)


def _try(name: str, check: Callable[[], str]) -> dict[str, Any]:
    # A check that fails is a finding, whatever it raises: a broken library may raise anything.
    try:
        return {"name": name, "ok": True, "detail": check()}
    except Exception as error:
        return {"name": name, "ok": False, "detail": f"{type(error).__name__}: {' '.join(str(error).split())}"}


def _import(module: str) -> str:
    __import__(module)
    return "found"


def _find_torch(report: dict[str, Any]) -> str:
    report["torch"] = describe_torch()
    report["devices"] = [device.to_json() for device in list_devices()]
    report["notes"] = [note for note in (unused_gpu(),) if note is not None]
    return "found"


def _find_gdal(report: dict[str, Any]) -> str:
    from ..io.libraries import raster_libraries

    report["raster_libraries"] = raster_libraries()
    return "found"


def _check_rasters() -> str:
    from ..io.libraries import check_raster_files

    return check_raster_files()


def _check_crs() -> str:
    from ..io.libraries import check_crs

    return check_crs()


def _text(report: dict[str, Any]) -> str:
    torch, rasters = report["torch"], report["raster_libraries"]
    rows = [
        ("Python", f"{report['python']['version']} ({report['python']['executable']})"),
        ("System", report["platform"]),
        ("Cores", str(report["cores"])),
        ("Memory", f"{_size(report['memory']['available_bytes'])} free of {_size(report['memory']['total_bytes'])}"),
        ("Disk", f"{_size(report['disk']['free_bytes'])} free in {report['disk']['folder']}"),
        ("GDAL, PROJ", f"{rasters.get('gdal', 'missing')}, {rasters.get('proj', 'missing')}"),
        ("torch", _torch(torch)),
    ]
    rows += [(f"Device {d['name']}", _device(d)) for d in report["devices"]]
    rows += [(name, version) for name, version in report["libraries"].items() if name != "torch"]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:<{width}}  {text}" for name, text in rows]
    failed = [check for check in report["checks"] if not check["ok"]]
    lines += ["", *report["notes"], *(f"FAILED {check['name']}: {check['detail']}" for check in failed)]
    passed = len(report["checks"]) - len(failed)
    verdict = "Install hsi-engine anew, in an environment of its own." if failed else "Ready."
    lines.append(f"{passed} of {len(report['checks'])} checks passed. {verdict}")
    return "\n".join(lines)


def _device(device: dict[str, Any]) -> str:
    memory = device["memory_bytes"]
    return f"{device['title']}, {_size(memory)}" if memory else str(device["title"])


def _torch(torch: dict[str, Any]) -> str:
    if not torch:
        return "missing"
    build = f"built for CUDA {torch['cuda']}" if torch["cuda"] else "built without CUDA"
    return f"{torch['version']}, {build}, {torch['threads']} threads"


def _size(size: int | None) -> str:
    return "unknown" if size is None else f"{size / 2**30:.1f} GiB"
