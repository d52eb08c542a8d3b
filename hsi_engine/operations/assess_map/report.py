"""The report on one map: its accuracies, the map beside its scene, and the model it was made with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ...bundle.model_bundle import ModelBundle
from ...bundle.model_file import read_bundle
from ...errors import HsiError
from ...io.files.source_hash import sha256_of_source
from ...io.files.source_names import file_behind
from ...report.content import Assessment, FactTable, LearningCurves, MapPicture, ReportContent, SplitSummary, Verdict
from ...report.html import render_report
from ...report.record import curves_of_record, fact_table, facts_of_record, split_of_record
from ...reporting import Reporter
from ...runtime.versions import versions
from ..clean_map.map_areas import areas_of_values
from ..definition.parameter_spec import parameter_specs
from ..parts.map_picture import false_colour_of
from ..train_classifier.report import assessments_of
from .comparison import AssessedMap
from .operation import AssessMapParams

_TEST = 3

_TRAINED_ON_IT = Verdict(
    level="warning",
    headline="The reference holds the pixels the model was trained on",
    text="The model was trained with this very reference, and all of it was assessed, training pixels included. The "
    "figures show how well the model repeats what it was trained on. For the accuracy of the map, use reference "
    "pixels that were not trained on, ideally drawn at random over the map.",
)
_ASSESSED_ON_TRAINING = Verdict(
    level="warning",
    headline="Not assessed on test pixels",
    text="The subset is the split the model was trained with, but not its test pixels. Training and validation pixels "
    "helped to make the model, so the figures are too high.",
)


def write_assessment_report(params: AssessMapParams, assessed: AssessedMap, path: Path, reporter: Reporter) -> None:
    """Write the HTML report to ``path``, a staged name.

    Raises
    ------
    HsiError : the model or the scene cannot be read.
    MismatchError : the scene is not the one the map shows.
    """
    bundle = None if params.model is None else read_bundle(params.model)
    split, verdict = _relation_to_training(params, assessed, bundle)
    if assessed.warnings:
        verdict = _with_warnings(verdict, assessed.warnings)
    training = _TrainingParts() if bundle is None else _training_parts(bundle)
    reporter.progress(0.7, "Drawing the report")
    this_map = Assessment(name="This map", accuracy=assessed.accuracy, split=split, verdict=verdict)
    own_facts = _facts(params)
    shown = {table.rows for table in own_facts}
    content = ReportContent(
        title=f"Accuracy of class map {params.map.name}",
        subtitle=f"Compared with reference {params.reference.name}.",
        created=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        assessments=(this_map, *(test for test in training.assessments if not _is_same_test(test, this_map))),
        map_picture=picture_of(params, assessed, reporter),
        curves=training.curves,
        facts=(*own_facts, *(table for table in training.facts if table.rows not in shown)),
        notes=tuple(dict.fromkeys((*assessed.notes, *training.notes))),
    )
    path.write_text(render_report(content), encoding="utf-8")


def picture_of(params: AssessMapParams, assessed: AssessedMap, reporter: Reporter) -> MapPicture:
    """The map, beside the scene in false colour where one was named.

    Raises
    ------
    MismatchError : the scene is not the one the map shows.
    """
    return MapPicture(
        values=assessed.values,
        legend=assessed.legend,
        grid=assessed.grid,
        class_hectares=areas_of_values(assessed.grid, assessed.legend, assessed.values),
        false_colour=None if params.scene is None else false_colour_of(params.scene, assessed.grid, reporter),
    )


@dataclass(frozen=True, kw_only=True)
class _TrainingParts:
    """What the record of a model adds to the report."""

    assessments: tuple[Assessment, ...] = ()
    curves: LearningCurves | None = None
    facts: tuple[FactTable, ...] = ()
    notes: tuple[str, ...] = ()


def _training_parts(bundle: ModelBundle) -> _TrainingParts:
    record = bundle.training
    try:
        return _TrainingParts(
            assessments=assessments_of(bundle),
            curves=curves_of_record(record),
            facts=tuple(replace(t, title=f"Training: {t.title.lower()}") for t in facts_of_record(record)),
            notes=tuple(record.get("notes", ())),
        )
    except (HsiError, KeyError, TypeError, ValueError, AttributeError):
        # The format leaves the record free: a model of another program may keep another one.
        return _TrainingParts(notes=("The training record of the model has an unknown format and is not shown.",))


def _relation_to_training(
    params: AssessMapParams, assessed: AssessedMap, bundle: ModelBundle | None
) -> tuple[SplitSummary | None, Verdict | None]:
    """What is known of the way the assessed pixels were kept apart from those of the training."""
    if bundle is None:
        return None, None
    inputs = bundle.training.get("inputs")
    hashes = inputs if isinstance(inputs, dict) else {}
    if params.subset is None:
        return None, _TRAINED_ON_IT if _is_same(params.reference, hashes.get("labels")) else None
    split = split_of_record(bundle.training, bundle.patch_size)
    # A split that the training wrote itself is known by its counts, one that was given to it by its bytes.
    is_that_split = split is not None and (
        assessed.sides == (split.train_samples, split.validation_samples, split.test_samples)
        or _is_same(params.subset, hashes.get("split_source"))
    )
    if not is_that_split:
        return None, None
    return (split, None) if params.subset_value == _TEST else (None, _ASSESSED_ON_TRAINING)


def _with_warnings(verdict: Verdict | None, warnings: tuple[str, ...]) -> Verdict:
    headline = "The classes of map and reference may not be the same"
    if verdict is None:
        return Verdict(level="warning", headline=headline, text=" ".join(warnings))
    return replace(verdict, text=" ".join((verdict.text, f"{headline}:", *warnings)))


def _is_same_test(one: Assessment, other: Assessment) -> bool:
    """True where a map repeats the test its model was given after the training."""
    a, b = one.accuracy, other.accuracy
    return one.split is not None and one.split == other.split and (a.samples, a.correct) == (b.samples, b.correct)


def _is_same(path: Path, digest: str | None) -> bool:
    return digest is not None and file_behind(path) is not None and sha256_of_source(path) == digest


def _facts(params: AssessMapParams) -> tuple[FactTable, ...]:
    settings: dict[str, Any] = {}
    inputs: dict[str, str] = {}
    for name, spec in parameter_specs(type(params)).items():
        value = getattr(params, name)
        if isinstance(value, Path):
            if not spec.is_output and file_behind(value) is not None:
                inputs[spec.title] = f"{value.name} · SHA-256 {sha256_of_source(value)}"
        elif value is not None and not (params.subset is None and name == "subset_value"):
            settings[spec.title] = value
    return (
        fact_table("Settings", settings, as_labels=False),
        fact_table("Inputs", inputs, as_labels=False),
        fact_table("Versions", versions(), as_labels=False),
    )
