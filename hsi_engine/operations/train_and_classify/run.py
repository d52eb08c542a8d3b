"""One job after the other: train, map with the new model, and show the map in the report of the training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...bundle.model_file import read_bundle
from ...errors import Cancelled, HsiError
from ...io.files.outputs import StagedOutputs
from ...report.evidence import FoldsPicture
from ...report.figures.folds_picture import picture_in_page
from ...reporting import OnceReporter, PhaseReporter, Reporter, tell_what_is_kept
from ..classify_scene.operation import ClassifySceneParams, ClassifySceneResult
from ..classify_scene.part import read_part
from ..classify_scene.run import run as classify
from ..definition.base import ParamsT
from ..definition.output_check import check_scene_is_kept
from ..definition.scene_input import scene_reading
from ..parts.map_picture import picture_of_new_map
from ..parts.second_source import described_scene
from ..train_classifier.outputs import finished_before, report_title
from ..train_classifier.outputs import run as train
from ..train_classifier.parameters import TrainClassifierParams
from ..train_classifier.report import write_training_report
from .operation import TrainAndClassifyParams, TrainAndClassifyResult
from .part_mapped import mapping_facts, part_mapped

# Shares of the job before mapping, and before drawing the map; they only shape the progress bar.
_TRAINED, _MAPPED = 0.85, 0.98


def run(params: TrainAndClassifyParams, reporter: Reporter) -> TrainAndClassifyResult:
    """Train, test and write the model, then map the scene with it.

    All outputs are checked before the training. Once it is finished, its model, report and split raster stay, also
    if the mapping fails or is cancelled: an error then says so in its hint, a cancel in its message. The report then
    shows no map. Another run with resume takes that model and maps the remaining tiles.
    """
    training = _part(params, TrainClassifierParams, output=params.model_output)
    mapping = _part(params, ClassifySceneParams, model=params.model_output, report=None, only_second=False)
    first = OnceReporter(reporter, 0.0, _TRAINED)
    trained = finished_before(training, reporter) if params.resume else None
    scene = described_scene(params.scene, params)  # a mistake is not to show after the training
    check_scene_is_kept(params, scene)
    if mapping.extent is not None or mapping.mask is not None:
        read_part(mapping, scene.grid)
    if trained is None:
        trained = train(training, first)
    with _model_stays(params.model_output, reporter):
        mapped = classify(mapping, OnceReporter(reporter, _TRAINED, _MAPPED, first.said))
    if params.report is not None:
        _add_map_to_report(params, params.report, mapping, mapped, PhaseReporter(reporter, _MAPPED, 1.0))
    return TrainAndClassifyResult(training=trained, mapping=mapped)


def _part(params: TrainAndClassifyParams, part: type[ParamsT], **renamed: Any) -> ParamsT:
    """The parameters of one of the two operations; ``renamed`` are those that the other one calls by another name."""
    same = {name: getattr(params, name) for name in part.model_fields if name not in renamed}
    return part.model_validate(same | renamed)


@contextmanager
def _model_stays(model: Path, reporter: Reporter) -> Iterator[None]:
    """Say that the training was not in vain, whatever ends the block."""
    kept = f"The trained model is kept in {model.name}: map the scene with it (Classify scene)."
    reporter.if_cancelled(f"Cancelled; no map was written. {kept}")
    try:
        yield
    except Exception as error:
        tell_what_is_kept(error, kept, reporter)
        raise


def _add_map_to_report(
    params: TrainAndClassifyParams,
    report: Path,
    mapping: ClassifySceneParams,
    mapped: ClassifySceneResult,
    reporter: Reporter,
) -> None:
    """Write the report of the training again, with the map; if that fails the report stays as it is."""
    without = f"Model and map are finished; {report.name} shows no picture of the map."
    reporter.if_cancelled(f"Cancelled. {without}")
    reporter.progress(0.0, "Drawing the report")
    try:
        bundle = read_bundle(params.model_output)
        counts = [c["pixels"] for c in mapped.classes]
        areas = [c["hectares"] for c in mapped.classes]
        picture = picture_of_new_map(
            params.output,
            bundle.legend,
            counts,
            params.scene,
            reporter,
            reading=scene_reading(params),
            class_hectares=None if None in areas else areas,
        )
        folds = _folds_picture(report)
        with StagedOutputs() as stage:
            write_training_report(
                bundle,
                stage.path(report),
                title=report_title(params.model_output),
                map_picture=picture,
                folds_picture=folds,
                part_mapped=part_mapped(mapping, mapped),
                mapping=mapping_facts(mapping),
            )
    except Cancelled:
        raise
    except HsiError as error:
        reporter.log(f"{without} {error.message}", "warning")


def _folds_picture(report: Path) -> FoldsPicture | None:
    """The picture of the folds in the report of the training: the model does not keep where labels lie."""
    try:
        return picture_in_page(report.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
