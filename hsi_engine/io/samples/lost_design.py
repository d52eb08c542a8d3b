"""Recognising layers of points by their fields: copies of a sample without its design, and points suggested for training."""

from __future__ import annotations

from pathlib import Path

import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from ...errors import HsiError
from ..files.source_names import vector_name
from ..labels.interpreted_points import are_of_reference_points, are_suggested_points
from ..labels.labels import is_vector, locate
from ..vectors.layers import layer_names
from .sample_reader import is_reference_sample


def lost_its_design(path: Path, layer: str | None) -> bool:
    """Whether a layer has the fields of reference points, but its file does not say how they were drawn."""
    fields = _fields(path, layer)
    if fields is None or not are_of_reference_points(fields):
        return False
    return not is_reference_sample(locate(path, layer)[0])


def are_suggestions_for_training(path: Path, layer: str | None) -> bool:
    """Whether a layer has the fields of suggested points, in their file or in a copy of it."""
    fields = _fields(path, layer)
    return fields is not None and are_suggested_points(fields)


def are_reference_points(path: Path, layer: str | None) -> bool:
    """Whether a layer has the fields of reference points, in their file or in a copy of it."""
    fields = _fields(path, layer)
    return fields is not None and are_of_reference_points(fields)


def _fields(path: Path, layer: str | None) -> list[str] | None:
    """Names of the fields of a layer; None if there are none that can be read: whoever reads the layer says why."""
    try:
        file, layer = locate(path, layer)
        if not is_vector(file):
            return None
        names = [layer] if layer is not None else layer_names(file) or []
        if len(names) != 1:
            return None
        return [str(name) for name in pyogrio.read_info(vector_name(file), layer=names[0])["fields"]]
    # The last is what pyogrio raises for a CRS that is not text.
    except (HsiError, DataSourceError, DataLayerError, ValueError, UnboundLocalError):
        return None


def design_is_elsewhere(name: str) -> str:
    """What to say of such a file, by its name."""
    return (
        f"{name} looks like a copy of reference points that lost their design: it has their fields, but not the tables that"
        " say how they were drawn. The design is in the original file: assess with the file from Sample reference points;"
        " its layer reference_points is the one to label."
    )
