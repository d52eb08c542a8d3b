"""The classes of a map and of its reference under one numbering."""

from __future__ import annotations

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
    """

    legend: Legend
    unknown: tuple[str, ...]
    mapped: npt.NDArray[np.int64]

    def index(self, texts: Texts) -> npt.NDArray[np.int64]:
        """Class index of each class name, (points,); -1 for None. All names must have been given to :func:`index_classes`."""
        known = _indices(self.legend)
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
    names = {c.value: c.name for c in given if c.value in nameless and is_named(c.value, c.name)}
    if not names:
        return measured
    colours = {c.value: c.colour for c in own} | {c.value: c.colour for c in given if c.value in names}
    note = f"{measured.path.name} has no names for its classes {listed_briefly(list(names))}; those of the sample are used."
    return replace(
        measured,
        legend=Legend.of({c.value: c.name for c in own} | names, colours),
        notes=measured.notes if same_map else (*measured.notes, note),
    )


def index_classes(measured: MeasuredMap, texts: Texts, reference: str) -> IndexedClasses:
    """Find the class of the map for every class of the reference: by its name, or by its value if it is a number.

    Parameters
    ----------
    texts : all classes that interpreters gave; None is skipped.
    reference : name of the file, for messages.

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
    known, said = _indices(own), {name_key(text): text for text in texts if text is not None}
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
        legend=legend, unknown=tuple(unknown.values()), mapped=legend.to_index(measured.at_points.astype(np.int64))
    )


def _indices(legend: Legend) -> dict[str, int]:
    """Class index by the key of a name, or of the value as text if no class is called that."""
    place = {c.value: number for number, c in enumerate(legend)}
    by_value = {str(value): number for value, number in place.items()}
    by_name = {name_key(c.name): place[c.value] for c in legend if is_named(c.value, c.name)}
    return by_value | by_name


def _find(known: dict[str, int], text: str) -> int | None:
    found = known.get(name_key(text))
    return known.get(str(whole_number(text))) if found is None else found
