import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from affine import Affine

from hsi_engine.classes.legend import Legend
from hsi_engine.io.scenes.scene import open_scene
from hsi_engine.pixels.grid import Grid
from hsi_engine.report.content import LearningCurves, MapPicture
from hsi_engine.report.figures.pictures import (
    class_map_rgba,
    false_colour_bands,
    png,
    read_false_colour,
    scale_bar,
    stretch,
    thinning_step,
    upright,
)
from hsi_engine.report.figures.training import confusion_figure, learning_curves_figure, map_figure
from hsi_engine.spectrum.bands import BandTable

UTM = Grid(crs="EPSG:32633", transform=Affine(30, 0, 364000, 0, -30, 5810000), shape=(40, 70))


def bands(*wavelengths: float | None) -> BandTable:
    n = len(wavelengths)
    return BandTable(names=("b",) * n, wavelength_nm=wavelengths, fwhm_nm=(None,) * n, good=(True,) * n)


def test_a_class_map_takes_the_colours_of_its_legend() -> None:
    legend = Legend.of({2: "a", 300: "b"}, {2: "#010203", 300: "#fffefd"})
    rgba = class_map_rgba(np.array([[0, 2, 300], [7, 300, 2]]), legend)
    assert rgba.tolist() == [
        [[0, 0, 0, 0], [1, 2, 3, 255], [255, 254, 253, 255]],
        [[0, 0, 0, 0], [255, 254, 253, 255], [1, 2, 3, 255]],
    ]


def test_false_colour_takes_the_nearest_good_bands() -> None:
    table = bands(450, 545, 560, 655, 855, 900)
    assert false_colour_bands(table) == (4, 3, 1)
    assert false_colour_bands(table, usable=[0, 2, 5]) == (5, 2, 2)
    assert false_colour_bands(dataclasses.replace(table, good=(True, True, True, True, False, True))) == (5, 3, 1)


def test_without_wavelengths_bands_are_spread() -> None:
    assert false_colour_bands(bands(*[None] * 9)) == (6, 4, 2)
    assert false_colour_bands(bands(None)) == (0, 0, 0)


@pytest.mark.parametrize("max_edge", [100, 13, 5])
def test_a_scene_is_thinned_evenly_across_its_blocks(
    make_scene: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, max_edge: int
) -> None:
    monkeypatch.setattr("hsi_engine.io.scenes.thinned._READ_PIXELS", 200)
    with open_scene(make_scene()) as reader:
        whole = read_false_colour(reader)
        thinned = read_false_colour(reader, max_edge=max_edge)
        step = thinning_step(reader.scene.grid.shape, max_edge)
    assert whole.rgb.shape == (37, 29, 3)
    assert max(thinned.rgb.shape) <= max_edge
    hole = (whole.rgb == 255).all(axis=2)[::step, ::step]
    np.testing.assert_array_equal((thinned.rgb == 255).all(axis=2), hole)
    assert "red band 10 (880.0 nm)" in whole.caption


def test_a_constant_band_and_an_empty_scene_can_be_stretched() -> None:
    valid = np.array([[True, False]])
    assert stretch(np.full((3, 1, 2), 0.4), valid).tolist() == [[[0, 0, 0], [255, 255, 255]]]
    assert (stretch(np.zeros((3, 1, 2)), np.zeros((1, 2), bool)) == 255).all()


def test_south_up_rasters_are_turned() -> None:
    picture = np.arange(40)[:, None]
    south_up = dataclasses.replace(UTM, transform=Affine(30, 0, 0, 0, 30, 0))
    assert upright(picture, UTM)[0] == 0
    assert upright(picture, south_up)[0] == 39


def test_without_map_coordinates_the_first_row_is_up_as_in_a_gis() -> None:
    picture = np.arange(40)[:, None]
    for transform in (Affine.identity(), Affine.scale(1, -1)):
        assert upright(picture, dataclasses.replace(UTM, crs=None, transform=transform))[0] == 0


def test_scale_bar() -> None:
    assert scale_bar(UTM) == (pytest.approx(500 / 2100), "500 m")
    feet = dataclasses.replace(UTM, crs="EPSG:2263", shape=(10, 10000))
    share, label = scale_bar(feet) or (0, "")
    assert label == "20 km"
    assert share == pytest.approx(20000 / (10000 * 30 * 0.3048), rel=1e-5)
    assert scale_bar(dataclasses.replace(UTM, crs=None)) is None
    assert scale_bar(dataclasses.replace(UTM, crs="EPSG:4326")) is None


def test_figures_are_png_pictures() -> None:
    from hsi_engine.evaluation.accuracy import accuracy_from_indices

    legend = Legend.of({i: f"class $ {i}" for i in range(1, 45)})
    accuracy = accuracy_from_indices(np.arange(44), np.roll(np.arange(44), 1), legend)
    values = np.resize(legend.values, (9, 60))
    pictures = [
        confusion_figure(accuracy),
        learning_curves_figure(LearningCurves(epochs=(1,), loss={"training": [0.3]}, accuracy={})),
        learning_curves_figure(LearningCurves(epochs=(), loss={}, accuracy={})),
        map_figure(
            MapPicture(
                values=values, legend=legend, grid=dataclasses.replace(UTM, shape=(9, 60)), class_pixels=[12] * 44
            ),
            "Title",
        ),
        png(upright(class_map_rgba(values, legend), dataclasses.replace(UTM, transform=Affine(30, 0, 0, 0, 30, 0)))),
    ]
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


def test_curves_are_read_from_a_training_history() -> None:
    history = [
        {"epoch": 1, "loss": 2.0, "accuracy": 0.4, "validation_loss": None, "validation_accuracy": None},
        {"epoch": 2, "loss": 1.0, "accuracy": 0.6, "validation_loss": 1.5, "validation_accuracy": 0.5},
    ]
    curves = LearningCurves.from_history(history, 2)
    assert curves.epochs == (1, 2)
    assert curves.loss == {"training": [2.0, 1.0], "validation": [None, 1.5]}
    assert "validation" not in LearningCurves.from_history(history[:1]).accuracy
