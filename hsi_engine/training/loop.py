"""The training loop: epochs over patches gathered from the reduced cube."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from ..data.reduced_cube import ReducedCube
from ..errors import TrainingError
from ..inference.at_pixels import logits_at
from ..models.networks.patch_network import PatchNetwork
from ..pixels.samples import SampleSet
from ..reporting import Reporter, TimedReporter
from ..runtime.one_process import OneProcess
from ..runtime.ranks import Ranks
from ..runtime.seeds import child_seed
from .batches import Batches
from .checkpoint import Checkpoint
from .config import TrainingConfig, learning_rate_at
from .distributed.whole_batch import WholeBatch, seeing_whole_batches
from .loss import BatchLoss, class_weights
from .optimizer import new_optimizer
from .state import EpochRecord, TrainingState

if TYPE_CHECKING:
    # It takes as long to import as torch itself; methods that are no networks do without.
    from lightning_fabric import Fabric


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
    fabric: Fabric | OneProcess,
    reporter: Reporter,
    checkpoint: Checkpoint | None = None,
    resume: bool = False,
) -> TrainingState:
    """Train ``network`` in place and leave it with the best weights, in eval mode.

    The best weights are those of the highest validation accuracy (of equal ones, of the lowest validation
    loss); without validation samples, the last.
    The same seed on the same machine gives the same weights on the CPU, also when a run was stopped and
    resumed in between.

    Every rank of ``fabric`` calls this with the same arguments. Each computes its share of every batch; what they learn
    is what one process learns, up to rounding. The first rank alone has a checkpoint and a reporter that speaks.

    Raises
    ------
    TrainingError : the loss is no longer finite, or the checkpoint cannot be used.
    Cancelled : asked before every batch.
    """
    optimizer = new_optimizer(network.to(fabric.device), config)
    # First, so that the content of a checkpoint is put on the device of the weights.
    model, fast_optimizer = fabric.setup(network, optimizer)
    ranks = Ranks.of(fabric)
    kept = checkpoint if ranks.is_first and resume else None
    state = _as_the_first(ranks, network, optimizer, _resumed(kept, network, optimizer, config, reporter))
    weights = class_weights(data.train, config.class_weight_power).to(fabric.device)
    loss_function = BatchLoss(weights if config.class_weight_power else None, config.label_smoothing, ranks)
    batches = Batches(data.cube, data.train, config, ranks)
    timed = TimedReporter(reporter)
    with torch.random.fork_rng(), seeing_whole_batches(network, ranks) as whole:
        while state.epochs_done < config.epochs and not _has_stalled(state, config):
            epoch = state.epochs_done + 1
            started = time.perf_counter()
            loss, accuracy = _run_epoch(
                epoch, model, fast_optimizer, loss_function, batches, config, fabric, whole, timed
            )
            validation_loss, validation_accuracy = _validate(network, data, ranks, reporter)
            spent, rate = time.perf_counter() - started, optimizer.param_groups[0]["lr"]
            validated = {"validation_loss": validation_loss, "validation_accuracy": validation_accuracy}
            record = EpochRecord(
                epoch=epoch, loss=loss, accuracy=accuracy, learning_rate=rate, seconds=spent, **validated
            )
            state.history.append(record)
            _keep_best(state, network)
            if ranks.is_first and checkpoint is not None:
                checkpoint.save(network, optimizer, state)
                reporter.if_cancelled(checkpoint.kept_message)
            _report(state, config, reporter)  # now that the epoch is kept: who reads it may cancel
    if state.best_weights is not None:
        network.load_state_dict(state.best_weights)
    network.eval()
    return state


def _resumed(
    checkpoint: Checkpoint | None,
    network: PatchNetwork,
    optimizer: torch.optim.Optimizer,
    config: TrainingConfig,
    reporter: Reporter,
) -> TrainingState:
    if checkpoint is None or not checkpoint.exists():
        return TrainingState()
    state = checkpoint.load(network, optimizer)
    reporter.if_cancelled(checkpoint.kept_message)
    reporter.log(f"Resuming after epoch {state.epochs_done} of {config.epochs}.")
    return state


def _run_epoch(
    epoch: int,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss_function: BatchLoss,
    batches: Batches,
    config: TrainingConfig,
    fabric: Fabric | OneProcess,
    whole: WholeBatch,
    reporter: Reporter,
) -> tuple[float, float]:
    """One pass over the training samples: mean loss and accuracy. Sums stay on the device until its end."""
    model.train()
    torch.manual_seed(child_seed(config.seed, "dropout", epoch))
    loss_sum = torch.zeros((), device=fabric.device)
    correct = torch.zeros((), device=fabric.device)
    for number, (patches, target, of_all) in enumerate(batches.of_epoch(epoch)):
        reporter.check_cancelled()
        share = (epoch - 1 + number / len(batches)) / config.epochs
        done = f"epoch {epoch} of {config.epochs}, batch {number + 1} of {len(batches)}"
        reporter.progress(share, f"Training the network: {done}")
        for group in optimizer.param_groups:
            group["lr"] = learning_rate_at(config, share)
        whole.size = len(of_all)
        logits, added = model(patches, target)
        loss = loss_function(logits, target, of_all) + added
        optimizer.zero_grad()
        # The mean of the gradients over the ranks is taken: that of the whole batch is their sum.
        fabric.backward(loss * whole.ranks.size)
        optimizer.step()
        loss_sum += loss.detach() * len(of_all)
        correct += (logits.detach().argmax(1) == target).sum()
    mean_loss = float(whole.ranks.sum(loss_sum)) / batches.samples
    if not np.isfinite(mean_loss):
        raise TrainingError(
            f"Training diverged in epoch {epoch}: the loss is {mean_loss}.",
            code="diverged",
            hint=f"Lower the learning rate (now {config.learning_rate:g}), or use a higher precision.",
        )
    return mean_loss, float(whole.ranks.sum(correct)) / batches.samples


def _validate(
    network: PatchNetwork, data: TrainingData, ranks: Ranks, reporter: Reporter
) -> tuple[float, float] | tuple[None, None]:
    """Mean loss and accuracy on the validation samples, the same on each rank."""
    count = len(data.validation)
    if not count:
        return None, None
    network.eval()
    samples = data.validation.take(np.arange(count)[ranks.share(count)])
    sums = torch.zeros(2, dtype=torch.float64)
    if len(samples):
        logits = logits_at(network, data.cube, samples.rows, samples.cols, reporter.check_cancelled)
        target = torch.from_numpy(samples.classes)
        loss = nn.functional.cross_entropy(logits, target)
        correct = logits.argmax(1) == target
        if ranks.size == 1:
            return float(loss), float(correct.float().mean())
        sums = torch.tensor([float(loss) * len(samples), float(correct.sum())], dtype=torch.float64)
    loss_sum, right = ranks.sum(sums.to(data.cube.device)).tolist()
    return loss_sum / count, right / count


def _as_the_first(
    ranks: Ranks, network: nn.Module, optimizer: torch.optim.Optimizer, state: TrainingState
) -> TrainingState:
    """Give network and optimizer the values that the first rank read from the checkpoint; returns its state."""
    if ranks.size == 1:
        return state
    state = ranks.from_first(state)
    if state.epochs_done:
        network.load_state_dict(ranks.from_first(_on_cpu(network.state_dict())))
        optimizer.load_state_dict(ranks.from_first(_on_cpu(optimizer.state_dict())))
    return state


def _on_cpu(values: Any) -> Any:
    """Nested dictionaries with their tensors on the CPU."""
    if isinstance(values, dict):
        return {name: _on_cpu(value) for name, value in values.items()}
    return values.cpu() if isinstance(values, Tensor) else values


def _keep_best(state: TrainingState, network: nn.Module) -> None:
    now = state.history[-1]
    if now.validation_loss is None:
        state.best_epoch = state.epochs_done
    elif not state.best_epoch or _rank(now) > _rank(state.history[state.best_epoch - 1]):
        state.best_epoch = state.epochs_done
        state.best_weights = {k: v.detach().to("cpu", copy=True) for k, v in network.state_dict().items()}


def _rank(record: EpochRecord) -> tuple[float, float]:
    """Validation accuracy decides; its loss if accuracies are equal, as they are once all samples are classified correctly."""
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
