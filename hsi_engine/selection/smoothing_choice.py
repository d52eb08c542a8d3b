"""How strongly to smooth, decided on probabilities of places that the models have not seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from ..data.reduced_cube import ReducedCube
from ..evaluation.accuracy import Accuracy, accuracy_from_indices
from ..inference.classifier import Classifier, ReadyMember
from ..inference.smoothing import STRENGTHS, Smoothing
from ..pixels.window import Window
from ..reporting import Reporter
from ..runtime.device import Device
from ..splitting.folds import Folds
from ..training.cubes import Cubes
from .candidate import Candidate
from .cross_fit import tested_samples

REACH_PX = max(strength.reach_px for _, strength in STRENGTHS)
"""Room that the cubes must have around a patch to try every strength."""

# A map is smoothed only if that gains so much: what it costs is detail.
_LEAST_GAIN = 0.003


@dataclass(frozen=True, kw_only=True, eq=False)
class SmoothedChoice:
    """The strengths that were tried, None first, and the one that is taken.

    Parameters
    ----------
    tried : each strength (None: no smoothing) with its accuracy.
    chosen : position in ``tried``.
    probabilities : of the tested samples with the chosen strength, (tested, classes).
    """

    tried: tuple[tuple[Smoothing | None, Accuracy], ...]
    chosen: int
    probabilities: npt.NDArray[np.float64]

    @property
    def strength(self) -> Smoothing | None:
        """What the map is smoothed with."""
        return self.tried[self.chosen][0]

    @property
    def accuracy(self) -> Accuracy:
        """With the chosen strength."""
        return self.tried[self.chosen][1]

    def __str__(self) -> str:
        if self.strength is None:
            return "Smoothing does not make the tested pixels more accurate: the map is not smoothed."
        (_, before), after = self.tried[0], self.accuracy
        return (
            f"Smoothing within a radius of {self.strength.radius_px} pixels raises the overall accuracy of the tested pixels from"
            f" {100 * before.overall_accuracy:.1f} to {100 * after.overall_accuracy:.1f} %: the map is smoothed."
        )

    def to_json(self) -> dict[str, Any]:
        """All that was tried, as plain values."""
        return {
            "tried": [
                {
                    "radius_px": 0 if strength is None else strength.radius_px,
                    "epsilon": None if strength is None else strength.epsilon,
                    "overall_accuracy": accuracy.overall_accuracy,
                    "average_accuracy": accuracy.average_accuracy,
                    "mean_iou": accuracy.mean_iou,
                    "chosen": number == self.chosen,
                }
                for number, (strength, accuracy) in enumerate(self.tried)
            ]
        }


def choose_smoothing(
    candidate: Candidate, folds: Folds, cubes: Cubes, guide: ReducedCube, device: Device, reporter: Reporter
) -> SmoothedChoice:
    """Smooth what the models of each fold say of the surroundings of the samples they test.

    Pixels that a fold's models were trained on have no weight: what they say of them is not known of other places.

    Parameters
    ----------
    candidate : its models of each fold are used.
    cubes : with :data:`REACH_PX` pixels of room around the largest patch.
    guide : whitened principal components, with the same room.

    Raises
    ------
    Cancelled : asked before every page of the cube.
    """
    samples, tested = folds.samples, tested_samples(folds)
    smoothed = {strength: np.zeros((len(samples), len(samples.legend))) for _, strength in STRENGTHS}
    for fold in range(folds.n_folds):
        reporter.progress(fold / folds.n_folds, "Choosing how to smooth the map")
        classifier = _classifier(candidate, fold, cubes, device)
        trained = folds.training_of(fold, min(member.recipe.radius for member in candidate.members))
        trained_rows, trained_cols = samples.rows[trained], samples.cols[trained]
        for window, members in _pages(samples.rows, samples.cols, folds.tested_in(fold), guide):
            reporter.check_cancelled()
            around = window.grow(REACH_PX)
            probabilities = classifier.probabilities(_stack(candidate, cubes, window, classifier.radius)).cpu().numpy()
            components = guide.with_patches(2 * REACH_PX + 1).tile(window).cpu().numpy()
            # Components of a pixel are zero where it has no data, and hardly ever all of them where it has.
            valid = (components != 0).any(axis=0)
            inside = _inside(trained_rows, trained_cols, around)
            valid[trained_rows[inside] - around.row, trained_cols[inside] - around.col] = False
            rows, cols = samples.rows[members] - window.row, samples.cols[members] - window.col
            for strength, found in smoothed.items():
                spare = REACH_PX - strength.reach_px
                inner = Window(row=spare, col=spare, height=around.height - 2 * spare, width=around.width - 2 * spare)
                part = (..., *inner.slices())
                found[members] = strength.apply(probabilities[part], components[part], valid[part])[:, rows, cols].T
    reference = samples.classes[tested]
    options = {strength: found[tested] for strength, found in smoothed.items()}
    plain = candidate.accuracy
    tried: list[tuple[Smoothing | None, Accuracy]] = [(None, plain)]
    tried += [
        (strength, accuracy_from_indices(reference, found.argmax(axis=1), samples.legend))
        for strength, found in options.items()
    ]
    scores = [_score(accuracy) for _, accuracy in tried]
    best = int(np.argmax(scores))
    if scores[best] < scores[0] + _LEAST_GAIN:
        best = 0
    chosen = tried[best][0]
    return SmoothedChoice(
        tried=tuple(tried),
        chosen=best,
        probabilities=candidate.probabilities if chosen is None else options[chosen],
    )


def _inside(rows: npt.NDArray[np.int64], cols: npt.NDArray[np.int64], window: Window) -> npt.NDArray[np.bool_]:
    """Which positions lie in a window."""
    return (rows >= window.row) & (rows < window.row_end) & (cols >= window.col) & (cols < window.col_end)


def _score(accuracy: Accuracy) -> float:
    return (accuracy.overall_accuracy + accuracy.average_accuracy) / 2


def _classifier(candidate: Candidate, fold: int, cubes: Cubes, device: Device) -> Classifier:
    """The candidate's models of one fold; channels are those of its members one after the other."""
    members, start = [], 0
    for member in candidate.members:
        fitted = member.models[fold]
        count = cubes.of(member.recipe.reduction, member.recipe.patch_size).n_components
        members.append(
            ReadyMember(
                network=fitted.network.to(device),
                channels=slice(start, start + count),
                temperature=member.temperature,
                share=1.0,
            )
        )
        start += count
    return Classifier(members=tuple(members))


