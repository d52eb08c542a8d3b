"""Accuracies of single classes with their intervals, and what to label next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..evaluation.estimate import Estimate
from ..legend import LegendClass
from ..metrics import Accuracy
from .evidence import LabelledClass, Places
from .wording import counted, listed

# A class below this producer's or user's accuracy is named as weak.
_WEAK = 0.6
_MOST_NAMED = 4
_FEW_PLACES = 5
_FEW_SAMPLES = 50
# A class that takes this share of the errors of another is named.
_MAIN_SHARE = 1 / 3


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
                producers_interval=_interval(producers),
                users=_share(accuracy.users_accuracy[index]),
                users_interval=_interval(users) if known else "",
                known=known,
                labelled=labelled,
            )
        )
    return rows


def advice(accuracy: Accuracy, places: Places) -> list[str]:
    """What to label or check, the weakest classes first; only what follows from the counts."""
    found = [f"{note}" for note in places.notes]
    tested = np.flatnonzero(accuracy.support > 0)
    weak = [k for k in tested if accuracy.producers_accuracy[k] < _WEAK]
    weak = sorted(weak, key=lambda k: float(accuracy.producers_accuracy[k]))[:_MOST_NAMED]
    found += [_missed(accuracy, places, int(k)) for k in weak]
    rest = [k for k in tested if accuracy.mapped[k] and accuracy.users_accuracy[k] < _WEAK and k not in weak]
    rest = sorted(rest, key=lambda k: float(accuracy.users_accuracy[k]))
    found += [_overmapped(accuracy, int(k)) for k in rest[: max(0, _MOST_NAMED - len(weak))]]
    return found


def _missed(accuracy: Accuracy, places: Places, index: int) -> str:
    name, right, support = _counts(accuracy, index)
    others = accuracy.confusion[index].copy()
    others[index] = 0
    text = f"{name}: {right:,} of {support:,} tested pixels right"
    taken = ""
    if others.sum() and others.max() >= _MAIN_SHARE * (support - right):
        taken = accuracy.legend.names[int(others.argmax())]
        text += f", most often taken for {taken} ({int(others.max()):,})"
    labelled = places.classes[index]
    if labelled is None:
        return f"{text}."
    median = float(np.median([c.samples for c in places.classes if c is not None]))
    if labelled.units < _FEW_PLACES:
        return (
            f"{text}. It is labelled in {counted(labelled.units, places.unit_name)} only: draw more {name} elsewhere."
        )
    if labelled.samples < _FEW_SAMPLES:
        return f"{text}. It has only {labelled.samples:,} labelled pixels: draw more {name}."
    if labelled.samples < median:
        return f"{text}. It has fewer labels than most classes ({labelled.samples:,}): draw more {name}."
    if taken:
        return f"{text}. It has many labels, so more may not help: check them, and whether {name} and {taken} can be told apart in the scene."
    return f"{text}."


def _overmapped(accuracy: Accuracy, index: int) -> str:
    name, right, _ = _counts(accuracy, index)
    mapped = int(accuracy.mapped[index])
    others = accuracy.confusion[:, index].copy()
    others[index] = 0
    really = np.flatnonzero(others >= _MAIN_SHARE * max(1, mapped - right))
    names = [accuracy.legend.names[k] for k in sorted(really, key=lambda k: -int(others[k]))]
    text = f"{name}: of {mapped:,} tested pixels mapped as {name}, only {right:,} are {name}"
    return f"{text}; most others are {listed(names)}." if names else f"{text}."


def _counts(accuracy: Accuracy, index: int) -> tuple[str, int, int]:
    return accuracy.legend.names[index], int(accuracy.confusion[index, index]), int(accuracy.support[index])


def _why_unknown(labelled: LabelledClass | None, places: Places) -> str:
    if labelled is None:
        return "no labels"
    if labelled.units == 1:
        return "not known (one place only)"
    return f"not known ({counted(labelled.units, places.unit_name)} too close together)"


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.1f}"


def _interval(estimate: Estimate | None) -> str:
    if estimate is None or estimate.interval is None:
        return ""
    low, high = estimate.interval
    return f"{100 * low:.0f}–{100 * high:.0f}"
