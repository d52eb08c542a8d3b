"""The metadata of an exported ONNX file: what a person or another program wants to know, and the record of the model.

Keys without a prefix are for everyone. ``hsi_manifest`` and ``hsi_preprocessing`` are ``manifest.json`` and
``preprocessing.safetensors`` of the model file, from which this engine maps scenes as it does with the model itself.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from ...version import VERSION
from .. import format as container
from ..model_bundle import ModelBundle

FORMAT, FORMAT_VERSION = "hsi-onnx", "1"

HASH = "hsi_content_sha256"

ENTRIES = (
    "title",
    "model_id",
    "form",
    "class_values",
    "class_names",
    "class_colours",
    "band_names",
    "band_numbers",
    "wavelengths_nm",
    "fwhm_nm",
    "second_bands",
    "values",
    "patch_size",
    "outputs",
    "hsi_format",
    "hsi_format_version",
    "hsi_engine_version",
    "hsi_manifest",
    "hsi_preprocessing",
)
"""All that :func:`described` states, except the hash."""

Form = Literal["patch", "dense"]

VALUES = (
    "Values of the bands as in the training scene, scale and offset of its file applied; NaN in any band where a pixel has no"
    " data. The reduction of the bands is part of the model."
)
_SMOOTHED = "They are not smoothed; this engine smooths the probabilities when it maps a scene."


def described(bundle: ModelBundle, form: Form, *, graph: Any) -> dict[str, str]:
    """The metadata of a file, all of it text; lists are JSON.

    Parameters
    ----------
    graph : the ``GraphProto`` that is written.
    """
    steps = bundle.preprocessing
    bands = steps.bands
    own = len(bands) - steps.second_bands
    members = bundle.tensor_members
    manifest = _json(bundle.manifest())
    stated = {
        "title": bundle.title,
        "model_id": bundle.id,
        "form": form,
        "class_values": _json([c.value for c in bundle.legend]),
        "class_names": _json([c.name for c in bundle.legend]),
        "class_colours": _json([c.colour for c in bundle.legend]),
        "band_names": _json(list(bands.names)),
        "band_numbers": _json([i + 1 for i in steps.band_indices[:own]]),
        "wavelengths_nm": _json(list(bands.wavelength_nm)),
        "fwhm_nm": _json(list(bands.fwhm_nm)),
        "second_bands": str(steps.second_bands),
        "values": VALUES,
        "patch_size": str(bundle.patch_size),
        "outputs": _outputs(bundle),
        "hsi_format": FORMAT,
        "hsi_format_version": FORMAT_VERSION,
        "hsi_engine_version": VERSION,
        "hsi_manifest": manifest,
        "hsi_preprocessing": base64.b64encode(members[container.PREPROCESSING]).decode("ascii"),
    }
    return stated | {HASH: content_hash(graph, stated)}


def meaning_of_outputs(bundle: ModelBundle) -> tuple[str, str]:
    """What the outputs ``logits`` and ``probabilities`` of a graph are, as phrases for people."""
    curve = bundle.confidence_scaling
    if curve.is_identity:
        return "scores, whose softmax are the probabilities", "probabilities"
    return (
        "scores, whose softmax are the probabilities before the confidence is scaled",
        f"probabilities whose largest, p, is scaled to {curve}, but not below"
        " the next one; the others keep their proportions",
    )


def _outputs(bundle: ModelBundle) -> str:
    scores, probabilities = meaning_of_outputs(bundle)
    text = f"logits: {scores}."
    if not bundle.confidence_scaling.is_identity:
        text += f" probabilities: {probabilities}."
    return text + (f" {_SMOOTHED}" if bundle.smoothing else "")


def exported_from(bundle: ModelBundle) -> tuple[str, str] | None:
    """Title and id of the model that an ONNX graph was exported from; None for other models."""
    origin = bundle.training.get("exported_from")
    if not isinstance(origin, dict):
        return None
    return str(origin.get("title", "")), str(origin.get("model_id", ""))


def branches_inside(bundle: ModelBundle) -> tuple[int, ...] | None:
    """The branches of the preprocessing that an exported graph applies inside, in the order of its members; None for other models."""
    if exported_from(bundle) is None:
        return None
    return tuple(bundle.training["exported_from"].get("branches", ()))


def content_hash(graph: Any, stated: Mapping[str, str]) -> str:
    """SHA-256 of a ``GraphProto``, weights included, and of the metadata: it tells damage and changes by other programs.

    Parameters
    ----------
    stated : the metadata. Of entries that the engine does not write, nothing is in the hash, nor the hash itself.
    """
    record = {name: stated[name] for name in ENTRIES if name in stated}
    text = json.dumps(record, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(graph.SerializeToString(deterministic=True) + text.encode()).hexdigest()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
