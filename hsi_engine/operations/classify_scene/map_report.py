"""The report on a map that was made with a model from a file: what was mapped, how, and what is known of its accuracy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...bundle.model_bundle import ModelBundle
from ...evaluation.trust.selective import RiskCoverage
from ...inference.smoothing import Smoothing
from ...io.files.outputs import StagedOutputs
from ...moment import shown_time
from ...phrases import counted
from ...report.areas import area_text
from ...report.content import FactTable, ReportContent, Verdict
from ...report.headline import GAPS, NEW_PLACES
from ...report.record import fact_table
from ...report.wording import percent, percent_range
from ...reporting import Reporter, tell_what_is_kept
from ...runtime.versions import versions
from ..definition.scene_input import scene_reading
from ..model_information.accuracy import accuracy_of, caution_of
from ..parts.map_picture import picture_of_new_map
from .operation import ClassifySceneParams, ClassifySceneResult

# By how an accuracy was measured: the question it answers.
_QUESTIONS = {
    "separate_places": NEW_PLACES,
    "gaps": GAPS,
    "other": "How well are the test pixels of the training mapped?",
}


def write_map_report(
    path: Path, params: ClassifySceneParams, result: ClassifySceneResult, bundle: ModelBundle, reporter: Reporter
) -> None:
    """Write the page to ``path``; the map is finished, and stays if that fails.

    Raises
    ------
    HsiError : map or scene can no longer be read, or the page cannot be written.
    """
    from ...report.html import render_report  # loads matplotlib, which a map alone has no use for

    kept = f"The map is finished: {params.output.name}."
    reporter.if_cancelled(f"Cancelled; no report was written. {kept}")
    reporter.progress(0.0, "Drawing the report")
    areas = [c["hectares"] for c in result.classes]
    try:
        picture = picture_of_new_map(
            params.output,
            bundle.legend,
            [c["pixels"] for c in result.classes],
            params.scene,
            reporter,
            reading=scene_reading(params),
            class_hectares=None if None in areas else areas,
        )
        facts = result.description
        trained = f", trained on {facts['trained_on']}" if "trained_on" in facts else ""
        content = ReportContent(
            title=f"Class map of {params.scene.name}",
            subtitle=f"Mapped with the model {params.model.name}: {facts['method']}{trained}.",
            created=shown_time(),
            verdict=_verdict(result, bundle, params.min_confidence),
            figures=_figures(params, result, bundle),
            map_picture=picture,
            facts=_facts(params, result, bundle),
            notes=tuple(result.notes),
        )
        with StagedOutputs() as stage:
            stage.path(path).write_text(render_report(content), encoding="utf-8")
    except Exception as error:
        tell_what_is_kept(error, kept, reporter)
        raise


def _verdict(result: ClassifySceneResult, bundle: ModelBundle, least: float) -> Verdict:
    """What is known of the accuracy, and which question that answers."""
    caution, accuracy = caution_of(bundle), accuracy_of(bundle)
    if accuracy.overall is None:
        return caution
    is_elsewhere = "trained_on" in result.description
    text = f"{result.description['accuracy']} It answers the question “{_QUESTIONS[accuracy.measured]}” {caution.text}"
    left = _left_out(bundle, least) if result.unclassified_pixels else ""
    level = "caution" if is_elsewhere and caution.level == "good" else caution.level
    headline = "The accuracy on this scene was not measured" if is_elsewhere else caution.headline
    return Verdict(level=level, headline=headline, text=text + left)


def _left_out(bundle: ModelBundle, least: float) -> str:
    """What the accuracy means if pixels below a minimum confidence were left unclassified."""
    before = " That is the accuracy before any pixel was left unclassified."
    curve = bundle.metrics.get("selective")
    point = None if not curve else RiskCoverage.from_json(curve).above(least)
    if point is None:
        return before
    return (
        f"{before} Of the tested pixels with a confidence of {least:g} or more, {percent(point.accuracy)} were right."
    )


def _figures(
    params: ClassifySceneParams, result: ClassifySceneResult, bundle: ModelBundle
) -> tuple[tuple[str, str, str], ...]:
    """The numbers at the head of the page."""
    accuracy = accuracy_of(bundle)
    classified = sum(c["pixels"] for c in result.classes)
    areas = [c["hectares"] for c in result.classes]
    share = result.unclassified_pixels / max(1, result.unclassified_pixels + classified)
    interval = percent_range(accuracy.overall_interval)
    least = f"confidence below {params.min_confidence:g}" if params.min_confidence else "no minimum confidence was set"
    return (
        (
            "Accuracy of the model",
            "not known" if accuracy.overall is None else percent(accuracy.overall),
            "overall accuracy, measured when it was trained" + (f", 95 % interval {interval}" if interval else ""),
        ),
        (
            "Mapped",
            f"{classified:,} px" if None in areas else area_text(sum(areas)),
            f"in {len(result.classes)} classes" if None in areas else f"{counted(classified, 'pixel')}",
        ),
        ("Unclassified", percent(share), least),
        ("Smoothing", *_smoothing(params, result, bundle)),
        *_trust(result),
    )


def _trust(result: ClassifySceneResult) -> list[tuple[str, str, str]]:
    """Where the model may be trusted, if that was asked for."""
    figures = []
    if (area := result.area_of_applicability) is not None:
        figures.append(
            (
                "Outside the area of applicability",
                percent(area["outside_share"]),
                f"unlike the {area['training_pixels']:,} training pixels, as far as spectra tell",
            )
        )
    if (sets := result.prediction_sets) is not None:
        tested = sets["out_of_fold"]
        interval = percent_range(None if tested["interval_95"] is None else tuple(tested["interval_95"]))
        figures.append(
            (
                f"Pixels with one class at {percent(sets['coverage'])} coverage",
                percent(sets["one_class_share"]),
                f"{percent(sets['several_classes_share'])} with several, {percent(sets['empty_share'])} with none; realised out"
                f" of fold {percent(tested['realised'])}" + (f", 95 % interval {interval}" if interval else ""),
            )
        )
    return figures


def _smoothing(params: ClassifySceneParams, result: ClassifySceneResult, bundle: ModelBundle) -> tuple[str, str]:
    """Whether the map was smoothed, and how or why not."""
    if result.smoothed_pixels is None or bundle.smoothing is None:
        if params.smooth and bundle.smoothing is not None:
            return "none", "it follows the edges of the scene, which is not used"
        why = "the model holds none: it was switched off in the training, or did not help on the tested pixels"
        return "none", why if params.smooth else "it was switched off"
    reach = Smoothing(radius_px=bundle.smoothing.radius_px, epsilon=bundle.smoothing.epsilon).reach_px
    changed = counted(result.smoothed_pixels, "pixel")
    return f"within {reach} px", f"along the edges of the scene; it changed the class of {changed}"


def _facts(params: ClassifySceneParams, result: ClassifySceneResult, bundle: ModelBundle) -> tuple[FactTable, ...]:
    this_map: dict[str, Any] = {
        "Scene": params.scene.name,
        "Second raster": "" if params.second is None else params.second.name,
        "Model": f"{params.model.name} · {bundle.id[:16]}…",
        "Labels of the model": result.description.get("labels", ""),
        "Extent": params.extent or "",
        "Mask": "" if params.mask is None else params.mask.name,
        "Minimum confidence": f"{params.min_confidence:g}" if params.min_confidence else "none",
        "Unclassified pixels": f"{result.unclassified_pixels:,}",
        "Pixels whose scores are not finite": f"{result.not_finite_pixels:,}" if result.not_finite_pixels else "",
        "Pixels without data": f"{result.nodata_pixels:,}",
        "Pixels outside the mask": "" if params.mask is None else f"{result.outside_pixels:,}",
        "Smoothing": ": ".join(_smoothing(params, result, bundle)),
        "Computed on": result.device,
    }
    return (
        fact_table("This map", {name: value for name, value in this_map.items() if value}, as_labels=False),
        fact_table("Versions", versions(), as_labels=False),
    )
