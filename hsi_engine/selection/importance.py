"""Permutation importance: how much worse held-out pixels are classified if a part of their spectra is that of other pixels.

References
----------
Breiman, L. (2001): Random forests. Machine Learning 45, 5–32 (permutation of one predictor). Fisher, A., Rudin, C. and Dominici,
F. (2019): All models are wrong, but many are useful. Journal of Machine Learning Research 20, 1–81 (any model, groups).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from ..evaluation.calibration import softmax
from ..io.scenes.scene import SceneReader
from ..pixels.samples import IndexArray, SampleSet
from ..pixels.window import Window
from ..preprocess.chain import Preprocessing
from ..runtime.device import Device
from ..training.cubes import Cubes
from .cross_fit import CrossFitted

PATCH_BYTES = 256 << 20
"""Bytes that the patches of all tested pixels may take, all bands."""

# Patches that are reduced and predicted at once.
_BATCH = 128
_FLOAT_BYTES = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOutPatches:
    """Pixels that are tested in a fold, with their surroundings before any reduction.

    Parameters
    ----------
    samples : the pixels, n.
    fold : in which each is tested, (n,).
    bands : float32 (n, bands, p, p); the mean of the scene where a pixel has no data or lies beyond it.
    valid : True where there are data, (n, p, p).
    """

    samples: SampleSet
    fold: IndexArray
    bands: npt.NDArray[np.float32]
    valid: npt.NDArray[np.bool_]

    @property
    def spectra(self) -> npt.NDArray[np.float32]:
        """The spectra of the pixels themselves, (n, bands)."""
        middle = self.bands.shape[-1] // 2
        return self.bands[:, :, middle, middle]


def most_patches(n_bands: int, patch_size: int) -> int:
    """How many patches of all bands fit into :data:`PATCH_BYTES`."""
    return max(1, PATCH_BYTES // (_FLOAT_BYTES * n_bands * patch_size**2))


def read_patches(
    reader: SceneReader,
    preprocessing: Preprocessing,
    samples: SampleSet,
    fold: IndexArray,
    *,
    patch_size: int,
    check_cancelled: Callable[[], None],
) -> HeldOutPatches:
    """Read the patches of the samples, which lie row by row.

    Raises
    ------
    SceneError : the file ends early or is damaged there.
    """
    mean = preprocessing.mean_spectrum.astype(np.float32)
    shape, radius = reader.scene.grid.shape, patch_size // 2
    bands = np.empty((len(samples), len(mean), patch_size, patch_size), np.float32)
    valid = np.zeros((len(samples), patch_size, patch_size), bool)
    for number, (row, col) in enumerate(zip(samples.rows.tolist(), samples.cols.tolist(), strict=True)):
        if number % _BATCH == 0:
            check_cancelled()
        whole = Window(row=row, col=col, height=1, width=1).grow(radius)
        inside = whole.clip(shape)
        block = reader.read(inside, preprocessing.band_indices)
        rows, cols = inside.relative_to(whole).slices()
        bands[number] = mean[:, None, None]
        bands[number, :, rows, cols] = np.where(block.valid, block.data, mean[:, None, None])
        valid[number, rows, cols] = block.valid
    return HeldOutPatches(samples=samples, fold=fold, bands=bands, valid=valid)


class HeldOutPredictions:
    """Predicts held-out pixels by the models of their folds, with parts of their patches exchanged between pixels.

    Parameters
    ----------
    members : cross-fitted on the same folds; the mean of their calibrated probabilities decides.
    cubes : whose preprocessing they see.
    """

    def __init__(self, members: Sequence[CrossFitted], cubes: Cubes, tested: HeldOutPatches, device: Device) -> None:
        self._members, self._tested, self._device = members, tested, device
        self._preprocessing, self._branch_of = cubes.preprocessing, cubes.branch_of

    def predict(
        self,
        order: IndexArray,
        *,
        bands: IndexArray | None = None,
        component: tuple[int, int] | None = None,
        check_cancelled: Callable[[], None] = lambda: None,
    ) -> IndexArray:
        """Class index of each pixel, (n,).

        Parameters
        ----------
        order : the pixel that each pixel takes the exchanged part from, (n,); of a patch, position by position.
        bands : what is exchanged, before the reduction: positions of bands in the preprocessing.
        component : what is exchanged after it: the branch of the preprocessing, and the number of its channel.
        """
        found = np.empty(len(order), np.int64)
        for fold in np.unique(self._tested.fold).tolist():
            here = np.flatnonzero(self._tested.fold == fold)
            for start in range(0, len(here), _BATCH):
                check_cancelled()
                some = here[start : start + _BATCH]
                found[some] = self._probabilities(some, order[some], fold, bands, component).argmax(axis=1)
        return found

    def _probabilities(
        self,
        some: IndexArray,
        source: IndexArray,
        fold: int,
        bands: IndexArray | None,
        component: tuple[int, int] | None,
    ) -> npt.NDArray[np.float64]:
        patches, valid = self._tested.bands[some], self._tested.valid[some]
        if bands is not None:
            patches[:, bands] = self._tested.bands[source][:, bands]
        total: npt.NDArray[np.float64] = np.zeros((len(some), len(self._tested.samples.legend)))
        for member in self._members:
            branch = self._branch_of(member.recipe.reduction)
            channels = self._channels(patches, valid, branch, member.recipe.radius)
            if component is not None and component[0] == branch:
                others = self._channels(self._tested.bands[source], valid, branch, member.recipe.radius)
                channels[:, component[1]] = others[:, component[1]]
            total = total + softmax(self._scores(member, fold, channels), member.temperature)
        return total

    def _channels(
        self, patches: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_], branch: int, radius: int
    ) -> npt.NDArray[np.float32]:
        """What a member sees, (n, channels, p, p)."""
        middle = patches.shape[-1] // 2
        inner = slice(middle - radius, middle + radius + 1)
        cut, known = patches[:, :, inner, inner], valid[:, inner, inner]
        n, n_bands, edge, _ = cut.shape
        # As rows of one image: a reduction looks at single pixels.
        image = np.ascontiguousarray(cut.transpose(1, 0, 2, 3)).reshape(n_bands, n * edge, edge)
        reduced = self._preprocessing.branches[branch].apply(image, known.reshape(n * edge, edge))
        return np.ascontiguousarray(reduced.reshape(-1, n, edge, edge).transpose(1, 0, 2, 3))

    @torch.inference_mode()
    def _scores(self, member: CrossFitted, fold: int, channels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        network = member.models[fold].network.to(self._device)
        scores: npt.NDArray[np.float32] = network(torch.from_numpy(channels).to(self._device)).float().cpu().numpy()
        return scores


def class_accuracies(predicted: IndexArray, samples: SampleSet) -> npt.NDArray[np.float64]:
    """Share of the pixels of each class that is right, (classes,); NaN for a class without pixels."""
    counts = np.bincount(samples.classes, minlength=len(samples.legend))
    right = np.bincount(samples.classes[predicted == samples.classes], minlength=len(samples.legend))
    shares = np.full(len(counts), np.nan)
    np.divide(right, counts, out=shares, where=counts > 0)
    return shares
