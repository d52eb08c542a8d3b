"""The first fully connected layer on all windows of a tile, directly and by overlap-save: ``python -m benchmarks.window_layer``.

For HybridSN's layer (64 features, 256 outputs) on a tile of 256×256 windows of several sizes. Prints one JSON document:
MACs and nanoseconds per pixel of both ways, and ``relative_rate``, the rate of MACs of overlap-save
over that of the direct convolution, by which the engine weighs the two.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from hsi_engine.models.networks.overlap_save import OverlapSave, choose_square

WINDOWS = (3, 5, 7, 9, 11, 13, 17)
CHANNELS, WIDTH, EDGE = 64, 256, 256
REPEATS = 3


def seconds(run: Callable[[], Any]) -> float:
    run()
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def directly(image: Tensor, weight: Tensor, rows: int = 16) -> None:
    reach = weight.shape[2] - 1
    for row in range(0, EDGE, rows):
        functional.conv2d(image[:, :, row : row + rows + reach], weight)


@torch.inference_mode()
def measure(window: int) -> dict[str, Any]:
    edge = EDGE + window - 1
    features = torch.rand(edge, edge, CHANNELS)
    weight = torch.randn(WIDTH, CHANNELS, window, window).contiguous(memory_format=torch.channels_last)
    direct_ns = 1e9 * seconds(lambda: directly(features.permute(2, 0, 1)[None], weight)) / EDGE**2
    direct_work = window**2 * CHANNELS * WIDTH
    found: dict[str, Any] = {"window": window, "direct": {"multiply_adds": direct_work, "nanoseconds": direct_ns}}
    size = choose_square(window=window, channels=CHANNELS, width=WIDTH, shape=(EDGE, EDGE))
    if size is not None:
        layer = OverlapSave(weight, torch.zeros(WIDTH), size)
        spectral_ns = 1e9 * seconds(lambda: [layer(some) for some in layer.squares(features)]) / EDGE**2
        down, across = size.squares((EDGE, EDGE))
        work = down * across * size.macs(CHANNELS, WIDTH) / EDGE**2
        found["overlap_save"] = {"square": size.square, "multiply_adds": work, "nanoseconds": spectral_ns}
        found["ratio"] = direct_ns / spectral_ns
        found["relative_rate"] = (work / spectral_ns) / (direct_work / direct_ns)
    return found


def main() -> None:
    print(json.dumps([measure(window) for window in WINDOWS], indent=2))


if __name__ == "__main__":
    main()
