"""Suggesting where to label next: predict the scene, keep the pixels with the highest scores, choose points among them, write them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from ...bundle.model_bundle import ModelBundle
from ...bundle.model_file import read_bundle
from ...errors import LabelError, ParameterError, SceneError
from ...inference.denoising.denoised_reader import as_seen_by
from ...inference.predictor import Predictor
from ...io.files.outputs import StagedOutputs
from ...io.labels.labelled_places import read_labelled_places
from ...io.samples.ground_places import places_m
from ...io.samples.suggested_points import SuggestedPoints, write_suggested_points
from ...io.scenes.scene import Scene, SceneReader, open_scene
from ...pixels.labelled_pixels import LabelledPixels
from ...pixels.scene_part import ScenePart
from ...reporting import PhaseReporter, Reporter
from ...runtime.device import Device, describe_device, resolve_device
from ..classify_scene.operation import ClassifySceneParams
from ..classify_scene.part import read_part
from ..classify_scene.sources import sources_of
from ..definition.output_check import check_scene_is_kept
from ..definition.scene_input import READING
from ..parts.notes import Notes
from ..parts.scene_fit import examine_fit
from ..parts.second_source import second_gaps
from .candidates import Candidates
from .choosing import choose_points, class_shares
from .kept_labels import check_earlier_labels
from .operation import SuggestedClass, SuggestLabelsParams, SuggestLabelsResult
from .scanning import SceneScan
from .scores import Floats
from .wording import NOT_FOR_ACCURACY, next_steps, note_on_cut_squares, note_on_dissimilarity, note_on_lacking

_SCANNED = 0.95


def run(params: SuggestLabelsParams, reporter: Reporter) -> SuggestLabelsResult:
    """Predict the part of the scene once; memory follows the tile, the classes and the number of points.

    Raises
    ------
    HsiError : of the family of whatever is wrong: output, model, scene, labels, region.
    """
    started = time.perf_counter()
    _check_something_counts(params)
    check_earlier_labels(params.output)
    notes, device = Notes(reporter), resolve_device(params.device)
    mapping = _mapping(params)
    model = read_bundle(params.model)
    sources = sources_of(mapping, model)
    with open_scene(sources.scene) as reader:
        scene = reader.scene
        check_scene_is_kept(params, scene)
        masked = read_part(mapping, scene.grid)
        notes.add(*masked.notes)
        labelled = _labelled(params, scene, notes)
        scan = SceneScan(
            params=params,
            bundle=sources.bundle,
            predictor=_predictor(sources.bundle, scene, params, device),
            part=masked.part,
            labelled=labelled,
        )
        _places_in(scene, params, masked.part)  # refuses a distance that cannot be measured before the long pass
        notes.add(*_doubts(sources.bundle, sources.notes, reader, masked.part, reporter), warn=True)
        if params.dissimilarity and not scan.knows_dissimilarity:
            _check_something_counts(params, known=False)
            notes.add(note_on_dissimilarity(params.model.name), warn=True)
        scan.run(as_seen_by(sources.bundle, reader, device), PhaseReporter(reporter, 0.0, _SCANNED))
    chosen = _chosen(scan, scene, params)
    if scan.cut:
        notes.add(note_on_cut_squares(scan.cut, params.window))
    reporter.progress(_SCANNED, "Writing the points")
    if len(chosen) < params.points:
        notes.add(note_on_lacking(len(chosen), params.points), warn=True)
    notes.add(NOT_FOR_ACCURACY, warn=True)
    with StagedOutputs() as files:
        write_suggested_points(files.path(params.output), _points(scan, chosen, scene, params, model))
        reporter.check_cancelled()
    reporter.artifact("reference_points", params.output)
    return _result(params, scan, chosen, model, notes, describe_device(device), time.perf_counter() - started)


def _check_something_counts(params: SuggestLabelsParams, *, known: bool = True) -> None:
    """See that something says which points are worth a label; ``known``: the model keeps what spectra are compared with."""
    if params.uncertainty != "none" or (params.dissimilarity and known):
        return
    why = "is to count" if known else f"counts: {params.model.name} keeps no training pixels to compare spectra with"
    raise ParameterError(
        f"Neither uncertainty nor dissimilarity {why}, so that nothing says which points are worth a label.",
        code="nothing_counts",
        hint="Choose a measure of uncertainty" + (", or give dissimilarity a weight above 0." if known else "."),
    )


def _mapping(params: SuggestLabelsParams) -> ClassifySceneParams:
    """The same as parameters of a map of the same part, which read scene, extent and mask in one way."""
    names = ("scene", "model", "output", *READING, "second", "resample_second", "extent", "mask", "smooth", "device")
    return ClassifySceneParams(**{name: getattr(params, name) for name in names})


def _labelled(params: SuggestLabelsParams, scene: Scene, notes: Notes) -> tuple[LabelledPixels, ...]:
    given = [path for path in (params.labels, params.more_labels) if path is not None]
    if not given:
        notes.add("No labels were given: points may lie on pixels that are labelled already.")
    found = []
    for path in given:
        pixels, said = read_labelled_places(path, scene.grid)
        notes.add(*said)
        found.append(pixels)
    return tuple(found)


def _predictor(bundle: ModelBundle, scene: Scene, params: SuggestLabelsParams, device: Device) -> Predictor:
    known = bundle.trust.known
    return Predictor.of(
        bundle, scene, device, smooth=params.smooth, keep_branch=None if known is None else known.branch
    )


def _doubts(
    bundle: ModelBundle, notes: tuple[str, ...], reader: SceneReader, part: ScenePart, reporter: Reporter
) -> list[str]:
    fit = examine_fit(bundle, reader, part.window, check_cancelled=reporter.check_cancelled)
    return [*notes, *reader.scene.warnings, *fit.warnings, *second_gaps(reader, part, reporter.check_cancelled)]


def _chosen(scan: SceneScan, scene: Scene, params: SuggestLabelsParams) -> Candidates:
    """The points.

    Raises
    ------
    SceneError : no pixel of the part has data.
    LabelError : all pixels that have data are labelled, or no square has room.
    """
    found = scan.pool.by_class(_weight(scan, params))
    if not found and scan.nodata == scan.part.n_pixels:
        raise SceneError(
            f"None of the {scan.part.n_pixels:,} pixels of {scene.path.name} that points could lie on has data in the bands of"
            " the model.",
            code="no_valid_pixel",
            hint="Choose an extent and a mask with data, and check the nodata value.",
        )
    if not found and scan.cut:
        raise LabelError(
            f"No square of {params.window}×{params.window} pixels lies in {scene.path.name} without a label and with data in all of"
            " its pixels.",
            code="no_room",
            hint="Choose a smaller window, or 1 for single pixels.",
        )
    if not found:
        raise LabelError(
            f"All {scan.taken:,} pixels of {scene.path.name} that have data, and that points could lie on, are labelled already.",
            code="all_labelled",
            hint="Choose a larger extent or mask, or leave the labels out.",
        )
    places, distance = _places_in(scene, params, scan.part)
    shares = class_shares(scan.pool.pixels, params.balance)
    return choose_points(found, shares, params.points, distance, places)


def _weight(scan: SceneScan, params: SuggestLabelsParams) -> float:
    """Of the dissimilarity next to the uncertainty, as far as both are there."""
    if params.uncertainty == "none":
        return 1.0
    return params.dissimilarity if scan.knows_dissimilarity else 0.0


def _places_in(
    scene: Scene, params: SuggestLabelsParams, part: ScenePart
) -> tuple[Callable[[Candidates], Floats], float]:
    """Where candidates are, and how far they have to be apart there: in metres if a distance was given, else in pixels.

    Squares are at least as far apart as they are wide.

    Raises
    ------
    LabelError : the scene does not say how far its pixels are apart on the ground.
    ParameterError : squares would overlap at the distance that was given.
    """
    if params.minimum_distance is not None:
        corners = scene.grid.shape[0] // 2 + np.array([0, params.window]), np.array([0, params.window])
        diagonal = float(np.linalg.norm(np.diff(places_m(scene.grid, *corners, "scene"), axis=0)))
        if params.window > 1 and params.minimum_distance < diagonal * (1 - 1e-6):
            raise ParameterError(
                f"Squares of {params.window}×{params.window} pixels are {diagonal:.4g} m from corner to corner; with a minimum"
                f" distance of {params.minimum_distance:g} m they could overlap.",
                code="overlap",
                hint="Choose a larger distance or a smaller window, or leave out 'minimum_distance'.",
            )
        return partial(_on_the_ground, scene), params.minimum_distance
    return _in_pixels, default_distance_px(part.n_pixels, params.points, params.window)


def default_distance_px(pixels: int, points: int, window: int) -> float:
    """Half the spacing of a square lattice of as many points; at least 2 pixels, and so far that squares do not overlap."""
    return max(2.0, math.sqrt(pixels / points) / 2, window * math.sqrt(2))


def _on_the_ground(scene: Scene, candidates: Candidates) -> Floats:
    return places_m(scene.grid, candidates.rows, candidates.cols, "scene")


def _in_pixels(candidates: Candidates) -> Floats:
    return np.stack([candidates.rows, candidates.cols], axis=1).astype(np.float64)


def _points(
    scan: SceneScan, chosen: Candidates, scene: Scene, params: SuggestLabelsParams, model: ModelBundle
) -> SuggestedPoints:
    unknown = np.full(len(chosen), np.nan)
    return SuggestedPoints(
        rows=chosen.rows,
        cols=chosen.cols,
        uncertainty=unknown if params.uncertainty == "none" else chosen.uncertainty,
        dissimilarity=chosen.dissimilarity,
        predicted=chosen.classes,
        probability=chosen.probability,
        window=params.window,
        grid=scene.grid,
        legend=scan.bundle.legend,
        settings={
            "model_name": params.model.name,
            "model_id": model.id,
            "scene_name": params.scene.name,
            "uncertainty": params.uncertainty,
            "dissimilarity_weight": str(_weight(scan, params)),
            "balance": params.balance,
            "minimum_distance_m": "" if params.minimum_distance is None else str(params.minimum_distance),
            "extent": params.extent or "",
            "mask": "" if params.mask is None else params.mask.name,
            "labels": "; ".join(path.name for path in (params.labels, params.more_labels) if path is not None),
            "seed": str(params.seed),
        },
    )


def _result(
    params: SuggestLabelsParams,
    scan: SceneScan,
    chosen: Candidates,
    model: ModelBundle,
    notes: Notes,
    device: str,
    seconds: float,
) -> SuggestLabelsResult:
    pool, pixels = scan.pool, int(scan.pool.pixels.sum())
    points = np.bincount(chosen.classes, minlength=len(model.legend))
    unsure = {"points": float(chosen.uncertainty.mean()), "pixels": pool.sum_uncertainty / pixels}
    unlike = {"points": float(chosen.dissimilarity.mean()), "pixels": pool.sum_dissimilarity / pixels}
    in_px = default_distance_px(scan.part.n_pixels, params.points, params.window)
    return SuggestLabelsResult(
        scene=params.scene,
        model=params.model,
        output=params.output,
        points=len(chosen),
        asked_points=params.points,
        classes=[
            SuggestedClass(value=c.value, name=c.name, pixels=int(n), points=int(p))
            for c, n, p in zip(model.legend, pool.pixels, points, strict=True)
        ],
        pixels=pixels,
        nodata_pixels=scan.nodata,
        labelled_pixels=scan.taken,
        mean_uncertainty=None if params.uncertainty == "none" else unsure,
        mean_dissimilarity=unlike if scan.knows_dissimilarity else None,
        minimum_distance_m=params.minimum_distance,
        minimum_distance_px=in_px if params.minimum_distance is None else None,
        window=params.window,
        model_id=model.id,
        advice=next_steps(params),
        notes=notes.texts,
        device=device,
        seconds=seconds,
    )
