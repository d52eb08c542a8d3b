"""An exported ONNX file as a model of the engine."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from ...errors import BundleError
from ...models.architectures.onnx_graph import ARCHITECTURE as ONNX_GRAPH
from ...preprocess.branch import Branch
from ...preprocess.spectra import RawBands
from ...runtime.onnx_session import load_onnx
from .. import format as container
from ..manifest import Manifest, parse_manifest
from ..model_bundle import Member, ModelBundle, sha256_of
from ..parts import assembled, preprocessing_of
from ..tensors import decode_arrays
from ..trust import split_arrays
from .description import FORMAT, FORMAT_VERSION, HASH, Form, content_hash
from .graph_check import MOST_BYTES, check_graph

SUFFIX = ".onnx"

# How other files begin that are called models by mistake.
_OTHERS = {
    b"PK\x03\x04": "a zip archive, such as a .hsimodel file",
    b"II*\x00": "a TIFF file",
    b"MM\x00*": "a TIFF file",
}
_DAMAGED = "The file is damaged or was changed by another program; export the model again."


def looks_like_onnx(path: Path) -> bool:
    """Whether a file is called an ONNX model; it has no signature."""
    return path.suffix.lower() == SUFFIX


def read_onnx(path: Path) -> ModelBundle:
    """The model of an ONNX file that this engine has exported: its only member is the graph.

    Nothing but the file itself is read. The graph runs in ONNX Runtime, on the CPU.

    Raises
    ------
    BundleError : onnx or onnxruntime is not installed; the file is missing, damaged, no export of this engine, or holds a
        graph that is not run here.
    """
    onnx = load_onnx()
    content = _content(path)
    model = _parsed(onnx, content)
    stated = _metadata(model)
    _check_format(stated)
    manifest = parse_manifest(stated["hsi_manifest"].encode())
    form = _form(stated)
    arrays = _arrays(stated, manifest)
    known, calibrated = (
        None if record is None else record.model_dump() for record in (manifest.applicability, manifest.conformal)
    )
    arrays, kept = split_arrays(arrays, known=known is not None, calibrated=calibrated is not None)
    steps = preprocessing_of(manifest, arrays)
    patch_size = max(member.patch_size for member in manifest.members)
    check_graph(
        model,
        form=form,
        bands=len(steps.bands),
        second_bands=steps.second_bands,
        patch_size=patch_size,
        n_classes=len(manifest.legend),
    )
    if content_hash(model.graph, stated) != stated[HASH]:
        raise BundleError("The graph or its record is not the one that was exported.", code="damaged", hint=_DAMAGED)
    second = steps.second_bands
    raw = Branch(
        n_bands=len(steps.bands),
        reduction=RawBands(n_bands=len(steps.bands) - second),
        second_bands=second,
        second=RawBands(n_bands=second) if second else None,
    )
    options = {"form": form, "file_bytes": len(content)}
    member = Member(
        architecture=ONNX_GRAPH.name,
        options=options | {"second_bands": steps.second_bands},
        weights={"head.file": torch.from_numpy(np.frombuffer(content, np.uint8).copy())},
        patch_size=patch_size,
        branch=len(steps.branches),
        # The graph divides by the temperature of the model itself; the engine does so after the smoothing.
        temperature=1 / manifest.temperature,
    )
    return assembled(
        manifest.model_copy(update={"training": manifest.training | _origin(stated, manifest)}),
        members=(member,),
        preprocessing=steps.with_branch(raw),
        trust_parts=(known, calibrated, kept),
    )


def _origin(stated: dict[str, str], manifest: Manifest) -> dict[str, Any]:
    """What the record keeps of the model that was exported; the branches are those that the graph applies inside."""
    branches = list(dict.fromkeys(member.branch for member in manifest.members))
    model = {"title": stated.get("title", ""), "model_id": stated.get("model_id", "")}
    return {"exported_from": model | {"branches": branches}}


def _content(path: Path) -> bytes:
    container.check_is_file(path)
    if path.stat().st_size > MOST_BYTES:
        raise BundleError(
            f"The file has {path.stat().st_size:,} bytes; an ONNX file has at most {MOST_BYTES:,}.", code="too_large"
        )
    return path.read_bytes()


def _parsed(onnx: Any, content: bytes) -> Any:
    for start, kind in _OTHERS.items():
        if content.startswith(start):
            raise BundleError(
                f"This is {kind}, whatever its name says.",
                code="not_a_model",
                hint="Rename it, or choose another file.",
            )
    try:
        # From memory, so that weights in other files are never looked for.
        model = onnx.load_model_from_string(content)
    except Exception as error:  # of protobuf, a class for each of its implementations
        raise BundleError(f"This is not an ONNX model: {error}.", code="not_a_model", hint=_DAMAGED) from error
    if not model.graph.node:
        raise BundleError("This is not an ONNX model: it holds no operations.", code="not_a_model", hint=_DAMAGED)
    return model


def _metadata(model: Any) -> dict[str, str]:
    stated = {entry.key: entry.value for entry in model.metadata_props}
    # Protobuf hands out text that is not UTF-8 as bytes.
    if not all(isinstance(part, str) for entry in stated.items() for part in entry):
        raise BundleError("The metadata are not text.", code="damaged", hint=_DAMAGED)
    return stated


def _check_format(stated: dict[str, str]) -> None:
    if stated.get("hsi_format") != FORMAT:
        raise BundleError(
            "This ONNX model was not exported by this engine: its metadata do not say which bands, classes and values it needs.",
            code="not_a_model",
            hint="Choose a .hsimodel file, or an .onnx file from Export model (hsi export-model).",
        )
    if stated.get("hsi_format_version") != FORMAT_VERSION:
        raise BundleError(
            f"The ONNX model has format version {stated.get('hsi_format_version', '')[:20]!r}; this engine reads version"
            f" {FORMAT_VERSION!r}.",
            code="newer_version",
            hint="Update the engine, or export the model again with this one.",
        )
    missing = [key for key in ("hsi_manifest", "hsi_preprocessing", HASH, "form") if key not in stated]
    if missing:
        raise BundleError(f"The metadata lack {missing[0]!r}.", code="damaged", hint=_DAMAGED)


def _form(stated: dict[str, str]) -> Form:
    if stated["form"] not in ("patch", "dense"):
        raise BundleError(
            f"The metadata state the form {stated['form'][:20]!r}; known are 'patch' and 'dense'.",
            code="damaged",
            hint=_DAMAGED,
        )
    return cast(Form, stated["form"])


def _arrays(stated: dict[str, str], manifest: Manifest) -> dict[str, Any]:
    try:
        content = base64.b64decode(stated["hsi_preprocessing"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise BundleError(f"The preprocessing is not base64: {error}.", code="damaged", hint=_DAMAGED) from error
    if sha256_of(content) != manifest.sha256.preprocessing:
        raise BundleError("The preprocessing does not match its checksum.", code="damaged", hint=_DAMAGED)
    return dict(decode_arrays(content))
