"""What has to be known before the figures of a sample are used: notes, and warnings that may change what they mean."""

from __future__ import annotations

from collections.abc import Sequence

from ....classes.legend import NO_CLASS
from ....evaluation.design_based.map_accuracy import MapAccuracy
from ....evaluation.design_based.reference_sample import ReferenceSample
from ....phrases import counted, listed
from .class_index import IndexedClasses
from .map_values import MeasuredMap, has_class
from .points import KnownStratum, ReferencePoints, listed_briefly

_MANY_UNLABELLED = 0.05
Remarks = tuple[tuple[str, ...], tuple[str, ...]]


def remarks_on_labels(points: ReferencePoints) -> Remarks:
    """Notes and warnings on points without a class."""
    missing = int((~points.labelled).sum())
    if not missing:
        return (), ()
    of_these = f" ({points.undecided:,} of them because the interpreter could not tell)" if points.undecided else ""
    text = (
        f"{missing:,} of {counted(len(points), 'point')} have no class{of_these}. They are not guessed: the figures take them"
        " to be like the labelled points of their stratum."
    )
    few = missing <= _MANY_UNLABELLED * len(points)
    return ((text,), ()) if few else ((), (f"{text} If they are the difficult ones, the figures are too good.",))


def remarks_on_places(points: ReferencePoints, measured: MeasuredMap, unclassified: int, *, same_map: bool) -> Remarks:
    """On the map that the sample was drawn for, and on points to which this map gives no class.

    Parameters
    ----------
    unclassified : labelled points without a class in this map that count as wrong.
    """
    notes, warnings = [], []
    name, digest = points.drawn_for
    if digest and not same_map:
        text = (
            f"The sample was drawn for another map ({name}). Its strata are kept, and the classes of {measured.path.name} are"
            " assessed at its points (Stehman 2014)."
        )
        difference = points.grid.explain_mismatch(measured.grid)
        if difference:
            warnings.append(
                f"{text} The maps have different grids ({difference}, sample against map): each point is compared with the pixel"
                " of the map that its centre lies in."
            )
        else:
            notes.append(text)
    labelled = points.labelled
    off = int((labelled & ~measured.on_map).sum())
    if off:
        warnings.append(
            f"{counted(off, 'labelled point')} {_lies(off)} outside of the map {measured.path.name} and {_is(off)} left out:"
            " the figures are for the part of the sampled region that the map covers."
        )
    without = int((labelled & measured.on_map & ~has_class(measured.at_points)).sum())
    if without:
        warnings.append(_without_class(measured, without, wrong=unclassified > 0))
    elif measured.without_class.pixels and same_map and not points.part_of_map:
        notes.append(
            f"The figures are for the pixels of {measured.path.name} with a class. {_without_pixels(measured)}, because they were left"
            " unclassified or have no data."
        )
    return tuple(notes), tuple(warnings)


def _without_class(measured: MeasuredMap, n: int, *, wrong: bool) -> str:
    what = f"{counted(n, 'labelled point')} {_lies(n)} where {measured.path.name} has no class"
    if not wrong:
        return f"{what}; {'it is' if n == 1 else 'they are'} left out, and the figures are for the pixels with a class."
    return (
        f"{what}; {'it counts' if n == 1 else 'they count'} as wrong, and the figures are for all pixels that could be drawn."
        f" {_without_pixels(measured)}. A map does not tell unclassified pixels from those without data: if the scene has no data"
        " there, leave them out (Unclassified pixels)."
    )


def _without_pixels(measured: MeasuredMap) -> str:
    n, total = measured.without_class.pixels, measured.pixels
    return f"{n:,} of its {counted(total, 'pixel')} ({100 * n / total:.1f} %) {_has(n)} none"


def remarks_on_classes(
    sample: ReferenceSample, accuracy: MapAccuracy, classes: IndexedClasses, strata: Sequence[KnownStratum]
) -> Remarks:
    """On classes without points on one of the two sides, and on strata with a single point."""
    notes, warnings = [], []
    single = [s.name for s, n in zip(strata, sample.points_by_stratum.tolist(), strict=True) if n == 1 < s.pixels]
    if single:
        warnings.append(
            f"The {'stratum' if len(single) == 1 else 'strata'} {listed_briefly(single)} {_has(len(single))} a single labelled"
            " point, which shows no spread: standard errors and intervals that depend on it are not known. Label a second"
            " point there."
        )
    names, counts = classes.legend.names, accuracy.counts
    found = set(sample.reference.tolist())
    shown = set(sample.mapped.tolist()) - {NO_CLASS}
    if classes.unknown:
        warnings.append(
            f"The reference holds {'a class' if len(classes.unknown) == 1 else 'classes'} that the map does not know:"
            f" {listed(classes.unknown)}. Points of such a class are errors of the map; its area is estimated, and the average accuracy counts it as 0."
        )
    never = [names[i] for i in sorted(shown - found)]
    if never:
        notes.append(
            f"No point was found to be {listed(never, 'or')} in the reference: the producer's accuracy"
            f" {'of this class' if len(never) == 1 else 'of these classes'} is not known (not 0)."
        )
    without = [names[i] for i in range(len(names)) if i not in shown and names[i] not in classes.unknown]
    if without:
        notes.append(
            f"No labelled point lies where the map shows {listed(without)}: the user's accuracy"
            f" {'of this class' if len(without) == 1 else 'of these classes'} is not known."
        )
    if len(found) == 1 and counts.sum() > 1:
        warnings.append(
            f"All labelled points are of one class ({names[next(iter(found))]}): the figures do not say how well the map tells"
            " classes apart."
        )
    return tuple(notes), tuple(warnings)


def _lies(n: int) -> str:
    return "lies" if n == 1 else "lie"


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


def _has(n: int) -> str:
    return "has" if n == 1 else "have"
