"""What is trained and how, as data: one candidate among which the best is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..models import registry
from ..preprocess.branch import ReductionSettings
from .config import TrainingConfig
from .initial_weights import Start


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """An architecture with its options, its view of the scene and its training.

    Parameters
    ----------
    model : name in the registry.
    options : options of the architecture; those not given have their defaults.
    reduction : what it sees of a spectrum.
    patch_size : edge of the patch in pixels, 1 for a classifier of spectra.
    training : how a network is trained; its seed counts for estimators too.
    start : weights that a network begins with; None: those of the seed.
    """

    model: str
    options: Mapping[str, Any]
    reduction: ReductionSettings
    patch_size: int
    training: TrainingConfig
    start: Start | None = None

    @property
    def is_network(self) -> bool:
        """Whether it is trained by gradient descent."""
        return registry.get(self.model).fit is None

    @property
    def radius(self) -> int:
        """Pixels between the centre of a patch and its border."""
        return self.patch_size // 2

    @property
    def name(self) -> str:
        """A short name that differs from those of other recipes, for JSON: ``spectral_cnn_5px``."""
        window = f"_{self.patch_size}px" if registry.get(self.model).consumes == "patch" else ""
        view = "" if self.reduction.normalisation == "none" else str(self.reduction.normalisation)
        if self.reduction.kind != registry.get(self.model).suggested.get("reduction"):
            view = f"{view}_{self.reduction.kind}".strip("_")
        return f"{self.model}{window}{f'_{view}' if view else ''}"

    @property
    def title(self) -> str:
        """The name in a table for people: "Spectral-first CNN (5×5 px)"."""
        architecture = registry.get(self.model)
        title, _, kind = architecture.title.removesuffix(")").partition(" (")
        parts = ["" if kind.startswith("3-D") else kind]
        if architecture.consumes == "patch":
            parts.append("single pixels" if self.patch_size == 1 else f"{self.patch_size}×{self.patch_size} px")
        normalisations = {"brightness": "brightness-normalised", "derivative": "first derivative", "none": ""}
        parts.append(normalisations[self.reduction.normalisation])
        if self.reduction.kind != architecture.suggested.get("reduction"):
            parts.append(str(self.reduction.kind).upper())
        details = ", ".join(part for part in parts if part)
        return f"{title} ({details})" if details else title

    @property
    def simplicity(self) -> int:
        """Place in the order from simple to complex."""
        varied = self.reduction.normalisation != "none" or self.reduction.kind == "mnf"
        return registry.get(self.model).simplicity + self.radius + varied

    def with_seed(self, seed: int) -> Recipe:
        """The same with other random draws."""
        return replace(self, training=replace(self.training, seed=seed))
