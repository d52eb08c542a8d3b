"""The settings of a training: how labels are read and kept apart; those of a method stand in ``method_options``."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any, Literal

from ..definition.base import OperationParams, parameter
from .method_options import MethodOptions

ModelName = Literal["auto", "logistic_regression", "lda", "svm", "random_forest", "spectral_cnn", "hybridsn"]
"""``auto``, and the names of the registry; a test holds both together."""


class LabelOptions(OperationParams):
    """How labels are read, and how they are kept apart to test the methods that are compared."""

    class_field: str | None = parameter(
        None,
        title="Class field",
        description="Field with the class of each feature. Integers are used as class values; names are numbered automatically.",
        kind="field",
        of="labels",
    )
    model: ModelName = parameter(
        "auto",
        title="Method",
        description="auto: compares several methods on the same test places, picks the best and trains it on all labels. Or choose one method.",
        kind="choice",
    )
    effort: Literal["quick", "standard", "thorough"] = parameter(
        "standard",
        title="Effort",
        description="How many methods the automatic choice compares. quick: seconds to minutes; standard: minutes; thorough: all methods including HybridSN, which takes longest.",
        kind="choice",
    )
    name_field: str | None = parameter(
        None,
        title="Name field",
        description="Field with class names; detected automatically if it is named class_name, name or label.",
        kind="field",
        of="labels",
        advanced=True,
    )
    color_field: str | None = parameter(
        None,
        title="Colour field",
        description="Field with class colours as #rrggbb; detected automatically if it is named color or colour.",
        kind="field",
        of="labels",
        advanced=True,
    )
    layer: str | None = parameter(
        None,
        title="Layer",
        description="Layer to read, if the vector file has several.",
        kind="layer",
        of="labels",
        advanced=True,
    )
    legend: Path | None = parameter(
        None,
        title="Legend",
        description="Class values, names and colours from JSON or a QGIS style (.qml); other classes are left out.",
        kind="legend_file",
        advanced=True,
    )
    overlap: Literal["drop", "first", "last", "error"] = parameter(
        "drop",
        title="Overlapping polygons",
        description="Label of a pixel covered by polygons of different classes: none, the first, the last; or stop with an error.",
        kind="choice",
        advanced=True,
    )
    all_touched: bool = parameter(
        False,
        title="All touched pixels",
        description="Label every pixel a polygon touches, not only those whose centre lies inside.",
        kind="boolean",
        advanced=True,
    )
    resampling: Literal["refuse", "nearest", "majority"] = parameter(
        "refuse",
        title="Resampling of labels",
        description="How to resample a label raster that is not on the grid of the scene.",
        kind="choice",
        advanced=True,
    )
    min_samples: int = parameter(
        1,
        title="Smallest class",
        description="Classes with fewer labelled pixels than this count as small classes.",
        kind="integer",
        unit="px",
        ge=1,
        advanced=True,
    )
    small_classes: Literal["error", "drop"] = parameter(
        "error",
        title="Small classes",
        description="Stop with an error, or leave small classes out.",
        kind="choice",
        advanced=True,
    )
    split: Literal["folds", "blocks", "random", "polygons", "none"] = parameter(
        "folds",
        title="Check accuracy on",
        description="folds: separate places, each tested by a model trained elsewhere; the map uses all labels. none: no check; the map uses all labels. The other checks train on part of the labels and test on the rest. blocks: separate places; polygons: whole polygons; random: single pixels, as in most of the literature, which leaks.",
        kind="choice",
    )
    compare_split: Literal["none", "blocks", "random", "polygons"] = parameter(
        "none",
        title="Also state the accuracy with",
        description="Train a second model on part of the labels, split in this way, for comparison only.",
        kind="choice",
    )
    split_source: Path | None = parameter(
        None,
        title="Given split",
        description="Raster or vector layer with 1 for training, 2 for validation and 3 for test; replaces the split above.",
        kind="split_source",
        advanced=True,
    )
    split_field: str | None = parameter(
        None,
        title="Split field",
        description="Field of a vector split that holds these values.",
        kind="field",
        of="split_source",
        advanced=True,
    )
    train_share: float = parameter(
        0.1,
        title="Training share",
        description="Share of the labelled pixels used for training, in checks that hold some back.",
        kind="number",
        gt=0,
        lt=1,
        advanced=True,
    )
    validation_share: float = parameter(
        0.0,
        title="Validation share",
        description="Share of the labelled pixels used to choose the best epoch of a network, in checks that hold some back. They are used for neither training nor testing.",
        kind="number",
        ge=0,
        lt=1,
        advanced=True,
    )
    folds: int | None = parameter(
        None,
        title="Folds",
        description="Number of folds. By default 3 with quick effort, otherwise 5, or as many as the labels allow.",
        kind="integer",
        ge=2,
        le=20,
        advanced=True,
    )
    smooth: bool = parameter(
        True,
        title="Smooth the map",
        description="Smooth between neighbouring pixels, but not across edges in the scene, if that makes the tested pixels more accurate.",
        kind="boolean",
    )
    time_limit: float | None = parameter(
        None,
        title="Time limit",
        description="Start no new method after this many minutes; the best of those compared by then is used.",
        kind="number",
        unit="min",
        gt=0,
        advanced=True,
    )
    block_size: int | None = parameter(
        None,
        title="Block size",
        description="Side length of the blocks of a block split. By default chosen to fit the scene.",
        kind="integer",
        unit="px",
        ge=2,
        advanced=True,
    )
    bands: str | None = parameter(
        None,
        title="Bands",
        description='Bands to use, such as "1-100, 450-900nm". By default all good bands.',
        kind="band_selection",
        advanced=True,
    )


class TrainingOptions(MethodOptions, LabelOptions):
    """All settings of a training. Of several parents, the last one's fields come first."""


def as_in_training(name: str) -> Any:
    """The parameter of that name with the title, default and bounds that it has in a training."""
    return copy(TrainingOptions.model_fields[name])
