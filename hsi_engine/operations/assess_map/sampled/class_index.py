"""The classes of a map and of its reference under one numbering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ....classes.class_names import is_named, name_key, repeated_names
from ....classes.legend import MAX_VALUE, NO_CLASS, Legend
from ....errors import LabelError
from ....foreign.numbers import whole_number
from .map_values import MeasuredMap
from .points import Texts, listed_briefly


@dataclass(frozen=True, kw_only=True, eq=False)
class IndexedClasses:
    """Classes of map and reference.

    Parameters
    ----------
    legend : all of them; the position is the index. Classes that the map does not know have values it does not use.
    unknown : names of those.
    mapped : index of the class that the map gives each point, (points,); -1 if it gives none.
    former : names that the sample has for classes of the map, and what the map calls them now.
    """

    legend: Legend
    unknown: tuple[str, ...]
    mapped: npt.NDArray[np.int64]
    former: Mapping[str, str]

    def index(self, texts: Texts) -> npt.NDArray[np.int64]:
        """Class index of each class name, (points,); -1 for None. All names must have been given to :func:`index_classes`."""
        known = _indices(self.legend, self.former)
        return np.array(
            [NO_CLASS if text is None or (found := _find(known, text)) is None else found for text in texts], np.int64
        )


def with_names(measured: MeasuredMap, given: Legend | None, *, same_map: bool) -> MeasuredMap:
    """A map without class names with those that the sample has for its values; others as they are.

    Parameters
    ----------
    given : of the map that the sample was drawn for.
    same_map : this is that map, so that single classes without a name take theirs too.
    """
    own = measured.legend
    nameless = [c.value for c in own if not is_named(c.value, c.name)]
    if given is None or not nameless or not (same_map or len(nameless) == len(own)):
        return measured
    taken = {name_key(c.name) for c in own}
    names = {
        c.value: c.name
        for c in given
        if c.value in nameless and is_named(c.value, c.name) and name_key(c.name) not in taken
    }
    if not names:
        return measured
    colours = {c.value: c.colour for c in own} | {c.value: c.colour for c in given if c.value in names}
    note = f"{measured.path.name} has no names for its classes {listed_briefly(list(names))}; those of the sample are used."
    return replace(
        measured,
        legend=Legend.of({c.value: c.name for c in own} | names, colours),
        notes=measured.notes if same_map else (*measured.notes, note),
    )


def former_names(own: Legend, drawn: Legend) -> dict[str, str]:
    """What a map calls classes now, by the names that it had for them when a sample was drawn over it.

    Only of classes that were renamed: a name that the map has for another class now means that class.

    Parameters
    ----------
    own, drawn : the classes of the same map now and then.
    """
    now, then = {name_key(c.name) for c in own}, {name_key(c.name) for c in drawn}
    renamed = {c.value: c.name for c in own if name_key(c.name) not in then}
    return {c.name: renamed[c.value] for c in drawn if c.value in renamed and name_key(c.name) not in now}


def remarks_on_names(own: Legend, drawn: Legend) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Notes and warnings on classes of a map that have other names than in the sample that was drawn over it."""
    value_of = {name_key(c.name): c.value for c in own if is_named(c.value, c.name)}
    moved = [c for c in drawn if value_of.get(name_key(c.name), c.value) != c.value]
    notes = [f"“{old}” of the sample is “{new}” of the map." for old, new in former_names(own, drawn).items()]
    if not moved:
        return tuple(notes), ()
    listed = ", ".join(f"“{c.name}” was {c.value} and is {value_of[name_key(c.name)]}" for c in moved)
    warning = (
        f"The names of the classes have changed places since the sample was drawn ({listed}). Points count by the names that"
        " the map has now: if these are wrong, restore the legend that the map had."
    )
    return tuple(notes), (warning,)


def index_classes(measured: MeasuredMap, texts: Texts, reference: str, drawn: Legend | None = None) -> IndexedClasses:
    """Find the class of the map for every class of the reference: by its name, or by its value if it is a number.

    Parameters
    ----------
    texts : all classes that interpreters gave; None is skipped.
    reference : name of the file, for messages.
    drawn : the classes that this map had when the sample was drawn over it; None if it was not.

    Raises
    ------
    LabelError : classes of the map share a name, or no class of the reference is one of the map.
    """
    own = measured.legend
    twice = repeated_names((c.value, c.name) for c in own)
    if twice:
        name, values = next(iter(twice.items()))
        raise LabelError(
            f"The map calls the values {' and '.join(map(str, values))} both “{name}”: it is not clear which of them a"
            " point of this name should have.",
            code="same_name",
            hint="Give a legend (JSON or .qml) in which each class has its own name.",
        )
    former = {} if drawn is None else former_names(own, drawn)
    known, said = _indices(own, former), {name_key(text): text for text in texts if text is not None}
    unknown = {key: text for key, text in sorted(said.items()) if _find(known, text) is None}
    if len(unknown) == len(said):
        raise LabelError(
            f"No class of the points of {reference} ({listed_briefly(list(unknown.values()))}) is one of the map"
            f" ({listed_briefly(own.names) or 'which is empty'}): every point would count as wrong.",
            code="no_common_class",
            hint="Give a legend of the map (JSON or .qml) with the names that the points have, or choose the field of the points"
            " that holds class values or names of the map.",
        )
    names, colours = {c.value: c.name for c in own}, {c.value: c.colour for c in own}
    last = max(names, default=0)
    # After the classes of the map, which keep their places.
    free = (value for value in (*range(last + 1, MAX_VALUE + 1), *range(last, 0, -1)) if value not in names)
    added = dict(zip(free, unknown.values(), strict=False))
    legend = Legend.of(names | added, colours)
    return IndexedClasses(
        legend=legend,
        unknown=tuple(unknown.values()),
        mapped=legend.to_index(measured.at_points.astype(np.int64)),
        former=former,
    )


def _indices(legend: Legend, former: Mapping[str, str]) -> dict[str, int]:
    """Class index by the key of a name, now or formerly, or of the value as text if no class is called that."""
    place = {c.value: number for number, c in enumerate(legend)}
    by_value = {str(value): number for value, number in place.items()}
    by_name = {name_key(c.name): place[c.value] for c in legend if is_named(c.value, c.name)}
    return by_value | {name_key(old): by_name[name_key(new)] for old, new in former.items()} | by_name


def _find(known: dict[str, int], text: str) -> int | None:
    found = known.get(name_key(text))
    return known.get(str(whole_number(text))) if found is None else found
