"""A graph of ONNX in place of weights, as data. A training cannot choose it: it comes from an exported file."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .architecture import Architecture, Options


class OnnxGraphOptions(Options):
    """What is known of a graph.

    ``form`` is ``patch`` for a graph of single patches, ``dense`` for one that pads images itself; ``second_bands`` are the
    last bands, which the graph takes as its second input.
    """

    form: Literal["patch", "dense"]
    file_bytes: int = Field(ge=1)
    second_bands: int = Field(default=0, ge=0)


ARCHITECTURE = Architecture(
    name="onnx_graph",
    title="ONNX graph",
    reference="Exported from a model of this engine; runs in ONNX Runtime.",
    network="hsi_engine.models.networks.imported.onnx_graph:OnnxGraph",
    options=OnnxGraphOptions,
    consumes="patch",
    suggested={},
    patch_sizes=(1, 9_999),
    simplicity=1_000,
)
