"""The accuracy of a model by its record, in the words of the report on its training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ...bundle.model_bundle import ModelBundle
from ...bundle.onnx.description import exported_from
from ...report.content import Assessment, ReportContent, Verdict
from ...report.evidence import TrainingEvidence
from ...report.headline import sentence, tests_new_places, unknown_accuracy
from ...report.wording import verdict
from ..train_classifier.report import assessments_of, evidence_of
from .operation import ModelAccuracy, ModelClass


def method_of(bundle: ModelBundle) -> str:
    """The method by its name in reports."""
    selection = bundle.training.get("selection")
    title = selection.get("title") if isinstance(selection, Mapping) else None
    origin = exported_from(bundle)
    return str(title or bundle.title) if origin is None else f"{title or origin[0]} (ONNX graph)"


def labelled_pixels(bundle: ModelBundle) -> int | None:
    """Labelled pixels that the model was trained on; None if its record does not tell."""
    split = bundle.training.get("split")
    count = split.get("train_samples") if isinstance(split, Mapping) else None
    return count if isinstance(count, int) else None


def accuracy_of(bundle: ModelBundle) -> ModelAccuracy:
    """The accuracy that a user should quote, and how it was measured."""
    found = _assessments(bundle)
    best = _primary(found)
    caution = caution_of(bundle)
    if best is None:
        return ModelAccuracy(
            measured="unknown",
            strategy=None,
            sentence="The accuracy of this model is not known.",
            caution=caution.text,
            overall=None,
            overall_interval=None,
            average=None,
            kappa=None,
            tested_pixels=None,
        )
    accuracy, split = best.accuracy, best.split
    clustered = None if best.drawn is None else best.drawn.intervals
    interval = accuracy.overall_accuracy_interval if clustered is None else clustered.overall_accuracy.interval
    measured: Literal["separate_places", "gaps", "other"]
    if tests_new_places(best):
        measured = "separate_places"
    else:
        measured = "gaps" if split is not None and split.tests_neighbours else "other"
    return ModelAccuracy(
        measured=measured,
        strategy=None if split is None else split.strategy,
        sentence=sentence(ReportContent(title="", assessments=found), evidence_of(bundle, "model")),
        caution=f"{caution.headline}. {caution.text}",
        overall=_known(accuracy.overall_accuracy),
        overall_interval=_interval(interval),
        average=_known(accuracy.average_accuracy),
        kappa=_known(accuracy.kappa),
        tested_pixels=accuracy.samples,
    )


def classes_of(bundle: ModelBundle) -> list[ModelClass]:
    """The classes in the order of the legend, with what is known of each."""
    best = _primary(_assessments(bundle))
    counts = _labelled_by_class(bundle)
    rows = []
    for index, item in enumerate(bundle.legend):
        accuracy = None if best is None else best.accuracy
        places = None if best is None else best.places
        labelled = None if places is None else places.classes[index]
        clustered = None if best is None or best.drawn is None else best.drawn.intervals
        tested = None if accuracy is None else int(accuracy.support[index])
        rows.append(
            ModelClass(
                value=item.value,
                name=item.name,
                color=item.colour,
                labelled_pixels=counts[index] if labelled is None else labelled.samples,
                places=None if labelled is None else labelled.units,
                tested_pixels=tested,
                producers_accuracy=_known(accuracy.producers_accuracy[index])
                if accuracy is not None and tested
                else None,
                producers_interval=clustered.producers_accuracy[index].interval if clustered and tested else None,
                users_accuracy=_known(accuracy.users_accuracy[index]) if accuracy is not None and tested else None,
                users_interval=clustered.users_accuracy[index].interval if clustered and tested else None,
            )
        )
    return rows


def _labelled_by_class(bundle: ModelBundle) -> Sequence[int | None]:
    """Labelled pixels of each class, whether any was tested or not; None if the record does not tell."""
    split, folds = bundle.training.get("split"), bundle.training.get("folds")
    trained = split.get("trained") if isinstance(split, Mapping) else None
    if isinstance(trained, list) and len(trained) == len(bundle.legend):
        return [_count(value) for value in trained]
    found = folds.get("classes") if isinstance(folds, Mapping) else None
    by_name = {c.get("name"): c.get("samples") for c in found or () if isinstance(c, Mapping)}
    return [_count(by_name.get(name)) for name in bundle.legend.names]


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def caution_of(bundle: ModelBundle) -> Verdict:
    """What to know before using the accuracy, in the words of the report on a training."""
    best = _primary(_assessments(bundle))
    if best is not None:
        return best.verdict or verdict(best.split)
    understood = _understood(bundle)
    found = None if understood is None else unknown_accuracy(ReportContent(title=""), understood[1])
    return found or Verdict(
        level="caution",
        headline="The accuracy of this model is not known",
        text="The file does not say how it was tested. Check a map that it makes against places that you know.",
    )


def _understood(bundle: ModelBundle) -> tuple[tuple[Assessment, ...], TrainingEvidence] | None:
    """Accuracies and what else the record holds; None if it is not one that this engine writes."""
    if not isinstance(bundle.training.get("split"), Mapping) or not isinstance(
        bundle.training.get("settings"), Mapping
    ):
        return None
    try:
        return assessments_of(bundle), evidence_of(bundle, "model")
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):  # a record of another program
        return None


def _assessments(bundle: ModelBundle) -> tuple[Assessment, ...]:
    understood = _understood(bundle)
    return () if understood is None else understood[0]


def _primary(found: Sequence[Assessment]) -> Assessment | None:
    """That of new places, if there is one, as in the report of a training."""
    return min(found, key=lambda item: not tests_new_places(item), default=None)


def _known(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def _interval(interval: tuple[float, float] | None) -> tuple[float, float] | None:
    if interval is None or not all(map(math.isfinite, interval)):
        return None
    return float(interval[0]), float(interval[1])
