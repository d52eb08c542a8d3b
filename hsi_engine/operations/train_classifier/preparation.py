"""The first step of a training: labels, bands, preprocessing, patches, samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ...bundle.denoiser import DenoisingStep
from ...data.page_store import IN_MEMORY_BYTES
from ...errors import ParameterError, SceneError
from ...io.labels.labels import Labels
from ...io.scenes.scene import SceneReader, UsableBands
from ...pixels.grid import Grid
from ...pixels.labelled_pixels import LabelledPixels
from ...pixels.samples import SampleSet
from ...pixels.thinned_pixels import ThinnedPixels
from ...preprocess.branch import ReductionSettings
from ...preprocess.chain import Preprocessing
from ...preprocess.fitting import fit_preprocessing
from ...preprocess.linear_reduction import TOO_FEW_PIXELS
from ...reporting import PhaseReporter, Reporter
from ...selection.smoothing_choice import REACH_PX
from ...selection.trust import space_of
from ...spectrum.class_spectra import ClassSpectrum, SpectrumSums
from ...training.cubes import CubePlan, Cubes
from ...training.recipe import Recipe
from ...training.reduction import check_patch_fits, reduce_scene
from ..definition.output_check import check_scene_is_kept
from ..parts.denoising import denoised_for, find_denoiser
from ..parts.notes import Notes
from ..parts.second_source import choose_bands_of_both, undeclared_fill_of
from ..parts.trained_scene import TrainedScene, describe_trained_scene
from .parameters import TrainClassifierParams
from .recipes import candidate_recipes, untested_recipes
from .samples import collect_samples, read_training_labels
from .warm_start import WarmStart, recipes_from

GUIDE = ReductionSettings(kind="pca", n_components=3, whiten=1.0)
"""What guides the smoothing: the first principal components, each of unit variance; of the scene, not of a second raster."""

_LEAST_GUIDE_BANDS = 3
# Edge of a page of the cube of many channels, and bytes of a number in it.
_PAGE_PX, _FLOAT_BYTES = 16, 4


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """What is known before training begins.

    Parameters
    ----------
    recipes : what is compared, the cheapest first.
    untested : what is trained if nothing can be compared.
    cubes : a cube for each reduction of a recipe, and one for the guide of the smoothing if ``can_smooth``.
    samples : the labelled pixels with data.
    space : the reduction in which spectra are compared to say where the model may be trusted; it has a cube.
    can_smooth : the cubes have room for smoothing to be tried.
    guide : the reduction that guides it.
    denoising : what was done to the bands before all of this; None: nothing.
    warm_start : what the record says of the model that the training starts from; None if it starts afresh.
    scene : what the model keeps of the scene.
    with_data : row and col of pixels with data from all over the scene, int64 (n, 2).
    class_spectra : of all labelled pixels with data, in the order of the legend of the samples.
    """

    grid: Grid
    recipes: tuple[Recipe, ...]
    untested: tuple[Recipe, ...]
    cubes: Cubes
    samples: SampleSet
    space: ReductionSettings
    can_smooth: bool
    guide: ReductionSettings
    denoising: DenoisingStep | None
    warm_start: dict[str, Any] | None
    scene: TrainedScene
    with_data: npt.NDArray[np.int64]
    class_spectra: tuple[ClassSpectrum | None, ...]
    notes: Notes

    @property
    def radius(self) -> int:
        """Of the largest patch of a recipe, in pixels."""
        return max(recipe.radius for recipe in self.recipes)


def prepare(
    params: TrainClassifierParams,
    reader: SceneReader,
    reporter: Reporter,
    warm: WarmStart | None = None,
    recipes_of: Callable[[int], Sequence[Recipe]] | None = None,
) -> Prepared:
    """Read labels and scene.

    ``warm`` is the model that the training starts from; ``recipes_of`` makes the recipes from the number of bands.

    Raises
    ------
    HsiError : of the family of whatever is wrong: parameters, scene, labels.
    """
    scene = reader.scene
    check_scene_is_kept(params, scene)
    notes = Notes(reporter)
    notes.add(*scene.warnings, warn=True)
    # Labels come before the pixels: most mistakes are found there, in a moment.
    labels = _labels(params, scene.grid, notes, PhaseReporter(reporter, 0.0, 0.02))
    usable = warm.usable if warm else choose_bands_of_both(reader, params.bands, PhaseReporter(reporter, 0.02, 0.05))
    notes.add(usable.describe(scene))
    notes.add(*undeclared_fill_of(reader, usable.indices, reporter.check_cancelled), warn=True)
    n_bands, second = len(usable.indices), scene.second_bands
    recipes, untested = _recipes(params, warm, n_bands, second, recipes_of)
    recipes = _that_fit(params, recipes, scene.grid.shape, notes)
    plan = _plan([*recipes, *untested])
    guide, space = (_without_second(one, second) for one in (GUIDE, space_of(n_bands - second)))
    plan, can_smooth = _room_for_smoothing(params, plan, guide, labels.pixels, n_bands, notes)
    plan = CubePlan(patches={**plan.patches, space: plan.patches.get(space, 1)})
    phase, last = PhaseReporter(reporter, 0.3, 0.6), PhaseReporter(reporter, 0.6, 1.0)
    clean, denoising = _without_noise(params, reader, usable, warm, notes, PhaseReporter(reporter, 0.05, 0.3))
    seen = ThinnedPixels(scene.grid.shape)
    preprocessing, recipes, plan = _fitted(params, clean, usable, recipes, plan, space, guide, notes, phase, seen)
    if warm is not None:
        preprocessing = warm.with_its_view(preprocessing)
    folder, sums = params.output.parent, SpectrumSums(preprocessing.mean_spectrum)
    cubes, valid = reduce_scene(clean, preprocessing, plan, labels.pixels, folder=folder, reporter=last, sums=sums)
    samples, left_out = collect_samples(params, labels, valid)
    notes.add(*left_out, warn=True)
    if warm is not None:
        notes.add(warm.describe(samples.legend))
        recipes[-1:] = untested = [warm.begin(recipes[-1], samples.legend)]
    return Prepared(
        grid=scene.grid,
        recipes=tuple(recipes),
        untested=tuple(untested),
        cubes=cubes,
        samples=samples,
        space=space,
        can_smooth=can_smooth and guide in plan.patches,
        guide=guide,
        denoising=denoising,
        warm_start=None if warm is None else warm.record(samples.legend),
        scene=describe_trained_scene(reader, usable.indices, reporter),
        with_data=seen.positions,
        class_spectra=tuple(sums.of(item.value) for item in samples.legend),
        notes=notes,
    )


def _without_noise(
    params: TrainClassifierParams,
    reader: SceneReader,
    usable: UsableBands,
    warm: WarmStart | None,
    notes: Notes,
    reporter: Reporter,
) -> tuple[SceneReader, DenoisingStep | None]:
    """The scene as training sees it, and what removes its noise: the denoiser of the model that it starts from, if it has one."""
    step = warm.bundle.denoising if warm else find_denoiser(params, reader, usable, notes, reporter)
    return (reader if step is None else denoised_for(params, reader, usable, step)), step


def _labels(params: TrainClassifierParams, grid: Grid, notes: Notes, reporter: Reporter) -> Labels:
    """The labels, refused if they could not be trained on even if all of their pixels have data."""
    labels = read_training_labels(params, grid, reporter)
    notes.add(*labels.warnings, warn=True)
    notes.add(*labels.notes)
    collect_samples(params, labels, np.ones(len(labels.pixels), dtype=bool))
    return labels


def _without_second(reduction: ReductionSettings, second_bands: int) -> ReductionSettings:
    """The reduction on the bands of the scene only, whatever comes after them."""
    return replace(reduction, second_bands=second_bands, keeps_second=not second_bands)


def _recipes(
    params: TrainClassifierParams,
    warm: WarmStart | None,
    n_bands: int,
    second_bands: int,
    recipes_of: Callable[[int], Sequence[Recipe]] | None,
) -> tuple[list[Recipe], list[Recipe]]:
    """What is compared, and what is trained if nothing can be compared."""
    if recipes_of is not None:
        return list(recipes_of(n_bands)), []
    if warm is None:
        return candidate_recipes(params, n_bands, second_bands), untested_recipes(params, n_bands, second_bands)
    recipes = recipes_from(params, warm, n_bands, second_bands)
    return recipes, recipes[-1:]


def _fitted(
    params: TrainClassifierParams,
    reader: SceneReader,
    usable: UsableBands,
    recipes: list[Recipe],
    plan: CubePlan,
    space: ReductionSettings,
    guide: ReductionSettings,
    notes: Notes,
    reporter: Reporter,
    seen: ThinnedPixels | None,
) -> tuple[Preprocessing, list[Recipe], CubePlan]:
    """The preprocessing fitted to the scene, and what can be compared on it."""
    settings: dict[str, Any] = {"reporter": reporter, "unasked": {space} - _asked(recipes)}
    try:
        found = fit_preprocessing(
            reader, usable, plan.reductions, enough_pixels=params.ENOUGH_PIXELS, seen=seen, **settings
        )
    except SceneError as error:
        if params.model != "auto" or not error.code.endswith(TOO_FEW_PIXELS):
            raise
        recipes, plan = _without_mnf(recipes, plan)
        notes.add(f"No method is compared on MNF components. {error.message}", warn=True)
        found = fit_preprocessing(reader, usable, plan.reductions, **settings)
    except ParameterError as error:
        if guide not in plan.patches or guide in _asked(recipes) or not error.code.endswith("n_components"):
            raise
        notes.add(
            f"The map is not smoothed: that takes {guide.n_components} components that vary, and spectra without any noise have fewer.",
            warn=True,
        )
        plan = replace(plan, patches={one: edge for one, edge in plan.patches.items() if one != guide})
        return _fitted(params, reader, usable, recipes, plan, space, guide, notes, reporter, None)
    return found, recipes, plan


def _that_fit(
    params: TrainClassifierParams, recipes: list[Recipe], shape: tuple[int, int], notes: Notes
) -> list[Recipe]:
    """The recipes whose patches fit the scene; an automatic choice leaves the others out."""
    kept = []
    for recipe in recipes:
        try:
            notes.add(*check_patch_fits(recipe.patch_size, shape), warn=True)
        except ParameterError:
            if params.model != "auto":
                raise
            notes.add(f"{recipe.title} is left out: its patch is larger than the scene.")
            continue
        kept.append(recipe)
    return kept


def _room_for_smoothing(
    params: TrainClassifierParams,
    plan: CubePlan,
    guide: ReductionSettings,
    pixels: LabelledPixels,
    n_bands: int,
    notes: Notes,
) -> tuple[CubePlan, bool]:
    """The plan with the surroundings that testing a smoothed map needs, if it is to be tested and they fit into memory."""
    tested = params.smooth and params.split == "folds" and params.split_source is None
    if not tested or n_bands - guide.second_bands < _LEAST_GUIDE_BANDS:
        return plan, False
    roomy = CubePlan(patches={**plan.patches, guide: max(plan.patches.get(guide, 1), 1)}).with_margin(REACH_PX)
    if _bytes(roomy, pixels, n_bands) > IN_MEMORY_BYTES:
        notes.add("The labels are too widely spread to test smoothing in memory, so the map is not smoothed.")
        return plan, False
    return roomy, True


def _without_mnf(recipes: list[Recipe], plan: CubePlan) -> tuple[list[Recipe], CubePlan]:
    patches = {reduction: edge for reduction, edge in plan.patches.items() if reduction.kind != "mnf"}
    return [recipe for recipe in recipes if recipe.reduction.kind != "mnf"], replace(plan, patches=patches)


def _asked(recipes: list[Recipe]) -> set[ReductionSettings]:
    return {recipe.reduction for recipe in recipes}


def _plan(recipes: list[Recipe]) -> CubePlan:
    patches: dict[ReductionSettings, int] = {}
    for recipe in recipes:
        patches[recipe.reduction] = max(patches.get(recipe.reduction, 1), recipe.patch_size)
    return CubePlan(patches=patches)


def _bytes(plan: CubePlan, pixels: LabelledPixels, n_bands: int) -> int:
    """What the cubes of a plan hold at most: the pages of the labelled pixels with their margins."""
    pages = len(np.unique(np.stack([pixels.rows // _PAGE_PX, pixels.cols // _PAGE_PX]), axis=1).T)
    per_page = sum(
        (reduction.n_components or n_bands) * (_PAGE_PX + patch - 1) ** 2 for reduction, patch in plan.patches.items()
    )
    return _FLOAT_BYTES * per_page * pages
