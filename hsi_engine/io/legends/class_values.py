"""Which numbers can be the values of classes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ...classes.legend import MAX_VALUE
from ...errors import LabelError

# More digits than 64 bits hold are those of a name.
_WHOLE = re.compile(r"[+-]?\d{1,18}(?:\.0*)?")

MOST_CLASSES = 1000
"""More make a matrix, a report and a figure that nobody can read and that take minutes and gigabytes."""


def whole_numbers(texts: Iterable[str]) -> dict[str, int] | None:
    """The number that each text writes, exactly; None if one of them is not a whole number in digits (1e3 is "
    "not).
    """
    texts = list(texts)
    if not all(_WHOLE.fullmatch(text) for text in texts):
        return None
    return {text: int(text.partition(".")[0]) for text in texts}


def check_class_values(numbers: npt.NDArray[Any], place: str) -> npt.NDArray[np.int64]:
    """The numbers as int64, same shape, when all are whole and lie between 0 (unlabelled) and 65535.

    Parameters
    ----------
    place : what holds them, for the message.

    Raises
    ------
    LabelError : a number is not whole, negative or too large; examples are named.
    """
    if np.issubdtype(numbers.dtype, np.floating):
        broken = ~np.isfinite(numbers) | (numbers != np.floor(numbers))
        if broken.any():
            raise LabelError(
                f"{place} holds numbers that are not whole, such as {_examples(numbers[broken])}; a class is a whole "
                f"number or a name.",
                code="class_value",
                hint="Check that this holds classes, not a measurement.",
            )
    outside = (numbers < 0) | (numbers > MAX_VALUE)
    if outside.any():
        raise LabelError(
            f"{place} holds class values {_examples(numbers[outside])};"
            f" class values must be whole numbers from 1 to {MAX_VALUE} (0: unlabelled).",
            code="class_value",
            hint=f"Renumber the classes{', or store long codes as text' if (numbers > MAX_VALUE).any() else ' from 1'}. If a value"
            " means no data, declare it as nodata in the file.",
        )
    return numbers.astype(np.int64)


def _examples(numbers: npt.NDArray[Any]) -> str:
    """The lowest few, with all digits that tell them apart."""
    return ", ".join(str(number).removesuffix(".0") for number in np.unique(numbers)[:5])


def check_class_count(count: int, place: str, *, at_least: bool = False) -> None:
    """Make sure that labels have no more than :data:`MOST_CLASSES` classes.

    Parameters
    ----------
    place : the file, for the message.
    at_least : there may be more than ``count``: reading ended there.

    Raises
    ------
    LabelError : there are more.
    """
    if count > MOST_CLASSES:
        raise LabelError(
            f"{place} holds {'at least ' if at_least else ''}{count:,} classes; at most {MOST_CLASSES:,} can be told apart.",
            code="too_many_classes",
            hint="Check that this is the field or raster of classes, not of numbers of features or of measurements; merge classes"
            " otherwise.",
        )
