"""From results to the document of :mod:`benchmarks.honest`, and from that to the page for people."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.honest_store import Outcome
from hsi_engine.evaluation.clustered import clustered_intervals
from hsi_engine.evaluation.comparison import paired_score_difference, unit_confusions
from hsi_engine.evaluation.confusion_figures import overall_accuracies
from hsi_engine.operations.train_classifier.parameters import TrainClassifierParams
from hsi_engine.operations.train_classifier.recipes import candidate_recipes
from hsi_engine.phrases import in_sentence, listed

Results = dict[str, dict[int, Outcome]]
"""Outcomes by candidate and seed."""

ACCURACIES = ("overall_accuracy", "average_accuracy", "kappa", "mean_iou")
CLASSICAL = ("logistic_regression", "lda", "svm", "random_forest")
AUTO, SMOOTHED = "auto", "auto_smoothed"
_SEED, _DRAWS = 0, 2000


# ------------------------------------------------------------------------------------------- document


def document(
    measured: Mapping[str, tuple[Results, dict[str, str]]], *, machine: dict[str, Any], commit: str
) -> dict[str, Any]:
    """All figures as plain values.

    Parameters
    ----------
    measured : for each scene its outcomes, and why candidates failed.
    """
    return {
        "machine": machine,
        "commit": commit,
        "scenes": {name: _scene(results, failed) for name, (results, failed) in measured.items()},
    }


def _scene(results: Results, failed: dict[str, str]) -> dict[str, Any]:
    described = {name: _describe(by_seed) for name, by_seed in results.items()}
    choices = {name: described.pop(name, None) for name in (AUTO, SMOOTHED)}
    scene: dict[str, Any] = {"candidates": described, AUTO: choices[AUTO]}
    if choices[SMOOTHED] is not None:
        scene[SMOOTHED] = choices[SMOOTHED]
    scene["comparison"] = _compare(results)
    scene["notes"] = list(
        dict.fromkeys(note for by_seed in results.values() for o in by_seed.values() for note in o.notes)
    )
    scene["failed"] = failed
    return scene


def _describe(by_seed: dict[int, Outcome]) -> dict[str, Any]:
    """The figures of each seed, and their means; a standard error is the mean of those of the seeds."""
    seeds = [{"seed": seed, **_figures(outcome)} for seed, outcome in sorted(by_seed.items())]
    texts = ("device", "commit", "machine")
    numbers = [name for name in seeds[0] if name not in ("seed", *texts, "chosen", "reason")]
    found: dict[str, Any] = {name: _mean([one[name] for one in seeds]) for name in numbers}
    found |= {name: " and ".join(dict.fromkeys(one[name] for one in seeds)) for name in texts}
    if seeds[0].get("chosen"):
        counts = Counter(one["chosen"] for one in seeds)
        found["chosen"] = (
            next(iter(counts)) if len(counts) == 1 else "; ".join(f"seed {s['seed']}: {s['chosen']}" for s in seeds)
        )
        found["reason"] = seeds[0]["reason"]
    return {**found, "seeds": seeds}


def _figures(outcome: Outcome) -> dict[str, Any]:
    reference, predicted, unit = outcome.samples
    found = clustered_intervals(reference, predicted, unit, outcome.n_classes, draws=_DRAWS, seed=_SEED)
    estimates = {name: getattr(found, name) for name in ACCURACIES}
    figures = {name: estimate.value for name, estimate in estimates.items()}
    figures |= {f"{name}_standard_error": estimate.standard_error for name, estimate in estimates.items()}
    figures |= {"seconds": outcome.seconds, "n_train": outcome.n_train, "n_test": len(reference)}
    figures |= {"blocks": found.units, "leakage": None if math.isnan(outcome.leakage) else outcome.leakage}
    figures |= {"device": outcome.device, "commit": outcome.commit, "machine": outcome.machine}
    return figures | ({"chosen": outcome.chosen, "reason": outcome.reason} if outcome.chosen else {})


def _compare(results: Results) -> dict[str, Any] | None:
    """The automatic choice less the best classical classifier, over the seeds that both have."""
    auto = results.get(AUTO, {})
    classical = {name: results[name] for name in CLASSICAL if auto.keys() & results.get(name, {}).keys()}
    if not classical:
        return None
    best = max(classical, key=lambda name: _mean([_overall(o) for s, o in classical[name].items() if s in auto]))
    found = [
        paired_score_difference(
            _by_unit(auto[seed]), _by_unit(classical[best][seed]), overall_accuracies, seed=_SEED, draws=_DRAWS
        )
        for seed in sorted(auto.keys() & classical[best].keys())
    ]
    return {
        "best_classical": best,
        "difference": _mean([one.difference for one in found]),
        "standard_error": _mean([one.standard_error for one in found]),
        "seeds": [{"difference": one.difference, "p_value": one.p_value} for one in found],
    }


def _overall(outcome: Outcome) -> float:
    reference, predicted, _ = outcome.samples
    return float((reference == predicted).mean())


def _by_unit(outcome: Outcome) -> np.ndarray[Any, np.dtype[np.int64]]:
    return unit_confusions(*outcome.samples, outcome.n_classes)


def _mean(values: list[Any]) -> Any:
    return None if any(value is None for value in values) else sum(values) / len(values)


# ------------------------------------------------------------------------------------------- page

_NEW_PLACES = "New places"
_GAPS = "Gaps between labels"
# Which question the figures of a scene answer, and how they were made.
QUESTIONS = {
    "enmap_given_split": (
        "EnMAP, Potsdam: two tiles apart",
        f"**{_NEW_PLACES}, next to the training.** Trained on whole tiles of 32×32 pixels, tested on two others that"
        " border on them. The automatic choice was made by folds inside the training tiles. Pixels of 30 m hold a mixture"
        " of classes, and two tiles are a small test.",
    ),
    "indian_pines_blocks": (
        "Indian Pines: blocks",
        f"**{_NEW_PLACES}.** Square blocks are dealt into five folds. Each is tested by a model that was trained on the"
        " others, at least as far away as its patch reaches and never within two pixels; the figures pool the folds."
        " For each fold the automatic choice is made on the predictions for the other folds only. Pixels of the tested fold help to train the models"
        " that predict the others, as in any cross-validation, but no prediction for them counts in the choice. Classes"
        " that lie in one block only are not tested, and do not count in the averages. HybridSN is tested on the same"
        " pixels and keeps its own, wider distance.",
    ),
    "indian_pines_fixed_split": (
        "Indian Pines: a published split",
        f"**{_GAPS}, for the most part.** A split from the literature keeps training and test apart pixel by pixel, not"
        " by distance: see the leakage of each candidate. The wider the patch, the less the figure says about new places.",
    ),
    **{
        f"indian_pines_random_{percent}": (
            f"Indian Pines: {percent} % at random",
            f"**{_GAPS}.** {percent} % of the labelled pixels, drawn at random from each class, train; all others are the"
            " test. This is the protocol of most of the literature. It says nothing about a place without labels.",
        )
        for percent in (5, 10, 30)
    },
}

# What the product does not offer under these names.
_TITLES = {"hybridsn_plain_paper": "HybridSN as in its paper", AUTO: "auto", SMOOTHED: "auto, smoothed"}
_MANY_BANDS = 200

_HEAD = """\
# Results

