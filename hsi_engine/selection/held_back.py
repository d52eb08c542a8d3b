"""What the accuracy of a test side that was held back is worth: draws of the places that the split kept whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..evaluation.clustered import clustered_intervals
from ..pixels.samples import SampleSet
from ..splitting.split import Split


def intervals_of_split(
    probabilities: npt.NDArray[np.float64], samples: SampleSet, split: Split, *, seed: int
) -> dict[str, Any] | None:
    """Accuracies of the test side with intervals from draws of whole blocks or polygons, as those of folds.

    Parameters
    ----------
    probabilities : of the classes for each test sample, in the order of ``split.test``, float64 (n, classes).
    samples : all that were split.
    seed : of the draws, whole number, 0 or more.

    Returns
    -------
    What :meth:`~hsi_engine.evaluation.clustered.ClusteredAccuracy.to_json` gives; None if the split divided single
        pixels, or if all test samples lie in one block or polygon: then there is nothing to draw.
    """
    if split.test_unit is None:
        return None
    reference, predicted = samples.classes[split.test], probabilities.argmax(axis=1)
    found = clustered_intervals(reference, predicted, split.test_unit, len(samples.legend), seed=seed)
    return found.to_json() if found.has_intervals else None
