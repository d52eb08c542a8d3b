"""The spectra of labelled pixels, read block by block and never more than fit into a fixed budget of memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..io.scenes.scene import SceneReader
from ..pixels.samples import IndexArray, SampleSet
from ..pixels.window import Window
from ..reporting import Reporter

SPECTRA_BYTES = 128 << 20
"""Bytes that the spectra examined may take."""

_BLOCK_BYTES = 64 << 20
_FLOAT_BYTES = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledSpectra:
    """Spectra of some or all labelled pixels.

    Parameters
    ----------
    samples : the pixels whose spectra are held, all of them with data.
    values : their spectra in the unit of the scene, float32 (n, bands).
    valid : for each labelled pixel that was asked about, whether the scene has data there, bool (all,).
    """

    samples: SampleSet
    values: npt.NDArray[np.float32]
    valid: npt.NDArray[np.bool_]


def read_spectra(
    reader: SceneReader,
    bands: Sequence[int],
    samples: SampleSet,
    reporter: Reporter,
    *,
    max_bytes: int = SPECTRA_BYTES,
) -> LabelledSpectra:
    """Read the labelled pixels, or of very many an even choice from each class and polygon.

    Only blocks of the file that hold a labelled pixel are read.

    Parameters
    ----------
    bands : 0-based.
    samples : the labelled pixels, row by row.

    Raises
    ------
    SceneError : the file ends early or is damaged at the place of a labelled pixel.
    Cancelled : between two blocks.
    """
    most = max(1, max_bytes // (_FLOAT_BYTES * len(bands)))
    held = spread_choice(samples, most)
    place = np.full(len(samples), -1)
    place[held] = np.arange(len(held))
    values = np.zeros((len(held), len(bands)), dtype=np.float32)
    valid = np.zeros(len(samples), dtype=bool)
    rows = reader.scene.grid.shape[0]
    for window in reader.block_windows(max(1, _BLOCK_BYTES // reader.scene.pixel_bytes)):
        inside = _inside(samples, window)
        if not len(inside):
            continue
        reporter.check_cancelled()
        reporter.progress(window.row / rows, "Reading the labelled pixels")
        block = reader.read(window, bands)
        at = (samples.rows[inside] - window.row, samples.cols[inside] - window.col)
        valid[inside] = block.valid[at]
        kept = place[inside] >= 0
        values[place[inside[kept]]] = block.data[:, at[0][kept], at[1][kept]].T
    with_data = valid[held]
    if with_data.all():  # as a rule; without a second copy of everything
        return LabelledSpectra(samples=samples.take(held), values=values, valid=valid)
    return LabelledSpectra(samples=samples.take(held[with_data]), values=values[with_data], valid=valid)


def spread_choice(samples: SampleSet, most: int) -> IndexArray:
    """Indices of at most ``most`` samples, rising: each class gets the same room, and in it each polygon in turn."""
    return spread_indices(samples.classes, samples.groups, most)


def spread_indices(classes: npt.NDArray[Any], groups: npt.NDArray[Any], most: int) -> IndexArray:
    """The same for labelled pixels by the class and the polygon of each, both (n,)."""
    if len(classes) <= most:
        return np.arange(len(classes))
    # How many samples of its class and polygon come before each, in an order that jumps about within the polygon.
    order = np.random.default_rng(0).permutation(len(classes))
    turn = _rank_within(groups[order])
    by_turn = order[np.lexsort((turn, classes[order]))]
    rank = _rank_within(classes[by_turn])
    chosen = by_turn[np.argsort(rank, kind="stable")][:most]
    return np.sort(chosen)


def _rank_within(keys: IndexArray) -> IndexArray:
    """How many equal keys stand before each, (n,)."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[order] = np.arange(len(keys)) - np.repeat(starts, np.diff(np.r_[starts, len(keys)]))
    return ranks


def _inside(samples: SampleSet, window: Window) -> IndexArray:
    first, end = (int(np.searchsorted(samples.rows, row)) for row in (window.row, window.row_end))
    cols = samples.cols[first:end]
    return first + np.flatnonzero((cols >= window.col) & (cols < window.col_end))
