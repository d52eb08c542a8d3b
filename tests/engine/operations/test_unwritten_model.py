"""A model that cannot be written when its training is finished: what is kept is named, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hsi_engine
import make_scenes
from hsi_engine.errors import OutputError
from hsi_engine.operations.train_classifier import outputs

MakeScene = Callable[..., Path]
NETWORK: dict[str, Any] = {"model": "hybridsn", "patch_size": 9, "components": 13, "epochs": 1, "device": "cpu"}


@pytest.fixture
def scene(make_scene: MakeScene) -> Path:
    return make_scene(bands=16)


@pytest.fixture
def labels(scene: Path) -> Path:
    return make_scenes.write_labels(scene.with_name("labels.tif"), like=scene)


def train(scene: Path, labels: Path, monkeypatch: pytest.MonkeyPatch, **method: Any) -> OutputError:
    def full(*_: Any) -> None:
        raise OutputError("Model cannot be written.", code="write_failed", hint="Free some disk space.")

    monkeypatch.setattr(outputs, "write_bundle", full)
    with pytest.raises(OutputError) as caught:
        hsi_engine.train_classifier(
            scene=scene, labels=labels, split="none", output=scene.with_name("m.hsimodel"), **method
        )
    return caught.value


def test_a_finished_network_is_kept_in_its_checkpoint_and_written_by_resuming(
    scene: Path, labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        error = train(scene, labels, patched, **NETWORK)
    assert error.hint == (
        "Free some disk space. The training is finished and kept in m.hsimodel.checkpoint: run it again with Resume."
    )
    output = scene.with_name("m.hsimodel")
    assert output.with_name("m.hsimodel.checkpoint").is_file()
    hsi_engine.train_classifier(scene=scene, labels=labels, split="none", output=output, resume=True, **NETWORK)
    assert output.is_file()
    assert not output.with_name("m.hsimodel.checkpoint").exists()


def test_no_checkpoint_is_promised_for_a_method_that_writes_none(
    scene: Path, labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = train(scene, labels, monkeypatch, model="lda")
    assert error.hint == "Free some disk space. Nothing of the training is kept: run it again."


def test_the_checkpoint_of_another_run_is_not_taken_for_that_of_this_one(
    scene: Path, labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(scene, labels, monkeypatch, **NETWORK)
    assert scene.with_name("m.hsimodel.checkpoint").is_file()
    error = train(scene, labels, monkeypatch, model="lda")
    assert error.hint == "Free some disk space. Nothing of the training is kept: run it again."
    scene.with_name("m.hsimodel.checkpoint").write_bytes(b"no checkpoint")
    error = train(scene, labels, monkeypatch, model="lda")
    assert error.hint == "Free some disk space. Nothing of the training is kept: run it again."
