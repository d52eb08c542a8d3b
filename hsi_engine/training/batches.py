"""Shuffled and rotated batches of training patches, cut out on the device that computes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..data.augment import SYMMETRIES, apply_symmetries, symmetry_table
from ..data.reduced_cube import ReducedCube
from ..pixels.samples import SampleSet
from ..runtime.ranks import Ranks
from ..runtime.seeds import generator
from .config import TrainingConfig

# Numbers of the pool that noise is cut from.
_POOL = 2**21


class Batch(NamedTuple):
    """A rank's share of a batch, on the device of the cube.

    Parameters
    ----------
    patches : float32 (n, components, p, p); n may be 0 if there are more ranks than samples.
    classes : class indices, int64 (n,).
    of_all : class indices of the samples of all ranks, int64 (m,).
    """

    patches: Tensor
    classes: Tensor
    of_all: Tensor


class Batches:
    """The training samples, in another order and under other symmetries each epoch.

    What an epoch draws is drawn when it begins and sent to the device in one go, so that no batch waits for the
    device or makes it wait. The draws depend on the seed and the number of the epoch alone: each rank draws for the
    whole epoch, and cuts and turns the patches of its share of each batch only.

    Parameters
    ----------
    cube : patches come from it, on its device.
    samples : at least one.
    ranks : what shares each batch.
    """

    def __init__(
        self, cube: ReducedCube, samples: SampleSet, config: TrainingConfig, ranks: Ranks | None = None
    ) -> None:
        self._cube = cube
        self._ranks = ranks or Ranks()
        self._config = config
        # Positions are on the device where patches are looked up; it differs from that of the pages if these are in a file.
        self._rows, self._cols = (torch.from_numpy(a).to(cube.starts.device) for a in (samples.rows, samples.cols))
        self._classes = torch.from_numpy(samples.classes).to(cube.device)
        self._pool: Tensor | None = None
        counts = samples.counts()
        self._small = [
            (torch.from_numpy(np.flatnonzero(samples.classes == index)), config.fewest_draws - int(counts[index]))
            for index in np.flatnonzero((counts > 0) & (counts < config.fewest_draws))
        ]
        self._repeated = sum(missing for _, missing in self._small)
        self._table = symmetry_table(cube.patch_size).to(cube.device)

    def __len__(self) -> int:
        """Batches an epoch."""
        return -(-self.samples // self._config.batch_size)

    @property
    def samples(self) -> int:
        """Samples per epoch; those of a small class may count several times."""
        return len(self._classes) + self._repeated

    def _order(self, draws: torch.Generator) -> Tensor:
        """Places of the samples in the order they are drawn: each once, and those of small classes again."""
        places = [torch.arange(len(self._classes))]
        for members, missing in self._small:
            whole, rest = divmod(missing, len(members))
            places += [members.repeat(whole), members[torch.randperm(len(members), generator=draws)[:rest]]]
        order = torch.cat(places)
        return order[torch.randperm(len(order), generator=draws)]

    def of_epoch(self, epoch: int) -> Iterator[Batch]:
        """The batches of one epoch, in order."""
        seed, device = self._config.seed, self._cube.device
        order = self._order(generator(seed, "shuffle", epoch))
        draws = generator(seed, "spectra", epoch)
        turns = torch.randint(SYMMETRIES, order.shape, generator=generator(seed, "augment", epoch))
        positions = order.to(self._cube.starts.device)
        # Batches of nearly one size: a last batch of a few samples would carry as much weight as a full one.
        for rows, cols, classes, symmetries in zip(
            self._rows[positions].tensor_split(len(self)),
            self._cols[positions].tensor_split(len(self)),
            self._classes[order.to(device)].tensor_split(len(self)),
            turns.to(device).tensor_split(len(self)),
            strict=True,
        ):
            mine = self._ranks.share(len(rows))
            patches = self._cube.gather(rows[mine], cols[mine])
            if self._config.augment:
                patches = self._augmented(patches, symmetries[mine], len(rows), draws)
            yield Batch(patches, classes[mine], classes)

    def _augmented(self, patches: Tensor, symmetries: Tensor, whole: int, draws: torch.Generator) -> Tensor:
        """Patches of this rank, changed as those of a batch of ``whole`` samples are drawn to be."""
        mine = self._ranks.share(whole)
        if self._cube.patch_size > 1:
            patches = apply_symmetries(patches, symmetries, self._table)
            if self._config.surround_dropout:
                filled = torch.rand(whole, 1, 1, 1, generator=draws) < self._config.surround_dropout
                patches = self._without_surrounds(patches, filled[mine])
        if self._config.gain:
            factors = 1 + self._config.gain * torch.randn(whole, 1, 1, 1, generator=draws)
            patches = patches * factors[mine].to(patches.device)
        if self._config.noise:
            noise = self._noise((whole, *patches.shape[1:]), draws, patches.device)
            patches = patches + self._config.noise * noise[mine]
        return patches

    def _without_surrounds(self, patches: Tensor, filled: Tensor) -> Tensor:
        """Those of the patches where ``filled`` is True (n, 1, 1, 1) filled with the spectrum of their centre."""
        middle = self._cube.patch_size // 2
        centres = patches[:, :, middle : middle + 1, middle : middle + 1]
        return torch.where(filled.to(patches.device), centres, patches)

    def _noise(self, shape: tuple[int, ...], draws: torch.Generator, device: torch.device) -> Tensor:
        """Normal noise for each number, cut from a pool at random: drawing it again costs as much as a layer."""
        size = math.prod(shape)
        if self._pool is None or len(self._pool) < 2 * size:
            pool = torch.randn(max(_POOL, 2 * size), generator=generator(self._config.seed, "noise", 0))
            self._pool = pool.to(device)
        start = int(torch.randint(len(self._pool) - size, (1,), generator=draws))
        return self._pool[start : start + size].view(shape)
