"""The manifest of a model file: its fields, and how manifests of older versions become current."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import BundleError
from ..evaluation.calibration import TEMPERATURE_BOUNDS
from ..evaluation.confidence_scaling import OFFSET_BOUNDS, SLOPE_BOUNDS
from ..foreign.json_text import parse_json
from ..foreign.text import ForeignTextError
from ..phrases import COLOUR_PATTERN, SHA256_PATTERN, counted, plain_requirement

FORMAT = "hsimodel"
FORMAT_VERSION = 4
_RENAMED_STRATEGIES = {"groups": "polygons"}

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]


# The step at key n turns a manifest of version n into one of version n + 1. A step is never changed
# once a release can write version n + 1.
def _to_version_2(data: dict[str, Any]) -> dict[str, Any]:
    """One network on whitened or plain principal components becomes the only member, on the only branch."""
    rest = {k: v for k, v in data.items() if k not in ("architecture", "options", "patch_size", "preprocessing")}
    steps = dict(data["preprocessing"])
    pca = {"normalisation": "none", "reduction": "pca", "n_bands": len(steps["bands"]["names"]), **steps.pop("pca")}
    pca["whiten"] = float(pca["whiten"])
    options = data["options"]
    if data["architecture"] == "hybridsn":  # its defaults are others now
        options = {"batch_norm": False, "squeeze_excitation": False, "dropout": 0.4} | options
    member = {
        "architecture": data["architecture"],
        "options": options,
        "patch_size": data["patch_size"],
        "branch": 0,
        "temperature": 1.0,
        "share": 1.0,
    }
    return rest | {
        "members": [member],
        "temperature": 1.0,
        "smoothing": None,
        "preprocessing": steps | {"branches": [pca]},
    }


def _to_version_3(data: dict[str, Any]) -> dict[str, Any]:
    """Nothing was kept of the training pixels."""
    return data | {"applicability": None, "conformal": None}


def _to_version_4(data: dict[str, Any]) -> dict[str, Any]:
    """The temperature was the last step."""
    return data | {"confidence_scaling": {"slope": 1.0, "offset": 0.0}}


UPGRADES: Mapping[int, Upgrade] = MappingProxyType({1: _to_version_2, 2: _to_version_3, 3: _to_version_4})

Sha256 = Annotated[str, Field(pattern=SHA256_PATTERN)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class LegendEntry(_Part):
    """One class; the order of the list is the order of the network's outputs."""

    value: int = Field(ge=1, le=65535)
    name: str
    color: str = Field(pattern=COLOUR_PATTERN)


class BranchRecord(_Part):
    """What is not an array in a branch; the last two are for a second raster, the three before for a PCA."""

    normalisation: Literal["none", "brightness", "derivative"]
    reduction: Literal["bands", "decorrelated", "pca", "mnf"]
    n_bands: int = Field(ge=1, le=100_000)
    n_components: int = Field(ge=1, le=100_000)
    whiten: float | None = Field(default=None, ge=0, le=1)
    total_variance: float | None = Field(default=None, gt=0)
    explained_variance_ratio: list[float] | None = None
    second_bands: int | None = Field(default=None, ge=1, le=100_000)
    keeps_second: bool | None = None


class MemberRecord(_Part):
    """What is not a tensor in a member."""

    architecture: str
    options: dict[str, Any]
    patch_size: int = Field(ge=1, le=9_999)
    branch: int = Field(ge=0, le=99)
    temperature: float = Field(ge=TEMPERATURE_BOUNDS[0], le=TEMPERATURE_BOUNDS[1])
    share: float = Field(gt=0)


class SmoothingRecord(_Part):
    """How class probabilities are smoothed before the decision."""

    radius_px: int = Field(ge=1, le=99)
    epsilon: float = Field(gt=0)
    branch: int = Field(ge=0, le=99)


class ConfidenceScalingRecord(_Part):
    """The curve that the probability of the chosen class is brought onto in the end."""

    slope: float = Field(ge=SLOPE_BOUNDS[0], le=SLOPE_BOUNDS[1])
    offset: float = Field(ge=OFFSET_BOUNDS[0], le=OFFSET_BOUNDS[1])


class FittedOn(_Part):
    """The scene that the preprocessing was fitted on; values in the unit of that scene."""

    scene_bands: int = Field(ge=1)
    band_indices: list[Annotated[int, Field(ge=0)]]
    dtype: str
    pixels: int = Field(ge=1)
    mean_spectrum_min: float
    mean_spectrum_max: float


class DenoiserRecord(_Part):
    """The denoiser that comes before everything else, without its arrays and weights."""

    bands: dict[str, Any]
    layers: int = Field(ge=2, le=64)
    width: int = Field(ge=1, le=1024)
    positions: list[Annotated[int, Field(ge=0)]]
    training: dict[str, Any]


