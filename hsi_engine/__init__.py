"""Hyperspectral image classification: scenes, labels, HybridSN and class maps, without a GUI.

The operations are functions, with the same parameters as the command ``hsi`` and the worker: ``dir(hsi_engine)`` lists
them, ``help(hsi_engine.classify_scene)`` explains one. Each returns a result object and raises an :class:`HsiError`. For
example::

    import hsi_engine

    hsi_engine.train_classifier(scene="scene.tif", labels="polygons.gpkg", class_field="class", output="m.hsimodel")
    hsi_engine.classify_scene(scene="scene.tif", model="m.hsimodel", output="map.tif")

Importing this package is cheap: torch, rasterio and the like are loaded by the first call that needs them.
"""

from __future__ import annotations

import importlib
from typing import Any

from .operations import NAMES as _OPERATIONS
from .version import VERSION

__version__ = VERSION

_ATTRIBUTES = {
    "HsiError": "errors",
    "ParameterError": "errors",
    "SceneError": "errors",
    "LabelError": "errors",
    "BundleError": "errors",
    "MismatchError": "errors",
    "OutputError": "errors",
    "DeviceError": "errors",
    "TrainingError": "errors",
    "Cancelled": "errors",
    "Legend": "classes.legend",
    "LegendClass": "classes.legend",
    "Reporter": "reporting",
    "SilentReporter": "reporting",
    "ModelBundle": "bundle.model_bundle",
    "read_bundle": "bundle.model_file",
}


def __getattr__(name: str) -> Any:
    value: Any
    if name in _OPERATIONS:
        # Here and not above: an import of the package alone should cost nothing.
        from .operations.catalogue import CATALOGUE
        from .operations.definition.function import make_function

        value = make_function(CATALOGUE[name])
    elif name in _ATTRIBUTES:
        value = getattr(importlib.import_module(f"{__name__}.{_ATTRIBUTES[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*filter(lambda name: name.startswith("__"), globals()), *_OPERATIONS, *_ATTRIBUTES})
