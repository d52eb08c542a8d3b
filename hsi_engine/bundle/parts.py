"""From a checked manifest and arrays to the parts of a model, whatever file they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..classes.legend import Legend
from ..errors import BundleError, HsiError
from ..evaluation.confidence_scaling import ConfidenceScaling
from ..preprocess.chain import Preprocessing
from .denoiser import DenoisingStep
from .manifest import Manifest
from .model_bundle import Member, ModelBundle, SmoothingSettings
from .trust import Trust

_EDITED = "The file is damaged or was edited; copy or download it again."


def assembled(
    manifest: Manifest,
    *,
    members: tuple[Member, ...],
    preprocessing: Preprocessing,
    trust_parts: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None, Mapping[str, npt.NDArray[np.float64]]],
    denoising: DenoisingStep | None = None,
) -> ModelBundle:
    """The model of a manifest.

    Parameters
    ----------
    trust_parts : the records of applicability and conformal, and their arrays.
    denoising : the first step of the model, if it has one.

    Raises
    ------
    BundleError : the parts do not fit together.
    """
    return ModelBundle(
        members=members,
        preprocessing=preprocessing,
        denoising=denoising,
        legend=_legend(manifest),
        temperature=manifest.temperature,
        confidence_scaling=ConfidenceScaling(**manifest.confidence_scaling.model_dump()),
        smoothing=None if manifest.smoothing is None else SmoothingSettings(**manifest.smoothing.model_dump()),
        trust=Trust.from_parts(*trust_parts, len(manifest.legend)),
        padding=manifest.padding,
        training=manifest.training,
        metrics=manifest.metrics,
    )


def preprocessing_of(manifest: Manifest, arrays: dict[str, npt.NDArray[np.float64]]) -> Preprocessing:
    """The preprocessing of a manifest; :class:`BundleError` if its parts do not fit together."""
    try:
        return Preprocessing.from_parts(manifest.preprocessing.model_dump(exclude={"denoiser"}), arrays)
    except (HsiError, ValueError, TypeError, KeyError) as error:
        raise BundleError(f"The preprocessing is inconsistent: {error}", code="inconsistent", hint=_EDITED) from error


def _legend(manifest: Manifest) -> Legend:
    values = [entry.value for entry in manifest.legend]
    if values != sorted(set(values)):
        raise BundleError(
            f"The class values of the legend must be in ascending order; found {values[:20]}.",
            code="inconsistent",
            hint=_EDITED,
        )
    return Legend.from_json([entry.model_dump() for entry in manifest.legend])
