"""A made-up format of scenes, as a contributor would write one: this module, and its name in the tuple of formats.

It has what GeoTIFF and ENVI have not: it is a folder, its cube has bands last and in falling order of wavelength, a quality
layer says where there are clouds, and a bad band has a reason.

    scene/about.json   place, scale, nodata; wavelength and flag of each band of the cube
    scene/cube.npy     (rows, cols, bands)
    scene/cloud.npy    (rows, cols), not 0 under clouds
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine

from hsi_engine.io.scenes.source import Scene, SceneFormat
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import Window
from hsi_engine.spectrum.bands import BandTable


def recognises(path: Path) -> bool:
    return (path / "about.json").is_file()


def describe(path: Path) -> Scene:
    about = json.loads((path / "about.json").read_text())
    rows, cols, count = np.load(path / "cube.npy", mmap_mode="r").shape
    order = sorted(range(count), key=lambda band: about["wavelength_nm"][band])
    good = tuple(about["good"][band] for band in order)
    return Scene(
        path=path,
        grid=Grid(crs=about["crs"], transform=Affine(*about["transform"]), shape=(rows, cols)),
        bands=BandTable(
            names=tuple(f"Channel {band}" for band in order),
            wavelength_nm=tuple(about["wavelength_nm"][band] for band in order),
            fwhm_nm=(None,) * count,
            good=good,
        ),
        bad_reasons={band: "in water vapour" for band in range(count) if not good[band]},
        dtype="int16",
        nodata=about["nodata"],
        scale=(about["scale"],) * count,
        offset=(0.0,) * count,
        driver="Toy",
        block_shape=(5, cols),
        texts={"sensor": "Toy-1", "acquisition_time": "2024-05-06T10:11:12Z"},
        files=tuple(str(path / name) for name in ("about.json", "cube.npy", "cloud.npy")),
        source=tuple(order),
    )


class ToyPixels:
    def __init__(self, scene: Scene) -> None:
        self._cube = np.load(scene.path / "cube.npy", mmap_mode="r")
        self._cloud = np.load(scene.path / "cloud.npy", mmap_mode="r")
        self._order = np.array(scene.source)

    def read(self, window: Window, bands: Sequence[int]) -> np.ndarray[Any, Any]:
        return self._cube[window.slices()][..., self._order[list(bands)]].transpose(2, 0, 1)

    def mask(self, window: Window, bands: Sequence[int]) -> np.ndarray[Any, Any]:
        return self._cloud[window.slices()][None] == 0

    def close(self) -> None:
        del self._cube, self._cloud


TOY = SceneFormat(name="toy", recognises=recognises, describe=describe, open=ToyPixels)
