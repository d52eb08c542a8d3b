"""A model from the values of a scene to scores, as one torch module: validity, reduction, members, their mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..bundle.model_bundle import ModelBundle
from ..evaluation.confidence_scaling import LEAST
from ..inference.classifier import ready_network
from ..inference.confidence.scaling import with_scaled_confidence
from ..preprocess.branch import Branch
from ..preprocess.linear import Floats
from ..preprocess.standardisation import Standardisation
from .dense_heads import OnImages, OnPatches
from .estimators import exportable

_LARGEST = float(np.finfo(np.float32).max)


class RawScores(nn.Module):
    """Values of a scene to scores, and to the probabilities of the classes: their softmax, with scaled confidence.

    A pixel that holds NaN or infinite numbers in any band has no data: other pixels see the mean spectrum there, as beyond
    the border, and its own scores are NaN.

    Parameters
    ----------
    bundle : the model. Its smoothing is left out.
    dense : True: images (n, bands, rows, cols) to (n, classes, rows, cols), with the padding inside; False: patches
        (n, bands, p, p) to (n, classes).
    """

    def __init__(self, bundle: ModelBundle, *, dense: bool) -> None:
        super().__init__()
        self.dense = dense
        self.patch_size = bundle.patch_size
        self.second_bands = bundle.preprocessing.second_bands
        self.temperature = bundle.temperature
        self.confidence_scaling = bundle.confidence_scaling
        self.used = sorted({member.branch for member in bundle.members})
        self.branches = nn.ModuleList(_BranchAsLayers(bundle.preprocessing.branches[i]) for i in self.used)
        form = OnImages if dense else OnPatches
        networks = [exportable(ready_network(member, bundle)) for member in bundle.members]
        self.networks = nn.ModuleList(form(network) for network in networks)
        shares = sum(member.share for member in bundle.members)
        self.members = [
            (self.used.index(m.branch), m.patch_size, m.temperature, m.share / shares) for m in bundle.members
        ]

    def forward(self, scene: Tensor, second: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Scores and probabilities of ``scene`` and, for a model of two sources, ``second``, both float32."""
        values = scene if second is None else torch.cat([scene, second], dim=1)
        # False for NaN as well. The smallest of all bands: valid in each of them.
        valid = (values.abs() <= _LARGEST).to(torch.float32).amin(dim=1, keepdim=True) > 0
        values = torch.where(valid, values, torch.zeros_like(values))
        channels = [torch.where(valid, branch(values), 0.0) for branch in self.branches]
        logits = self._combined(channels)
        middle = self.patch_size // 2
        known = valid if self.dense else valid[:, :, middle : middle + 1, middle : middle + 1]
        probabilities = with_scaled_confidence(logits.softmax(dim=1), self.confidence_scaling, dim=1)
        nan = torch.full_like(logits, float("nan"))
        logits, probabilities = (torch.where(known, found, nan) for found in (logits, probabilities))
        return (logits, probabilities) if self.dense else (logits.flatten(1), probabilities.flatten(1))

    def _combined(self, channels: list[Tensor]) -> Tensor:
        each = [
            self._member(channels[branch], network, size) / temperature
            for (branch, size, temperature, _), network in zip(self.members, self.networks, strict=True)
        ]
        if len(each) == 1 and self.temperature == 1:
            return each[0]
        parts = [logits.softmax(dim=1) * share for logits, (_, _, _, share) in zip(each, self.members, strict=True)]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total.clamp(min=LEAST).log() / self.temperature

    def _member(self, channels: Tensor, network: nn.Module, size: int) -> Tensor:
        if self.dense:
            seen = functional.pad(channels, (size // 2,) * 4)
        else:
            inset = (self.patch_size - size) // 2
            seen = channels[:, :, inset : inset + size, inset : inset + size]
        logits: Tensor = network(seen)
        return logits


class _BranchAsLayers(nn.Module):
    """A branch of the preprocessing on (n, bands, rows, cols), every pixel taken as valid."""

    def __init__(self, branch: Branch) -> None:
        super().__init__()
        self.own = branch.n_bands - branch.second_bands
        self.normalisation = branch.normalisation
        self.reduction = _reduction(branch.reduction)
        self.second = None if branch.second is None else _reduction(branch.second)

    def forward(self, values: Tensor) -> Tensor:
        spectra = values[:, : self.own]
        if self.normalisation == "derivative":
            spectra = spectra[:, 1:] - spectra[:, :-1]
        elif self.normalisation == "brightness":
            level = spectra.square().mean(dim=1, keepdim=True).sqrt()
            spectra = torch.where(level > 0, spectra / level, torch.zeros_like(spectra))
        components: Tensor = self.reduction(spectra)
        return components if self.second is None else torch.cat([components, self.second(values[:, self.own :])], dim=1)


def _reduction(reduction: Any) -> nn.Module:
    if isinstance(reduction, Standardisation):
        return _Standardise(reduction.mean, 1 / reduction.deviation)
    return _Project(reduction.mean, reduction.matrix)


class _Standardise(nn.Module):
    mean: Tensor
    factor: Tensor

    def __init__(self, mean: Floats, factor: Floats) -> None:
        super().__init__()
        for name, array in (("mean", mean), ("factor", factor)):
            self.register_buffer(name, torch.from_numpy(array.astype(np.float32))[:, None, None])

    def forward(self, spectra: Tensor) -> Tensor:
        return (spectra - self.mean) * self.factor


class _Project(nn.Module):
    """``matrix @ (spectrum - mean)``; what rounding the mean loses is added afterwards."""

    mean: Tensor
    matrix: Tensor
    shift: Tensor

    def __init__(self, mean: Floats, matrix: Floats) -> None:
        super().__init__()
        rounded = mean.astype(np.float32)
        shift = matrix @ (rounded.astype(np.float64) - mean)
        self.register_buffer("mean", torch.from_numpy(rounded)[:, None, None])
        self.register_buffer("matrix", torch.from_numpy(matrix.astype(np.float32))[:, :, None, None])
        self.register_buffer("shift", torch.from_numpy(shift.astype(np.float32)))

    def forward(self, spectra: Tensor) -> Tensor:
        return functional.conv2d(spectra - self.mean, self.matrix, self.shift)
