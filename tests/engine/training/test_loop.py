"""Training: it learns, repeats itself, resumes exactly, stops when told, and keeps the best weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from hsi_engine.errors import Cancelled, TrainingError
from hsi_engine.inference.at_pixels import logits_at
from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.reporting import SilentReporter
from hsi_engine.runtime.device import make_fabric
from hsi_engine.training.checkpoint import Checkpoint
from hsi_engine.training.config import TrainingConfig
from hsi_engine.training.loop import TrainingData, train
from hsi_engine.training.loss import class_weights
from hsi_engine.training.state import TrainingState

NewNetwork = Callable[[], PatchNetwork]
CONFIG = TrainingConfig(epochs=6, batch_size=16, learning_rate=3e-3, schedule="one_cycle", seed=0)


def run(
    network: PatchNetwork,
    data: TrainingData,
    config: TrainingConfig = CONFIG,
    reporter: SilentReporter | None = None,
    checkpoint: Checkpoint | None = None,
    resume: bool = False,
) -> TrainingState:
    return train(
        network,
        data,
        config,
        fabric=make_fabric(torch.device("cpu"), "32-true"),
        reporter=reporter or SilentReporter(),
        checkpoint=checkpoint,
        resume=resume,
    )


def same_weights(a: PatchNetwork, b: PatchNetwork) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


class StopAfter(SilentReporter):
    """Cancels when the given epoch is finished."""

    def __init__(self, epoch: int) -> None:
        super().__init__()
        self.epoch = epoch

    def metric(self, name: str, value: float, step: int) -> None:
        if step == self.epoch:
            self.cancel.set()


def test_it_learns(data: TrainingData, new_network: NewNetwork) -> None:
    network = new_network()
    state = run(network, data)
    assert state.history[-1].loss < 0.6 * state.history[0].loss
    assert (state.history[state.best_epoch - 1].validation_accuracy or 0) > 0.75
    assert not network.training


def test_the_same_seed_gives_identical_weights(data: TrainingData, new_network: NewNetwork) -> None:
    first, second = new_network(), new_network()
    run(first, data)
    torch.rand(17)  # whatever else drew random numbers before must not matter
    run(second, data)
    assert same_weights(first, second)


def test_another_seed_gives_other_weights(data: TrainingData, new_network: NewNetwork) -> None:
    first, second = new_network(), new_network()
    run(first, data)
    run(second, data, replace(CONFIG, seed=1))
    assert not same_weights(first, second)


def test_training_leaves_the_global_random_state_alone(data: TrainingData, new_network: NewNetwork) -> None:
    network = new_network()
    before = torch.random.get_rng_state()
    run(network, data, replace(CONFIG, epochs=1))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(
    data: TrainingData, new_network: NewNetwork, tmp_path: Path
) -> None:
    whole, part, rest = new_network(), new_network(), new_network()
    uninterrupted = run(whole, data)
    checkpoint = Checkpoint(path=tmp_path / "run.checkpoint", fingerprint={"seed": 0})
    with pytest.raises(Cancelled):
        run(part, data, reporter=StopAfter(3), checkpoint=checkpoint)
    assert checkpoint.exists()
    resumed = run(rest, data, checkpoint=checkpoint, resume=True)
    assert same_weights(whole, rest)
    assert [e.loss for e in resumed.history] == [e.loss for e in uninterrupted.history]
    assert resumed.best_epoch == uninterrupted.best_epoch


def test_the_weights_kept_are_those_of_the_best_validation_accuracy(
    data: TrainingData, new_network: NewNetwork
) -> None:
    network = new_network()
    # A rate this high ends worse than it was on the way.
    state = run(network, data, replace(CONFIG, epochs=8, learning_rate=0.02, schedule="constant"))
    accuracies = [epoch.validation_accuracy or 0.0 for epoch in state.history]
    assert accuracies[state.best_epoch - 1] == max(accuracies)
    samples = data.validation
    predicted = logits_at(network, data.cube, samples.rows, samples.cols).argmax(1).numpy()
    assert np.mean(predicted == samples.classes) == pytest.approx(max(accuracies))


def test_patience_stops_the_run_early(data: TrainingData, new_network: NewNetwork) -> None:
    rough = replace(CONFIG, epochs=40, learning_rate=0.02, schedule="constant", patience=3)
    state = run(new_network(), data, rough)
    assert state.epochs_done < 40
    assert state.epochs_done - state.best_epoch == 3


def test_a_loss_that_is_no_number_stops_with_advice(data: TrainingData, new_network: NewNetwork) -> None:
    data.cube.pages[0, 0, 10] = float("nan")
    with pytest.raises(TrainingError, match=r"diverged in epoch 1: the loss is nan.*Lower the learning rate"):
        run(new_network(), data)


def test_cancel_is_heard_before_the_first_batch(data: TrainingData, new_network: NewNetwork) -> None:
    reporter = SilentReporter()
    reporter.cancel.set()
    with pytest.raises(Cancelled):
        run(new_network(), data, reporter=reporter)


def test_class_weights_change_what_is_learned(data: TrainingData, new_network: NewNetwork) -> None:
    networks = [new_network() for _ in range(3)]
    for network, power in zip(networks, (0.0, 0.5, 1.0), strict=True):
        run(network, data, replace(CONFIG, epochs=1, class_weight_power=power))
    assert not same_weights(networks[0], networks[1])
    assert not same_weights(networks[1], networks[2])


@pytest.mark.parametrize("power", [0.5, 1.0])
def test_a_class_weighs_its_number_of_samples_to_a_power(data: TrainingData, power: float) -> None:
    samples = data.train.take(np.flatnonzero(data.train.classes != 1))  # a class without samples weighs nothing
    counts = samples.counts()
    weights = class_weights(samples, power).numpy()
    assert weights[1] == 0
    assert weights[0] / weights[2] == pytest.approx((counts[2] / counts[0]) ** power)
    assert (weights * counts).sum() == pytest.approx(len(samples))


class Waits(TorchDispatchMode):
    """Counts the operations whose result, or its shape, the processor has to wait for where a GPU computes."""

    READING = (torch.ops.aten._local_scalar_dense.default, torch.ops.aten.nonzero.default)
    INDEXING = (torch.ops.aten.index.Tensor, torch.ops.aten.index_put_.default)

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def __torch_dispatch__(self, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        by_mask = operation in self.INDEXING and any(i is not None and i.dtype == torch.bool for i in args[1])
        self.number += by_mask or operation in self.READING
        return operation(*args, **(kwargs or {}))


def test_no_batch_waits_for_the_device(data: TrainingData, new_network: NewNetwork) -> None:
    numbers = []
    for batch_size in (40, 4):
        with Waits() as waits:
            run(new_network(), data, replace(CONFIG, epochs=2, batch_size=batch_size))
        numbers.append(waits.number)
    assert numbers[0] == numbers[1] > 0
