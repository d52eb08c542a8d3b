"""The last step of a training: the model with its record and its figures."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ...bundle.known_pixels import KnownPixels
from ...bundle.model_bundle import Member, ModelBundle, SmoothingSettings
from ...bundle.trust import KnownSpectra, Trust
from ...evaluation.accuracy import Accuracy
from ...evaluation.calibration import softmax
from ...evaluation.clustered import clustered_intervals
from ...evaluation.confidence_scaling import ConfidenceScaling, fit_confidence_scaling
from ...evaluation.one_class import no_better_than_one_class
from ...evaluation.reliability import reliability
from ...inference.confidence.scaling import scaled_samples
from ...moment import recorded_time
from ...pixels.samples import SampleSet
from ...report.views.distances import distance_sentence
from ...runtime.device import Device, describe_device, resolve_precision
from ...runtime.versions import versions
from ...selection.choice import Choice
from ...selection.cross_fit import tested_samples
from ...selection.distances import compare_distances
from ...selection.smoothing_choice import SmoothedChoice
from ...selection.trust import TestedPixels, calibrated, known_samples, known_spectra, trust_figures
from ...splitting.folds import Folds
from ...splitting.split import NEAR_PX, Split, measure_leakage
from ...training.fit import FittedRecipe
from .parameters import TrainClassifierParams
from .preparation import Prepared


@dataclass(frozen=True, kw_only=True, eq=False)
class Packing:
    """All that a model is made of; see the fields of :class:`hsi_engine.bundle.model_bundle.ModelBundle`.

    ``tested`` is the test side of a split, with confidences that are not scaled yet.
    """

    params: TrainClassifierParams
    prepared: Prepared
    inputs: dict[str, str]
    device: Device
    split: Split | None
    folds: Folds | None
    choice: Choice | None
    smoothed: SmoothedChoice | None
    fitted: tuple[FittedRecipe, ...]
    temperatures: tuple[float, ...]
    metrics: dict[str, Any]
    tested: TestedPixels | None
    comparison: dict[str, Any] | None
    seconds: float


def pack(parts: Packing) -> ModelBundle:
    """The model, with only those branches of the preprocessing that it needs."""
    params, prepared = parts.params, parts.prepared
    strength = None if parts.smoothed is None else parts.smoothed.strength
    used = [prepared.cubes.branch_of(one.recipe.reduction) for one in parts.fitted]
    if strength is not None:
        used.append(prepared.cubes.branch_of(prepared.guide))
    space = prepared.cubes.branch_of(prepared.space)
    branches = list(dict.fromkeys([*used, space]))
    known = _known_spectra(parts, branches.index(space))
    if known is None:
        branches = list(dict.fromkeys(used))
    smoothing = None
    if strength is not None:
        guide = branches.index(prepared.cubes.branch_of(prepared.guide))
        smoothing = SmoothingSettings(radius_px=strength.radius_px, epsilon=strength.epsilon, branch=guide)
    scaling, figures, tested = _cross_fitted(parts)
    figures |= parts.metrics
    _warn_of_one_class(figures, prepared)
    figures |= _distances(parts)
    seed = params.seed
    if tested is not None:
        figures |= trust_figures(tested, prepared.samples.legend.names, seed=seed)
    networks = [one for one in parts.fitted if one.state is not None]
    history = networks[0].state if networks else None
    return ModelBundle(
        members=_members(parts, branches),
        preprocessing=prepared.cubes.preprocessing.select(branches),
        denoising=prepared.denoising,
        legend=prepared.samples.legend,
        confidence_scaling=scaling,
        smoothing=smoothing,
        trust=Trust(known=known, calibrated=None if tested is None else calibrated(tested, seed=seed)),
        training={
            "created": recorded_time(),
            "scene": prepared.scene.to_json(),
            "class_spectra": [None if one is None else one.to_json() for one in prepared.class_spectra],
            "known_pixels": None if known is None else _known_pixels(parts),
            "settings": params.settings(),
            "precision": resolve_precision(params.precision, parts.device),
            "device": describe_device(parts.device),
            "world_size": max(one.world_size for one in parts.fitted),
            "versions": versions(),
            "inputs": parts.inputs,
            "split": _split_record(parts),
            "folds": None if parts.folds is None else parts.folds.to_json(),
            "selection": _selection(parts),
            "comparison": parts.comparison,
            "warm_start": prepared.warm_start,
            "notes": prepared.notes.texts,
            "history": [asdict(epoch) for epoch in history.history] if history else [],
            "history_of": {"network": networks[0].recipe.title, "networks": len(networks)} if networks else None,
            "best_epoch": history.best_epoch if history else None,
            "seconds": parts.seconds,
        },
        metrics=figures,
    )


def _distances(parts: Packing) -> dict[str, Any]:
    """``distances`` of the metrics, if something was tested; a note says what follows."""
    tested = parts.split is not None or parts.choice is not None
    found = compare_distances(
        parts.folds if tested else None,
        parts.split,
        parts.prepared.samples,
        max(one.recipe.radius for one in parts.fitted),
        parts.prepared.with_data,
        parts.prepared.scene.pixel_size_m,
    )
    if found is None:
        return {}
    parts.prepared.notes.add(distance_sentence(found))
    return {"distances": found.to_json()}


def _warn_of_one_class(figures: dict[str, Any], prepared: Prepared) -> None:
    """Note an accuracy that a map of one class only would have, too."""
    found = [Accuracy.from_json(figures[name]) for name in ("test", "cross_fitted") if figures.get(name)]
    warnings = filter(None, (no_better_than_one_class(accuracy, "model") for accuracy in found))
    prepared.notes.add(*dict.fromkeys(warnings), warn=True)


def _members(parts: Packing, branches: list[int]) -> tuple[Member, ...]:
    """What was fitted; ``branches`` are those of the preprocessing that the model keeps."""
    cubes = parts.prepared.cubes
    return tuple(
        Member(
            architecture=one.recipe.model,
            options=one.options,
            weights={name: tensor.detach().cpu() for name, tensor in one.network.state_dict().items()},
            patch_size=one.recipe.patch_size,
            branch=branches.index(cubes.branch_of(one.recipe.reduction)),
            temperature=temperature,
        )
        for one, temperature in zip(parts.fitted, parts.temperatures, strict=True)
    )


def _trained(parts: Packing) -> SampleSet:
    samples, split = parts.prepared.samples, parts.split
    return samples if split is None else samples.take(split.train)


def _known_spectra(parts: Packing, branch: int) -> KnownSpectra | None:
    """The training pixels in the space of spectra."""
    prepared = parts.prepared
    return known_spectra(prepared.cubes, prepared.space, _trained(parts), parts.folds, branch=branch)


def _known_pixels(parts: Packing) -> dict[str, Any]:
    """Class and place of the training pixels that the area of applicability holds."""
    return KnownPixels.of(known_samples(_trained(parts)), parts.prepared.grid).to_json()


def split_json(samples: SampleSet, split: Split) -> dict[str, Any]:
    """A split as it stands in a record, with the share of test pixels that are neighbours of training pixels."""
    return split.to_json() | {"near": _known(measure_leakage(samples, split.train, split.test, NEAR_PX))}


def _split_record(parts: Packing) -> dict[str, Any]:
    """How trained and tested pixels were kept apart; with folds, all are trained on in the end."""
    if parts.split is not None:
        samples, split = parts.prepared.samples, parts.split
        return split_json(samples, split) | {
            "trained": np.bincount(samples.classes[split.train], minlength=len(samples.legend)).tolist(),
        }
    folds, samples = parts.folds, parts.prepared.samples
    tested = 0 if folds is None or parts.choice is None else len(tested_samples(folds))
    radius = max(one.recipe.radius for one in parts.fitted)
    return {
        "strategy": "folds" if tested else "none",
        "trained": samples.counts().tolist(),
        "train_samples": len(samples),
        "validation_samples": 0,
        "test_samples": tested,
        "removed_samples": 0,
        "guard_px": radius,
        "leakage": folds.leakage(radius, radius) if folds is not None and tested else None,
        "overlap": folds.leakage(radius, 2 * radius) if folds is not None and tested else None,
        "notes": [] if folds is None else list(folds.notes),
    }


def _selection(parts: Packing) -> dict[str, Any] | None:
    if parts.choice is None:
        return None
    return {
        "effort": parts.params.effort,
        "chosen": parts.choice.chosen.name,
        "title": parts.choice.chosen.title,
        "reason": parts.choice.reason,
        "candidates": [row.to_json() for row in parts.choice.rows],
        "smoothing": None if parts.smoothed is None else parts.smoothed.to_json(),
    }


def _cross_fitted(parts: Packing) -> tuple[ConfidenceScaling, dict[str, Any], TestedPixels | None]:
    """The last step of the model, what the tested pixels say of it, and these with the probabilities of its map."""
    if parts.choice is None or parts.folds is None:
        return ConfidenceScaling(), {}, parts.tested
    folds, tested = parts.folds, tested_samples(parts.folds)
    reference, units, fold = folds.samples.classes[tested], folds.unit[tested], folds.fold[tested]
    smoothed, members, seed = parts.smoothed, parts.choice.chosen.members, parts.params.seed
    probabilities = parts.choice.chosen.probabilities if smoothed is None else smoothed.probabilities
    scaling = _fitted_scaling(probabilities, reference)
    accuracy = parts.choice.chosen.accuracy if smoothed is None else smoothed.accuracy
    unscaled = np.mean([softmax(member.log_scores) for member in members], axis=0)
    scaled = _scaled_by_other_folds(probabilities, reference, fold)
    figures: dict[str, Any] = {
        "cross_fitted": accuracy.to_json(),
        "intervals": clustered_intervals(
            reference, probabilities.argmax(axis=1), units, len(folds.samples.legend), seed=seed
        ).to_json(),
        "calibration": {
            "before": reliability(unscaled, reference, units, seed=seed).to_json(),
            "after": reliability(scaled, reference, units, seed=seed).to_json(),
            "temperatures": [member.temperature for member in members],
            "confidence_scaling": asdict(scaling),
        },
    }
    if parts.split is None:
        figures["test"] = figures["cross_fitted"]
    if parts.tested is not None:
        scaled_test = scaled_samples(parts.tested.probabilities, scaling)
        return scaling, figures, replace(parts.tested, probabilities=scaled_test)
    tested_pixels = TestedPixels(
        probabilities=scaled_samples(probabilities, scaling),
        classes=reference,
        folds=fold,
        units=units,
        unit_name=folds.unit_name,
    )
    return scaling, figures, tested_pixels


def _fitted_scaling(probabilities: npt.NDArray[np.float64], reference: npt.NDArray[np.int64]) -> ConfidenceScaling:
    return fit_confidence_scaling(probabilities.max(axis=1), probabilities.argmax(axis=1) == reference)


def _scaled_by_other_folds(
    probabilities: npt.NDArray[np.float64], reference: npt.NDArray[np.int64], fold: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Probabilities of each fold on the curve of the others, so that calibration is checked on other pixels."""
    scaled = np.empty_like(probabilities)
    for number in np.unique(fold):
        here = fold == number
        scaled[here] = scaled_samples(probabilities[here], _fitted_scaling(probabilities[~here], reference[~here]))
    return scaled


def _known(share: float) -> float | None:
    return None if math.isnan(share) else share
