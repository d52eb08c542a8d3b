"""From labels to samples and their split, as the parameters of training ask for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import LabelError, ParameterError
from ...io.labels.labels import Labels, read_labels, read_legend, read_split
from ...io.labels.more_labels import with_more_labels
from ...io.samples.lost_design import are_reference_points
from ...pixels.grid import Grid
from ...pixels.labelled_pixels import LabelledPixels
from ...pixels.samples import SampleSet
from ...reporting import Reporter
from ...splitting.blocks import block_split
from ...splitting.folds import Folds, make_folds
from ...splitting.split import Split
from ...splitting.strategies import given_split, polygon_split, random_split
from .parameters import TrainClassifierParams
from .recipes import n_folds


def read_training_labels(params: TrainClassifierParams, grid: Grid, reporter: Reporter | None = None) -> Labels:
    """The labels on the grid of the scene.

    Raises
    ------
    LabelError, MismatchError : they cannot be read, or lie elsewhere.
    ParameterError : a field of more labels is named, but no more labels.
    """
    if params.more_class_field is not None and params.more_labels is None:
        raise ParameterError(
            f"A class field of more labels is given ('{params.more_class_field}'), but no more labels.",
            code="more_labels",
            hint="Leave out 'more_class_field', or set 'more_labels' to the file.",
        )
    legend = None if params.legend is None else read_legend(params.legend)
    labels = read_labels(
        params.labels,
        grid,
        layer=params.layer,
        class_field=params.class_field,
        name_field=params.name_field,
        colour_field=params.color_field,
        overlap=params.overlap,
        all_touched=params.all_touched,
        resampling=params.resampling,
        legend=legend,
        reporter=reporter,
    )
    if params.more_labels is not None:
        labels = with_more_labels(labels, _more_labels(params, params.more_labels, grid))
    labels = replace(labels, warnings=(*labels.warnings, *_meant_for_accuracy(params)))
    return labels if params.MOST_PIXELS is None else _thinned(labels, params.MOST_PIXELS)


def _meant_for_accuracy(params: TrainClassifierParams) -> tuple[str, ...]:
    """A warning if the labels are points that were drawn to assess a map: trained on, they can no longer."""
    files = [(params.labels, params.layer)]
    files += [] if params.more_labels is None else [(params.more_labels, None)]
    return tuple(
        f"{path.name} holds points from Sample reference points, which are for the accuracy of a map: a map from a model that was"
        " trained with them cannot be assessed with them. Train with other labels, and keep these for Assess map."
        for path, layer in files
        if are_reference_points(path, layer)
    )


def _more_labels(params: TrainClassifierParams, path: Path, grid: Grid) -> Labels:
    return read_labels(
        path,
        grid,
        class_field=params.more_class_field,
        overlap=params.overlap,
        all_touched=params.all_touched,
        resampling=params.resampling,
    )


def _thinned(labels: Labels, most: int) -> Labels:
    """The labels with at most this many pixels, spread over classes and polygons; a note states it."""
    pixels = labels.pixels
    if len(pixels) <= most:
        return labels
    from ...label_check.spectra import spread_indices

    at = spread_indices(pixels.values, pixels.groups, most)
    parts = {name: getattr(pixels, name)[at] for name in ("rows", "cols", "values", "groups")}
    return replace(
        labels,
        pixels=LabelledPixels(**parts, shape=pixels.shape),
        features=None,
        notes=(
            *labels.notes,
            f"{most:,} of {len(pixels):,} labelled pixels are used, spread over classes and polygons.",
        ),
    )


def collect_samples(
    params: TrainClassifierParams, labels: Labels, valid: npt.NDArray[np.bool_]
) -> tuple[SampleSet, tuple[str, ...]]:
    """The labelled pixels that can be used, and notes on those that cannot.

    ``valid`` (n,) marks which of the labelled pixels the scene has data on.
    """
    samples, left_out = SampleSet.from_labels(labels.pixels, labels.legend, valid)
    kept, dropped = samples.require_classes(params.min_samples, params.small_classes)
    return kept, (*left_out, *dropped)


def split_samples(params: TrainClassifierParams, samples: SampleSet, grid: Grid, radius: int) -> Split | None:
    """The split that was asked for, a given one before a strategy; None if all labels are trained on.

    ``radius`` is that of the largest patch, in pixels.

    Raises
    ------
    LabelError : the split cannot be made, or leaves fewer than two classes to train on.
    """
    if params.split_source is not None:
        side = read_split(params.split_source, grid, samples.rows, samples.cols, split_field=params.split_field)
        return _checked(given_split(samples, side, radius=radius), samples)
    if params.split in ("folds", "none"):
        return None
    return _checked(_by_strategy(params.split, params, samples, radius), samples)


def comparison_split(params: TrainClassifierParams, samples: SampleSet, radius: int) -> Split | None:
    """The split of the second training, None if none was asked for; errors as :func:`split_samples`."""
    if params.compare_split == "none":
        return None
    return _checked(_by_strategy(params.compare_split, params, samples, radius), samples)


def _by_strategy(strategy: str, params: TrainClassifierParams, samples: SampleSet, radius: int) -> Split:
    shares: dict[str, Any] = {
        "radius": radius,
        "train_share": params.train_share,
        "validation_share": params.validation_share,
        "seed": params.seed,
    }
    if strategy == "blocks":
        return block_split(samples, **shares, block_px=params.block_size)
    return random_split(samples, **shares) if strategy == "random" else polygon_split(samples, **shares)


def _checked(split: Split, samples: SampleSet) -> Split:
    if len(np.unique(samples.classes[split.train])) < 2:
        raise LabelError(
            f"The split leaves training pixels of only one class ({len(split.train)} pixels).",
            code="one_training_class",
            hint="Label more places, raise the training share, or choose another split.",
        )
    return split


def folds_of(
    params: TrainClassifierParams,
    samples: SampleSet,
    guard_px: int,
    mismatch: Callable[[Folds], float] | None,
    *,
    of_all: bool,
) -> Folds:
    """Folds of ``samples``.

    ``of_all``: these are all labelled pixels, so that block size and distances of the map count; otherwise they are the
    training side of a split, on which methods are compared only. ``mismatch`` is that of :func:`.mismatch_with`.
    """
    return make_folds(
        samples,
        n_folds=n_folds(params),
        guard_px=guard_px,
        seed=params.seed,
        block_px=params.block_size if of_all else None,
        mismatch=mismatch if of_all and params.match_distances else None,
    )
