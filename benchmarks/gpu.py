"""Training and dense prediction on a CUDA GPU: ``python -m benchmarks.gpu``.

Trains on Indian Pines (10 % of the labelled pixels at random, the default recipe in the default precision of the device)
and looks at the test pixels after each epoch, off the clock. Then predicts a scene mirrored from it with that network,
tile by tile from the memory of the GPU, in float32, with tf32 products and with bfloat16. Prints one JSON document:

- ``training``: seconds until 97.8 % of the test pixels were right (null if they never were), seconds and accuracy of
  the whole training;
- ``prediction``: by precision, megapixels a second and the share of pixels with the label of float32;
- ``utilisation`` of both: mean share of the time in which the GPU computed, as ``nvidia-smi`` states it.

Without a CUDA GPU it says so and ends with exit status 2.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.indian_pines import ReducedScene, reduced_scene
from benchmarks.training import BANDS, follow_ours, labelled_samples
from hsi_engine.inference.dense import DenseNetwork
from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.operations.train_classifier.options import TrainingOptions
from hsi_engine.operations.train_classifier.recipes import recipe_of
from hsi_engine.runtime.device import describe_device, resolve_precision
from hsi_engine.splitting.strategies import random_split

GOAL = 0.978
SCENE_PX = 2048
TILE_PX = 512
REPEATS = 3
PRECISIONS = ("float32", "tf32", "bfloat16")


@contextmanager
def precision(name: str, device: torch.device) -> Iterator[None]:
    """Products in one of :data:`PRECISIONS`."""
    tf32 = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = name == "tf32"
    try:
        with torch.autocast(device.type, torch.bfloat16, enabled=name == "bfloat16"):
            yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = tf32


class Utilisation:
    """Share of the time in which a GPU computes, sampled while a block runs; None if nothing states it."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self.share: float | None = None

    def __enter__(self) -> Utilisation:
        self._sampler = None
        if self._device.type == "cuda":
            words = ("nvidia-smi", "-i", str(self._device.index), "-lms", "200", "--format=csv,noheader,nounits")
            self._sampler = subprocess.Popen([*words, "--query-gpu=utilization.gpu"], stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._sampler is not None:
            self._sampler.terminate()
            stated = [float(line) for line in self._sampler.communicate()[0].split() if line.isdigit()]
            self.share = statistics.mean(stated) / 100 if stated else None


def measure_training(
    device: torch.device, settings: dict[str, Any]
) -> tuple[PatchNetwork, ReducedScene, dict[str, Any]]:
    """The trained network, the scene it was trained on, and the figures."""
    options = TrainingOptions(model="hybridsn", split="random", **settings)
    scene = reduced_scene(recipe_of(options, "hybridsn", BANDS).reduction)
    samples = labelled_samples(scene)
    split = random_split(samples, radius=0, train_share=options.train_share, seed=options.seed)
    with Utilisation(device) as utilisation:
        network, curve = follow_ours(options, scene, samples, split, device)
    reached = [point for point in curve if point["overall_accuracy"] >= GOAL]
    return network, scene, {
        "precision": resolve_precision("auto", device),
        "goal": GOAL,
        "seconds_to_goal": reached[0]["seconds"] if reached else None,
        "epochs_to_goal": reached[0]["epoch"] if reached else None,
        "seconds": curve[-1]["seconds"],
        "overall_accuracy": curve[-1]["overall_accuracy"],
        "utilisation": utilisation.share,
    }  # fmt: skip


def tiles_of(scene: ReducedScene, network: PatchNetwork, edge_px: int, device: torch.device) -> list[Tensor]:
    """Tiles with their margins of the scene mirrored to ``edge_px`` pixels along both axes, on the device."""
    missing = [(0, max(0, edge_px - edge)) for edge in scene.truth.shape]
    mirrored = np.pad(scene.cube, [(0, 0), *missing], mode="symmetric")
    padded = functional.pad(torch.from_numpy(mirrored), (network.patch_size // 2,) * 4).to(device)
    reach = TILE_PX + network.patch_size - 1
    starts = range(0, edge_px, TILE_PX)
    return [padded[:, row : row + reach, col : col + reach].contiguous() for row in starts for col in starts]


def measure_prediction(
    network: PatchNetwork, scene: ReducedScene, device: torch.device, edge_px: int
) -> dict[str, dict[str, Any]]:
    """Megapixels a second and agreement with float32, by precision."""
    tiles = tiles_of(scene, network, edge_px, device)
    found: dict[str, dict[str, Any]] = {}
    expected: list[Tensor] = []
    for name in PRECISIONS:
        with precision(name, device), torch.inference_mode(), Utilisation(device) as utilisation:
            dense = DenseNetwork(network, (TILE_PX, TILE_PX))
            labels = [dense.logits(tile).argmax(0) for tile in tiles]
            expected = expected or labels
            seconds = []
            for _ in range(REPEATS):
                wait(device)
                began = time.perf_counter()
                for tile in tiles:
                    dense.logits(tile).float().softmax(0)
                wait(device)
                seconds.append(time.perf_counter() - began)
        pixels = sum(one.numel() for one in labels)
        equal = sum(int((one == other).sum()) for one, other in zip(labels, expected, strict=True))
        found[name] = {
            "megapixels_per_second": pixels / 1e6 / statistics.median(seconds),
            "label_agreement": equal / pixels,
            "utilisation": utilisation.share,
        }
    return found


def wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def measure(device: torch.device, settings: dict[str, Any], edge_px: int = SCENE_PX) -> dict[str, Any]:
    """All figures of a device. ``settings`` are those of the recipe that are not the defaults."""
    network, scene, training = measure_training(device, settings)
    return {
        "device": describe_device(device),
        "torch": torch.__version__,
        "training": training,
        "prediction": measure_prediction(network.eval(), scene, device, edge_px),
    }


def main() -> None:
    if not torch.cuda.is_available():
        print(f"torch {torch.__version__} sees no CUDA GPU on this machine: nothing was measured.", file=sys.stderr)
        raise SystemExit(2)
    print(json.dumps(measure(torch.device("cuda", torch.cuda.current_device()), {}), indent=2))


if __name__ == "__main__":
    main()
