"""What the figures of a comparison mean, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...phrases import counted, listed
from ...report.wording import percent

LEVEL = 0.05
"""Adjusted p-values below this count as a difference."""


def verdict(models: Sequence[dict[str, Any]], pairs: Sequence[dict[str, Any]], split: dict[str, Any]) -> str:
    """Which model is best, and whether it is better than the others."""
    compared = [model for model in models if model["status"] == "compared"]
    best = compared[0]
    text = f"{best['name']} has the highest mean overall accuracy, {percent(best['overall_accuracy']['mean'])}"
    text += " in places that the models had not seen." if split["strategy"] == "folds" else " of random test pixels."
    if len(compared) == 1:
        return f"{text} No other model could be trained to the end, so nothing is compared."
    own = [pair for pair in pairs if pair["first"] == best["name"]]
    level = [pair["second"] for pair in own if pair["difference"] == 0]
    close = [
        f"{pair['second']} (p = {p_text(pair['p_holm'])})"
        for pair in own
        if pair["p_holm"] >= LEVEL and pair["difference"] != 0
    ]
    clear = [pair["second"] for pair in own if pair["p_holm"] < LEVEL]
    unit = split["unit_name"]
    if level:
        text += f" {listed(level)} {'reaches' if len(level) == 1 else 'reach'} the same."
    if close:
        text += f" Chance in the choice of {unit}s is enough to explain its lead over {listed(close)}."
    if clear:
        others = "all other models" if not (close or level) and len(clear) > 1 else listed(clear)
        text += f" Its lead over {others} is larger than the choice of {unit}s explains."
        text += _over_runs([pair for pair in own if pair["second"] in clear])
    return text


def within_runs(pairs: Sequence[dict[str, Any]]) -> list[str]:
    """The second models of pairs whose difference is within the spread of training runs."""
    tested = [pair for pair in pairs if pair["training_runs"]]
    return [pair["second"] for pair in tested if pair["training_runs"]["p_holm"] >= LEVEL]


def _over_runs(pairs: Sequence[dict[str, Any]]) -> str:
    """Whether a lead is also clear over training runs; nothing if that could not be tested."""
    unclear = within_runs(pairs)
    if unclear:
        return f" Over training runs its lead over {listed(unclear)} is within their spread: more seeds would help."
    return " It is so over training runs, too." if all(pair["training_runs"] for pair in pairs) else ""


def covers(split: dict[str, Any], seeds: int, pairs: Sequence[dict[str, Any]], failed: Sequence[str]) -> list[str]:
    """What each figure and test covers, and what it does not."""
    unit, of_folds = split["unit_name"], split["strategy"] == "folds"
    found = [
        _question(split),
        _deviation(of_folds, seeds),
        f"Intervals and the permutation test (signs of whole {unit}s are flipped, {split['units']:,} {unit}s) cover the choice of"
        f" the labelled pixels that were tested. The {counted(seeds, 'seed')} of a {unit} {'are' if seeds > 1 else 'is'} drawn"
        " and flipped together, so that more seeds do not make the sample look larger. They do not cover what other training"
        " runs, other scenes or other dates would give.",
    ]
    found.append(_runs(of_folds, seeds, pairs))
    if not of_folds:
        found.append(
            "McNemar's tests (exact, and mid-p) take pixels for independent draws, which neighbours are not: their p-values are"
            " too small, and they are here for comparison with the literature."
            + (
                " Each seed is tested separately; the p-value of all seeds holds however they depend on one another (Rüger 1978)."
                if seeds > 1
                else ""
            )
        )
    if len(pairs) > 1:
        found.append(f"Adjusted p-values are those of each test for all {len(pairs)} pairs together (Holm 1979).")
    if failed:
        found.append(f"Not compared, because a training failed: {listed(list(failed))}.")
    return found


def p_text(p: float) -> str:
    """``0.032``, ``< 0.001``."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _question(split: dict[str, Any]) -> str:
    if split["strategy"] == "folds":
        return (
            "The accuracies answer the question of new places: how well places without labels are mapped. No model was trained"
            f" within {split['guard_px']} pixels of a pixel that it was tested on, whatever its own patch;"
            " so all were trained on the same pixels. The share of this map that is right, and how well gaps"
            " between labels are filled, are other questions."
        )
    return (
        "The accuracies answer the question of gaps: how well the gaps between labelled pixels are filled."
        f" {percent(split['near'])} of the test pixels have a training pixel within two pixels, often one of the same class, which flatters"
        f" all models. {_patches(split)} How well new places are mapped, or what share of this map is correct, they do not show."
    )


def _patches(split: dict[str, Any]) -> str:
    edge = split["largest_patch_px"]
    if edge == 1:
        return "All of them look at single pixels, so none has patches that hold test pixels; it is the neighbours that are alike."
    return (
        f"{percent(split['leakage'])} of the test pixels lie inside a training patch of {edge}×{edge} pixels, the largest of these models,"
        " so models with large patches are flattered most."
    )


def _deviation(of_folds: bool, seeds: int) -> str:
    if seeds == 1:
        return "There is one seed: how far the accuracies vary from one training run to the next is not known."
    what = "other folds and other random weights" if of_folds else "other training pixels and other random weights"
    return (
        f"“±” is the standard deviation over {seeds} seeds, each with {what}. It covers training runs, not the choice of the"
        " labelled pixels."
    )


def _runs(of_folds: bool, seeds: int, pairs: Sequence[dict[str, Any]]) -> str:
    if not any(pair["training_runs"] for pair in pairs):
        return "A test over training runs is not defined here: it needs two runs or more that differ."
    what = "all seeds and folds" if of_folds else "all seeds"
    text = (
        f"The corrected t-test (Nadeau and Bengio 2003) over {what} covers training runs, widened because their training sets"
        " overlap. It does not cover the choice of the labelled pixels."
    )
    if of_folds:
        text += " It was derived for random splits; for folds of places it is an approximation."
    return text
