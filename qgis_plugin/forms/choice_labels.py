"""What a form shows for the words that the engine, scripts and models use.

A choice keeps its word everywhere else: "folds" in scripts and model files, "Separate places" in a form.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..engine.operations import ParameterDescription
from ..translation import tr

OWN = tr("The method's own")
"""Shown if nothing is chosen and the method decides."""

TRUTH_LABELS: Mapping[str, str] = {"true": tr("Yes"), "false": tr("No")}


def label_of(parameter: ParameterDescription, choice: str) -> str:
    """What a form shows for ``choice``; a word for which the engine has no title is shown itself."""
    return tr(parameter.choice_titles.get(choice, choice))


def labels_of(parameter: ParameterDescription) -> list[str]:
    """What a form shows for each of the choices."""
    return [label_of(parameter, choice) for choice in parameter.choices]
