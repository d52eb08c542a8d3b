"""Every operation of the engine through ``processing.run``, in its own process, on a tiny scene."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import QgsProcessing, QgsProcessingException, QgsProcessingUtils, QgsRasterLayer, QgsSettings

from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]


def _job_folders() -> set[Path]:
    return set(Path(QgsProcessingUtils.tempFolder()).glob("hsi-*"))


def test_scene_information(run: Run, world: Any, feedback: RecordingFeedback) -> None:
    results = run("scene_information", {"SCENE": world.scene}, feedback)

    assert (results["ROWS"], results["COLS"], results["BANDS"], results["USABLE_BANDS"]) == (72, 64, 16, 16)
    assert results["VALID_SHARE"] == pytest.approx(1 - 24 / (72 * 64))
    assert results["CRS"].startswith("EPSG:32633")
    assert "Wavelengths: 430.0 – 980.0 nm" in feedback.infos
    assert "Scale and offset: 0.0001, 0" in feedback.infos
    assert "REPORT" not in results  # not asked for
    assert feedback.commands == [f"hsi info --scene {world.scene}"]


def test_the_page_on_a_scene(run: Run, enmap: Path, feedback: RecordingFeedback, tmp_path: Path) -> None:
    page = tmp_path / "scene.html"
    results = run("scene_information", {"SCENE": str(enmap / "scene.tif"), "REPORT": str(page)}, feedback)

    assert results["REPORT"] == str(page)
    assert "218 of 224 bands and 60.0 % of the pixels can be used." in page.read_text(encoding="utf-8")
    told = set(feedback.infos)
    assert {"Acquired: 2022-07-24T10:45:26", "Bands flagged bad: 130–135", "Bands without data: 130–135"} <= told


def test_notes_on_a_scene_are_warnings(run: Run, make_scene: Callable[..., Path], feedback: RecordingFeedback) -> None:
    run("scene_information", {"SCENE": str(make_scene(epsg=None))}, feedback)

    assert any("has no CRS" in warning for warning in feedback.warnings)


def test_a_form_writes_the_page_unless_it_is_skipped(provider: Any) -> None:
    (report,) = [d for d in provider.algorithm("scene_information").parameterDefinitions() if d.name() == "REPORT"]
    assert report.createByDefault()
    (output,) = [d for d in provider.algorithm("scene_information").outputDefinitions() if d.name() == "REPORT"]
    assert output.type() == "outputHtml"  # which the results viewer opens


@pytest.mark.one_qgis
def test_header_alone(run: Run, world: Any) -> None:
    results = run("scene_information", {"SCENE": world.scene, "STATISTICS": False})

    assert results["BANDS"] == 16
    assert results["VALID_SHARE"] is None


def test_principal_components(run: Run, world: Any, tmp_path: Path) -> None:
    parameters = {
        "SCENE": world.scene,
        "COMPONENTS": 3,
        "BANDS": "1-8, 700-980nm",
        "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT,
        "STATISTICS": str(tmp_path / "pca.json"),
    }

    results = run("fit_pca", parameters)

    assert gdal.Open(results["OUTPUT"]).RasterCount == 3
    assert results["COMPONENT_COUNT"] == 3
    assert 0.5 < results["EXPLAINED"] <= 1
    assert 8 < results["BANDS_USED"] < 17
    assert json.loads(Path(results["STATISTICS"]).read_text())


def test_denoising(run: Run, world: Any, tmp_path: Path) -> None:
    denoiser = str(tmp_path / "d.hsidenoiser")
    parameters = {"SCENE": world.scene, "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT}

    trained = run("denoise_scene", {**parameters, "MODEL_OUTPUT": denoiser, "STEPS": 0})
    applied = run("denoise_scene", {**parameters, "MODEL": denoiser})

    before, after, again = (gdal.Open(path) for path in (world.scene, trained["OUTPUT"], applied["OUTPUT"]))
    assert after.RasterCount == before.RasterCount
    assert after.GetGeoTransform() == before.GetGeoTransform()
    assert (after.ReadAsArray() != before.ReadAsArray()).any()
    assert (after.ReadAsArray() == again.ReadAsArray()).all()
    assert 10 <= trained["BANDS_DENOISED"] <= before.RasterCount
    assert trained["COMPONENT_COUNT"] >= 1
    assert trained["SIGNAL_TO_NOISE"] > 1
    assert trained["DENOISED_PIXELS"] > 0


def test_training(trained: dict[str, Any]) -> None:
    assert Path(trained["OUTPUT"]).is_file()
    assert "REPORT" not in trained  # not asked for
    assert trained["CLASSES"] == 3
    assert trained["OVERALL_ACCURACY"] > 0.5
    assert trained["LEAKAGE"] == 0
    assert trained["TRAINING_PIXELS"] > 100
    assert trained["TEST_PIXELS"] > 100
    assert len(trained["MODEL_ID"]) == 64


def test_mapping(mapped: dict[str, Any], trained: dict[str, Any]) -> None:
    layer = QgsRasterLayer(mapped["OUTPUT"], "map")

    assert (layer.height(), layer.width()) == (72, 64)
    assert [entry.label for entry in layer.renderer().classes()] == ["water", "meadow", "soil"]
    assert (mapped["CLASSES"], mapped["NODATA_PIXELS"], mapped["UNCLASSIFIED_PIXELS"]) == (3, 24, 0)
    assert mapped["MODEL_ID"] == trained["MODEL_ID"]


def test_assessment(run: Run, world: Any, mapped: dict[str, Any], trained: dict[str, Any], tmp_path: Path) -> None:
    parameters = {
        "MAP": mapped["OUTPUT"],
        "REFERENCE": world.polygons,
        "CLASS_FIELD": "class_name",
        "SUBSET": trained["SPLIT_OUTPUT"],
        "MODEL": trained["OUTPUT"],
        "REPORT": str(tmp_path / "report.html"),
        "TABLE": str(tmp_path / "table.csv"),
    }

    results = run("assess_map", parameters)

    assert results["PIXELS"] == trained["TEST_PIXELS"]
    assert results["OVERALL_ACCURACY"] == pytest.approx(trained["OVERALL_ACCURACY"])
    assert "<html" in Path(results["REPORT"]).read_text(encoding="utf-8")
    assert Path(results["TABLE"]).read_text(encoding="utf-8").count("\n") >= 3


def test_cleaning(run: Run, world: Any, feedback: RecordingFeedback, tmp_path: Path) -> None:
    parameters = {
        "MAP": world.labels,
        "MAJORITY": 3,
        "MIN_AREA": 2000,
        "AREA_UNIT": "m2",
        "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT,
        "TABLE": str(tmp_path / "areas.csv"),
    }

    results = run("clean_map", parameters, feedback)

    before, after = (gdal.Open(path).ReadAsArray() for path in (world.labels, results["OUTPUT"]))
    assert results["CLASSES"] == 3
    assert results["CHANGED_PIXELS"] == (before != after).sum()
    assert results["PIXELS"] == (before > 0).sum()
    assert ((before == 0) == (after == 0)).all()
    layer = QgsRasterLayer(results["OUTPUT"], "cleaned")
    assert [entry.value for entry in layer.renderer().classes()] == [2, 5, 11]
    assert Path(results["TABLE"]).read_text(encoding="utf-8").count("\n") == 4
    assert any(line.strip().startswith("11 ") and " ha " in line for line in feedback.infos)


def test_measuring_alone_writes_no_map(run: Run, world: Any) -> None:
    results = run("clean_map", {"MAP": world.labels})

    assert "OUTPUT" not in results
    assert (results["CLASSES"], results["CHANGED_PIXELS"]) == (3, 0)


def test_training_and_mapping_in_one_step(
    run: Run, world: Any, small_training: dict[str, Any], feedback: RecordingFeedback, tmp_path: Path
) -> None:
    parameters = {
        **small_training,
        "SCENE": world.scene,
        "LABELS_RASTER": world.labels,
        "CLASS_FIELD": None,
        "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT,
        "CONFIDENCE": QgsProcessing.TEMPORARY_OUTPUT,
        "MODEL_OUTPUT": QgsProcessing.TEMPORARY_OUTPUT,
        "REPORT": str(tmp_path / "report.html"),
    }

    results = run("train_and_classify", parameters, feedback)

    assert set(gdal.Open(results["OUTPUT"]).ReadAsArray().flat) <= {0, 2, 5, 11}
    assert results["MODEL_OUTPUT"].endswith(".hsimodel")
    assert Path(results["MODEL_OUTPUT"]).is_file()
    assert Path(results["REPORT"]).is_file()
    assert Path(results["CONFIDENCE"]).is_file()
    assert results["OVERALL_ACCURACY"] > 0.5
    assert results["CLASSES"] == 3
    assert any(line.startswith("Epoch 2 of 2: loss") for line in feedback.infos)
    assert {"Reading spectra", "Computing components", "Training the network", "Classifying the scene"} <= set(
        feedback.texts
    )
    assert feedback.progress_values == sorted(feedback.progress_values)
    assert len(feedback.progress_values) > 5


def test_what_is_wrong_is_said_and_nothing_is_left(run: Run, world: Any, feedback: RecordingFeedback) -> None:
    before = _job_folders()
    no_model = world.folder / "no.hsimodel"
    no_model.write_text("not a model")
    output = world.folder / "never.tif"

    with pytest.raises(QgsProcessingException, match=r"no\.hsimodel") as raised:
        run("classify_scene", {"SCENE": world.scene, "MODEL": str(no_model), "OUTPUT": str(output)}, feedback)

    assert "Traceback" not in str(raised.value)
    assert not output.exists()
    assert _job_folders() == before


@pytest.mark.one_qgis
def test_rules_of_the_engine_come_in_its_words(run: Run, world: Any, small_training: dict[str, Any]) -> None:
    parameters = {**small_training, "SCENE": world.scene, "LABELS": world.polygons, "PATCH_SIZE": 5}

    with pytest.raises(QgsProcessingException, match=r"needs a patch of 9×9 to 99×99 pixels"):
        run("train_classifier", {**parameters, "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT})


def test_a_cancelled_run_is_no_success(run: Run, world: Any) -> None:
    before = _job_folders()
    feedback = RecordingFeedback(lambda text: feedback.cancel())

    with pytest.raises(QgsProcessingException, match=r"^Cancelled"):
        run("scene_information", {"SCENE": world.scene}, feedback)

    assert _job_folders() == before


def test_the_device_of_the_options_counts_where_none_is_named(
    run: Run, world: Any, trained: dict[str, Any], feedback: RecordingFeedback
) -> None:
    parameters = {"SCENE": world.scene, "MODEL": trained["OUTPUT"], "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT}
    QgsSettings().setValue("hsi_classifier/device", "cpu")
    try:
        run("classify_scene", parameters, feedback)
    finally:
        QgsSettings().remove("hsi_classifier/device")

    assert "--device cpu" in feedback.commands[0]


def test_a_part_of_the_scene_has_the_pixels_of_the_whole_map(
    run: Run, world: Any, trained: dict[str, Any], mapped: dict[str, Any], feedback: RecordingFeedback, tmp_path: Path
) -> None:
    scene = QgsRasterLayer(world.scene, "scene")
    size, left, top = scene.rasterUnitsPerPixelX(), scene.extent().xMinimum(), scene.extent().yMaximum()
    results = run(
        "classify_scene",
        {
            "SCENE": world.scene,
            "MODEL": trained["OUTPUT"],
            "OUTPUT": str(tmp_path / "part.tif"),
            "EXTENT": f"{left + 5 * size},{left + 25 * size},{top - 40 * size},{top - 10 * size} [EPSG:32633]",
            "MASK": world.labels,
            "DEVICE": "cpu",
        },
        feedback,
    )

    part, whole, labels = (gdal.Open(path) for path in (results["OUTPUT"], mapped["OUTPUT"], world.labels))
    assert (part.RasterYSize, part.RasterXSize) == (30, 20)
    assert part.GetGeoTransform()[:1] == (left + 5 * size,)
    expected, inside = whole.ReadAsArray(5, 10, 20, 30), labels.ReadAsArray(5, 10, 20, 30) > 0
    assert 0 < inside.sum() < inside.size
    expected[~inside] = 0
    assert (part.ReadAsArray() == expected).all()
    assert f"Outside the mask: {(~inside).sum():,} pixels." in feedback.infos
