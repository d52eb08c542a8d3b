"""The loss of a batch, of which a rank may have a share only."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ..pixels.samples import SampleSet
from ..runtime.ranks import Ranks


class BatchLoss:
    """Cross-entropy: the weighted mean over the samples of a batch.

    Parameters
    ----------
    weights : of each class, (classes,), on the device that computes; None: all have the same weight.
    label_smoothing : share of the target spread over all classes.
    ranks : what shares the batch.
    """

    def __init__(self, weights: Tensor | None, label_smoothing: float, ranks: Ranks) -> None:
        self._weights = weights
        self._label_smoothing = label_smoothing
        self._ranks = ranks

    def __call__(self, logits: Tensor, classes: Tensor, of_all: Tensor) -> Tensor:
        """Part of the mean over the batch: those of all ranks add up to it, however uneven their shares are.

        Parameters
        ----------
        logits : of the samples of this rank, (n, classes).
        classes : int64 (n,).
        of_all : classes of the samples of all ranks.
        """
        alone = self._ranks.size == 1
        loss = functional.cross_entropy(
            logits,
            classes,
            weight=self._weights,
            label_smoothing=self._label_smoothing,
            reduction="mean" if alone else "sum",
        )
        if alone:
            return loss
        return loss / (len(of_all) if self._weights is None else self._weights[of_all].sum())


def class_weights(samples: SampleSet, power: float) -> Tensor:
    """Samples of each class to minus a power, scaled so that the mean weight of a sample is 1; 0 if there are none."""
    counts = torch.from_numpy(samples.counts()).double()
    weights = torch.where(counts > 0, counts.clamp(min=1) ** -power, 0.0)
    return (weights * len(samples) / (weights * counts).sum()).float()
