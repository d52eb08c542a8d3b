"""The last step of a model: how sure it is of the class that it has chosen, brought in line with tested pixels.

Maps, tested pixels and exported graphs go through the same functions.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ...evaluation.confidence_scaling import LEAST, ConfidenceScaling

# By so much the log-odds of the chosen class stay above a tie with the runner-up. Rounding in float32 takes 2e-6.
_AHEAD = 1e-5


def sharpened(probabilities: Tensor, temperature: float) -> Tensor:
    """The softmax along the first axis of the logarithms, divided by a temperature (Guo et al. 2017).

    Parameters
    ----------
    probabilities : (classes, …); below ``LEAST`` they count as that.
    """
    return probabilities.clamp(min=LEAST).log_().div_(temperature).softmax(dim=0)


def scaled_samples(probabilities: npt.NDArray[np.float64], scaling: ConfidenceScaling) -> npt.NDArray[np.float64]:
    """:func:`with_scaled_confidence` of samples, float64 (n, classes)."""
    scaled: npt.NDArray[np.float64] = with_scaled_confidence(torch.from_numpy(probabilities), scaling, dim=1).numpy()
    return scaled


def with_scaled_confidence(probabilities: Tensor, scaling: ConfidenceScaling, dim: int = 0) -> Tensor:
    """Bring the largest probability onto a curve; the others keep their proportions, and all sum to 1.

    The chosen class stays: its probability is not lowered below that of the runner-up, which rises as it falls. They would
    meet where the odds of the largest are those of the runner-up to the sum of all others, r / (1 − p); the largest stays
    just above. So confidences keep their order, except among pixels that this holds up. Of equal largest probabilities the
    first is chosen, and is the only one to be scaled.

    Parameters
    ----------
    probabilities : float (…, classes, …) with the classes along ``dim``; below ``LEAST`` they count as that. NaN stays
        NaN in its own pixel.
    scaling : the curve; the identity leaves everything as it is, to the bit.

    Returns
    -------
    Another tensor of the same shape and dtype, or ``probabilities`` itself for the identity or a single class.
    """
    if scaling.is_identity or probabilities.shape[dim] < 2:
        return probabilities
    others = probabilities.clamp(min=LEAST)
    largest, chosen = others.max(dim=dim, keepdim=True)
    others.scatter_(dim, chosen, 0.0)
    # Their sum rather than 1 − p, which float32 rounds to 0 where a model is sure.
    rest = others.sum(dim=dim, keepdim=True)
    runner_up = others.amax(dim=dim, keepdim=True)
    odds = (largest / rest).log() * scaling.slope + scaling.offset
    odds = torch.maximum(odds, (runner_up / rest).log() + _AHEAD)
    return others.mul_(torch.sigmoid(-odds) / rest).scatter_(dim, chosen, torch.sigmoid(odds))
