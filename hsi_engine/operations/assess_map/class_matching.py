"""Which class of a reference is which class of a map: by name if both have names, by value if numbers agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ...classes.class_names import is_named, name_key
from ...classes.legend import MAX_VALUE, Legend
from ...errors import LabelError
from ...evaluation.accuracy import Accuracy
from ...io.labels.types import Labels
from ...io.maps.class_map import ClassMap
from ...phrases import listed

_LISTED = 5
# Shares of pixels that agree: as numbered, and as they would be in another order.
_POOR, _GOOD = 0.5, 0.8


@dataclass(frozen=True, kw_only=True, eq=False)
class MatchedReference:
    """A reference whose values are those of the map, how that was found, and what may make the comparison meaningless.

    ``by_name``: the values are no longer those that the reference holds.
    """

    labels: Labels
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    by_name: bool = False


def match_classes(
    read: Callable[[Legend | None], Labels], class_map: ClassMap, legend: Legend | None
) -> MatchedReference:
    """Read the reference and give its classes the values of the map.

    Text takes the value of the class of that name. Numbers stand for themselves, unless both sides name their
    classes and the same names have other numbers: then names count.

    Parameters
    ----------
    read : reads the reference, with the legend of the map or on its own.
    legend : the classes of the map, if any are known.

    Raises
    ------
    LabelError : no value of the reference is one of the map; the reference has names only and the map has none; both number the same names differently, and a class
        of the reference has no name or one that occurs twice.
    """
    named = {} if legend is None else {c.value: c.name for c in legend if is_named(c.value, c.name)}
    own = read(None)
    if own.texts and legend is not None and named:
        notes: tuple[str, ...] = ("Classes of the reference and the map are matched by name.",)
        labels = read(legend)
    elif own.numbered:
        raise LabelError(
            f"The reference calls its classes by name ({', '.join(own.legend.names[:_LISTED])}), but nothing says which"
            f" value of the map ({', '.join(map(str, _values(class_map)[:_LISTED]))}) is which class.",
            code="names_without_values",
            hint="Give a legend of the map (JSON, or the QGIS style of the map as .qml), or choose a field of the reference"
            " that holds the values of the map.",
        )
    elif not named:
        called = any(is_named(c.value, c.name) for c in own.legend)
        notes = ("The map has no class names; those of the reference are used.",) if called else ()
        labels = own
    else:
        labels, notes = _by_value_or_name(own, named, class_map)
    return MatchedReference(
        labels=labels,
        notes=notes,
        warnings=(*class_map.warnings, *labels.warnings, *_doubts(labels, class_map, legend)),
        by_name=labels is not own,
    )


def _by_value_or_name(own: Labels, named: dict[int, str], class_map: ClassMap) -> tuple[Labels, tuple[str, ...]]:
    by_key: dict[str, list[int]] = {}
    for value, name in named.items():
        by_key.setdefault(name_key(name), []).append(value)
    moved = {
        c.value: by_key[name_key(c.name)]
        for c in own.legend
        if is_named(c.value, c.name) and c.value not in by_key.get(name_key(c.name), [c.value])
    }
    if not moved:
        return own, tuple(
            f"Class {c.value} is called “{named[c.value]}” in the map but “{c.name}” in the reference;"
            " classes are compared by value."
            for c in own.legend
            if is_named(c.value, c.name) and name_key(c.name) != name_key(named.get(c.value, c.name))
        )
    name_of = {c.value: c.name for c in own.legend}
    examples = ", ".join(
        f"“{name_of[value]}” is {' or '.join(map(str, values))} in the map and {value} in the reference"
        for value, values in list(moved.items())[:_LISTED]
    )
    nameless = [c.value for c in own.legend if not is_named(c.value, c.name)]
    keys = [name_key(c.name) for c in own.legend]
    twice = [
        c.name for c in own.legend if keys.count(name_key(c.name)) > 1 or len(by_key.get(name_key(c.name), ())) > 1
    ]
    if nameless or twice:
        what = (
            f"{_classes(nameless)} of the reference {'has' if len(nameless) == 1 else 'have'} no name"
            if nameless
            else ""
        )
        what = what or f"the name “{twice[0]}” occurs more than once"
        raise LabelError(
            f"Map and reference number the same classes differently ({examples}), and {what}: classes can be compared neither"
            " by value nor by name.",
            code="numbering",
            hint="Give the map a correct legend (JSON or .qml), or give each class a different name in both.",
        )
    return _renumbered(own, {key: values[0] for key, values in by_key.items()}, class_map, examples)


def _classes(values: list[int]) -> str:
    return f"class{'' if len(values) == 1 else 'es'} {listed([str(value) for value in values])}"


def _renumbered(
    own: Labels, value_of: dict[str, int], class_map: ClassMap, examples: str
) -> tuple[Labels, tuple[str, ...]]:
    """The reference with the values of the classes of the same name; others get values that the map does not use."""
    taken = {*value_of.values(), *_values(class_map)}
    recode: dict[int, int] = {}
    for c in own.legend:
        found = value_of.get(name_key(c.name))
        if found is None:
            found = c.value if c.value not in taken else next(v for v in range(1, MAX_VALUE + 1) if v not in taken)
            taken.add(found)
        recode[c.value] = found
    table = np.zeros(max(recode) + 1, dtype=np.int32)
    table[list(recode)] = list(recode.values())
    labels = replace(
        own,
        pixels=replace(own.pixels, values=table[own.pixels.values]),
        legend=Legend.of(
            {recode[c.value]: c.name for c in own.legend}, {recode[c.value]: c.colour for c in own.legend}
        ),
    )
    notes = [f"Map and reference number the same classes differently ({examples}); they are compared by name."]
    alone = [c.name for c in own.legend if name_key(c.name) not in value_of]
    if alone:
        notes.append(f"Classes of the reference that are not in the legend of the map: {', '.join(alone)}.")
    return labels, tuple(notes)


def _doubts(labels: Labels, class_map: ClassMap, legend: Legend | None) -> tuple[str, ...]:
    """What may make the comparison meaningless; parameters and errors as :func:`match_classes`."""
    doubts = []
    if class_map.zeros and labels.zeros and not class_map.warnings and not labels.warnings:
        doubts.append(
            f"Map and reference both hold the value 0 ({class_map.zeros:,} and {labels.zeros:,}), which means no class here:"
            " such pixels are not compared. If 0 is a class, renumber the classes of both from 1."
        )
    mapped, known = _values(class_map), sorted({int(value) for value in np.unique(labels.pixels.values)})
    if not set(mapped) & set(known):
        found = (
            f"No class of the reference ({', '.join(map(str, known[:_LISTED]))}) occurs in the map"
            f" ({', '.join(map(str, mapped[:_LISTED])) or 'which is empty'})"
        )
        if mapped and not set(known) & {c.value for c in legend or ()}:
            raise LabelError(
                f"{found}: every pixel would count as wrong, whatever the map is worth.",
                code="no_common_class",
                hint="Give both files the same class values, or names by which classes can be matched: a QGIS style (.qml) next"
                " to each, or a field of names in the reference and a legend for the map.",
            )
        doubts.append(f"{found}: check that their values mean the same classes.")
    return tuple(doubts)


def _values(class_map: ClassMap) -> list[int]:
    return list(class_map.occurring)


def renumbering(accuracy: Accuracy, *, by_name: bool) -> tuple[str, ...]:
    """A warning if map and reference agree badly, but would agree well if the map's classes were in another order.

    Parameters
    ----------
    by_name : the reference names its classes; otherwise it numbers them by the values of the legend.
    """
    confusion = accuracy.confusion
    # Here and not above: scipy takes a while to load, and most maps are better.
    total, agree = int(confusion.sum()), int(np.trace(confusion))
    if not total or agree > _POOR * total:
        return ()
    from scipy.optimize import linear_sum_assignment

    rows, cols = linear_sum_assignment(confusion, maximize=True)
    possible = int(confusion[rows, cols].sum())
    if possible < _GOOD * total:
        return ()
    classes = list(accuracy.legend)
    pairs = [(classes[r], classes[c]) for r, c in zip(rows, cols, strict=True) if r != c and confusion[r, c]]
    if by_name:
        what = listed([f"“{known.name}” in the reference means {mapped.name}" for known, mapped in pairs[:_LISTED]])
    else:
        meant = [f"{known.value} means {mapped.name}" for known, mapped in pairs[:_LISTED]]
        if all(is_named(c.value, c.name) for c in classes):
            meant[1:] = [text.replace(" means ", " ", 1) for text in meant[1:]]
        what = f"reference value {listed(meant)}"
    return (
        f"Map and reference seem to number their classes differently: {100 * agree / total:.2f} % of the pixels agree, but"
        f" {100 * possible / total:.2f} % would if {what}. The figures below say nothing about the map until both use the same values.",
    )
