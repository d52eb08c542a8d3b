"""Importance of bands: train the method of a model by folds, permute what its models see of held-out pixels, write."""

from __future__ import annotations

import time

import numpy as np

from ...bundle.model_file import read_bundle
from ...errors import LabelError
from ...inference.denoising.denoised_reader import as_seen_by
from ...io.scenes.scene import SceneReader, open_scene
from ...label_check.spectra import spread_indices
from ...phrases import counted
from ...pixels.samples import IndexArray
from ...reporting import PhaseReporter, Reporter
from ...runtime.device import describe_device, resolve_device
from ...selection.cross_fit import cross_fit
from ...selection.importance import (
    HeldOutPatches,
    HeldOutPredictions,
    class_accuracies,
    most_patches,
    read_patches,
)
from ...spectrum.band_groups import RULE, band_order, group_bands
from ...splitting.folds import Folds, make_folds
from ...training.fit import Fitter
from ...training.recipe import Recipe
from ..definition.scene_input import scene_reading
from ..model_information.accuracy import method_of
from ..train_classifier.preparation import Prepared, prepare
from .files import write_files
from .measure import Drops, Measure, components_of
from .method import RecordedMethod, recorded_method
from .operation import BandImportanceParams, BandImportanceResult, ComponentImportance, GroupImportance
from .words import LIMITS, headline_of

_PREPARED, _TRAINED, _PERMUTED = 0.1, 0.5, 0.95


def run(params: BandImportanceParams, reporter: Reporter) -> BandImportanceResult:
    """Find the importance of the bands; the files appear when all of them are finished.

    Raises
    ------
    BundleError : the model does not say how it was trained.
    LabelError : the labels allow no held-out test.
    HsiError : of the family of whatever else is wrong: scene, labels, device, outputs.
    """
    started = time.perf_counter()
    device = resolve_device(params.device)
    bundle = read_bundle(params.model)
    method = recorded_method(params, bundle, method_of(bundle))
    with open_scene(params.scene, **scene_reading(method.params)) as opened:
        reader = as_seen_by(bundle, opened, device)
        recipes: list[Recipe] = []

        def recipes_of(n_bands: int) -> list[Recipe]:
            recipes[:] = method.recipes_of(n_bands)
            return recipes

        prepared = prepare(method.params, reader, PhaseReporter(reporter, 0.0, _PREPARED), recipes_of=recipes_of)
        folds = _folds(params, prepared)
        prepared.notes.add(*folds.notes, *method.notes)
        patch = max(recipe.patch_size for recipe in prepared.recipes)
        tested = _held_out(params, reader, prepared, folds, patch, reporter)
    reporter.log(_training_cost(method, folds, len(prepared.recipes)))
    cubes = prepared.cubes.to(device)
    fitter = Fitter(device=device, precision=method.params.precision, n_classes=len(prepared.samples.legend))
    members = [
        cross_fit(
            recipe,
            folds,
            cubes,
            fitter,
            PhaseReporter(reporter, *_share(number, len(prepared.recipes))),
            task="Training without the held-out pixels",
        )
        for number, recipe in enumerate(prepared.recipes)
    ]
    predictions = HeldOutPredictions(members, cubes, tested, device)
    result = _result(params, prepared, folds, tested, predictions, method, reporter)
    result = result.model_copy(update={"device": describe_device(device), "seconds": time.perf_counter() - started})
    reporter.check_cancelled()
    reporter.progress(_PERMUTED, "Writing the results")
    write_files(params, result, prepared, tested, reporter)
    return result


def _share(number: int, count: int) -> tuple[float, float]:
    step = (_TRAINED - _PREPARED) / count
    return _PREPARED + number * step, _PREPARED + (number + 1) * step


def _folds(params: BandImportanceParams, prepared: Prepared) -> Folds:
    folds = make_folds(
        prepared.samples,
        n_folds=params.folds,
        guard_px=prepared.radius,
        seed=params.seed,
        block_px=params.block_size,
    )
    if not folds.n_folds:
        why = " ".join(folds.notes).removeprefix("The accuracy is not known: ")
        raise LabelError(
            f"No labelled pixel can be held out: {why}",
            code="no_folds",
            hint="Label every class in two or more separate places.",
        )
    return folds


