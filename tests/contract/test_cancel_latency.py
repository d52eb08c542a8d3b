"""A cancel of a real job is answered within a second and leaves nothing, wherever it finds the job.

The job is as heavy as users make it: one batch, or one tile, computes for longer than the grace period, inside a
library that knows of no cancel. ``pytest -s`` prints what was measured.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import fitted
import make_scenes
from forking_engine import ForkingEngine
from hsi_engine.bundle.model_bundle import Member, ModelBundle
from hsi_engine.bundle.model_file import write_bundle
from hsi_engine.classes.legend import Legend
from hsi_engine.io.scenes.scene import open_scene
from hsi_engine.training.initial_weights import new_network
from worker_process import Worker, forked, forking, started

# A second is promised. Machines that run tests are busy with other things.
LIMIT_S = 3.0
LAST_MESSAGES = ("result", "error", "cancelled")
COMPONENTS, PATCH_SIZE = 30, 25
CHECKPOINT = "new.hsimodel.checkpoint"

TRAINING = {
    "labels": "polygons.gpkg",
    "class_field": "class_id",
    "output": "new.hsimodel",
    "model": "hybridsn",
    "epochs": 40,
    "components": COMPONENTS,
    "patch_size": PATCH_SIZE,
    "batch_size": 128,
    "split": "random",
}


# What compares several methods, in folds.
CHOICE = {name: TRAINING[name] for name in ("labels", "class_field", "output")}


PREVIEW = {"labels": "polygons.gpkg", "class_field": "class_id", "output": "preview.tif"}


@dataclass(frozen=True)
class Case:
    """A job, the message that tells how far it is, and the files that it may keep."""

    operation: str
    params: dict[str, Any]
    kind: str
    text: str = ""
    kept: tuple[str, ...] = ()


CASES = {
    "checking_labels": Case(
        "check_labels",
        {"labels": "polygons.gpkg", "class_field": "class_id", "report": "labels.html"},
        "progress",
        "Looking for separate places",
    ),
    "describing_a_model": Case(
        "model_information",
        {"model": "old.hsimodel", "report": "model.html"},
        "progress",
        "Reading the model",
    ),
    "describing": Case("inspect_scene", {"report": "scene.html"}, "progress", "Drawing pictures"),
    "colouring": Case("colour_scene", {"image": "image.tif"}, "progress", "Reading pixels"),
    "denoising": Case("denoise_scene", {"output": "denoised.tif", "steps": 0}, "progress", "Denoising"),
    "training_a_denoiser": Case(
        "denoise_scene",
        {"output": "denoised.tif", "model_output": "d.hsidenoiser"},
        "progress",
        "Training the network: step",
    ),
    "training_a_preview": Case("preview", PREVIEW, "progress", "Comparing methods:"),
    "starting": Case("train_classifier", TRAINING, "hello"),
    "reading": Case("train_classifier", TRAINING, "progress", "Reading spectra"),
    "training": Case("train_classifier", {**TRAINING, "train_share": 0.5}, "progress", "Training the network: epoch 1"),
    "second_epoch": Case("train_classifier", {**TRAINING, "train_share": 0.01}, "metric", kept=(CHECKPOINT,)),
    "comparing": Case("train_classifier", CHOICE, "progress", "Comparing methods:"),
    "comparing_networks": Case(
        "train_classifier", {**CHOICE, "model": "spectral_cnn"}, "progress", "Comparing methods: Spectral-first CNN"
    ),
    "testing": Case(
        "train_classifier", {**TRAINING, "train_share": 0.005, "epochs": 1}, "progress", "Assessing", (CHECKPOINT,)
    ),
    "classifying": Case(
        "classify_scene",
        {"model": "old.hsimodel", "output": "map.tif", "confidence": "confidence.tif"},
        "progress",
        "Classifying the scene: tile 1",
    ),
    "mapping_after_training": Case(
        "train_and_classify",
        {**TRAINING, "train_share": 0.005, "epochs": 1, "output": "map.tif", "model_output": "new.hsimodel"},
        "progress",
        "Classifying the scene: tile 1",
        ("new.hsimodel",),
    ),
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a scene, polygons and a model that was not trained: it takes as long as one that was."""
    folder = tmp_path_factory.mktemp("inputs")
    scene = make_scenes.write_scene(folder / "scene.tif", rows=101, cols=87, bands=36)
    make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)
    with open_scene(scene) as reader:
        preprocessing = fitted.fit(reader, fitted.pca(COMPONENTS))
    legend = Legend.of(make_scenes.CLASS_NAMES)
    network = new_network("hybridsn", {}, n_components=COMPONENTS, patch_size=PATCH_SIZE, n_classes=len(legend), seed=0)
    member = Member(architecture="hybridsn", options={}, weights=network.state_dict(), patch_size=PATCH_SIZE)
    bundle = ModelBundle(
        members=(member,),
        preprocessing=preprocessing,
        legend=legend,
        training={},
        metrics={},
    )
    write_bundle(bundle, folder / "old.hsimodel")
    return folder


@pytest.fixture(scope="module")
def engine() -> Iterator[ForkingEngine]:
    with forking() as engine:
        yield engine


@pytest.fixture
def worker(engine: ForkingEngine, request: pytest.FixtureRequest) -> Iterator[Worker]:
    """Forked, but where the start itself is cancelled."""
    is_new = request.node.callspec.params["name"] == "starting"
    with started("-m", "hsi_engine.worker") if is_new else forked(engine) as worker:
        yield worker


def bring_to(case: Case, worker: Worker, inputs: Path, outputs: Path) -> None:
    """Start the job and return when it is where ``case`` wants it."""
    folders = {
        "labels": inputs,
        "model": inputs,
        "output": outputs,
        "model_output": outputs,
        "confidence": outputs,
        "report": outputs,
        "image": outputs,
    }
    is_file = {key: key in folders and "." in value for key, value in case.params.items()}
    params = {key: str(folders[key] / value) if is_file[key] else value for key, value in case.params.items()}
    worker.request(case.operation, scene=str(inputs / "scene.tif"), **params)
    worker.wait_for(case.kind, case.text)


@pytest.mark.parametrize("name", CASES)
def test_cancel_is_answered_within_a_second(name: str, worker: Worker, inputs: Path, tmp_path: Path) -> None:
    case = CASES[name]
    bring_to(case, worker, inputs, tmp_path)
    asked = time.monotonic()
    worker.send('{"cancel": true}')
    last = next(message for message in worker.read() if message["type"] in LAST_MESSAGES)
    answered = time.monotonic() - asked
    assert list(worker.read()) == []
    code = worker.end()
    ended = time.monotonic() - asked
    print(f"\n{name}: answered after {answered:.2f} s, ended after {ended:.2f} s ({last.get('message')})")
    assert last["type"] == "cancelled"
    assert code == 130
    assert ended < LIMIT_S
    assert {path.name for path in tmp_path.iterdir()} == set(case.kept)
    assert all(kept in last["message"] for kept in case.kept)


@pytest.mark.parametrize("name", ["training", "classifying"])
def test_a_worker_whose_parent_is_gone_ends_within_a_second(
    name: str, worker: Worker, inputs: Path, tmp_path: Path
) -> None:
    bring_to(CASES[name], worker, inputs, tmp_path)
    gone = time.monotonic()
    worker.close_stdin()
    code = worker.end()
    ended = time.monotonic() - gone
    print(f"\n{name}: ended {ended:.2f} s after the end of standard input")
    assert code == 130
    assert ended < LIMIT_S
    assert list(tmp_path.iterdir()) == []
