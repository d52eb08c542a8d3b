"""The sample of spectra: each pixel counts once, and all of a small scene are looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hsi_engine.io.scenes import spectral_sample
from hsi_engine.io.scenes.scene import SceneReader, open_scene
from hsi_engine.io.scenes.spectral_sample import sample_spectra
from hsi_engine.pixels.window import Window

MakeScene = Callable[..., Path]
BANDS = (0, 3)


def test_of_a_small_scene_every_pixel_counts_once(make_scene: MakeScene) -> None:
    with open_scene(make_scene("scene.tif")) as reader:
        rows, cols = reader.scene.grid.shape
        for window in (Window.of_shape((rows, cols)), Window(row=3, col=5, height=17, width=cols - 7)):
            block = reader.read(window, BANDS)
            sample = sample_spectra(reader, window, BANDS)
            assert sample.complete
            assert sample.looked_at == window.height * window.width
            assert sample.spectra.shape == (2, int(block.valid.sum()))
            np.testing.assert_allclose(sample.mean, block.data[:, block.valid].mean(axis=1), rtol=1e-5)


@pytest.mark.parametrize("shape", [(61, 83), (2, 400), (500, 1), (7, 5)])
def test_of_a_large_scene_each_place_counts_once_and_all_quarters_are_looked_at(
    make_scene: MakeScene, monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int]
) -> None:
    monkeypatch.setattr(spectral_sample, "_WHOLE_NUMBERS", 0)
    monkeypatch.setattr(spectral_sample, "_PROBE_PX", 4)
    seen = np.zeros(shape, dtype=int)
    read = SceneReader.read

    def reading(reader: SceneReader, window: Window, bands: tuple[int, ...]) -> object:
        seen[window.slices()] += 1
        return read(reader, window, bands)

    monkeypatch.setattr(SceneReader, "read", reading)
    with open_scene(make_scene("scene.tif", rows=shape[0], cols=shape[1])) as reader:
        sample = sample_spectra(reader, Window.of_shape(shape), BANDS)
    assert seen.max() == 1
    assert sample.looked_at == seen.sum() <= 16 * 4 * 4
    assert sample.complete == bool(seen.all())
    for axis in (0, 1):
        for quarter in np.array_split(seen, min(4, max(1, shape[axis] // 4)), axis=axis):
            assert quarter.any()


def test_the_share_of_missing_data_is_that_of_the_scene(make_scene: MakeScene) -> None:
    with open_scene(make_scene("scene.tif")) as reader:
        shape = reader.scene.grid.shape
        valid = reader.read(Window.of_shape(shape), BANDS).valid
        sample = sample_spectra(reader, Window.of_shape(shape), BANDS)
    assert 0 < valid.mean() < 1
    assert sample.spectra.shape[1] / sample.looked_at == valid.mean()
