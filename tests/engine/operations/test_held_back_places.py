"""A test side of whole blocks or polygons: its interval comes from draws of these, as that of folds does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

import hsi_engine
import make_scenes

MakeScene = Callable[..., Path]


def train(scene: Path, **changes: Any) -> Any:
    labels = scene.with_name("labels.gpkg")
    if not labels.exists():
        make_scenes.write_polygons(labels, like=scene)
    parameters: dict[str, Any] = {
        "scene": scene,
        "labels": labels,
        "class_field": "class_id",
        "model": "lda",
        "output": scene.with_name("m.hsimodel"),
        "report": scene.with_name("m.html"),
        "device": "cpu",
    }
    return hsi_engine.train_classifier(**(parameters | changes))


def text_of(page: Path) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")).split())


@pytest.mark.parametrize("split", ["blocks", "polygons"])
def test_the_interval_of_a_test_side_comes_from_its_whole_places(scene_path: Path, split: str) -> None:
    result = train(scene_path, split=split, train_share=0.4)
    unit, drawn = split[:-1], result.test_intervals
    assert result.split["unit_name"] == unit
    assert drawn["units"] == result.split["test_units"] >= 2
    assert drawn["overall_accuracy"]["value"] == pytest.approx(result.test["overall_accuracy"])
    of_places, of_pixels = drawn["overall_accuracy"]["interval_95"], result.test["overall_accuracy_interval_95"]
    assert of_places[0] <= of_pixels[0] + 1e-12
    assert of_places[1] >= of_pixels[1] - 1e-12
    low, high = (f"{100 * bound:.2f} %" for bound in of_places)
    assert f"95 % interval {low} to {high}, from draws of {drawn['units']} whole {unit}s" in result.to_text()
    page = text_of(result.report)
    assert "as if pixels were independent" not in page
    assert f"test pixels in {drawn['units']} {unit}s. The model was trained" in page
    known = hsi_engine.model_information(model=result.model)
    assert known.accuracy.overall_interval == pytest.approx(of_places)
    assert "as if pixels were independent" not in known.accuracy.sentence


def test_random_pixels_keep_the_interval_of_pixels_and_its_words(scene_path: Path) -> None:
    result = train(scene_path, split="random", train_share=0.4)
    assert result.test_intervals is None
    assert result.split["unit_name"] == "pixel"
    assert "as if pixels were independent" in text_of(result.report)
    assert ", as if pixels were independent" in result.to_text()


@pytest.mark.parametrize("split", ["polygons", "random"])
def test_the_lines_of_a_training_say_how_many_test_pixels_are_neighbours(scene_path: Path, split: str) -> None:
    result = train(scene_path, split=split, train_share=0.4)
    near = result.split["near"]
    assert near > 0
    assert result.split["leakage"] == 0
    assert (
        f"Check     {split}: {100 * near:.2f} % of the test pixels have a training pixel within two pixels, 0.00 % lie inside a"
        " training patch"
    ) in result.to_text()


def test_a_second_training_has_the_interval_of_its_own_places(scene_path: Path) -> None:
    result = train(scene_path, compare_split="blocks", train_share=0.4)
    assert result.comparison["intervals"]["units"] == result.comparison["split"]["test_units"] >= 2
    assert "whole blocks" in text_of(result.report)


def sides(scene: Path, value_of: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Path:
    """A split raster over the scene from rows and columns."""
    path = scene.with_name("sides.tif")
    with rasterio.open(scene) as source:
        profile = source.profile | {"count": 1, "dtype": "uint8", "nodata": None}
        rows, cols = np.mgrid[: source.height, : source.width]
    with rasterio.open(path, "w", **profile) as target:
        target.write(value_of(rows, cols).astype(np.uint8), 1)
    return path


def test_a_given_split_that_cuts_polygons_keeps_the_interval_of_pixels(scene_path: Path) -> None:
    given = sides(scene_path, lambda rows, cols: np.where((rows + cols) % 2, 3, 1))
    result = train(scene_path, split_source=given)
    assert result.split["unit_name"] == "pixel"
    assert result.test_intervals is None


def test_a_given_split_of_whole_polygons_draws_them(scene_path: Path, tmp_path: Path) -> None:
    written = tmp_path / "polygons.tif"
    train(scene_path, split="polygons", train_share=0.4, split_output=written)
    result = train(scene_path, split_source=written)
    assert result.split["strategy"] == "given"
    assert result.split["unit_name"] == "polygon"
    assert result.test_intervals["units"] == result.split["test_units"] >= 2
