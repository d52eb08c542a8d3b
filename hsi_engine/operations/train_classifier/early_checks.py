"""What is refused before any pixel is read, and what is said about the labels before training."""

from __future__ import annotations

import numpy as np

from ...errors import ParameterError
from ...models import registry
from ...pixels.grid import Grid
from ...pixels.samples import SampleSet
from .parameters import TrainClassifierParams
from .recipes import candidate_recipes

# Of the area of the scene: the rectangle around all labels.
_SMALL_PART = 0.3
# Stands in for the bands of the scene while these are not known yet.
_MANY_BANDS = 100_000


def check_settings(params: TrainClassifierParams) -> None:
    """Refuse before any pixel is read what would fail after minutes."""
    if params.init_from is None:  # otherwise the model file decides which settings belong to the method
        _check_second(params)
        candidate_recipes(params, _MANY_BANDS, second_bands=0 if params.second is None else 1)
    if params.model != "auto":
        architecture = registry.get(params.model)
        if params.patch_size is not None:
            registry.check_patch_size(architecture, params.patch_size)
    if params.freeze_features and params.init_from is None:
        raise ParameterError(
            "Parameter 'freeze_features' (Train the last layers only) needs a model to start from.",
            code="freeze_without_start",
            hint="Choose one with 'init_from', or leave freeze_features out.",
        )
    if params.denoise and params.denoiser is not None:
        raise ParameterError(
            "'denoise' fits a denoiser to the scene and 'denoiser' names a file, but only one can be applied.",
            code="denoiser",
            hint="Set one of 'denoise' and 'denoiser' only.",
        )
    check_folds_are_tested(
        "a given split" if params.split_source is not None else repr(params.split),
        params.split == "folds" and params.split_source is None,
        match_distances=params.match_distances,
    )
    if params.patience is not None and params.validation_share == 0 and params.split_source is None:
        raise ParameterError(
            "Parameter 'patience' (Patience) needs validation pixels to judge by, but the validation share is 0.",
            code="patience_without_validation",
            hint="Set a validation share, such as 0.05, or leave patience out.",
        )


def check_folds_are_tested(checked_on: str, is_folds: bool, *, match_distances: bool) -> None:
    """Raise ParameterError if the distances of the map are to be matched, but ``checked_on`` names something other than folds."""
    if match_distances and not is_folds:
        raise ParameterError(
            "Parameter 'match_distances' (Match the distances of the map) chooses among folds, but the accuracy is checked on"
            f" {checked_on}.",
            code="match_distances_without_folds",
            hint="Set 'split' to folds, so that separate places are tested, or leave match_distances out.",
        )


def _check_second(params: TrainClassifierParams) -> None:
    """A second raster belongs to methods that see one, and these need it."""
    methods = [name for name, known in registry.architectures().items() if known.second_source]
    if params.model in methods and params.second is None:
        raise ParameterError(
            f"The method {params.model!r} needs a second raster next to the scene, and none is given.",
            code="second_missing",
            hint="Name it with 'second', or choose another method.",
        )
    if params.second is not None and params.model not in methods:
        auto = "the automatic choice compares methods of the scene alone"
        why = auto if params.model == "auto" else f"the method {params.model!r} does not use one"
        raise ParameterError(
            f"Parameter 'second' (Second raster) is given, but {why}.",
            code="second_unused",
            hint=f"Set 'model' to {' or '.join(methods)}, or leave the second raster out.",
        )


def span_note(samples: SampleSet, grid: Grid) -> tuple[str, ...]:
    """A sentence if all labels lie in a small part of the scene, of which alone an accuracy can then speak."""
    if not len(samples):
        return ()
    height, width = (1 + int(np.ptp(at)) for at in (samples.rows, samples.cols))
    share = height * width / (grid.shape[0] * grid.shape[1])
    if share >= _SMALL_PART:
        return ()
    return (
        f"All labels lie within {100 * share:.0f} % of the scene; the rest may be mapped much worse. Label places all over"
        " the scene.",
    )
