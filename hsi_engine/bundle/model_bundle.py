"""A trained model with everything needed to map another scene."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
import safetensors.torch
import torch

from ..classes.legend import Legend
from ..errors import BundleError, MismatchError
from ..evaluation.confidence_scaling import ConfidenceScaling
from ..models import registry
from ..phrases import counted
from ..preprocess.chain import Preprocessing
from ..preprocess.scale_check import scale_warning, second_scale_warning, unit_factor
from ..spectrum.bands import BandTable
from . import format as container
from .denoiser import DenoisingStep
from .manifest import FORMAT, FORMAT_VERSION
from .second_check import check_second
from .tensors import check_weights
from .trust import Trust

if TYPE_CHECKING:
    from ..io.scenes.scene import Scene

_MAX_NAMED_BANDS = 8


_OF_TWO_DETECTORS = (
    "Where two detectors overlap, one is used: set 'detector_overlap' to both to use the bands of both. "
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Member:
    """One trained classifier of a model.

    Parameters
    ----------
    architecture, options : an entry of the model registry and what was chosen of it.
    weights : ``state_dict`` of its module; a copy on the CPU is kept.
    patch_size : edge of a patch in pixels, odd.
    branch : position of the branch of the preprocessing that it sees.
    temperature : its scores are divided by it before the softmax (Guo et al. 2017).
    share : its weight in the mean of the members' probabilities.
    """

    architecture: str
    options: dict[str, Any]
    weights: dict[str, torch.Tensor]
    patch_size: int
    branch: int = 0
    temperature: float = 1.0
    share: float = 1.0

    def __post_init__(self) -> None:
        if self.patch_size < 1 or self.patch_size % 2 == 0:
            raise BundleError(f"The patch size must be odd; found {self.patch_size}.", code="inconsistent")
        object.__setattr__(self, "options", _as_json("options", self.options))
        own = {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in self.weights.items()}
        object.__setattr__(self, "weights", own)

    def to_json(self) -> dict[str, Any]:
        """Everything but the weights."""
        return {
            "architecture": self.architecture,
            "options": self.options,
            "patch_size": self.patch_size,
            "branch": self.branch,
            "temperature": self.temperature,
            "share": self.share,
        }


@dataclass(frozen=True, kw_only=True)
class SmoothingSettings:
    """How probabilities are smoothed before the decision; see :mod:`hsi_engine.inference.smoothing`.

    Parameters
    ----------
    radius_px, epsilon : of the filter.
    branch : position of the branch of the preprocessing that guides it.
    """

    radius_px: int
    epsilon: float
    branch: int


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelBundle:
    """A trained model.

    Parameters
    ----------
    members : one or more trained classifiers; the mean of their probabilities decides.
    preprocessing : from the bands of a scene to the channels that the members see.
    denoising : what is done to the bands before; None: nothing.
    legend : the classes; a class index is a position in it.
    temperature : the logarithm of the mean probabilities is divided by it before another softmax. 1 since version 4.
    confidence_scaling : the curve that the probability of the chosen class is brought onto in the end.
    smoothing : None leaves every pixel as its own spectrum and surroundings decide.
    trust : what is kept of the training pixels, to say where the model may be trusted.
    padding : what stands beyond the border and at invalid pixels: ``"zero"``, the mean spectrum.
    training : the record: settings, seed, versions, input hashes, ``split`` as
        :meth:`hsi_engine.splitting.split.Split.to_json` gives it. Any JSON object.
    metrics : accuracy by subset (``{"test": {"overall_accuracy": …}, …}``). Any JSON object.

    Raises
    ------
    BundleError : the parts do not fit together, or weights are not finite.
    """

    members: tuple[Member, ...]
    preprocessing: Preprocessing
    denoising: DenoisingStep | None = None
    legend: Legend
    temperature: float = 1.0
    confidence_scaling: ConfidenceScaling = field(default_factory=ConfidenceScaling)
    smoothing: SmoothingSettings | None = None
    trust: Trust = field(default_factory=Trust)
    padding: str = "zero"
    training: dict[str, Any]
    metrics: dict[str, Any]

    def __post_init__(self) -> None:
        if self.padding != "zero":
            raise BundleError(f"The padding must be 'zero'; found {self.padding!r}.", code="inconsistent")
        for name in ("training", "metrics"):
            object.__setattr__(self, name, _as_json(name, getattr(self, name)))
        if not self.members:
            raise BundleError("A model needs at least one member.", code="inconsistent")
        branches = self.preprocessing.branches
        used = [member.branch for member in self.members]
        if self.smoothing is not None:
            used.append(self.smoothing.branch)
        if max(used) >= len(branches):
            raise BundleError(
                f"The members use branch {max(used)} of the preprocessing, which has {len(branches)}.",
                code="inconsistent",
            )
        if self.denoising is not None:
            self.denoising.check(len(self.preprocessing.bands) - self.preprocessing.second_bands)
        self.trust.check([branch.n_components for branch in branches], len(self.legend))
        for member in self.members:
            second, stated = branches[member.branch].second_channels, member.options.get("second_bands", 0)
            if self.preprocessing.second_bands and second != stated:
                raise BundleError(
                    f"A member takes {stated} channels for those of the second raster; its branch has {second}.",
                    code="inconsistent",
                )
            check_weights(
                member.weights,
                architecture=member.architecture,
                options=member.options,
                n_components=branches[member.branch].n_components,
                patch_size=member.patch_size,
                n_classes=len(self.legend),
            )

    @property
    def patch_size(self) -> int:
        """Edge of the largest patch that a member sees, in pixels."""
        return max(member.patch_size for member in self.members)

    @property
    def title(self) -> str:
        """The architectures by their titles."""
        titles = dict.fromkeys(registry.get(member.architecture).title for member in self.members)
        return " + ".join(titles)

    @property
    def works_alone(self) -> bool:
        """Whether a model of two sources can also map from either of them."""
        second = self.preprocessing.second_bands
        return second > 0 and all(member.options.get("modality_dropout", 0) > 0 for member in self.members)

    @cached_property
    def id(self) -> str:
        """SHA-256 of all that decides how a map looks; the training record and metrics play no part.

        A model that has nothing of what a version brought keeps the id that it had in the version before.
        """
        essentials = {k: v for k, v in self.manifest().items() if k not in ("training", "metrics")}
        if self.confidence_scaling.is_identity:
            essentials = {k: v for k, v in essentials.items() if k != "confidence_scaling"} | {"format_version": 3}
            if self.trust.known is None and self.trust.calibrated is None:
                of_version_2 = {k: v for k, v in essentials.items() if k not in ("applicability", "conformal")}
                essentials = of_version_2 | {"format_version": 2}
        return hashlib.sha256(json.dumps(essentials, sort_keys=True).encode()).hexdigest()

    def check_scene(self, scene: Scene) -> tuple[int, ...]:
        """Positions (from 0) of the bands to read from ``scene``, in the order the model needs them.

        Raises
        ------
        MismatchError : bands that the model needs are missing, or the scene flags them as bad; or a second raster is
            missing, is not needed, or has another number of bands.
        """
        check_second(self.preprocessing.second_bands, scene, works_alone=self.works_alone)
        try:
            indices = self.preprocessing.locate_bands(scene.bands)
        except MismatchError as error:
            raise MismatchError(
                f"Scene '{scene.path}' does not fit the model: {error.message}", code="bands", hint=error.hint
            ) from error
        flagged = [i for i in indices if not scene.bands.good[i]]
        if flagged:
            raise MismatchError(
                f"Scene '{scene.path}' does not fit the model: {counted(len(flagged), 'band')} that it needs"
                f" {'is' if len(flagged) == 1 else 'are'} left out of the scene or flagged as bad in it:"
                f" {_name_bands(scene.bands, flagged)}.",
                code="bad_bands",
                hint=f"{_OF_TWO_DETECTORS if scene.detectors else ''}Train a model without these bands, or correct the flags"
                " if the bands are fine.",
            )
        return indices

    def scale_warning(self, mean_spectrum: npt.NDArray[Any]) -> str:
        """A warning if a scene's mean spectrum (of the bands of :meth:`check_scene`) is in another unit."""
        own = self.preprocessing.scene_alone.mean_spectrum  # a second raster has another unit
        warning = scale_warning(own, mean_spectrum[: len(own)])
        factor = unit_factor(own, mean_spectrum[: len(own)])
        if factor is None:
            return warning
        step = f"Multiply its values by {factor:,.0f}" if factor > 1 else f"Divide its values by {1 / factor:,.0f}"
        return f"{warning} {step}, or state this scale in the file, to bring them to the unit of the training scene."

    def second_scale_warning(self, mean_spectrum: npt.NDArray[Any]) -> str:
        """As :meth:`scale_warning`, of the second raster; empty if the model uses none."""
        second, mean = self.preprocessing.second_bands, self.preprocessing.mean_spectrum
        used = second and any(branch.second is not None for branch in self.preprocessing.branches)
        return second_scale_warning(mean[-second:], mean_spectrum[-second:]) if used else ""

    @cached_property
    def tensor_members(self) -> dict[str, bytes]:
        """The members of the file that hold tensors, by name, in the format of safetensors."""
        first = self.denoising
        weights = {
            f"members.{number}.{name}": tensor
            for number, member in enumerate(self.members)
            for name, tensor in member.weights.items()
        }
        arrays = {**self.preprocessing.arrays(), **self.trust.arrays(), **(first.arrays() if first else {})}
        return {
            container.WEIGHTS: safetensors.torch.save(weights | (first.tensors() if first else {})),
            container.PREPROCESSING: safetensors.numpy.save(
                {name: np.ascontiguousarray(array) for name, array in arrays.items()}
            ),
        }

    def manifest(self) -> dict[str, Any]:
        """The content of ``manifest.json``."""
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "members": [member.to_json() for member in self.members],
            "temperature": self.temperature,
            "confidence_scaling": asdict(self.confidence_scaling),
            "smoothing": None if self.smoothing is None else asdict(self.smoothing),
            "padding": self.padding,
            "legend": self.legend.to_json(),
            "preprocessing": self.preprocessing.to_json()
            | ({"denoiser": self.denoising.to_json()} if self.denoising else {}),
            **self.trust.to_json(),
            "sha256": {
                "weights": sha256_of(self.tensor_members[container.WEIGHTS]),
                "preprocessing": sha256_of(self.tensor_members[container.PREPROCESSING]),
            },
            "training": self.training,
            "metrics": self.metrics,
        }


def _as_json(name: str, value: Any) -> Any:
    """A deep copy of ``value`` as it will come back from the file."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise BundleError(f"The {name} of a model must be plain JSON values: {error}.", code="inconsistent") from error


def sha256_of(content: bytes) -> str:
    """The checksum of a member of the file, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _name_bands(bands: BandTable, indices: list[int]) -> str:
    more = len(indices) - _MAX_NAMED_BANDS
    named = ", ".join(bands.label(i) for i in indices[:_MAX_NAMED_BANDS])
    return named + (f" and {more} more" if more > 0 else "")
