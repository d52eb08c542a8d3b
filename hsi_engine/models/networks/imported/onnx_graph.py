"""A graph of ONNX as a classifier: it takes the values of a scene, and holds the reduction itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ....errors import BundleError
from ....runtime.onnx_session import make_session
from ...architectures.onnx_graph import OnnxGraphOptions
from ..heads import DenseHead, HeadCost
from ..patch_network import PatchNetwork
from ..window_layers import HeadOnWindows

SCENE, SECOND, LOGITS, PROBABILITIES = "scene", "second", "logits", "probabilities"
"""Names of the inputs and outputs of a graph."""

# Pixels of a square that runs at once, without its margin: layers of the graph hold all of it.
_SQUARE_PX = 48
_PATCHES = 128


class OnnxGraph(PatchNetwork):
    """Scores of a graph whose file is held as a tensor of bytes.

    The channels that come in are bands as they stand in a scene, NaN where a pixel has no data.
    """

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: OnnxGraphOptions) -> None:
        super().__init__()
        self.features = nn.Identity()
        self.head = GraphHead(n_components, patch_size, n_classes, options)


class GraphHead(DenseHead):
    """(n, bands, p, p) → (n, classes), or all windows of an image.

    Attributes
    ----------
    file : the bytes of the file, uint8 (bytes,).
    """

    file: Tensor

    def __init__(self, bands: int, patch_size: int, n_classes: int, options: OnnxGraphOptions) -> None:
        super().__init__()
        self.channels, self.window, self.n_classes = bands, patch_size, n_classes
        self.options = options
        self.register_buffer("file", torch.zeros(options.file_bytes, dtype=torch.uint8))
        self._session: Any = None

    def __getstate__(self) -> dict[str, Any]:
        """Another process opens the graph again."""
        return {**self.__dict__, "_session": None}

    def forward(self, features: Tensor) -> Tensor:
        middle = self.window // 2 if self.options.form == "dense" else 0
        values = features.detach().cpu().numpy()
        parts = [self._run(values[at : at + _PATCHES]) for at in range(0, len(values), _PATCHES)]
        logits = np.concatenate(parts)
        if self.options.form == "dense":
            logits = logits[:, :, middle, middle]
        return torch.from_numpy(np.ascontiguousarray(logits)).to(features.device)

    def on_windows(self, tile_shape: tuple[int, int]) -> HeadOnWindows:
        return self._on_tile

    def macs(self, tile_shape: tuple[int, int]) -> HeadCost:
        """Nothing is known of the work of a graph; it is asked for in training only, which takes no graphs."""
        return HeadCost(window_directly=0, window_densely=0, rest=0)

    def _on_tile(self, features: Tensor) -> Tensor:
        image = features.permute(2, 0, 1)
        rows, cols = (edge - self.window + 1 for edge in features.shape[:2])
        if self.options.form == "patch":
            patches = image.unfold(1, self.window, 1).unfold(2, self.window, 1)
            # A row of pixels after the other: patches overlap, and laid out they take p² times the memory.
            lines = [self.forward(patches[:, row].transpose(0, 1)) for row in range(rows)]
            return torch.stack(lines).permute(2, 0, 1)
        values = image.cpu().numpy()
        logits = np.empty((self.n_classes, rows, cols), np.float32)
        reach, margin = self.window - 1, self.window // 2
        for row in range(0, rows, _SQUARE_PX):
            for col in range(0, cols, _SQUARE_PX):
                bottom, right = min(row + _SQUARE_PX, rows), min(col + _SQUARE_PX, cols)
                some = self._run(values[None, :, row : bottom + reach, col : right + reach])[0]
                inner = some[:, margin : margin + bottom - row, margin : margin + right - col]
                logits[:, row:bottom, col:right] = inner
        return torch.from_numpy(logits).to(features.device)

    def _run(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Scores of the graph; 0 where a pixel has no data."""
        if self._session is None:
            self._session = make_session(self.file.cpu().numpy().tobytes())
        own = self.channels - self.options.second_bands
        inputs = {SCENE: np.ascontiguousarray(values[:, :own], np.float32)}
        if self.options.second_bands:
            inputs[SECOND] = np.ascontiguousarray(values[:, own:], np.float32)
        try:
            logits: npt.NDArray[np.float32] = self._session.run([LOGITS], inputs)[0]
        except Exception as error:  # ONNX Runtime has a class for each code, in a private module
            raise BundleError(
                f"The graph of the ONNX model failed: {str(error).splitlines()[0][:300]}",
                code="onnx_run",
                hint="If memory ran out, give less with 'memory_mb'; otherwise export the model again.",
            ) from error
        return np.nan_to_num(logits, copy=False, nan=0.0)
