"""The settings of a training: how labels are read, how pixels are split, the network and its optimisation."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from .base import OperationParams, parameter


class TrainingOptions(OperationParams):
    """How labels are read, kept apart and learned."""

    class_field: str | None = parameter(
        None,
        title="Class field",
        description="Field of vector labels that holds the class: whole numbers are kept as values, texts are numbered.",
        kind="field",
        of="labels",
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
        3,
        title="Fewest samples a class",
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
    split: Literal["blocks", "random", "polygons"] = parameter(
        "blocks",
        title="Split",
        description=(
            "How test pixels are kept apart. blocks: spatially disjoint, with a guard as wide as the patch radius;"
            " polygons: whole polygons; random: single pixels, as most of the literature does, which leaks."
        ),
        kind="choice",
    )
    compare_split: Literal["none", "blocks", "random", "polygons"] = parameter(
        "none",
        title="Compare with split",
        description=(
            "Train once more with this split, only to state its accuracy beside that of the model; takes as long again."
        ),
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
        0.1, title="Training share", description="Share of the labelled pixels to train on.", kind="number", gt=0, lt=1
    )
    validation_share: float = parameter(
        0.0,
        title="Validation share",
        description="Share of the labelled pixels that choose the best epoch; they are neither trained nor tested on.",
        kind="number",
        ge=0,
        lt=1,
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
    components: int = parameter(
        15,
        title="Components",
        description="Principal components that the network sees; the paper uses 30 for Indian Pines, 15 elsewhere.",
        kind="integer",
        ge=1,
        le=500,
    )
    whiten: bool = parameter(
        True,
        title="Whiten",
        description="Give every component unit variance, as the reference recipe does.",
        kind="boolean",
        advanced=True,
    )
    model: str = parameter(
        "hybridsn", title="Network", description="Its architecture; hsi models lists them.", kind="text"
    )
    patch_size: int = parameter(
        15,
        title="Patch size",
        description="Edge of the patch around each pixel that the network sees; the paper uses 25.",
        kind="integer",
        unit="px",
        ge=3,
        le=99,
        odd=True,
    )
    batch_norm: bool = parameter(
        True, title="Batch normalisation", description="Normalise after every convolution.", kind="boolean"
    )
    squeeze_excitation: bool = parameter(
        False,
        title="Squeeze and excitation",
        description="Weigh the channels of the last convolution by a gate (Hu et al. 2018).",
        kind="boolean",
    )
    dropout: float = parameter(
        0.4,
        title="Dropout",
        description="Share of the fully connected units left out at random in training.",
        kind="number",
        ge=0,
        lt=1,
        advanced=True,
    )
    epochs: int = parameter(
        40, title="Epochs", description="Passes over the training pixels.", kind="integer", ge=1, le=10_000
    )
    batch_size: int = parameter(
        32, title="Batch size", description="Patches a step.", kind="integer", unit="patches", ge=2, le=65_536
    )
    learning_rate: float = parameter(
        2e-3,
        title="Learning rate",
        description="Highest rate of the schedule.",
        kind="number",
        gt=0,
        le=1,
    )
    schedule: Literal["one_cycle", "step", "cosine", "constant"] = parameter(
        "one_cycle",
        title="Schedule",
        description=(
            "Course of the learning rate. one_cycle: warm-up, then down along a cosine; cosine: only down;"
            " step: ÷10 after 40 % and 75 % of the epochs, as the reference recipe does; constant."
        ),
        kind="choice",
        advanced=True,
    )
    weight_decay: float = parameter(
        0.01,
        title="Weight decay",
        description="Decoupled weight decay (AdamW); 0 is plain Adam.",
        kind="number",
        ge=0,
        le=1,
        advanced=True,
    )
    label_smoothing: float = parameter(
        0.05,
        title="Label smoothing",
        description="Share of each target that is spread over all classes.",
        kind="number",
        ge=0,
        lt=1,
        advanced=True,
    )
    class_weights: bool = parameter(
        False,
        title="Class weights",
        description="Give rare classes more weight in the loss, by the inverse of their number of training pixels.",
        kind="boolean",
        advanced=True,
    )
    augment: bool = parameter(
        True,
        title="Augmentation",
        description="Train on flipped and turned patches too.",
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
    device: str = parameter(
        "auto", title="Device", description="auto, cpu, cuda, cuda:0, cuda:1, … or mps.", kind="text", advanced=True
    )
    precision: Literal["auto", "32-true", "16-mixed", "bf16-mixed"] = parameter(
        "auto",
        title="Precision",
        description="auto: float32, on GPUs that can with bfloat16 products.",
        kind="choice",
        advanced=True,
    )
    resume: bool = parameter(
        False,
        title="Resume",
        description="Go on where a run with the same settings was stopped.",
        kind="boolean",
        advanced=True,
    )
