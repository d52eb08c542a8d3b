"""Assessing with a sample: estimate, write, and say what came out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....bundle.model_bundle import ModelBundle
from ....classes.legend import Legend
from ....io.files.outputs import StagedOutputs
from ....moment import shown_time
from ....phrases import counted
from ....report.content import MapPicture, Verdict
from ....report.figures.training import map_figure
from ....report.pages.map_sample import MapSamplePage, render_map_sample
from ....reporting import Reporter
from ...parts.map_picture import false_colour_of
from ..facts import assessment_facts
from ..operation import AssessMapParams
from ..sample_text import agreement_words, basis, difference_words, headline, part_words, percent
from .assessment import SampledAssessment, assess_with_sample
from .figures import result_fields, sample_json
from .files import sample_csv, sample_metrics

_HECTARE_M2 = 10_000
_NEXT_LABEL = "{} of the sample {} not been labelled: label {} and run Assess map again; the intervals get narrower."


def run_with_sample(params: AssessMapParams, bundle: ModelBundle | None, reporter: Reporter) -> dict[str, Any]:
    """Assess, write the files that were asked for, and give the fields of the result but the files.

    Raises
    ------
    HsiError : of the family of whatever is wrong.
    """
    assessed = assess_with_sample(params, bundle, reporter)
    sample = sample_json(assessed, params.interval)
    reporter.log(headline(sample))
    reporter.log(basis(sample))
    reporter.check_cancelled()
    reporter.progress(0.7, "Writing the results")
    with StagedOutputs() as stage:
        if params.metrics is not None:
            text = sample_metrics(assessed, sample, str(params.reference))
            stage.path(params.metrics).write_text(text, encoding="utf-8")
        if params.table is not None:
            stage.path(params.table).write_text(sample_csv(sample), encoding="utf-8", newline="")
        if params.report is not None or params.picture is not None:
            picture = _picture(params, assessed, reporter)
            if params.report is not None:
                page = _page(params, assessed, sample, picture)
                stage.path(params.report).write_text(render_map_sample(page), encoding="utf-8")
            if params.picture is not None:
                stage.path(params.picture).write_bytes(map_figure(picture))
        reporter.check_cancelled()
    return {
        "question": "this_map",
        "notes": [*assessed.warnings, *assessed.notes],
        "warnings": list(assessed.warnings),
        "advice": _advice(sample),
        "sample": sample,
        **result_fields(assessed.map),
    }


def _picture(params: AssessMapParams, assessed: SampledAssessment, reporter: Reporter) -> MapPicture:
    """The map, next to the scene if one was named.

    Raises
    ------
    MismatchError : the scene is not the one the map shows.
    """
    measured = assessed.map.measured
    shown = Legend(classes=tuple(c for c in measured.legend if c.value in measured.classes))
    found = [measured.classes[c.value] for c in shown]
    known = all(c.area_m2 is not None for c in found)
    return MapPicture(
        values=measured.thinned,
        legend=shown,
        grid=measured.grid,
        class_pixels=[c.pixels for c in found],
        class_hectares=[(c.area_m2 or 0.0) / _HECTARE_M2 for c in found] if known else None,
        false_colour=None if params.scene is None else false_colour_of(params.scene, measured.grid, reporter),
    )


def _page(
    params: AssessMapParams, assessed: SampledAssessment, sample: Mapping[str, Any], picture: MapPicture
) -> MapSamplePage:
    shown = {str(found.measured.path): found.measured.path.name for found in assessed.maps}
    others = [
        f"{shown[other['map']]}: {percent(other['overall']['value'])} of {part_words(sample)} is mapped correctly."
        for other in sample["other_maps"]
    ]
    others += [
        difference_words(pair | {"first": shown[pair["first"]], "second": shown[pair["second"]]})
        for pair in sample["differences"]
    ]
    others += [f"{found.measured.path.name}: {warning}" for found in assessed.maps[1:] for warning in found.warnings]
    return MapSamplePage(
        map=params.map.name,
        reference=params.reference.name,
        created=shown_time(),
        headline=headline(sample),
        basis=basis(sample),
        sample=sample,
        comparisons=[*others, *map(agreement_words, sample["interpreters"])],
        verdicts=_verdicts(assessed),
        picture=picture,
        facts=assessment_facts(params),
        notes=assessed.notes,
    )


def _verdicts(assessed: SampledAssessment) -> list[Verdict]:
    found = [] if assessed.relation.verdict is None else [assessed.relation.verdict]
    rest = [text for text in assessed.warnings if text not in assessed.relation.warnings]
    if rest:
        found.append(Verdict(level="caution", headline="Before you use these figures", text=" ".join(rest)))
    return found


def _advice(sample: Mapping[str, Any]) -> list[str]:
    missing = sample["unlabelled"] - sample["undecided"]
    if not missing:
        return []
    has, them = ("has", "it") if missing == 1 else ("have", "them")
    return [_NEXT_LABEL.format(counted(missing, "point"), has, them)]