class PreprocessingRecord(_Part):
    """Everything of the preprocessing but its arrays."""

    bands: dict[str, Any]
    branches: list[BranchRecord] = Field(min_length=1, max_length=100)
    fitted_on: FittedOn
    second_bands: int | None = Field(default=None, ge=1, le=100_000)
    denoiser: DenoiserRecord | None = None


class ApplicabilityRecord(_Part):
    """What is not an array in the area of applicability."""

    branch: int = Field(ge=0, le=99)
    mean_distance: float = Field(gt=0)
    threshold: float = Field(ge=0)
    training_pixels: int = Field(ge=2)
    apart: Literal["folds", "places"]


class ConformalRecord(_Part):
    """What is not an array in the scores behind prediction sets."""

    tested_pixels: int = Field(ge=1)
    unit_name: Literal["block", "polygon", "pixel"]


class Checksums(_Part):
    """SHA-256 of the two members that hold tensors."""

    weights: Sha256
    preprocessing: Sha256


class Manifest(_Part):
    """``manifest.json`` in the current version. ``docs/bundle-format.md`` explains each field."""

    format: Literal["hsimodel"]
    format_version: Literal[4]
    members: list[MemberRecord] = Field(min_length=1, max_length=100)
    temperature: float = Field(ge=TEMPERATURE_BOUNDS[0], le=TEMPERATURE_BOUNDS[1])
    confidence_scaling: ConfidenceScalingRecord
    smoothing: SmoothingRecord | None
    padding: Literal["zero"]
    legend: list[LegendEntry] = Field(min_length=1)
    preprocessing: PreprocessingRecord
    applicability: ApplicabilityRecord | None
    conformal: ConformalRecord | None
    sha256: Checksums
    training: dict[str, Any]
    metrics: dict[str, Any]


def parse_manifest(content: bytes) -> Manifest:
    """Read ``manifest.json``, upgrading it step by step if it is older.

    Raises
    ------
    BundleError : not JSON, not a model's manifest, newer than this engine, or fields missing or wrong.
    """
    try:
        data = parse_json(content)
    except ForeignTextError as error:
        raise BundleError(
            f"manifest.json cannot be read: {error}.",
            code="manifest",
            hint="The file is damaged; copy or download it again.",
        ) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BundleError(
            f'manifest.json is not that of a model: expected an object with "format": "{FORMAT}".',
            code="manifest",
            hint="Choose a .hsimodel file.",
        )
    data = _rename_strategies(upgrade(data))
    try:
        # Through JSON, so that strict types are those of JSON: a list is right, a string for a number is not.
        return Manifest.model_validate_json(json.dumps(data))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BundleError(
            f"manifest.json: field '{where}': {plain_requirement(first['msg'])}; found {_short(first['input'])}"
            f" ({counted(error.error_count(), 'problem')} in all).",
            code="manifest",
            hint="The file is damaged or was edited; copy or download it again.",
        ) from None


def upgrade(
    data: dict[str, Any], *, current: int = FORMAT_VERSION, steps: Mapping[int, Upgrade] = UPGRADES
) -> dict[str, Any]:
    """Turn a manifest of any older version into one of version ``current``, one version at a time.

    Raises
    ------
    BundleError : ``format_version`` is not a version, or newer than ``current``.
    """
    version = data.get("format_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BundleError(
            f"manifest.json: 'format_version' must be a whole number from 1 to {current}; found {_short(version)}.",
            code="manifest",
            hint="The file is damaged; copy or download it again.",
        )
    if version > current:
        raise BundleError(
            f"The model has format version {version}; this engine reads versions up to {current}.",
            code="newer_version",
            hint="Update the engine, or train the model again with this one.",
        )
    for step in range(version, current):
        try:
            data = {**steps[step](data), "format_version": step + 1}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BundleError(
                f"manifest.json of version {step} lacks a field, or has one of the wrong type: {error}.",
                code="manifest",
                hint="The file is damaged or was edited; copy or download it again.",
            ) from None
    return data


def _rename_strategies(data: dict[str, Any]) -> dict[str, Any]:
    """Call the split by polygons what a user calls it. Version 2 was first written with another name for it.

    Older readers understand either name, so this does not need a new version.
    """
    training = data.get("training")
    if not isinstance(training, dict):
        return data
    training = _with_split_renamed(training)
    if isinstance(training.get("comparison"), dict):
        training = training | {"comparison": _with_split_renamed(training["comparison"])}
    return data | {"training": training}


def _with_split_renamed(record: dict[str, Any]) -> dict[str, Any]:
    split = record.get("split")
    renamed = _RENAMED_STRATEGIES.get(str(split.get("strategy"))) if isinstance(split, dict) else None
    return record if renamed is None else record | {"split": {**record["split"], "strategy": renamed}}


def stated_version(content: bytes) -> int:
    """``format_version`` of a manifest that :func:`parse_manifest` has read."""
    version: int = parse_json(content)["format_version"]
    return version


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
