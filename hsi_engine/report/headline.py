"""The first sentence of a report on a training, and which question each of its figures answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..evaluation.accuracy import wilson_interval
from ..phrases import counted, listed
from .content import Assessment, ReportContent, SplitSummary, Verdict
from .evidence import DrawnUnits, Places, TrainingEvidence
from .wording import percent, percent_range, strategy_name

_UNKNOWN = "The accuracy is not known: "
_SMOOTHING_NOTES = ("Smoothing does not make", "Smoothing within")
# With fewer places the variance over draws is noticeably too small.
_FEW_PLACES = 15


NEW_PLACES = "New places: how well are places mapped that have no labels?"
GAPS = "Gaps: how well are the gaps between labelled pixels filled?"


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question about accuracy, the figure that answers it, and how that was or can be measured."""

    question: str
    figure: str
    interval: str
    how: str
    known: bool


def tests_new_places(item: Assessment) -> bool:
    """Whether the tested pixels lie apart from all training pixels."""
    split = item.split
    apart = split is not None and split.leakage == 0 and not split.tests_neighbours
    return apart and split is not None and split.strategy in ("folds", "blocks", "polygons")


def sentence(content: ReportContent, evidence: TrainingEvidence) -> str:
    """What is known of the accuracy, in a sentence or two; empty if nothing is."""
    tested = sorted(content.assessments, key=lambda item: not tests_new_places(item))
    if not tested:
        return ""
    best = tested[0]
    split, places = best.split, best.places
    where = _place(split, best)
    text = f"Overall accuracy {percent(best.accuracy.overall_accuracy)} {where}"
    interval = interval_of(best)
    if interval:
        alone = ", as if pixels were independent" if best.drawn is None else ""
        text += f" (95 % interval {interval}{alone})"
    if places is None:
        drawn = best.drawn
        within = "" if drawn is None else f" in {counted(drawn.intervals.units, drawn.unit_name)}"
        text += f", on {best.accuracy.samples:,} test pixels{within}."
    else:
        units = places.units if places.intervals is None else places.intervals.units
        of_all = "" if places.tested == places.samples else f" of {places.samples:,}"
        text += f", on {places.tested:,}{of_all} labelled pixels in {counted(units, places.unit_name)}."
    made = "The map was made" if evidence.subject == "map" else "The model was trained"
    if evidence.trained_on_all:
        text += f" {made} with all labels."
    elif split is not None:
        text += f" {made} with {evidence.labelled:,} labelled pixels; the others were held back."
    untested = untested_classes(places)
    if untested:
        text += f" How well it finds {listed(untested)} is not known."
    return text


def unknown_accuracy(content: ReportContent, evidence: TrainingEvidence) -> Verdict | None:
    """What to say first if no labelled pixel could be tested; None if some were."""
    if content.assessments:
        return None
    reasons = [_without_start(note) for note in evidence.unknown] or [
        "No labelled pixel was held back for a test. Train again with separate places as the check, or label points at"
        " random over the map and run Assess map (hsi assess)."
    ]
    return Verdict(
        level="caution", headline=f"The accuracy of this {evidence.subject} is not known", text=" ".join(reasons)
    )


def questions(content: ReportContent, evidence: TrainingEvidence) -> list[Question]:
    """New places, gaps between labels, this map: three questions with three figures."""
    new = next((item for item in content.assessments if tests_new_places(item)), None)
    gaps = next((item for item in content.assessments if _tests_gaps(item)), None)
    other = [item for item in content.assessments if item is not new and item is not gaps]
    rows = [
        Question(
            question=NEW_PLACES,
            figure=_figure(new),
            interval=_interval(new),
            how=_how_new(new, evidence),
            known=new is not None,
        ),
        Question(
            question=GAPS,
            figure=_figure(gaps),
            interval=_interval(gaps),
            how=_how_gaps(gaps, evidence),
            known=gaps is not None,
        ),
        Question(
            question="This map: what share of the map is correct?",
            figure="not measured",
            interval="",
            how="Needs reference points drawn at random over the whole map, not where labelling was easy. Draw 100 or"
            " more, label them from better data, and run Assess map (hsi assess) with them. Until then no figure here is that of the"
            " map as a whole.",
            known=False,
        ),
    ]
    return rows + [
        Question(
            question=f"{item.name}: how well are its test pixels mapped?",
            figure=_figure(item),
            interval=_interval(item),
            how="Which question this answers depends on how these test pixels were chosen.",
            known=True,
        )
        for item in other
    ]


def interval_of(item: Assessment) -> str:
    """The 95 % interval of the overall accuracy, from draws of places if there were some; else for single pixels."""
    if item.drawn is not None:
        return percent_range(item.drawn.intervals.overall_accuracy.interval)
    low, high = item.accuracy.overall_accuracy_interval
    return "" if math.isnan(low) else percent_range((low, high))


