"""Settings of a training run, and the learning rate they give for each step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Schedule = Literal["one_cycle", "step", "cosine", "constant"]

_WARM_UP_SHARE = 0.3
_WARM_UP_DIVISOR = 25.0
_FINAL_DIVISOR = 1e4


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How a network is trained. Ranges are checked where users give them, in the operation.

    Parameters
    ----------
    epochs, batch_size : passes over the training samples, samples a step.
    learning_rate : the highest rate of the schedule.
    schedule : ``one_cycle`` warms up over 30 % of the steps from 1/25 of the rate and anneals along a
        cosine (Smith and Topin 2019); ``step`` divides by 10 after 40 % and 75 % of the epochs, as the
        reference recipe of HybridSN does; ``cosine`` only anneals; ``constant`` stays.
    weight_decay : decoupled (AdamW; Loshchilov and Hutter 2019); 0 is Adam.
    label_smoothing : share of the target spread over all classes.
    class_weights : weigh the loss of each class by the inverse of its number of training samples.
    augment : random flips and quarter turns.
    patience : stop after so many epochs without a better validation accuracy; None never stops early.
    seed : any integer from 0.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    schedule: Schedule = "one_cycle"
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    class_weights: bool = False
    augment: bool = True
    patience: int | None = None
    seed: int = 0


def learning_rate_at(config: TrainingConfig, progress: float) -> float:
    """The learning rate after ``progress``, 0 to 1, of all steps."""
    rate = config.learning_rate
    if config.schedule == "step":
        return rate / (1.0, 10.0, 100.0)[sum(progress >= share for share in (0.4, 0.75))]
    if config.schedule == "cosine":
        return _anneal(rate, 0.0, progress)
    if config.schedule == "one_cycle":
        if progress < _WARM_UP_SHARE:
            return _anneal(rate / _WARM_UP_DIVISOR, rate, progress / _WARM_UP_SHARE)
        return _anneal(rate, rate / _FINAL_DIVISOR, (progress - _WARM_UP_SHARE) / (1 - _WARM_UP_SHARE))
    return rate


def _anneal(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
