"""Train a classifier from a scene and labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BundleError, OutputError
from ..reporting import PhaseReporter, Reporter
from .base import Operation, OperationResult
from .training_params import TrainClassifierParams

if TYPE_CHECKING:
    from ..bundle.model_bundle import ModelBundle


class TrainClassifierResult(OperationResult):
    """What came out. Accuracies as :meth:`hsi_engine.metrics.Accuracy.to_json` gives them.

    ``test`` is None where the split left no test sample; ``comparison`` holds ``split`` and ``test`` of the second
    training, if one was asked for.
    """

    model: Path
    report: Path | None
    split_output: Path | None
    model_id: str
    classes: list[dict[str, Any]]
    bands_used: int
    epochs: int
    best_epoch: int
    train_loss: float
    validation: dict[str, Any] | None
    test: dict[str, Any] | None
    split: dict[str, Any]
    comparison: dict[str, Any] | None
    history: list[dict[str, Any]]
    notes: list[str]
    device: str
    seconds: float

    def to_text(self) -> str:
        split = self.split
        lines = [
            f"Model     {self.model}",
            f"Classes   {', '.join(c['name'] for c in self.classes)}",
            f"Training  {split['train_samples']:,} pixels, {self.epochs} epochs, {self.seconds:.0f} s on {self.device}",
        ]
        if self.test is None:
            lines.append("Test      no test pixel: the accuracy of this model is not known")
        else:
            lines.append(
                f"Test      overall accuracy {_percent(self.test['overall_accuracy'])},"
                f" average accuracy {_percent(self.test['average_accuracy'])},"
                f" kappa {self.test['kappa']:.4f}"
                f" on {split['test_samples']:,} pixels"
            )
            lines.append(f"Split     {_split_text(split)}")
        if self.comparison is not None and self.comparison["test"] is not None:
            test = self.comparison["test"]
            lines.append(
                f"Compared  overall accuracy {_percent(test['overall_accuracy'])} on {test['samples']:,} pixels"
            )
            lines.append(f"          {_split_text(self.comparison['split'])}")
        if self.report:
            lines.append(f"Report    {self.report}")
        return "\n".join(lines)


def _split_text(split: dict[str, Any]) -> str:
    return f"{split['strategy']}: {_percent(split['leakage'])} of the test pixels lie inside a training patch"


def _percent(share: float | None) -> str:
    return "not defined" if share is None else f"{100 * share:.2f} %"


def run(params: TrainClassifierParams, reporter: Reporter) -> TrainClassifierResult:
    """Train, test and write the model; nothing is written before everything is finished."""
    from ..bundle.model_bundle import write_bundle
    from ..io.outputs import StagedOutputs
    from .training_report import write_split_map, write_training_report
    from .training_run import train_model

    check_training_outputs(params)
    trained = train_model(params, PhaseReporter(reporter, 0.0, 0.97))
    try:
        with StagedOutputs() as stage:
            write_bundle(trained.bundle, stage.path(params.output))
            if params.report is not None:
                write_training_report(trained.bundle, stage.path(params.report), title=report_title(params.output))
            if params.split_output is not None:
                write_split_map(trained.grid, trained.samples, trained.split, params.split_output, stage)
    except OutputError as error:
        kept = f"The training is finished and kept in {trained.checkpoint.path.name}: run it again with resume."
        raise OutputError(error.message, code=error.code.partition(".")[2], hint=f"{error.hint} {kept}") from error
    trained.checkpoint.remove()
    reporter.if_cancelled()
    return _finished(params, trained.bundle, reporter)


def finished_before(params: TrainClassifierParams, reporter: Reporter) -> TrainClassifierResult | None:
    """The result of an earlier run with the same settings and inputs, if all that it wrote is there; else None."""
    from ..bundle.model_bundle import read_bundle
    from ..io.outputs import sha256_of
    from ..runtime.versions import versions

    if not all(path.is_file() for path in (params.output, params.report, params.split_output) if path is not None):
        return None
    try:
        bundle = read_bundle(params.output)
    except BundleError:  # some other file, which the training will replace
        return None
    record = bundle.training
    same_run = record.get("settings") == params.settings() and record["versions"]["torch"] == versions()["torch"]
    # Reading large inputs takes long, so they are compared last.
    if not same_run or record["inputs"] != {name: sha256_of(path) for name, path in params.inputs().items()}:
        return None
    reporter.log(f"The training is finished already: going on with {params.output.name}.")
    return _finished(params, bundle, reporter)


def _finished(params: TrainClassifierParams, bundle: ModelBundle, reporter: Reporter) -> TrainClassifierResult:
    for kind, path in (("model", params.output), ("report", params.report), ("split", params.split_output)):
        if path is not None:
            reporter.artifact(kind, path)
    return _result(params, bundle)


def report_title(model: Path) -> str:
    """Of the report on the training of ``model``."""
    return f"Training of {model.name}"


def check_training_outputs(params: TrainClassifierParams) -> None:
    """Make sure that model, report and split raster can be written.

    Raises
    ------
    OutputError : one of them cannot, or is an input.
    """
    from ..io.outputs import check_output
    from ..io.style import check_style_is_ours

    inputs = params.inputs().values()
    check_output(params.output, inputs=inputs, suffixes=(".hsimodel",))
    if params.report is not None:
        check_output(params.report, inputs=inputs, suffixes=(".html", ".htm"))
    if params.split_output is not None:
        check_output(params.split_output, inputs=inputs, suffixes=(".tif", ".tiff"))
        check_style_is_ours(params.split_output)


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
        train_loss=record["history"][-1]["loss"],
        validation=bundle.metrics.get("validation"),
        test=bundle.metrics.get("test"),
        split=record["split"],
        comparison=record["comparison"],
        history=record["history"],
        notes=record["notes"],
        device=record["device"],
        seconds=record["seconds"],
    )


OPERATION = Operation(
    name="train_classifier",
    command="train",
    title="Train classifier",
    summary="Train HybridSN on the labelled pixels of a scene, test it, and write a model file that maps other scenes.",
    group="Classification",
    params=TrainClassifierParams,
    result=TrainClassifierResult,
    run=run,
    example="hsi train --scene scene.tif --labels polygons.gpkg --class-field class_name --output crops.hsimodel",
)
