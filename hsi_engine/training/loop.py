"""The training loop: epochs over patches gathered from the reduced cube."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from ..data.reduced_cube import ReducedCube
from ..errors import TrainingError
from ..inference.at_pixels import logits_at
from ..models.networks.patch_network import PatchNetwork
from ..reporting import Reporter, TimedReporter
from ..runtime.seeds import child_seed
from ..samples import SampleSet
from .batches import Batches
from .checkpoint import Checkpoint
from .config import TrainingConfig, learning_rate_at
from .optimizer import new_optimizer
from .state import EpochRecord, TrainingState


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingData:
    """What a network learns from.

    Parameters
    ----------
    cube : the reduced cube, on the device that computes.
    train, validation : samples; validation may be empty, and is never the test set.
    """

    cube: ReducedCube
    train: SampleSet
    validation: SampleSet


def train(
    network: PatchNetwork,
    data: TrainingData,
    config: TrainingConfig,
    *,
    fabric: Fabric,
    reporter: Reporter,
    checkpoint: Checkpoint | None = None,
    resume: bool = False,
) -> TrainingState:
    """Train ``network`` in place and leave it with the best weights, in eval mode.

    The best weights are those of the highest validation accuracy (of equal ones, of the lowest validation
    loss); without validation samples, the last.
    The same seed on the same machine gives the same weights on the CPU, also when a run was stopped and
    resumed in between.

    Raises
    ------
    TrainingError : the loss is not a finite number any more, or the checkpoint cannot be used.
    Cancelled : asked before every batch.
    """
    optimizer = new_optimizer(network.to(fabric.device), config)
    # First, so that what a checkpoint holds is put on the device where the weights are.
    model, fast_optimizer = fabric.setup(network, optimizer)
    state = TrainingState()
    if resume and checkpoint is not None and checkpoint.exists():
        state = checkpoint.load(network, optimizer)
        reporter.if_cancelled(checkpoint.kept_message)
        reporter.log(f"Resuming after epoch {state.epochs_done} of {config.epochs}.")
    loss_function = nn.CrossEntropyLoss(
        weight=_class_weights(data.train, config.class_weight_power).to(fabric.device)
        if config.class_weight_power
        else None,
        label_smoothing=config.label_smoothing,
    )
    batches = Batches(data.cube, data.train, config)
    timed = TimedReporter(reporter)
    with torch.random.fork_rng():
        while state.epochs_done < config.epochs and not _has_stalled(state, config):
            epoch = state.epochs_done + 1
            started = time.perf_counter()
            loss, accuracy = _run_epoch(epoch, model, fast_optimizer, loss_function, batches, config, fabric, timed)
            validation_loss, validation_accuracy = _validate(network, data, reporter)
            state.history.append(
                EpochRecord(
                    epoch=epoch,
                    loss=loss,
                    accuracy=accuracy,
                    learning_rate=optimizer.param_groups[0]["lr"],
                    seconds=time.perf_counter() - started,
                    validation_loss=validation_loss,
                    validation_accuracy=validation_accuracy,
                )
            )
            _keep_best(state, network)
            _report(state, config, reporter)
            if checkpoint is not None:
                checkpoint.save(network, optimizer, state)
                reporter.if_cancelled(checkpoint.kept_message)
    if state.best_weights is not None:
        network.load_state_dict(state.best_weights)
    network.eval()
    return state


def _run_epoch(
    epoch: int,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss_function: nn.CrossEntropyLoss,
    batches: Batches,
    config: TrainingConfig,
    fabric: Fabric,
    reporter: Reporter,
) -> tuple[float, float]:
    """One pass over the training samples: mean loss and accuracy. Sums stay on the device until its end."""
    model.train()
    torch.manual_seed(child_seed(config.seed, "dropout", epoch))
    loss_sum = torch.zeros((), device=fabric.device)
    correct = torch.zeros((), device=fabric.device)
    for number, (patches, target) in enumerate(batches.of_epoch(epoch)):
        reporter.check_cancelled()
        share = (epoch - 1 + number / len(batches)) / config.epochs
        reporter.progress(share, f"Training: epoch {epoch} of {config.epochs}, batch {number + 1} of {len(batches)}")
        for group in optimizer.param_groups:
            group["lr"] = learning_rate_at(config, share)
        logits: Tensor = model(patches)
        loss: Tensor = loss_function(logits, target)
        optimizer.zero_grad()
        fabric.backward(loss)
        optimizer.step()
        loss_sum += loss.detach() * len(target)
        correct += (logits.detach().argmax(1) == target).sum()
    mean_loss = float(loss_sum) / batches.samples
    if not np.isfinite(mean_loss):
        raise TrainingError(
            f"Training diverged in epoch {epoch}: the loss is {mean_loss}.",
            code="diverged",
            hint=f"Lower the learning rate (now {config.learning_rate:g}), or use a higher precision.",
        )
    return mean_loss, float(correct) / batches.samples


def _validate(network: PatchNetwork, data: TrainingData, reporter: Reporter) -> tuple[float, float] | tuple[None, None]:
    if not len(data.validation):
        return None, None
    network.eval()
    samples = data.validation
    logits = logits_at(network, data.cube, samples.rows, samples.cols, reporter.check_cancelled)
    target = torch.from_numpy(samples.classes)
    loss = nn.functional.cross_entropy(logits, target)
    return float(loss), float((logits.argmax(1) == target).float().mean())


def _keep_best(state: TrainingState, network: nn.Module) -> None:
    now = state.history[-1]
    if now.validation_loss is None:
        state.best_epoch = state.epochs_done
    elif not state.best_epoch or _rank(now) > _rank(state.history[state.best_epoch - 1]):
        state.best_epoch = state.epochs_done
        state.best_weights = {k: v.detach().to("cpu", copy=True) for k, v in network.state_dict().items()}


def _rank(record: EpochRecord) -> tuple[float, float]:
    """Validation accuracy decides; its loss where accuracies are equal, as they are once all is right."""
    return record.validation_accuracy or 0.0, -(record.validation_loss or 0.0)


def _has_stalled(state: TrainingState, config: TrainingConfig) -> bool:
    return (
        config.patience is not None
        and state.best_weights is not None
        and state.epochs_done - state.best_epoch >= config.patience
    )


def _report(state: TrainingState, config: TrainingConfig, reporter: Reporter) -> None:
    record = state.history[-1]
    values = {
        "loss": record.loss,
        "accuracy": record.accuracy,
        "validation_loss": record.validation_loss,
        "validation_accuracy": record.validation_accuracy,
    }
    for name, value in values.items():
        if value is not None:
            reporter.metric(name, value, record.epoch)
    validation = (
        "" if record.validation_accuracy is None else f", validation accuracy {100 * record.validation_accuracy:.1f} %"
    )
    reporter.log(
        f"Epoch {record.epoch} of {config.epochs}: loss {record.loss:.4f}, training accuracy {100 * record.accuracy:.1f} %"
        f"{validation} ({record.seconds:.1f} s)"
    )
    if _has_stalled(state, config):
        reporter.log(f"No better validation accuracy for {config.patience} epochs: stopping.")


def _class_weights(samples: SampleSet, power: float) -> Tensor:
    """Samples of each class to minus a power, scaled so that the mean weight of a sample is 1; 0 if there are none."""
    counts = torch.from_numpy(samples.counts()).double()
    weights = torch.where(counts > 0, counts.clamp(min=1) ** -power, 0.0)
    return (weights * len(samples) / (weights * counts).sum()).float()
