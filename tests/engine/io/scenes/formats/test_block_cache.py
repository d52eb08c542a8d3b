"""A block that is asked for part by part is read once, and not kept longer than needed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from hsi_engine.io.scenes.formats import block_cache as last_block
from hsi_engine.io.scenes.formats.block_cache import LastBlock
from hsi_engine.pixels.window import Window

CUBE = np.arange(3 * 50 * 40, dtype=np.uint16).reshape(3, 50, 40)


class Source:
    def __init__(self) -> None:
        self.reads: list[Window] = []
        self.blocks = LastBlock((50, 40), (20, 16), self.read)

    def read(self, window: Window, bands: Sequence[int]) -> np.ndarray:
        self.reads.append(window)
        return CUBE[list(bands)][(slice(None), *window.slices())]

    def part(self, row: int, col: int, height: int, width: int, bands: Sequence[int] = (0, 2)) -> None:
        window = Window(row=row, col=col, height=height, width=width)
        found = self.blocks.read(window, bands, CUBE.dtype)
        np.testing.assert_array_equal(found, CUBE[list(bands)][(slice(None), *window.slices())])


def test_parts_of_a_block_are_read_at_once() -> None:
    source = Source()
    for row in range(20, 40, 5):
        source.part(row, 16, 5, 16)
    source.part(40, 32, 4, 8)
    assert source.reads == [
        Window(row=20, col=16, height=20, width=16),
        Window(row=40, col=32, height=10, width=8),
    ]


def test_a_block_is_forgotten_after_its_last_row_and_for_other_bands() -> None:
    source = Source()
    source.part(0, 0, 10, 16)
    source.part(10, 0, 10, 16)
    assert len(source.reads) == 1
    source.part(10, 0, 5, 16)
    source.part(10, 0, 5, 16, bands=(1,))
    assert source.reads == [Window(row=0, col=0, height=20, width=16)] * 3


def test_whole_blocks_and_several_are_read_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source()
    source.part(0, 0, 20, 16)
    source.part(5, 3, 30, 30)
    monkeypatch.setattr(last_block, "MAX_BYTES", 20 * 16 * 2 * 2 - 1)
    source.part(0, 0, 5, 16)
    assert [(w.height, w.width) for w in source.reads] == [(20, 16), (30, 30), (5, 16)]
