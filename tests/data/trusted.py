"""What a model keeps of training pixels that there never were, for tests of what is done with it."""

from __future__ import annotations

import numpy as np

from hsi_engine.bundle.trust import Calibrated, KnownSpectra, Trust
from hsi_engine.evaluation.trust.applicability import fit_applicability
from hsi_engine.evaluation.trust.conformal import CalibrationScores


def trust_of(channels: int = 13, classes: int = 3, branch: int = 0) -> Trust:
    """40 training points and 30 scores, drawn at random, for a preprocessing with ``channels`` in its ``branch``."""
    rng = np.random.default_rng(1)
    area = fit_applicability(rng.normal(size=(40, channels)), np.arange(40) % 4).area
    shares = rng.dirichlet(np.ones(classes), 30)
    at = np.arange(30)
    scores = CalibrationScores.of(shares, at % classes, at % 5, at // 3, seed=0)
    return Trust(
        known=KnownSpectra(branch=branch, area=area, training_pixels=90, apart="folds"),
        calibrated=Calibrated(scores=scores, tested_pixels=60, unit_name="block"),
    )
