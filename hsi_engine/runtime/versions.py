"""What has to be the same for a run to be repeated."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from ..version import VERSION

_LIBRARIES = "torch lightning-fabric numpy scipy scikit-learn rasterio geopandas pyproj safetensors pydantic".split()


def versions() -> dict[str, str]:
    """Versions of Python, the platform and the libraries that take part in a result."""
    found = {"python": platform.python_version(), "platform": platform.platform(), "hsi-engine": VERSION}
    for package in _LIBRARIES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
