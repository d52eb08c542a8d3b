"""The inputs of an operation, checked before any of them is opened."""

from __future__ import annotations

from pathlib import Path

from ...errors import HsiError, LabelError, ParameterError, SceneError
from ...io.files.isolation.source import check_source
from ...io.files.source_names import split_layer_options
from .base import OperationParams

_FAMILIES: dict[str, type[HsiError]] = {
    "scene": SceneError,
    "raster": SceneError,
    "labels": LabelError,
    "vector": LabelError,
    "layer": LabelError,
    "mask": LabelError,
}


def check_input_files(params: OperationParams) -> None:
    """Make sure that opening the files that are read, and what lies next to them, cannot block or reach the network.

    Raises
    ------
    HsiError
        One of them is a pipe, a socket, a device, or else what :func:`.check_source` refuses: a SceneError for rasters, a
        LabelError for labels and layers, a ParameterError for other files.
    """
    kinds = params.kinds()
    for name, path in params.input_files().items():
        try:
            check_source(Path(split_layer_options(path)[0]))
        except SceneError as error:
            family = _FAMILIES.get(kinds[name].widget, ParameterError)
            raise family(error.message, code=error.code.partition(".")[2], hint=error.hint) from error
