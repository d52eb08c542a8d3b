"""Mapping Indian Pines patch by patch and densely, with equal results: ``python -m benchmarks.dense_prediction``.

For each variant of HybridSN (30 components, 25×25 pixels) a network is trained for two epochs, so that weights and
logits are of the size they have in use, and then predicts all 145×145 pixels on the CPU: by the usual recipe
(:mod:`benchmarks.reference`), once, and densely, several times before and after it. Prints one JSON document;
``ratio`` is the time of the reference over the median time of the dense prediction, which leaves out preparing the
network (``preparation_s``, once a model) as it leaves out loading it.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.indian_pines import N_CLASSES, ReducedScene, reduced_scene, whitened_components
from benchmarks.reference import COMPONENTS, PATCH_SIZE, THREADS, reference_patchwise_logits
from hsi_engine.inference.dense import DenseNetwork
from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.training.initial_weights import new_network

VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "batch_norm": {"batch_norm": True},
    "se": {"squeeze_excitation": True},
}
EPOCHS = 2
TRAINING_PIXELS = 1024
REPEATS = 4


def trained_network(options: dict[str, Any], scene: ReducedScene, tile: Tensor) -> PatchNetwork:
    network = new_network(
        "hybridsn", options, n_components=COMPONENTS, patch_size=PATCH_SIZE, n_classes=N_CLASSES, seed=0
    )
    rows, cols, classes = (torch.from_numpy(a) for a in scene.labelled)
    drawn = torch.randperm(len(classes), generator=torch.Generator().manual_seed(0))[:TRAINING_PIXELS]
    patches = tile.unfold(1, PATCH_SIZE, 1).unfold(2, PATCH_SIZE, 1)
    optimizer = torch.optim.Adam(network.train().parameters(), lr=1e-3)
    for _ in range(EPOCHS):
        for batch in drawn.split(64):
            optimizer.zero_grad()
            logits = network(patches[:, rows[batch], cols[batch]].transpose(0, 1))
            nn.functional.cross_entropy(logits, classes[batch]).backward()
            optimizer.step()
    return network.eval()


def measure(options: dict[str, Any], scene: ReducedScene) -> dict[str, Any]:
    radius = PATCH_SIZE // 2
    tile = functional.pad(torch.from_numpy(scene.cube), (radius,) * 4)
    network = trained_network(options, scene, tile)
    began = time.perf_counter()
    dense = DenseNetwork(network, scene.truth.shape)
    preparation_s = time.perf_counter() - began
    ours_s: list[float] = []

    def predict() -> Tensor:
        for _ in range(REPEATS):
            began = time.perf_counter()
            logits = dense.logits(tile)
            labels = logits.argmax(0)
            ours_s.append(time.perf_counter() - began)
        assert labels.shape == scene.truth.shape
        return logits

    predict()
    expected, reference_s = reference_patchwise_logits(network, scene.cube)
    logits = predict().numpy()
    seconds = statistics.median(ours_s)
    return {
        "reference_s": reference_s,
        "ours_s": seconds,
        "ours_fastest_s": min(ours_s),
        "ours_first_s": ours_s[0],
        "preparation_s": preparation_s,
        "ratio": reference_s / seconds,
        "label_agreement": float((logits.argmax(0) == expected.argmax(0)).mean()),
        "max_logit_difference": float(np.abs(logits - expected).max()),
        "largest_logit": float(np.abs(expected).max()),
    }


def main() -> None:
    torch.set_num_threads(THREADS)
    scene = reduced_scene(whitened_components(COMPONENTS))
    found = {}
    for name, options in VARIANTS.items():
        found[name] = measure(options, scene)
        print(name, found[name], file=sys.stderr)
    print(
        json.dumps(
            {
                "ratio": {name: one["ratio"] for name, one in found.items()},
                "label_agreement": min(one["label_agreement"] for one in found.values()),
                "max_logit_difference": max(one["max_logit_difference"] for one in found.values()),
                "seconds": {
                    side: {name: one[f"{side}_s"] for name, one in found.items()} for side in ("reference", "ours")
                },
                "variants": found,
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
