"""A trained model with everything needed to map another scene, and its file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
import safetensors.torch
import torch

from ..bands import BandTable
from ..errors import BundleError, HsiError, MismatchError
from ..legend import Legend
from ..preprocess.chain import Preprocessing
from ..preprocess.scale_check import scale_warning
from . import format as container
from .manifest import FORMAT, FORMAT_VERSION, Manifest, parse_manifest
from .model_card import model_card
from .tensors import check_weights, decode_arrays, decode_weights

if TYPE_CHECKING:
    from ..io.scene import Scene

_MAX_NAMED_BANDS = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelBundle:
    """A trained model.

    Parameters
    ----------
    architecture, options : an entry of the model registry and what was chosen of it.
    weights : ``state_dict`` of the network; a copy on the CPU is kept.
    preprocessing : from the bands of a scene to the components the network sees.
    legend : the classes; a class index is a position in it.
    patch_size : edge of a patch in pixels, odd.
    padding : what stands beyond the border and at invalid pixels: ``"zero"``, the mean spectrum.
    training : the record: settings, seed, versions, input hashes, ``split`` as
        :meth:`hsi_engine.splitting.split.Split.to_json` gives it. Any JSON object.
    metrics : accuracy by subset (``{"test": {"overall_accuracy": …}, …}``). Any JSON object.

    Raises
    ------
    BundleError : the parts do not fit together, or weights are not finite.
    """

    architecture: str
    options: dict[str, Any]
    weights: dict[str, torch.Tensor]
    preprocessing: Preprocessing
    legend: Legend
    patch_size: int
    padding: str = "zero"
    training: dict[str, Any]
    metrics: dict[str, Any]

    def __post_init__(self) -> None:
        if self.patch_size < 1 or self.patch_size % 2 == 0:
            raise BundleError(f"The patch size must be odd; found {self.patch_size}.", code="inconsistent")
        if self.padding != "zero":
            raise BundleError(f"The padding must be 'zero'; found {self.padding!r}.", code="inconsistent")
        for name in ("options", "training", "metrics"):
            object.__setattr__(self, name, _as_json(name, getattr(self, name)))
        own = {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in self.weights.items()}
        object.__setattr__(self, "weights", own)
        check_weights(
            own,
            architecture=self.architecture,
            options=self.options,
            n_components=self.preprocessing.n_components,
            patch_size=self.patch_size,
            n_classes=len(self.legend),
        )

    @cached_property
    def id(self) -> str:
        """SHA-256 of all that decides how a map looks; the training record and metrics play no part."""
        essentials = {k: v for k, v in self.manifest().items() if k not in ("training", "metrics")}
        return hashlib.sha256(json.dumps(essentials, sort_keys=True).encode()).hexdigest()

    def check_scene(self, scene: Scene) -> tuple[int, ...]:
        """Positions (from 0) of the bands to read from ``scene``, in the order the model needs them.

        Raises
        ------
        MismatchError : bands that the model needs are missing, or the scene flags them as bad.
        """
        try:
            indices = self.preprocessing.locate_bands(scene.bands)
        except MismatchError as error:
            raise MismatchError(
                f"Scene '{scene.path}' does not fit the model: {error.message}", code="bands", hint=error.hint
            ) from error
        flagged = [i for i in indices if not scene.bands.good[i]]
        if flagged:
            raise MismatchError(
                f"Scene '{scene.path}' does not fit the model: {len(flagged)} band(s) that it needs are flagged as"
                f" bad in the scene: {_name_bands(scene.bands, flagged)}.",
                code="bad_bands",
                hint="Train a model without these bands, or correct the flags if the bands are fine.",
            )
        return indices

    def scale_warning(self, mean_spectrum: npt.NDArray[Any]) -> str:
        """A warning where a scene's mean spectrum (of the bands of :meth:`check_scene`) is in another unit."""
        return scale_warning(self.preprocessing.pca.mean, mean_spectrum)

    @cached_property
    def tensor_members(self) -> dict[str, bytes]:
        """The members of the file that hold tensors, by name, in the format of safetensors."""
        return {
            container.WEIGHTS: safetensors.torch.save(self.weights),
            container.PREPROCESSING: safetensors.numpy.save(
                {name: np.ascontiguousarray(array) for name, array in self.preprocessing.arrays().items()}
            ),
        }

    def manifest(self) -> dict[str, Any]:
        """The content of ``manifest.json``."""
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "architecture": self.architecture,
            "options": self.options,
            "patch_size": self.patch_size,
            "padding": self.padding,
            "legend": self.legend.to_json(),
            "preprocessing": self.preprocessing.to_json(),
            "sha256": {
                "weights": _sha256(self.tensor_members[container.WEIGHTS]),
                "preprocessing": _sha256(self.tensor_members[container.PREPROCESSING]),
            },
            "training": self.training,
            "metrics": self.metrics,
        }


