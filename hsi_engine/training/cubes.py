"""The reduced cubes of a scene: one per reduction, filled in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch

from ..data.reduced_cube import ReducedCube
from ..preprocess.branch import ReductionSettings
from ..preprocess.chain import Preprocessing


@dataclass(frozen=True, kw_only=True)
class Cubes:
    """What training gathers its patches from.

    Parameters
    ----------
    preprocessing : its branches are those of ``by_branch``, in order.
    by_branch : a cube per branch, with a margin for the largest patch that is asked of it.
    """

    preprocessing: Preprocessing
    by_branch: tuple[ReducedCube, ...]

    def branch_of(self, reduction: ReductionSettings) -> int:
        """Position of the branch with these settings."""
        return [branch.settings for branch in self.preprocessing.branches].index(reduction)

    def of(self, reduction: ReductionSettings, patch_size: int) -> ReducedCube:
        """The cube of a branch, handing out patches of this size."""
        return self.by_branch[self.branch_of(reduction)].with_patches(patch_size)

    def to(self, device: torch.device) -> Cubes:
        """All cubes on a device."""
        return replace(self, by_branch=tuple(cube.to(device) for cube in self.by_branch))


@dataclass(frozen=True, kw_only=True)
class CubePlan:
    """The branches that candidates need, and the largest patch of each.

    Parameters
    ----------
    patches : edge of the largest patch in pixels by reduction; the order is that of the branches.
    """

    patches: Mapping[ReductionSettings, int]

    @property
    def reductions(self) -> tuple[ReductionSettings, ...]:
        """The branches in order."""
        return tuple(self.patches)

    def with_margin(self, extra_px: int) -> CubePlan:
        """The same with more room around every patch, for smoothing."""
        return CubePlan(patches={reduction: size + 2 * extra_px for reduction, size in self.patches.items()})
