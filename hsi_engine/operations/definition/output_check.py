"""The outputs of an operation, checked before any work is done for them."""

from __future__ import annotations

from pathlib import Path

from ...io.files.outputs import check_output, check_outputs
from ...io.legends.style_files import check_style_is_ours, sidecar_paths
from ...io.samples.own_layers import own_layers
from ...io.scenes.source import Scene
from ...io.vectors.kept_layers import check_layers_are_kept
from .base import OperationParams
from .kinds import Kind


def check_output_files(params: OperationParams) -> None:
    """Make sure that all files that are asked for can be written, with the style files that belong to them.

    Raises
    ------
    OutputError : one of them cannot be written, is also read, has a name like another one or an ending that is not
        that of its kind, or needs a style file that belongs to a vector layer; a GeoPackage of that name holds something else.
    """
    kinds = params.kinds()
    outputs = params.output_files()
    inputs = [path for name, path in params.input_files().items() for path in _read_with(kinds[name], path)]
    check_outputs(
        [path for name, output in outputs.items() for path in _written_with(kinds[name], output)], inputs=inputs
    )
    for name, path in outputs.items():
        check_output(path, suffixes=kinds[name].suffixes)
        if kinds[name].styled:
            check_style_is_ours(path)
        if kinds[name].widget == "vector_out" and path.is_file():
            check_layers_are_kept(path, own_layers(params._extra(name)["layer"]["name"]))


def check_scene_is_kept(params: OperationParams, scene: Scene) -> None:
    """Make sure that no output replaces any file of the scene, which are known once it is open.

    Raises
    ------
    OutputError : one of them would.
    """
    kinds = params.kinds()
    written = (path for name, output in params.output_files().items() for path in _written_with(kinds[name], output))
    check_outputs(written, inputs=scene.files)


def _written_with(kind: Kind, path: Path) -> list[Path]:
    return [path, *sidecar_paths(path)] if kind.styled else [path]


def _read_with(kind: Kind, path: Path) -> list[Path]:
    # The style of a map that is read would be lost to an output of the same name and another ending.
    return [path, *(file for file in sidecar_paths(path) if file.exists())] if kind.styled else [path]
