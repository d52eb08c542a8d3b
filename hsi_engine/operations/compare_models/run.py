"""Comparing models: prepare once, train all, test, write."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from ...errors import ParameterError
from ...io.files.outputs import StagedOutputs
from ...io.files.source_hash import sha256_of_source
from ...io.scenes.scene import open_scene
from ...moment import shown_time
from ...report.pages.comparison import ComparisonPage, render_comparison_page
from ...report.record import fact_table
from ...reporting import PhaseReporter, Reporter, tell_what_is_kept
from ...runtime.device import describe_device, resolve_device
from ...runtime.versions import versions
from ...selection.distances import mismatch_with
from ...selection.repeated.kept_trainings import KeptTrainings
from ...selection.repeated.rounds import Rounds, rounds_of_folds, rounds_of_pixels
from ...selection.repeated.trainings import Contestant, Trainer
from ...training.fit import Fitter
from ...training.recipe import Recipe
from ...training.reduction import check_patch_fits
from ..definition.output_check import check_scene_is_kept
from ..definition.scene_input import scene_reading
from ..train_classifier.early_checks import check_folds_are_tested, span_note
from ..train_classifier.preparation import Prepared, prepare
from .competitors import Competitor, competitors, shared_params
from .figures import failed_json, in_order, model_json, pairs_json
from .operation import CompareModelsParams, CompareModelsResult
from .words import covers, verdict

_FOLDS = 5
_FILES = ("scene", "labels", "results", "report", "legend")
_PREPARED, _TRAINED, _TESTED = 0.06, 0.95, 0.98


def run(params: CompareModelsParams, reporter: Reporter) -> CompareModelsResult:
    """Train every model in every fold of every seed, test who is better, and write.

    What is finished is kept next to the results until these are written, so that the same job, started again, repeats
    nothing.

    Raises
    ------
    HsiError : of the family of whatever is wrong: parameters, scene, labels, device; of all models, if all fail.
    """
    started = time.perf_counter()
    check_folds_are_tested(repr(params.split), params.split == "folds", match_distances=params.match_distances)
    device = resolve_device(params.device)
    entries = competitors(params)
    with open_scene(params.scene, **scene_reading(params)) as reader:
        check_scene_is_kept(params, reader.scene)
        recipes: list[Recipe] = []

        def recipes_of(n_bands: int) -> list[Recipe]:
            recipes[:] = [entry.recipe(n_bands) for entry in entries]
            return recipes

        prepared = prepare(
            shared_params(params), reader, PhaseReporter(reporter, 0.0, _PREPARED), recipes_of=recipes_of
        )
    prepared.notes.add(*span_note(prepared.samples, prepared.grid), warn=True)
    rounds = _rounds(params, prepared)
    prepared.notes.add(*rounds.notes)
    inputs = {name: sha256_of_source(path) for name, path in params.input_files().items()}
    kept = KeptTrainings(params.results)
    trainer = Trainer(
        prepared.cubes.to(device),
        prepared.samples,
        rounds,
        Fitter(device=device, precision=params.precision, n_classes=len(prepared.samples.legend)),
        kept,
        _shared(params, prepared, inputs, str(device)),
    )
    try:
        trained = trainer.train_all(
            _contestants(entries, recipes, prepared), PhaseReporter(reporter, _PREPARED, _TRAINED)
        )
        reporter.progress(_TRAINED, "Testing which model is better")
        result = _result(params, prepared, rounds, trained, describe_device(device), started)
        reporter.check_cancelled()
        reporter.progress(_TESTED, "Writing the results")
        _write(params, result, inputs)
    except BaseException as error:
        if kept.files():
            tell_what_is_kept(
                error, f"Finished trainings are kept in {kept.folder.name}: run it again to continue.", reporter
            )
        raise
    kept.discard()
    reporter.if_cancelled()
    for kind, path in (("results", params.results), ("report", params.report)):
        if path is not None:
            reporter.artifact(kind, path)
    return result


def _rounds(params: CompareModelsParams, prepared: Prepared) -> Rounds:
    seeds = [params.seed + number for number in range(params.seeds)]
    samples, radius = prepared.samples, prepared.radius
    mismatch = mismatch_with(samples, radius, prepared.with_data, prepared.scene.pixel_size_m)
    if params.split == "random":
        return rounds_of_pixels(samples, seeds=seeds, radius=radius, train_share=params.train_share)
    return rounds_of_folds(
        samples,
        seeds=seeds,
        radius=radius,
        n_folds=params.folds or _FOLDS,
        block_px=params.block_size,
        mismatch=mismatch if params.match_distances else None,
    )


def _shared(params: CompareModelsParams, prepared: Prepared, inputs: dict[str, str], device: str) -> dict[str, Any]:
    """What decides the outcome of a training besides its recipe and the pixels of both sides."""
    found = versions()
    return {
        "inputs": inputs,
        **{name: value if name == "nodata" else str(value) for name, value in scene_reading(params).items()},
        "bands": params.bands,
        "legend": prepared.samples.legend.to_json(),
        "device": device,
        "precision": params.precision,
        "versions": {name: found[name] for name in ("hsi-engine", "torch", "numpy", "scikit-learn")},
    }


def _contestants(entries: Sequence[Competitor], recipes: Sequence[Recipe], prepared: Prepared) -> list[Contestant]:
    """All models; those that the preparation left out with the reason."""
    found = []
    for entry, recipe in zip(entries, recipes, strict=True):
        why = ""
        if recipe not in prepared.recipes:
            try:
                check_patch_fits(recipe.patch_size, prepared.grid.shape)
                why = "The components that it needs cannot be computed from this scene."
            except ParameterError as error:
                why = error.message
        found.append(Contestant(label=entry.label, recipe=recipe, failure=why))
    return found


def _result(
    params: CompareModelsParams,
    prepared: Prepared,
    rounds: Rounds,
    trained: Sequence[Contestant],
    device: str,
    started: float,
) -> CompareModelsResult:
    samples = prepared.samples
    ordered = in_order(trained, rounds, samples)
    failed = [one for one in trained if one.failure]
    models = [model_json(one, seed=params.seed) for one in ordered] + [failed_json(one) for one in failed]
    pairs = pairs_json(ordered, seed=params.seed, mcnemar=params.split == "random")
    split = rounds.description
    return CompareModelsResult(
        results=params.results,
        report=params.report,
        question="new_places" if params.split == "folds" else "gaps",
        verdict=verdict(models, pairs, split),
        best=ordered[0].contestant.label,
        models=models,
        pairs=pairs,
        covers=covers(split, len(rounds.seeds), pairs, [one.label for one in failed]),
        classes=samples.legend.to_json(),
        split=split,
        seeds=rounds.seeds,
        notes=list(prepared.notes.texts),
        device=device,
        seconds=time.perf_counter() - started,
    )


def _write(params: CompareModelsParams, result: CompareModelsResult, inputs: dict[str, str]) -> None:
    content = {name: value for name, value in result.to_json().items() if name not in ("results", "report")}
    content |= {"settings": params.settings(), "inputs": inputs, "versions": versions()}
    with StagedOutputs() as stage:
        text = json.dumps(content, indent=1, ensure_ascii=False)
        stage.path(params.results).write_text(text + "\n", encoding="utf-8")
        if params.report is not None:
            page = _page(params, result, inputs)
            stage.path(params.report).write_text(render_comparison_page(page), encoding="utf-8")


def _page(params: CompareModelsParams, result: CompareModelsResult, inputs: dict[str, str]) -> ComparisonPage:
    unused = ("train_share",) if params.split == "folds" else ("folds", "block_size", "match_distances")
    settings = {
        field.title or name: getattr(params, name)
        for name, field in type(params).model_fields.items()
        if getattr(params, name) is not None and name not in (*_FILES, *unused)
    }
    files = params.input_files()
    return ComparisonPage(
        scene=params.scene.name,
        labels=params.labels.name,
        created=shown_time(),
        result=result.to_json(),
        facts=(
            fact_table("Settings", settings, as_labels=False),
            fact_table("Inputs", {name: f"{files[name].name} · SHA-256 {digest}" for name, digest in inputs.items()}),
            fact_table("Versions", versions(), as_labels=False),
        ),
    )
