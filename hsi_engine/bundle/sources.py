"""The part of a model of two sources for one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from ..errors import MismatchError
from ..models import registry
from .model_bundle import Member, ModelBundle
from .trust import Trust

Source = Literal["scene", "second"]

_TITLES: Mapping[Source, str] = {"scene": "scene", "second": "second raster"}
_OF_BANDS = ("low", "high", "mean", "deviation")


def of_one_source(bundle: ModelBundle, source: Source) -> ModelBundle:
    """The part of a model of two sources that sees one of them, as a model that needs no other.

    A smoothing is left out if the source that guides it is, and the scores behind prediction sets always.

    Raises
    ------
    MismatchError : the model has one source only, or was not trained to classify by either of them.
    """
    steps = bundle.preprocessing
    if not steps.second_bands:
        raise MismatchError(
            "The model was trained without a second raster: it cannot map from one.",
            code="second_unknown",
            hint="Map a scene with it, or train a model with a second raster (model two_sources).",
        )
    if not bundle.works_alone:
        other = "scene" if source == "second" else "second raster"
        raise MismatchError(
            f"The model cannot map from the {_TITLES[source]} alone: it was trained with both sources only.",
            code="one_source",
            hint=f"Name the {other} too, or train again with 'modality_dropout', such as 0.3.",
        )
    alone = steps.scene_alone if source == "scene" else steps.second_alone
    # Positions of the branches that remain, by those before.
    kept = [i for i, branch in enumerate(steps.branches) if source == "scene" or branch.second is not None]
    members = tuple(_member_of(member, source, kept.index(member.branch)) for member in bundle.members)
    smoothing = bundle.smoothing
    if smoothing is not None:
        smoothing = replace(smoothing, branch=kept.index(smoothing.branch)) if smoothing.branch in kept else None
    own = len(steps.bands) - steps.second_bands
    part = slice(own) if source == "scene" else slice(own, None)
    return replace(
        bundle,
        members=members,
        preprocessing=alone,
        denoising=bundle.denoising if source == "scene" else None,
        smoothing=smoothing,
        trust=_trust_of(bundle.trust, kept),
        training=bundle.training
        | {
            "scene": _ranges(bundle.training.get("scene"), part),
            "class_spectra": _class_spectra(bundle.training.get("class_spectra"), part),
        },
    )


def _member_of(member: Member, source: Source, branch: int) -> Member:
    if not registry.get(member.architecture).second_source:
        raise ValueError(f"{member.architecture} has no part for one source")
    options = member.options | ({"second_bands": 0} if source == "scene" else {})
    other = "features.second." if source == "scene" else "features.scene."
    weights = {name: tensor for name, tensor in member.weights.items() if not name.startswith(other)}
    return replace(member, options=options, weights=weights, branch=branch)


def _trust_of(trust: Trust, kept: list[int]) -> Trust:
    """Spectra are compared as before if they are used; the sets of classes were calibrated with both sources."""
    known = trust.known
    if known is not None:
        known = replace(known, branch=kept.index(known.branch)) if known.branch in kept else None
    return Trust(known=known)


def _ranges(record: Any, part: slice) -> Any:
    """A record with its lists for some of the bands."""
    if not isinstance(record, Mapping):
        return record
    ranges = {name: record[name][part] for name in _OF_BANDS if isinstance(record.get(name), list)}
    return {**record, **ranges}


def _class_spectra(record: Any, part: slice) -> Any:
    return [_ranges(one, part) for one in record] if isinstance(record, list) else record
