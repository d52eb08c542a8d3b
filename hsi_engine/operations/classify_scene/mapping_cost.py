"""How long a map takes with a model whose prediction grows with what it learned."""

from __future__ import annotations

import time

import numpy as np

from ...bundle.model_bundle import ModelBundle
from ...inference.predictor import Predictor

# Models whose prediction takes longer the more they learned, and the option that limits how much.
_GROWING = {"svm": "support_vectors", "random_forest": "nodes"}
_TIMED_PX = 64
_WORTH_SAYING_S = 5.0


def cost_note(predictor: Predictor, bundle: ModelBundle, n_pixels: int) -> str:
    """How long a model takes whose cost grows with what it was trained on, measured on a small tile; empty if not long."""
    growing = [member for member in bundle.members if member.architecture in _GROWING]
    if not growing:
        return ""
    edge = _TIMED_PX + 2 * predictor.radius
    tile = np.zeros((predictor.preprocessing.n_components, edge, edge), np.float32)
    started = time.perf_counter()
    predictor.predict_components(tile, np.ones((edge, edge), bool))
    seconds = (time.perf_counter() - started) * n_pixels / _TIMED_PX**2
    if seconds < _WORTH_SAYING_S:
        return ""
    sizes = ", ".join(
        f"{member.options[_GROWING[member.architecture]]:,} {_GROWING[member.architecture].replace('_', ' ')}"
        for member in growing
    )
    return f"Classifying this scene takes about {seconds:,.0f} s: the model holds {sizes}. A network or a linear model is faster."
