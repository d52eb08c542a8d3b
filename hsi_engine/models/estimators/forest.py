"""Random forest: many trees, the mean of the class shares of the leaves that a spectrum falls into."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ...runtime.machine import usable_cores
from ..architectures.random_forest import RandomForestOptions
from ..networks.heads import PixelHead
from ..networks.patch_network import PatchNetwork

# Share that is given to every class, so that the logarithm of a class in no leaf is finite.
LEAST_SHARE = 1e-3
_LEAF, _NO_FEATURE = -1, -2  # what scikit-learn calls TREE_LEAF and TREE_UNDEFINED


class ForestClassifier(PatchNetwork):
    """The logarithm of the mean class shares as scores."""

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: RandomForestOptions) -> None:
        super().__init__()
        self.features = nn.Identity()
        # A comparison costs about as much as ten multiplications: its numbers lie scattered in memory.
        self.head = PixelHead(
            channels=n_components,
            layers=Trees(n_components, n_classes, options),
            macs_px=10 * options.trees * max(1, options.depth),
        )

    def check_state(self) -> str:
        trees = cast(Trees, cast(PixelHead, self.head).layers)
        return trees.check()


class Trees(nn.Module):
    """(…, channels) → scores (…, classes).

    All nodes of all trees lie in one list, tree by tree, each node before its children. scikit-learn walks them on the
    CPU: it needs a tenth of the time that gathering tensors takes.

    Attributes
    ----------
    sizes : number of nodes of each tree, int64 (trees,).
    feature : channel that a node compares, int64 (nodes,); 0 for a leaf.
    threshold : a value up to it leads left, float64 (nodes,).
    left, right : the next node, counted from the root of the tree, int64 (nodes,); -1 for a leaf.
    shares : shares of the classes, float32 (nodes, classes); those of a leaf count.
    """

    sizes: Tensor
    feature: Tensor
    threshold: Tensor
    left: Tensor
    right: Tensor
    shares: Tensor

    def __init__(self, channels: int, n_classes: int, options: RandomForestOptions) -> None:
        super().__init__()
        self.channels, self.n_classes = channels, n_classes
        self.register_buffer("sizes", torch.zeros(options.trees, dtype=torch.int64))
        self.register_buffer("feature", torch.zeros(options.nodes, dtype=torch.int64))
        for name in ("left", "right"):
            self.register_buffer(name, torch.full((options.nodes,), _LEAF, dtype=torch.int64))
        self.register_buffer("threshold", torch.zeros(options.nodes, dtype=torch.float64))
        self.register_buffer("shares", torch.zeros(options.nodes, n_classes))
        self._trees: list[Any] | None = None

    def forward(self, spectra: Tensor) -> Tensor:
        flat = spectra.reshape(-1, spectra.shape[-1]).detach().cpu().numpy()
        shares = torch.from_numpy(self._mean_shares(np.ascontiguousarray(flat, np.float32))).to(spectra.device)
        scores = (shares * (1 - LEAST_SHARE) + LEAST_SHARE / self.n_classes).log()
        return scores.view(*spectra.shape[:-1], -1)

    def _mean_shares(self, flat: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        trees = self._rebuilt()
        total = np.zeros((len(flat), self.n_classes))
        # A walk lets other threads run; results are added in order, so that sums do not depend on timing.
        with ThreadPoolExecutor(usable_cores()) as pool:
            for shares in pool.map(lambda tree: tree.predict(flat), trees):
                total += shares.reshape(len(flat), -1)
        return (total / len(trees)).astype(np.float32)

    def _rebuilt(self) -> list[Any]:
        """The trees as scikit-learn holds them, made once from arrays that :meth:`check` has passed."""
        if self._trees is None:
            columns = {name: getattr(self, name).cpu().numpy() for name in ("feature", "threshold", "left", "right")}
            shares = self.shares.cpu().numpy().astype(np.float64)
            ends = np.cumsum(self.sizes.cpu().numpy())
            self._trees = [
                _tree({k: v[end - size : end] for k, v in columns.items()}, shares[end - size : end], self.channels)
                for size, end in zip(self.sizes.tolist(), ends, strict=True)
            ]
        return self._trees

    def check(self) -> str:
        """See :meth:`PatchNetwork.check_state`."""
        sizes = self.sizes.numpy()
        nodes = len(self.feature)
        # None is larger than all, so that their sum cannot overflow.
        if ((sizes < 1) | (sizes > nodes)).any() or sizes.sum() != nodes:
            return "the sizes of the trees do not add up to the nodes of the forest"
        first = np.repeat(np.cumsum(sizes) - sizes, sizes)
        own, last = np.arange(len(self.feature)) - first, np.repeat(sizes, sizes) - 1
        left, right, feature = self.left.numpy(), self.right.numpy(), self.feature.numpy()
        leaf = left == _LEAF
        onwards = (left > own) & (right > own) & (left <= last) & (right <= last)
        if not np.array_equal(leaf, right == _LEAF) or not (leaf | onwards).all():
            return "a node of the forest leads nowhere, or back"
        if ((feature < 0) | (feature >= self.channels)).any():
            return f"a node of the forest compares a channel beyond the {self.channels} there are"
        return ""


def _tree(columns: dict[str, npt.NDArray[Any]], shares: npt.NDArray[np.float64], channels: int) -> Any:
    from sklearn.tree._tree import Tree

    nodes = np.zeros(len(shares), dtype=_node_dtype())
    leaf = columns["left"] == _LEAF
    nodes["left_child"], nodes["right_child"] = columns["left"], columns["right"]
    nodes["feature"] = np.where(leaf, _NO_FEATURE, columns["feature"])
    nodes["threshold"] = columns["threshold"]
    tree = Tree(channels, np.array([shares.shape[1]], dtype=np.intp), 1)
    state = {"max_depth": 0, "node_count": len(nodes), "nodes": nodes, "values": shares[:, None, :].copy()}
    tree.__setstate__(state)
    return tree


@cache
def _node_dtype() -> np.dtype[Any]:
    """How this version of scikit-learn lays out a node."""
    from sklearn.tree import DecisionTreeClassifier

    stump = DecisionTreeClassifier(max_depth=1).fit([[0.0], [1.0]], [0, 1])
    dtype: np.dtype[Any] = stump.tree_.__getstate__()["nodes"].dtype
    return dtype