What the classifiers reach on two scenes, and what the automatic choice (`--model auto`) makes of them. An accuracy
answers one of three questions, and a figure for one says little about the others ([why](accuracy.md)):

- *How accurate is this map?* Only a probability sample drawn from the map shows that. **None of the figures below answers it**;
  `hsi assess` does, with such a sample.
- *How well does it do in new places?* Tested in blocks or tiles away from the training.
- *How well does it fill the gaps between labels?* Tested on pixels drawn at random among the training pixels.

OA is the overall accuracy, AA the mean producer's accuracy of the tested classes, mIoU the mean intersection over union; all
but kappa in percent. ± is one standard error from draws of whole blocks: how far the figure would vary if other blocks of the
scene had been tested. It does not cover another scene, another date or another training run. The last column lists the OA of
each seed; all other figures are means over the seeds. So is the standard error, which more seeds therefore do not make smaller.
Leakage is the share of the test pixels that lie within the patch of a training pixel. Seconds are those of training and prediction of the test
pixels; for auto, those of the comparison too.

"""


def page(found: dict[str, Any]) -> str:
    """The document as Markdown."""
    parts = [_HEAD]
    for name, scene in found["scenes"].items():
        title, question = QUESTIONS.get(name, (name, ""))
        parts.append(f"## {title}\n\n")
        if question:
            parts.append(f"{question}\n\n")
        parts += [table(scene), "\n", *(f"{line}\n\n" for line in _remarks(scene))]
    machine = found["machine"]
    parts.append(
        "## How this was measured\n\n"
        "`python -m benchmarks.honest` writes this page; do not edit it. Measured with"
        f" {_commits(found)} on {machine['processor']}, {machine['cores']} cores, {machine['threads']}"
        f" threads of torch {machine['torch']}, Python {machine['python']}, {machine['system']}. Seconds are those"
        " of the processor, all threads together; read them as an order of magnitude.\n"
    )
    return "".join(parts)


def _commits(found: dict[str, Any]) -> str:
    """Those of all results."""
    scenes = found["scenes"].values()
    every = [one for s in scenes for one in (*s["candidates"].values(), s[AUTO], s.get(SMOOTHED)) if one]
    known = sorted({part for one in every for part in one["commit"].split(" and ") if part})
    return listed(known) or found["commit"] or "an unknown commit"


def table(scene: dict[str, Any]) -> str:
    """The candidates of a scene in their order, then the automatic choice in bold."""
    lines = [
        "| | OA | AA | kappa | mIoU | training pixels | test pixels | leakage | seconds | OA of each seed |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [_line(_title(name), one, "") for name, one in scene["candidates"].items()]
    lines += [_line(_title(name), scene[name], "**") for name in (AUTO, SMOOTHED) if scene.get(name)]
    return "\n".join(lines) + "\n"


def _line(title: str, one: dict[str, Any], bold: str) -> str:
    accuracies = [_figure(one, name, 1 if name == "kappa" else 100) for name in ACCURACIES]
    seeds = ", ".join(_percent(seed["overall_accuracy"]) for seed in one["seeds"])
    counts = [f"{round(one[name]):,}" for name in ("n_train", "n_test")]
    leakage = "–" if one["leakage"] is None else f"{100 * one['leakage']:.0f} %"
    cells = [title, *accuracies, *counts, leakage, _seconds(one), seeds]
    return f"| {' | '.join(f'{bold}{cell}{bold}' for cell in cells)} |"


def _remarks(scene: dict[str, Any]) -> list[str]:
    lines = []
    auto, comparison = scene.get(AUTO), scene.get("comparison")
    if auto:
        lines.append(f"auto took {_chosen(auto['chosen'])}.")
    if comparison:
        lines[-1] += f" {_compared(comparison)}"
    if scene.get(SMOOTHED):
        lines.append(f"With smoothing where the other folds gain by it: {_chosen(scene[SMOOTHED]['chosen'])}.")
    if scene["notes"]:
        lines.append("\n".join(f"- {note}" for note in scene["notes"]))
    lines += [f"{_title(name)} failed: {message}" for name, message in scene["failed"].items()]
    return lines


def _compared(comparison: dict[str, Any]) -> str:
    """The automatic choice next to the best classical classifier, in a sentence."""
    difference, error = comparison["difference"], comparison["standard_error"]
    points = 100 * difference
    side = "above" if points > 0 else "below"
    best = _title(comparison["best_classical"])
    if abs(points) < 0.05:
        start = f"Its overall accuracy equals that of {in_sentence(best)}"
    else:
        start = f"Its overall accuracy is {abs(points):.1f} points {side} that of {in_sentence(best)}"
    if error is None:
        doubt = "; with one block there is no standard error"
    else:
        doubt = f" (standard error of the difference {100 * error:.1f})"
        if abs(difference) < 2 * error:
            doubt += ", which these blocks cannot tell from none" if abs(points) >= 0.05 else ""
    return f"{start}{doubt}. {best} was picked as the best of the four classical classifiers on the test itself."


def _chosen(text: str) -> str:
    """The names of candidates in the words of the table."""

    def worded(match: re.Match[str]) -> str:
        names = match[0].removeprefix("mean_of_").split("_and_")
        return ("the mean of " if len(names) > 1 else "") + listed([in_sentence(_title(name)) for name in names])

    return re.sub(r"\b(?:mean_of_\w+|\w+_\w+|lda|svm|hybridsn)\b", worded, text)


def _title(name: str) -> str:
    """What forms and reports call a candidate."""
    return _TITLES.get(name) or _product_titles().get(name, name)


@cache
def _product_titles() -> dict[str, str]:
    """Titles of all methods that the automatic choice may compare, by the names of candidates."""
    params = TrainClassifierParams(
        scene=Path("scene.tif"), labels=Path("labels.tif"), output=Path("unwritten.hsimodel"), effort="thorough"
    )
    recipes = candidate_recipes(params, _MANY_BANDS)
    # A candidate of the benchmark may be called by its method alone.
    return {recipe.model: recipe.title for recipe in recipes} | {recipe.name: recipe.title for recipe in recipes}


def _figure(one: dict[str, Any], name: str, factor: int) -> str:
    value, error = one[name], one[f"{name}_standard_error"]
    digits = 1 if factor == 100 else 3
    if value is None:
        return "–"
    text = f"{factor * value:.{digits}f}"
    return text if error is None else f"{text} ± {factor * error:.{digits}f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _seconds(one: dict[str, Any]) -> str:
    seconds = one["seconds"]
    where = "" if one["device"].startswith("cpu") else ", GPU"
    return (f"{seconds:.1f}" if seconds < 10 else f"{seconds:,.0f}") + where
