"""The report on one map: its accuracies, the map next to its scene, and the model it was made with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ...bundle.model_bundle import ModelBundle
from ...errors import HsiError
from ...moment import shown_time
from ...report.content import Assessment, FactTable, LearningCurves, MapPicture, ReportContent, Verdict
from ...report.html import render_report
from ...report.record import curves_of_record
from ...reporting import Reporter
from ..clean_map.map_areas import count_values
from ..parts.map_picture import false_colour_of
from ..train_classifier.report import assessments_of, recorded_facts
from .comparison import AssessedMap
from .facts import assessment_facts
from .operation import WHICH_QUESTION, AssessMapParams


def write_assessment_report(
    params: AssessMapParams, assessed: AssessedMap, bundle: ModelBundle | None, path: Path, reporter: Reporter
) -> None:
    """Write the HTML report to ``path``, a staged name; ``bundle`` is the model that made the map, if it is known.

    Raises
    ------
    HsiError : the scene cannot be read.
    MismatchError : the scene is not the one the map shows.
    """
    split, verdict = assessed.relation.split, assessed.relation.verdict
    if assessed.doubts:
        verdict = _with_warnings(verdict, assessed.doubts)
    if assessed.one_class and verdict is None:
        verdict = Verdict(level="warning", headline="Only one class was assessed", text=assessed.one_class)
    training = _TrainingParts() if bundle is None else _training_parts(bundle)
    reporter.progress(0.7, "Drawing the report")
    this_map = Assessment(name="This map", accuracy=assessed.accuracy, split=split, verdict=verdict, subject="map")
    own_facts = assessment_facts(params)
    shown = {table.rows for table in own_facts}
    content = ReportContent(
        title=f"Accuracy of class map {params.map.name}",
        subtitle=f"Compared with reference {params.reference.name}. {WHICH_QUESTION}",
        created=shown_time(),
        assessments=(this_map, *(test for test in training.assessments if not _is_same_test(test, this_map))),
        map_picture=picture_of(params, assessed, reporter),
        curves=training.curves,
        facts=(*own_facts, *(table for table in training.facts if table.rows not in shown)),
        # The head of the page shows the question, and a box there the relation to the training.
        notes=tuple(
            n
            for n in dict.fromkeys((*assessed.notes, *training.notes))
            if n not in assessed.relation.warnings and n != WHICH_QUESTION
        ),
    )
    path.write_text(render_report(content), encoding="utf-8")


def picture_of(params: AssessMapParams, assessed: AssessedMap, reporter: Reporter) -> MapPicture:
    """The map, next to the scene in false colour if one was named.

    Raises
    ------
    MismatchError : the scene is not the one the map shows.
    """
    count = count_values(assessed.grid, assessed.values)
    return MapPicture(
        values=assessed.values,
        legend=assessed.legend,
        grid=assessed.grid,
        class_pixels=count.class_pixels(assessed.legend),
        class_hectares=count.class_hectares(assessed.legend),
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
            facts=tuple(replace(t, title=f"Training: {t.title.lower()}") for t in recorded_facts(record)),
            notes=tuple(record.get("notes", ())),
        )
    except (HsiError, KeyError, TypeError, ValueError, AttributeError):
        # The format leaves the record free: a model of another program may keep another one.
        return _TrainingParts(notes=("The training record of the model has an unknown format and is not shown.",))


def _with_warnings(verdict: Verdict | None, warnings: tuple[str, ...]) -> Verdict:
    headline = "The classes of map and reference may not be the same"
    if verdict is None:
        return Verdict(level="warning", headline=headline, text=" ".join(warnings))
    return replace(verdict, text=" ".join((verdict.text, f"{headline}:", *warnings)))


def _is_same_test(one: Assessment, other: Assessment) -> bool:
    """Whether a map repeats the test of its model after the training."""
    a, b = one.accuracy, other.accuracy
    return one.split is not None and one.split == other.split and (a.samples, a.correct) == (b.samples, b.correct)
