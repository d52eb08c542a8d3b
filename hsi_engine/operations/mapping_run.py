"""The steps of mapping one scene: check, predict tile by tile, write, style."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..bundle.model_bundle import ModelBundle, read_bundle
from ..errors import SceneError
from ..inference.memory import plan_strips
from ..inference.predictor import Prediction, Predictor
from ..io.class_map import ClassMapWriter, FloatMapWriter
from ..io.outputs import StagedOutputs, check_outputs
from ..io.scene import SceneReader, open_scene
from ..io.style import check_style_is_ours, sidecar_paths, write_class_map_style, write_confidence_style
from ..legend import Legend
from ..reporting import Reporter
from ..runtime.device import describe_device, resolve_device
from ..window import TilePlan, Window

if TYPE_CHECKING:
    from .classify_scene import ClassifySceneParams

_MIB = 2**20
_PROBE_PX = 32


@dataclass(frozen=True, kw_only=True, eq=False)
class MappedScene:
    """What a map holds: pixels by class index, pixels without data, and pixels below the least confidence."""

    bundle: ModelBundle
    class_pixels: npt.NDArray[np.int64]
    nodata_pixels: int
    unclassified_pixels: int
    notes: list[str]
    device: str
    seconds: float


def map_scene(params: ClassifySceneParams, reporter: Reporter) -> MappedScene:
    """Classify a scene and write its map; the files appear together when all is finished.

    Raises
    ------
    HsiError : of the family of whatever is wrong: outputs, model, scene, a model that does not fit the scene.
    """
    started = time.perf_counter()
    check_map_outputs(params)
    device = resolve_device(params.device)
    bundle = read_bundle(params.model)
    with open_scene(params.scene) as reader:
        scene = reader.scene
        predictor = Predictor.of(bundle, scene, device)
        notes = [*scene.warnings, *_scale_notes(bundle, predictor, reader)]
        for note in notes:
            reporter.log(note, "warning")
        budget = params.memory_mb * _MIB
        core = params.tile_size or plan_strips(predictor, scene, budget_bytes=budget).strip_rows
        plan = TilePlan(shape=scene.grid.shape, core=core)
        class_pixels = np.zeros(len(bundle.legend), dtype=np.int64)
        nodata = 0
        with StagedOutputs() as stage, MapFiles(params, reader, bundle.legend, stage) as files:
            for number, tile in enumerate(plan):
                reporter.check_cancelled()
                reporter.progress(number / len(plan), f"Classifying: tile {number + 1} of {len(plan)}")
                prediction = predictor.predict_window(reader, tile.core)
                indices = prediction.class_indices(params.min_confidence)
                files.write(tile.core, prediction, bundle.legend.to_value(indices))
                class_pixels += np.bincount(indices[indices >= 0], minlength=len(class_pixels))
                nodata += int(np.count_nonzero(~prediction.valid))
            if nodata == scene.grid.shape[0] * scene.grid.shape[1]:
                raise SceneError(
                    f"No pixel of {scene.path} holds data in all {len(predictor.band_indices)} bands that the model"
                    f" needs (nodata value {scene.nodata}): there is nothing to classify.",
                    code="no_valid_pixel",
                    hint="Check the nodata value of the file, and that the right file was chosen.",
                )
    rows, cols = scene.grid.shape
    return MappedScene(
        bundle=bundle,
        class_pixels=class_pixels,
        nodata_pixels=nodata,
        unclassified_pixels=rows * cols - nodata - int(class_pixels.sum()),
        notes=notes,
        device=describe_device(device),
        seconds=time.perf_counter() - started,
    )


def check_map_outputs(params: ClassifySceneParams, *, others: Iterable[Path] = ()) -> None:
    """Make sure that the rasters can be written, and that none is one of ``others`` or of what is read.

    Raises
    ------
    OutputError : one of them cannot, or two of them are the same file.
    """
    outputs = [p for p in (params.output, params.confidence, params.probabilities) if p is not None]
    check_outputs(outputs, inputs=[params.scene, params.model, *others], suffixes=(".tif", ".tiff"))
    for raster in filter(None, (params.output, params.confidence)):
        check_style_is_ours(raster)


class MapFiles:
    """The rasters of one job, staged: class map, and confidence and probabilities where they were asked for."""

    def __init__(self, params: ClassifySceneParams, reader: SceneReader, legend: Legend, stage: StagedOutputs) -> None:
        grid = reader.scene.grid
        self._legend = legend
        self._class_map = stage.path(params.output)
        self._confidence = None if params.confidence is None else stage.path(params.confidence)
        # Named now, so that they are renamed right after the raster that they belong to.
        for raster in filter(None, (params.output, params.confidence)):
            for sidecar in sidecar_paths(raster):
                if raster == params.output or sidecar.suffix == ".qml":
                    stage.path(sidecar)
        self._stack = ExitStack()
        self._writers: dict[str, Any] = {"class_map": ClassMapWriter(self._class_map, grid, legend)}
        if self._confidence is not None:
            self._writers["confidence"] = FloatMapWriter(self._confidence, grid, ["confidence"])
        if params.probabilities is not None:
            self._writers["probabilities"] = FloatMapWriter(stage.path(params.probabilities), grid, legend.names)

    def __enter__(self) -> MapFiles:
        with self._stack:
            for writer in self._writers.values():
                self._stack.enter_context(writer)
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        if kind is None:
            write_class_map_style(self._class_map, self._legend)
            if self._confidence is not None:
                write_confidence_style(self._confidence)

    def write(self, window: Window, prediction: Prediction, values: npt.NDArray[Any]) -> None:
        """Write what is known of a window; ``values`` are raster values (rows, cols)."""
        self._writers["class_map"].write(window, values)
        if "confidence" in self._writers:
            self._writers["confidence"].write(window, prediction.confidence)
        if "probabilities" in self._writers:
            self._writers["probabilities"].write(window, prediction.probabilities)


def _scale_notes(bundle: ModelBundle, predictor: Predictor, reader: SceneReader) -> list[str]:
    """A warning where the scene seems to be in another unit than the one the model was trained on.

    Looks at windows along the diagonals of the scene, so that it costs nothing on a large one.
    """
    shape = reader.scene.grid.shape
    spectra = []
    for share in (0.5, 0.25, 0.75, 0.1, 0.9):
        for flip in (share, 1 - share):
            row, col = int(share * shape[0]), int(flip * shape[1])
            block = reader.read(
                Window(row=row, col=col, height=_PROBE_PX, width=_PROBE_PX).clip(shape), predictor.band_indices
            )
            spectra.append(block.data[:, block.valid])
    found = np.concatenate(spectra, axis=1)
    if not found.size:
        return []
    warning = bundle.scale_warning(found.mean(axis=1))
    return [warning] if warning else []
