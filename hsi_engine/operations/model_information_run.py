"""Describing a model: read the file, say what its record knows, compare it with a scene, write a page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import PurePath
from typing import Any, Literal

import numpy as np

from ..bundle.model_bundle import ModelBundle, read_bundle, stated_format
from ..bundle.model_card import limits
from ..inference.smoothing import Smoothing
from ..io.outputs import StagedOutputs, check_output
from ..io.scene import open_scene
from ..models import registry
from ..report.content import Assessment, FactTable, ReportContent, Verdict
from ..report.headline import sentence, tests_new_places, unknown_accuracy
from ..report.model_page import render_model_page
from ..report.record import facts_of_record
from ..report.wording import verdict
from ..reporting import Reporter
from .model_information import (
    ModelAccuracy,
    ModelClass,
    ModelInformationParams,
    ModelInformationResult,
    ModelScene,
    SceneFitCheck,
    SceneFitResult,
)
from .model_information_page import model_page
from .scene_fit import SceneFit, examine_fit
from .trained_scene import TrainedScene
from .training_report import assessments_of, evidence_of

_READ, _COMPARED = 0.4, 0.8


def run(params: ModelInformationParams, reporter: Reporter) -> ModelInformationResult:
    """Describe the model; the page appears when it is finished.

    Raises
    ------
    BundleError : the file is no model, damaged, or newer than this engine.
    SceneError : the scene cannot be opened or read.
    OutputError : the page cannot be written.
    """
    inputs = [path for path in (params.model, params.scene) if path is not None]
    if params.report is not None:
        check_output(params.report, inputs=inputs, suffixes=(".html", ".htm"))
    reporter.progress(0.0, "Reading the model")
    bundle = read_bundle(params.model)
    reporter.check_cancelled()
    reporter.progress(_READ, "Comparing with the scene")
    fit = None
    notes: list[str] = []
    if params.scene is not None:
        with open_scene(params.scene, nodata=params.nodata) as reader:
            notes += reader.scene.warnings
            fit = examine_fit(bundle, reader, check_cancelled=reporter.check_cancelled)
        reporter.log(fit.headline, "info" if fit.verdict == "fits" else "warning")
    result = _describe(params, bundle, fit, notes)
    reporter.check_cancelled()
    reporter.progress(_COMPARED, "Writing")
    if params.report is not None:
        with StagedOutputs() as stage:
            page = model_page(result, _caution(bundle), _record(bundle))
            stage.path(params.report).write_text(render_model_page(page), encoding="utf-8")
            reporter.check_cancelled()
        reporter.artifact("report", params.report)
    return result


def _describe(
    params: ModelInformationParams, bundle: ModelBundle, fit: SceneFit | None, notes: Sequence[str]
) -> ModelInformationResult:
    steps, record = bundle.preprocessing, bundle.training
    trained = TrainedScene.of_record(record, len(steps.bands))
    status = params.model.stat()
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
    branches = dict.fromkeys(m.branch for m in bundle.members)
    split = record.get("split")
    return ModelInformationResult(
        model=params.model,
        model_id=bundle.id,
        file_bytes=status.st_size,
        format_version=stated_format(params.model),
        engine_version=None if version is None else str(version),
        created=created if isinstance(created, str) else None,
        written=datetime.fromtimestamp(status.st_mtime, timezone.utc).isoformat(timespec="seconds"),
        method=_method(bundle),
        members=members,
        trained_on=_scene(bundle, trained),
        classes=_classes(bundle),
        labelled_pixels=_labelled(split),
        accuracy=_accuracy(bundle),
        preprocessing=[f"{steps.branches[b].settings}, fitted to {steps.pixels:,} pixels" for b in branches],
        neighbourhood_px=bundle.patch_size,
        neighbourhood_m=None if edge is None else bundle.patch_size * edge,
        smoothing_reach_px=reach,
        smoothing_reach_m=None if edge is None or reach is None else reach * edge,
        calibration=_calibration(bundle),
        limits=" ".join(limits(bundle).split()),
        fit=None if fit is None else _fit(fit),
        report=params.report,
        notes=list(notes),
    )


def _method(bundle: ModelBundle) -> str:
    selection = bundle.training.get("selection")
    title = selection.get("title") if isinstance(selection, Mapping) else None
    return str(title or bundle.title)


def _patch(size: int) -> str:
    return "single pixels" if size == 1 else f"{size}×{size} px"


def _scene(bundle: ModelBundle, trained: TrainedScene) -> ModelScene:
    steps, settings = bundle.preprocessing, bundle.training.get("settings")
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


def _labelled(split: Any) -> int | None:
    count = split.get("train_samples") if isinstance(split, Mapping) else None
    return count if isinstance(count, int) else None


def _has_record(bundle: ModelBundle) -> bool:
    split = bundle.training.get("split")
    return isinstance(split, Mapping) and "strategy" in split and isinstance(bundle.training.get("settings"), Mapping)


def _assessments(bundle: ModelBundle) -> tuple[Assessment, ...]:
    """The accuracies of a model; none where its record is not one that this engine writes."""
    if not _has_record(bundle):
        return ()
    try:
        return assessments_of(bundle)
    except (KeyError, TypeError, ValueError):  # a record of another program
        return ()


def _primary(found: Sequence[Assessment]) -> Assessment | None:
    """That of new places, if there is one, as in the report of a training."""
    return min(found, key=lambda item: not tests_new_places(item), default=None)


def _accuracy(bundle: ModelBundle) -> ModelAccuracy:
    found = _assessments(bundle)
    best = _primary(found)
    caution = _caution(bundle)
    if best is None:
        return ModelAccuracy(
            measured="unknown",
            strategy=None,
            sentence="The accuracy of this model is not known.",
            caution=caution.text,
            overall=None,
            overall_interval=None,
            average=None,
            kappa=None,
            tested_pixels=None,
        )
    accuracy, places, split = best.accuracy, best.places, best.split
    clustered = None if places is None else places.intervals
    interval = accuracy.overall_accuracy_interval if clustered is None else clustered.overall_accuracy.interval
    measured: Literal["separate_places", "gaps", "other"]
    if tests_new_places(best):
        measured = "separate_places"
    else:
        measured = "gaps" if split is not None and split.tests_neighbours else "other"
    return ModelAccuracy(
        measured=measured,
        strategy=None if split is None else split.strategy,
        sentence=sentence(ReportContent(title="", assessments=found), evidence_of(bundle, "model")),
        caution=f"{caution.headline}. {caution.text}",
        overall=_known(accuracy.overall_accuracy),
        overall_interval=_interval(interval),
        average=_known(accuracy.average_accuracy),
        kappa=_known(accuracy.kappa),
        tested_pixels=accuracy.samples,
    )


def _caution(bundle: ModelBundle) -> Verdict:
    """What to know before using the accuracy, in the words of the report on a training."""
    best = _primary(_assessments(bundle))
    if best is not None:
        return best.verdict or verdict(best.split)
    known = _has_record(bundle)
    found = unknown_accuracy(ReportContent(title=""), evidence_of(bundle, "model")) if known else None
    return found or Verdict(
        level="caution",
        headline="The accuracy of this model is not known",
        text="The file does not say how it was tested. Check a map that it makes against places that you know.",
    )


def _record(bundle: ModelBundle) -> tuple[FactTable, ...]:
    try:
        return facts_of_record(bundle.training)
    except (AttributeError, TypeError, ValueError):  # a record of another program
        return ()


def _classes(bundle: ModelBundle) -> list[ModelClass]:
    best = _primary(_assessments(bundle))
    rows = []
    for index, item in enumerate(bundle.legend):
        accuracy = None if best is None else best.accuracy
        places = None if best is None else best.places
        labelled = None if places is None else places.classes[index]
        clustered = None if places is None else places.intervals
        tested = None if accuracy is None else int(accuracy.support[index])
        rows.append(
            ModelClass(
                value=item.value,
                name=item.name,
                color=item.colour,
                labelled_pixels=None if labelled is None else labelled.samples,
                places=None if labelled is None else labelled.units,
                tested_pixels=tested,
                producers_accuracy=_known(accuracy.producers_accuracy[index])
                if accuracy is not None and tested
                else None,
                producers_interval=clustered.producers_accuracy[index].interval if clustered and tested else None,
                users_accuracy=_known(accuracy.users_accuracy[index]) if accuracy is not None and tested else None,
                users_interval=clustered.users_accuracy[index].interval if clustered and tested else None,
            )
        )
    return rows


def _calibration(bundle: ModelBundle) -> str:
    data = bundle.metrics.get("calibration")
    after = data.get("after") if isinstance(data, Mapping) else None
    error = after.get("expected_calibration_error") if isinstance(after, Mapping) else None
    if not isinstance(data, Mapping):
        return "not calibrated: it ranks pixels, and is no probability of being right"
    found = f"; there it was off by {100 * error:.1f} points on average" if isinstance(error, (int, float)) else ""
    return f"calibrated on the tested pixels{found}. On other scenes it ranks pixels"


def _fit(fit: SceneFit) -> SceneFitResult:
    checks = [SceneFitCheck(name=c.name, title=c.title, level=c.level, text=c.text, hint=c.hint) for c in fit.checks]
    return SceneFitResult(scene=fit.scene.path, verdict=fit.verdict, headline=fit.headline, checks=checks)


def _known(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def _interval(interval: tuple[float, float] | None) -> tuple[float, float] | None:
    if interval is None or not all(map(math.isfinite, interval)):
        return None
    return float(interval[0]), float(interval[1])
