"""Strips hold the components of the whole scene, whatever the blocks of its file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from fitted import fit, pca
from hsi_engine.errors import Cancelled, SceneError
from hsi_engine.inference.strips import reduced_strips
from hsi_engine.io.scenes.scene import Scene, SceneBlock, SceneReader, describe_scene
from hsi_engine.pixels.window import Window
from hsi_engine.preprocess.chain import Preprocessing
from hsi_engine.reporting import SilentReporter

ROWS, COLS, BANDS, COMPONENTS = 61, 47, 7, 3

MakeScene = Callable[..., Path]


class CountingReader(SceneReader):
    """Counts how often each pixel was read, and may cut the scene into other blocks."""

    def __init__(self, scene: Scene, block: tuple[int, int] | None = None) -> None:
        super().__init__(scene)
        self.block = block
        self.reads = np.zeros(scene.grid.shape, int)

    def block_windows(self, max_pixels: int) -> Iterator[Window]:
        if self.block is None:
            yield from super().block_windows(max_pixels)
            return
        shape = self.scene.grid.shape
        for row in range(0, shape[0], self.block[0]):
            for col in range(0, shape[1], self.block[1]):
                yield Window(row=row, col=col, height=self.block[0], width=self.block[1]).clip(shape)

    def read(self, window: Window, bands: Sequence[int]) -> SceneBlock:
        self.reads[window.slices()] += 1
        return super().read(window, bands)


@pytest.fixture
def scene(make_scene: MakeScene) -> Scene:
    return describe_scene(make_scene(rows=ROWS, cols=COLS, bands=BANDS, with_hole=True))


def fitted(scene: Scene) -> Preprocessing:
    with SceneReader(scene) as reader:
        return fit(reader, pca(COMPONENTS))


def whole(scene: Scene, preprocessing: Preprocessing, radius: int) -> tuple[np.ndarray, np.ndarray]:
    """Components and validity of the scene with a margin."""
    with SceneReader(scene) as reader:
        block = reader.read(Window.of_shape(scene.grid.shape), preprocessing.band_indices)
    return np.pad(preprocessing.apply(block), ((0, 0), (radius, radius), (radius, radius))), np.pad(block.valid, radius)


BLOCKS = [(1, COLS), (5, COLS), (16, 16), (ROWS, COLS), (64, 9), (40, 30)]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
@pytest.mark.parametrize(("strip_rows", "radius"), [(16, 4), (7, 12), (61, 2), (200, 30), (16, 0)])
def test_strips_are_the_whole_scene_and_each_pixel_is_read_once(
    scene: Scene, block: tuple[int, int], strip_rows: int, radius: int
) -> None:
    preprocessing = fitted(scene)
    padded, valid = whole(scene, preprocessing, radius)
    assert 0 < valid.sum() < ROWS * COLS
    row = 0
    with CountingReader(scene, block) as reader:
        for strip in reduced_strips(
            reader, preprocessing, preprocessing.band_indices, radius=radius, strip_rows=strip_rows
        ):
            assert strip.window == Window(row=row, col=0, height=min(strip_rows, ROWS - row), width=COLS)
            end = strip.window.row_end
            np.testing.assert_allclose(strip.padded, padded[:, row : end + 2 * radius], rtol=0, atol=1e-5)
            np.testing.assert_array_equal(strip.valid, valid[row : end + 2 * radius])
            assert not strip.padded[:, ~strip.valid].any()
            row = end
        assert row == ROWS
        assert (reader.reads == 1).all()


@pytest.mark.parametrize("block", [(5, COLS), (16, 16)], ids=str)
def test_a_pass_that_begins_further_down_gives_the_same_numbers(scene: Scene, block: tuple[int, int]) -> None:
    preprocessing = fitted(scene)

    def strips(first_row: int) -> dict[int, np.ndarray]:
        with CountingReader(scene, block) as reader:
            found = {
                strip.window.row: strip.padded.copy()
                for strip in reduced_strips(
                    reader, preprocessing, preprocessing.band_indices, radius=3, strip_rows=10, first_row=first_row
                )
            }
            assert not reader.reads[: max(0, (first_row - 3) // block[0] * block[0])].any()
        return found

    complete, later = strips(0), strips(30)
    assert list(later) == [30, 40, 50, 60]
    for row, padded in later.items():
        np.testing.assert_array_equal(padded, complete[row])


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_strips_of_a_part_see_what_lies_around_it_and_read_no_more(scene: Scene, block: tuple[int, int]) -> None:
    radius, part = 4, Window(row=20, col=2, height=25, width=30)
    preprocessing = fitted(scene)
    padded, valid = whole(scene, preprocessing, radius)
    around = Window(row=20, col=2, height=25 + 2 * radius, width=30 + 2 * radius).slices()
    padded, valid = padded[(slice(None), *around)], valid[around]
    assert 0 < valid.sum() < valid.size
    with CountingReader(scene, block) as reader:
        for strip in reduced_strips(
            reader, preprocessing, preprocessing.band_indices, radius=radius, strip_rows=10, part=part
        ):
            rows = slice(strip.window.row, strip.window.row_end + 2 * radius)
            np.testing.assert_allclose(strip.padded, padded[:, rows], rtol=0, atol=1e-5)
            np.testing.assert_array_equal(strip.valid, valid[rows])
        assert strip.window == Window(row=20, col=0, height=5, width=30)
        expected = np.zeros((ROWS, COLS), int)
        expected[part.grow(radius).clip((ROWS, COLS)).slices()] = 1
        np.testing.assert_array_equal(reader.reads, expected)


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_pixels_that_no_tile_needs_are_not_read(scene: Scene, block: tuple[int, int]) -> None:
    radius, part = 3, Window(row=1, col=2, height=60, width=40)
    tiles = [
        Window(row=0, col=30, height=10, width=10),
        Window(row=42, col=3, height=5, width=6),
        Window(row=50, col=3, height=10, width=6),
    ]
    preprocessing = fitted(scene)
    padded, valid = whole(scene, preprocessing, radius)
    seen = []
    with CountingReader(scene, block) as reader:
        for strip in reduced_strips(
            reader, preprocessing, preprocessing.band_indices, radius=radius, strip_rows=10, part=part, tiles=tiles
        ):
            for tile in tiles:
                if not strip.window.intersect(tile).is_empty:
                    seen.append(tile)
                    rows = slice(tile.row - strip.window.row, tile.row_end - strip.window.row + 2 * radius)
                    cols = slice(tile.col, tile.col_end + 2 * radius)
                    there = tile.absolute(part).slices()
                    there = tuple(slice(at.start, at.stop + 2 * radius) for at in there)
                    np.testing.assert_allclose(
                        strip.padded[:, rows, cols], padded[(slice(None), *there)], rtol=0, atol=1e-5
                    )
                    np.testing.assert_array_equal(strip.valid[rows, cols], valid[there])
        assert seen == tiles
        assert reader.reads.max() == 1
        if block in [(1, COLS), (5, COLS), (16, 16)]:
            assert not reader.reads[22:37].any(), "rows between the tiles"
        assert not reader.reads[:, 45:].any(), "beyond the part and its margin"


def test_the_blocks_of_a_real_file_are_read_once(make_scene: MakeScene, enmap: Path) -> None:
    scene = describe_scene(enmap / "scene.tif")
    preprocessing = fitted(scene)
    with CountingReader(scene) as reader:
        count = sum(
            1 for _ in reduced_strips(reader, preprocessing, preprocessing.band_indices, radius=7, strip_rows=50)
        )
        assert count == 4
        assert (reader.reads == 1).all()


class FailingReader(CountingReader):
    def read(self, window: Window, bands: Sequence[int]) -> SceneBlock:
        if window.row >= 30:
            raise SceneError("Row 30 is damaged.", code="read_failed")
        return super().read(window, bands)


def test_an_error_of_the_thread_reaches_the_caller_in_its_words(scene: Scene) -> None:
    preprocessing = fitted(scene)
    with FailingReader(scene, (5, COLS)) as reader:
        strips = reduced_strips(reader, preprocessing, preprocessing.band_indices, radius=2, strip_rows=10)
        assert next(strips).window.row == 0
        with pytest.raises(SceneError, match="Row 30 is damaged"):
            list(strips)
    assert not reading_threads()


def test_closing_early_and_cancelling_end_the_thread(scene: Scene) -> None:
    preprocessing = fitted(scene)
    with CountingReader(scene, (5, COLS)) as reader:
        with closing(
            reduced_strips(reader, preprocessing, preprocessing.band_indices, radius=2, strip_rows=10)
        ) as strips:
            next(strips)
        assert not reading_threads()
        reporter = SilentReporter()
        strips = reduced_strips(
            reader,
            preprocessing,
            preprocessing.band_indices,
            radius=2,
            strip_rows=10,
            check_cancelled=reporter.check_cancelled,
        )
        next(strips)
        reporter.cancel.set()
        with pytest.raises(Cancelled):
            list(strips)
        assert not reading_threads()


def reading_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("hsi-read-ahead")]
