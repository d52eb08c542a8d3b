"""The smoothing of a model, with the channels of its preprocessing that guide it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..bundle.model_bundle import SmoothingSettings
from .smoothing import Smoothing


@dataclass(frozen=True, kw_only=True)
class GuidedSmoothing:
    """A filter of probabilities and the place of its guide among the channels.

    Parameters
    ----------
    filter : the filter.
    guide : the channels that guide it: principal components of unit variance.
    """

    filter: Smoothing
    guide: slice

    @classmethod
    def of(cls, settings: SmoothingSettings, guide: slice) -> GuidedSmoothing:
        """The smoothing of a model, guided by these channels."""
        return cls(filter=Smoothing(radius_px=settings.radius_px, epsilon=settings.epsilon), guide=guide)

    @property
    def reach_px(self) -> int:
        """Pixels around a window that change its result."""
        return self.filter.reach_px

    def apply(
        self, probabilities: npt.NDArray[np.float32], channels: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_]
    ) -> npt.NDArray[Any]:
        """Smoothed probabilities without the margin of :attr:`reach_px`, which all three arrays have."""
        return self.filter.apply(probabilities, channels[self.guide], valid)
