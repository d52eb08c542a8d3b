"""Exporting a model: write each graph, compare it with the model, describe both."""

from __future__ import annotations

import json
from pathlib import Path

from ...bundle.model_bundle import ModelBundle, sha256_of
from ...bundle.model_file import read_bundle
from ...bundle.onnx.description import Form
from ...errors import ParameterError
from ...export.graph_writer import require_exportable, write_graph
from ...export.sample_images import Values, images_of_scene, synthetic_images
from ...export.verification import verify
from ...io.files.outputs import StagedOutputs
from ...phrases import counted
from ...reporting import Reporter
from ..definition.output_check import check_scene_is_kept
from ..model_information.run import describe
from ..parts.notes import Notes
from ..parts.second_source import open_sources
from .card import export_card
from .operation import ExportedGraph, ExportModelParams, ExportModelResult
from .stac_item import stac_item

_READ, _COMPARED = 0.1, 0.9


def run(params: ExportModelParams, reporter: Reporter) -> ExportModelResult:
    """Export the model; the files appear when all of them are finished and every graph agrees with the model.

    Raises
    ------
    BundleError : the file is not a model; onnx or onnxruntime is not installed; a graph cannot be written, or computes
        something else than the model.
    ParameterError : nothing is to be exported, or the model has no dense form.
    MismatchError, SceneError : the scene does not fit the model, or cannot be read.
    OutputError : a file cannot be written.
    """
    if params.onnx is params.dense is params.stac is params.card is None:
        raise ParameterError(
            "Nothing is to be exported: none of 'onnx', 'dense', 'stac' and 'card' is given.",
            code="nothing_to_export",
            hint="Name at least one file, such as --onnx crops.onnx.",
        )
    reporter.progress(0.0, "Reading the model")
    notes = Notes(reporter)
    bundle = read_bundle(params.model)
    paths: dict[Form, Path | None] = {"patch": params.onnx, "dense": params.dense}
    wanted = {form: path for form, path in paths.items() if path is not None}
    for form in wanted:
        require_exportable(bundle, form)
    graphs = []
    with StagedOutputs() as stage:
        images = _images(params, bundle, notes, reporter) if wanted else []
        for number, (form, path) in enumerate(wanted.items()):
            reporter.check_cancelled()
            done = _READ + (_COMPARED - _READ) * number / len(wanted)
            reporter.progress(done, f"Writing and comparing {path.name}")
            content, graph = _compared(bundle, form, path, images, notes, reporter)
            stage.path(path).write_bytes(content)
            graphs.append(graph)
        if wanted and bundle.smoothing is not None:
            notes.add(
                "The model smooths its probabilities over the scene. The graphs return them before that; this engine smooths"
                " them when it maps a scene with a graph, other programs do not."
            )
        reporter.progress(_COMPARED, "Describing the model")
        _write_descriptions(params, bundle, graphs, stage)
        reporter.check_cancelled()
    for kind, written in (("onnx", params.onnx), ("dense", params.dense), ("stac", params.stac), ("card", params.card)):
        if written is not None:
            reporter.artifact(kind, written)
    return ExportModelResult(
        model=params.model,
        model_id=bundle.id,
        graphs=graphs,
        compared_on=params.scene if wanted else None,
        stac=params.stac,
        card=params.card,
        notes=notes.texts,
    )


def _compared(
    bundle: ModelBundle, form: Form, path: Path, images: list[Values], notes: Notes, reporter: Reporter
) -> tuple[bytes, ExportedGraph]:
    """The content of a file, and how it agrees with the model."""
    content = write_graph(bundle, form)
    reporter.check_cancelled()
    agreement = verify(content, bundle, form, images)
    if agreement.ties:
        notes.add(
            f"In {counted(agreement.ties, 'pixel')} of the comparison two classes were equally likely to within rounding;"
            " the graph and the model chose differently there."
        )
    return content, ExportedGraph(
        form=form,
        path=path,
        file_bytes=len(content),
        sha256=sha256_of(content),
        pixels_compared=agreement.pixels,
        largest_difference=agreement.largest_difference,
        tolerance=agreement.tolerance,
        ties=agreement.ties,
    )


def _images(params: ExportModelParams, bundle: ModelBundle, notes: Notes, reporter: Reporter) -> list[Values]:
    if params.scene is None:
        return synthetic_images(bundle)
    with open_sources(params.scene, params) as reader:
        check_scene_is_kept(params, reader.scene)
        notes.add(*reader.scene.warnings, warn=True)
        reporter.progress(_READ / 2, "Reading pixels to compare on")
        return images_of_scene(bundle, reader)


def _write_descriptions(
    params: ExportModelParams, bundle: ModelBundle, graphs: list[ExportedGraph], stage: StagedOutputs
) -> None:
    if params.stac is None and params.card is None:
        return
    known = describe(params.model, bundle)
    if params.stac is not None:
        item = stac_item(bundle, known, graphs, params.stac)
        text = json.dumps(item, indent=2, ensure_ascii=False, allow_nan=False)
        stage.path(params.stac).write_text(text + "\n", encoding="utf-8")
    if params.card is not None:
        stage.path(params.card).write_text(export_card(bundle, known, graphs), encoding="utf-8")
