"""How a denoiser is fitted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DenoiserSettings:
    """How a denoiser is fitted.

    Parameters
    ----------
    steps : of the training of the network; 0 leaves it at the linear filter.
    layers, width : of the network.
    learning_rate : the highest, after a warm-up; it falls to zero along a cosine.
    seed : of all draws.
    """

    steps: int = 300
    layers: int = 6
    width: int = 32
    learning_rate: float = 2e-3
    seed: int = 0
