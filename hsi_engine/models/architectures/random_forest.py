"""Random forest, as data."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from .architecture import Architecture, Options


class RandomForestOptions(Options):
    """What may vary in the forest. ``nodes`` and ``depth`` are what the fit found."""

    trees: int = Field(default=200, ge=1, le=10_000)
    nodes: int = Field(default=1, ge=1, le=100_000_000)
    depth: int = Field(default=0, ge=0, le=10_000)


ARCHITECTURE = Architecture(
    name="random_forest",
    title="Random forest",
    reference="Breiman (2001): Random forests. Fitted by scikit-learn.",
    network="hsi_engine.models.estimators.forest:ForestClassifier",
    options=RandomForestOptions,
    consumes="spectrum",
    fit="hsi_engine.training.estimators:fit_random_forest",
    variants=MappingProxyType({"default": {"trees": 1, "nodes": 1, "depth": 0}}),
    suggested=MappingProxyType({"reduction": "bands", "patch_size": 1}),
    patch_sizes=(1, 1),
    simplicity=30,
)
