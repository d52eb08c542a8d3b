"""Export a model: as ONNX graphs, as a STAC item, as a model card."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ..definition.base import Operation, OperationParams, OperationResult, parameter
from ..definition.scene_input import (
    detector_overlap_parameter,
    nodata_parameter,
    quality_parameter,
    resample_second_parameter,
    second_parameter,
    wavelengths_parameter,
)


class ExportModelParams(OperationParams):
    """Parameters of :data:`OPERATION`."""

    model: Path = parameter(title="Model file", description="Model file (.hsimodel) to export.", kind="model")
    onnx: Path | None = parameter(
        None,
        title="ONNX graph of patches",
        description="Graph that takes single patches of the scene's values and returns scores and probabilities.",
        kind="onnx_out",
    )
    dense: Path | None = parameter(
        None,
        title="ONNX graph of images",
        description="Graph that takes images of any size and returns scores and probabilities of the same size.",
        kind="onnx_out",
    )
    stac: Path | None = parameter(
        None,
        title="STAC item",
        description="JSON description of the model with the Machine Learning Model extension, for catalogues.",
        kind="json_out",
    )
    card: Path | None = parameter(
        None,
        title="Model card",
        description="Markdown page for people: purpose, classes, training, accuracy and how it was measured, limits.",
        kind="markdown_out",
    )
    scene: Path | None = parameter(
        None,
        title="Scene",
        description="Scene on whose pixels the graphs are compared with the model; by default spectra like those of the training.",
        kind="scene",
    )
    nodata: float | None = nodata_parameter()
    quality: Literal["mask", "keep"] = quality_parameter()
    detector_overlap: Literal["vnir", "swir", "both"] = detector_overlap_parameter()
    wavelengths: Path | None = wavelengths_parameter()
    second: Path | None = second_parameter()
    resample_second: Literal["nearest", "bilinear"] | None = resample_second_parameter()


class ExportedGraph(BaseModel):
    """A graph, and how it agrees with the model.

    ``largest_difference`` of two scores (logits) was held to ``tolerance``; ``ties`` are pixels whose two best classes were
    closer than that, and came out the other way round.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: Literal["patch", "dense"]
    path: Path
    file_bytes: int
    sha256: str
    pixels_compared: int
    largest_difference: float
    tolerance: float
    ties: int


class ExportModelResult(OperationResult):
    """What was written. ``compared_on`` is the scene of the comparison, null for synthetic spectra."""

    model: Path
    model_id: str
    graphs: list[ExportedGraph]
    compared_on: Path | None
    stac: Path | None
    card: Path | None
    notes: list[str]

    def to_text(self) -> str:
        lines = []
        where = self.compared_on or "spectra like those of the training"
        for graph in self.graphs:
            lines.append(f"{graph.path}  ({graph.form}, {graph.file_bytes / 1e6:,.1f} MB)")
            lines.append(
                f"  agrees with the model on {graph.pixels_compared:,} pixels of {where}:"
                f" scores differ by up to {graph.largest_difference:.1g} (allowed: {graph.tolerance:.1g})"
            )
        lines += [str(path) for path in (self.stac, self.card) if path is not None]
        return "\n".join([*lines, *(f"Note: {note}" for note in self.notes)])


OPERATION = Operation(
    name="export_model",
    command="export-model",
    title="Export model",
    summary="Write a model for other programs: ONNX graphs that were compared with it, a STAC item, a model card.",
    group="Classification",
    params=ExportModelParams,
    result=ExportModelResult,
    run="hsi_engine.operations.export_model.run:run",
    example="hsi export-model --model crops.hsimodel --onnx crops.onnx --stac crops.json --card crops.md",
)
