"""What a class map states about itself: in its file, and as the metadata of its layer in a GIS."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from ...bundle.model_bundle import ModelBundle
from ...io.scenes.scene import Scene
from ...phrases import counted
from ...version import VERSION
from ..model_information.accuracy import accuracy_of, labelled_pixels, method_of
from ..parts.trained_scene import TrainedScene

_TAGS = {"title": "TIFFTAG_IMAGEDESCRIPTION", "software": "TIFFTAG_SOFTWARE"}


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


def map_tags(description: dict[str, str], bundle: ModelBundle) -> dict[str, str]:
    """The same as tags of a GeoTIFF, and the checksum of the labels, by which an assessment recognises them."""
    inputs = bundle.training.get("inputs")
    labels = inputs.get("labels") if isinstance(inputs, Mapping) else None
    checksum = {} if labels is None else {"labels_sha256": str(labels)}
    return {_TAGS.get(name, f"HSI_{name.upper()}"): text for name, text in (description | checksum).items()}


def _labels(bundle: ModelBundle, named: Mapping[str, Any]) -> str:
    count = labelled_pixels(bundle)
    if count is None:
        return ""
    source = f" from {PurePath(str(named['labels'])).name}" if named.get("labels") else ""
    return f"{counted(count, 'labelled pixel')} of {len(bundle.legend)} classes{source}"
