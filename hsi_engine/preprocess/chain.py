"""From the bands of a scene to what a network sees: select the usable bands, then PCA."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..bands import BandTable
from ..io.read_ahead import read_ahead
from ..reporting import Reporter, TimedReporter
from .pca import PCA, fit_pca, require_enough_bands

if TYPE_CHECKING:
    from ..io.scene import SceneBlock, SceneReader, UsableBands

_MAX_BLOCK_PX = 65_536
_ARRAYS = ("mean", "components", "explained_variance")


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """All steps between a scene and a network, fitted.

    Parameters
    ----------
    bands : the bands that are fed in, in this order.
    band_indices : their positions in the scene it was fitted on, counted from 0.
    scene_bands : number of all bands of that scene.
    scene_dtype : dtype of that scene's file, such as ``"uint16"``.
    pixels : number of valid pixels it was fitted on.
    pca : the reduction to components; its mean is the mean spectrum of those pixels.
    """

    bands: BandTable
    band_indices: tuple[int, ...]
    scene_bands: int
    scene_dtype: str
    pixels: int
    pca: PCA

    def __post_init__(self) -> None:
        if not len(self.bands) == len(self.band_indices) == self.pca.n_bands:
            raise ValueError(
                f"{len(self.bands)} bands and {len(self.band_indices)} positions do not fit"
                f" a PCA of {self.pca.n_bands} bands"
            )
        if len(set(self.band_indices)) < len(self.bands) or not set(self.band_indices) <= set(range(self.scene_bands)):
            raise ValueError(f"positions of bands must differ and lie below {self.scene_bands}")

    @property
    def n_components(self) -> int:
        """Number of channels that come out."""
        return self.pca.n_components

    def apply(self, block: SceneBlock) -> npt.NDArray[np.float32]:
        """Components (components, rows, cols) of a block read with exactly :attr:`bands`.

        Zero, which is the mean spectrum, where a pixel is not valid.
        """
        return self.pca.transform(block.data, block.valid)

    def locate_bands(self, table: BandTable) -> tuple[int, ...]:
        """Positions (from 0) in a scene of the bands to feed in, in the order of :attr:`bands`.

        By wavelength where both sides know them. Otherwise by number: a scene with as many bands as the
        one it was fitted on has the bands at the same positions; one with exactly as many as are fed
        in has them in the same order.

        Raises
        ------
        MismatchError : bands are missing, or there is another number of them.
        """
        by_wavelength = self.bands.has_wavelengths and table.has_wavelengths
        if not by_wavelength and len(table) == self.scene_bands:
            return self.band_indices
        return self.bands.match(table)

    def to_json(self) -> dict[str, Any]:
        """Everything but the arrays."""
        return {
            "bands": self.bands.to_json(),
            "pca": {
                "n_components": self.n_components,
                "whiten": self.pca.whiten,
                "total_variance": self.pca.total_variance,
                "explained_variance_ratio": self.pca.explained_variance_ratio.tolist(),
            },
            "fitted_on": {
                "scene_bands": self.scene_bands,
                "band_indices": list(self.band_indices),
                "dtype": self.scene_dtype,
                "pixels": self.pixels,
                "mean_spectrum_min": float(self.pca.mean.min()),
                "mean_spectrum_max": float(self.pca.mean.max()),
            },
        }

    def arrays(self) -> dict[str, npt.NDArray[np.float64]]:
        """The arrays by name, float64: mean, components and explained_variance of the PCA."""
        return {f"pca.{name}": getattr(self.pca, name) for name in _ARRAYS}

    @classmethod
    def from_parts(cls, data: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Preprocessing:
        """Put together again what :meth:`to_json` and :meth:`arrays` gave.

        Raises
        ------
        ValueError, TypeError, KeyError : parts are missing or do not fit together.
        """
        expected = {f"pca.{name}" for name in _ARRAYS}
        if set(arrays) != expected:
            raise ValueError(f"expected the arrays {sorted(expected)}, found {sorted(arrays)}")
        pca = PCA(
            total_variance=data["pca"]["total_variance"],
            whiten=data["pca"]["whiten"],
            **{name: arrays[f"pca.{name}"] for name in _ARRAYS},
        )
        if pca.n_components != data["pca"]["n_components"]:
            raise ValueError(f"{data['pca']['n_components']} components are stated, {pca.n_components} are there")
        return cls(
            bands=BandTable.from_json(data["bands"]),
            band_indices=tuple(data["fitted_on"]["band_indices"]),
            scene_bands=data["fitted_on"]["scene_bands"],
            scene_dtype=data["fitted_on"]["dtype"],
            pixels=data["fitted_on"]["pixels"],
            pca=pca,
        )


def fit_preprocessing(
    reader: SceneReader,
    usable_bands: UsableBands,
    *,
    n_components: int,
    whiten: bool,
    reporter: Reporter,
    max_pixels: int = _MAX_BLOCK_PX,
) -> Preprocessing:
    """Fit the preprocessing to all valid pixels of a scene, read once, block by block.

    Labels play no part. Cancelling is checked before each block.

    Parameters
    ----------
    reader : the open scene.
    usable_bands : the bands to feed in.
    n_components : number of principal components, 1 to the number of usable bands.
    whiten : give every component unit variance.
    reporter : hears the progress, and a warning where components carry no variance.
    max_pixels : largest number of pixels held at once.

    Raises
    ------
    ParameterError : more components than bands, or than whitening can scale.
    SceneError : too few valid pixels, no variance, or values beyond float64.
    """
    indices = usable_bands.indices
    require_enough_bands(n_components, len(indices))
    rows, cols = reader.scene.grid.shape
    timed = TimedReporter(reporter)
    pixels = 0

    def blocks() -> Iterator[SceneBlock]:
        for window in reader.block_windows(max_pixels):
            yield reader.read(window, indices)

    def spectra(ahead: Iterator[SceneBlock]) -> Iterator[npt.NDArray[Any]]:
        nonlocal pixels
        done = 0
        for block in ahead:
            reporter.check_cancelled()
            valid = block.data.reshape(len(indices), -1)
            if not block.valid.all():
                valid = valid.take(np.flatnonzero(block.valid), axis=1)
            pixels += valid.shape[1]
            yield valid.T
            done += block.valid.size
            timed.progress(done / (rows * cols), f"PCA: {done:,} of {rows * cols:,} pixels read")

    with closing(read_ahead(blocks(), check_cancelled=reporter.check_cancelled)) as ahead:
        pca = fit_pca(spectra(ahead), n_components, whiten)
    flat = int(np.count_nonzero(pca.explained_variance == 0))
    if flat:
        reporter.log(
            f"{flat} of the {n_components} components carry no variance and hold nothing but rounding noise;"
            f" {n_components - flat} would do.",
            "warning",
        )
    scene = reader.scene
    return Preprocessing(
        bands=scene.bands.select(indices),
        band_indices=indices,
        scene_bands=len(scene.bands),
        scene_dtype=scene.dtype,
        pixels=pixels,
        pca=pca,
    )
