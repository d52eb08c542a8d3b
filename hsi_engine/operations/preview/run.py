"""A preview: find or train the quick model, map a part of the scene with it.

What only a training needs is imported when one begins: nearly all previews are made with a model that is kept, and most of
their time is that of the imports.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ...bundle.model_bundle import ModelBundle
from ...io.files.user_cache import user_cache
from ...io.labels.labels import Labels, read_labels, read_legend
from ...io.maps.map_extent import extent_window, parse_extent
from ...io.scenes.scene import SceneReader, open_scene
from ...pixels.scene_part import ScenePart
from ...pixels.window import Window
from ...reporting import PhaseReporter, Reporter
from ..classify_scene.map_files import report_map_outputs
from ..classify_scene.operation import ClassifySceneParams
from ..classify_scene.run import KnownModel, MappedScene, map_scene
from ..definition.output_check import check_scene_is_kept
from ..definition.scene_input import scene_reading
from .kept_models import KeptModels, full_key, quick_key, scene_key
from .operation import DEFAULT_SIZE_PX, PreviewedClass, PreviewParams, PreviewResult

# Share of the job before mapping; it only shapes the progress bar.
_TRAINED = 0.7
_FOLDER = "previews"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Model:
    """The model of a preview: whether it was trained now, in how many seconds, and which key it is kept under."""

    bundle: ModelBundle
    key: str
    trained: bool
    seconds: float
    notes: tuple[str, ...]


def run(params: PreviewParams, reporter: Reporter) -> PreviewResult:
    """Map a part of the scene; the files appear when all of them are finished.

    Raises
    ------
    HsiError : of the family of whatever is wrong: outputs, extent, scene, labels, training.
    """
    started = time.perf_counter()
    kept = KeptModels(folder=params.cache or user_cache() / _FOLDER, reporter=reporter)
    mapping = ClassifySceneParams(scene=params.scene, model=params.scene, output=params.output, **scene_reading(params))
    with open_scene(params.scene, **scene_reading(params)) as reader:
        scene = reader.scene
        check_scene_is_kept(params, scene)
        window, asked = _window(params, scene.grid.shape, reader)
        cut = window != asked
        notes = []
        if cut:
            notes.append(
                f"The part of {asked.height:,}×{asked.width:,} pixels (rows × columns) is larger than a preview: its middle,"
                f" {window.height:,}×{window.width:,} pixels, is mapped."
            )
            reporter.log(notes[0], "warning")
        model = _model(params, reader, kept, PhaseReporter(reporter, 0.0, _TRAINED))
    reporter.check_cancelled()
    began = time.perf_counter()
    mapped = map_scene(
        mapping.model_copy(update={"device": "cpu"}),
        PhaseReporter(reporter, _TRAINED, 1.0),
        KnownModel(scene=scene, bundle=model.bundle, part=ScenePart(window=window)),
    )
    ended = time.perf_counter()
    report_map_outputs(mapping, reporter)
    path = kept.path(model.key)
    return PreviewResult(
        output=params.output,
        window={"row": window.row, "col": window.col, "height": window.height, "width": window.width},
        cut=cut,
        classes=_classes(mapped),
        nodata_pixels=mapped.nodata_pixels,
        method=_method(model.bundle),
        trained=model.trained,
        training_seconds=model.seconds,
        mapping_seconds=ended - began,
        seconds=ended - started,
        quick_check=_quick_check(model.bundle),
        accuracy=_accuracy(model.bundle),
        model=path if path.exists() else None,
        model_id=model.bundle.id,
        notes=[*notes, *model.notes],
    )


def _window(params: PreviewParams, shape: tuple[int, int], reader: SceneReader) -> tuple[Window, Window]:
    """The part that is mapped, and the part that was asked for."""
    whole = Window.of_shape(shape)
    if params.extent is None:
        middle = _middle(whole, min(DEFAULT_SIZE_PX, params.largest_size))
        return middle, middle
    asked = extent_window(parse_extent(params.extent), reader.scene.grid)
    return _middle(asked, params.largest_size), asked


def _middle(window: Window, most: int) -> Window:
    height, width = min(window.height, most), min(window.width, most)
    return Window(
        row=window.row + (window.height - height) // 2,
        col=window.col + (window.width - width) // 2,
        height=height,
        width=width,
    )


def _model(params: PreviewParams, reader: SceneReader, kept: KeptModels, reporter: Reporter) -> _Model:
    scene = scene_key(params, reader)
    quick = quick_key(params, scene)
    linked = None if quick is None else kept.linked(quick)
    bundle = None if linked is None else kept.find(linked)
    if linked is not None and bundle is not None:
        return _Model(bundle=bundle, key=linked, trained=False, seconds=0.0, notes=())
    labels = _read_labels(params, reader)
    reporter.check_cancelled()
    key = full_key(scene, labels)
    bundle = None if key == linked else kept.find(key)
    trained, seconds = False, 0.0
    notes: tuple[str, ...] = ()
    if bundle is None:
        began = time.perf_counter()
        bundle, notes = _train(params, kept, key, reporter)
        trained, seconds = True, time.perf_counter() - began
    if quick is not None:
        kept.link(quick, key)
    return _Model(bundle=bundle, key=key, trained=trained, seconds=seconds, notes=notes)


def _read_labels(params: PreviewParams, reader: SceneReader) -> Labels:
    return read_labels(
        params.labels,
        reader.scene.grid,
        layer=params.layer,
        class_field=params.class_field,
        name_field=params.name_field,
        colour_field=params.color_field,
        overlap=params.overlap,
        all_touched=params.all_touched,
        resampling=params.resampling,
        legend=None if params.legend is None else read_legend(params.legend),
    )


def _train(
    params: PreviewParams, kept: KeptModels, key: str, reporter: Reporter
) -> tuple[ModelBundle, tuple[str, ...]]:
    from .training import train_preview

    bundle = train_preview(params, params.output.with_suffix(".hsimodel"), key, reporter)
    reporter.check_cancelled()
    kept.keep(key, bundle)
    return bundle, tuple(bundle.training["notes"])


def _method(bundle: ModelBundle) -> str:
    selection = bundle.training.get("selection")
    return str(selection["title"]) if selection else bundle.title


def _quick_check(bundle: ModelBundle) -> dict[str, Any] | None:
    found = bundle.metrics.get("cross_fitted")
    if found is None:
        return None
    return {name: found[name] for name in ("overall_accuracy", "average_accuracy", "samples")}


def _accuracy(bundle: ModelBundle) -> str:
    found = _quick_check(bundle)
    if found is None:
        return "Not tested: the labels allow no quick check. Use Train and classify for a map you can rely on."
    return (
        f"A preview is not tested. In a quick check {100 * found['overall_accuracy']:.0f} % of {found['samples']:,} labelled"
        " pixels in places that were not trained on were right. Use Train and classify for a map you can rely on."
    )


def _classes(mapped: MappedScene) -> list[PreviewedClass]:
    legend = mapped.bundle.legend.to_json()
    hectares = mapped.class_hectares or (None,) * len(legend)
    return [
        PreviewedClass(value=one["value"], name=one["name"], color=one["color"], pixels=int(pixels), hectares=area)
        for one, pixels, area in zip(legend, mapped.class_pixels, hectares, strict=True)
    ]
