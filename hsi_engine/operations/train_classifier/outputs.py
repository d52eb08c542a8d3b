"""From a training to its files: written together, recognised by another run with the same settings."""

from __future__ import annotations

from pathlib import Path

from ...bundle.model_bundle import ModelBundle
from ...bundle.model_file import read_bundle, write_bundle
from ...errors import BundleError, OutputError
from ...io.files.outputs import StagedOutputs
from ...io.files.source_hash import sha256_of_source
from ...report.figures.folds_picture import picture_of_folds
from ...reporting import PhaseReporter, Reporter
from ...runtime.versions import versions
from .operation import TrainClassifierResult
from .parameters import TrainClassifierParams
from .report import training_advice, write_folds_map, write_split_map, write_training_report
from .run import train_model


def run(params: TrainClassifierParams, reporter: Reporter) -> TrainClassifierResult:
    """Train, test and write the model; nothing is written before everything is finished."""
    trained = train_model(params, PhaseReporter(reporter, 0.0, 0.97))
    try:
        with StagedOutputs() as stage:
            write_bundle(trained.bundle, stage.path(params.output))
            if params.report is not None:
                folds = trained.folds
                picture = None if folds is None else picture_of_folds(trained.grid, folds.samples, folds)
                write_training_report(
                    trained.bundle, stage.path(params.report), title=report_title(params.output), folds_picture=picture
                )
            if params.split_output is not None:
                where = (params.split_output, stage)
                if trained.split is None:
                    write_folds_map(trained.grid, trained.samples, trained.folds, *where)
                else:
                    write_split_map(trained.grid, trained.samples, trained.split, *where)
    except OutputError as error:
        kept = "Nothing of the training is kept: run it again."
        if trained.checkpoint.is_of_this_run():
            kept = f"The training is finished and kept in {trained.checkpoint.path.name}: run it again with Resume."
        raise OutputError(error.message, code=error.code.partition(".")[2], hint=f"{error.hint} {kept}") from error
    trained.checkpoint.remove()
    reporter.if_cancelled()
    _announce(params, reporter)
    return _result(params, trained.bundle)


def finished_before(params: TrainClassifierParams, reporter: Reporter) -> TrainClassifierResult | None:
    """The result of an earlier run with the same settings and inputs, if all that it wrote is there; else None."""
    if not all(path.is_file() for path in params.output_files().values()):
        return None
    try:
        bundle = read_bundle(params.output)
    except BundleError:  # some other file, which the training will replace
        return None
    record = bundle.training
    if record.get("settings") != params.settings():
        return None
    try:
        result = _result(params, bundle)
        torch, inputs = record["versions"]["torch"], record["inputs"]
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        problem = f"it has no {error}" if isinstance(error, KeyError) else "it is not one of a training"
        reporter.log(
            f"The record of the training in {params.output.name} cannot be used: {problem}. The model is trained again.",
            "warning",
        )
        return None
    # Reading large inputs takes long, so they are compared last.
    if torch != versions()["torch"] or inputs != {
        name: sha256_of_source(path) for name, path in params.input_files().items()
    }:
        return None
    reporter.log(f"Training is already complete: continuing with {params.output.name}.")
    _announce(params, reporter)
    return result


def _announce(params: TrainClassifierParams, reporter: Reporter) -> None:
    for kind, path in (("model", params.output), ("report", params.report), ("split", params.split_output)):
        if path is not None:
            reporter.artifact(kind, path)


def report_title(model: Path) -> str:
    """Of the report on the training of ``model``."""
    return f"Training of {model.name}"


def _result(params: TrainClassifierParams, bundle: ModelBundle) -> TrainClassifierResult:
    record = bundle.training
    return TrainClassifierResult(
        model=params.output,
        report=params.report,
        split_output=params.split_output,
        model_id=bundle.id,
        classes=bundle.legend.to_json(),
        bands_used=len(bundle.preprocessing.bands),
        epochs=len(record["history"]),
        best_epoch=record["best_epoch"],
        train_loss=record["history"][-1]["loss"] if record["history"] else None,
        validation=bundle.metrics.get("validation"),
        test=bundle.metrics.get("test"),
        cross_fitted=bundle.metrics.get("cross_fitted"),
        intervals=bundle.metrics.get("intervals"),
        test_intervals=bundle.metrics.get("test_intervals"),
        calibration=bundle.metrics.get("calibration"),
        distances=bundle.metrics.get("distances"),
        baseline=bundle.metrics.get("baseline"),
        selection=record.get("selection"),
        folds=record.get("folds"),
        method=(record.get("selection") or {}).get("title") or bundle.title,
        split=record["split"],
        comparison=record["comparison"],
        history=record["history"],
        notes=record["notes"],
        advice=training_advice(bundle),
        device=record["device"],
        world_size=record.get("world_size", 1),  # of a model that an earlier version has written
        seconds=record["seconds"],
    )
