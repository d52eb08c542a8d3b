"""From the bands of a scene to what a classifier sees: select the usable bands, then reduce them in one or more ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..spectrum.bands import BandTable
from .branch import Branch
from .linear import Floats

if TYPE_CHECKING:
    from ..io.scenes.scene import SceneBlock


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """All steps between a scene and a classifier, fitted.

    Parameters
    ----------
    bands : the bands that are fed in, in this order.
    band_indices : their positions in the scene it was fitted on, counted from 0.
    scene_bands : number of all bands of that scene.
    scene_dtype : dtype of that scene's file, such as ``"uint16"``.
    pixels : number of valid pixels it was fitted on.
    mean_spectrum : mean of each band over those pixels, (bands,), in the unit of the scene.
    branches : the ways in which the bands are reduced; what they give is stacked in this order.
    second_bands : last bands that belong to a second raster.
    """

    bands: BandTable
    band_indices: tuple[int, ...]
    scene_bands: int
    scene_dtype: str
    pixels: int
    mean_spectrum: Floats
    branches: tuple[Branch, ...]
    second_bands: int = 0

    def __post_init__(self) -> None:
        mean = np.array(self.mean_spectrum, dtype=np.float64)
        mean.flags.writeable = False
        object.__setattr__(self, "mean_spectrum", mean)
        if not np.isfinite(mean).all():
            raise ValueError("the mean spectrum holds NaN or infinite numbers")
        if not self.branches:
            raise ValueError("a preprocessing needs at least one branch")
        for branch in self.branches:
            if not len(self.bands) == len(self.band_indices) == branch.n_bands == len(mean):
                raise ValueError(
                    f"{len(self.bands)} bands, {len(self.band_indices)} positions and a mean of {len(mean)} bands do not"
                    f" fit a branch of {branch.n_bands} bands"
                )
            if branch.second_bands not in (0, self.second_bands):
                raise ValueError(f"a branch for {branch.second_bands} second bands where there are {self.second_bands}")
        if self.second_bands >= len(self.bands):
            raise ValueError(f"{self.second_bands} of {len(self.bands)} bands cannot be those of a second raster")
        if len(set(self.band_indices)) < len(self.bands) or not set(self.band_indices) <= set(range(self.scene_bands)):
            raise ValueError(f"positions of bands must differ and lie below {self.scene_bands}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Preprocessing):
            return NotImplemented
        own, others = self.arrays(), other.arrays()
        return self.to_json() == other.to_json() and all(np.array_equal(own[name], others[name]) for name in own)

    __hash__ = None  # type: ignore[assignment]  # arrays are compared by value

    @property
    def n_components(self) -> int:
        """Number of channels that come out, of all branches together."""
        return sum(branch.n_components for branch in self.branches)

    @property
    def empty(self) -> npt.NDArray[np.float32]:
        """What each channel holds where there are no data, (channels,)."""
        return np.repeat([branch.empty for branch in self.branches], [b.n_components for b in self.branches]).astype(
            np.float32
        )

    def channels_of(self, branch: int) -> slice:
        """The place of the channels of a branch among all channels of the output."""
        start = sum(other.n_components for other in self.branches[:branch])
        return slice(start, start + self.branches[branch].n_components)

    def select(self, branches: Sequence[int]) -> Preprocessing:
        """The same with some of the branches only."""
        return replace(self, branches=tuple(self.branches[i] for i in branches))

    def with_branch(self, branch: Branch) -> Preprocessing:
        """The same with one more branch, the last."""
        return replace(self, branches=(*self.branches, branch))

    @property
    def scene_alone(self) -> Preprocessing:
        """The same without the second raster; the preprocessing itself if there is none."""
        if not self.second_bands:
            return self
        own = len(self.bands) - self.second_bands
        return replace(
            self,
            bands=self.bands.select(range(own)),
            band_indices=self.band_indices[:own],
            scene_bands=self.scene_bands - self.second_bands,
            mean_spectrum=self.mean_spectrum[:own],
            branches=tuple(branch.of_scene if branch.second_bands else branch for branch in self.branches),
            second_bands=0,
        )

    @property
    def second_alone(self) -> Preprocessing:
        """The same for the second raster alone, with the branches in which it plays a part."""
        own, branches = len(self.bands) - self.second_bands, [branch.of_second for branch in self.branches]
        return replace(
            self,
            bands=self.bands.select(range(own, len(self.bands))),
            band_indices=tuple(range(self.second_bands)),
            scene_bands=self.second_bands,
            mean_spectrum=self.mean_spectrum[own:],
            branches=tuple(branch for branch in branches if branch is not None),
            second_bands=0,
        )

    def apply(self, block: SceneBlock) -> npt.NDArray[np.float32]:
        """Channels (channels, rows, cols) of a block read with exactly :attr:`bands`.

        :attr:`empty`, which is zero, the mean spectrum, but for bands as they are, where a pixel is not valid.
        """
        parts = [branch.apply(block.data, block.valid) for branch in self.branches]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def locate_bands(self, table: BandTable) -> tuple[int, ...]:
        """Positions (from 0) in a scene of the bands to feed in, in the order of :attr:`bands`.

        By wavelength if both sides state them. Otherwise by number: a scene with as many bands as the
        one it was fitted on has the bands at the same positions; one with exactly as many as are fed
        in has them in the same order. The bands of a second raster are the last ones.

        Raises
        ------
        MismatchError : bands are missing, or there is another number of them.
        """
        if self.second_bands:
            own = len(table) - self.second_bands
            return (*self.scene_alone.locate_bands(table.select(range(own))), *range(own, len(table)))
        by_wavelength = self.bands.has_wavelengths and table.has_wavelengths
        if not by_wavelength and len(table) == self.scene_bands:
            return self.band_indices
        return self.bands.match(table)

    def to_json(self) -> dict[str, Any]:
        """Everything but the arrays."""
        second = {"second_bands": self.second_bands} if self.second_bands else {}
        return {
            **second,
            "bands": self.bands.to_json(),
            "branches": [branch.to_json() for branch in self.branches],
            "fitted_on": {
                "scene_bands": self.scene_bands,
                "band_indices": list(self.band_indices),
                "dtype": self.scene_dtype,
                "pixels": self.pixels,
                "mean_spectrum_min": float(self.mean_spectrum.min()),
                "mean_spectrum_max": float(self.mean_spectrum.max()),
            },
        }

    def arrays(self) -> dict[str, Floats]:
        """The arrays by name, float64: ``mean_spectrum``, and those of each branch as ``branches.<number>.<name>``."""
        named = {"mean_spectrum": self.mean_spectrum}
        for number, branch in enumerate(self.branches):
            named |= {f"branches.{number}.{name}": array for name, array in branch.arrays().items()}
        return named

    @classmethod
    def from_parts(cls, data: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Preprocessing:
        """Put together again what :meth:`to_json` and :meth:`arrays` gave.

        Raises
        ------
        ValueError, TypeError, KeyError : parts are missing or do not fit together.
        """
        branches = tuple(_branch(number, record, arrays) for number, record in enumerate(data["branches"]))
        made = cls(
            bands=BandTable.from_json(data["bands"]),
            band_indices=tuple(data["fitted_on"]["band_indices"]),
            scene_bands=data["fitted_on"]["scene_bands"],
            scene_dtype=data["fitted_on"]["dtype"],
            pixels=data["fitted_on"]["pixels"],
            mean_spectrum=_array(arrays, "mean_spectrum"),
            branches=branches,
            second_bands=data.get("second_bands") or 0,
        )
        if made.arrays().keys() != arrays.keys():
            raise ValueError(f"expected the arrays {sorted(made.arrays())}, found {sorted(arrays)}")
        return made


def _with_prefix(arrays: Mapping[str, npt.NDArray[Any]], prefix: str) -> dict[str, npt.NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _branch(number: int, record: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Branch:
    own = _with_prefix(arrays, f"branches.{number}.")
    try:
        return Branch.from_parts(record, own)
    except KeyError as error:
        raise ValueError(f"branch {number} lacks {error}") from error


def _array(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> npt.NDArray[Any]:
    if name not in arrays:
        raise ValueError(f"the array {name!r} is missing")
    return arrays[name]
