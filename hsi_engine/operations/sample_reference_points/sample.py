"""From drawn pixels to the sample that is written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...classes.legend import Legend
from ...io.maps.pixel_areas import PixelAreas
from ...io.samples.reference_sample import MapClass, ReferenceSample, SampleDesign, StrataAre, Stratum
from .counting import CellCount, Region
from .drawing import DrawnPixels, generator
from .operation import SampleReferencePointsParams
from .strata import Strata


@dataclass(frozen=True, kw_only=True, eq=False)
class Counted:
    """What the first pass found: the region, its classes, and the strata."""

    region: Region
    areas: PixelAreas
    legend: Legend
    strata: Strata
    strata_are: StrataAre


def make_sample(
    params: SampleReferencePointsParams, counted: Counted, drawn: DrawnPixels, spacing: float | None, map_sha256: str
) -> ReferenceSample:
    """The sample, its points in an order that says nothing of their strata.

    Inclusion probabilities are n_h / N_h of the candidates of a stratum, and 1 / ``spacing``² on a lattice.
    """
    drawn = drawn.take(generator(params.seed, 2).permutation(len(drawn)))
    sizes, names = counted.strata.sizes, {c.value: c.name for c in counted.legend}
    points = np.bincount(drawn.strata, minlength=len(sizes))
    candidates = np.array([max(1, s.candidates) for s in sizes], np.float64)
    probability = points / candidates if spacing is None else np.full(len(sizes), 1 / spacing**2)
    rows_m2 = counted.areas.rows_m2
    nothing = (None,) * len(drawn)
    return ReferenceSample(
        point_ids=np.arange(1, len(drawn) + 1, dtype=np.int64),
        rows=drawn.rows,
        cols=drawn.cols,
        strata=[sizes[h].name for h in drawn.strata.tolist()],
        inclusion_probability=probability[drawn.strata],
        map_values=drawn.values.astype(np.uint16),
        map_classes=[names[value] for value in drawn.values.tolist()],
        pixel_area_m2=np.full(len(drawn), np.nan) if rows_m2 is None else rows_m2[drawn.rows],
        reference=nothing,
        certainty=nothing,
        comment=nothing,
        all_strata=tuple(
            Stratum(name=s.name, pixels=s.pixels, candidates=s.candidates, area_m2=s.area_m2, points=int(n))
            for s, n in zip(sizes, points, strict=True)
        ),
        design=SampleDesign(
            design=params.design,
            strata_are=counted.strata_are,
            allocation=params.allocation if params.design == "stratified" else "none",
            seed=params.seed,
            pure_neighbourhood=params.pure_neighbourhood,
            minimum_distance_m=params.minimum_distance,
            spacing_px=spacing,
            map_name=counted.region.reader.path.name,
            map_sha256=map_sha256,
            strata_name="" if params.strata is None else params.strata.name,
            extent=params.extent or "",
            mask="" if params.mask is None else params.mask.name,
            grid=counted.region.reader.grid,
            classes=_classes(counted),
        ),
    )


def _classes(counted: Counted) -> tuple[MapClass, ...]:
    totals = {c.value: CellCount() for c in counted.legend}
    for (_, value), cell in counted.region.cells.items():
        totals[value].pixels += cell.pixels
        totals[value].area_m2 += cell.area_m2
    has_areas = counted.areas.rows_m2 is not None
    return tuple(
        MapClass(
            value=c.value,
            name=c.name,
            colour=c.colour,
            pixels=totals[c.value].pixels,
            area_m2=totals[c.value].area_m2 if has_areas else None,
        )
        for c in counted.legend
    )
