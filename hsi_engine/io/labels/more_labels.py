"""Further labels next to those of a training, such as points that were suggested and labelled since."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ...classes.class_names import is_named, name_key
from ...classes.legend import MAX_VALUE, Legend
from ...errors import MismatchError
from ...phrases import counted, listed
from ...pixels.labelled_pixels import LabelledPixels
from ...pixels.regions import linked_regions
from .types import Labels


def with_more_labels(labels: Labels, more: Labels) -> Labels:
    """Both together; a pixel that both label has the class of ``more``.

    Regions of one class that share a pixel become one, as those of a single file are.

    Classes are matched by name if either side writes them as text, otherwise by value. Those that only ``more`` has are added,
    text classes with the next numbers.

    Raises
    ------
    MismatchError : one side numbers classes whose names the other does not know; there are too many classes.
    """
    value_of = _values(labels, more)
    added = [c for c in more.legend if value_of[c.value] not in {k.value for k in labels.legend}]
    legend = Legend(
        classes=(*labels.legend.classes, *(replace(c, value=value_of[c.value]) for c in added)),
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
    if added:
        notes.append(f"Classes that only the more labels have: {listed([c.name for c in added])}.")
    doubts = [f"More labels: {warning}" for warning in more.warnings]
    doubts += _other_names(labels.legend, more.legend, value_of)
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


def _other_names(own: Legend, more: Legend, value_of: dict[int, int]) -> list[str]:
    """A warning if classes that were matched by value have other names; nothing if none have."""
    name_of = {c.value: c.name for c in own if is_named(c.value, c.name)}
    pairs = [(value_of[c.value], c.name) for c in more if is_named(c.value, c.name) and value_of[c.value] in name_of]
    differ = [f"{v} “{name_of[v]}” and “{name}”" for v, name in pairs if name_key(name) != name_key(name_of[v])]
    if not differ:
        return []
    return [
        f"Labels and more labels have other names for the same class values: {listed(differ[:5])}. They count as the same"
        " classes, with the names of the labels."
    ]


def _values(labels: Labels, more: Labels) -> dict[int, int]:
    """The value of each class of ``more`` among ``labels``."""
    if not (labels.texts or more.texts):
        return {c.value: c.value for c in more.legend}
    known = {name_key(c.name): c.value for c in labels.legend}
    unknown = [c for c in more.legend if name_key(c.name) not in known]
    unnamed = any(not is_named(c.value, c.name) for c in (unknown if labels.texts else labels.legend))
    if unknown and unnamed:
        raise MismatchError(
            f"The labels {'name' if labels.texts else 'number'} their classes, and the more labels"
            f" {'number' if labels.texts else 'name'} them: {listed([c.name for c in unknown][:5])} cannot be assigned to one of"
            f" {', '.join(labels.legend.names[:8])}.",
            code="classes_differ",
            hint="Give the classes names in both, with a field of names or a legend.",
        )
    last = max(c.value for c in labels.legend)
    if last + len(unknown) > MAX_VALUE:
        raise MismatchError(
            f"The more labels add {len(unknown):,} classes to values up to {last:,}; class values end at {MAX_VALUE:,}.",
            code="too_many_classes",
            hint="Renumber the classes of the labels.",
        )
    new = {c.value: last + number for number, c in enumerate(unknown, start=1)}
    return {c.value: new.get(c.value, known.get(name_key(c.name), 0)) for c in more.legend}


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
