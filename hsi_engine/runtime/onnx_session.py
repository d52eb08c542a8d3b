"""ONNX and its runtime, which are installed on request only."""

from __future__ import annotations

import importlib
from typing import Any

from ..errors import BundleError
from .machine import usable_cores

OPSET = 18
"""Version of the operations in graphs that the engine writes."""


def load_onnx() -> Any:
    """The module ``onnx``; :class:`BundleError` with what to install if it or ONNX Runtime is missing."""
    load("onnxruntime")
    return load("onnx")


def load(name: str) -> Any:
    """A module of the extra ``onnx``."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise BundleError(
            f"ONNX models need the packages onnx and onnxruntime; {name} cannot be loaded: {error}.",
            code="onnx_missing",
            hint="Install them next to the engine: pip install 'hsi-engine[onnx]'.",
        ) from error


def make_session(content: bytes) -> Any:
    """A session of ONNX Runtime on the CPU.

    Raises
    ------
    BundleError : ONNX Runtime is not installed, or cannot run the graph.
    """
    runtime = load("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 4  # errors are raised as well
    options.intra_op_num_threads = usable_cores()
    try:
        return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # a class for each code, in a private module
        raise BundleError(
            f"ONNX Runtime {runtime.__version__} cannot run the graph: {str(error).splitlines()[0][:300]}",
            code="onnx_graph",
            hint="Update onnxruntime, or export the model again.",
        ) from error
