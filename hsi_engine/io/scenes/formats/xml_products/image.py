"""The image of a product whose metadata state bands, scale and no data: opened by its own format, bands in another order."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .....errors import SceneError
from .....pixels.window import Window
from .....spectrum.bands import BandTable
from ...source import Scene
from .. import envi, gdal
from .bands import ProductBand
from .product_files import ProductFiles
from .quality_files import QualityFile, QualityRasters


@dataclass(frozen=True, kw_only=True)
class ProductSource:
    """What opening a product needs.

    Parameters
    ----------
    image : the scene that its own format describes, ENVI or GDAL.
    order : for each band of the product its 0-based place in the image.
    quality : where the quality layers are stored, in their order.
    """

    image: Scene
    order: tuple[int, ...]
    quality: tuple[QualityFile, ...]


def describe_image(path: Path) -> Scene:
    """The image alone, without notes on what it states about bands and values, which the metadata state.

    Raises
    ------
    SceneError : it cannot be opened.
    """
    found = envi.ENVI if envi.ENVI.recognises(path) else gdal.GDAL
    describe = envi.describe if found is envi.ENVI else gdal.describe
    return replace(describe(path, bands_stated_elsewhere=True), format=found.name)


def product_scene(
    image: Scene,
    bands: Sequence[ProductBand],
    *,
    files: ProductFiles,
    product: str,
    nodata: int,
    texts: dict[str, str],
    quality: Sequence[QualityFile],
    notes: Sequence[str],
) -> Scene:
    """The scene of a product.

    Parameters
    ----------
    image : as :func:`describe_image` describes it.
    bands : one for each band of the image, in any order; the scene has them by wavelength.
    files : of the product.
    product : its mission and level, for a person.
    nodata : the number in the image that means no data.
    quality : the layers, which fit the image.
    notes : what has to be said of the metadata.

    Raises
    ------
    SceneError : the image has other bands than the metadata list.
    """
    _check_numbers(image, bands, files)
    ordered = sorted(bands, key=lambda band: (band.wavelength_nm, band.number))
    order = tuple(band.number - 1 for band in ordered)
    detectors = tuple(band.detector for band in ordered)
    count = len(ordered)
    return Scene(
        path=files.place.source if files.place.archived else image.path,
        grid=image.grid,
        bands=_table(ordered),
        bad_reasons={i: band.bad_reason for i, band in enumerate(ordered) if band.bad_reason},
        detectors=detectors if any(detectors) else (),
        dtype=image.dtype,
        nodata=nodata,
        band_nodata=(nodata,) * count,
        scale=tuple(band.scale for band in ordered),
        offset=tuple(band.offset for band in ordered),
        shown_scaling=tuple(image.shown_scaling[place] for place in order),
        shown_bands=order,
        driver=product,
        block_shape=image.block_shape,
        texts=texts,
        files=_all_files(image, files, quality),
        warnings=(*image.warnings, *_archive_notes(files), *_number_notes(image, ordered), *notes),
        quality_layers=tuple(layer.layer for layer in quality),
        source=ProductSource(image=image, order=order, quality=tuple(quality)),
    )


def _all_files(image: Scene, files: ProductFiles, quality: Sequence[QualityFile]) -> tuple[str, ...]:
    """All files on disk that the scene is read from."""
    if files.place.archived:
        return (str(files.place.source),)
    return tuple(dict.fromkeys((*image.files, files.metadata, *(str(layer.path) for layer in quality))))


def _number_notes(image: Scene, bands: Sequence[ProductBand]) -> tuple[str, ...]:
    """A word on an image that was converted, and may hold values that are scaled already."""
    if np.dtype(image.dtype).kind != "f" or all((band.scale, band.offset) == (1.0, 0.0) for band in bands):
        return ()
    return (
        f"The image {image.path.name} holds real numbers ({image.dtype}); that of a product as delivered holds whole numbers. They are"
        f" scaled as the metadata say ({bands[0].scale:g} in the first band): if they were scaled before, use the image as delivered.",
    )


def _archive_notes(files: ProductFiles) -> tuple[str, ...]:
    if not files.place.archived:
        return ()
    return (
        f"The product is read from the archive {files.place.source.name} without unpacking it. Unpack it to save time.",
    )


def _check_numbers(image: Scene, bands: Sequence[ProductBand], files: ProductFiles) -> None:
    places = sorted(band.number for band in bands)
    if places != list(range(1, len(image.bands) + 1)):
        raise SceneError(
            f"The metadata {files.metadata} list {len(bands)} bands, numbered {places[0]} to {places[-1]}; the image"
            f" {image.path.name} has {len(image.bands)}.",
            code="bands_differ",
            hint="Choose the image as it was delivered. One with some bands only is opened without the metadata, which do not say"
            " which bands these are, if you move it to another folder.",
        )


def _table(bands: Sequence[ProductBand]) -> BandTable:
    return BandTable(
        names=tuple(band.name for band in bands),
        wavelength_nm=tuple(band.wavelength_nm for band in bands),
        fwhm_nm=tuple(band.fwhm_nm for band in bands),
        good=tuple(not band.bad_reason for band in bands),
    )


class ProductPixels:
    """The open image and quality layers of a product. See :class:`hsi_engine.io.scenes.source.QualitySource`."""

    def __init__(self, scene: Scene) -> None:
        source: ProductSource = scene.source
        self._order = source.order
        with ExitStack() as stack:
            opener = envi.ENVI if source.image.format == envi.ENVI.name else gdal.GDAL
            self._image = opener.open(source.image)
            stack.callback(self._image.close)
            self._quality = QualityRasters(source.quality)
            stack.pop_all()  # all is open; from here on close() answers for it

    def read(self, window: Window, bands: Sequence[int]) -> npt.NDArray[Any]:
        """Numbers of the image, (bands, rows, cols)."""
        return self._image.read(window, self._in_image(bands))

    def mask(self, window: Window, bands: Sequence[int]) -> npt.NDArray[np.bool_] | None:
        """Masks of the image itself."""
        return self._image.mask(window, self._in_image(bands))

    def quality(self, window: Window, layers: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Where quality layers mark a pixel, (layers, rows, cols)."""
        return self._quality.read(window, layers)

    def close(self) -> None:
        """Close all files."""
        self._image.close()
        self._quality.close()

    def _in_image(self, bands: Sequence[int]) -> list[int]:
        return [self._order[band] for band in bands]
