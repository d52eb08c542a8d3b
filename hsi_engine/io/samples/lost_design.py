"""Recognising points of a sample that were saved without the tables of their design."""

from __future__ import annotations

from pathlib import Path

import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from ...errors import HsiError
from ..files.source_names import vector_name
from ..labels.labels import is_vector, locate
from .layout import FIELDS
from .sample_reader import is_reference_sample

_TELLING = frozenset(FIELDS[:3])


def lost_its_design(path: Path, layer: str | None) -> bool:
    """Whether a layer has the fields of reference points, but its file does not say how they were drawn."""
    try:
        file, layer = locate(path, layer)
        if not is_vector(file) or is_reference_sample(file):
            return False
        fields = pyogrio.read_info(vector_name(file), layer=layer)["fields"]
    except (HsiError, DataSourceError, DataLayerError, ValueError):
        return False  # whoever reads the layer says what is wrong with it
    return set(map(str, fields)) >= _TELLING
