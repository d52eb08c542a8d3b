"""From the bands of a scene to what a network sees: select the usable bands, then PCA."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..bands import BandTable
from ..reporting import Reporter
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
    pca : the reduction to components; its mean is the mean spectrum of the scene it was fitted on.
    scene_dtype : dtype of that scene's file, such as ``"uint16"``.
    pixels : number of valid pixels it was fitted on.
    """

    bands: BandTable
    pca: PCA
    scene_dtype: str
    pixels: int

    def __post_init__(self) -> None:
        if len(self.bands) != self.pca.n_bands:
            raise ValueError(f"{len(self.bands)} bands do not fit a PCA of {self.pca.n_bands} bands")

    @property
    def n_components(self) -> int:
        """Number of channels that come out."""
        return self.pca.n_components

    def apply(self, block: SceneBlock) -> npt.NDArray[np.float32]:
        """Components (components, rows, cols) of a block read with exactly :attr:`bands`.

        Zero, which is the mean spectrum, where a pixel is not valid.
        """
        return self.pca.transform(block.data, block.valid)

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
            total_variance=float(data["pca"]["total_variance"]),
            whiten=bool(data["pca"]["whiten"]),
            **{name: arrays[f"pca.{name}"] for name in _ARRAYS},
        )
        if pca.n_components != data["pca"]["n_components"]:
            raise ValueError(f"{data['pca']['n_components']} components are stated, {pca.n_components} are there")
        return cls(
            bands=BandTable.from_json(data["bands"]),
            pca=pca,
            scene_dtype=str(data["fitted_on"]["dtype"]),
            pixels=int(data["fitted_on"]["pixels"]),
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
    pixels = 0

    def spectra() -> Iterator[npt.NDArray[Any]]:
        nonlocal pixels
        done = 0
        for window in reader.block_windows(max_pixels):
            reporter.check_cancelled()
            block = reader.read(window, indices)
            valid = block.data.reshape(len(indices), -1)
            if not block.valid.all():
                valid = valid[:, block.valid.ravel()]
            pixels += valid.shape[1]
            yield valid.T
            done += window.height * window.width
            reporter.progress(done / (rows * cols), f"PCA: {done:,} of {rows * cols:,} pixels read")

    pca = fit_pca(spectra(), n_components, whiten)
    flat = int(np.count_nonzero(pca.explained_variance == 0))
    if flat:
        reporter.log(
            f"{flat} of the {n_components} components carry no variance and hold nothing but rounding noise;"
            f" {n_components - flat} would do.",
            "warning",
        )
    return Preprocessing(
        bands=reader.scene.bands.select(indices), pca=pca, scene_dtype=reader.scene.dtype, pixels=pixels
    )
