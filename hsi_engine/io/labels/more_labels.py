"""Further labels next to those of a training, such as points that were suggested and labelled since."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ...classes.class_names import is_named, name_key
from ...classes.legend import MAX_VALUE, Legend, LegendClass
from ...errors import MismatchError
from ...phrases import counted, listed
from ...pixels.labelled_pixels import LabelledPixels
from ...pixels.regions import linked_regions
from .types import Labels

_LISTED = 5


def with_more_labels(labels: Labels, more: Labels) -> Labels:
    """Both together; a pixel that both label has the class of ``more``.

    Regions of one class that share a pixel become one, as those of a single file are.

    Classes that both sides name are matched by name, whatever their values; if one side has no name for a class, by value.
    All get the values of ``labels``; those that only ``more`` has are added, with values that are free.

    Raises
    ------
    MismatchError : a class has no name on one side, and the values of both sides are known to mean different classes; there
        are too many classes.
    """
    value_of = _values(labels, more)
    added = Legend(
        tuple({value_of[c.value]: replace(c, value=value_of[c.value]) for c in reversed(more.legend.classes)}.values())
    )
    added = added.subset(set(value_of.values()) - {c.value for c in labels.legend})
    legend = Legend(
        classes=(*labels.legend.classes, *added.classes),
        aliases=labels.legend.aliases,
        numbered=labels.legend.numbered,
    )
    table = np.zeros(max(value_of) + 1, np.int32)
    table[list(value_of)] = list(value_of.values())
    second = replace(more.pixels, values=table[more.pixels.values])
    pixels, both, changed = _together(labels.pixels, second)
    notes = [f"More labels: {counted(len(more.pixels), 'labelled pixel')}."]
    if both:
        differ = (
            f"{changed:,} with another class in the more labels, which counts" if changed else "all with the same class"
        )
        notes.append(f"Pixels labelled twice: {both:,}, {differ}.")
    if len(added):
        notes.append(f"Classes that only the more labels have: {listed(added.names)}.")
    notes += _renumbered(labels, more, value_of)
    doubts = [f"More labels: {warning}" for warning in more.warnings]
    doubts += _other_names(labels, more, value_of)
    return replace(
        labels,
        pixels=pixels,
        features=None,
        legend=legend.subset(np.unique(pixels.values).tolist()),
        notes=(*labels.notes, *notes, *(f"More labels: {note}" for note in more.notes)),
        warnings=(*labels.warnings, *doubts),
        source=labels.source | {"more_labels": more.source},
        zeros=labels.zeros + more.zeros,
    )


def _values(labels: Labels, more: Labels) -> dict[int, int]:
    """The value of each class of ``more`` among ``labels``."""
    values = _by_name(labels, more)
    unknown = [c for c in more.legend if c.value not in values]
    own = {c.value: c for c in labels.legend}
    if _same_values(labels, more, values):
        nameless = {value for value, c in own.items() if not _has_name(labels, c)}
        values |= {c.value: c.value for c in unknown if not _has_name(more, c) or c.value in nameless}
    else:
        _refuse_nameless(labels, more, unknown)
    return values | _new_values(labels, more, [c for c in unknown if c.value not in values], {*own, *values.values()})


def _by_name(labels: Labels, more: Labels) -> dict[int, int]:
    """The value among ``labels`` of each class of ``more`` whose name they have; of several the same value, else the first.

    What the legend of ``labels`` calls a class goes before what their file calls it. A number may be a name if either side holds text.
    """
    texts = not _are_numbers(labels, more)
    of_legend = [(c.value, c.name) for c in labels.legend if texts or is_named(c.value, c.name)]
    of_file = [(c.value, labels.file_names[c.value]) for c in labels.legend if c.value in labels.file_names]
    known = _values_of_names(of_file) | _values_of_names(of_legend)
    named = {c.value: known.get(name_key(c.name), []) for c in more.legend if texts or is_named(c.value, c.name)}
    return {value: value if value in found else found[0] for value, found in named.items() if found}


def _values_of_names(names: list[tuple[int, str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for value, name in names:
        found.setdefault(name_key(name), []).append(value)
    return found


def _has_name(labels: Labels, c: LegendClass) -> bool:
    return labels.texts or is_named(c.value, c.name)


def _are_numbers(labels: Labels, more: Labels) -> bool:
    return not (labels.texts or more.texts)


def _same_values(labels: Labels, more: Labels, by_name: dict[int, int]) -> bool:
    """Whether a value can be taken for the same class on both sides: both hold numbers, and no name has two of them."""
    return _are_numbers(labels, more) and all(value == own for value, own in by_name.items())


def _refuse_nameless(labels: Labels, more: Labels, unknown: list[LegendClass]) -> None:
    """Raise :class:`MismatchError` if classes of unknown names could be classes that have none on the other side."""
    nameless = [c for c in unknown if not _has_name(more, c)]
    if not unknown or not (nameless or any(not _has_name(labels, c) for c in labels.legend)):
        return
    if _are_numbers(labels, more):
        how = (
            "Labels and more labels have different values for classes of the same name, and not all classes have names"
        )
    else:
        how = (
            f"The labels {'name' if labels.texts else 'number'} their classes, and the more labels"
            f" {'number' if labels.texts else 'name'} them"
        )
    raise MismatchError(
        f"{how}: {listed([c.name for c in nameless or unknown][:_LISTED])} cannot be assigned to one of"
        f" {', '.join(labels.legend.names[:8])}.",
        code="classes_differ",
        hint="Give the classes names in both, with a field of names or a legend.",
    )


def _new_values(labels: Labels, more: Labels, new: list[LegendClass], taken: set[int]) -> dict[int, int]:
    """A value for each class that only ``more`` has: numbers stay if they are free, others are the next ones; one for a name."""
    found: dict[str, int] = {}
    if _are_numbers(labels, more):
        for c in new:
            if c.value not in taken:
                found.setdefault(name_key(c.name), c.value)
    last = max(taken | set(found.values()))
    names = dict.fromkeys(name_key(c.name) for c in new)
    next_ones = [name for name in names if name not in found]
    if last + len(next_ones) > MAX_VALUE:
        raise MismatchError(
            f"The more labels add {len(names):,} classes to values up to {last:,}; class values end at {MAX_VALUE:,}.",
            code="too_many_classes",
            hint="Renumber the classes of the labels.",
        )
    found |= {name: last + number for number, name in enumerate(next_ones, start=1)}
    return {c.value: found[name_key(c.name)] for c in new}


def _renumbered(labels: Labels, more: Labels, value_of: dict[int, int]) -> list[str]:
    """A note on numbers of ``more`` that are others in the map; nothing if they all stay or are in no file."""
    if more.texts or labels.numbered:
        return []
    changed = [f"{c.value} “{c.name}” becomes {value_of[c.value]}" for c in more.legend if value_of[c.value] != c.value]
    if not changed:
        return []
    return [
        f"Classes are matched by name, so values of the more labels change: {listed(changed[:_LISTED])}"
        f"{f', {len(changed):,} in all' if len(changed) > _LISTED else ''}."
    ]


def _other_names(labels: Labels, more: Labels, value_of: dict[int, int]) -> list[str]:
    """A warning if a name that ``labels`` lack has a value that they know by another name, which may mean the same class.

    None if both sides number classes of the same name differently.
    """
    name_of = {c.value: c.name for c in labels.legend}
    if not _same_values(labels, more, {v: own for v, own in value_of.items() if own in name_of}):
        return []
    added = [c for c in more.legend if value_of[c.value] not in name_of and c.value in name_of]
    if not added:
        return []
    differ = [f"{c.value} “{name_of[c.value]}” and “{c.name}”" for c in added]
    return [
        f"Labels and more labels have other names for the same class values: {listed(differ[:_LISTED])}. Classes are matched by"
        f" name, so {listed([f'“{c.name}”' for c in added[:_LISTED]])} {'is a class' if len(added) == 1 else 'are classes'} next"
        " to those of the labels. If they are the same classes, give them the same names."
    ]


def _together(first: LabelledPixels, second: LabelledPixels) -> tuple[LabelledPixels, int, int]:
    """The pixels of both, how many both have, and how many of these are of another class in ``second``, which counts there."""
    own, other = (p.rows.astype(np.int64) * p.shape[1] + p.cols for p in (first, second))
    shared = np.isin(own, other)
    found = second.values_at(first.rows[shared], first.cols[shared])
    differ = found != first.values[shared]
    changed = int(np.count_nonzero(differ))
    order = np.argsort(np.concatenate([own[~shared], other]), kind="stable")

    def joined(one: npt.NDArray[np.int32], two: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        return np.concatenate([one[~shared], two])[order]

    theirs = second.groups + np.int32(first.groups.max())
    both = np.stack([first.groups[shared], theirs[np.isin(other, own)]], axis=1)
    region = linked_regions(np.unique(both[~differ], axis=0), int(theirs.max()) + 1)
    pixels = LabelledPixels(
        rows=joined(first.rows, second.rows),
        cols=joined(first.cols, second.cols),
        values=joined(first.values, second.values),
        groups=region[joined(first.groups, theirs)],
        shape=first.shape,
    )
    return pixels, int(shared.sum()), changed
