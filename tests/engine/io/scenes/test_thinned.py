from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hsi_engine.io.scenes.reader import SceneReader
from hsi_engine.io.scenes.scene import open_scene
from hsi_engine.io.scenes.thinned import read_thinned, step_for_pixels
from hsi_engine.pixels.window import Window
from make_scenes import COLS, ROWS


@pytest.mark.parametrize("layout", ["geotiff", "bil"])
@pytest.mark.parametrize("step", [1, 2, 5, 17, 40])
@pytest.mark.parametrize("part", [None, Window(row=3, col=4, height=30, width=20)])
def test_every_nth_pixel_of_a_scene_or_a_part_of_it(
    make_scene: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, layout: str, step: int, part: Window | None
) -> None:
    monkeypatch.setattr("hsi_engine.io.scenes.thinned._READ_PIXELS", 200)
    name = "scene.tif" if layout == "geotiff" else "scene.bil"
    with open_scene(make_scene(name, layout=layout)) as reader:
        window = part or Window.of_shape((ROWS, COLS))
        numbers, valid = reader.read_numbers(window, (7, 2))
        thinned = read_thinned(reader, (7, 2), step, part)
    np.testing.assert_array_equal(thinned.numbers[:, thinned.valid], numbers[:, ::step, ::step][:, thinned.valid])
    np.testing.assert_array_equal(thinned.valid, valid[::step, ::step])


def test_rows_that_are_not_wanted_are_not_read(
    make_scene: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []
    read = SceneReader.read_numbers

    def counted(self: SceneReader, window: Window, bands: tuple[int, ...]) -> object:
        rows.append(window.height)
        return read(self, window, bands)

    monkeypatch.setattr(SceneReader, "read_numbers", counted)
    with open_scene(make_scene("scene.bil", layout="bil")) as reader:
        read_thinned(reader, (0, 1, 2), 9)
    assert rows == [1] * 5


@pytest.mark.parametrize("shape", [(1, 1), (37, 29), (1, 5000), (4000, 3), (1234, 777)])
@pytest.mark.parametrize("most", [1, 10, 1000, 1 << 20])
def test_a_step_keeps_within_the_number_of_pixels(shape: tuple[int, int], most: int) -> None:
    step = step_for_pixels(shape, most)

    def pixels(step: int) -> int:
        return -(-shape[0] // step) * -(-shape[1] // step)

    assert pixels(step) <= most
    assert step == 1 or pixels(step - 1) > most
