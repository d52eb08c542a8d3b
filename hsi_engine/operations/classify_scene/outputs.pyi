# Written by `make stub` from the map products; do not edit.

from pathlib import Path

from ..definition.base import OperationParams, OperationResult

class MapOutputs(OperationParams):
    """The rasters of a map."""

    output: Path
    unsmoothed: Path | None = None
    confidence: Path | None = None
    faded: Path | None = None
    probabilities: Path | None = None
    applicability: Path | None = None
    dissimilarity: Path | None = None
    set_size: Path | None = None
    sets: Path | None = None

class MapRasters(OperationResult):
    """The rasters of a map that were written."""

    output: Path
    unsmoothed: Path | None = None
    confidence: Path | None = None
    faded: Path | None = None
    probabilities: Path | None = None
    applicability: Path | None = None
    dissimilarity: Path | None = None
    set_size: Path | None = None
    sets: Path | None = None