def design_effect(drawn: DrawnUnits | None) -> str:
    """How many independent pixels the tested ones are worth, in plain words; empty if that is not known."""
    found = None if drawn is None else drawn.intervals
    if drawn is None or found is None or found.design_effect is None or found.effective_samples is None:
        return ""
    few = (
        f"With only {counted(found.units, drawn.unit_name)} the interval is probably too narrow."
        if found.units < _FEW_PLACES
        else ""
    )
    if found.design_effect <= 1:
        return few
    value, interval = found.overall_accuracy.value, found.overall_accuracy.interval
    if value is None or interval is None:
        return ""
    low, high = wilson_interval(round(value * found.samples), found.samples)
    text = (
        f"Pixels of one {drawn.unit_name} are alike: the {found.samples:,} tested pixels in"
        f" {counted(found.units, drawn.unit_name)} are worth about {counted(max(1, round(found.effective_samples)), 'independent pixel')}"
        f" (design effect {found.design_effect:.{0 if found.design_effect >= 10 else 1}f}). The interval of the overall"
        f" accuracy is therefore {percent_range(interval)}; independent pixels would have given"
        f" {percent_range((low, high))}."
    )
    return f"{text} {few.replace('the interval', 'even this interval')}".rstrip()


def untested_classes(places: Places | None) -> list[str]:
    """Names of the classes with labels of which none was tested."""
    return [] if places is None else [c.name for c in places.classes if c is not None and c.tested == 0]


def _place(split: SplitSummary | None, item: Assessment) -> str:
    if tests_new_places(item):
        return "in places the model was not trained on"
    return "in gaps between training pixels, not in new places" if _tests_gaps(item) else _other_place(split)


def _other_place(split: SplitSummary | None) -> str:
    if split is not None and split.leakage == 0:
        return "on test pixels outside all training patches"
    return "on test pixels whose distance from the training pixels is not known"


def _tests_gaps(item: Assessment) -> bool:
    split = item.split
    return split is not None and split.tests_neighbours


def _figure(item: Assessment | None) -> str:
    if item is None:
        return "not measured"
    return f"overall accuracy {percent(item.accuracy.overall_accuracy)}"


def _interval(item: Assessment | None) -> str:
    found = "" if item is None else interval_of(item)
    return f"95 % interval {found}" if found else ""


def _how_new(item: Assessment | None, evidence: TrainingEvidence) -> str:
    if item is None:
        return (
            "Needs labels of each class in two or more separate places, and the check with separate places (folds)."
            if not evidence.unknown
            else " ".join(_without_start(note) for note in evidence.unknown)
        )
    if item.places is not None:
        drawn = item.places.intervals
        units = counted(item.places.units if drawn is None else drawn.units, item.places.unit_name)
        return (
            f"Cross-fitted on {units} in {counted(item.places.n_folds, 'fold')}: each was tested by a model trained"
            " on the others. It holds for places like the labelled ones."
        )
    return (
        f"{strategy_name(item.split)}, kept apart from the training. It holds for places like the labelled ones."
        f" {_interval_is_of(item)}"
    )


def _interval_is_of(item: Assessment) -> str:
    if item.drawn is None:
        return "The interval takes pixels for independent and is too narrow."
    units = counted(item.drawn.intervals.units, f"whole {item.drawn.unit_name}")
    return f"The interval is from draws of the {units} of the test."


def _how_gaps(item: Assessment | None, evidence: TrainingEvidence) -> str:
    if item is None or item.split is None:
        return (
            "Only for comparison with publications that test random pixels: also state the accuracy with random pixels."
        )
    split = item.split
    inside = f", {percent(split.leakage)} of them inside a training patch" if split.leakage else ""
    inside = inside or (f", {percent(split.near)} of them within two pixels of one" if split.near is not None else "")
    text = (
        f"{item.accuracy.samples:,} test pixels drawn among training pixels{inside}. Comparable only with publications"
        " that tested in this way."
    )
    if split.train_samples < evidence.labelled:
        text += (
            f" A second model was trained for it, with {split.train_samples:,} of the {evidence.labelled:,} labelled"
            " pixels only and without smoothing: fewer labels make it worse."
        )
    return text


def _without_start(note: str) -> str:
    rest = note.removeprefix(_UNKNOWN)
    return rest[:1].upper() + rest[1:]


def notes_elsewhere(content: ReportContent) -> Sequence[str]:
    """Notes that other parts of the report show already."""
    shown = [note for item in content.assessments if item.split for note in item.split.notes]
    shown += [note for item in content.assessments if item.places for note in item.places.notes]
    evidence = content.evidence
    if evidence is not None:
        shown += evidence.unknown
        if evidence.selection is not None:
            reason = str(evidence.selection["reason"])
            shown += [reason, f"Chosen: {reason}"]
            if evidence.selection.get("smoothing"):
                shown += [note for note in content.notes if note.startswith(_SMOOTHING_NOTES)]
    return shown
