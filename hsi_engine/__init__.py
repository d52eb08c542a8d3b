"""Hyperspectral image classification: scenes, labels, HybridSN and class maps, without a GUI.

The operations as functions, with the same parameters as the command ``hsi`` and the worker:

- ``inspect_scene``: what a scene holds: size, CRS, bands, wavelengths, pixels without data.
- ``colour_scene``: the scene in true colour, near infrared or short-wave infrared, as a QGIS style or a picture.
- ``check_labels``: whether labels are good enough to train with, and what to add.
- ``preview``: a quick map of a part of a scene, while labels are being drawn.
- ``train_classifier``: a model from a scene and labels.
- ``classify_scene``: a class map from a scene and a model.
- ``train_and_classify``: both, one after the other.
- ``model_information``: what a model is, how accurate, and whether it fits a scene.
- ``assess_map``: accuracy of a class map against a reference.
- ``clean_map``: a class map without specks, and the area of each class before and after.
- ``denoise_scene``: the scene without its noise.
- ``fit_pca``: the principal components of a scene.
- ``run_demo``: the whole job on Indian Pines.
- ``check_engine``: whether all of this works on this machine, and what is installed.

Each returns a result object and raises an :class:`HsiError`. For example::

    import hsi_engine

    hsi_engine.train_classifier(scene="scene.tif", labels="polygons.gpkg", class_field="class", output="m.hsimodel")
    hsi_engine.classify_scene(scene="scene.tif", model="m.hsimodel", output="map.tif")

Importing this package is cheap: torch, rasterio and the like are loaded by the first call that needs them.
"""

from __future__ import annotations

import importlib
from typing import Any

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
_FUNCTIONS = (
    "inspect_scene",
    "colour_scene",
    "check_labels",
    "preview",
    "train_classifier",
    "classify_scene",
    "train_and_classify",
    "model_information",
    "assess_map",
    "clean_map",
    "denoise_scene",
    "fit_pca",
    "run_demo",
    "check_engine",
)


def __getattr__(name: str) -> Any:
    value: Any
    if name in _FUNCTIONS:
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
    return sorted({*filter(lambda name: name.startswith("__"), globals()), *_FUNCTIONS, *_ATTRIBUTES})
