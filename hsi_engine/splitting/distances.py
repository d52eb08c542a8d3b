"""How far tested pixels lie from the nearest training pixel, and how far the pixels of the map do.

A test speaks for a map if the two distributions are alike: pixels near to training pixels are easier than those far away.

References
----------
Milà, C., Mateu, J., Pebesma, E. and Meyer, H. (2022): Nearest neighbour distance matching leave-one-out cross-validation for map
validation. Methods in Ecology and Evolution 13, 1304–1316. Linnenbrink, J., Milà, C., Ludwig, M. and Meyer, H. (2024): kNNDM CV:
k-fold nearest-neighbour distance matching cross-validation for map accuracy estimation. Geoscientific Model Development 17,
5897–5912 (comparison of the distributions by Wasserstein's distance).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Matching = Literal["alike", "nearer", "farther"]

# Shares of the pixels at which a distribution is kept.
_SHARES = tuple(number / 100 for number in range(0, 101, 2))
# Distances to training pixels are compared with this quantile of the tested ones: few tested pixels lie farther.
_FAR = 0.95
# Tests match a map if their medians differ by no more than this factor, and no more of the map than this lies beyond them.
_FACTOR, _BEYOND = 2.0, 0.25


def nearest_distances(pixels: Floats, training: Floats) -> Floats:
    """Distance of each pixel (n, 2) to the nearest training pixel (m, 2), (n,); both in the same unit, m at least 1."""
    from scipy.spatial import cKDTree  # slow to load, and most jobs have no use for it

    found, _ = cKDTree(training).query(pixels)
    return np.asarray(found, dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class DistanceComparison:
    """Nearest distances to training pixels: of the tested pixels, each to those its model was trained on, and of the map.

    Parameters
    ----------
    unit : "m", or "px" if the size of a pixel is not known.
    tested, mapped : quantiles of the distances at :attr:`shares`, rising.
    tested_pixels, mapped_pixels : how many they rest on; of a large map a sample.
    wasserstein : area between the two distribution functions, in ``unit``; 0 if they are equal.
    beyond : share of the map that is farther from training pixels than 95 % of the tested pixels are; 0.05 if they are alike.
    """

    unit: str
    tested: tuple[float, ...]
    mapped: tuple[float, ...]
    tested_pixels: int
    mapped_pixels: int
    wasserstein: float
    beyond: float

    @classmethod
    def of(cls, tested: Floats, mapped: Floats, unit: str) -> DistanceComparison:
        """From distances (n,) and (m,), at least one each."""
        return cls(
            unit=unit,
            tested=_quantiles(tested),
            mapped=_quantiles(mapped),
            tested_pixels=len(tested),
            mapped_pixels=len(mapped),
            wasserstein=wasserstein(tested, mapped),
            beyond=float((mapped > np.quantile(tested, _FAR)).mean()),
        )

    @property
    def shares(self) -> Sequence[float]:
        """The shares of the quantiles, from 0 to 1."""
        return _SHARES

    @property
    def medians(self) -> tuple[float, float]:
        """Of the tested pixels, and of the map."""
        middle = len(_SHARES) // 2
        return self.tested[middle], self.mapped[middle]

    @property
    def matching(self) -> Matching:
        """Whether the map is farther from training pixels than the tests, nearer, or about alike."""
        tested, mapped = self.medians
        if self.beyond > _BEYOND or mapped > _FACTOR * tested:
            return "farther"
        return "nearer" if tested > _FACTOR * mapped else "alike"

    def to_json(self) -> dict[str, Any]:
        """``distances`` in the metrics of a model."""
        tested, mapped = self.medians
        return {
            "unit": self.unit,
            "shares": list(_SHARES),
            "tested": list(self.tested),
            "map": list(self.mapped),
            "tested_pixels": self.tested_pixels,
            "map_pixels": self.mapped_pixels,
            "median_tested": tested,
            "median_map": mapped,
            "wasserstein": self.wasserstein,
            "beyond_share": self.beyond,
            "matching": self.matching,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DistanceComparison:
        """What :meth:`to_json` gave."""
        return cls(
            unit=data["unit"],
            tested=tuple(data["tested"]),
            mapped=tuple(data["map"]),
            tested_pixels=data["tested_pixels"],
            mapped_pixels=data["map_pixels"],
            wasserstein=data["wasserstein"],
            beyond=data["beyond_share"],
        )


def wasserstein(one: Floats, other: Floats) -> float:
    """Area between the empirical distribution functions of two samples (n,) and (m,): Wasserstein's distance of order 1."""
    at = np.sort(np.concatenate([one, other]))
    below = [np.searchsorted(np.sort(values), at[:-1], side="right") / len(values) for values in (one, other)]
    return float((np.abs(below[0] - below[1]) * np.diff(at)).sum())


def _quantiles(values: Floats) -> tuple[float, ...]:
    return tuple(float(f"{value:.4g}") for value in np.quantile(values, _SHARES))
