"""Compare several models on the same folds of one scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from ..definition.base import Operation, OperationParams, OperationResult, parameter, same_as
from ..definition.label_input import ClassField, LabelReading
from ..definition.scene_input import BandChoice
from ..train_classifier.method_options import MethodOptions
from ..train_classifier.options import CheckOptions
from ..train_classifier.parameters import SceneAndLabels


class _Outputs(OperationParams):
    """What is written."""

    results: Path = parameter(
        title="Results",
        description="JSON file with all figures. A folder of this name with .parts next to it keeps finished trainings until all"
        " are done.",
        kind="json_out",
    )
    report: Path | None = parameter(
        None,
        title="Report",
        description="HTML report with tables, tests and what they cover.",
        kind="report_out",
    )


class _Comparison(OperationParams):
    """What is compared, and how often."""

    models: str = parameter(
        "lda, svm, spectral_cnn",
        title="Models",
        description="Names of two models or more, separated by commas, each with settings in brackets if you want others than its"
        " own: lda, svm, hybridsn(patch_size=11, epochs=20). The page of methods lists them.",
        kind="text",
    )
    seeds: int = parameter(
        3,
        title="Seeds",
        description="How often everything is repeated, each time with other folds and other random weights, the same for all"
        " models.",
        kind="integer",
        ge=1,
        le=50,
    )
    split: Literal["folds", "random"] = parameter(
        "folds",
        title="Test on",
        description="folds: each place is tested by models that were trained elsewhere. random: single pixels, as in most of the"
        " literature, which leaks.",
        kind="choice",
        choices={"folds": "Separate places", "random": "Random pixels (leaks)"},
    )


class _Details(OperationParams):
    """Settings that have good defaults."""

    folds: int | None = same_as(
        CheckOptions, "folds", description="Number of folds. By default 5, or as many as the labels allow."
    )
    block_size: int | None = same_as(
        CheckOptions, "block_size", description="Side length of the blocks that folds are made of."
    )
    match_distances: bool = same_as(CheckOptions, "match_distances")
    train_share: float = same_as(
        CheckOptions,
        "train_share",
        description="Share of the labelled pixels used for training if random pixels are tested.",
    )
    epochs: int | None = same_as(
        MethodOptions,
        "epochs",
        description="Passes over the training pixels for all networks that have no epochs in brackets. Default: each model's own"
        " setting.",
    )
    min_samples: int = same_as(CheckOptions, "min_samples")
    small_classes: Literal["error", "drop"] = same_as(CheckOptions, "small_classes")
    seed: int = same_as(
        MethodOptions, "seed", description="First seed of all random numbers; the others count up from it."
    )
    device: str = same_as(MethodOptions, "device")
    precision: Literal["auto", "32-true", "16-mixed", "bf16-mixed"] = same_as(MethodOptions, "precision")


class CompareModelsParams(_Details, BandChoice, LabelReading, _Comparison, ClassField, _Outputs, SceneAndLabels):
    """Parameters of :data:`OPERATION`. Of several parents, the last one's fields come first."""

    def settings(self) -> dict[str, Any]:
        """Everything but the files that are written, as JSON values."""
        return self.model_dump(mode="json", exclude={"results", "report"})


class CompareModelsResult(OperationResult):
    """How the models compared; shares are 0 to 1, what is not defined is null.

    ``question`` is the one that the accuracies answer: "new_places" if separate places were tested, "gaps" if random pixels
    were. ``models`` come with the best mean overall accuracy first, those that failed last; ``mean`` and ``deviation`` (standard
    deviation) are over seeds, ``interval_95`` is from draws of whole units. ``pairs`` hold the difference in overall accuracy
    of the first, better model less the second, with the tests; p-values called ``…_holm`` are adjusted for all
    pairs. ``covers`` says what each test covers and what it does not. ``split`` describes what was tested. All but the
    paths is also in the results file.
    """

    results: Path
    report: Path | None
    question: Literal["new_places", "gaps"]
    verdict: str
    best: str
    models: list[dict[str, Any]]
    pairs: list[dict[str, Any]]
    covers: list[str]
    classes: list[dict[str, Any]]
    split: dict[str, Any]
    seeds: list[int]
    notes: list[str]
    device: str
    seconds: float

    def to_text(self) -> str:
        width = max(5, *(len(m["name"]) for m in self.models))
        deviations = "± deviation over seeds" if len(self.seeds) > 1 else "one seed"
        lines = [
            self.verdict,
            "",
            f"  {'model':<{width}}  {'overall (%)':>13}  {'average (%)':>13}  {'kappa':>13}  {'mIoU (%)':>13}  {'training (s)':>12}"
            f"   {deviations}",
        ]
        for model in self.models:
            if model["status"] == "failed":
                lines.append(f"  {model['name']:<{width}}  failed: {model['message']}")
                continue
            cells = [_spread(model[name], 100, 1) for name in ("overall_accuracy", "average_accuracy")]
            cells += [_spread(model["kappa"], 1, 3), _spread(model["mean_iou"], 100, 1)]
            lines.append(
                f"  {model['name']:<{width}}  "
                + "  ".join(f"{cell:>13}" for cell in cells)
                + f"  {model['train_seconds']['mean']:>12.1f}"
            )
        if self.pairs:
            lines += ["", "  Difference in overall accuracy (points), its standard error, and p adjusted for all pairs"]
            lines += [
                f"  {pair['first']} – {pair['second']}: {100 * pair['difference']:.1f}"
                + ("" if pair["standard_error"] is None else f" ± {100 * pair['standard_error']:.1f}")
                + f", p = {pair['p_holm']:.2g}"
                for pair in self.pairs
            ]
        lines += ["", *self.covers]
        written = [str(path) for path in (self.results, self.report) if path is not None]
        return "\n".join([*lines, "", "Written: " + ", ".join(written)])


def _spread(figure: dict[str, Any], factor: float, digits: int) -> str:
    """``81.2 ± 0.4``; without spread if there is one seed."""
    if figure["mean"] is None:
        return "–"
    text = f"{factor * figure['mean']:.{digits}f}"
    return text if figure["deviation"] is None else f"{text} ± {factor * figure['deviation']:.{digits}f}"


OPERATION = Operation(
    name="compare_models",
    command="compare",
    title="Compare models",
    summary="Train several models with several seeds on the same folds of a scene, and test which one is better.",
    group="Accuracy",
    params=CompareModelsParams,
    result=CompareModelsResult,
    run="hsi_engine.operations.compare_models.run:run",
    example="hsi compare --scene scene.tif --labels polygons.gpkg --class-field class_name --models 'lda, svm, hybridsn'"
    " --seeds 3 --results r.json --report r.html",
)
