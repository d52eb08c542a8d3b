"""The usual recipe for HybridSN, as its paper describes it and most programs carry it out, to be measured against.

A patch is cut around every pixel from a cube of whitened principal components with zeros around it. Prediction stacks
128 of them and sends them through the network in eval mode. Training is Adam at a constant rate of 1e-3 for 100 epochs
of shuffled batches of 32, each patch fetched separately and collated, in float32 and without augmentation (Roy et al. 2020:
25×25 pixels, 30 components for Indian Pines, 10 % of the labelled pixels drawn at random from each class).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.training.initial_weights import new_network

PATCH_SIZE = 25
COMPONENTS = 30
BATCH = 128
# Smaller than most programs take, which favours this recipe: in batches of 128 the plain network, without batch
# normalisation, knew one class only for its first eight epochs.
TRAINING_BATCH = 32
EPOCHS = 100
THREADS = 2

Cube = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


def reference_patchwise_logits(network: PatchNetwork, cube: Cube, batch: int = BATCH) -> tuple[Cube, float]:
    """Logits of every pixel of a cube, patch by patch, and the seconds it took.

    Parameters
    ----------
    network : takes patches of 25×25 pixels; put into eval mode.
    cube : float32 (components, rows, cols).

    Returns
    -------
    float32 (classes, rows, cols), seconds.
    """
    rows, cols = cube.shape[1:]
    pixels = [(row, col) for row in range(rows) for col in range(cols)]
    network.eval()
    parts = []
    with _threads(THREADS), torch.no_grad():
        began = time.perf_counter()
        padded = _padded(cube)
        for start in range(0, len(pixels), batch):
            patches = np.stack([_patch(padded, row, col) for row, col in pixels[start : start + batch]])
            parts.append(network(torch.from_numpy(patches)))
        seconds = time.perf_counter() - began
    return torch.cat(parts).T.reshape(-1, rows, cols).numpy(), seconds


class ReferenceTraining:
    """A network in training by the usual recipe, epoch by epoch.

    Parameters
    ----------
    cube : float32 (components, rows, cols).
    rows, cols, classes : the training pixels and their class indices (n,).
    seed : of weights and shuffling.
    """

    def __init__(
        self, cube: Cube, rows: Indices, cols: Indices, classes: Indices, *, n_classes: int, seed: int = 0
    ) -> None:
        self.network = new_network(
            "hybridsn",
            {"batch_norm": False},
            n_components=len(cube),
            patch_size=PATCH_SIZE,
            n_classes=n_classes,
            seed=seed,
        )
        self._loader = DataLoader(
            _Patches(cube, rows, cols, classes),
            batch_size=TRAINING_BATCH,
            shuffle=True,
            generator=torch.Generator().manual_seed(seed),
        )
        self._optimizer = torch.optim.Adam(self.network.parameters(), lr=1e-3)
        self._loss = nn.CrossEntropyLoss()

    def warm_up(self) -> None:
        """One batch forward and backward without a step, so that no epoch pays for first allocations."""
        patches, target = next(iter(self._loader))
        self._loss(self.network.train()(patches), target).backward()

    def epoch(self) -> float:
        """Train one epoch and return its seconds."""
        with _threads(THREADS):
            began = time.perf_counter()
            self.network.train()
            total = 0.0
            for patches, target in self._loader:
                self._optimizer.zero_grad()
                loss = self._loss(self.network(patches), target)
                loss.backward()
                self._optimizer.step()
                total += loss.item()
            return time.perf_counter() - began


class _Patches(Dataset[tuple[Tensor, int]]):
    """Patches of given pixels, all cut beforehand and handed out one by one."""

    def __init__(self, cube: Cube, rows: Indices, cols: Indices, classes: Indices) -> None:
        padded = _padded(cube)
        self._patches = np.stack([_patch(padded, row, col) for row, col in zip(rows, cols, strict=True)])
        self._classes = classes

    def __len__(self) -> int:
        return len(self._classes)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return torch.from_numpy(self._patches[index]), int(self._classes[index])


def _padded(cube: Cube) -> Cube:
    radius = PATCH_SIZE // 2
    return np.pad(cube, ((0, 0), (radius, radius), (radius, radius)))


def _patch(padded: Cube, row: int, col: int) -> Cube:
    return padded[:, row : row + PATCH_SIZE, col : col + PATCH_SIZE]


@contextmanager
def _threads(number: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
