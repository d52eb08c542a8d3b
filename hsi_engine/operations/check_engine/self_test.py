"""The whole job on a synthetic scene of a few hundred pixels, in a temporary folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from ...classes.legend import Legend
from ...errors import HsiError
from ...pixels.grid import Grid
from ...reporting import Reporter, SilentReporter
from ...spectrum.bands import BandTable

_SHAPE = (24, 36)
_BANDS = 16
_LEGEND = Legend.of({1: "water", 2: "meadow", 3: "soil"})
# Just enough components and patch for HybridSN.
_COMPONENTS, _PATCH_SIZE = 13, 9


class SelfTest:
    """Steps that build on one another; use as a context manager, which makes and removes the folder.

    Each step returns what it found in order, and raises HsiError or whatever a library raises.
    """

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = _CancelOnly(reporter)
        self._folder = tempfile.TemporaryDirectory(prefix="hsi-check-", ignore_cleanup_errors=True)
        self._failed: str | None = None

    def __enter__(self) -> SelfTest:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        """The steps by name, in their order."""
        steps = {"scene": self._scene, "labels": self._labels, "training": self._train, "mapping": self._map}
        return [(f"self-test: {name}", self._after_the_others(name, step)) for name, step in steps.items()]

    def _after_the_others(self, name: str, step: Callable[[], str]) -> Callable[[], str]:
        def run() -> str:
            if self._failed is not None:
                raise HsiError(f"not run, because '{self._failed}' failed")
            try:
                return step()
            except Exception:
                self._failed = name
                raise

        return run

    def _path(self, name: str) -> Path:
        return Path(self._folder.name) / name

    def _scene(self) -> str:
        from ...io.scenes.scene import describe_scene
        from ...io.scenes.writer import write_scene

        wavelengths = 430.0 + 40.0 * np.arange(_BANDS)
        bands = BandTable(
            names=tuple(f"band {number}" for number in range(1, _BANDS + 1)),
            wavelength_nm=tuple(map(float, wavelengths)),
            fwhm_nm=(None,) * _BANDS,
            good=(True,) * _BANDS,
        )
        write_scene(self._path("scene.tif"), _reflectance(), grid=_grid(), bands=bands)
        found = describe_scene(self._path("scene.tif"))
        if found.grid.shape != _SHAPE or found.bands.wavelength_nm != bands.wavelength_nm:
            raise HsiError("a scene came back with another size or other wavelengths")
        return "a scene is written and read with its wavelengths"

    def _labels(self) -> str:
        from ...io.labels.labels import read_labels
        from ...io.vectors.polygon_writer import write_class_polygons

        write_class_polygons(self._path("labels.gpkg"), _classes(), grid=_grid(), legend=_LEGEND)
        labels = read_labels(self._path("labels.gpkg"), _grid())
        if not np.array_equal(labels.values, _classes()):
            raise HsiError("polygons came back with other classes or in another place")
        return "polygons with a CRS are written, read and brought onto the pixels"

    def _train(self) -> str:
        from ..train_classifier.outputs import run
        from ..train_classifier.parameters import TrainClassifierParams

        trained = run(
            TrainClassifierParams(
                scene=self._path("scene.tif"),
                labels=self._path("labels.gpkg"),
                output=self._path("check.hsimodel"),
                model="hybridsn",
                split="random",
                components=_COMPONENTS,
                patch_size=_PATCH_SIZE,
                epochs=1,
            ),
            self._reporter,
        )
        return f"PCA, one epoch, a test and a model file on {trained.device}"

    def _map(self) -> str:
        from ...io.maps.class_map import read_class_map
        from ..classify_scene.operation import ClassifySceneParams
        from ..classify_scene.run import run

        target = self._path("map.tif")
        mapped = run(
            ClassifySceneParams(scene=self._path("scene.tif"), model=self._path("check.hsimodel"), output=target),
            self._reporter,
        )
        read = read_class_map(target)
        counts = [int(np.count_nonzero(read.values == c.value)) for c in _LEGEND]
        if counts != [c["pixels"] for c in mapped.classes] or sum(counts) != read.values.size:
            raise HsiError("a class map came back with other pixels")
        if read.grid.crs is None or read.legend is None or read.legend.names != _LEGEND.names:
            raise HsiError("a class map came back without its CRS or the names of its classes")
        return f"a class map is written and read with CRS and legend, on {mapped.device}"


class _CancelOnly(SilentReporter):
    """Passes on that the user wants to stop; the messages of the synthetic job are of no interest."""

    def __init__(self, parent: Reporter) -> None:
        super().__init__()
        self._parent = parent

    def check_cancelled(self) -> None:
        self._parent.check_cancelled()


def _grid() -> Grid:
    from affine import Affine

    return Grid(crs="EPSG:32633", transform=Affine(10.0, 0.0, 400_000.0, 0.0, -10.0, 5_800_000.0), shape=_SHAPE)


def _classes() -> npt.NDArray[np.uint8]:
    """Three stripes, (rows, cols)."""
    rows, cols = _SHAPE
    stripe = np.repeat(_LEGEND.values, cols // len(_LEGEND)).astype(np.uint8)
    return np.broadcast_to(stripe, (rows, cols)).copy()


def _reflectance() -> npt.NDArray[np.float32]:
    """A spectrum a class and some noise, (bands, rows, cols)."""
    x = np.linspace(0.0, 1.0, _BANDS)
    spectra = np.stack([0.12 - 0.08 * x, 0.10 + 0.45 * x**2, 0.20 + 0.25 * x], axis=1)
    noise = np.random.default_rng(0).normal(0.0, 0.01, (_BANDS, *_SHAPE))
    return (spectra[:, _classes() - 1] + noise).astype(np.float32)
