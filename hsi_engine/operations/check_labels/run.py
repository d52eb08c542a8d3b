"""Checking labels: read them and their pixels, judge, write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine

from ...classes.legend import NO_CLASS
from ...io.files.outputs import StagedOutputs, sha256_of
from ...io.labels.feature_layer import feature_centres, feature_geometries, write_findings
from ...io.labels.labels import read_label_features, read_labels, read_legend
from ...io.scenes.scene import SceneReader, open_scene
from ...io.vectors.unplaced import flipped
from ...label_check.check import CheckInput, check, full_legend
from ...label_check.findings import LabelCheck
from ...label_check.spectra import read_spectra
from ...moment import shown_time
from ...pixels.samples import SampleSet
from ...report.pages.labels import LabelPage, render_label_page
from ...report.record import fact_table
from ...reporting import PhaseReporter, Reporter
from ...runtime.versions import versions
from ..definition.scene_input import scene_reading
from ..parts.notes import Notes
from ..parts.scene_preprocessing import choose_bands
from .operation import CheckedClass, CheckedPair, CheckLabelsParams, CheckLabelsResult, LabelFinding

_LABELLED, _PREPARED, _READ, _CHECKED = 0.05, 0.15, 0.75, 0.9


def run(params: CheckLabelsParams, reporter: Reporter) -> CheckLabelsResult:
    """Check the labels; the files appear when all of them are finished.

    Raises
    ------
    HsiError : of the family of whatever is wrong: outputs, scene, labels, their places.
    """
    with open_scene(params.scene, **scene_reading(params)) as reader:
        given = _read(params, reader, reporter)
    found = check(given, PhaseReporter(reporter, _READ, _CHECKED))
    reporter.check_cancelled()
    reporter.progress(_CHECKED, "Writing the results")
    with StagedOutputs() as stage:
        if params.report is not None:
            page = _page(params, given, found)
            stage.path(params.report).write_text(render_label_page(page), encoding="utf-8")
        if params.problems is not None:
            _write_problems(given, found, stage.path(params.problems))
        reporter.check_cancelled()
    for kind, path in (("report", params.report), ("vector", params.problems)):
        if path is not None:
            reporter.artifact(kind, path)
    return _result(params, found)


def _read(params: CheckLabelsParams, reader: SceneReader, reporter: Reporter) -> CheckInput:
    """Labels, their features, and the spectra of their pixels."""
    scene = reader.scene
    notes = Notes(reporter)
    notes.add(*scene.warnings, warn=True)
    legend = None if params.legend is None else read_legend(params.legend)
    fields: dict[str, Any] = {
        "layer": params.layer,
        "class_field": params.class_field,
        "name_field": params.name_field,
        "colour_field": params.color_field,
    }
    labels = read_labels(
        params.labels,
        scene.grid,
        overlap=params.overlap,
        all_touched=params.all_touched,
        resampling=params.resampling,
        legend=legend,
        reporter=PhaseReporter(reporter, 0.0, _LABELLED),
        **fields,
    )
    notes.add(*labels.warnings, warn=True)
    notes.add(*labels.notes)
    reporter.check_cancelled()
    features = read_label_features(params.labels, scene.grid, legend=legend, **fields)
    complete = full_legend(labels.legend, features)
    regions, left_out = SampleSet.from_labels(labels.pixels, complete)
    notes.add(*left_out, warn=True)
    samples = regions
    if labels.features is not None:  # a finding is about what was drawn, so about each feature of a region
        samples, _ = SampleSet.from_labels(replace(labels.pixels, groups=labels.features), complete)
    usable = choose_bands(reader, params.bands, PhaseReporter(reporter, _LABELLED, _PREPARED))
    notes.add(usable.describe(scene))
    spectra = read_spectra(reader, usable.indices, samples, PhaseReporter(reporter, _PREPARED, _READ))
    known = complete.to_index(labels.pixels.values) != NO_CLASS
    valid = np.zeros(len(labels.pixels), dtype=bool)
    valid[known] = spectra.valid
    _, without = SampleSet.from_labels(labels.pixels, complete, valid)  # says how many, and raises if all are
    notes.add(*(note for note in without if note not in left_out), warn=True)
    return CheckInput(
        grid=scene.grid,
        bands=scene.bands,
        used=usable.indices,
        samples=samples,
        regions=regions.groups,
        features=features,
        spectra=spectra,
        all_touched=params.all_touched,
        notes=tuple(notes.texts),
    )


def _page(params: CheckLabelsParams, given: CheckInput, found: LabelCheck) -> LabelPage:
    settings = {
        field.title or name: getattr(params, name)
        for name, field in type(params).model_fields.items()
        if getattr(params, name) is not None and name not in ("scene", "labels", "report", "problems", "legend")
    }
    inputs = {
        name: f"{path.name} · SHA-256 {sha256_of(path)}" if path.is_file() else path.name
        for name, path in (("Scene", params.scene), ("Labels", params.labels), ("Legend", params.legend))
        if path is not None
    }
    return LabelPage(
        scene=params.scene.name,
        labels=params.labels.name,
        created=shown_time(),
        check=found,
        grid=given.grid,
        samples=given.samples,
        centres=feature_centres([f.feature for f in found.findings], given.features, given.samples, given.grid),
        problems=None if params.problems is None else params.problems.name,
        facts=(
            fact_table("Settings", settings, as_labels=False),
            fact_table("Inputs", inputs, as_labels=False),
            fact_table("Versions", versions(), as_labels=False),
        ),
    )


def _write_problems(given: CheckInput, found: LabelCheck, path: Path) -> None:
    names = {c.item.value: c.item.name for c in found.classes}
    geometries = feature_geometries([f.feature for f in found.findings], given.features, given.samples, given.grid)
    if given.grid.transform == Affine.identity() and (given.features is None or given.features.parts.mirrored):
        # A GIS shows a raster without coordinates below the x axis.
        geometries = [flipped(geometry) for geometry in geometries]
    write_findings(
        path,
        geometries,
        {
            "number": [f.feature for f in found.findings],
            "class_id": [f.value for f in found.findings],
            "class_name": [names[f.value] for f in found.findings],
            "problem": [f.kind for f in found.findings],
            "reason": [f.reason for f in found.findings],
        },
        given.grid,
        as_points=found.feature_word == "point",
    )


def _result(params: CheckLabelsParams, found: LabelCheck) -> CheckLabelsResult:
    names = {c.item.value: c.item.name for c in found.classes}
    return CheckLabelsResult(
        scene=params.scene,
        labels=params.labels,
        verdict=found.verdict.text,
        can_train=found.verdict.can_train,
        can_test=found.verdict.can_test,
        advice=list(found.verdict.advice),
        feature_word=found.feature_word,
        classes=[
            CheckedClass(
                value=c.item.value,
                name=c.item.name,
                color=c.item.colour,
                features=c.features,
                pixels=c.pixels,
                pixels_without_data=c.pixels_without_data,
                area_m2=c.area_m2,
                places=c.places,
                tested=c.tested,
                recognised=c.recognised,
                taken_for=c.taken_for,
                advice=list(c.advice),
                mean=None if c.mean is None else c.mean.tolist(),
                standard_deviation=None if c.deviation is None else c.deviation.tolist(),
            )
            for c in found.classes
        ],
        pairs=[
            CheckedPair(
                values=pair.values,
                names=pair.names,
                jm_distance=pair.distance,
                told_apart=pair.told_apart,
                text=pair.text,
            )
            for pair in found.pairs
        ],
        components=found.components,
        explained_variance=found.explained,
        overall_accuracy=found.overall_accuracy,
        average_accuracy=found.average_accuracy,
        findings=[
            LabelFinding(number=f.feature, value=f.value, class_name=names[f.value], kind=f.kind, reason=f.reason)
            for f in found.findings
        ],
        bands=[band + 1 for band in found.bands],
        wavelength_nm=[found.wavelength_nm[band] for band in found.bands],
        folds=found.folds,
        examined_pixels=found.examined,
        report=params.report,
        problems=params.problems,
        notes=list(found.notes),
    )
