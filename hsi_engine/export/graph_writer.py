"""Writing a model as an ONNX graph, and seeing that ONNX Runtime computes what the engine does."""

from __future__ import annotations

import inspect
import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import nn

from ..bundle.model_bundle import ModelBundle
from ..bundle.onnx.description import Form, described
from ..bundle.onnx.graph_check import MOST_BYTES, check_graph
from ..errors import BundleError, ParameterError
from ..inference.classifier import ready_network
from ..inference.dense import can_run_densely
from ..models import registry
from ..models.architectures.onnx_graph import ARCHITECTURE as ONNX_GRAPH
from ..models.networks.imported.onnx_graph import LOGITS, PROBABILITIES, SCENE, SECOND
from ..runtime.onnx_session import OPSET, load_onnx
from ..version import VERSION
from .raw_scores import RawScores

# Images that the graph is traced with; it takes others as well.
_TRACED_BATCH, _TRACED_SHAPE = 2, (5, 7)


def write_graph(bundle: ModelBundle, form: Form) -> bytes:
    """The content of an ONNX file of opset 18, weights inside, with its metadata.

    Parameters
    ----------
    form : ``patch`` or ``dense``, see :class:`.raw_scores.RawScores`.

    Raises
    ------
    BundleError : onnx or onnxruntime is not installed, the model is an ONNX graph already, or torch cannot write it.
    ParameterError : the model has no dense form; names what can be exported.
    """
    onnx = load_onnx()
    require_exportable(bundle, form)
    module = RawScores(bundle, dense=form == "dense").eval()
    model = onnx.load_model_from_string(_traced(module, _inputs(bundle, form)))
    model.producer_name, model.producer_version = "hsi-engine", VERSION
    model.doc_string = f"{bundle.title}: {len(bundle.legend)} classes from {len(bundle.preprocessing.bands)} bands."
    _name_axes(model, form, len(bundle.legend))
    steps = bundle.preprocessing
    check_graph(
        model,
        form=form,
        bands=len(steps.bands),
        second_bands=steps.second_bands,
        patch_size=bundle.patch_size,
        n_classes=len(bundle.legend),
    )
    onnx.helper.set_model_props(model, described(bundle, form, graph=model.graph))
    if model.ByteSize() > MOST_BYTES:
        raise BundleError(
            f"The graph would have {model.ByteSize():,} bytes; ONNX holds {MOST_BYTES:,}.", code="too_large"
        )
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def require_exportable(bundle: ModelBundle, form: Form) -> None:
    """Raise an error unless the model can be written in this form."""
    if any(member.architecture == ONNX_GRAPH.name for member in bundle.members):
        raise BundleError(
            "The model is an ONNX graph already; it cannot be exported again.",
            code="onnx_already",
            hint="Choose the .hsimodel file that it was exported from.",
        )
    if bundle.denoising is not None:
        raise BundleError(
            "The model denoises its scene first, over many more pixels than a graph of one patch sees; it cannot be exported.",
            code="onnx_denoiser",
            hint="Denoise the scenes (Denoise scene, hsi denoise), train without a denoiser on the result, and export that model.",
        )
    if form == "patch":
        return
    for member in bundle.members:
        if not can_run_densely(ready_network(member, bundle)):
            title = registry.get(member.architecture).title
            raise ParameterError(
                f"{title} has no dense form: it sees each patch as a whole, and neighbouring patches share nothing.",
                code="no_dense_form",
                hint="Export the graph of patches ('onnx', --onnx); it maps scenes as well.",
            )


def _inputs(bundle: ModelBundle, form: Form) -> tuple[torch.Tensor, ...]:
    steps = bundle.preprocessing
    rows, cols = (bundle.patch_size,) * 2 if form == "patch" else _TRACED_SHAPE
    mean = torch.from_numpy(steps.mean_spectrum.astype("float32"))[None, :, None, None]
    values = mean.expand(_TRACED_BATCH, -1, rows, cols).contiguous()
    own = len(steps.bands) - steps.second_bands
    return (values[:, :own], values[:, own:]) if steps.second_bands else (values,)


def _traced(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> bytes:
    """The graph as torch's exporter by tracing writes it.

    It takes a twentieth of the time of the exporter by ``torch.export`` and gives the same numbers; either is verified.
    """
    names = [SCENE, SECOND][: len(inputs)]
    moving = {0: "batch"} | ({} if getattr(module, "dense", False) is False else {2: "rows", 3: "cols"})
    stream, export = io.BytesIO(), cast(Any, torch.onnx.export)
    # The argument came with the other exporter, which is the default now.
    by_tracing = {"dynamo": False} if "dynamo" in inspect.signature(export).parameters else {}
    try:
        with _quiet(), torch.no_grad():
            export(
                module,
                inputs,
                stream,
                input_names=names,
                output_names=[LOGITS, PROBABILITIES],
                dynamic_axes=dict.fromkeys((*names, LOGITS, PROBABILITIES), moving),
                opset_version=OPSET,
                do_constant_folding=True,
                **by_tracing,
            )
    except Exception as error:  # of the exporter, with several classes
        raise BundleError(
            f"torch {torch.__version__} cannot write this model as ONNX: {str(error).splitlines()[0][:300]}",
            code="onnx_export",
            hint="Update torch, or use the model with this engine.",
        ) from error
    return stream.getvalue()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without remarks of the exporter: on sizes that it takes as constants, which are, and on its age."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _name_axes(model: Any, form: Form, n_classes: int) -> None:
    """State the sizes of the outputs, which the exporter leaves open in part."""
    names = ("batch", None) if form == "patch" else ("batch", None, "rows", "cols")
    for value in model.graph.output:
        shape = value.type.tensor_type.shape
        del shape.dim[:]
        for name in names:
            axis = shape.dim.add()
            if name is None:
                axis.dim_value = n_classes
            else:
                axis.dim_param = name
