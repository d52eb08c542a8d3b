"""Tiles that do not fit onto a device are halved, said aloud, until they do or none fits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest
import torch

from hsi_engine.errors import DeviceError
from hsi_engine.inference.out_of_memory import TilesWithinMemory

Floats = npt.NDArray[np.float32]
MARGIN = 3
CUDA = torch.device("cuda", 1)


class SmallDevice:
    """Sums components over 7×7 pixels, and runs out of memory above some pixels."""

    def __init__(self, holds_px: float, error: Exception | None = None) -> None:
        self.holds_px = holds_px
        self.error = error or torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB.\nGPU 1 has …")
        self.tried: list[tuple[int, int]] = []

    def __call__(self, tile: Floats) -> Floats:
        edge = 2 * MARGIN + 1
        windows = np.lib.stride_tricks.sliding_window_view(tile, (edge, edge), axis=(1, 2))
        shape = windows.shape[1:3]
        self.tried.append((shape[0], shape[1]))
        if shape[0] * shape[1] > self.holds_px:
            raise self.error
        return windows.sum((3, 4))


def fitting(device: SmallDevice, said: list[str] | None = None) -> Callable[[Floats], Floats]:
    tiles = TilesWithinMemory(device, margin_px=MARGIN, device=CUDA)
    return partial(tiles, warn=[].append if said is None else said.append)


def tile(rows: int, cols: int) -> Floats:
    shape = (2, rows + 2 * MARGIN, cols + 2 * MARGIN)
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("holds_px", [10_000, 3_000, 1_200, 700])
@pytest.mark.parametrize("shape", [(61, 87), (87, 61), (40, 200)])
def test_parts_give_what_the_whole_would(holds_px: int, shape: tuple[int, int]) -> None:
    whole = SmallDevice(np.inf)(tile(*shape))
    np.testing.assert_array_equal(fitting(SmallDevice(holds_px))(tile(*shape)), whole)


def test_each_step_down_is_said_once_and_remembered() -> None:
    device, said = SmallDevice(2_000), []
    tiles = fitting(device, said)
    tiles(tile(60, 100))
    assert said == [
        "The memory of device cuda:1 does not hold a tile of 60×100 pixels; continuing with 60×50.",
        "The memory of device cuda:1 does not hold a tile of 60×50 pixels; continuing with 30×50.",
    ]
    failed = sum(rows * cols > 2_000 for rows, cols in device.tried)
    tiles(tile(60, 100))
    assert sum(rows * cols > 2_000 for rows, cols in device.tried) == failed == 2
    assert len(said) == 2


def test_what_fits_is_computed_whole_and_nothing_is_said() -> None:
    device, said = SmallDevice(6_000), []
    fitting(device, said)(tile(60, 100))
    assert device.tried == [(60, 100)]
    assert not said


def test_where_nothing_fits_an_error_says_what_to_do() -> None:
    device = SmallDevice(0)
    with pytest.raises(DeviceError) as caught:
        fitting(device)(tile(50, 40))
    assert str(caught.value) == (
        "The memory of device cuda:1 does not hold the network and a tile of 25×20 pixels: CUDA out of memory. Tried to"
        " allocate 9 GiB. Close other programs that use the device, or use device cpu."
    )
    assert caught.value.code == "device.out_of_memory"


def test_the_memory_of_an_apple_gpu_counts_too() -> None:
    device, said = SmallDevice(1_000, RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)")), []
    fitting(device, said)(tile(30, 40))
    assert len(said) == 1


def test_other_errors_pass() -> None:
    with pytest.raises(RuntimeError, match="misaligned address"):
        fitting(SmallDevice(0, RuntimeError("CUDA error: misaligned address")))(tile(30, 40))
