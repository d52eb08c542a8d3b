"""The settings of a training: how labels are read, how pixels are split, the network and its optimisation."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ..definition.base import OperationParams, parameter
from .computing import device_parameter, processes_parameter

ModelName = Literal["auto", "logistic_regression", "lda", "svm", "random_forest", "spectral_cnn", "hybridsn"]
"""``auto``, and the names of the registry; a test holds both together."""


class TrainingOptions(OperationParams):
    """How labels are read, kept apart and learned."""

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
    reduction: Literal["bands", "decorrelated", "pca", "mnf"] | None = parameter(
        None,
        title="Reduction",
        description="Input of the method. bands: all bands, standardised; decorrelated: all principal components; pca: the leading principal components; mnf: minimum noise fraction. Default: the method's own setting.",
        kind="choice",
        advanced=True,
    )
    normalisation: Literal["none", "brightness", "derivative"] = parameter(
        "none",
        title="Normalisation of spectra",
        description="brightness: divide each spectrum by its mean level; derivative: differences of neighbouring bands.",
        kind="choice",
        advanced=True,
    )
    components: int | None = parameter(
        None,
        title="Components",
        description="Number of principal or MNF components; the HybridSN paper uses 30 for Indian Pines, 15 elsewhere. Default: the method's own setting.",
        kind="integer",
        ge=1,
        le=500,
        advanced=True,
    )
    whiten: float | None = parameter(
        None,
        title="Whitening",
        description="How far the variances of the components are equalised: 0 not at all, 0.5 halfway, 1 fully. Default: the method's own setting.",
        kind="number",
        ge=0,
        le=1,
        advanced=True,
    )
    patch_size: int | None = parameter(
        None,
        title="Neighbourhood",
        description="Width of the patch around each pixel that a network sees; the HybridSN paper uses 25. Default: the method's own setting.",
        kind="integer",
        unit="px",
        ge=1,
        le=99,
        odd=True,
        advanced=True,
    )
    batch_norm: bool | None = parameter(
        None,
        title="Batch normalisation",
        description="Normalise after every convolution of a network. Default: the method's own setting.",
        kind="boolean",
        advanced=True,
    )
    squeeze_excitation: bool | None = parameter(
        None,
        title="Squeeze and excitation",
        description="Reweight the channels after the last convolution of HybridSN (Hu et al. 2018).",
        kind="boolean",
        advanced=True,
    )
    dropout: float | None = parameter(
        None,
        title="Dropout",
        description="Share of the units of a network dropped at random during training. Default: the method's own setting.",
        kind="number",
        ge=0,
        lt=1,
        advanced=True,
    )
    epochs: int | None = parameter(
        None,
        title="Epochs",
        description="Passes over the training pixels when training a network. Default: the method's own setting.",
        kind="integer",
        ge=1,
        le=10_000,
        advanced=True,
    )
    batch_size: int | None = parameter(
        None,
        title="Batch size",
        description="Patches per training step of a network. Default: the method's own setting.",
        kind="integer",
        unit="patches",
        ge=2,
        le=65_536,
        advanced=True,
    )
    learning_rate: float | None = parameter(
        None,
        title="Learning rate",
        description="Peak learning rate when training a network. Default: the method's own setting.",
        kind="number",
        gt=0,
        le=1,
        advanced=True,
    )
    schedule: Literal["one_cycle", "step", "cosine", "constant"] | None = parameter(
        None,
        title="Schedule",
        description="How the learning rate changes during training. one_cycle: warm-up, then cosine decay; cosine: decay only; step: ÷10 after 40 % and 75 % of the epochs, as in the reference recipe; constant. Default: the method's own setting.",
        kind="choice",
        advanced=True,
    )
    weight_decay: float | None = parameter(
        None,
        title="Weight decay",
        description="Decoupled weight decay of a network (AdamW); 0 is plain Adam. Default: the method's own setting.",
        kind="number",
        ge=0,
        le=1,
        advanced=True,
    )
    label_smoothing: float | None = parameter(
        None,
        title="Label smoothing",
        description="Share of each training target of a network that is spread over all classes. Default: the method's own setting.",
        kind="number",
        ge=0,
        lt=1,
        advanced=True,
    )
    class_weights: bool | None = parameter(
        None,
        title="Class weights",
        description="Give rare classes more weight when training a network. Default: the method's own setting.",
        kind="boolean",
        advanced=True,
    )
    fewest_draws: int | None = parameter(
        None,
        title="Minimum draws per class",
        description="Repeat the pixels of small classes until each class is drawn at least this often per epoch; 0: each pixel once. Default: the method's own setting.",
        kind="integer",
        ge=0,
        le=10_000,
        advanced=True,
    )
    surround_dropout: float | None = parameter(
        None,
        title="Surround dropout",
        description="Share of training patches of which a network sees only the centre pixel. Default: the method's own setting; 0 if random pixels are tested.",
        kind="number",
        ge=0,
        le=1,
        advanced=True,
    )
    augment: bool | None = parameter(
        None,
        title="Augmentation",
        description="Also train a network on flipped and rotated patches. Default: the method's own setting.",
        kind="boolean",
        advanced=True,
    )
    patience: int | None = parameter(
        None,
        title="Patience",
        description="Stop after this many epochs without a better validation accuracy; needs a validation share.",
        kind="integer",
        unit="epochs",
        ge=1,
        advanced=True,
    )
    seed: int = parameter(
        0,
        title="Seed",
        description="Seed of all random numbers: split, initial weights, order, augmentation, dropout.",
        kind="seed",
        ge=0,
        le=2**63 - 1,
    )
    device: str = device_parameter()
    precision: Literal["auto", "32-true", "16-mixed", "bf16-mixed"] = parameter(
        "auto",
        title="Precision",
        description="auto: float32, or mixed bfloat16 on GPUs that support it.",
        kind="choice",
        advanced=True,
    )
    processes: int = processes_parameter()
    resume: bool = parameter(
        False,
        title="Resume",
        description="Continue a stopped run that had the same settings.",
        kind="boolean",
        advanced=True,
    )
