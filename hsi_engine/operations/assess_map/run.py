"""Assessing one map: check the outputs, compare, write."""

from __future__ import annotations

from typing import Any

from ...bundle.model_bundle import ModelBundle
from ...bundle.model_file import read_bundle
from ...io.files.outputs import StagedOutputs
from ...report.figures.training import map_figure
from ...report.views.classes import advice
from ...reporting import Reporter
from .comparison import compare
from .files import accuracy_csv, accuracy_json
from .operation import AssessMapParams, AssessMapResult
from .report import picture_of, write_assessment_report
from .sampled.assessment import has_design
from .sampled.run import run_with_sample
from .suggested import refuse_suggested


def run(params: AssessMapParams, reporter: Reporter) -> AssessMapResult:
    """Compare pixel by pixel; the files appear when all of them are finished.

    Raises
    ------
    HsiError : of the family of whatever is wrong: outputs, map, reference, their grids, model, scene.
    """
    if params.report is None and params.picture is None and params.scene is not None:
        reporter.log(
            "The scene is ignored: it is only used in report and picture, and neither was requested.", "warning"
        )
    refuse_suggested(params.reference, params.layer)
    bundle = None if params.model is None else read_bundle(params.model)
    fields = run_with_sample(params, bundle, reporter) if has_design(params) else _agreement(params, bundle, reporter)
    for kind, path in (
        ("report", params.report),
        ("picture", params.picture),
        ("json", params.metrics),
        ("csv", params.table),
    ):
        if path is not None:
            reporter.artifact(kind, path)
    return AssessMapResult(
        map=params.map,
        reference=params.reference,
        report=params.report,
        picture=params.picture,
        metrics=params.metrics,
        table=params.table,
        **fields,
    )


def _agreement(params: AssessMapParams, bundle: ModelBundle | None, reporter: Reporter) -> dict[str, Any]:
    """Count how the pixels of map and reference agree, and write the files; the fields of the result but the files."""
    assessed = compare(params, bundle, reporter)
    reporter.check_cancelled()
    reporter.progress(0.6, "Writing the results")
    warnings = (*assessed.warnings, *filter(None, [assessed.no_better]))
    with StagedOutputs() as stage:
        if params.metrics is not None:
            text = accuracy_json(assessed.accuracy, params.map, params.reference, assessed.notes, warnings)
            stage.path(params.metrics).write_text(text, encoding="utf-8")
        if params.table is not None:
            stage.path(params.table).write_text(accuracy_csv(assessed.accuracy), encoding="utf-8", newline="")
        if params.report is not None:
            write_assessment_report(params, assessed, bundle, stage.path(params.report), reporter)
        if params.picture is not None:
            stage.path(params.picture).write_bytes(map_figure(picture_of(params, assessed, reporter)))
        reporter.check_cancelled()
    return {
        "question": "these_pixels",
        "notes": list(assessed.notes),
        "warnings": list(warnings),
        # Figures that may mean nothing advise nothing.
        "advice": [] if assessed.warnings else advice(assessed.accuracy),
        **assessed.accuracy.to_json(),
    }
