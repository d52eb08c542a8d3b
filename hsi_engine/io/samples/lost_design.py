"""Recognising points of a sample that were saved without the tables of their design."""

from __future__ import annotations

from pathlib import Path

import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from ...errors import HsiError
from ..files.source_names import vector_name
from ..labels.interpreted_points import are_of_reference_points
from ..labels.labels import is_vector, locate
from .sample_reader import is_reference_sample


def lost_its_design(path: Path, layer: str | None) -> bool:
    """Whether a layer has the fields of reference points, but its file does not say how they were drawn."""
    try:
        file, layer = locate(path, layer)
        if not is_vector(file) or is_reference_sample(file):
            return False
        fields = pyogrio.read_info(vector_name(file), layer=layer)["fields"]
    except (HsiError, DataSourceError, DataLayerError, ValueError):
        return False  # whoever reads the layer says what is wrong with it
    return are_of_reference_points(map(str, fields))


def design_is_elsewhere(name: str) -> str:
    """What to say of such a file, by its name."""
    return (
        f"{name} looks like a copy of reference points that lost their design: it has their fields, but not the tables that"
        " say how they were drawn. The design is in the original file: assess with the file from Sample reference points;"
        " its layer reference_points is the one to label."
    )
