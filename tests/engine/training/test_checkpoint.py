"""What a checkpoint refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

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


def damaged(
    checkpoint: Checkpoint, record: dict[str, object] | None = None, without: str = "", shape: str = ""
) -> None:
    """Write the file again with other entries in its record, without a tensor, or with a tensor of another shape."""
    with safe_open(checkpoint.path, framework="pt") as file:
        found = json.loads(file.metadata()["record"]) | (record or {})
        names = [name for name in file.keys() if not (without and name.endswith(without))]  # noqa: SIM118
        tensors = {name: file.get_tensor(name) for name in names}
    wrong = next((name for name in tensors if shape and name.endswith(shape)), None)
    if wrong is not None:
        tensors[wrong] = torch.zeros(3, 7)
    save_file(tensors, checkpoint.path, metadata={"record": json.dumps(found)})


@pytest.fixture
def stepped(tmp_path: Path, new_network: Callable[[], PatchNetwork]) -> tuple[Checkpoint, PatchNetwork]:
    """A checkpoint whose optimizer has moments."""
    network = new_network()
    optimizer = torch.optim.AdamW(network.parameters())
    sum(weights.sum() for weights in network.parameters()).backward()  # type: ignore[union-attr]
    optimizer.step()
    checkpoint = Checkpoint(path=tmp_path / "m.hsimodel.checkpoint", fingerprint={})
    state = TrainingState(history=[EpochRecord(epoch=1, loss=1.0, accuracy=0.5, learning_rate=0.1, seconds=2.0)])
    checkpoint.save(network, optimizer, state)
    return checkpoint, network


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ({"without": "/exp_avg"}, "state of its optimizer for parameter 0 is not complete"),
        ({"without": "/step"}, "state of its optimizer for parameter 0 is not complete"),
        ({"shape": "/exp_avg_sq"}, "state of its optimizer for parameter 0 is not complete"),
        ({"record": {"history": 3}}, "history of epochs is not one"),
        ({"record": {"history": [{"epoch": 1}]}}, "history of epochs is not one"),
        (
            {"record": {"history": [{"epoch": "1", "loss": 1, "accuracy": 1, "learning_rate": 1, "seconds": 1}]}},
            "is not one",
        ),
        (
            {"record": {"history": [{"epoch": 5, "loss": 1, "accuracy": 1, "learning_rate": 1, "seconds": 1}]}},
            "not 1, 2",
        ),
        ({"record": {"best_epoch": "two"}}, "best epoch is not one of its 1 epochs"),
        ({"record": {"best_epoch": 9}}, "best epoch is not one of its 1 epochs"),
        ({"record": {"fingerprint": 3}}, "cannot be read"),
    ],
)
def test_a_checkpoint_with_something_missing_or_of_another_kind_is_refused(
    stepped: tuple[Checkpoint, PatchNetwork], damage: dict[str, object], words: str
) -> None:
    checkpoint, network = stepped
    assert load(checkpoint, network).epochs_done == 1
    damaged(checkpoint, **damage)  # type: ignore[arg-type]
    with pytest.raises(TrainingError, match=words) as caught:
        load(checkpoint, network)
    assert "Delete it" in caught.value.hint


@pytest.mark.parametrize("key", ["fingerprint", "history", "best_epoch"])
def test_a_record_that_lacks_what_resuming_needs_is_refused_with_the_name_of_it(
    stepped: tuple[Checkpoint, PatchNetwork], key: str
) -> None:
    checkpoint, network = stepped
    with safe_open(checkpoint.path, framework="pt") as file:
        record = json.loads(file.metadata()["record"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    del record[key]
    save_file(tensors, checkpoint.path, metadata={"record": json.dumps(record)})
    with pytest.raises(TrainingError, match=f"cannot be read: it has no '{key}'") as caught:
        load(checkpoint, network)
    assert "Delete it" in caught.value.hint
