"""The file of a denoiser: a zip archive of a manifest and two files of arrays, like that of a model."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from ..errors import BundleError
from ..foreign.json_text import parse_json
from ..foreign.text import ForeignTextError
from . import format as container
from .denoiser import Denoiser

SUFFIX = ".hsidenoiser"
FORMAT, FORMAT_VERSION = "hsidenoiser", 1
_ARRAYS = "arrays.safetensors"
_LIMITS = MappingProxyType({container.MANIFEST: 16 << 20, _ARRAYS: 256 << 20})
_FOREIGN = f"Choose a denoiser file ({SUFFIX}) from Denoise scene."
_DAMAGED = "The file is damaged; copy or download it again."


def write_denoiser(denoiser: Denoiser, path: Path) -> None:
    """Write a denoiser file; equal denoisers give equal bytes.

    Raises
    ------
    OutputError : the file cannot be written.
    """
    record = {"format": FORMAT, "format_version": FORMAT_VERSION, **denoiser.to_json()}
    content = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False).encode()
    arrays = {name: np.ascontiguousarray(array) for name, array in sorted(denoiser.arrays().items())}
    members = {container.MANIFEST: content, _ARRAYS: safetensors.numpy.save(arrays)}
    container.write_members(path, members, _LIMITS)


def read_denoiser(path: str | Path) -> Denoiser:
    """Read a denoiser file. Nothing in it is executed, and sizes are checked before anything is read.

    Raises
    ------
    BundleError : the file is missing, of another kind, damaged, or from a newer engine.
    """
    path = Path(path)
    try:
        return _read(path)
    except BundleError as error:
        raise BundleError(
            f"Denoiser '{path}': {error.message}", code=error.code.removeprefix(f"{error.family}."), hint=error.hint
        ) from error


def _read(path: Path) -> Denoiser:
    if container.is_model(path):
        raise BundleError("This is the model of a classifier, not a denoiser.", code="not_a_denoiser", hint=_FOREIGN)
    members = container.read_members(path, _LIMITS)
    record = _manifest(members[container.MANIFEST])
    try:
        arrays = safetensors.numpy.load(members[_ARRAYS])
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"The arrays cannot be decoded: {error}.", code="tensors", hint=_DAMAGED) from error
    return Denoiser.from_parts(record, arrays)


def _manifest(content: bytes) -> dict[str, Any]:
    try:
        record = parse_json(content)
    except ForeignTextError as error:
        raise BundleError(f"manifest.json cannot be read: {error}.", code="manifest", hint=_DAMAGED) from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise BundleError(
            f'manifest.json is not that of a denoiser: expected an object with "format": "{FORMAT}".',
            code="not_a_denoiser",
            hint=_FOREIGN,
        )
    version = record.get("format_version")
    if version != FORMAT_VERSION:
        raise BundleError(
            f"The denoiser has format version {version}; this engine reads version {FORMAT_VERSION}.",
            code="newer_version",
            hint="Update the engine, or train the denoiser again with this one.",
        )
    return record
