"""Indian Pines as files that any GIS opens: scene, labels as polygons, ground truth as a raster.

The corrected cube (145×145 pixels, 200 bands) and its ground truth come with the package tensorly, which is
not imported. Source: M. F. Baumgardner, L. L. Biehl and D. A. Landgrebe (2015): 220 Band AVIRIS Hyperspectral
Image Data Set: June 12, 1992 Indian Pine Test Site 3, Purdue University Research Repository,
doi:10.4231/R7RX991C, CC BY 3.0.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from affine import Affine

from ..classes.legend import Legend, LegendClass
from ..errors import OutputError, SceneError
from ..pixels.grid import Grid
from ..spectrum.bands import BandTable
from .aviris import N_BANDS, aviris_1992_nm

SHAPE = (145, 145)
# Bands of the 220 that were removed because water vapour or noise hides the ground, counted from 1.
REMOVED_BANDS = frozenset((*range(104, 109), *range(150, 164), 220))

# Corn in yellows, soybean in browns, grass in light greens, woods dark; neighbours in one family stay at
# least 20 units of CIELAB apart.
_CLASSES = (
    ("Alfalfa", "#8e5bc4"),
    ("Corn-notill", "#ffcf1a"),
    ("Corn-mintill", "#f28c00"),
    ("Corn", "#fff2a0"),
    ("Grass-pasture", "#93d94e"),
    ("Grass-trees", "#3da35d"),
    ("Grass-pasture-mowed", "#cdebc0"),
    ("Hay-windrowed", "#d9b382"),
    ("Oats", "#c9c23f"),
    ("Soybean-notill", "#a8432f"),
    ("Soybean-mintill", "#6b2a1d"),
    ("Soybean-clean", "#e88a73"),
    ("Wheat", "#a0781e"),
    ("Woods", "#0b5a2b"),
    ("Buildings-Grass-Trees-Drives", "#d63a8a"),
    ("Stone-Steel-Towers", "#878d96"),
)

# The published cube has no map coordinates. This puts its centre at about 40.46° N, 87.01° W, north up.
_PIXEL_M = 20.0
_CENTRE_X_M, _CENTRE_Y_M = 499_150.0, 4_478_810.0
_UTM_16N = "EPSG:32616"

_FILES = ("indian_pines.tif", "indian_pines_labels.gpkg", "indian_pines_truth.tif")

_TAGS = {
    "title": "Indian Pines, AVIRIS, 12 June 1992, corrected (200 bands)",
    "georeferencing": "approximate: the published cube has no map coordinates; placed about its known centre, north up",
    "wavelengths": "centres and widths from the spectral calibration of the season, bands 104-108, 150-163, 220 removed",
    "source": "Baumgardner, Biehl and Landgrebe (2015), Purdue University Research Repository, doi:10.4231/R7RX991C",
    "licence": "CC BY 3.0",
}


@dataclass(frozen=True, kw_only=True)
class IndianPines:
    """The files that were written.

    Parameters
    ----------
    scene : GeoTIFF, uint16, 200 bands with wavelengths; numbers proportional to radiance, as published.
    labels : GeoPackage of polygons with ``class_id``, ``class_name`` and ``color``.
    ground_truth : GeoTIFF, uint8, values 1 to 16 with names and colours; 0 is unlabelled.
    """

    scene: Path
    labels: Path
    ground_truth: Path


def legend() -> Legend:
    """The 16 classes of the ground truth with their published names."""
    return Legend(tuple(LegendClass(value=i, name=n, colour=c) for i, (n, c) in enumerate(_CLASSES, start=1)))


def grid() -> Grid:
    """Where the scene lies, approximately."""
    rows, cols = SHAPE
    origin = Affine.translation(_CENTRE_X_M - cols / 2 * _PIXEL_M, _CENTRE_Y_M + rows / 2 * _PIXEL_M)
    return Grid(crs=_UTM_16N, transform=origin @ Affine.scale(_PIXEL_M, -_PIXEL_M), shape=SHAPE)


def bands() -> BandTable:
    """The 200 bands of the corrected cube, named by their number among the 220 of the sensor."""
    centres, widths = aviris_1992_nm()
    kept = [number for number in range(1, N_BANDS + 1) if number not in REMOVED_BANDS]
    return BandTable(
        names=tuple(f"AVIRIS band {number}" for number in kept),
        wavelength_nm=tuple(float(centres[number - 1]) for number in kept),
        fwhm_nm=tuple(float(widths[number - 1]) for number in kept),
        good=(True,) * len(kept),
    )


def write_indian_pines(folder: Path) -> IndianPines:
    """Write the three files into ``folder``, which is created if it is missing.

    Raises
    ------
    SceneError
        The package tensorly, or its data, is not installed.
    OutputError
        A file cannot be written.
    """
    from ..io.files.outputs import StagedOutputs, check_outputs
    from ..io.legends.style_files import sidecar_paths, write_class_map_style
    from ..io.maps.class_map import ClassMapWriter
    from ..io.scenes.writer import write_scene
    from ..io.vectors.polygon_writer import write_class_polygons
    from ..pixels.window import Window

    cube, classes = _load("Indian_pines_corrected.npy"), _load("Indian_pines_gt.npy")
    place, names = grid(), legend()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"Folder '{folder}' cannot be created: {error.strerror}.",
            code="no_folder",
            hint="Choose another folder.",
        ) from error
    scene, labels, truth = check_outputs(folder / name for name in _FILES)
    with StagedOutputs() as stage:
        write_scene(stage.path(scene), cube.transpose(2, 0, 1), grid=place, bands=bands(), tags=_TAGS)
        write_class_polygons(stage.path(labels), classes, grid=place, legend=names)
        with ClassMapWriter(stage.path(truth), place, names) as writer:
            writer.write(Window.of_shape(SHAPE), classes)
        for sidecar in sidecar_paths(truth):
            stage.path(sidecar)
        write_class_map_style(stage.path(truth), names)
    return IndianPines(scene=scene, labels=labels, ground_truth=truth)


def _load(name: str) -> npt.NDArray[Any]:
    spec = importlib.util.find_spec("tensorly")
    if spec is None or spec.origin is None:
        raise SceneError(
            "The demo scene Indian Pines comes with the package tensorly, which is not installed.",
            code="demo_missing",
            hint="Install the extra 'demo': pip install 'hsi-engine[demo]'.",
        )
    path = Path(spec.origin).parent / "datasets" / "data" / name
    try:
        return np.asarray(np.load(path, allow_pickle=False))
    except (OSError, ValueError) as error:
        raise SceneError(
            f"The demo scene Indian Pines cannot be read from '{path}': {error}",
            code="demo_unreadable",
            hint="Install the package again: pip install --force-reinstall 'tensorly>=0.8'.",
        ) from error
