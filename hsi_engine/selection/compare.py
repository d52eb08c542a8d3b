"""Comparing recipes on the same folds, cheapest first, within a time limit; failures leave the others going."""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch

from ..errors import Cancelled, HsiError
from ..reporting import PhaseReporter, Reporter
from ..splitting.folds import Folds
from ..training.cubes import Cubes
from ..training.fit import Fitter
from ..training.recipe import Recipe
from .candidate import Row
from .choice import Choice, averages, choose, single
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
) -> Choice:
    """Cross-fit the recipes and choose.

    Parameters
    ----------
    recipes : the cheapest first; one that fails is reported and left out.
    time_limit_s : no further recipe is begun when so much time has passed; the first always is.

    Raises
    ------
    HsiError : all recipes failed; the error of the first.
    Cancelled : asked between and during trainings.
    """
    started = time.monotonic()
    fitted: list[CrossFitted] = []
    others: list[Row] = []
    errors: list[HsiError] = []
    for number, recipe in enumerate(recipes):
        if time_limit_s is not None and fitted and time.monotonic() - started >= time_limit_s:
            message = f"Not tried: the time limit of {time_limit_s / 60:g} min was reached."
            others.append(Row(name=recipe.name, title=recipe.title, status="not_tried", message=message))
            reporter.log(f"{recipe.title}: {message[0].lower()}{message[1:]}", "warning")
            continue
        phase = PhaseReporter(reporter, number / len(recipes), (number + 1) / len(recipes))
        try:
            fitted.append(cross_fit(recipe, folds, cubes, fitter, phase))
        except Cancelled:
            raise
        except (HsiError, MemoryError, torch.cuda.OutOfMemoryError) as error:
            message = error.message if isinstance(error, HsiError) else "Not enough memory."
            others.append(Row(name=recipe.name, title=recipe.title, status="failed", message=message))
            reporter.log(f"{recipe.title} is left out: {message}", "warning")
            if isinstance(error, HsiError):
                errors.append(error)
            continue
        found = single(fitted[-1], folds).accuracy
        reporter.log(
            f"{recipe.title}: overall accuracy {100 * found.overall_accuracy:.1f} %, average accuracy"
            f" {100 * found.average_accuracy:.1f} % ({fitted[-1].seconds:.0f} s)"
        )
    if not fitted:
        raise errors[0] if errors else MemoryError("no candidate fits into memory")
    candidates = [single(one, folds) for one in fitted] + averages(fitted, folds)
    return choose(candidates, others, folds, seed=seed)
