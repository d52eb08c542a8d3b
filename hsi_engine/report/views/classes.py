"""Accuracies of single classes with their intervals, and what to label next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...classes.legend import LegendClass
from ...evaluation.accuracy import Accuracy
from ...evaluation.estimate import Estimate
from ...phrases import counted, listed
from ..content import Assessment
from ..evidence import LabelledClass, Places

# A class below this producer's or user's accuracy is named as weak.
_WEAK = 0.6
_MOST_NAMED = 4
_HELP_MOST = " would help most."
_FEW_PLACES = 5
_FEW_SAMPLES = 50
# A class that takes this share of the errors of another is named.
_MAIN_SHARE = 1 / 3
# A pair of classes is named if this share of the tested pixels of one, and this number, is taken for the other.
_CONFUSED = 0.15
_LEAST_CONFUSED = 10
_MOST_PAIRS = 3


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    """One class of the table.

    Parameters
    ----------
    producers, users : per cent as they are printed, or why they are not known.
    producers_interval, users_interval : 95 % intervals; empty if there are none.
    known : whether the class was tested.
    """

    item: LegendClass
    producers: str
    producers_interval: str
    users: str
    users_interval: str
    known: bool
    labelled: LabelledClass | None


def class_rows(accuracy: Accuracy, places: Places) -> list[ClassRow]:
    """A row for each class of the legend."""
    rows = []
    for index, item in enumerate(accuracy.legend):
        labelled = places.classes[index]
        known = int(accuracy.support[index]) > 0
        producers, users = (
            (None, None)
            if places.intervals is None
            else (places.intervals.producers_accuracy[index], places.intervals.users_accuracy[index])
        )
        rows.append(
            ClassRow(
                item=item,
                producers=_share(accuracy.producers_accuracy[index]) if known else _why_unknown(labelled, places),
                producers_interval=class_interval(producers),
                users=_share(accuracy.users_accuracy[index]),
                users_interval=class_interval(users) if known else "",
                known=known,
                labelled=labelled,
            )
        )
    return rows


def advice_on(item: Assessment) -> list[str]:
    """What to label or check next after an assessment; nothing after a second training that is there for comparison only."""
    if item.places is not None:
        return advice(item.accuracy, item.places)
    trained = None if item.split is None else item.split.trained
    if item.split is not None and (trained is None or len(trained) != len(item.accuracy.legend)):
        return []
    return advice(item.accuracy, trained=trained)


def advice(accuracy: Accuracy, places: Places | None = None, trained: Sequence[int] | None = None) -> list[str]:
    """What to label or check, the weakest classes first; only what follows from the counts.

    Parameters
    ----------
    places : where the labels of each class lie, if they were tested in folds.
    trained : pixels of each class of the legend that were trained on, if they were split from those tested.
    """
    found = [f"{note}" for note in places.notes] if places is not None else _untested(accuracy, trained)
    tested = np.flatnonzero(accuracy.support > 0)
    weak = [k for k in tested if accuracy.producers_accuracy[k] < _WEAK]
    weak = sorted(weak, key=lambda k: float(accuracy.producers_accuracy[k]))[:_MOST_NAMED]
    found += _most_once([_missed(accuracy, places, trained, int(k)) for k in weak])
    rest = [k for k in tested if accuracy.mapped[k] and accuracy.users_accuracy[k] < _WEAK and k not in weak]
    rest = sorted(rest, key=lambda k: float(accuracy.users_accuracy[k]))
    over = rest[: max(0, _MOST_NAMED - len(weak))]
    found += [_overmapped(accuracy, int(k)) for k in over]
    return found + _confused(accuracy, {int(k) for k in (*weak, *over)})


def _untested(accuracy: Accuracy, trained: Sequence[int] | None) -> list[str]:
    """The classes of which no pixel was tested, if that is known to be a lack of labels."""
    if trained is None:
        return []
    names = [
        name
        for name, n, tested in zip(accuracy.legend.names, trained, accuracy.support, strict=True)
        if n and not tested
    ]
    if not names:
        return []
    some = names if len(names) <= _MOST_NAMED else [*names[:_MOST_NAMED], f"{len(names) - _MOST_NAMED} more"]
    each = f"Label {names[0]}" if len(names) == 1 else "Label each of them"
    return [f"{listed(some)}: not tested, so the accuracy is not known. {each} in at least one more place."]


def _missed(accuracy: Accuracy, places: Places | None, trained: Sequence[int] | None, index: int) -> str:
    name, right, support = _counts(accuracy, index)
    others = accuracy.confusion[index].copy()
    others[index] = 0
    labels = [n for n in _labels(places, trained) if n]
    own = _labels(places, trained)[index] if labels else 0
    kind = "labelled" if places is not None else "training"
    text = f"{name}: {counted(own, f'{kind} pixel')}, " if own else f"{name}: "
    text += f"{right:,} of {support:,} tested pixels correct" if right else f"none of {support:,} tested pixels correct"
    taken, lost = "", int(accuracy.unclassified[index])
    if lost >= _MAIN_SHARE * (support - right):
        text += (
            ", the map has no class at these pixels"
            if lost == support
            else f", the map has no class at {lost:,} of them"
        )
        if lost >= others.sum():
            return f"{text}."  # labels would not help
    if others.sum() and others.max() >= _MAIN_SHARE * (support - right):
        taken = accuracy.legend.names[int(others.argmax())]
        text += f", {int(others.max()):,} taken for {taken}"
    labelled = None if places is None else places.classes[index]
    if labelled is not None and places is not None and labelled.units < _FEW_PLACES:
        return f"{text}. It is labelled in only {counted(labelled.units, places.unit_name)}: draw more {name} labels elsewhere."
    if not own:
        return f"{text}. More training places of {name}{_HELP_MOST}"
    if own < _FEW_SAMPLES:
        return f"{text}: draw more {name} labels."
    if own < float(np.median(labels)):
        return f"{text}. Most classes have more labels: draw more {name} labels."
    if places is None and support > own:
        return (
            f"{text}. {support:,} of its labels were held back for the test: train on a larger share, or test with folds, before you"
            " draw more."
        )
    if taken:
        return (
            f"{text}. It has many labels, so more may not help: check them, and whether {name} and {taken} can be told"
            " apart in the scene."
        )
    return f"{text}."


def _most_once(sentences: Sequence[str]) -> list[str]:
    """Only the first, of the weakest class, says what{_HELP_MOST}"""
    first = next((i for i, text in enumerate(sentences) if text.endswith(_HELP_MOST)), len(sentences))
    return [text.replace(_HELP_MOST, " would help too.") if i > first else text for i, text in enumerate(sentences)]


def _labels(places: Places | None, trained: Sequence[int] | None) -> list[int]:
    """Labelled pixels by class index, or those that were trained on; zeros if neither is known."""
    if places is not None:
        return [0 if c is None else c.samples for c in places.classes]
    return [] if trained is None else list(trained)


def _overmapped(accuracy: Accuracy, index: int) -> str:
    name, right, _ = _counts(accuracy, index)
    mapped = int(accuracy.mapped[index])
    others = accuracy.confusion[:, index].copy()
    others[index] = 0
    really = np.flatnonzero(others >= _MAIN_SHARE * max(1, mapped - right))
    names = [accuracy.legend.names[k] for k in sorted(really, key=lambda k: -int(others[k]))]
    of = f"only {right:,} are {name}" if right else f"none is {name}"
    text = f"{name}: of {mapped:,} tested pixels mapped as {name}, {of}"
    if not names:
        return f"{text}."
    looks = "it looks" if len(names) == 1 else "they look"
    return f"{text}; most others are {listed(names)}. Draw more labels of {listed(names)} where {looks} like {name}."


def _confused(accuracy: Accuracy, named: set[int]) -> list[str]:
    """Pairs of classes that are often taken for one another, the worst first, without those of classes named already."""
    support = np.maximum(accuracy.support, 1)[:, None]
    errors = accuracy.confusion.copy()
    np.fill_diagonal(errors, 0)
    shares = np.where(errors >= _LEAST_CONFUSED, errors / support, 0.0)
    found: list[str] = []
    for place in np.argsort(-shares, axis=None, kind="stable"):
        first, second = (int(k) for k in np.unravel_index(place, shares.shape))
        if shares[first, second] < _CONFUSED or len(found) == _MOST_PAIRS:
            break
        if first in named or shares[first, second] < shares[second, first]:
            continue
        a, b = accuracy.legend.names[first], accuracy.legend.names[second]
        text = f"{a} is taken for {b} in {errors[first, second]:,} of {accuracy.support[first]:,} tested pixels"
        if shares[second, first] >= _CONFUSED:
            text += f", and {b} for {a} in {errors[second, first]:,} of {accuracy.support[second]:,}"
        found.append(f"{text}: draw more labels of both where they look alike, or merge them if one class is enough.")
    return found


def _counts(accuracy: Accuracy, index: int) -> tuple[str, int, int]:
    return accuracy.legend.names[index], int(accuracy.confusion[index, index]), int(accuracy.support[index])


def _why_unknown(labelled: LabelledClass | None, places: Places) -> str:
    if labelled is None:
        return "no labels"
    if 1 in (labelled.units, labelled.places):
        return "not known (one place only)"
    if labelled.places is not None:
        return f"not known ({counted(labelled.places, 'place')} too close together)"
    return f"not known ({counted(labelled.units, places.unit_name)} too close together)"


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.1f}"


def class_interval(estimate: Estimate | None) -> str:
    """The 95 % interval of the figure of a class in whole per cent; empty if there is none."""
    if estimate is None or estimate.interval is None:
        return ""
    low, high = estimate.interval
    return f"{100 * low:.0f}–{100 * high:.0f}"
