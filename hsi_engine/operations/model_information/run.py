"""Describing a model: read the file, say what its record knows, compare it with a scene, write a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from ...bundle.model_bundle import ModelBundle
from ...bundle.model_card import about, denoiser_text, limits, second_raster_text
from ...bundle.model_file import read_bundle, stated_format
from ...bundle.onnx.description import branches_inside, exported_from
from ...inference.smoothing import Smoothing
from ...io.files.outputs import StagedOutputs
from ...models import registry
from ...phrases import listed
from ...report.content import FactTable
from ...report.pages.model import render_model_page
from ...reporting import Reporter
from ..parts.scene_fit import SceneFit, examine_fit
from ..parts.second_source import open_sources
from ..parts.trained_scene import TrainedScene
from ..train_classifier.report import recorded_facts
from .accuracy import accuracy_of, caution_of, classes_of, labelled_pixels, method_of
from .operation import ModelInformationParams, ModelInformationResult, ModelScene, SceneFitCheck, SceneFitResult
from .page import model_page

_READ, _COMPARED = 0.4, 0.8

# Of what the makers of a model say, what stands among the notes; its limits stand with those of all models.
_STATED = ("data", "terms")


def run(params: ModelInformationParams, reporter: Reporter) -> ModelInformationResult:
    """Describe the model; the page appears when it is finished.

    Raises
    ------
    BundleError : the file is not a model, damaged, or newer than this engine.
    SceneError : the scene cannot be opened or read.
    OutputError : the page cannot be written.
    """
    reporter.progress(0.0, "Reading the model")
    bundle = read_bundle(params.model)
    reporter.check_cancelled()
    reporter.progress(_READ, "Comparing with the scene")
    fit = None
    notes: list[str] = []
    if params.scene is not None:
        with open_sources(params.scene, params) as reader:
            notes += reader.scene.warnings
            fit = examine_fit(bundle, reader, check_cancelled=reporter.check_cancelled)
    result = describe(params.model, bundle, fit=fit, report=params.report, notes=notes)
    reporter.check_cancelled()
    reporter.progress(_COMPARED, "Writing the results")
    if params.report is not None:
        with StagedOutputs() as stage:
            page = model_page(result, caution_of(bundle), _record(bundle))
            stage.path(params.report).write_text(render_model_page(page), encoding="utf-8")
            reporter.check_cancelled()
        reporter.artifact("report", params.report)
    return result


def describe(
    path: Path,
    bundle: ModelBundle,
    *,
    fit: SceneFit | None = None,
    report: Path | None = None,
    notes: Sequence[str] = (),
) -> ModelInformationResult:
    """Everything known of the model ``bundle`` in the file ``path``."""
    steps, record = bundle.preprocessing, bundle.training
    trained = TrainedScene.of_record(record, len(steps.bands))
    status = path.stat()
    edge = None if trained.pixel_size_m is None else max(trained.pixel_size_m)
    reach = None
    if bundle.smoothing is not None:
        reach = Smoothing(radius_px=bundle.smoothing.radius_px, epsilon=bundle.smoothing.epsilon).reach_px
    created = record.get("created")
    version = record["versions"].get("hsi-engine") if isinstance(record.get("versions"), Mapping) else None
    members = [
        f"{registry.get(m.architecture).title}, {_patch(m.patch_size)}, on {steps.branches[m.branch].settings}"
        for m in bundle.members
    ]
    return ModelInformationResult(
        model=path,
        model_id=bundle.id,
        file_bytes=status.st_size,
        format_version=stated_format(path),
        engine_version=None if version is None else str(version),
        created=created if isinstance(created, str) else None,
        written=datetime.fromtimestamp(status.st_mtime, timezone.utc).isoformat(timespec="seconds"),
        method=method_of(bundle),
        members=members,
        started_from=_started_from(record),
        trained_on=_scene(bundle, trained),
        classes=classes_of(bundle),
        labelled_pixels=labelled_pixels(bundle),
        accuracy=accuracy_of(bundle),
        second_raster=second_raster_text(bundle),
        preprocessing=_prepared(bundle),
        neighbourhood_px=bundle.patch_size,
        neighbourhood_m=None if edge is None else bundle.patch_size * edge,
        smoothing_reach_px=reach,
        smoothing_reach_m=None if edge is None or reach is None else reach * edge,
        calibration=_calibration(bundle),
        limits=" ".join(limits(bundle).split()),
        fit=None if fit is None else _fit(fit),
        report=report,
        notes=[
            *_origin(bundle),
            *(f"{name.capitalize()}: {text}" for name, text in about(bundle).items() if name in _STATED),
            *notes,
        ],
    )


def _prepared(bundle: ModelBundle) -> list[str]:
    """What is done to the spectra before they are classified."""
    steps = bundle.preprocessing
    # An exported graph is fed with the bands as they are, and prepares them inside as the model did.
    inside = branches_inside(bundle)
    branches = dict.fromkeys(m.branch for m in bundle.members) if inside is None else inside
    where = "" if inside is None else ", inside the graph"
    return [
        *([f"denoised first ({denoiser_text(bundle)})"] if bundle.denoising else []),
        *(f"{steps.branches[b].settings}, fitted to {steps.pixels:,} pixels{where}" for b in branches),
    ]


def _origin(bundle: ModelBundle) -> list[str]:
    origin = exported_from(bundle)
    if origin is None:
        return []
    return [f"Exported from model {origin[1][:12]} as an ONNX graph, which runs in ONNX Runtime on the processor."]


def _started_from(record: Mapping[str, Any]) -> str:
    """The model that a training began with, and what was kept of it; empty if it began afresh."""
    start = record.get("warm_start")
    if not isinstance(start, Mapping) or not isinstance(start.get("name"), str):
        return ""
    kept, new = ([str(name) for name in start.get(key) or ()] for key in ("kept", "new"))
    classes = [*([f"kept the classes {listed(kept)}"] if kept else []), *([f"new are {listed(new)}"] if new else [])]
    frozen = ["only the last layers were trained"] if start.get("frozen") else []
    return "; ".join([f"{start['name']} (model {str(start.get('model', ''))[:12]})", *classes, *frozen])


def _patch(size: int) -> str:
    return "single pixels" if size == 1 else f"{size}×{size} px"


def _scene(bundle: ModelBundle, trained: TrainedScene) -> ModelScene:
    steps, settings = bundle.preprocessing.scene_alone, bundle.training.get("settings")
    named = settings if isinstance(settings, Mapping) else {}
    known = [w for w in steps.bands.wavelength_nm if w is not None]
    scene, labels = (PurePath(str(named[name])).name if named.get(name) else None for name in ("scene", "labels"))
    return ModelScene(
        name=scene,
        labels=labels,
        sensor=trained.sensor,
        day=trained.day,
        rows=trained.rows,
        cols=trained.cols,
        crs=trained.crs,
        pixel_size_m=trained.pixel_size_m,
        bands=steps.scene_bands,
        bands_used=len(steps.bands),
        wavelength_min_nm=min(known) if known else None,
        wavelength_max_nm=max(known) if known else None,
        dtype=steps.scene_dtype,
        mean_value=float(np.abs(steps.mean_spectrum).mean()),
        mean_spectrum_min=float(steps.mean_spectrum.min()),
        mean_spectrum_max=float(steps.mean_spectrum.max()),
    )


def _record(bundle: ModelBundle) -> tuple[FactTable, ...]:
    try:
        return recorded_facts(bundle.training)
    except (AttributeError, TypeError, ValueError):  # a record of another program
        return ()


def _calibration(bundle: ModelBundle) -> str:
    data = bundle.metrics.get("calibration")
    after = data.get("after") if isinstance(data, Mapping) else None
    error = after.get("expected_calibration_error") if isinstance(after, Mapping) else None
    if not isinstance(data, Mapping):
        return "not calibrated: it ranks pixels, and is no probability of being right"
    found = f"; there it was off by {100 * error:.1f} points on average" if isinstance(error, (int, float)) else ""
    return f"calibrated on the tested pixels{found}. On other scenes it only ranks pixels"


def _fit(fit: SceneFit) -> SceneFitResult:
    checks = [SceneFitCheck(name=c.name, title=c.title, level=c.level, text=c.text, hint=c.hint) for c in fit.checks]
    return SceneFitResult(scene=fit.scene.path, verdict=fit.verdict, headline=fit.headline, checks=checks)
