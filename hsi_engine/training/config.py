"""Settings of a training run, and the learning rate they give for each step."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
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
    epochs, batch_size : passes over the training samples, samples per step.
    least_steps, most_steps : bounds that change the number of passes; None if they do not count. Whole passes are made,
        one at least.
    learning_rate : the highest rate of the schedule.
    schedule : ``one_cycle`` warms up over 30 % of the steps from 1/25 of the rate and anneals along a
        cosine (Smith and Topin 2019); ``step`` divides by 10 after 40 % and 75 % of the epochs, as the
        reference recipe of HybridSN does; ``cosine`` only anneals; ``constant`` stays.
    weight_decay : decoupled (AdamW; Loshchilov and Hutter 2019); 0 is Adam.
    label_smoothing : share of the target spread over all classes.
    class_weight_power : each class weighs as much in the loss as its number of training samples to minus this power;
        the mean weight of a sample is 1. 0: all samples have the same weight; 1: all classes have.
    fewest_draws : samples of a class with fewer are drawn again in each pass, until the class has this many draws.
    augment : random flips and quarter turns, and what ``surround_dropout``, ``gain`` and ``noise`` do.
    surround_dropout : share of the patches that are filled with the spectrum of their centre, so that the network
        cannot do without that spectrum. It is random erasing (Zhong et al. 2020) of all but the centre.
    gain : deviation of the random factor, around 1, that each patch is multiplied with.
    noise : deviation of the noise that is added to every number of a patch.
    patience : stop after this many epochs without a better validation accuracy; None never stops early.
    seed : any integer from 0.
    """

    epochs: int
    batch_size: int
    least_steps: int | None = None
    most_steps: int | None = None
    learning_rate: float
    schedule: Schedule = "one_cycle"
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    class_weight_power: float = 0.0
    fewest_draws: int = 0
    augment: bool = True
    surround_dropout: float = 0.0
    gain: float = 0.0
    noise: float = 0.0
    patience: int | None = None
    seed: int = 0


def resolved(config: TrainingConfig, samples: int) -> TrainingConfig:
    """The config with the number of passes that its bounds on steps allow for ``samples`` training samples."""
    steps_per_pass = -(-samples // config.batch_size)
    wanted = config.epochs * steps_per_pass
    steps = max(min(wanted, config.most_steps or wanted), config.least_steps or 0)
    epochs = config.epochs if steps == wanted else max(1, round(steps / steps_per_pass))
    return replace(config, epochs=epochs, least_steps=None, most_steps=None)


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
