"""Values of scripts and models that were made for an earlier form.

A truth may now be left to the method, and whitening became a number: both still take True and False.
"""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterEnum, QgsProcessingParameterNumber

_TRUTHS = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}


def truth_word(value: Any) -> str | None:
    """The word "true" or "false" if ``value`` is a truth value in any of its forms; otherwise None."""
    return _TRUTHS.get(str(value).strip().lower()) if isinstance(value, (bool, int, str)) else None


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
