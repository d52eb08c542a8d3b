"""Numbers and text of a result, as outputs that models, scripts and qgis_process can use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from qgis.core import QgsProcessingOutputDefinition, QgsProcessingOutputNumber, QgsProcessingOutputString

from ..translation import tr


@dataclass(frozen=True)
class ResultValue:
    """One value of an engine's result.

    Parameters
    ----------
    name : name of the output in QGIS.
    title : its label.
    read : takes the value out of the result; None if it is not defined.
    text : True for text, False for a number.
    """

    name: str
    title: str
    read: Callable[[Mapping[str, Any]], Any]
    text: bool = False

    def definition(self) -> QgsProcessingOutputDefinition:
        """A new definition for QGIS, which takes ownership of it."""
        output = QgsProcessingOutputString if self.text else QgsProcessingOutputNumber
        return output(self.name, self.title)


def at(*path: str) -> Callable[[Mapping[str, Any]], Any]:
    """Reader of the value under ``path``; None if any part of it is missing or null."""

    def read(result: Mapping[str, Any]) -> Any:
        value: Any = result
        for key in path:
            value = None if value is None else value.get(key)
        return value

    return read


def count(*path: str) -> Callable[[Mapping[str, Any]], int]:
    """Reader of the number of entries of the list under ``path``."""
    return lambda result: len(at(*path)(result) or ())


def accuracy_values(*path: str) -> tuple[ResultValue, ...]:
    """The accuracies that are found under ``path`` of a result, shares from 0 to 1."""
    return (
        ResultValue("OVERALL_ACCURACY", tr("Overall accuracy (0 to 1)"), at(*path, "overall_accuracy")),
        ResultValue("AVERAGE_ACCURACY", tr("Average accuracy (0 to 1)"), at(*path, "average_accuracy")),
        ResultValue("KAPPA", tr("Cohen's kappa"), at(*path, "kappa")),
    )
