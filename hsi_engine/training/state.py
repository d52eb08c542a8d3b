"""The state of a training run after an epoch: all that another process needs to continue it."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """The figures of one epoch. Losses and accuracies are means over samples; validation may be absent."""

    epoch: int
    loss: float
    accuracy: float
    learning_rate: float
    seconds: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None


@dataclass(kw_only=True)
class TrainingState:
    """Grows epoch by epoch.

    Attributes
    ----------
    history : one record per epoch, the first is epoch 1.
    best_epoch : epoch with the highest validation accuracy, and of equal ones the lowest validation loss;
        the last epoch if there is no validation set.
    best_weights : a copy of the network's state of that epoch on the CPU; None if it is the current one.
    """

    history: list[EpochRecord] = field(default_factory=list)
    best_epoch: int = 0
    best_weights: dict[str, Tensor] | None = None

    @property
    def epochs_done(self) -> int:
        return len(self.history)
