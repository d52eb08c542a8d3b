"""The settings of a training: how labels are read and kept apart; those of a method stand in ``method_options``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ...models.registry import architectures
from ..definition.base import OperationParams, parameter
from ..definition.label_input import ClassField, LabelReading
from ..definition.scene_input import BandChoice
from .method_options import MethodOptions

EFFORTS = {"quick": "Quick", "standard": "Standard", "thorough": "Thorough"}
_PLACES = {
    "folds": "Separate places",
    "blocks": "Separate places (part for training)",
    "random": "Random pixels (leaks)",
    "polygons": "Whole polygons (part for training)",
    "none": "Nothing",
}
_MODELS = {"auto": "Automatic", **{name: architecture.title for name, architecture in architectures().items()}}


class MethodChoice(OperationParams):
    """What is compared."""

    model: str = parameter(
        "auto",
        title="Method",
        description="auto: compares several methods on the same test places, picks the best and trains it on all labels. Or choose one method.",
        kind="choice",
        choices=_MODELS,
    )
    effort: Literal["quick", "standard", "thorough"] = parameter(
        "standard",
        title="Effort",
        description="How many methods the automatic choice compares. quick: seconds to minutes; standard: minutes; thorough: all methods including HybridSN, which takes longest.",
        kind="choice",
        choices=EFFORTS,
    )


class CheckOptions(OperationParams):
    """Which labels count, and how they are kept apart to test the methods that are compared."""

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
        choices={"error": "Stop", "drop": "Leave them out"},
        advanced=True,
    )
    split: Literal["folds", "blocks", "random", "polygons", "none"] = parameter(
        "folds",
        title="Check accuracy on",
        description="folds: separate places, each tested by a model trained elsewhere; the map uses all labels. none: no check; the map uses all labels. The other checks train on part of the labels and test on the rest. blocks: separate places; polygons: whole polygons; random: single pixels, as in most of the literature, which leaks.",
        kind="choice",
        choices=_PLACES,
    )
    compare_split: Literal["none", "blocks", "random", "polygons"] = parameter(
        "none",
        title="Also state the accuracy with",
        description="Train a second model on part of the labels, split in this way, for comparison only.",
        kind="choice",
        choices={"none": "Nothing else", **{split: _PLACES[split] for split in ("blocks", "random", "polygons")}},
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
    match_distances: bool = parameter(
        False,
        title="Match the distances of the map",
        description="With separate places: of all folds that test as many classes, take those whose tested pixels are most nearly as far from training pixels as those of the map, not those with the largest blocks.",
        kind="boolean",
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


class LabelOptions(BandChoice, CheckOptions, LabelReading, MethodChoice, ClassField):
    """How labels are read and tested with. Of several parents, the last one's fields come first."""


class TrainingOptions(MethodOptions, LabelOptions):
    """All settings of a training. Of several parents, the last one's fields come first."""

    @property
    def denoises(self) -> bool:
        """Whether the scene is denoised before anything else: these settings name no denoiser."""
        return False
