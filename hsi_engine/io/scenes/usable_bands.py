"""Which bands of a scene can be used: not flagged bad, not left out by the user, not without data in most of the scene.

A pixel is used if every band that is used holds data there. So a few bands with hardly any data would cost the scene, and are
left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...errors import SceneError
from ...phrases import counted
from ...pixels.window import Window
from ...reporting import Reporter
from ...spectrum.bands import band_numbers
from .reader import SceneReader
from .source import Scene
from .spectral_sample import sample_windows

_SCAN_BYTES = 64 << 20
# A band is left out if it holds data in less than this share of the pixels that hold data in any band.
LEAST_SHARE = 0.1
# What lies below this share of a sample is counted in the whole scene.
_DOUBTFUL_SHARE = 2.5 * LEAST_SHARE


@dataclass(frozen=True, kw_only=True)
class UsableBands:
    """0-based bands of a scene, sorted by what can be done with them.

    Parameters
    ----------
    indices : to be used.
    flagged : not good as the scene is described, see :meth:`.Scene.why_bad`.
    empty : not flagged, but without a single valid pixel.
    sparse : not flagged, but valid in less than :data:`LEAST_SHARE` of the pixels that are valid in any band.
    excluded : left out by the user.
    """

    indices: tuple[int, ...]
    flagged: tuple[int, ...] = ()
    empty: tuple[int, ...] = ()
    sparse: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()

    def describe(self, scene: Scene) -> str:
        """One sentence for the user: how many bands are used and which are left out, and why."""
        reasons: dict[str, list[int]] = {}
        for band in self.flagged:
            reasons.setdefault(scene.why_bad(band), []).append(band)
        reasons |= {
            "without any valid pixel": list(self.empty),
            f"valid in less than {LEAST_SHARE:.0%} of the pixels with data": list(self.sparse),
            "left out on request": list(self.excluded),
        }
        left_out = "; ".join(f"{band_numbers(bands)} ({reason})" for reason, bands in reasons.items() if bands)
        used = f"{len(self.indices)} of {len(scene.bands)} bands are used"
        return f"{used}; left out: {left_out}." if left_out else f"{used}."


def find_usable_bands(reader: SceneReader, reporter: Reporter, *, exclude: Sequence[int] = ()) -> UsableBands:
    """Find the bands to use; reads until every candidate has shown a valid pixel, and a sample of the scene.

    Parameters
    ----------
    reader : the open scene.
    reporter : receives the progress, and may cancel between two blocks.
    exclude : 0-based bands that the user leaves out.

    Raises
    ------
    SceneError : no band is left, no band holds a valid pixel, or no pixel is valid in all usable bands.
    """
    scene = reader.scene
    excluded = tuple(sorted(set(exclude)))
    flagged = tuple(i for i, good in enumerate(scene.bands.good) if not good and i not in excluded)
    candidates = [i for i in scene.bands.good_indices if i not in excluded]
    if not candidates:
        raise SceneError(
            f"No band of {scene.path} can be used: of {counted(len(scene.bands), 'band')}, {len(flagged)} {'is' if len(flagged) == 1 else 'are'} flagged bad by"
            f" the file and {len(excluded)} {'was' if len(excluded) == 1 else 'were'} left out on request.",
            code="no_band",
            hint="Correct the list of bad bands in the file, or leave out fewer bands.",
        )
    empty = bands_without_data(reader, reporter, candidates)
    indices = tuple(i for i in candidates if i not in empty)
    if not indices:
        raise SceneError(
            f"{scene.path} holds no data: none of its pixels is valid in any of the {counted(len(candidates), 'band')} examined"
            f" (nodata value: {scene.nodata_text}).",
            code="no_data",
            hint="Check the nodata value of the file, and that it is the right file.",
        )
    sparse = sparse_bands(reader, reporter, indices)
    most = [i for i in indices if i not in sparse]
    indices = tuple(most) or indices
    if not most or not _any_pixel_valid(reader, reporter, indices):
        raise SceneError(
            f"No pixel of {scene.path} is valid in all of the {counted(len(indices), 'usable band')}; a pixel can only be classified if "
            f"every band has data.",
            code="no_valid_pixel",
            hint="Leave out bands that have data in different places from the others.",
        )
    return UsableBands(indices=indices, flagged=flagged, empty=tuple(sorted(empty)), sparse=sparse, excluded=excluded)


def bands_without_data(reader: SceneReader, reporter: Reporter, candidates: Sequence[int]) -> set[int]:
    """Those of the 0-based ``candidates`` without a single valid pixel; reads only until each has shown one."""
    pending = list(candidates)
    rows = reader.scene.grid.shape[0]
    for window in reader.block_windows(_scan_pixels(reader)):
        reporter.check_cancelled()
        reporter.progress(window.row / rows, "Looking for bands without data")
        validity = reader.read_validity(window, pending)
        pending = [band for band, valid in zip(pending, validity, strict=True) if not valid.any()]
        if not pending:
            break
    return set(pending)


def sparse_bands(reader: SceneReader, reporter: Reporter, candidates: Sequence[int]) -> tuple[int, ...]:
    """Those of the 0-based ``candidates`` that are valid in less than :data:`LEAST_SHARE` of the pixels with data.

    Pixels with data are valid in one candidate at least. A sample from all over the scene shows which bands may be such;
    the whole scene is read for these alone.
    """
    whole = Window.of_shape(reader.scene.grid.shape)
    places, complete = sample_windows(reader, whole, candidates)
    valid, anywhere = _counts(reader, reporter, candidates, places)
    if complete:
        return _below(candidates, valid, anywhere, LEAST_SHARE)
    doubtful = _below(candidates, valid, anywhere, _DOUBTFUL_SHARE)
    if not doubtful:
        return ()
    valid, anywhere = _counts(reader, reporter, candidates, reader.block_windows(_scan_pixels(reader)))
    return tuple(band for band in _below(candidates, valid, anywhere, LEAST_SHARE) if band in doubtful)


def _counts(
    reader: SceneReader, reporter: Reporter, bands: Sequence[int], places: Iterable[Window]
) -> tuple[npt.NDArray[np.int64], int]:
    """Valid pixels of each band, and those that are valid in any of them."""
    valid, anywhere = np.zeros(len(bands), np.int64), 0
    for window in places:
        reporter.check_cancelled()
        validity = reader.read_validity(window, bands)
        valid += np.count_nonzero(validity, axis=(1, 2))
        anywhere += int(np.count_nonzero(validity.any(axis=0)))
    return valid, anywhere


def _below(bands: Sequence[int], valid: npt.NDArray[np.int64], anywhere: int, share: float) -> tuple[int, ...]:
    return tuple(band for band, count in zip(bands, valid, strict=True) if count < share * anywhere)


def _any_pixel_valid(reader: SceneReader, reporter: Reporter, bands: Sequence[int]) -> bool:
    for window in reader.block_windows(_scan_pixels(reader)):
        reporter.check_cancelled()
        if reader.read_validity(window, bands).all(axis=0).any():
            return True
    return False


def _scan_pixels(reader: SceneReader) -> int:
    return max(1, _SCAN_BYTES // reader.scene.pixel_bytes)
