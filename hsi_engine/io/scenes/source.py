"""What a format of scenes is: three functions that recognise a path, describe it, and open its pixels.

A format says what its file states; what that means is the same for all formats and decided in two places: ``scene.py``
(bands, scale, nodata, place) and ``reader.py`` (which pixels are valid, their values).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from ...pixels.grid import Grid
from ...pixels.window import Window
from ...spectrum.bands import BandTable
from .metadata.nodata import NoData
from .pixel_values import value_dtype

Resampling = Literal["nearest", "bilinear"]
# What happens to pixels that a quality layer marks as cloud or its shadow: no data, or as all others.
Quality = Literal["mask", "keep"]

_FLAGGED = "flagged bad by the file"


@dataclass(frozen=True, kw_only=True)
class QualityLayer:
    """What a product says of its pixels besides their values, such as where there are clouds.

    Parameters
    ----------
    name : what it marks, for a person and in small letters: ``cloud``, ``cloud shadow``, ``snow``.
    masks : whether a pixel that is marked holds no data unless the user keeps it; so for clouds and their shadows.
    """

    name: str
    masks: bool = False


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is known of a scene without reading its pixels. Can be pickled, and opened in another process.

    Bands are counted in the order of ``bands``, which need not be that of the file: a format may sort them.

    Parameters
    ----------
    path : the data file, or the folder of a product.
    grid : CRS, transform and shape. Without a place on the map: no CRS, and the identity as transform.
    bands : one entry per band.
    dtype : data type of the numbers that are read.
    nodata : value that means no data in the first band, or None.
    scale, offset : per band; a physical value is ``number * scale + offset``.
    driver : the format for a person, such as GDAL's name of it.
    block_shape : (rows, cols) that are cheapest to read together, such as those that the file stores together.
    band_nodata : the nodata value of each band; empty if all have that of ``nodata``.
    also_nodata : further values that mean no data in every band, such as one that the user gave.
    transparent : 0-based bands that are transparency (alpha): masks, and no measurements.
    bad_reasons : why a band is not good, by 0-based band, for a person (``in strong water vapour``); those that are
        not named are flagged bad by the file.
    detectors : name of the detector of each band, such as ``VNIR`` and ``SWIR``, empty for a band of which that is not
        known; empty if there is one detector. Where two cover the same wavelengths, one of them is used, see
        :mod:`hsi_engine.io.scenes.choices.detector_overlap`.
    quality_layers : those of the product, in the order of :meth:`QualitySource.quality`.
    quality : ``keep`` if the user does not want quality layers to mask pixels. The reader obeys it, not the format.
    shown_scaling : scale and offset of each band that a GIS applies automatically; empty if it shows the numbers.
    shown_bands : 0-based place of each band in the raster that a GIS opens; empty if that has them in this order.
    texts : what the file states of the scene as a whole (sensor, day …), keys in lower case with underscores.
    files : all files that the pixels and this description are read from.
    warnings : what is missing, was guessed or looks wrong, one sentence each.
    format : name of the format that describes and opens the scene; set by ``describe_scene``.
    source : what the format needs to open the pixels; for it alone, and picklable.
    second : the raster whose bands follow those of the scene itself; None for a scene alone.
    """

    path: Path
    grid: Grid
    bands: BandTable
    dtype: str
    nodata: NoData
    scale: tuple[float, ...]
    offset: tuple[float, ...]
    driver: str
    block_shape: tuple[int, int]
    band_nodata: tuple[NoData, ...] = ()
    also_nodata: tuple[float, ...] = ()
    transparent: tuple[int, ...] = ()
    bad_reasons: Mapping[int, str] = field(default_factory=dict)
    detectors: tuple[str, ...] = ()
    quality_layers: tuple[QualityLayer, ...] = ()
    quality: Quality = "mask"
    shown_scaling: tuple[tuple[float, float], ...] = ()
    shown_bands: tuple[int, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    format: str = ""
    source: Any = None
    second: SecondRaster | None = None

    def __post_init__(self) -> None:
        count = len(self.bands)
        if not self.band_nodata:
            object.__setattr__(self, "band_nodata", (self.nodata,) * count)
        if not self.shown_scaling:
            object.__setattr__(self, "shown_scaling", ((1.0, 0.0),) * count)
        for name in ("scale", "offset", "band_nodata", "shown_scaling"):
            if len(getattr(self, name)) != count:
                raise ValueError(f"{name} has {len(getattr(self, name))} entries for {count} bands")
        if self.detectors and len(self.detectors) != count:
            raise ValueError(f"detectors has {len(self.detectors)} entries for {count} bands")
        if min(self.block_shape) < 1:
            raise ValueError(f"blocks of {self.block_shape} pixels")

    @property
    def nodata_text(self) -> str:
        """All values that mean no data, for a person; ``none stated`` if there are none."""
        values = [value for value in (*self.band_nodata, *self.also_nodata) if value is not None]
        # By their text: NaN differs from itself.
        texts = dict.fromkeys(str(value) if isinstance(value, int) else f"{value:.10g}" for value in values)
        return ", ".join("NaN" if text == "nan" else text for text in texts) or "none stated"

    @property
    def pixel_bytes(self) -> int:
        """Bytes of one pixel, all bands, as they are read."""
        return len(self.bands) * value_dtype(self.dtype).itemsize

    @property
    def masking_layers(self) -> tuple[int, ...]:
        """0-based quality layers whose pixels hold no data."""
        masked = self.quality == "mask"
        return tuple(i for i, layer in enumerate(self.quality_layers) if layer.masks and masked)

    @property
    def second_bands(self) -> int:
        """The number of last bands that are those of a second raster."""
        return 0 if self.second is None else len(self.second.bands)

    def why_bad(self, band: int) -> str:
        """Why a 0-based band is not good, for a person; empty for a good one."""
        return "" if self.bands.good[band] else self.bad_reasons.get(band, _FLAGGED)


@dataclass(frozen=True, kw_only=True)
class SecondRaster:
    """The two rasters of a joined scene, see :mod:`hsi_engine.io.scenes.second.joining`.

    Parameters
    ----------
    first : the scene alone, whose grid is that of the joined scene.
    raster : the second raster, on its own grid.
    bands : 0-based, those of its bands that are used.
    offset : row and column of the scene at which its first pixel lies, if both have the same pixels; else None.
    resampling : how its values come to the pixels of the scene; None if both have the same pixels.
    """

    first: Scene
    raster: Scene
    bands: tuple[int, ...]
    offset: tuple[int, int] | None
    resampling: Resampling | None


class PixelSource(Protocol):
    """The open pixels of a scene.

    Used by one thread at a time, but not always by the one that opened it. The reader never asks for nothing or beyond
    the scene. Reading keeps no more than a block or what was asked for, however large the scene.
    """

    def read(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        """The numbers of the file, neither scaled nor masked.

        Parameters
        ----------
        window : any rectangle in the scene.
        bands : 0-based, at least one, in any order and not always different ones.

        Returns
        -------
        (bands, rows, cols) of the scene's data type, in any memory layout; may be a view of what is kept.

        Raises
        ------
        OSError : the pixels cannot be read; the reason for a person. The reader adds where.
        """

    def mask(self, window: Window, bands: Sequence[int]) -> npt.NDArray[np.bool_] | None:
        """False where masks or quality layers of the file say that there is no data, whatever the number is.

        Returns
        -------
        (bands, rows, cols), or (1, rows, cols) for all bands alike; None if there is no mask.

        Raises
        ------
        OSError : as for ``read``.
        """

    def close(self) -> None:
        """Close all files."""


class QualitySource(PixelSource, Protocol):
    """The open pixels of a scene that states quality layers."""

    def quality(self, window: Window, layers: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Where each of some quality layers marks a pixel.

        They do not belong into :meth:`mask`: what they mean for a pixel, the user decides.

        Parameters
        ----------
        window : as for ``read``.
        layers : 0-based, in ``Scene.quality_layers``, at least one.

        Returns
        -------
        (layers, rows, cols).

        Raises
        ------
        OSError : as for ``read``.
        """


@dataclass(frozen=True, kw_only=True)
class FoundProduct:
    """A product that a folder or an archive holds.

    Parameters
    ----------
    path : its metadata, or its file with the spectra, which open this product alone; in an archive, where that lies in it.
    parts : files of the folder that belong to it and are not scenes, ``path`` included; empty in an archive.
    """

    path: Path
    parts: frozenset[Path] = frozenset()


def _no_products(_: Path) -> tuple[FoundProduct, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class SceneFormat:
    """A format of scenes, named in the tuple of ``formats/catalogue.py``.

    Parameters
    ----------
    name : unique, and kept in the scenes it describes.
    recognises : whether a path, which may be a folder or may not exist, is a scene of this format. It looks at names and
        first bytes, and raises nothing.
    describe : everything but the pixels, as the file states it. Raises SceneError.
    open : the pixels of a scene that ``describe`` made, perhaps in another process. Raises SceneError.
    products : those whose files lie in a folder, not in its subfolders, or anywhere in an archive. It looks at names and first
        bytes, and raises nothing.
    """

    name: str
    recognises: Callable[[Path], bool]
    describe: Callable[[Path], Scene]
    open: Callable[[Scene], PixelSource]
    products: Callable[[Path], Sequence[FoundProduct]] = _no_products
