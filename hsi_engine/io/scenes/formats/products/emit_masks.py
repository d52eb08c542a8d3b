"""The masks of EMIT, which lie on the swath and in a separate file, next to the one with the spectra."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .....errors import SceneError
from ....rasters.hdf5_files.attributes import as_text
from ....rasters.hdf5_files.product_file import ProductFile
from ...source import QualityLayer
from ..cubes.swath import Places, Swath
from ..xml_products.quality_files import CIRRUS, CLOUD, DEFECTIVE, WATER

WHAT = "an EMIT product"
_NAMES = "sensor_band_parameters/mask_bands"
# By the name of a layer of the mask file, without spaces. The aggregate flag holds water and aerosol too, and masks nothing.
_LAYERS: Mapping[str, QualityLayer] = {
    "cloudflag": CLOUD,
    "cirrusflag": QualityLayer(name=CIRRUS.name, masks=True),
    "waterflag": WATER,
    "spacecraftflag": QualityLayer(name="spacecraft in view", masks=True),
    "dilatedcloudflag": QualityLayer(name="close to a cloud", masks=True),
    "aggregateflag": QualityLayer(name="aggregate flag"),
}
_USUAL = ("cloudflag", "cirrusflag", "waterflag", "spacecraftflag", "dilatedcloudflag", "", "", "aggregateflag")


class EmitMasks:
    """The masks of a product, opened when they are first asked for.

    Parameters
    ----------
    file : None if the product has none.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._product: ProductFile | None = None
        self._arrays: dict[str, Swath] = {}

    def of(self, layer: int | None, lines: Places, samples: Places) -> npt.NDArray[np.bool_]:
        """Whether a layer marks each of some pixels of the swath, (n,); None is the mask of single bands. Raises OSError."""
        if layer is None:
            packed = self._array("band_mask")
            # Eight bands in a byte, which older granules write as a number of 64 bits.
            return np.asarray(packed.gather(lines, samples, range(packed.count)).astype(np.uint8).any(axis=1))
        return np.asarray(self._array("mask").gather(lines, samples, [layer])[:, 0] > 0)

    def close(self) -> None:
        for array in self._arrays.values():
            array.close()
        if self._product is not None:
            self._product.close()

    def _array(self, name: str) -> Swath:
        if self._file is None:
            raise OSError("the product has no mask file")
        if name not in self._arrays:
            try:
                self._product = self._product or ProductFile.kept_open(self._file, WHAT)
                self._arrays[name] = Swath(self._file, self._product.dataset(name, 3))
            except SceneError as error:
                raise OSError(error.message) from error
        return self._arrays[name]


def find_masks(
    path: Path, swath: tuple[int, int]
) -> tuple[Path | None, Mapping[QualityLayer, int | None], tuple[str, ...]]:
    """The file of the masks next to a product, its layers with their positions, and notes."""
    file = other_file(path, "MASK")
    if file is None:
        return None, {}, ("There is no mask file (MASK) next to the product: pixels under clouds count as data.",)
    try:
        with ProductFile.opened(file, WHAT) as masks:
            shape = masks.dataset("mask", 3).shape
            if tuple(shape[:2]) != swath:
                raise masks.wrong(
                    f"its masks have {shape[0]}×{shape[1]} pixels", f"the swath has {swath[0]}×{swath[1]}"
                )
            layers: dict[QualityLayer, int | None] = dict(_named_layers(masks, int(shape[2])))
            packed = masks.file.get("band_mask")
            if (
                tuple(getattr(packed, "shape", ())[:2]) == swath
                and len(packed.shape) == 3
                and packed.dtype.kind in "iuf"
            ):
                layers[DEFECTIVE] = None
    except SceneError as error:
        return None, {}, (f"The masks are not used, so that pixels under clouds count as data: {error.message}",)
    return file, layers, ()


def _named_layers(masks: ProductFile, count: int) -> Iterator[tuple[QualityLayer, int]]:
    """The layers that are known by name or, in a file without names, by the usual order."""
    stated = masks.file.get(_NAMES)
    names: Sequence[str] = _USUAL
    if stated is not None and stated.shape == (count,):
        names = [re.sub(r"[^a-z]", "", (as_text(name) or "").lower()) for name in stated[()]]
    if len(names) == count:
        yield from ((_LAYERS[name], i) for i, name in enumerate(names) if name in _LAYERS)


def other_file(path: Path, kind: str) -> Path | None:
    """Another file of the same granule, such as that of the masks."""
    name = re.sub(r"_(RFL|RFLUNCERT|MASK|RAD|OBS)_", f"_{kind}_", path.name, flags=re.IGNORECASE)
    found = path.with_name(name)
    if name == path.name:
        return None
    if found.is_file():
        return found
    try:
        return next((file for file in path.parent.iterdir() if file.name.lower() == name.lower()), None)
    except OSError:  # a folder that may be passed but not listed
        return None
