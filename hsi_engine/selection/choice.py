"""From cross-fitted recipes to the one that becomes the map: averages are candidates too, and ties go to the simpler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..evaluation.accuracy import accuracy_from_indices
from ..evaluation.comparison import paired_score_difference, unit_confusions
from ..evaluation.confusion_figures import mean_accuracies
from ..phrases import in_sentence, listed
from ..splitting.folds import Folds
from .candidate import Candidate, Row
from .cross_fit import CrossFitted, tested_samples

# A simpler candidate is taken if it is behind by less than half a standard error of the difference, and by less than
# one point: with few labels the error is so large that the simplest would always win.
_STANDARD_ERRORS = 0.5
_MOST_BEHIND = 0.01
_DRAWS = 2000
# Members of an average are behind the best by no more than this.
_WORTH_AVERAGING = 0.04
# With fewer tested places for each class, a comparison says more about the places than about the methods. Drawn squares, three
# for each of three classes of the EnMAP scene: the best of four classifiers of spectra and their averages, chosen by folds, has
# 78.9 % of the rest right, the average of all four 79.7 %, a random forest 79.8 % (means of 20 draws, not smoothed).
_FEW_PLACES = 5
_STEADY_MEMBERS = 3
# Places of averages in the order from simple to complex. One that holds a classifier of spectra comes before a network
# alone: it is steadier, since the accuracy of a network differs by points from one training to the next.
_SPECTRAL_AVERAGE, _MIXED_AVERAGE, _NETWORK_AVERAGE = 31, 35, 100


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """The outcome of a comparison.

    Parameters
    ----------
    chosen : the candidate that becomes the map.
    rows : all candidates, the best first, then those that failed or were not tried.
    reason : why this one, in a sentence.
    """

    chosen: Candidate
    rows: tuple[Row, ...]
    reason: str


def single(fitted: CrossFitted, folds: Folds) -> Candidate:
    """A recipe as a candidate."""
    return _candidate(fitted.recipe.name, fitted.recipe.title, (fitted,), fitted.recipe.simplicity, folds)


def averages(fitted: Sequence[CrossFitted], folds: Folds) -> list[Candidate]:
    """The averages that are worth comparing, made of what was cross-fitted already.

    The best network with the best classifier of spectra and with logistic regression, all networks, all networks with
    logistic regression, and the two best classifiers of spectra. Which are best is decided on the same folds. What is
    far behind the best has nothing to add and takes no part. The average of all classifiers of spectra is there whatever
    they reach, for :func:`choose` to take if labels are few.
    """
    steady = [one for one in fitted if _is_plain(one)]
    judged = sorted((single(one, folds) for one in fitted), key=lambda c: -c.score)
    judged = [one for one in judged if one.score >= judged[0].score - _WORTH_AVERAGING]
    networks = [c.members[0] for c in judged if c.members[0].recipe.is_network]
    spectral = [c.members[0] for c in judged if not c.members[0].recipe.is_network]
    linear = [one for one in spectral if one.recipe.model == "logistic_regression"][:1]
    groups = [
        networks[:1] + spectral[:1],
        networks[:1] + linear,
        networks[:2],
        networks[:2] + linear,
        networks,
        networks + linear,
        spectral[:2],
        networks[:1] + spectral[:2],
        steady if len(steady) >= _STEADY_MEMBERS else [],
    ]
    made: dict[frozenset[str], Candidate] = {}
    for members in groups:
        names = frozenset(member.recipe.name for member in members)
        if len(names) > 1 and names not in made:
            ordered = sorted(members, key=lambda m: m.recipe.simplicity)
            made[names] = _candidate(
                "mean_of_" + "_and_".join(m.recipe.name for m in ordered),
                "Average of " + listed([in_sentence(m.recipe.title) for m in ordered]),
                tuple(ordered),
                _place_of_average(ordered),
                folds,
            )
    return list(made.values())


def _is_plain(fitted: CrossFitted) -> bool:
    """Whether it is a classifier of spectra that sees the bands as they are."""
    return not fitted.recipe.is_network and fitted.recipe.name == fitted.recipe.model


def _steady(candidates: Sequence[Candidate], units: npt.NDArray[Any], n_classes: int) -> Candidate | None:
    """The average of the classifiers of spectra, if these labels hold too few places to choose by; else None."""
    if len(np.unique(units)) >= _FEW_PLACES * n_classes:
        return None
    plain = [c for c in candidates if len(c.members) >= _STEADY_MEMBERS and all(map(_is_plain, c.members))]
    return max(plain, key=lambda c: len(c.members), default=None)


def _place_of_average(members: Sequence[CrossFitted]) -> int:
    networks = sum(member.recipe.is_network for member in members)
    if not networks:
        return _SPECTRAL_AVERAGE
    return len(members) + (_MIXED_AVERAGE if networks < len(members) else _NETWORK_AVERAGE)


def choose(candidates: Sequence[Candidate], others: Sequence[Row], folds: Folds, *, seed: int) -> Choice:
    """The candidate with the best score, or a simpler one that cannot be told from it.

    If there are few tested places, it is the average of the classifiers of spectra unless the best is distinguishably better.

    Parameters
    ----------
    candidates : at least one.
    others : lines for those that failed or were not tried.
    """
    ranked = sorted(candidates, key=lambda c: (-c.score, c.simplicity))
    best = ranked[0]
    tested = tested_samples(folds)
    reference, units = folds.samples.classes[tested], folds.unit[tested]
    n_classes = len(folds.samples.legend)
    confusions = unit_confusions(reference, best.predicted, units, n_classes)
    steady = _steady(candidates, units, n_classes)
    rows, chosen = [], best
    for candidate in ranked:
        difference = None
        if candidate is not best:
            difference = paired_score_difference(
                confusions,
                unit_confusions(reference, candidate.predicted, units, n_classes),
                mean_accuracies,
                seed=seed,
                draws=_DRAWS,
            )
            limit = min(_MOST_BEHIND, _STANDARD_ERRORS * (difference.standard_error or 0.0))
            near = difference.difference <= limit and difference.may_be_chance
            if steady is None and candidate.simplicity < chosen.simplicity and near:
                chosen = candidate
            if candidate is steady and difference.may_be_chance:
                chosen = candidate
        rows.append((candidate, difference))
    table = tuple(
        Row(
            name=candidate.name,
            title=candidate.title,
            status="chosen" if candidate is chosen else "judged",
            candidate=candidate,
            to_best=difference,
        )
        for candidate, difference in rows
    )
    return Choice(chosen=chosen, rows=(*table, *others), reason=_reason(chosen, best, steady))


def only(choice: Choice, name: str) -> Choice:
    """The comparison with the baseline, if one method was asked for: that one is taken whatever it reaches.

    Raises
    ------
    ParameterError : it could not be trained.
    """
    wanted = next(row for row in choice.rows if row.name == name)
    if wanted.candidate is None:
        raise ParameterError(
            f"{wanted.title} cannot be trained: {wanted.message}", code="not_trained", hint="Choose another method."
        )
    reason = f"{wanted.title} was requested: mean of overall and average accuracy {_percent(wanted.candidate.score)}."
    others = [row for row in choice.rows if row.candidate is not None and row is not wanted]
    reason += "".join(f" {row.title} reaches {_percent(row.candidate.score)}." for row in others if row.candidate)
    rows = [row if row.candidate is None else replace(row, status="judged") for row in choice.rows]
    rows[choice.rows.index(wanted)] = replace(wanted, status="chosen")
    return Choice(chosen=wanted.candidate, rows=tuple(rows), reason=reason)


def _reason(chosen: Candidate, best: Candidate, steady: Candidate | None = None) -> str:
    if chosen is steady and chosen is not best:
        return (
            f"{chosen.title} is taken: the labels lie in too few places to tell methods apart, and an average is seldom far"
            f" from the best of its members. It reaches {_percent(chosen.score)} (mean of overall and average accuracy),"
            f" {best.title} {_percent(best.score)}."
        )
    if chosen is best:
        return f"{chosen.title} has the highest mean of overall and average accuracy: {_percent(chosen.score)}."
    why = "the simpler one is taken"
    if len(chosen.members) > len(best.members):
        why = "the first holds a method that is no network, so it changes less from one training to the next, and is taken"
    start = f"{chosen.title} reaches {_percent(chosen.score)} (mean of overall and average accuracy)."
    if _percent(chosen.score) == _percent(best.score):
        return f"{start} {best.title} is equally good; {why}."
    return f"{start} {best.title} reaches {_percent(best.score)}, but the two are not distinguishable with these labels; {why}."


def _candidate(name: str, title: str, members: tuple[CrossFitted, ...], simplicity: int, folds: Folds) -> Candidate:
    reference = folds.samples.classes[tested_samples(folds)]
    probabilities = np.mean([member.probabilities for member in members], axis=0)
    accuracy = accuracy_from_indices(reference, probabilities.argmax(axis=1), folds.samples.legend)
    return Candidate(
        name=name,
        title=title,
        members=members,
        simplicity=simplicity,
        probabilities=probabilities,
        accuracy=accuracy,
        score=(accuracy.overall_accuracy + accuracy.average_accuracy) / 2,
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
