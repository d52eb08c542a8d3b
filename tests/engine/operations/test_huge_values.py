"""A fill value that a file does not declare and that overflows is named by every operation that trains; a map gives it no class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

import hsi_engine
import make_scenes
from hsi_engine.errors import SceneError

ROWS, COLS, BANDS = 45, 61, 12
FILL = (slice(0, 6), slice(30, 40))
LOWEST = float(np.finfo(np.float32).min)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A scene, labels, and the scene with 60 pixels that hold the lowest number of float32, in all bands or in one."""
    folder = tmp_path_factory.mktemp("huge")
    made = {}
    for name, bands in (("sound", slice(0)), ("everywhere", slice(None)), ("one_band", slice(5, 6))):
        cube = make_scenes.reflectance(ROWS, COLS, BANDS, noise=0.06)
        cube[(bands, *FILL)] = LOWEST
        made[name] = make_scenes.write_scene(
            folder / f"{name}.tif", cube=cube, dtype="float32", scale=1.0, nodata=None, with_hole=False
        )
    labels = make_scenes.write_labels(folder / "labels.tif", like=made["sound"])
    with rasterio.open(labels, "r+") as file:
        values = file.read(1)
        values[FILL] = 0
        file.write(values, 1)
    return {**made, "labels": labels}


@pytest.mark.parametrize("scene", ["everywhere", "one_band"])
@pytest.mark.parametrize(
    "given", [{"model": "lda"}, {"model": "svm", "reduction": "pca", "components": 3}], ids=["lda", "svm"]
)
def test_a_training_names_the_pixels_and_what_to_do(
    inputs: dict[str, Path], scene: str, given: dict[str, Any], tmp_path: Path
) -> None:
    given |= {"scene": inputs[scene], "labels": inputs["labels"], "split": "none", "device": "cpu"}
    outputs = {"output": tmp_path / "map.tif", "model_output": tmp_path / "m.hsimodel"}
    with pytest.raises(SceneError, match=r"60 pixels of .* hold values that are too large to compute with") as found:
        hsi_engine.train_and_classify(**given, **outputs)
    assert "nodata -3.4028235e+38" in found.value.hint
    assert not list(tmp_path.iterdir())
    hsi_engine.train_and_classify(**given, **outputs, nodata=LOWEST)
    with rasterio.open(outputs["output"]) as file:
        assert not file.read(1)[FILL].any(), "the advice helps"


def test_a_preview_names_them(inputs: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(SceneError, match=r"60 pixels of .* hold values that are too large to compute with"):
        hsi_engine.preview(
            scene=inputs["everywhere"], labels=inputs["labels"], output=tmp_path / "p.tif", cache=tmp_path / "cache"
        )


def test_a_map_leaves_them_without_class_and_outside_the_area_of_applicability(
    inputs: dict[str, Path], tmp_path: Path
) -> None:
    model = tmp_path / "m.hsimodel"
    hsi_engine.train_classifier(
        scene=inputs["sound"], labels=inputs["labels"], output=model, model="logistic_regression", device="cpu"
    )
    area, unlike = tmp_path / "area.tif", tmp_path / "unlike.tif"
    found = hsi_engine.classify_scene(
        scene=inputs["everywhere"], model=model, output=tmp_path / "map.tif", applicability=area, dissimilarity=unlike
    )
    assert found.not_finite_pixels == 60
    assert any("60 of 2,745 pixels hold -3.4028235e+38 in all bands" in note for note in found.notes)
    with rasterio.open(area) as file:
        assert set(np.unique(file.read(1)[FILL])) == {2}, "outside"
    with rasterio.open(unlike) as file:
        assert np.isnan(file.read(1)[FILL]).all()
    one = hsi_engine.classify_scene(scene=inputs["one_band"], model=model, output=tmp_path / "one.tif")
    assert any("60 of 2,745 pixels hold -3.4028235e+38 in some bands" in note for note in one.notes)
