"""Recognising the fields of points that an interpreter labels, in whatever file they were saved.

Reference points are a sample, drawn at random to assess a map. Suggested points were chosen for training.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...classes.class_names import name_key

CANNOT_TELL = "cannot tell"
"""Reference of a point that the interpreter looked at without a result; it counts as not labelled."""
REFERENCE, PROBABILITY = "reference", "inclusion_probability"
_TELLING = ("point_id", "stratum", PROBABILITY, REFERENCE)
_TELLING_SUGGESTED = ("rank", "uncertainty", "dissimilarity", REFERENCE)
# A shapefile cuts the names of its fields.
_SHAPEFILE_LENGTH = 10
_CANNOT_TELL_KEY = name_key(CANNOT_TELL)


def are_of_reference_points(fields: Iterable[str]) -> bool:
    """Whether these are the fields of reference points as ``sample_reference_points`` writes them, or more."""
    return {_short(name) for name in _TELLING} <= {_short(name) for name in fields}


def are_suggested_points(fields: Iterable[str]) -> bool:
    """Whether these are the fields of points as ``suggest_labels`` writes them, or more."""
    return {_short(name) for name in _TELLING_SUGGESTED} <= {_short(name) for name in fields}


def are_interpreted(fields: Iterable[str]) -> bool:
    """Whether these are the fields of points of either kind, which hold their class in :data:`REFERENCE`."""
    names = list(fields)
    return are_of_reference_points(names) or are_suggested_points(names)


def probability_field(fields: Iterable[str]) -> str | None:
    """The field of how likely each point was to be drawn; None if there is none."""
    return next((name for name in fields if _short(name) == _short(PROBABILITY)), None)


def cannot_be_told(text: str | None) -> bool:
    """Whether an interpreter wrote that the class of a point cannot be told."""
    return text is not None and name_key(text) == _CANNOT_TELL_KEY


def _short(name: str) -> str:
    return name[:_SHAPEFILE_LENGTH]
