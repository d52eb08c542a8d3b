"""Numbers and text of a result, as outputs that models, scripts and qgis_process can use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable

from qgis.core import (
    QgsProcessingException,
    QgsProcessingOutputDefinition,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
)

from ..translation import tr

_MOST_LETTERS = 200


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


@contextmanager
def reading_result() -> Iterator[None]:
    """Turn what goes wrong with a result that lacks something, or has it in another type, into an error with a message.

    Raises
    ------
    QgsProcessingException
        The result does not follow the protocol.
    """
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise QgsProcessingException(
            tr(
                "The engine finished the job, but its result does not follow the protocol ({kind}: {error}). Plugin and engine do "
                "not match; reinstall the plugin."
            ).format(kind=type(error).__name__, error=str(error)[:_MOST_LETTERS])
        ) from error


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
