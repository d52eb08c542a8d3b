"""Truths as scripts and models write them, also in parameters that were check boxes in an earlier form.

A truth may now be left to the method, and whitening became a number: both still take True and False. QGIS itself takes every word but
"false" and "0" for true.
"""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingParameters,
)

_TRUTHS = dict.fromkeys(("true", "yes", "on", "1"), "true") | dict.fromkeys(("false", "no", "off", "0"), "false")


def truth_word(value: Any) -> str | None:
    """The word "true" or "false" if ``value`` is a truth value in any of its forms; otherwise None."""
    return _TRUTHS.get(str(value).strip().lower()) if isinstance(value, (bool, int, str)) else None


def read_truth(
    definition: QgsProcessingParameterDefinition, values: dict[str, Any], context: QgsProcessingContext
) -> bool:
    """A truth in any of its forms; the default if it is left empty."""
    word = truth_word(values.get(definition.name()))
    if word is not None:
        return word == "true"
    return bool(QgsProcessingParameters.parameterAsBoolean(definition, values, context))


class Truth(QgsProcessingParameterBoolean):
    """A check box that accepts no other words than those of :func:`truth_word`."""

    def checkValueIsAcceptable(self, value: Any, context: QgsProcessingContext | None = None) -> bool:
        is_word = isinstance(value, str) and bool(value.strip())
        accepted: bool = super().checkValueIsAcceptable(value, context) and (
            not is_word or truth_word(value) is not None
        )
        return accepted


class TruthOrOwn(QgsProcessingParameterEnum):
    """Yes, no, or nothing: then the method decides. A check box could not say the last."""

    def checkValueIsAcceptable(self, value: Any, context: QgsProcessingContext | None = None) -> bool:
        accepted: bool = truth_word(value) is not None or super().checkValueIsAcceptable(value, context)
        return accepted


class NumberOrTruth(QgsProcessingParameterNumber):
    """A number that was a check box: "true" is 1 and "false" 0."""

    def checkValueIsAcceptable(self, value: Any, context: QgsProcessingContext | None = None) -> bool:
        accepted: bool = truth_word(value) is not None or super().checkValueIsAcceptable(value, context)
        return accepted
