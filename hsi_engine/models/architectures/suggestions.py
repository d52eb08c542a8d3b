"""Settings of a training that several architectures share."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

_PASSES = {
    # 40 passes over up to 1,600 samples, fewer over more.
    "epochs": 40,
    "most_steps": 2000,
    "fewest_draws": 20,
    "batch_size": 32,
    "learning_rate": 2e-3,
    "weight_decay": 0.01,
    "label_smoothing": 0.05,
    "surround_dropout": 0.3,
}


def on_components(patch_size: int, *, components: int = 20, **changed: Any) -> MappingProxyType[str, Any]:
    """Half-whitened components of a minimum noise fraction, as HybridSN is trained on."""
    view = {"reduction": "mnf", "components": components, "whiten": 0.5, "patch_size": patch_size}
    return MappingProxyType(view | _PASSES | changed)


def on_bands(patch_size: int, **changed: Any) -> MappingProxyType[str, Any]:
    """All bands, for networks that convolve along the spectrum."""
    return MappingProxyType({"reduction": "bands", "patch_size": patch_size} | _PASSES | changed)
