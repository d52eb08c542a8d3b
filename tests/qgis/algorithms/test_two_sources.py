"""A second raster in the forms: the EnMAP scene next to means of groups of its bands, trained, mapped from both and either."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingException, QgsRasterLayer

from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]

# 0-based, first and end.
GROUPS = ((24, 28), (75, 80), (180, 186))


def write_second(path: Path, scene: Path, *, shift: float = 0.0) -> str:
    """Means of groups of bands of a scene, float32, perhaps ``shift`` pixels to the right."""
    opened = gdal.Open(str(scene))
    cube = opened.ReadAsArray().astype(np.float32)
    cube[cube == opened.GetRasterBand(1).GetNoDataValue()] = np.nan
    target = gdal.GetDriverByName("GTiff").Create(
        str(path), opened.RasterXSize, opened.RasterYSize, len(GROUPS), gdal.GDT_Float32
    )
    place = list(opened.GetGeoTransform())
    place[0] += shift * place[1]
    target.SetGeoTransform(place)
    target.SetProjection(opened.GetProjection())
    for number, (first, end) in enumerate(GROUPS, 1):
        band = target.GetRasterBand(number)
        band.SetNoDataValue(float("nan"))
        band.WriteArray(cube[first:end].mean(axis=0))
    target.FlushCache()
    return str(path)


@pytest.fixture(scope="module")
def second(enmap: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_second(tmp_path_factory.mktemp("second") / "multispectral.tif", enmap / "scene.tif")


@pytest.fixture(scope="module")
def model(run: Run, enmap: Path, second: str) -> str:
    output = str(Path(second).with_name("model.hsimodel"))
    training = {
        "SCENE": str(enmap / "scene.tif"),
        "SECOND": QgsRasterLayer(second, "bands of a satellite"),
        "LABELS": str(enmap / "polygons.gpkg"),
        "CLASS_FIELD": "class_name",
        "MODEL": "two_sources",
        "MODALITY_DROPOUT": 0.3,
        "EPOCHS": 2,
        "SPLIT": "none",
        "SMOOTH": False,
        "DEVICE": "cpu",
        "OUTPUT": output,
    }
    feedback = RecordingFeedback()
    run("train_classifier", training, feedback)
    assert any(line.startswith("Second raster") and "bands of a satellite" in line for line in feedback.infos)
    assert any("--second" in command and "--modality-dropout" in command for command in feedback.commands)
    return output


def classes(path: str) -> Any:
    return gdal.Open(path).ReadAsArray()


def test_maps_come_from_both_and_from_either(run: Run, enmap: Path, second: str, model: str, tmp_path: Path) -> None:
    scene = str(enmap / "scene.tif")
    ways = {
        "both": {"SCENE": scene, "SECOND": second},
        "scene": {"SCENE": scene},
        "second": {"SCENE": second, "ONLY_SECOND": True},
    }
    maps, said = {}, {}
    for name, given in ways.items():
        feedback, output = RecordingFeedback(), str(tmp_path / f"{name}.tif")
        run("classify_scene", {**given, "MODEL": model, "OUTPUT": output, "DEVICE": "cpu"}, feedback)
        maps[name], said[name] = classes(output), feedback.warnings
    assert len({found.shape for found in maps.values()}) == 1
    assert all(len(np.unique(found[found > 0])) > 2 for found in maps.values())
    assert any("from the scene alone" in line for line in said["scene"])
    assert any("from the second raster alone" in line for line in said["second"])
    known = maps["both"] > 0
    assert (maps["both"][known] == maps["scene"][known]).mean() > 0.6


def test_one_source_is_refused_where_it_was_not_trained_and_other_pixels_always(
    run: Run, enmap: Path, second: str, model: str, tmp_path: Path
) -> None:
    scene = str(enmap / "scene.tif")
    shifted = write_second(tmp_path / "shifted.tif", enmap / "scene.tif", shift=0.5)
    mapping = {"SCENE": scene, "MODEL": model, "OUTPUT": str(tmp_path / "map.tif")}
    with pytest.raises(QgsProcessingException, match=r"shifted by 0.50 columns"):
        run("classify_scene", {**mapping, "SECOND": shifted})
    with pytest.raises(QgsProcessingException, match="takes the second raster as scene"):
        run("classify_scene", {**mapping, "SECOND": second, "ONLY_SECOND": True})
    training = {
        "SCENE": scene,
        "LABELS": str(enmap / "polygons.gpkg"),
        "CLASS_FIELD": "class_name",
        "MODEL": "two_sources",
        "OUTPUT": str(tmp_path / "model.hsimodel"),
    }
    with pytest.raises(QgsProcessingException, match="needs a second raster"):
        run("train_classifier", training)
    assert {path.name for path in tmp_path.iterdir()} == {"shifted.tif"}


def test_a_raster_of_one_band_may_be_mapped_alone(provider: Any, tmp_path: Path, enmap: Path) -> None:
    from qgis.core import QgsProcessingContext

    heights = tmp_path / "heights.tif"
    gdal.Translate(str(heights), str(enmap / "scene.tif"), bandList=[1])
    algorithm = provider.algorithm("classify_scene").create()
    given = {"SCENE": str(heights), "MODEL": "m.hsimodel", "OUTPUT": str(tmp_path / "map.tif")}
    accepted, message = algorithm.checkParameterValues(given, QgsProcessingContext())
    assert not accepted
    assert "a hyperspectral scene has dozens" in message
    accepted, message = algorithm.checkParameterValues({**given, "ONLY_SECOND": True}, QgsProcessingContext())
    assert "a hyperspectral scene has dozens" not in message
