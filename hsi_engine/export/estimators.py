"""Classifiers of scikit-learn as tensor operations that ONNX has; the numbers are those of the engine up to rounding."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..models.estimators.forest import LEAST_SHARE, Trees
from ..models.estimators.svm import SLOPE, PairwiseDecisions
from ..models.networks.heads import PixelHead
from ..models.networks.patch_network import PatchNetwork

# Trees whose leaves are looked up together.
_TREES_AT_ONCE = 8


def exportable(network: PatchNetwork) -> PatchNetwork:
    """The network itself, changed in place if its layers leave torch or depend on the number of pixels."""
    head = network.head
    if isinstance(head, PixelHead):
        if isinstance(head.layers, Trees):
            head.layers = TreesAsTensors(head.layers)
        elif isinstance(head.layers, PairwiseDecisions):
            head.layers = DecisionsAtOnce(head.layers)
    return network


class TreesAsTensors(nn.Module):
    """A forest that all spectra walk at the same time, one level per step: (…, channels) → scores (…, classes).

    Thresholds are rounded down to float32, which decides every float32 value as the threshold itself does.
    """

    def __init__(self, trees: Trees) -> None:
        super().__init__()
        sizes = trees.sizes
        roots = torch.cumsum(sizes, 0) - sizes
        first = torch.repeat_interleave(roots, sizes)
        own = torch.arange(len(first))
        leaf = trees.left < 0
        self.n_classes, self.n_trees = trees.n_classes, len(sizes)
        self.depth = _depth(torch.where(leaf, own, trees.left + first), torch.where(leaf, own, trees.right + first))
        self.register_buffer("roots", roots)
        self.register_buffer("feature", trees.feature)
        self.register_buffer("threshold", torch.from_numpy(_rounded_down(trees.threshold.numpy())))
        # A leaf leads to itself, so that short ways wait for long ones.
        self.register_buffer("left", torch.where(leaf, own, trees.left + first))
        self.register_buffer("right", torch.where(leaf, own, trees.right + first))
        self.register_buffer("shares", trees.shares.double() / len(sizes))

    roots: Tensor
    feature: Tensor
    threshold: Tensor
    left: Tensor
    right: Tensor
    shares: Tensor

    def forward(self, spectra: Tensor) -> Tensor:
        flat = spectra.reshape(-1, spectra.shape[-1])
        at = self.roots[None] + torch.zeros_like(flat[:, :1]).to(torch.int64)  # (pixels, trees)
        for _ in range(self.depth):
            values = torch.gather(flat, 1, self.feature[at])
            at = torch.where(values <= self.threshold[at], self.left[at], self.right[at])
        parts = [
            self.shares[at[:, tree : tree + _TREES_AT_ONCE]].sum(dim=1)
            for tree in range(0, self.n_trees, _TREES_AT_ONCE)
        ]
        shares = torch.stack(parts).sum(dim=0).to(torch.float32)
        scores = (shares * (1 - LEAST_SHARE) + LEAST_SHARE / self.n_classes).log()
        return scores.view(*spectra.shape[:-1], self.n_classes)


class DecisionsAtOnce(nn.Module):
    """The pairwise decisions of a support vector machine without chunks: (…, channels) → scores (…, classes)."""

    def __init__(self, decisions: PairwiseDecisions) -> None:
        super().__init__()
        n = decisions.n_classes
        first, second = torch.triu_indices(n, n, 1)
        self.n_classes = n
        self.gamma = float(decisions.gamma)
        self.register_buffer("vectors", decisions.support_vectors.T.contiguous())
        self.register_buffer("squares", decisions.support_vectors.square().sum(1))
        self.register_buffer("coefficients", decisions.coefficients)
        self.register_buffer("intercepts", decisions.intercepts)
        self.register_buffer("to_first", functional.one_hot(first, n).float())
        self.register_buffer("to_second", functional.one_hot(second, n).float())

    vectors: Tensor
    squares: Tensor
    coefficients: Tensor
    intercepts: Tensor
    to_first: Tensor
    to_second: Tensor

    def forward(self, spectra: Tensor) -> Tensor:
        flat = spectra.reshape(-1, spectra.shape[-1])
        squared = self.squares + flat.square().sum(1, keepdim=True) - 2 * (flat @ self.vectors)
        kernel = (squared.clamp(min=0) * -self.gamma).exp()
        decisions = kernel @ self.coefficients + self.intercepts
        scores = functional.logsigmoid(SLOPE * decisions) @ self.to_first
        scores = scores + functional.logsigmoid(-SLOPE * decisions) @ self.to_second
        return scores.view(*spectra.shape[:-1], self.n_classes)


def _rounded_down(threshold: np.ndarray) -> np.ndarray:
    """The largest float32 numbers that are not above float64 ones."""
    rounded = threshold.astype(np.float32)
    return np.where(rounded.astype(np.float64) > threshold, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def _depth(left: Tensor, right: Tensor) -> int:
    """Steps from a root to the deepest leaf. Nodes come before their children."""
    depth = np.zeros(len(left), dtype=np.int64)
    for node, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        if a != node:
            depth[a] = depth[b] = depth[node] + 1
    return int(depth.max())
