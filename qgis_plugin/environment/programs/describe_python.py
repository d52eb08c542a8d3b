"""Prints what this Python is and which packages it has, as one line of JSON."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
import struct
import sys
import sysconfig


def describe() -> dict[str, object]:
    """Facts that decide whether the engine can run here or an environment can be made from here."""
    return {
        "executable": sys.executable,
        "version": list(sys.version_info[:3]),
        "implementation": sys.implementation.name,
        "bits": struct.calcsize("P") * 8,
        "machine": platform.machine(),
        "platform": sys.platform,
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "venv": importlib.util.find_spec("venv") is not None,
        "ensurepip": importlib.util.find_spec("ensurepip") is not None,
        "in_environment": sys.prefix != sys.base_prefix,
        "packages": _packages(),
    }


def _packages() -> dict[str, str]:
    found: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        if name and distribution.version:
            # The first on sys.path is the one that an import finds.
            found.setdefault(name.lower().replace("_", "-"), distribution.version)
    return dict(sorted(found.items()))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(describe()) + "\n")
