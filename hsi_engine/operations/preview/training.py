"""Training the model of a preview: the usual training, with linear classifiers only. Loaded when one is trained."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from ...bundle.model_bundle import ModelBundle
from ...reporting import Reporter
from ..definition.scene_input import READING
from ..train_classifier.parameters import TrainClassifierParams
from ..train_classifier.run import train_model
from .operation import PreviewParams

_LABELS = (
    "scene", "labels", *READING, "class_field", "name_field", "color_field", "layer", "legend", "overlap", "all_touched",
    "resampling", "bands",
)  # fmt: skip


class PreviewTraining(TrainClassifierParams):
    """A training that takes seconds."""

    LINEAR_ONLY: ClassVar[bool] = True
    MOST_PIXELS: ClassVar[int | None] = 10_000
    ENOUGH_PIXELS: ClassVar[int | None] = 100_000


def training_params(params: PreviewParams, model: Path) -> PreviewTraining:
    """The training behind a preview; it writes nothing but temporary data next to ``model``."""
    same = {name: getattr(params, name) for name in _LABELS}
    return PreviewTraining(output=model, effort="quick", smooth=False, device="cpu", **same)


def train_preview(params: PreviewParams, model: Path, key: str, reporter: Reporter) -> ModelBundle:
    """Train on all labels, with a quick check on separate places.

    Raises
    ------
    HsiError : of the family of whatever is wrong: scene, labels, training.
    """
    return train_model(training_params(params, model), reporter, inputs={"preview": key}).bundle
