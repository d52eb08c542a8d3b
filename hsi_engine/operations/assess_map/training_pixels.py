"""Whether a reference holds pixels that the model of a map was trained on: what model file and map say about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from ...bundle.model_bundle import ModelBundle
from ...errors import MismatchError
from ...io.files.source_hash import sha256_of_source
from ...io.files.source_names import file_behind, split_layer_options
from ...pixels.split_side import SIDES, SplitSide
from ...report.content import SplitSummary, Verdict
from ...report.record import split_of_record
from ..model_information.accuracy import accuracy_of, labelled_pixels
from .operation import AssessMapParams

_LABELS = re.compile(r"([\d,]+) labelled pixels? of \d+ class(?:es)?(?: from (.+))?")
_TRAINED_ON_ALL = ("folds", "none")
_USE_OTHERS = (
    "For the accuracy of the map, use reference pixels that were not trained on, ideally drawn at random over the map."
)
_ASSESSED_ON_TRAINING = Verdict(
    level="warning",
    headline="Not assessed on test pixels",
    text="The subset is the split the model was trained with, but not its test pixels. Training and validation pixels "
    "helped to make the model, so the figures are too high.",
)


@dataclass(frozen=True, kw_only=True)
class TrainedWith:
    """What is known of the labels that made a map; what is not known is empty or None.

    Parameters
    ----------
    source, made : the source of this, and what was done with the labels, for a sentence.
    labels, sha256 : name and checksum of the file of the labels.
    pixels : labelled pixels that were trained on.
    trained_on_all : no labelled pixel was held back.
    accuracy : the accuracy that was measured in the training, as a sentence.
    """

    source: str
    made: str
    labels: str = ""
    sha256: str = ""
    pixels: int | None = None
    trained_on_all: bool = False
    accuracy: str = ""


@dataclass(frozen=True, kw_only=True)
class AssessedPixels:
    """Pixels of a reference: ``reference`` in all, and how many of them the subset puts on each side, if there is one."""

    reference: int
    sides: Mapping[SplitSide, int] | None


@dataclass(frozen=True, kw_only=True)
class RelationToTraining:
    """How the assessed pixels were kept apart from those of the training, as far as that is known."""

    split: SplitSummary | None = None
    verdict: Verdict | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What has to stand next to the figures wherever they are shown."""
        return () if self.verdict is None else (f"{self.verdict.headline}. {self.verdict.text}",)


def check_model(params: AssessMapParams, tags: Mapping[str, str], bundle: ModelBundle) -> str:
    """Make sure that the model made the map; a note if the map does not say which one did.

    Raises
    ------
    MismatchError : the map names another model.
    """
    made_by = tags.get("HSI_MODEL_ID")
    if made_by is None:
        return "The map does not say which model made it: whether it is the given one could not be checked."
    if made_by == bundle.id:
        return ""
    method = f" ({tags['HSI_METHOD']})" if tags.get("HSI_METHOD") else ""
    raise MismatchError(
        f"Map '{params.map}' was not made by model '{params.model}': the map names model {made_by[:12]}…{method}, the file"
        f" is model {bundle.id[:12]}… ({bundle.title}).",
        code="other_model",
        hint="Choose the model that made the map, or leave the model out.",
    )


def relation_to_training(
    params: AssessMapParams, tags: Mapping[str, str], bundle: ModelBundle | None, pixels: AssessedPixels
) -> RelationToTraining:
    """What the model, or otherwise the map, shows about the reference."""
    trained = _of_map(tags) if bundle is None else _of_model(bundle)
    if params.subset is not None and pixels.sides is not None:
        split = _split_of_subset(params.subset, pixels.sides, trained, bundle)
        if split is not None and params.subset_value == SplitSide.TEST:
            return RelationToTraining(split=split if bundle is not None else None)
        if split is not None:
            return RelationToTraining(verdict=_ASSESSED_ON_TRAINING)
        if not (trained.trained_on_all or trained.pixels == pixels.reference):
            return RelationToTraining()  # perhaps those that were held back
    return RelationToTraining(verdict=_trained_on_it(params.reference, trained, pixels.reference))


