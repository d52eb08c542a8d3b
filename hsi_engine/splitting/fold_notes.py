"""What a reader of cross-fitted accuracies has to know of the folds, and may do about it, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..phrases import listed
from ..pixels.samples import IndexArray, SampleSet


def why_fewer(n_folds: int, asked: int, places: int, unit_name: str) -> str:
    """Why there are fewer folds than asked for."""
    reason = (
        f"the classes that can be tested lie in {places} {unit_name}s at most"
        if places < asked
        else "with more folds, too little would remain to train on"
    )
    return f"{n_folds} folds instead of {asked}: {reason}."


def why_none(samples: SampleSet, places: IndexArray, guard_px: int, testable: IndexArray) -> str:
    """Why nothing can be tested, and what to label.

    Parameters
    ----------
    places : units of each class, (classes,).
    testable : indices of the classes that could be tested, one at most.
    """
    present = np.flatnonzero(places)
    start = "The accuracy is not known: "
    if not len(present):
        return f"{start}there are no labelled pixels."
    apart = f", more than {guard_px} pixels apart" if guard_px else ""
    if len(present) == 1:
        return (
            f"{start}{named_classes(samples, present)} is the only class that is labelled. Label a second class, and each of"
            f" the two in at least two places{apart}."
        )
    others = np.setdiff1d(present, testable)
    alone = others[places[others] == 1]
    lacking = alone if len(alone) else others
    each = (
        f"each of these classes: {named_classes(samples, lacking)}"
        if len(lacking) > 1
        else named_classes(samples, lacking)
    )
    if len(testable):
        return (
            f"{start}{named_classes(samples, testable)} is the only class that can be tested in one place and trained in"
            f" another{apart}, and one class does not show how well classes are told apart. Label at least one more separate"
            f" place of {each}."
        )
    away = f", more than {guard_px} pixels away," if guard_px else ""
    if (places[present] == 1).all():
        return f"{start}every class lies in one place only. Label at least one more place{away} for {each}."
    return (
        f"{start}no class lies in two places{apart}, one to train on and one to test. Label at least one more place{away} for"
        f" {each}."
    )


def name_untested(samples: SampleSet, untested: npt.NDArray[np.bool_], places: IndexArray) -> Iterator[str]:
    """A sentence for the classes in one place, and one for those too close together; ``untested``: bool (classes,)."""
    for which, one, several in (
        (places == 1, "lies in one place only", "each lie in one place only"),
        (places > 1, "lies too close together", "each lie too close together"),
    ):
        indices = np.flatnonzero(untested & which)
        names = named_classes(samples, indices)
        if len(indices) == 1:
            yield (
                f"{names} {one}: it is trained on, but its accuracy is not known. Label {names} in at least one more"
                " place."
            )
        elif len(indices):
            yield (
                f"{names} {several}: they are trained on, but their accuracy is not known. Label each of them in at"
                " least one more place."
            )


def named_classes(samples: SampleSet, indices: IndexArray) -> str:
    """Names of classes: "a, b and c"."""
    return listed([samples.legend.names[index] for index in indices])
