"""What is to be looked at in single polygons, points and regions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ..classes.legend import Legend
from ..io.labels.feature_relations import (
    Overlaps,
    areas_px,
    find_overlaps,
    off_the_scene,
    whole_features,
    without_pixel,
)
from ..io.labels.types import LabelFeatures
from ..pixels.grid import Grid
from ..pixels.samples import SampleSet
from ..reporting import Reporter
from .findings import KINDS, Finding, Kind
from .odd_polygons import OddPolygon

_OTHERS = 3


def sort_findings(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """What matters most first, then by number."""
    return tuple(sorted(findings, key=lambda finding: (KINDS.index(finding.kind), finding.feature)))


def geometry_findings(
    features: LabelFeatures,
    names: Mapping[int, str],
    labelled: npt.NDArray[np.integer],
    grid: Grid,
    reporter: Reporter,
    *,
    all_touched: bool,
) -> list[Finding]:
    """What can be seen without the spectra.

    Parameters
    ----------
    names : class names by value.
    labelled : numbers of the features that label a pixel.
    """
    numbers, geometries = whole_features(features)
    values = features.values[numbers]
    areas = areas_px(geometries, grid)
    outside = off_the_scene(geometries, grid)
    suspects = np.flatnonzero(~outside & (areas > 0) & ~np.isin(numbers + 1, labelled))
    lost = np.zeros(len(numbers), dtype=bool)
    lost[suspects] = without_pixel(geometries[suspects], grid, reporter.check_cancelled, all_touched=all_touched)
    found = []
    for at in np.flatnonzero(outside | lost | ((areas > 0) & (areas < 1))):
        kind: Kind = "outside" if outside[at] else "no_pixel" if lost[at] else "tiny"
        reason = {
            "outside": "Lies outside the scene.",
            "no_pixel": f"Labels nothing: it {'touches no pixel' if all_touched else 'covers no pixel centre'}"
            f" (area {areas[at]:.2g} pixels).",
            "tiny": f"Smaller than a pixel (area {areas[at]:.2g} pixels): its pixel also shows what is around it.",
        }[kind]
        found.append(Finding(feature=int(numbers[at]) + 1, value=int(values[at]), kind=kind, reason=reason))
    overlaps = find_overlaps(numbers, geometries, values, grid, reporter.check_cancelled)
    return [*found, *_overlap_findings(overlaps, features.values, names)]


def without_data(samples: SampleSet, valid: npt.NDArray[np.bool_]) -> list[Finding]:
    """Features that label pixels, but only ones where the scene has no data; ``valid`` says which have, (n,)."""
    lost = np.setdiff1d(samples.groups, samples.groups[valid])
    at = {int(group): int(index) for group, index in zip(*np.unique(samples.groups, return_index=True), strict=True)}
    return [
        Finding(
            feature=int(group),
            value=int(samples.legend.values[samples.classes[at[int(group)]]]),
            kind="no_data",
            reason="Labels nothing: the scene has no data there.",
        )
        for group in lost
    ]


def odd_findings(odd: Sequence[OddPolygon], legend: Legend, word: str) -> list[Finding]:
    """Odd polygons as findings; ``word`` is what the labels are, "polygon" or "region"."""
    found = []
    for polygon in odd:
        own, nearest = legend.names[polygon.own_class], legend.names[polygon.nearest_class]
        like = f", and more like {nearest}" if polygon.nearest_class != polygon.own_class else ""
        reason = (
            f"Spectrum unlike the other {own} {word}s{like}: {polygon.distance:.1f} standard deviations from the middle of the"
            f" class, where {polygon.usual:.1f} are usual."
        )
        value = int(legend.values[polygon.own_class])
        found.append(Finding(feature=polygon.group, value=value, kind="odd", reason=reason))
    return found


def _overlap_findings(
    overlaps: Overlaps, values: npt.NDArray[np.integer], names: Mapping[int, str]
) -> Iterator[Finding]:
    """One finding for each feature and kind, naming the first few others."""
    others: dict[tuple[int, Kind], list[tuple[int, float]]] = {}
    for first, second, same, pixels in zip(
        overlaps.first.tolist(),
        overlaps.second.tolist(),
        overlaps.same_place.tolist(),
        overlaps.pixels.tolist(),
        strict=True,
    ):
        kind: Kind = "overlap" if not same else "duplicate" if values[first] == values[second] else "contradiction"
        # Of a duplicate the later one is superfluous; in a conflict either may be wrong.
        others.setdefault((second, kind), []).append((first, pixels))
        if kind != "duplicate":
            others.setdefault((first, kind), []).append((second, pixels))
    begin = {"overlap": "Overlaps", "duplicate": "Same place as", "contradiction": "Same place as"}
    for (feature, kind), found in others.items():
        shown = ", ".join(
            f"{other + 1} ({names.get(int(values[other]), values[other])}{_size(pixels) if kind == 'overlap' else ''})"
            for other, pixels in found[:_OTHERS]
        )
        more = f" and {len(found) - _OTHERS} more" if len(found) > _OTHERS else ""
        end = {"overlap": ".", "duplicate": ": drawn twice.", "contradiction": ", but of another class."}[kind]
        yield Finding(
            feature=feature + 1,
            value=int(values[feature]),
            kind=kind,
            reason=f"{begin[kind]} number {shown}{more}{end}",
        )


def _size(pixels: float) -> str:
    return f", {pixels:.1f} pixels" if pixels < 10 else f", {pixels:,.0f} pixels"
