"""From the findings of a check to sentences: whether one can train now, and what would help most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..phrases import counted, listed
from .findings import CheckVerdict, ClassSummary, Degree, Finding, Level, PairSummary

FEW_PIXELS = 30
"""Labelled pixels below which more of a class are asked for: "a few dozen" in the user guide."""

HARDLY, WELL = 1.0, 1.9
"""Jeffries–Matusita distances up to which two classes can hardly, and from which they can well be told apart."""

HALF = 0.5
"""Share of its pixels recognised in other places below which a class needs more of them."""

_MANY_LOST = 0.1
_NAMED = 4
# Up to so many classes are all named.
_ALL_NAMED = 8


def pair_text(names: tuple[str, str], distance: float) -> tuple[Degree, str]:
    """How well two classes can be told apart: a word, and a sentence."""
    pair = f"{names[0]} and {names[1]}"
    if distance < HARDLY:
        return "hardly", f"{pair} can hardly be told apart by their spectra."
    if distance < WELL:
        return "in_part", f"{pair} can partly be told apart."
    return "well", f"{pair} can be told apart well."


def distance_text(distance: float) -> str:
    """A distance with two digits, never rounded up to a bound that it does not reach."""
    rounded = round(distance, 2)
    if any(distance < bound <= rounded for bound in (HARDLY, WELL, 2.0)):
        rounded -= 0.01
    return f"{rounded:.2f}"


def class_advice(
    *,
    feature_word: str,
    pixels: int,
    pixels_without_data: int,
    places: int,
    tested: bool,
    recognised: float | None,
    taken_for: str | None,
    alike: bool,
) -> tuple[str, ...]:
    """What to add to one class, a sentence each; ``alike``: it can hardly be told apart from ``taken_for``."""
    if not pixels:
        if pixels_without_data:
            return ("A place with data in the scene.",)
        if feature_word == "point":
            return ("Points on the scene, in pixels without points of other classes: none of these labels any pixel.",)
        return (f"Larger {feature_word}s, or all touched pixels: none of these labels any pixel.",)
    advice = []
    if not tested:
        advice.append(
            "At least one more place, away from the first."
            if places <= 1
            else "At least one more place, farther away: the present ones are too close together."
        )
    if pixels < FEW_PIXELS:
        advice.append("A few dozen pixels.")
    if recognised is not None and recognised < HALF:
        elsewhere = f": elsewhere it is often taken for {taken_for}" if taken_for else ""
        advice.append(
            f"{f'Merging with {taken_for}, or more' if alike and pixels >= FEW_PIXELS else 'More'} places{elsewhere}."
        )
    return tuple(advice)


def verdict_on(
    classes: Sequence[ClassSummary],
    pairs: Sequence[PairSummary],
    findings: Sequence[Finding],
    *,
    feature_word: str,
    n_folds: int,
    hardly: int | None = None,
) -> CheckVerdict:
    """Whether one can train, whether the accuracy can then be checked, and what would help, the most helpful first.

    ``hardly`` is how many pairs can hardly be told apart, if there are more than ``pairs`` lists.
    """
    present = [c for c in classes if c.pixels]
    untested = [c.item.name for c in present if not c.tested]
    can_train, can_test = len(present) >= 2, n_folds > 0
    advice = tuple(_advice(classes, pairs, findings, feature_word, can_train, can_test, hardly))
    text, level = _state(present, untested, can_train, can_test)
    first = advice[0] if advice else ""
    if can_train and untested:  # the sentence before has named them
        first = f"one more separate place{' of each' if len(untested) > 1 else ''}."
    if level == "good" and any(pair.told_apart == "hardly" for pair in pairs):
        level = "caution"
    help_ = f" What would help most: {lower_first(first)}" if advice else " Nothing needs to be added."
    return CheckVerdict(can_train=can_train, can_test=can_test, level=level, text=text + help_, advice=advice)


def _state(
    present: Sequence[ClassSummary], untested: Sequence[str], can_train: bool, can_test: bool
) -> tuple[str, Level]:
    if not can_train:
        only = f"only {present[0].item.name} is labelled" if present else "no class has labelled pixels with data"
        return f"You cannot train yet: {only}.", "warning"
    if not can_test:
        return (
            "You can train now, but nobody will know how good the map is: no class lies in two separate places.",
            "warning",
        )
    if untested:
        return f"You can train now, but the accuracy of {named(untested)} cannot be checked.", "caution"
    return (
        f"You can train now, and the accuracy of all {len(present)} classes can be checked in separate places.",
        "good",
    )


def _advice(
    classes: Sequence[ClassSummary],
    pairs: Sequence[PairSummary],
    findings: Sequence[Finding],
    feature_word: str,
    can_train: bool,
    can_test: bool,
    n_hardly: int | None,
) -> Iterator[str]:
    present = [c for c in classes if c.pixels]
    kinds = Counter(finding.kind for finding in findings)
    features = sum(c.features for c in classes)
    if not can_train:
        yield "Label at least two classes, each in two or more separate places."
    elif untested := [c.item.name for c in present if not c.tested]:
        yield f"Draw {named(untested)} in at least one more separate place{' each' if len(untested) > 1 else ''}."
    if kinds["contradiction"]:
        yield f"Decide on one class for places drawn as two ({counted(kinds['contradiction'], feature_word)})."
    lost = kinds["no_pixel"]
    larger = (
        f"Use all touched pixels, or draw larger: {lost:,} of {counted(features, feature_word)}"
        f" label{'s' if lost == 1 else ''} nothing."
    )
    if lost > _MANY_LOST * features:
        yield larger
    # Before merging: spectra of a few pixels say little about whether classes can be told apart.
    few = [f"{c.item.name} ({c.pixels})" for c in present if c.pixels < FEW_PIXELS]
    if few:
        yield f"Draw more pixels of {named(few)}."
    hardly = [pair for pair in pairs if pair.told_apart == "hardly"]
    if hardly:
        shown = "; ".join(" and ".join(pair.names) for pair in hardly[:_NAMED])
        further = (len(hardly) if n_hardly is None else n_hardly) - _NAMED
        more = f"; and {further} more pairs" if further > 0 else ""
        yield f"Merge classes that can hardly be told apart, or expect them to be confused: {shown}{more}."
    missed = [
        f"{c.item.name} ({percent(c.recognised)})" for c in present if c.recognised is not None and c.recognised < HALF
    ]
    if missed:
        yield f"Draw more places of classes that a simple classifier does not recognise in other places: {named(missed)}."
    if kinds["odd"]:
        yield f"Look at {feature_word}s whose spectra do not fit their class ({kinds['odd']:,})."
    gone = [c.item.name for c in classes if not c.pixels]
    if gone:
        yield f"Draw {named(gone)} again: none of their labels covers a pixel."
    if kinds["overlap"]:
        yield f"Trim {feature_word}s that overlap another class ({kinds['overlap']:,})."
    if 0 < lost <= _MANY_LOST * features:
        yield larger


def named(names: Sequence[str]) -> str:
    """``a, b and c``; of many the first few, and how many more there are."""
    if len(names) > _ALL_NAMED:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more classes"
    return listed(names)


def percent(share: float) -> str:
    """``3 %``; a share that is not quite nothing is never rounded to it."""
    return "less than 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def lower_first(sentence: str) -> str:
    """A sentence as the second half of one."""
    return sentence[:1].lower() + sentence[1:]
