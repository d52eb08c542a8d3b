"""Model information, through ``processing.run``: what it says, and a model that is given by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsProcessingException, QgsProject, QgsRasterLayer, QgsSettings

from qgis_plugin.environment.current import MODELS_SETTING
from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def models(world: Any) -> Iterator[Path]:
    QgsSettings().setValue(MODELS_SETTING, str(world.folder))
    yield world.folder
    QgsSettings().remove("hsi_classifier")


def test_a_model_and_the_scene_it_fits(
    run: Run, world: Any, trained: dict[str, Any], feedback: RecordingFeedback, tmp_path: Path
) -> None:
    page = tmp_path / "model.html"
    found = run("model_information", {"MODEL": trained["OUTPUT"], "SCENE": world.scene, "REPORT": str(page)}, feedback)

    assert (found["VERDICT"], found["FITS"], found["CLASSES"], found["PATCH_SIZE"]) == ("fits", 1, 3, 9)
    assert found["MODEL_ID"] == trained["MODEL_ID"]
    assert found["OVERALL_ACCURACY"] == pytest.approx(trained["OVERALL_ACCURACY"])
    assert found["MEASURED"] == "separate_places"
    assert found["REASON"] in page.read_text(encoding="utf-8")
    assert any(line.startswith("Bands: 16 bands are used") for line in feedback.infos)
    assert feedback.commands[0].startswith("hsi model-info --model ")


def test_without_a_scene_there_is_no_verdict(run: Run, trained: dict[str, Any]) -> None:
    found = run("model_information", {"MODEL": trained["OUTPUT"]})

    assert found["CLASSES"] == 3
    assert found.get("FITS") is None
    assert "REPORT" not in found


def test_a_model_is_found_by_its_name(run: Run, models: Path, trained: dict[str, Any]) -> None:
    assert run("model_information", {"MODEL": "small.hsimodel"})["MODEL_ID"] == trained["MODEL_ID"]


@pytest.mark.one_qgis
def test_a_scene_that_does_not_fit(run: Run, trained: dict[str, Any], tmp_path: Path, feedback: Any) -> None:
    import gdal_scenes

    few = gdal_scenes.write_scene(tmp_path / "few.tif", bands=9, rows=72, cols=64)
    found = run("model_information", {"MODEL": trained["OUTPUT"], "SCENE": str(few)}, feedback)

    assert (found["VERDICT"], found["FITS"]) == ("does_not_fit", 0)
    assert found["REASON"] == "The model does not fit this scene: it lacks bands that the model needs."
    assert any("same sensor" in line or "same bands" in line for line in feedback.warnings)


@pytest.mark.one_qgis
def test_what_is_no_model_is_refused(run: Run, world: Any, tmp_path: Path) -> None:
    with pytest.raises(QgsProcessingException, match=r"Choose a file that ends in \.hsimodel"):
        run("model_information", {"MODEL": world.scene})
    (tmp_path / "notes.hsimodel").write_text("only words")
    with pytest.raises(QgsProcessingException, match="This is not a model: expected a zip archive"):
        run("model_information", {"MODEL": str(tmp_path / "notes.hsimodel")})


def test_the_form_proposes_the_scene_at_hand(provider: Any, world: Any, qgis_new_project: None) -> None:
    layer = QgsRasterLayer(world.scene, "potsdam")
    QgsProject.instance().addMapLayer(layer)
    algorithm = provider.algorithm("model_information").create()
    definition = algorithm.parameterDefinition("SCENE")
    assert definition.guiDefaultValueOverride() == layer.id()
