"""The settings of a training: how labels are read, how pixels are split, the network and its optimisation."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from .base import OperationParams, parameter
from .computing import device_parameter, processes_parameter

ModelName = Literal["auto", "logistic_regression", "lda", "svm", "random_forest", "spectral_cnn", "hybridsn"]
"""``auto``, and the names of the registry; a test holds both together."""


class TrainingOptions(OperationParams):
    """How labels are read, kept apart and learned."""

    class_field: str | None = parameter(
        None,
        title="Class field",
        description="Field of vector labels that holds the class: whole numbers are kept as values, texts are numbered.",
        kind="field",
        of="labels",
    )
    model: ModelName = parameter(
        "auto",
        title="Method",
        description=(
            "auto: compare several methods on the same test places, take the best one and train it with all labels."
            " Or one method by name."
        ),
        kind="choice",
    )
    effort: Literal["quick", "standard", "thorough"] = parameter(
        "standard",
        title="Effort",
        description=(
            "How many methods the automatic choice compares. quick: seconds to minutes; standard: minutes;"
            " thorough: all of them, HybridSN too, which takes longest."
        ),
        kind="choice",
    )
    name_field: str | None = parameter(
        None,
        title="Name field",
        description="Field with class names; found by itself where it is called class_name, name or label.",
        kind="field",
        of="labels",
        advanced=True,
    )
    color_field: str | None = parameter(
        None,
        title="Colour field",
        description="Field with class colours as #rrggbb; found by itself where it is called color or colour.",
        kind="field",
        of="labels",
        advanced=True,
    )
    layer: str | None = parameter(
        None,
        title="Layer",
        description="Layer of a vector file that holds several.",
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
        description="What a pixel gets where polygons of different classes overlap: no label, the first, the last; or refuse.",
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
        description="How a label raster on another grid is brought onto the scene's grid.",
        kind="choice",
        advanced=True,
    )
    min_samples: int = parameter(
        1,
        title="Smallest class",
        description="A class with fewer labelled pixels is treated by the rule for small classes.",
        kind="integer",
        unit="px",
        ge=1,
        advanced=True,
    )
    small_classes: Literal["error", "drop"] = parameter(
        "error",
        title="Small classes",
        description="Refuse to train, or leave classes with too few samples out.",
        kind="choice",
        advanced=True,
    )
    split: Literal["folds", "blocks", "random", "polygons", "none"] = parameter(
        "folds",
        title="Check accuracy on",
        description=(
            "folds: separate places, each tested by a model that was trained elsewhere; the map is made with all labels."
            " none: no check, all labels. The others train on a share of the labels only and test the rest. blocks:"
            " separate places; polygons: whole polygons; random: single pixels, as most of the literature does, which"
            " leaks."
        ),
        kind="choice",
    )
    compare_split: Literal["none", "blocks", "random", "polygons"] = parameter(
        "none",
        title="Also state the accuracy with",
        description="Train a second model on a share of the labels, kept apart in this way, only to state its accuracy.",
        kind="choice",
    )
    split_source: Path | None = parameter(
        None,
        title="Given split",
        description="Raster or vector with 1 training, 2 validation, 3 test; takes the place of the split above.",
        kind="split_source",
        advanced=True,
    )
    split_field: str | None = parameter(
        None,
        title="Split field",
        description="Field of a vector split.",
        kind="field",
        of="split_source",
        advanced=True,
    )
    train_share: float = parameter(
        0.1,
        title="Training share",
        description="Share of the labelled pixels to train on, for checks that train on a share only.",
        kind="number",
        gt=0,
        lt=1,
        advanced=True,
    )
    validation_share: float = parameter(
        0.0,
        title="Validation share",
        description=(
            "Share of the labelled pixels that choose the best epoch of a network, for checks that train on a share only;"
            " they are neither trained nor tested on."
        ),
        kind="number",
        ge=0,
        lt=1,
        advanced=True,
    )
    folds: int | None = parameter(
        None,
        title="Folds",
        description="Number of folds of the check; 3 with quick effort, else 5, fewer if the labels allow no more.",
        kind="integer",
        ge=2,
        le=20,
        advanced=True,
    )
    smooth: bool = parameter(
        True,
        title="Smooth the map",
        description="Smooth the probabilities along the edges of the scene, if tested pixels become more accurate by it.",
        kind="boolean",
    )
    time_limit: float | None = parameter(
        None,
        title="Time limit",
        description="Begin no further method after so many minutes; what was compared until then counts.",
        kind="number",
        unit="min",
        gt=0,
        advanced=True,
    )
    block_size: int | None = parameter(
        None,
        title="Block size",
        description="Edge of the blocks of a block split; chosen to fit the scene when not given.",
        kind="integer",
        unit="px",
        ge=2,
        advanced=True,
    )
    bands: str | None = parameter(
        None,
        title="Bands",
        description='Bands to use, such as "1-100, 450-900nm"; all good ones when not given.',
        kind="band_selection",
        advanced=True,
    )
    reduction: Literal["bands", "decorrelated", "pca", "mnf"] | None = parameter(
        None,
        title="Reduction",
        description=(
            "What the method sees of a spectrum. bands: all bands, standardised; decorrelated: all principal components"
            " of these; pca: some principal components; mnf: minimum noise fraction. The method's own setting if not given."
        ),
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
        description="Principal or MNF components; the HybridSN paper uses 30 for Indian Pines, 15 elsewhere. The method's own setting if not given.",
        kind="integer",
        ge=1,
        le=500,
        advanced=True,
    )
    whiten: float | None = parameter(
        None,
        title="Whitening",
        description=(
            "How far components are brought to one variance: 0 not at all, 0.5 halfway, 1 fully."
            " The method's own setting if not given."
        ),
        kind="number",
        ge=0,
        le=1,
        advanced=True,
    )
    patch_size: int | None = parameter(
        None,
        title="Neighbourhood",
        description="Edge of the patch around each pixel that a network sees; the HybridSN paper uses 25. The method's own setting if not given.",
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
        description="Normalise after every convolution of a network. The method's own setting if not given.",
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
        description="Share of the units of a network left out at random in training. The method's own setting if not given.",
        kind="number",
        ge=0,
        lt=1,
        advanced=True,
    )
    epochs: int | None = parameter(
        None,
        title="Epochs",
        description="Passes of a network over the training pixels. The method's own setting if not given.",
        kind="integer",
        ge=1,
        le=10_000,
        advanced=True,
    )
    batch_size: int | None = parameter(
        None,
        title="Batch size",
        description="Patches per training step of a network. The method's own setting if not given.",
        kind="integer",
        unit="patches",
        ge=2,
        le=65_536,
        advanced=True,
    )
    learning_rate: float | None = parameter(
        None,
        title="Learning rate",
        description="Highest learning rate of a network's training. The method's own setting if not given.",
        kind="number",
        gt=0,
        le=1,
        advanced=True,
    )
    schedule: Literal["one_cycle", "step", "cosine", "constant"] | None = parameter(
        None,
        title="Schedule",
        description=(
            "How the learning rate changes during training. one_cycle: warm-up, then down along a cosine; cosine: only"
            " down; step: ÷10 after 40 % and 75 % of the epochs, as the reference recipe does; constant. The method's own setting if not given."
        ),
        kind="choice",
        advanced=True,
    )
    weight_decay: float | None = parameter(
        None,
        title="Weight decay",
        description="Decoupled weight decay of a network (AdamW); 0 is plain Adam. The method's own setting if not given.",
        kind="number",
        ge=0,
        le=1,
        advanced=True,
    )
    label_smoothing: float | None = parameter(
        None,
        title="Label smoothing",
        description="Share of each target of a network that is spread over all classes. The method's own setting if not given.",
        kind="number",
        ge=0,
        lt=1,
        advanced=True,
    )
    class_weights: bool | None = parameter(
        None,
        title="Class weights",
        description="Give rare classes more weight in the training of a network. The method's own setting if not given.",
        kind="boolean",
        advanced=True,
    )
    fewest_draws: int | None = parameter(
        None,
        title="Fewest draws per class",
        description=(
            "In each epoch, draw the pixels of a small class again until it has been drawn so often; 0: each pixel once."
            " The method's own setting if not given."
        ),
        kind="integer",
        ge=0,
        le=10_000,
        advanced=True,
    )
    surround_dropout: float | None = parameter(
        None,
        title="Surround dropout",
        description="Share of the patches that show a network their centre only; 0 by default if random pixels are tested.",
        kind="number",
        ge=0,
        le=1,
        advanced=True,
    )
    augment: bool | None = parameter(
        None,
        title="Augmentation",
        description="Also train a network on flipped and rotated patches. The method's own setting if not given.",
        kind="boolean",
        advanced=True,
    )
    patience: int | None = parameter(
        None,
        title="Patience",
        description="Stop after so many epochs without a better validation accuracy; needs a validation share.",
        kind="integer",
        unit="epochs",
        ge=1,
        advanced=True,
    )
    seed: int = parameter(
        0,
        title="Seed",
        description="Decides every random draw: split, weights, order, augmentation, dropout.",
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
        description="Go on where a run with the same settings was stopped.",
        kind="boolean",
        advanced=True,
    )
