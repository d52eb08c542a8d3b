"""Fitting a preprocessing to a scene in one pass over its pixels."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import SceneError
from ..io.scenes.choices.huge_values import refuse_huge_values
from ..io.scenes.metadata.nodata import HUGE
from ..reporting import Reporter, SilentReporter, TimedReporter
from ..runtime.read_ahead import read_ahead
from .branch import Branch, Reduction, ReductionSettings
from .chain import Preprocessing
from .covariance import StreamedCovariance
from .linear_reduction import decorrelation_of, mnf_of, partly_whitened
from .pca import pca_of, require_enough_bands
from .spectra import Normalisation, n_channels, normalise
from .standardisation import Standardisation, standardisation_of

if TYPE_CHECKING:
    from ..io.scenes.scene import SceneBlock, SceneReader, UsableBands
    from ..pixels.thinned_pixels import ThinnedPixels
    from ..pixels.window import Window

_MAX_BLOCK_PX = 65_536
# If a part of a scene is enough: the number of windows it is spread over, and the pixels for each band that must hold data.
_SPREAD_WINDOWS = 24
_WORTH_A_BAND = 20
# Neighbouring pixels of a block, side by side and one above the other.
_ALL = slice(None)
_NEIGHBOURS = (((_ALL, slice(1, None)), (_ALL, slice(-1))), ((slice(1, None), _ALL), (slice(-1), _ALL)))


def fit_preprocessing(
    reader: SceneReader,
    usable_bands: UsableBands,
    reductions: Sequence[ReductionSettings],
    *,
    reporter: Reporter,
    max_pixels: int = _MAX_BLOCK_PX,
    enough_pixels: int | None = None,
    unasked: Collection[ReductionSettings] = (),
    seen: ThinnedPixels | None = None,
) -> Preprocessing:
    """Fit the preprocessing to all valid pixels of a scene, read once, block by block.

    Labels play no part. Cancelling is checked before each block.

    Parameters
    ----------
    reader, usable_bands : the open scene, and the bands to feed in.
    reductions : one branch each; components from 1 to the number of usable bands.
    reporter : receives the progress, and a warning about components that have no variance.
    max_pixels : largest number of pixels held at once.
    enough_pixels : of a larger scene, fit to about this many pixels in windows spread over it; to more only where these
        hold no data. None: all of them.
    unasked : reductions that no user has asked for: nothing is said of their components.
    seen : gathers where the scene has data.

    Raises
    ------
    ParameterError : more components than bands, or than whitening can scale.
    SceneError : too few valid pixels, no variance, or values that are too large to compute with.
    """
    indices, quiet, scene = usable_bands.indices, SilentReporter(), reader.scene
    sums, timed = _Sums(len(indices), reductions), TimedReporter(reporter)
    for windows in spread_windows(reader, max_pixels, enough_pixels):
        done, total = 0, sum(window.height * window.width for window in windows)

        def blocks(windows: Sequence[Window] = windows) -> Iterator[SceneBlock]:
            for window in windows:
                yield _read(reader, window, indices, seen)

        with closing(read_ahead(blocks(), check_cancelled=reporter.check_cancelled)) as ahead:
            for block in ahead:
                reporter.check_cancelled()
                sums.add(block)
                done += block.valid.size
                timed.progress(done / total, f"Reading spectra: {done:,} of {total:,} pixels")
        if sums.of("none").pixels > _WORTH_A_BAND * len(indices):
            break
    if sums.of("none").may_hold(HUGE):
        refuse_huge_values(reader, indices, reporter.check_cancelled)
    return Preprocessing(
        bands=scene.bands.select(indices),
        band_indices=indices,
        scene_bands=len(scene.bands),
        scene_dtype=scene.dtype,
        pixels=sums.of("none").pixels,
        mean_spectrum=sums.of("none").mean,
        branches=tuple(_branch(one, sums, len(indices), quiet if one in unasked else reporter) for one in reductions),
        second_bands=scene.second_bands,
    )


def _read(reader: SceneReader, window: Window, indices: Sequence[int], seen: ThinnedPixels | None) -> SceneBlock:
    block = reader.read(window, indices)
    if seen is not None:
        seen.add(window, block.valid)
    return block


def _spectral_channels(wanted: ReductionSettings, n_bands: int) -> int:
    """Channels of a spectrum after its normalisation."""
    return n_channels(n_bands - wanted.second_bands, wanted.normalisation)


def spread_windows(reader: SceneReader, max_pixels: int, enough: int | None) -> Iterator[list[Window]]:
    """The windows to read first, and those to read as well if too few pixels of the first hold data."""
    rows, cols = reader.scene.grid.shape
    if enough is None or rows * cols <= enough:
        yield list(reader.block_windows(max_pixels))
        return
    every = list(reader.block_windows(min(max_pixels, max(1, enough // _SPREAD_WINDOWS))))
    count = max(1, min(len(every), round(enough / (rows * cols) * len(every))))
    chosen = set(np.linspace(0, len(every) - 1, count).round().astype(int).tolist())
    yield [window for number, window in enumerate(every) if number in chosen]
    yield [window for number, window in enumerate(every) if number not in chosen]


class _Sums:
    """Means and covariances of all normalisations that are needed, and of differences if noise is."""

    def __init__(self, bands: int, reductions: Sequence[ReductionSettings]) -> None:
        # The bands of a second raster do not belong to a spectrum. Plain sums of all bands hold those of some of them.
        self._spectrum = bands - max((r.second_bands for r in reductions), default=0)
        for one in reductions:
            require_enough_bands(one.n_components or 1, _spectral_channels(one, bands))
        wanted: set[Normalisation] = {"none", *(r.normalisation for r in reductions)}
        noisy = {r.normalisation for r in reductions if r.kind == "mnf"}
        self._signal = {how: StreamedCovariance(self._channels(bands, how)) for how in sorted(wanted)}
        self._noise = {how: StreamedCovariance(self._channels(bands, how)) for how in sorted(noisy)}

    def _channels(self, bands: int, how: Normalisation) -> int:
        return bands if how == "none" else n_channels(self._spectrum, how)

    def _normalised(self, block: SceneBlock, how: Normalisation) -> npt.NDArray[Any]:
        return block.data if how == "none" else normalise(block.data[: self._spectrum], how)

    def of(self, how: Normalisation) -> StreamedCovariance:
        return self._signal[how]

    def noise_of(self, how: Normalisation) -> StreamedCovariance:
        return self._noise[how]

    def add(self, block: SceneBlock) -> None:
        flat = np.flatnonzero(block.valid)
        for how, sums in self._signal.items():
            spectra = self._normalised(block, how)
            by_band = spectra.reshape(len(spectra), -1)
            sums.add((by_band if len(flat) == block.valid.size else by_band.take(flat, axis=1)).T)
        for how, sums in self._noise.items():
            spectra = self._normalised(block, how)
            for after, before in _NEIGHBOURS:
                both = block.valid[after] & block.valid[before]
                difference = np.subtract(
                    spectra[(slice(None), *after)], spectra[(slice(None), *before)], dtype=np.float64
                )
                sums.add(difference[:, both].T)


def _branch(wanted: ReductionSettings, sums: _Sums, n_bands: int, reporter: Reporter) -> Branch:
    own = n_bands - wanted.second_bands
    spectrum = slice(_spectral_channels(wanted, n_bands))
    signal = sums.of(wanted.normalisation).part(spectrum)
    reduction: Reduction
    if wanted.kind == "bands":
        reduction = standardisation_of(signal)
    elif wanted.kind == "decorrelated":
        reduction = decorrelation_of(signal, wanted.whiten)
    elif wanted.kind == "mnf":
        noise = sums.noise_of(wanted.normalisation).part(spectrum)
        reduction = mnf_of(signal, noise, wanted.n_components or own, wanted.whiten)
    else:
        reduction = pca = pca_of(signal, wanted.n_components or own, wanted.whiten == 1)
        if 0 < wanted.whiten < 1:
            reduction = partly_whitened(pca, wanted.whiten)
        flat = int(np.count_nonzero(pca.explained_variance == 0))
        if flat:
            reporter.log(
                f"{flat} of the {wanted.n_components} components have no variance beyond rounding error;"
                f" {pca.n_components - flat} are enough.",
                "warning",
            )
    second = None
    if wanted.second_bands and wanted.keeps_second:
        second = _standardised(sums.of("none").part(slice(own, None)))
    return Branch(
        n_bands=n_bands,
        normalisation=wanted.normalisation,
        reduction=reduction,
        second_bands=wanted.second_bands,
        second=second,
    )


def _standardised(sums: StreamedCovariance) -> Standardisation:
    if sums.pixels > 1 and not sums.covariance.any():
        raise SceneError(
            f"The second raster holds the same value ({sums.mean[0]:.6g}) in all {sums.pixels:,} pixels with data of both"
            " rasters: nothing can be learned from it.",
            code="no_variance",
            hint="Check that it is the right raster, and its nodata value.",
        )
    return standardisation_of(sums)