def write_bundle(bundle: ModelBundle, path: Path) -> None:
    """Write a model file; equal bundles give equal bytes.

    Parameters
    ----------
    path : the file to write; usually a temporary name of :class:`~hsi_engine.io.outputs.StagedOutputs`.

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
    """Read a model file. Nothing in it is executed, and sizes are checked before anything is read.

    Raises
    ------
    BundleError
        The file is missing, of another kind, damaged, from a newer engine, holds other members than it
        should, or its parts do not fit together.
    """
    path = Path(path)
    try:
        return _read(path)
    except BundleError as error:
        raise BundleError(
            f"Model '{path}': {error.message}", code=error.code.removeprefix(f"{error.family}."), hint=error.hint
        ) from error


def _read(path: Path) -> ModelBundle:
    members = container.read_members(path)
    manifest = parse_manifest(members[container.MANIFEST])
    for name, stated in (
        (container.WEIGHTS, manifest.sha256.weights),
        (container.PREPROCESSING, manifest.sha256.preprocessing),
    ):
        if _sha256(members[name]) != stated:
            raise BundleError(
                f"Member {name!r} is not the one that manifest.json describes (another SHA-256).",
                code="damaged",
                hint="The file was put together from several models; get it again.",
            )
    return ModelBundle(
        architecture=manifest.architecture,
        options=manifest.options,
        weights=decode_weights(members[container.WEIGHTS]),
        preprocessing=_preprocessing(manifest, members[container.PREPROCESSING]),
        legend=_legend(manifest),
        patch_size=manifest.patch_size,
        padding=manifest.padding,
        training=manifest.training,
        metrics=manifest.metrics,
    )


def _preprocessing(manifest: Manifest, content: bytes) -> Preprocessing:
    arrays = decode_arrays(content)
    try:
        return Preprocessing.from_parts(manifest.preprocessing.model_dump(), arrays)
    except (HsiError, ValueError, TypeError, KeyError) as error:
        raise BundleError(
            f"The preprocessing is inconsistent: {error}",
            code="inconsistent",
            hint="The file is damaged or was changed by hand; get it again.",
        ) from error


def _legend(manifest: Manifest) -> Legend:
    values = [entry.value for entry in manifest.legend]
    if values != sorted(set(values)):
        raise BundleError(
            f"The class values of the legend must rise; found {values[:20]}.",
            code="inconsistent",
            hint="The file is damaged or was changed by hand; get it again.",
        )
    return Legend.from_json([entry.model_dump() for entry in manifest.legend])


def _as_json(name: str, value: Any) -> Any:
    """A deep copy of ``value`` as it will come back from the file."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise BundleError(f"The {name} of a model must be plain JSON values: {error}.", code="inconsistent") from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _name_bands(bands: BandTable, indices: list[int]) -> str:
    more = len(indices) - _MAX_NAMED_BANDS
    named = ", ".join(bands.label(i) for i in indices[:_MAX_NAMED_BANDS])
    return named + (f" and {more} more" if more > 0 else "")
