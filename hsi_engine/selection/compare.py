"""Comparing recipes on the same folds, cheapest first, within a time limit; failures leave the others going."""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch

from ..errors import Cancelled, HsiError
from ..evaluation.accuracy import Accuracy
from ..reporting import PhaseReporter, Reporter
from ..splitting.folds import Folds
from ..training.cubes import Cubes
from ..training.fit import Fitter
from ..training.recipe import Recipe
from .candidate import Row, Status
from .choice import Choice, averages, choose, only, single
from .cross_fit import CrossFitted, cross_fit


def compare(
    recipes: Sequence[Recipe],
    folds: Folds,
    cubes: Cubes,
    fitter: Fitter,
    *,
    seed: int,
    time_limit_s: float | None,
    reporter: Reporter,
    wanted: str | None = None,
) -> Choice:
    """Cross-fit the recipes and choose.

    Parameters
    ----------
    recipes : the cheapest first; one that fails is reported and left out. No network is trained if a simpler method is
        right on every tested pixel: nothing can be better.
    time_limit_s : no further recipe is begun when so much time has passed; the first always is.
    wanted : name of the recipe to take whatever it reaches; the others are there to compare it with. None: the best.

    Raises
    ------
    HsiError : all recipes failed; the error of the first.
    Cancelled : asked between and during trainings.
    """
    started = time.monotonic()
    fitted: list[CrossFitted] = []
    others: list[Row] = []
    errors: list[HsiError] = []
    perfect = ""
    for number, recipe in enumerate(recipes):
        late = time_limit_s is not None and fitted and time.monotonic() - started >= time_limit_s
        needless = perfect and wanted is None and recipe.is_network
        if late or needless:
            why = _limit_reached(time_limit_s) if late else f"{perfect} is right on every tested pixel"
            others.append(_row(recipe, "not_tried", f"Not tried: {why}."))
            reporter.log(f"{recipe.title}: not tried: {why}.", "warning" if late else "info")
            continue
        phase = PhaseReporter(reporter, number / len(recipes), (number + 1) / len(recipes))
        try:
            fitted.append(cross_fit(recipe, folds, cubes, fitter, phase))
        except Cancelled:
            raise
        except (HsiError, MemoryError, torch.cuda.OutOfMemoryError) as error:
            message = error.message if isinstance(error, HsiError) else "Not enough memory."
            others.append(_row(recipe, "failed", message))
            reporter.log(f"{recipe.title} is left out: {message}", "warning")
            if isinstance(error, HsiError):
                errors.append(error)
            continue
        found = single(fitted[-1], folds).accuracy
        if found.overall_accuracy == 1 and not perfect:
            perfect = recipe.title
        reporter.log(_reached(fitted[-1], found))
    if not fitted:
        raise errors[0] if errors else MemoryError("no candidate fits into memory")
    candidates = [single(one, folds) for one in fitted]
    if wanted is None:
        return choose(candidates + averages(fitted, folds), others, folds, seed=seed)
    return only(choose(candidates, others, folds, seed=seed), wanted)


def _row(recipe: Recipe, status: Status, message: str) -> Row:
    return Row(name=recipe.name, title=recipe.title, status=status, message=message)


def _limit_reached(time_limit_s: float | None) -> str:
    return f"the time limit of {(time_limit_s or 0) / 60:g} min was reached"


def _reached(fitted: CrossFitted, found: Accuracy) -> str:
    return (
        f"{fitted.recipe.title}: overall accuracy {100 * found.overall_accuracy:.1f} %, average accuracy"
        f" {100 * found.average_accuracy:.1f} % ({fitted.seconds:.0f} s)"
    )
