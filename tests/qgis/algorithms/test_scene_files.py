"""Scenes that QGIS cannot open: the engine is asked, and what it says is what the user reads."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
)

from qgis_plugin.forms.values import FormValues
from qgis_plugin.runs.plan import plan_run
from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def header(world: Any, tmp_path: Path) -> Path:
    """The scene of the world as an ENVI file; its header, which stands for it in the engine and is no layer of QGIS."""
    gdal.Translate(str(tmp_path / "cube.bsq"), world.scene, format="ENVI")
    return tmp_path / "cube.hdr"


def test_an_envi_header_stands_for_its_data(
    run: Run, header: Path, mapped: dict[str, Any], trained: dict[str, Any], tmp_path: Path, feedback: RecordingFeedback
) -> None:
    assert not QgsRasterLayer(str(header)).isValid()
    values = {"SCENE": str(header), "MODEL": trained["OUTPUT"], "DEVICE": "cpu", "OUTPUT": str(tmp_path / "map.tif")}
    results = run("classify_scene", values, feedback)
    found, expected = (gdal.Open(each["OUTPUT"]).ReadAsArray() for each in (results, mapped))
    np.testing.assert_array_equal(found, expected)
    assert feedback.infos[0] == f"Scene: {header}, which QGIS cannot open; the engine reads it"


def test_colours_of_a_scene_that_cannot_be_shown_are_said_to_be_in_the_files(
    run: Run, header: Path, tmp_path: Path, feedback: RecordingFeedback
) -> None:
    results = run("colour_scene", {"SCENE": str(header), "IMAGE": str(tmp_path / "image.tif")}, feedback)
    assert QgsRasterLayer(results["IMAGE"]).isValid()
    assert any("QGIS cannot open this scene" in warning for warning in feedback.warnings)


@pytest.mark.skipif(os.name == "nt", reason="the engine's Python is wrapped in a shell script")
def test_a_format_that_only_the_engine_knows(
    run: Run, world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine_python: Path
) -> None:
    scene = gdal.Open(world.scene)
    cube = scene.ReadAsArray()
    toy = tmp_path / "product"
    toy.mkdir()
    np.save(toy / "cube.npy", cube.transpose(1, 2, 0))
    np.save(toy / "cloud.npy", np.zeros(cube.shape[1:], np.uint8))
    left, width, turn_x, top, turn_y, height = scene.GetGeoTransform()
    about = {
        "crs": scene.GetProjection(),
        "transform": [width, turn_x, left, turn_y, height, top],
        "wavelength_nm": [400.0 + 10 * band for band in range(len(cube))],
        "good": [True] * len(cube),
        "nodata": scene.GetRasterBand(1).GetNoDataValue(),
        "scale": 0.0001,
    }
    (toy / "about.json").write_text(json.dumps(about))
    (tmp_path / "sitecustomize.py").write_text(
        f"import sys; sys.path.append({str(ROOT / 'tests' / 'data')!r})\n"
        "import toy_scenes\nfrom hsi_engine.io.scenes.formats import catalogue\n"
        "catalogue.FORMATS = (toy_scenes.TOY, *catalogue.FORMATS)\n"
    )
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="$PYTHONPATH:{tmp_path}" exec "{engine_python}" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setenv("HSI_ENGINE_PYTHON", str(python))
    results = run("scene_information", {"SCENE": str(toy)})
    assert (results["ROWS"], results["COLS"], results["BANDS"]) == cube.shape[1:] + cube.shape[:1]


def test_what_the_engine_cannot_read_either_is_refused_in_its_words(run: Run, tmp_path: Path) -> None:
    with pytest.raises(QgsProcessingException, match="is a folder, not a raster file"):
        run("scene_information", {"SCENE": str(tmp_path)})


def test_the_engine_gets_an_extent_with_its_crs(provider: Any, qgis_new_project: None, header: Path) -> None:
    area = QgsReferencedRectangle(QgsRectangle(10, 50, 11, 52), QgsCoordinateReferenceSystem("EPSG:4326"))
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    algorithm = provider.algorithm("classify_scene").create()
    form = FormValues(algorithm, {"SCENE": str(header), "MODEL": "m.hsimodel", "EXTENT": area}, context)
    plan = plan_run(algorithm.operation, form, Path(sys.executable))
    assert plan.values["extent"] == "10.0,50.0,11.0,52.0,EPSG:4326"
    assert plan.scene_name == "cube"
