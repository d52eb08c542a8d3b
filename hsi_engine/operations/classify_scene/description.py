"""What a class map states about itself: in its file, and as the metadata of its layer in a GIS."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from ...bundle.model_bundle import ModelBundle
from ...evaluation.trust.of_pixels import ReadyTrust
from ...io.files.outputs import sha256_of
from ...io.scenes.scene import Scene
from ...phrases import counted
from ...version import VERSION
from ..model_information.accuracy import accuracy_of, labelled_pixels, method_of
from ..parts.trained_scene import TrainedScene
from .operation import ClassifySceneParams
from .product import MapProduct

_TAGS = {"title": "TIFFTAG_IMAGEDESCRIPTION", "software": "TIFFTAG_SOFTWARE"}
SETTINGS_TAG = "HSI_SETTINGS"
_OF_EVERY_RASTER = ("HSI_SCENE", "HSI_METHOD", "HSI_TRAINED_ON", _TAGS["software"], SETTINGS_TAG)
# The parameters that decide the pixels of a map, apart from scene and model.
_DECISIVE = (
    "extent",
    "min_confidence",
    "coverage",
    "set_method",
    "smooth",
    "nodata",
    "quality",
    "detector_overlap",
    "resample_second",
    "only_second",
)


def describe_map(bundle: ModelBundle, scene: Scene) -> dict[str, str]:
    """Facts about the map of ``scene`` that follow from its inputs alone: the same inputs give the same text.

    Keys are ``title``, ``scene``, ``method``, ``model_id``, ``classes``, ``labels``, ``accuracy``, ``measured`` and ``software``;
    ``trained_on`` is there if that was another scene.
    """
    accuracy = accuracy_of(bundle)
    settings = bundle.training.get("settings")
    named: Mapping[str, Any] = settings if isinstance(settings, Mapping) else {}
    origin = PurePath(str(named["scene"])).name if named.get("scene") else "a scene that the model does not name"
    trained = TrainedScene.of_record(bundle.training, len(bundle.preprocessing.bands))
    found = {
        "title": f"Class map of {scene.path.name}",
        "scene": scene.path.name,
        "method": method_of(bundle),
        "model_id": bundle.id,
        "classes": ", ".join(bundle.legend.names),
        "labels": _labels(bundle, named),
        "accuracy": accuracy.sentence,
        "measured": accuracy.measured,
        "software": f"hsi-engine {VERSION}",
    }
    if origin != scene.path.name:
        day = f", taken on {trained.day}" if trained.day else ""
        found["trained_on"] = f"{origin}{day}"
        found["accuracy"] += f" This was measured on {origin}, not on this scene."
    return {name: text for name, text in found.items() if text}


def settings_hash(params: ClassifySceneParams) -> str:
    """What decides the pixels of a map apart from scene and model, and whether it is a COG, as 16 hexadecimal digits.

    Neither device, memory and tiles nor versions are in it. Mask and second raster are known by their names, the list of
    wavelengths by its content.
    """
    names = {
        name: None if path is None else path.name for name, path in (("mask", params.mask), ("second", params.second))
    }
    listed = None if params.wavelengths is None else sha256_of(params.wavelengths)
    found = {name: getattr(params, name) for name in _DECISIVE} | names | {"wavelengths": listed}
    if params.cog:  # otherwise left out, so that maps of earlier versions keep their hash
        found["cog"] = True
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]


def map_tags(description: dict[str, str], bundle: ModelBundle, params: ClassifySceneParams) -> dict[str, str]:
    """The same as tags of a GeoTIFF, with the checksum of the labels, by which an assessment recognises them, and the hash
    of the settings, by which a run over many scenes recognises what it has finished.
    """
    inputs = bundle.training.get("inputs")
    labels = inputs.get("labels") if isinstance(inputs, Mapping) else None
    checksum = {} if labels is None else {"labels_sha256": str(labels)}
    found = {_TAGS.get(name, f"HSI_{name.upper()}"): text for name, text in (description | checksum).items()}
    return found | {SETTINGS_TAG: settings_hash(params)}


def product_tags(product: MapProduct, tags: Mapping[str, str], trust: ReadyTrust, coverage: float) -> dict[str, str]:
    """What the raster of a product states about itself; ``tags`` are those of :func:`map_tags`, which class maps have as they are.

    The others state neither classes nor accuracy, which are not theirs, but what their numbers depend on.
    """
    if product.content == "class_map":
        return dict(tags)
    kept = {name: tags[name] for name in _OF_EVERY_RASTER if name in tags}
    # Not HSI_MODEL_ID, by which a map of the classes of that model is recognised.
    found = kept | {
        _TAGS["title"]: f"{product.title} of {tags['HSI_SCENE']}",
        "HSI_PRODUCT": product.name,
        "HSI_MADE_WITH": tags["HSI_MODEL_ID"],
    }
    if product.needs == "applicability" and trust.area is not None:
        found["HSI_DISSIMILARITY_THRESHOLD"] = f"{trust.area.threshold:.6g}"
    if product.needs == "sets":
        found |= {"HSI_COVERAGE": f"{coverage:g}", "HSI_SET_METHOD": trust.method}
    return found


def _labels(bundle: ModelBundle, named: Mapping[str, Any]) -> str:
    count = labelled_pixels(bundle)
    if count is None:
        return ""
    source = f" from {PurePath(str(named['labels'])).name}" if named.get("labels") else ""
    return f"{counted(count, 'labelled pixel')} of {len(bundle.legend)} classes{source}"