def _stack(candidate: Candidate, cubes: Cubes, window: Window, radius: int) -> torch.Tensor:
    """Channels of all members around a window, as far as patches and smoothing reach; a member's own reach is filled."""
    tiles = []
    for member in candidate.members:
        own = member.recipe.radius
        tile = cubes.of(member.recipe.reduction, 2 * (own + REACH_PX) + 1).tile(window)
        tiles.append(functional.pad(tile, (radius - own,) * 4))
    return torch.cat(tiles)


def _pages(
    rows: npt.NDArray[np.int64], cols: npt.NDArray[np.int64], members: npt.NDArray[np.int64], guide: ReducedCube
) -> Iterator[tuple[Window, npt.NDArray[np.int64]]]:
    """The pages of a cube that hold some of the samples at ``members``, with those."""
    bits = 4
    edge = 1 << bits
    keys = (rows[members] >> bits) * ((guide.shape[1] >> bits) + 1) + (cols[members] >> bits)
    order = np.argsort(keys, kind="stable")
    for some in np.split(members[order], np.flatnonzero(np.diff(keys[order])) + 1):
        page = Window(
            row=int(rows[some[0]] >> bits) * edge, col=int(cols[some[0]] >> bits) * edge, height=edge, width=edge
        )
        yield page.clip(guide.shape), some
