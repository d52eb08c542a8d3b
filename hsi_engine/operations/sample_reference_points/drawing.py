"""The second pass over a map: which pixels are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...reporting import Reporter
from .counting import Region
from .strata import NOT_DRAWN, StratumTables

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawnPixels:
    """Pixels of a map: row, col, number of the stratum and class value of each, (n,)."""

    rows: Integers
    cols: Integers
    strata: Integers
    values: Integers

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: npt.NDArray[np.int64]) -> DrawnPixels:
        """Those at the positions ``which``, in this order."""
        return DrawnPixels(
            rows=self.rows[which], cols=self.cols[which], strata=self.strata[which], values=self.values[which]
        )


def generator(seed: int, *purpose: int) -> np.random.Generator:
    """Random numbers for one purpose, so that none depends on how many were drawn for another."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=purpose))


def draw_ranks(seed: int, stratum: int, candidates: int, count: int) -> Integers:
    """``count`` of the candidates of a stratum at random without replacement, as their ranks from top to bottom, in the
    order in which they were drawn: the first few of them are a random sample too.
    """
    drawn = generator(seed, 0, stratum).choice(candidates, size=count, replace=False, shuffle=True)
    return np.asarray(drawn, np.int64)


def pixels_of_ranks(
    region: Region, tables: StratumTables, ranks: Sequence[Integers], reporter: Reporter
) -> DrawnPixels:
    """The pixels with these ranks among the candidates of their strata, counted row by row over the region.

    Parameters
    ----------
    ranks : of each stratum, in any order, each (n_h,).

    Returns
    -------
    Stratum after stratum, in the order of ``ranks``.
    """
    orders = [np.argsort(r, kind="stable") for r in ranks]
    rising = [r[order] for r, order in zip(ranks, orders, strict=True)]
    starts = np.concatenate([[0], np.cumsum([len(r) for r in ranks])]).astype(np.int64)
    rows, cols, values = (np.zeros(int(starts[-1]), np.int64) for _ in range(3))
    seen = np.zeros(len(ranks), np.int64)
    strips = region.strips()
    for number, strip in enumerate(strips, start=1):
        reporter.check_cancelled()
        read, parts, candidates = region.read(strip)
        codes = tables.of(read, parts, candidates).ravel()
        counts = np.bincount(codes, minlength=NOT_DRAWN + 1)[: len(ranks)]
        bounds = [
            (int(np.searchsorted(r, before)), int(np.searchsorted(r, before + count)))
            for r, before, count in zip(rising, seen.tolist(), counts.tolist(), strict=True)
        ]
        if any(first < end for first, end in bounds):
            # Sorted by stratum, the pixels of each lie one after the other; 16 bits make this a matter of counting.
            by_stratum, first_of = np.argsort(codes, kind="stable"), np.concatenate([[0], np.cumsum(counts)])
            for h, (first, end) in enumerate(bounds):
                at = by_stratum[first_of[h] + rising[h][first:end] - seen[h]]
                places = starts[h] + orders[h][first:end]
                rows[places], cols[places] = strip.row + at // strip.width, strip.col + at % strip.width
                values[places] = read.ravel()[at]
        seen += counts
        reporter.progress(number / len(strips), f"Drawing points: strip {number:,} of {len(strips):,}")
    strata = np.repeat(np.arange(len(ranks)), [len(r) for r in ranks])
    return DrawnPixels(rows=rows, cols=cols, strata=strata, values=values)


def lattice_pixels(region: Region, tables: StratumTables, spacing: float, seed: int, reporter: Reporter) -> DrawnPixels:
    """The candidates on a square lattice with a random start.

    Each pixel holds a node with the probability 1 / ``spacing``².

    Parameters
    ----------
    spacing : of the nodes in pixels, at least 1; need not be whole.
    """
    window = region.part.window
    start = generator(seed, 1).random(2) * spacing
    lattice_rows, lattice_cols = (
        first + np.floor(np.arange(begin, length, spacing)).astype(np.int64)
        for first, begin, length in zip((window.row, window.col), start, window.shape, strict=True)
    )
    parts: list[tuple[npt.NDArray[Any], ...]] = [(np.zeros(0, np.int64),) * 4]
    strips = region.strips()
    for number, strip in enumerate(strips, start=1):
        reporter.check_cancelled()
        here = lattice_rows[(lattice_rows >= strip.row) & (lattice_rows < strip.row_end)]
        if len(here):
            read, numbers, candidates = region.read(strip)
            at = np.ix_(here - strip.row, lattice_cols - strip.col)
            codes = tables.of(read, numbers, candidates)[at]
            down, right = np.nonzero(codes != NOT_DRAWN)
            parts.append((here[down], lattice_cols[right], codes[down, right], read[at][down, right]))
        reporter.progress(number / len(strips), f"Drawing points: strip {number:,} of {len(strips):,}")
    columns = [np.concatenate([part[i] for part in parts]).astype(np.int64) for i in range(4)]
    return DrawnPixels(rows=columns[0], cols=columns[1], strata=columns[2], values=columns[3])
