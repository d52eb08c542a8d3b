"""Training on Indian Pines by the usual recipe and by ours: ``python -m benchmarks.training``.

10 % of the labelled pixels are drawn at random from each class; all others are the test. Ours is what ``hsi train --model
hybridsn --split random`` does when nothing else is said, the whole job from the opened file to the written model, for three seeds. The usual
recipe (:mod:`benchmarks.reference`) is followed for some epochs in between, and its 100 epochs are estimated from them.
Prints one JSON document: ``ratio`` is that estimate over the mean of ours. ``curves`` holds the accuracy on the test
pixels after each epoch of both sides, over the seconds spent on training alone; ``tools/pictures/training.py`` draws them.
Takes some six minutes on two cores.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

import hsi_engine
from benchmarks.indian_pines import N_CLASSES, ReducedScene, reduced_scene, whitened_components
from benchmarks.reference import COMPONENTS, EPOCHS, THREADS, ReferenceTraining
from hsi_engine.data.reduced_cube import ReducedCube
from hsi_engine.demo.indian_pines import legend, write_indian_pines
from hsi_engine.inference.dense import DenseNetwork
from hsi_engine.models import registry
from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.operations.train_classifier.options import TrainingOptions
from hsi_engine.operations.train_classifier.recipes import recipe_of
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import SilentReporter
from hsi_engine.runtime.device import make_fabric
from hsi_engine.splitting.split import Split
from hsi_engine.splitting.strategies import random_split
from hsi_engine.training.config import resolved
from hsi_engine.training.initial_weights import new_network
from hsi_engine.training.loop import TrainingData, train

BANDS = 200
SEEDS = (0, 1, 2)
# Epochs of the usual recipe after each of our runs, as far as the time reaches.
FOLLOWED_EPOCHS = (4, 3, 3)
FOLLOWED_S = 210.0

Curve = list[dict[str, float]]


class Reference:
    """The usual recipe on the split of one seed, followed a few epochs at a time."""

    def __init__(self, scene: ReducedScene, split: Split, samples: SampleSet) -> None:
        taken = samples.take(split.train)
        self._scene = scene
        self._test = samples.take(split.test)
        self._training = ReferenceTraining(scene.cube, taken.rows, taken.cols, taken.classes, n_classes=N_CLASSES)
        self._training.warm_up()
        self.epoch_s: list[float] = []
        self.curve: Curve = []

    def go_on(self, epochs: int) -> None:
        """Some epochs more; two at least in all, then until the time is up."""
        for _ in range(epochs):
            if len(self.epoch_s) >= 2 and sum(self.epoch_s) + self.epoch_s[-1] > FOLLOWED_S:
                return
            self.epoch_s.append(self._training.epoch())
            accuracy = accuracy_on(self._test, self._training.network, self._scene)
            self.curve.append({"epoch": len(self.epoch_s), "seconds": sum(self.epoch_s), "overall_accuracy": accuracy})


class Follower(SilentReporter):
    """Receives each epoch of our training and looks at the test pixels, off the clock."""

    def __init__(self, network: PatchNetwork, scene: ReducedScene, test: SampleSet) -> None:
        super().__init__()
        self._network, self._scene, self._test = network, scene, test
        self._began, self._away_s = time.perf_counter(), 0.0
        self.curve: Curve = []

    def metric(self, name: str, value: float, step: int) -> None:
        if name == "loss":
            now = time.perf_counter()
            seconds = now - self._began - self._away_s
            accuracy = accuracy_on(self._test, self._network.eval(), self._scene)
            self.curve.append({"epoch": step, "seconds": seconds, "overall_accuracy": accuracy})
            self._away_s += time.perf_counter() - now


def accuracy_on(test: SampleSet, network: PatchNetwork, scene: ReducedScene) -> float:
    """Overall accuracy of a network in eval mode on test pixels."""
    tile = functional.pad(torch.from_numpy(scene.cube), (network.patch_size // 2,) * 4)
    tile = tile.to(next(network.parameters()).device)
    labels = DenseNetwork(network.eval(), scene.truth.shape).logits(tile).argmax(0).cpu().numpy()
    return float(np.mean(labels[test.rows, test.cols] == test.classes))


def labelled_samples(scene: ReducedScene) -> SampleSet:
    rows, cols, classes = scene.labelled
    return SampleSet(rows=rows, cols=cols, classes=classes, groups=np.zeros_like(rows), legend=legend())


def follow_ours(
    options: TrainingOptions, scene: ReducedScene, samples: SampleSet, split: Split, device: torch.device
) -> tuple[PatchNetwork, Curve]:
    """A network trained by our recipe, in the default precision of the device, and its test accuracy after each epoch."""
    recipe = recipe_of(options, "hybridsn", BANDS)
    network = new_network(
        recipe.model,
        registry.parse_options(recipe.model, dict(recipe.options)).model_dump(),
        n_components=len(scene.cube),
        patch_size=recipe.patch_size,
        n_classes=N_CLASSES,
        seed=options.seed,
    )
    cube = ReducedCube.empty(len(scene.cube), scene.truth.shape, recipe.patch_size)
    cube.fill(Window.of_shape(scene.truth.shape), scene.cube)
    data = TrainingData(
        cube=cube.to(device), train=samples.take(split.train), validation=samples.take(split.validation)
    )
    config = resolved(recipe.training, len(split.train))
    follower = Follower(network, scene, samples.take(split.test))
    train(network, data, config, fabric=make_fabric(device, "auto"), reporter=follower)
    return network, follower.curve


def measure(
    settings: dict[str, Any], *, seeds: Sequence[int] = SEEDS, followed: Sequence[int] = FOLLOWED_EPOCHS
) -> dict[str, Any]:
    """Run both sides in turns.

    Parameters
    ----------
    settings : of our recipe, unless they are the defaults.
    followed : epochs of the usual recipe after each of our runs.
    """
    options = TrainingOptions(model="hybridsn", split="random", seed=seeds[0], **settings)
    scene = reduced_scene(whitened_components(COMPONENTS))
    own_scene = reduced_scene(recipe_of(options, "hybridsn", BANDS).reduction)
    samples = labelled_samples(scene)
    split = random_split(samples, radius=0, train_share=options.train_share, seed=options.seed)
    reference = Reference(scene, split, samples)
    runs: list[Any] = []
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        files = write_indian_pines(Path(folder))
        for seed, epochs in zip(seeds, followed, strict=True):
            began = time.perf_counter()
            run: Any = hsi_engine.train_classifier(
                scene=files.scene,
                labels=files.labels,
                class_field="class_id",
                output=Path(folder) / f"{seed}.hsimodel",
                model="hybridsn",
                split="random",
                device="cpu",
                seed=seed,
                **settings,
            )
            seconds.append(time.perf_counter() - began)
            runs.append(run)
            print(f"seed {seed}: {run.test['overall_accuracy']:.4f} in {seconds[-1]:.1f} s", file=sys.stderr)
            reference.go_on(epochs)
            print(f"the usual recipe: {reference.curve[-1]}", file=sys.stderr)
    _, curve = follow_ours(options, own_scene, samples, split, torch.device("cpu"))
    accuracy = [run.test["overall_accuracy"] for run in runs]
    reference_s = EPOCHS * statistics.mean(reference.epoch_s)
    return {
        "overall_accuracy": accuracy,
        "mean_overall_accuracy": statistics.mean(accuracy),
        "average_accuracy": [run.test["average_accuracy"] for run in runs],
        "ratio": reference_s / statistics.mean(seconds),
        "ours": {
            "seconds": seconds,
            "epochs": len(runs[0].history),
            "epoch_seconds": [statistics.mean(epoch["seconds"] for epoch in run.history) for run in runs],
        },
        "reference": {"seconds": reference_s, "epochs": EPOCHS, "epoch_seconds": reference.epoch_s},
        "training_pixels": len(split.train),
        "test_pixels": len(split.test),
        "threads": THREADS,
        "curves": {"ours": curve, "reference": reference.curve},
    }


def main() -> None:
    torch.set_num_threads(THREADS)
    print(json.dumps(measure({}), indent=2))


if __name__ == "__main__":
    main()
