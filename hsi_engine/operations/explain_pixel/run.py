"""Explaining a pixel: find it, predict it as a map does, compare it with classes and training pixels, write a page."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from ...bundle.known_pixels import KnownPixels
from ...bundle.model_bundle import ModelBundle
from ...bundle.model_file import read_bundle
from ...errors import ParameterError
from ...inference.denoising.denoised_reader import as_seen_by
from ...io.files.outputs import StagedOutputs
from ...io.maps.map_position import centre_of, check_pixel, parse_position, pixel_at
from ...io.scenes.scene import Scene, open_scene
from ...moment import shown_time
from ...pixels.grid import describe_crs
from ...pixels.window import Window
from ...reporting import Reporter
from ...runtime.device import describe_device, resolve_device
from ...runtime.versions import versions
from ...spectrum.class_spectra import ClassSpectrum
from ..classify_scene.sources import sources_of
from ..model_information.accuracy import method_of
from .labels import KnownClasses, known_classes
from .operation import (
    ExplainedClass,
    ExplainPixelParams,
    ExplainPixelResult,
    NearestPixel,
    PixelApplicability,
    PixelBand,
    PixelSet,
    SpectrumOfClass,
)
from .prediction import PixelPrediction, predict_pixel
from .words import NOT_CALIBRATED, sentences_on, verdict_on

_READ, _PREDICTED = 0.3, 0.8
# A deviation that is nothing but rounding would make every distance endless.
_LEAST_DEVIATION = 1e-9


def run(params: ExplainPixelParams, reporter: Reporter) -> ExplainPixelResult:
    """Explain the pixel; the page appears when it is finished.

    Raises
    ------
    ParameterError : no pixel is named, or two.
    MismatchError : the position lies outside the scene, or scene and model do not fit.
    SceneError : the pixel has no data.
    HsiError : of the family of whatever else is wrong: model, scene, labels, output.
    """
    started = time.perf_counter()
    _check_place(params)
    reporter.progress(0.0, "Reading the model")
    device = resolve_device(params.device)
    model = read_bundle(params.model)
    sources = sources_of(params, model)
    bundle = sources.bundle
    with open_scene(sources.scene) as reader:
        scene = reader.scene
        row, col = _pixel(params, scene)
        reporter.check_cancelled()
        reporter.progress(_READ, "Predicting the pixel")
        place = Window(row=row, col=col, height=1, width=1)
        seen = as_seen_by(bundle, reader, device)
        predicted = predict_pixel(params, bundle, seen, place, device, reporter)
        classes = known_classes(params, bundle, seen, predicted.bands, reporter)
    reporter.check_cancelled()
    notes = [*sources.notes, *scene.warnings, *classes.notes]
    for note in notes:
        reporter.log(note, "warning")
    found = _result(params, bundle, scene, (row, col), predicted, classes)
    found = found.model_copy(
        update={
            "notes": notes,
            "model_id": model.id,
            "device": describe_device(device),
            "seconds": time.perf_counter() - started,
        }
    )
    if params.report is not None:
        reporter.progress(_PREDICTED, "Writing the report")
        page = _page(params, found, bundle, scene)
        reporter.check_cancelled()
        with StagedOutputs() as stage:
            stage.path(params.report).write_text(page, encoding="utf-8")
        reporter.artifact("report", params.report)
    return found


def _check_place(params: ExplainPixelParams) -> None:
    """See that one pixel is named, before anything is read."""
    by_number = (params.row is not None, params.col is not None)
    if any(by_number) != all(by_number):
        missing = "col" if params.col is None else "row"
        raise ParameterError(
            f"Parameter '{missing}' is missing: a pixel is named by its row and its column.",
            code="position",
            hint="Give both, or a position.",
        )
    if all(by_number) and params.position is not None:
        raise ParameterError(
            "Both a position and a row and column are given, but one pixel is explained.",
            code="position",
            hint="Leave out 'position', or leave out 'row' and 'col'.",
        )
    if not any(by_number) and params.position is None:
        raise ParameterError(
            "No pixel is named: neither a position nor a row and column.",
            code="position",
            hint='Give a position, such as "364500.5,5808000", or a row and a column.',
        )


def _pixel(params: ExplainPixelParams, scene: Scene) -> tuple[int, int]:
    if params.position is not None:
        return pixel_at(parse_position(params.position), scene.grid)
    row, col = params.row, params.col
    if row is None or col is None:  # refused before
        raise ValueError("no pixel is named")
    check_pixel(row, col, scene.grid)
    return row, col


def _result(
    params: ExplainPixelParams,
    bundle: ModelBundle,
    scene: Scene,
    pixel: tuple[int, int],
    predicted: PixelPrediction,
    known: KnownClasses,
) -> ExplainPixelResult:
    """Everything but notes, device and time."""
    names = bundle.legend.names
    classes = _classes(bundle, predicted, known)
    pixel_set = _set(params, classes, predicted)
    area = _area(bundle, predicted)
    nearest, not_kept = _nearest(bundle, predicted)
    before = None if predicted.unsmoothed is None else names[predicted.unsmoothed]
    calibrated = bool(bundle.metrics.get("calibration"))
    verdict = verdict_on(classes, pixel_set, area, nearest)
    x, y = centre_of(*pixel, scene.grid) if scene.grid.is_georeferenced else (None, None)
    return ExplainPixelResult(
        report=params.report,
        row=pixel[0],
        col=pixel[1],
        x=x,
        y=y,
        crs=None if scene.grid.crs is None else describe_crs(scene.grid.crs),
        class_value=classes[0].value,
        class_name=classes[0].name,
        probability=classes[0].probability,
        calibrated=calibrated,
        before_smoothing=before,
        classes=classes,
        prediction_set=pixel_set,
        area_of_applicability=area,
        nearest=nearest,
        bands=_bands(bundle, predicted),
        class_spectra=_spectra(bundle, known),
        class_spectra_of=known.source,
        headline=verdict.headline,
        sentences=[verdict.text, *sentences_on(classes, pixel_set, area, nearest, before)],
        missing=[*known.missing, *predicted.missing, *not_kept, *([] if calibrated else [NOT_CALIBRATED])],
        notes=[],
        model_id="",
        device="",
        seconds=0.0,
    )


def _classes(bundle: ModelBundle, predicted: PixelPrediction, known: KnownClasses) -> list[ExplainedClass]:
    """All classes, that of the map first, the others by falling probability."""
    order = np.argsort(-predicted.probabilities, kind="stable").tolist()
    order.remove(predicted.index)
    items, in_set = list(bundle.legend), predicted.in_set
    return [
        ExplainedClass(
            value=items[k].value,
            name=items[k].name,
            color=items[k].colour,
            probability=float(predicted.probabilities[k]),
            in_set=None if in_set is None else bool(in_set[k]),
            labelled_pixels=None if (one := known.spectra[k]) is None else one.pixels,
            distance=None if one is None else _distance(predicted, one),
        )
        for k in (predicted.index, *order)
    ]


def _distance(predicted: PixelPrediction, known: ClassSpectrum) -> float | None:
    """The median over the bands of the distance from the mean of a class, in its deviations; None if these are not known."""
    varies = known.deviation > _LEAST_DEVIATION * np.abs(known.mean)
    if known.pixels < 2 or not varies.any():
        return None
    distances = np.abs(predicted.spectrum - known.mean)[varies] / known.deviation[varies]
    return float(np.median(distances))


def _set(params: ExplainPixelParams, classes: list[ExplainedClass], predicted: PixelPrediction) -> PixelSet | None:
    if predicted.in_set is None:
        return None
    inside = [one for one in classes if one.in_set]
    return PixelSet(
        coverage=params.coverage,
        method=params.set_method,
        values=[one.value for one in inside],
        names=[one.name for one in inside],
    )


def _area(bundle: ModelBundle, predicted: PixelPrediction) -> PixelApplicability | None:
    known = bundle.trust.known
    if known is None or not len(predicted.distances):
        return None
    return PixelApplicability(
        inside=bool(known.area.is_inside(predicted.distances[:1])[0]),
        dissimilarity=float(predicted.distances[0]),
        threshold=known.area.threshold,
        training_pixels=known.training_pixels,
    )


def _nearest(bundle: ModelBundle, predicted: PixelPrediction) -> tuple[list[NearestPixel], list[str]]:
    """The nearest training pixels, and a sentence if their class is not kept."""
    known = bundle.trust.known
    if known is None or not len(predicted.nearest):
        return [], []
    pixels = KnownPixels.of_record(bundle.training, points=len(known.area.points), classes=len(bundle.legend))
    found = []
    # A tree gives the number of its points for one that is infinitely far away.
    near = [
        pair
        for pair in zip(predicted.distances.tolist(), predicted.nearest.tolist(), strict=True)
        if pair[1] < len(known.area.points)
    ]
    for distance, index in near:
        values: dict[str, Any] = dict.fromkeys(("value", "name", "row", "col", "x", "y"))
        if pixels is not None:
            item = list(bundle.legend)[int(pixels.classes[index])]
            values |= {"value": item.value, "name": item.name}
            values |= {"row": int(pixels.rows[index]), "col": int(pixels.cols[index])}
            if (position := pixels.position(index)) is not None:
                values |= {"x": position[0], "y": position[1]}
        found.append(NearestPixel(distance=distance, **values))
    why = "The model keeps spectra of training pixels, but not their classes and places, as it is of an earlier version: train it again."
    return found, [] if pixels is not None else [why]


def _bands(bundle: ModelBundle, predicted: PixelPrediction) -> list[PixelBand]:
    table = bundle.preprocessing.bands
    return [
        PixelBand(number=band + 1, name=table.names[at], wavelength_nm=table.wavelength_nm[at], value=value)
        for at, (band, value) in enumerate(zip(predicted.bands, predicted.spectrum.tolist(), strict=True))
    ]


def _spectra(bundle: ModelBundle, known: KnownClasses) -> list[SpectrumOfClass]:
    return [
        SpectrumOfClass(value=item.value, pixels=one.pixels, mean=one.mean.tolist(), deviation=one.deviation.tolist())
        for item, one in zip(bundle.legend, known.spectra, strict=True)
        if one is not None
    ]


def _page(params: ExplainPixelParams, found: ExplainPixelResult, bundle: ModelBundle, scene: Scene) -> str:
    from ...report.pages.pixel import (
        PixelPage,
        render_pixel_page,
    )  # loads matplotlib, which an answer alone has no use for
    from ...report.record import fact_table

    settings = {
        "Coverage": params.coverage,
        "Smoothing": params.smooth,
        "Model": f"{params.model.name}: {method_of(bundle)}",
        "Model id": found.model_id[:12],
        "Scene": scene.path.name,
    }
    if params.labels is not None:
        settings["Labels"] = params.labels.name
    page = PixelPage(
        scene=scene.path.name,
        model=params.model.name,
        created=shown_time(),
        verdict=verdict_on(found.classes, found.prediction_set, found.area_of_applicability, found.nearest),
        result=found.to_json(),
        wavelength_nm=scene.bands.wavelength_nm,
        second_bands=bundle.preprocessing.second_bands,
        facts=(
            fact_table("Inputs and settings", settings, as_labels=False),
            fact_table("Versions", versions(), as_labels=False),
        ),
    )
    return render_pixel_page(page)