def _of_model(bundle: ModelBundle) -> TrainedWith:
    record = bundle.training
    inputs, settings, split = (_mapping(record.get(name)) for name in ("inputs", "settings", "split"))
    accuracy = accuracy_of(bundle)
    return TrainedWith(
        source="The model file",
        made="the model was trained",
        labels=PurePath(str(settings.get("labels") or "")).name,
        sha256=str(inputs.get("labels") or ""),
        pixels=labelled_pixels(bundle),
        trained_on_all=split.get("strategy") in _TRAINED_ON_ALL,
        accuracy="" if accuracy.measured == "unknown" else accuracy.sentence,
    )


def _of_map(tags: Mapping[str, str]) -> TrainedWith:
    found = _LABELS.fullmatch(tags.get("HSI_LABELS", ""))
    return TrainedWith(
        source="The map",
        made="it was made",
        labels="" if found is None else found[2] or "",
        sha256=tags.get("HSI_LABELS_SHA256", ""),
        pixels=None if found is None else int(found[1].replace(",", "")),
        accuracy="" if tags.get("HSI_MEASURED", "unknown") == "unknown" else tags.get("HSI_ACCURACY", ""),
    )


def _split_of_subset(
    subset: Path, sides: Mapping[SplitSide, int], trained: TrainedWith, bundle: ModelBundle | None
) -> SplitSummary | None:
    """The split of the training if the subset is that one: by its counts, or by its bytes if it was given."""
    if bundle is None:
        return _by_counts(sides) if sides[SplitSide.TRAINING] == trained.pixels and sides[SplitSide.TEST] else None
    split = split_of_record(bundle.training, bundle.patch_size)
    if split is None:
        return None
    counted = [sides[side] for side in SIDES] == [split.train_samples, split.validation_samples, split.test_samples]
    given = _mapping(bundle.training.get("inputs")).get("split_source")
    return split if counted or _is_same(subset, given) else None


def _by_counts(sides: Mapping[SplitSide, int]) -> SplitSummary:
    return SplitSummary(
        strategy="given",
        train_samples=sides[SplitSide.TRAINING],
        validation_samples=sides[SplitSide.VALIDATION],
        test_samples=sides[SplitSide.TEST],
    )


def _trained_on_it(reference: Path, trained: TrainedWith, pixels: int) -> Verdict | None:
    """The warning, as certain as the facts are; None if nothing speaks for it."""
    same_name = bool(trained.labels) and trained.labels == _name_of(reference)
    same_count = pixels > 1 and trained.pixels == pixels
    if _is_same(reference, trained.sha256):
        headline = "The reference holds the pixels the model was trained on"
        reason = f"{trained.source} says that {trained.made} with this very file of labels."
    elif same_name and same_count:
        headline = "The reference holds the pixels the model was trained on"
        reason = f"{trained.source} says that {trained.made} with labels of the same name, {trained.labels}, and with as many pixels."
    elif same_name:
        headline = "The reference may hold pixels the model was trained on"
        reason = f"{trained.source} says that {trained.made} with labels of the same name, {trained.labels}."
    elif same_count:
        headline = "The reference may hold the pixels the model was trained on"
        reason = f"{trained.source} says that {trained.made} with exactly as many labelled pixels, {pixels:,}."
    else:
        return None
    certain = " may " not in headline
    honest = f"The accuracy measured in the training: {trained.accuracy}" if trained.accuracy else ""
    text = (
        reason,
        f"{'The' if certain else 'If so, the'} figures show how well the training labels are reproduced, not how accurate"
        " the map is.",
        honest,
        _USE_OTHERS,
    )
    return Verdict(level="warning", headline=headline, text=" ".join(filter(None, text)))


def _name_of(source: Path) -> str:
    return split_layer_options(source)[0].name


def _is_same(path: Path, digest: Any) -> bool:
    return bool(digest) and file_behind(path) is not None and sha256_of_source(path) == digest


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
