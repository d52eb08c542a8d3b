"""Cells of area and class, put together to the strata that are sampled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ...classes.legend import MAX_VALUE, Legend
from ...errors import MismatchError
from ...io.samples.reference_sample import WHOLE_MAP, StrataAre
from .counting import Cell, CellCount, Values
from .expected_accuracy import ExpectedAccuracies
from .sizes import StratumSize

_MOST_STRATA = np.iinfo(np.uint16).max - 1
NOT_DRAWN = np.iinfo(np.uint16).max
"""Number of a pixel that cannot be drawn."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Strata:
    """The strata of a sample, and which of them each cell belongs to; a stratum's number is its position."""

    sizes: tuple[StratumSize, ...]
    cells: tuple[tuple[Cell, ...], ...]

    def tables(self) -> StratumTables:
        """Tables that turn pixels into numbers of strata."""
        parts = sorted({part for cells in self.cells for part, _ in cells})
        values = sorted({value for cells in self.cells for _, value in cells})
        part_place, value_place = (np.zeros(MAX_VALUE + 1, np.int32) for _ in range(2))
        part_place[parts] = np.arange(1, len(parts) + 1)
        value_place[values] = np.arange(1, len(values) + 1)
        if parts == [0]:
            part_place[:] = 1
        table = np.full((len(parts) + 1, len(values) + 1), NOT_DRAWN, np.uint16)
        for number, cells in enumerate(self.cells):
            for part, value in cells:
                table[part_place[part], value_place[value]] = number
        return StratumTables(parts=part_place, values=value_place, numbers=table)


@dataclass(frozen=True, kw_only=True, eq=False)
class StratumTables:
    """From area and class of a pixel to the number of its stratum."""

    parts: npt.NDArray[np.int32]
    values: npt.NDArray[np.int32]
    numbers: npt.NDArray[np.uint16]

    def of(self, values: Values, parts: Values | None, candidates: npt.NDArray[np.bool_] | None) -> Values:
        """Number of the stratum of each pixel (rows, cols), :data:`NOT_DRAWN` for those that cannot be drawn."""
        if parts is None:
            row: Values = self.numbers[1][self.values]
            found: Values = row[values]
        else:
            found = self.numbers[self.parts[parts], self.values[values]]
        return found if candidates is None else np.where(candidates, found, np.uint16(NOT_DRAWN))


def make_strata(
    cells: Mapping[Cell, CellCount],
    strata_are: StrataAre,
    legend: Legend,
    areas: Mapping[int, str],
    expected: ExpectedAccuracies,
    *,
    has_areas: bool,
) -> Strata:
    """Put the cells together to strata, in the order of areas and classes.

    Parameters
    ----------
    legend : of the classes; ``areas`` names those of the layer of strata by their numbers.
    has_areas : whether square metres of the cells are known.

    Raises
    ------
    MismatchError : there are more strata than can be drawn.
    ParameterError : the expected accuracies say nothing of a stratum, or name what does not exist.
    """
    names = {c.value: c.name for c in legend}
    groups: dict[Cell, list[Cell]] = {}
    for part, value in sorted(cells):
        key = (part if strata_are in ("layer", "both") else 0, value if strata_are in ("map_classes", "both") else 0)
        groups.setdefault(key, []).append((part, value))
    if len(groups) > _MOST_STRATA:
        raise MismatchError(
            f"There are {len(groups):,} strata, more than the {_MOST_STRATA:,} that are possible.",
            code="too_many_strata",
            hint="Use larger areas as strata, or do not cross them with the classes.",
        )
    sizes = []
    for (part, value), members in groups.items():
        words = [areas[part]] if part else []
        words += [names[value]] if value else []
        name = " / ".join(words) or WHOLE_MAP
        counts = [cells[cell] for cell in members]
        pixels = [c.pixels for c in counts]
        classes = [expected.of(name, names[v], str(v), *([areas[p]] if p else [])) for p, v in members]
        sizes.append(
            StratumSize(
                name=name,
                pixels=sum(pixels),
                candidates=sum(c.candidates for c in counts),
                area_m2=sum(c.area_m2 for c in counts) if has_areas else None,
                expected=float(np.average(classes, weights=pixels)),
            )
        )
    expected.check_names([*names.values(), *map(str, names), *areas.values(), *(s.name for s in sizes)])
    return Strata(sizes=tuple(_distinct(sizes)), cells=tuple(map(tuple, groups.values())))


def _distinct(sizes: Sequence[StratumSize]) -> list[StratumSize]:
    """The same with names that differ: two classes of a map may have one name."""
    seen: dict[str, int] = {}
    found = []
    for size in sizes:
        times = seen[size.name] = seen.get(size.name, 0) + 1
        found.append(size if times == 1 else replace(size, name=f"{size.name} ({times})"))
    return found
