"""The file of a trained model: written whole, and read with suspicion."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from ..errors import BundleError
from ..models.architectures.onnx_graph import ARCHITECTURE as ONNX_GRAPH
from ..phrases import counted
from . import format as container
from .denoiser import STEP_PREFIX, DenoisingStep
from .manifest import FORMAT_VERSION, Manifest, parse_manifest, stated_version
from .model_bundle import Member, ModelBundle, sha256_of
from .model_card import model_card
from .onnx.reading import looks_like_onnx, read_onnx
from .parts import assembled, preprocessing_of
from .tensors import decode_arrays, decode_weights, upgrade_names
from .trust import split_arrays


def write_bundle(bundle: ModelBundle, path: Path) -> None:
    """Write a model file; equal bundles give equal bytes.

    Parameters
    ----------
    path : the file to write; usually a temporary name of :class:`~hsi_engine.io.files.outputs.StagedOutputs`.

    Raises
    ------
    OutputError : the file cannot be written.
    """
    content = json.dumps(bundle.manifest(), indent=1, ensure_ascii=False, allow_nan=False).encode()
    # Whatever is written must be readable: a bundle that breaks a rule of the manifest fails here.
    parse_manifest(content)
    card = model_card(bundle).encode()
    container.write_members(path, {container.MANIFEST: content, **bundle.tensor_members, container.MODEL_CARD: card})


def read_bundle(path: str | Path) -> ModelBundle:
    """Read a model file, or an ONNX file that the engine has exported.

    Nothing in a model file is executed, and sizes are checked before anything is read.

    Raises
    ------
    BundleError
        The file is missing, of another kind, damaged, from a newer engine, holds other members than it
        should, or its parts do not fit together.
    """
    path = Path(path)
    try:
        return read_onnx(path) if looks_like_onnx(path) else _read(path)
    except BundleError as error:
        raise BundleError(
            f"Model '{path}': {error.message}", code=error.code.removeprefix(f"{error.family}."), hint=error.hint
        ) from error


def stated_format(path: Path) -> int:
    """``format_version`` of a model file that :func:`read_bundle` has read, or of the model in an ONNX file."""
    if looks_like_onnx(path):
        return FORMAT_VERSION
    return stated_version(container.read_member(path, container.MANIFEST))


def _read(path: Path) -> ModelBundle:
    members = container.read_members(path)
    manifest = parse_manifest(members[container.MANIFEST])
    for name, stated in (
        (container.WEIGHTS, manifest.sha256.weights),
        (container.PREPROCESSING, manifest.sha256.preprocessing),
    ):
        if sha256_of(members[name]) != stated:
            raise BundleError(
                f"Member {name!r} does not match manifest.json (its SHA-256 differs).",
                code="damaged",
                hint="The file mixes parts of several models; copy or download it again.",
            )
    weights, arrays = upgrade_names(
        stated_version(members[container.MANIFEST]),
        decode_weights(members[container.WEIGHTS]),
        decode_arrays(members[container.PREPROCESSING]),
    )
    known, calibrated = (
        None if record is None else record.model_dump() for record in (manifest.applicability, manifest.conformal)
    )
    denoising, arrays = _denoising(manifest, weights, arrays)
    arrays, kept = split_arrays(arrays, known=known is not None, calibrated=calibrated is not None)
    return assembled(
        manifest,
        members=_members(manifest, weights),
        preprocessing=preprocessing_of(manifest, arrays),
        trust_parts=(known, calibrated, kept),
        denoising=denoising,
    )


def _denoising(
    manifest: Manifest, weights: dict[str, torch.Tensor], arrays: dict[str, npt.NDArray[np.float64]]
) -> tuple[DenoisingStep | None, dict[str, npt.NDArray[np.float64]]]:
    """The denoiser, if the model has one, and the other arrays; its weights are taken out of ``weights``."""
    record = manifest.preprocessing.denoiser
    if record is None:
        return None, arrays
    own = {name: array for name, array in arrays.items() if name.startswith(STEP_PREFIX)}
    names = [name for name in weights if name.startswith(STEP_PREFIX)]
    network = {name.removeprefix(STEP_PREFIX): weights.pop(name) for name in names}
    others = {name: array for name, array in arrays.items() if name not in own}
    return DenoisingStep.from_parts(record.model_dump(), own, network), others


def _members(manifest: Manifest, weights: dict[str, torch.Tensor]) -> tuple[Member, ...]:
    members = []
    for number, record in enumerate(manifest.members):
        if record.architecture == ONNX_GRAPH.name:  # graphs are checked in .onnx files only
            raise BundleError(
                "A member of the model is an ONNX graph, which only an .onnx file may hold.",
                code="architecture",
                hint="Choose the .onnx file.",
            )
        prefix = f"members.{number}."
        own = {name.removeprefix(prefix): weights.pop(name) for name in list(weights) if name.startswith(prefix)}
        members.append(Member(weights=own, **record.model_dump()))
    if weights:
        raise BundleError(
            f"{counted(len(weights), 'tensor')} {'does' if len(weights) == 1 else 'do'} not belong to any member of the model, among them {min(weights)!r}.",
            code="tensors",
            hint="The file is damaged; copy or download it again.",
        )
    return tuple(members)
