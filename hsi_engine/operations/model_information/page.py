"""From what is known of a model to the page that shows it."""

from __future__ import annotations

from collections.abc import Sequence

from ...classes.legend import LegendClass
from ...moment import shown_time
from ...report.content import FactTable, Verdict
from ...report.pages.model import CheckLine, ClassLine, Measured, ModelPage
from ...report.wording import percent, percent_range
from ..parts.trained_scene import size_text
from .operation import ModelClass, ModelInformationResult, bands_text, file_size, values_text, wavelengths_text

_LEVELS = {"fits": "good", "fits_with_remarks": "caution", "does_not_fit": "warning"}
_MEASURED = {
    "separate_places": "in places it was not trained on",
    "gaps": "between training pixels only",
    "other": "on test pixels",
    "unknown": "no labelled pixel was tested",
}


def model_page(found: ModelInformationResult, caution: Verdict, record: Sequence[FactTable]) -> ModelPage:
    """The page on a model.

    Parameters
    ----------
    caution : what to know before using its accuracy.
    record : tables for whoever wants to repeat the training.
    """
    accuracy = found.accuracy
    return ModelPage(
        model=found.model.name,
        created=shown_time(),
        verdict=_verdict(found, caution),
        scene=None if found.fit is None else found.fit.scene.name,
        checks=()
        if found.fit is None
        else [CheckLine(title=c.title, level=c.level, text=c.text, hint=c.hint) for c in found.fit.checks],
        figures=_figures(found),
        overall=Measured(value=accuracy.overall, interval=accuracy.overall_interval),
        average=Measured(value=accuracy.average),
        accuracy=accuracy.sentence,
        caution=caution,
        classes=[_class(c) for c in found.classes],
        facts=_facts(found),
        record=record,
        limits=found.limits,
        notes=found.notes,
    )


def _verdict(found: ModelInformationResult, caution: Verdict) -> Verdict:
    if found.fit is None:
        return Verdict(level=caution.level, headline=found.summary, text=found.accuracy.sentence)
    worst = [c for c in found.fit.checks if c.level == "problem"] or [
        c for c in found.fit.checks if c.level == "remark"
    ]
    text = " ".join(f"{c.text} {c.hint}".strip() for c in worst[:1]) or found.summary
    return Verdict(level=_LEVELS[found.fit.verdict], headline=found.fit.headline, text=text)  # type: ignore[arg-type]


def _figures(found: ModelInformationResult) -> list[tuple[str, str, str]]:
    scene, accuracy = found.trained_on, found.accuracy
    how = _MEASURED[accuracy.measured]
    interval = percent_range(accuracy.overall_interval)
    reach = found.neighbourhood_px
    return [
        (
            "Classes",
            str(len(found.classes)),
            "" if found.labelled_pixels is None else f"{found.labelled_pixels:,} labelled pixels",
        ),
        (
            "Overall accuracy",
            "–" if accuracy.overall is None else percent(accuracy.overall),
            f"{interval}, {how}" if interval else how,
        ),
        (
            "Bands",
            f"{scene.bands_used:,}",
            ", ".join(filter(None, (wavelengths_text(scene), scene.sensor or "sensor not stated"))),
        ),
        ("Pixel size", "–" if scene.pixel_size_m is None else size_text(scene.pixel_size_m), "of the training scene"),
        (
            "Neighbourhood",
            f"{reach}×{reach} px" if reach > 1 else "1 px",
            _reach_text(found),
        ),
    ]


def _reach_text(found: ModelInformationResult) -> str:
    if found.neighbourhood_px == 1:
        return "each pixel by its own spectrum"
    return "" if found.neighbourhood_m is None else f"{found.neighbourhood_m:,.0f} m in the training scene"


def _class(item: ModelClass) -> ClassLine:
    return ClassLine(
        item=LegendClass(value=item.value, name=item.name, colour=item.color),
        labelled=item.labelled_pixels,
        places=item.places,
        found=Measured(value=item.producers_accuracy, interval=item.producers_interval),
        right=Measured(value=item.users_accuracy, interval=item.users_interval),
    )


def _facts(found: ModelInformationResult) -> list[FactTable]:
    scene = found.trained_on
    day = "not stated" if found.created is None else found.created.partition("T")[0]
    size = None if scene.rows is None else f"{scene.rows} rows × {scene.cols} columns"
    trained = [
        ("Scene", scene.name),
        ("Labels", scene.labels),
        ("Sensor", scene.sensor or "not stated"),
        ("Taken on", scene.day),
        ("Size", size),
        ("CRS", scene.crs),
        ("Pixel size", "not known" if scene.pixel_size_m is None else size_text(scene.pixel_size_m)),
        ("Bands", bands_text(scene)),
        ("Values", values_text(scene)),
    ]
    method = [
        ("Method", found.method),
        *(("Member" if len(found.members) > 1 else "Classifier", member) for member in found.members),
        ("Started from", found.started_from),
        ("Spectra", "; ".join(found.preprocessing)),
        ("Second raster", found.second_raster),
        ("Neighbourhood", found.neighbourhood_text()),
        ("Smoothing", found.smoothing_text()),
        ("Confidence", found.calibration),
    ]
    file = [
        ("Trained on", day),
        ("Engine", found.engine_version or "version not stated"),
        ("Format", str(found.format_version)),
        ("Size", file_size(found.file_bytes)),
        ("Identity", found.model_id),
    ]
    return [
        FactTable(title=title, rows=tuple((name, str(value)) for name, value in rows if value))
        for title, rows in (("Training scene", trained), ("Method", method), ("File", file))
    ]