def _held_out(
    params: BandImportanceParams,
    reader: SceneReader,
    prepared: Prepared,
    folds: Folds,
    patch_size: int,
    reporter: Reporter,
) -> HeldOutPatches:
    """Tested pixels, as many of each class as there are or fit, drawn at random, with their patches."""
    tested = np.flatnonzero(folds.fold >= 0)
    preprocessing = prepared.cubes.preprocessing
    room = most_patches(len(preprocessing.bands), patch_size)
    classes = folds.samples.classes[tested]
    # Each pixel for itself: within a class, all have the same chance, as in the accuracies of a training.
    chosen = tested[spread_indices(classes, np.arange(len(tested)), min(params.pixels, room))]
    if room < min(params.pixels, len(tested)):
        prepared.notes.add(
            f"{len(chosen):,} held-out pixels are used: patches of {patch_size}×{patch_size} pixels of more would not fit into"
            " memory."
        )
    return read_patches(
        reader,
        preprocessing,
        folds.samples.take(chosen),
        folds.fold[chosen],
        patch_size=patch_size,
        check_cancelled=reporter.check_cancelled,
    )


def _training_cost(method: RecordedMethod, folds: Folds, recipes: int) -> str:
    what = counted(folds.n_folds * recipes, "training")
    took = ""
    if method.seconds is not None and method.seconds >= 1:
        what_took = (
            "In the folds of the model, training and testing" if method.in_folds else "The training of the model"
        )
        took = f" {what_took} took {method.seconds:.0f} s."
    return f"{method.title} is trained again for each of {folds.n_folds} folds: {what}.{took}"


def _result(
    params: BandImportanceParams,
    prepared: Prepared,
    folds: Folds,
    tested: HeldOutPatches,
    predictions: HeldOutPredictions,
    method: RecordedMethod,
    reporter: Reporter,
) -> BandImportanceResult:
    """Everything but device and time."""
    table, samples = prepared.cubes.preprocessing.bands, tested.samples
    order = band_order(table.wavelength_nm)
    groups = group_bands(tested.spectra, order, correlation=params.correlation, most=params.groups)
    parts = components_of(prepared.cubes, prepared.recipes)
    own = np.arange(len(samples))
    started = time.perf_counter()
    before = class_accuracies(predictions.predict(own, check_cancelled=reporter.check_cancelled), samples)
    once = time.perf_counter() - started
    count = params.repeats * (len(groups) + len(parts))
    reporter.log(
        f"Permuting {counted(len(groups), 'group')} of bands and {counted(len(parts), 'component')}, {params.repeats} times each, for"
        f" {len(samples):,} held-out pixels: about {count * once:.0f} s."
    )
    measure = Measure(predictions, tested, before, params, count, PhaseReporter(reporter, _TRAINED, _PERMUTED))
    found = [measure.drops(f"group {number}", bands=group) for number, group in enumerate(groups)]
    of_parts = [
        measure.drops(f"component {branch}.{channel}", component=(branch, channel)) for branch, channel in parts
    ]
    listed_groups = [_group(prepared, group, drops) for group, drops in zip(groups, found, strict=True)]
    branches = prepared.cubes.preprocessing.branches
    components = [
        ComponentImportance(reduction=str(branches[branch].kind).upper(), number=channel + 1, **drops.values)
        for (branch, channel), drops in zip(parts, of_parts, strict=True)
    ]
    return BandImportanceResult(
        report=params.report,
        table=params.table,
        method=method.title,
        headline=headline_of(listed_groups),
        average_accuracy=float(np.nanmean(before)),
        tested_pixels=len(samples),
        folds=folds.n_folds,
        unit_name=folds.unit_name,
        repeats=params.repeats,
        groups=listed_groups,
        components=components,
        rule=RULE.format(correlation=params.correlation, most=params.groups),
        limits=list(LIMITS),
        notes=list(prepared.notes.texts),
        device="",
        seconds=0.0,
    )


def _group(prepared: Prepared, group: IndexArray, drops: Drops) -> GroupImportance:
    preprocessing = prepared.cubes.preprocessing
    wavelengths = [preprocessing.bands.wavelength_nm[at] for at in group.tolist()]
    worst = int(np.nanargmax(drops.of_class))
    return GroupImportance(
        bands=sorted(preprocessing.band_indices[at] + 1 for at in group.tolist()),
        first_nm=wavelengths[0],
        last_nm=wavelengths[-1],
        most_affected=prepared.samples.legend.names[worst],
        most_affected_drop=float(drops.of_class[worst]),
        **drops.values,
    )
