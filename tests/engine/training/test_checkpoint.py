"""What a checkpoint refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from hsi_engine.errors import TrainingError
from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.training.checkpoint import Checkpoint
from hsi_engine.training.state import EpochRecord, TrainingState


@pytest.fixture
def saved(tmp_path: Path, new_network: Callable[[], PatchNetwork]) -> tuple[Checkpoint, PatchNetwork]:
    network = new_network()
    checkpoint = Checkpoint(path=tmp_path / "m.hsimodel.checkpoint", fingerprint={"epochs": 10, "seed": 0})
    state = TrainingState(history=[EpochRecord(epoch=1, loss=1.0, accuracy=0.5, learning_rate=0.1, seconds=2.0)])
    checkpoint.save(network, torch.optim.AdamW(network.parameters()), state)
    return checkpoint, network


def load(checkpoint: Checkpoint, network: PatchNetwork) -> TrainingState:
    return checkpoint.load(network, torch.optim.AdamW(network.parameters()))


def test_it_gives_the_history_back(saved: tuple[Checkpoint, PatchNetwork]) -> None:
    assert load(*saved).history[0].loss == 1.0


def test_nothing_but_the_checkpoint_is_left_beside_it(saved: tuple[Checkpoint, PatchNetwork]) -> None:
    checkpoint, _ = saved
    assert [p.name for p in checkpoint.path.parent.iterdir()] == [checkpoint.path.name]


def test_a_checkpoint_of_other_settings_is_refused_and_the_difference_named(
    saved: tuple[Checkpoint, PatchNetwork],
) -> None:
    checkpoint, network = saved
    other = replace(checkpoint, fingerprint={"epochs": 20, "seed": 0})
    with pytest.raises(TrainingError, match=r"another run: epochs was 10 and is 20\..*same settings"):
        load(other, network)


def test_a_truncated_checkpoint_is_refused(saved: tuple[Checkpoint, PatchNetwork]) -> None:
    checkpoint, network = saved
    content = checkpoint.path.read_bytes()
    checkpoint.path.write_bytes(content[: len(content) // 2])
    with pytest.raises(TrainingError, match=r"cannot be read.*Delete it"):
        load(checkpoint, network)
