"""Everything that is asked of labels, put together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from pyproj import CRS

from ..classes.legend import Legend
from ..io.labels.types import LabelFeatures
from ..pixels.grid import Grid
from ..pixels.samples import IndexArray, SampleSet
from ..reporting import PhaseReporter, Reporter
from ..spectrum.bands import BandTable
from ..splitting.fold_layout import regions_of_classes
from ..splitting.folds import Folds, make_folds
from .feature_findings import geometry_findings, odd_findings, sort_findings, without_data
from .findings import ClassSummary, Finding, LabelCheck, PairSummary
from .odd_polygons import FEWEST_POLYGONS, find_odd_polygons
from .quick_test import QuickTest, quick_test
from .separability import SpectralSpace, fit_space, members_of_classes, pair_distances
from .spectra import LabelledSpectra
from .verdict import HARDLY, class_advice, named, pair_text, verdict_on

GUARD_PX = 2
"""Distance that a training with standard effort keeps between the places it trains and tests on, in pixels."""
N_FOLDS = 5
MOST_PAIRS = 20_000
"""Pairs of classes that are described, enough for 200 classes; of a thousand classes there are half a million."""

_POINTS, _AREAS = {"Point"}, {"Polygon", "MultiPolygon"}


@dataclass(frozen=True, kw_only=True, eq=False)
class CheckInput:
    """What is checked.

    Parameters
    ----------
    grid, bands : of the scene; ``used`` are the 0-based bands of the spectra.
    samples : all labelled pixels, whose groups are features; the legend also holds classes without a pixel.
    regions : number of the region of each, (samples,): features of one class that claim the same pixel are one.
    features : what they were drawn as; None for a label raster.
    spectra : those of ``samples``.
    notes : what reading has said.
    """

    grid: Grid
    bands: BandTable
    used: tuple[int, ...]
    samples: SampleSet
    regions: IndexArray
    features: LabelFeatures | None
    spectra: LabelledSpectra
    all_touched: bool
    notes: tuple[str, ...]


def check(given: CheckInput, reporter: Reporter) -> LabelCheck:
    """Judge labels; quick, as only the spectra that were read are looked at."""
    samples, spectra = given.samples, given.spectra
    legend, word = samples.legend, feature_word(given.features)
    notes = list(given.notes)
    with_data = samples if spectra.valid.all() else samples.take(spectra.valid)
    reporter.progress(0.1, "Looking for separate places")
    by_region = replace(with_data, groups=given.regions[spectra.valid])
    folds = make_folds(by_region, n_folds=N_FOLDS, guard_px=GUARD_PX, seed=0)
    notes += folds.notes
    reporter.check_cancelled()
    findings: list[Finding] = without_data(samples, spectra.valid)
    if given.features is not None:
        names = {item.value: item.name for item in legend}
        findings += geometry_findings(
            given.features,
            names,
            np.unique(samples.groups),
            given.grid,
            reporter,
            all_touched=given.all_touched,
        )
    quick = quick_test(spectra, folds, GUARD_PX, PhaseReporter(reporter, 0.3, 0.8))
    pairs, hardly, space, odd, unsearched = _by_spectra(spectra, word, notes)
    findings += odd
    reporter.check_cancelled()
    if len(spectra.samples) < len(with_data):
        notes.append(
            f"Spectra of {len(spectra.samples):,} of {len(with_data):,} labelled pixels were examined, spread evenly over"
            f" classes and {word}s."
        )
    classes = _classes(given, with_data, folds, quick, hardly)
    tested = None if quick is None else quick.accuracy
    return LabelCheck(
        verdict=verdict_on(
            classes,
            pairs,
            findings,
            feature_word=word,
            n_folds=folds.n_folds,
            hardly=int(np.count_nonzero(np.triu(hardly, 1))),
        ),
        feature_word=word,
        classes=classes,
        bands=given.used,
        wavelength_nm=given.bands.wavelength_nm,
        pairs=pairs,
        components=0 if space is None else space.n_components,
        explained=0.0 if space is None else space.explained,
        findings=sort_findings(findings),
        unsearched=unsearched,
        overall_accuracy=None if tested is None else tested.overall_accuracy,
        average_accuracy=None if tested is None else tested.average_accuracy,
        folds=folds.to_json(),
        examined=len(spectra.samples),
        notes=tuple(dict.fromkeys(notes)),
    )


def feature_word(features: LabelFeatures | None) -> str:
    """What one label is called: polygon, point, feature if both occur, or region of a label raster."""
    if features is None:
        return "region"
    kinds = {geometry.geom_type for geometry in features.parts.geometries}
    return "polygon" if kinds <= _AREAS else "point" if kinds <= _POINTS else "feature"


def square_metres(grid: Grid) -> float | None:
    """Area of a pixel in square metres; None if the CRS has no unit of length."""
    if grid.crs is None:
        return None
    crs = CRS.from_user_input(grid.crs)
    if not crs.is_projected or not crs.axis_info:
        return None
    return abs(float(grid.transform.determinant)) * float(crs.axis_info[0].unit_conversion_factor) ** 2


def _by_spectra(
    spectra: LabelledSpectra, word: str, notes: list[str]
) -> tuple[tuple[PairSummary, ...], npt.NDArray[np.bool_], SpectralSpace | None, list[Finding], tuple[str, ...]]:
    """Pairs of classes, which of all can hardly be told apart (classes, classes), the space, odd polygons, and classes without a search."""
    samples = spectra.samples
    if samples.counts().max(initial=0) < 2:
        notes.append("No class has two pixels with data, so how well classes can be told apart is unknown.")
        return (), np.zeros((len(samples.legend),) * 2, dtype=bool), None, [], tuple(samples.legend.names)
    space = fit_space(spectra.values, samples.classes)
    points = space.project(spectra.values)
    distances = pair_distances(points, samples.classes, len(samples.legend))
    pairs = _pairs(distances, samples.legend, notes)
    odd = find_odd_polygons(points, samples.classes, samples.groups)
    counts = np.bincount(
        samples.classes[np.unique(samples.groups, return_index=True)[1]], minlength=len(samples.legend)
    )
    few = [name for name, n in zip(samples.legend.names, counts, strict=True) if 0 < n < FEWEST_POLYGONS]
    if few:
        notes.append(f"Not searched for odd {word}s, because they have fewer than {FEWEST_POLYGONS}: {named(few)}.")
    return pairs, distances < HARDLY, space, odd_findings(odd, samples.legend, word), tuple(few)


def _pairs(matrix: npt.NDArray[np.float64], legend: Legend, notes: list[str]) -> tuple[PairSummary, ...]:
    """The pairs of classes with pixels, the least separable first; of very many only these."""
    first, second = np.triu_indices(len(legend), 1)
    distances = matrix[first, second]
    known = np.flatnonzero(~np.isnan(distances))
    order = known[np.argsort(distances[known], kind="stable")]
    if len(order) > MOST_PAIRS:
        notes.append(
            f"Of {len(order):,} pairs of classes, the {MOST_PAIRS:,} that are hardest to tell apart are listed."
        )
    found, items = [], list(legend)
    for at in order[:MOST_PAIRS].tolist():
        one, other = items[first[at]], items[second[at]]
        told_apart, text = pair_text((one.name, other.name), float(distances[at]))
        found.append(
            PairSummary(
                values=(one.value, other.value),
                names=(one.name, other.name),
                distance=float(distances[at]),
                told_apart=told_apart,
                text=text,
            )
        )
    return tuple(found)


def _classes(
    given: CheckInput, with_data: SampleSet, folds: Folds, quick: QuickTest | None, hardly: npt.NDArray[np.bool_]
) -> tuple[ClassSummary, ...]:
    samples, spectra = given.samples, given.spectra
    drawn, kept = samples.counts(), with_data.counts()
    word = feature_word(given.features)
    index_of = {name: index for index, name in enumerate(samples.legend.names)}
    pixel_m2 = square_metres(given.grid)
    summaries, nothing = [], np.empty(0, dtype=np.int64)
    of_class, examined = members_of_classes(with_data.classes), members_of_classes(spectra.samples.classes)
    features = _count_features(given)
    for index, item in enumerate(samples.legend):
        here = of_class.get(index, nothing)
        places, tested = folds.places_of(here), bool((folds.fold[here] >= 0).any())
        own = spectra.values[examined.get(index, nothing)]
        pixels, lost = int(kept[index]), int(drawn[index] - kept[index])
        recognised, taken_for = _recognised(quick, index)
        summaries.append(
            ClassSummary(
                item=item,
                features=int(features[index]),
                pixels=pixels,
                pixels_without_data=lost,
                area_m2=None if pixel_m2 is None else pixels * pixel_m2,
                places=places,
                tested=tested,
                mean=own.mean(axis=0, dtype=np.float64) if len(own) else None,
                deviation=own.std(axis=0, dtype=np.float64, ddof=min(1, len(own) - 1)) if len(own) else None,
                recognised=recognised,
                taken_for=taken_for,
                advice=class_advice(
                    feature_word=word,
                    pixels=pixels,
                    pixels_without_data=lost,
                    places=places,
                    tested=tested,
                    recognised=recognised,
                    taken_for=taken_for,
                    alike=taken_for is not None and bool(hardly[index, index_of[taken_for]]),
                ),
            )
        )
    return tuple(summaries)


def _recognised(quick: QuickTest | None, index: int) -> tuple[float | None, str | None]:
    """Share of the tested pixels of a class that were found, and the class that takes most of the others."""
    if quick is None or not quick.accuracy.support[index]:
        return None, None
    row = quick.accuracy.confusion[index].copy()
    share, row[index] = float(row[index] / quick.accuracy.support[index]), 0
    return share, quick.accuracy.legend.names[int(row.argmax())] if row.any() else None


def _count_features(given: CheckInput) -> npt.NDArray[np.int64]:
    """Features of each class, (classes,): as drawn, or the connected regions of a raster."""
    samples = given.samples
    if given.features is None:
        return regions_of_classes(samples)
    present = np.unique(given.features.parts.feature)
    values = np.sort(given.features.values[present])
    legend = samples.legend.values
    return np.searchsorted(values, legend, side="right") - np.searchsorted(values, legend)


def full_legend(legend: Legend, features: LabelFeatures | None) -> Legend:
    """The classes of the labelled pixels, and those of the features that label none."""
    if features is None:
        return legend
    lost = set(features.values[features.values > 0].tolist()) - set(legend.values.tolist())
    names = {c.value: c.name for c in legend} | {v: features.names.get(v, str(v)) for v in lost}
    colours = {c.value: c.colour for c in legend} | {v: features.colours.get(v, _GREY) for v in lost}
    return Legend.of(names, colours)


_GREY = "#9aa0a6"
