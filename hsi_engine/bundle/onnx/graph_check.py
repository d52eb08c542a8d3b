"""Whether an ONNX file is what the engine would have written: operations of the standard, weights inside, known inputs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...errors import BundleError
from ...models.networks.imported.onnx_graph import LOGITS, PROBABILITIES, SCENE, SECOND
from .description import Form

MOST_BYTES = 2 * 2**30 - 1
"""What a file of protobuf can hold."""

_FOREIGN = "Choose a file from Export model that was not changed."
_FLOAT = 1  # TensorProto.FLOAT, known without loading onnx


def check_graph(model: Any, *, form: Form, bands: int, second_bands: int, patch_size: int, n_classes: int) -> None:
    """Make sure that a ``ModelProto`` runs standard operations on its own weights, with the expected inputs and outputs.

    Raises
    ------
    BundleError : it does not; the message names what was found.
    """
    graph = model.graph
    domains = {node.domain for node in graph.node} | {entry.domain for entry in model.opset_import}
    if foreign := sorted(domains - {"", "ai.onnx"}):
        raise _refused(f"It uses operations beyond those of ONNX itself, of {foreign[0]!r}", "onnx_operations")
    if model.functions or len(graph.sparse_initializer):
        raise _refused("It holds functions or sparse weights, which exports of this engine do not", "onnx_operations")
    if any(attribute.HasField("g") or attribute.graphs for node in graph.node for attribute in node.attribute):
        raise _refused("It holds graphs within its graph (loops or branches)", "onnx_operations")
    if any(tensor.external_data or tensor.data_location for tensor in _tensors(graph)):
        raise _refused("Its weights lie in another file, which is never read", "onnx_external_data")
    edge: int | None = patch_size if form == "patch" else None
    expected: dict[str, tuple[int | None, ...]] = {SCENE: (None, bands - second_bands, edge, edge)}
    if second_bands:
        expected[SECOND] = (None, second_bands, edge, edge)
    _check_values("inputs", graph.input, expected)
    after: tuple[int | None, ...] = (None, n_classes) if form == "patch" else (None, n_classes, None, None)
    _check_values("outputs", graph.output, {LOGITS: after, PROBABILITIES: after})


def _tensors(graph: Any) -> Iterable[Any]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors


def _check_values(what: str, values: Iterable[Any], expected: dict[str, tuple[int | None, ...]]) -> None:
    found = {value.name: _shape(value) for value in values}
    if found != expected:
        raise _refused(f"Its {what} must be {_listed(expected)}; found {_listed(found)}", "onnx_inputs")


def _shape(value: Any) -> tuple[int | None, ...] | None:
    """Sizes of a float32 tensor, None for one that may vary; None for other values."""
    tensor = value.type.tensor_type
    if tensor.elem_type != _FLOAT:
        return None
    return tuple(axis.dim_value if axis.HasField("dim_value") else None for axis in tensor.shape.dim)


def _listed(values: Any) -> str:
    named = [
        f"{str(name)[:40]!r} ({'not float32' if shape is None else ' × '.join('any' if n is None else str(n) for n in shape)})"
        for name, shape in list(values.items())[:4]
    ]
    return " and ".join(named) or "none"


def _refused(problem: str, code: str) -> BundleError:
    return BundleError(f"This ONNX file cannot be used: {problem}.", code=code, hint=_FOREIGN)
