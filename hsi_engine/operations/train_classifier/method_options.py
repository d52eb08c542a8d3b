"""The settings of a method: what it sees of a spectrum, the network and its optimisation, and the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ..definition.base import OperationParams, parameter
from ..parts.computing import device_parameter, processes_parameter


class MethodOptions(OperationParams):
    """What a method sees, how it learns, and what it runs on."""

    reduction: Literal["bands", "decorrelated", "pca", "mnf"] | None = parameter(
        None,
        title="Reduction",
        description="Input of the method. bands: each with mean 0 and standard deviation 1; decorrelated: all their principal components; pca: the leading principal components; mnf: the components with least noise. Default: the method's own setting.",
        kind="choice",
        choices={
            "bands": "Bands, standardised",
            "decorrelated": "Bands, decorrelated",
            "pca": "Principal components",
            "mnf": "Minimum noise fraction (MNF)",
        },
        advanced=True,
    )
    normalisation: Literal["none", "brightness", "derivative"] = parameter(
        "none",
        title="Normalisation of spectra",
        description="brightness: divide each spectrum by its root mean square over the bands, so that shade and slope play no part; derivative: the slope of the spectrum, which leaves its level out.",
        kind="choice",
        choices={
            "none": "None",
            "brightness": "Divide by brightness",
            "derivative": "Differences of neighbouring bands",
        },
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
    model_options: str | None = parameter(
        None,
        title="Options of the method",
        description="Options of the chosen method, as name=value separated by commas; the page of methods lists them. Example: attention=non_local, nodes=8.",
        kind="text",
        advanced=True,
    )
    init_from: Path | None = parameter(
        None,
        title="Start from model",
        description="Start with the network of this model file instead of random weights, for a scene of the same sensor. Classes are matched by name; there may be fewer or new ones.",
        kind="model",
        advanced=True,
    )
    freeze_features: bool = parameter(
        False,
        title="Train the last layers only",
        description="Keep the convolutions of the model to start from as they are. For very few labels.",
        kind="boolean",
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
    modality_dropout: float | None = parameter(
        None,
        title="Modality dropout",
        description="Share of training pixels that one source alone has to classify, so that two_sources can map from either. Default: 0, both sources are always needed.",
        kind="number",
        ge=0,
        lt=1,
        advanced=True,
    )
    common_weight: float | None = parameter(
        None,
        title="Weight of the common space (λ)",
        description="How much two_sources is trained to represent pixels of one class alike, within and between both sources. Default: 0.001.",
        kind="number",
        ge=0,
        advanced=True,
    )
    invariance_weight: float | None = parameter(
        None,
        title="Weight of invariance (η)",
        description="How much two_sources is trained to represent a pixel alike from both sources. Default: 0.1.",
        kind="number",
        ge=0,
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
        description="How the learning rate changes during training. one_cycle: warm-up, then cosine decay; cosine: decay only; step: ÷10 after 40 % and 75 % of the epochs, as in the reference recipe; constant: no change. Default: the method's own setting.",
        kind="choice",
        choices={"one_cycle": "One cycle", "step": "Step", "cosine": "Cosine", "constant": "Constant"},
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
        choices={
            "auto": "Automatic",
            "32-true": "32 bits",
            "16-mixed": "16 bits, mixed",
            "bf16-mixed": "bfloat16, mixed",
        },
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
