"""What people get wrong, and what they are then told: through the algorithms, as a script or a dialog runs them.

Each case is refused in words that name what is wrong and what to do, and leaves neither outputs nor temporary files.
"""

from __future__ import annotations

import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsProcessingException,
    QgsProcessingUtils,
    QgsProject,
    QgsRasterLayer,
    QgsSettings,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate

from qgis_plugin.environment.current import PYTHON_SETTING, engine_location
from qgis_plugin.environment.records import disk
from qgis_plugin.environment.records.failure_log import last_failures
from qgis_plugin.environment.records.record import Record, write_record
from qgis_plugin.forms import checks as form_checks
from recording_feedback import RecordingFeedback

Refusal = Callable[..., str]


def files_below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    folder = tmp_path / "outputs"
    folder.mkdir()
    return folder


@pytest.fixture
def refusal(run: Callable[..., Any], outputs: Path) -> Refusal:
    """``refusal("classify_scene", …)``: what the user reads; nothing may be left in ``outputs`` or as temporary file."""

    def refused(name: str, **parameters: Any) -> str:
        feedback = RecordingFeedback()
        temporary = Path(QgsProcessingUtils.tempFolder())
        before = files_below(temporary)
        with pytest.raises(QgsProcessingException) as raised:
            run(name, parameters, feedback)
        said = "\n".join([str(raised.value), *feedback.errors])
        assert "Traceback" not in said
        assert files_below(outputs) == set()
        assert files_below(temporary) <= before
        return said

    return refused


@pytest.fixture
def training(world: Any, outputs: Path, small_training: dict[str, Any]) -> dict[str, Any]:
    files = {"OUTPUT": str(outputs / "model.hsimodel"), "REPORT": str(outputs / "report.html")}
    return {**small_training, "SCENE": world.scene, "LABELS": world.polygons, **files}


@pytest.fixture
def mapping(world: Any, outputs: Path, trained: dict[str, Any]) -> dict[str, Any]:
    return {"SCENE": world.scene, "MODEL": trained["OUTPUT"], "OUTPUT": str(outputs / "map.tif"), "DEVICE": "cpu"}


# ------------------------------------------------------------------------------------------ layers and values


@pytest.fixture
def layers(world: Any, qgis_new_project: None, tmp_path: Path) -> dict[str, Any]:
    """Layers of a project that can be given but not used."""
    # A copy, since QGIS takes a layer of the project wherever its file is named.
    copy = shutil.copy(world.polygons, tmp_path / "copy.gpkg")
    found = {
        "street map": QgsRasterLayer(
            "type=xyz&url=https://tiles.example/%7Bz%7D/%7Bx%7D/%7By%7D.png&zmax=19&zmin=0", "street map", "wms"
        ),
        "broken scene": QgsRasterLayer("/gone/scene.tif", "broken scene"),
        "broken": QgsVectorLayer("/gone/fields.gpkg", "broken", "ogr"),
        "far": QgsVectorLayer(str(copy), "far"),
        "nowhere": QgsVectorLayer(str(copy), "nowhere"),
        "drawn": QgsVectorLayer(
            "Polygon?crs=EPSG:32633&field=share:double&field=day:date&field=kind:string", "drawn", "memory"
        ),
    }
    found["far"].setCrs(QgsCoordinateReferenceSystem("EPSG:32650"))
    found["nowhere"].setCrs(QgsCoordinateReferenceSystem())
    drawn = found["drawn"]
    for number, field in enumerate(QgsVectorLayer(world.polygons, "fields").getFeatures()):
        feature = QgsFeature(drawn.fields())
        feature.setGeometry(field.geometry())
        feature.setAttributes([number + 0.5, QDate(2020, 1, 1 + number % 3), ("oak", "elm")[number % 2]])
        drawn.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayers(list(found.values()))
    return found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"SCENE": None}, "Scene: choose a raster layer or a raster file."),
        ({"SCENE": "/gone/scene.tif"}, "Scene: “/gone/scene.tif” cannot be opened as a raster."),
        (
            {"SCENE": f"/tmp/{'x' * 300}.tif"},
            "cannot be opened as a raster, because its name is longer than the system",
        ),
        ({"SCENE": "/tmp/a\0b.tif"}, "b.tif” cannot be opened as a raster, because no file can have this name. Choose"),
        ({"LABELS": f"/tmp/{'x' * 300}.gpkg"}, "as a vector layer, because its name is longer than the system allows."),
        ({"SCENE": "[broken scene]"}, "Scene: layer 'broken scene' cannot be opened: its file or database is missing"),
        (
            {"LABELS": "[broken]"},
            "Labels: layer 'broken' cannot be opened: its file or database is missing or damaged.",
        ),
        ({"SCENE": "{polygons}"}, "polygons.gpkg” cannot be opened as a raster. Choose a raster layer"),
        ({"LABELS": None}, "Labels: choose a layer of polygons or points, or a raster of class values."),
        ({"LABELS": "/gone/fields.gpkg"}, "Labels: “/gone/fields.gpkg” cannot be opened as a vector layer."),
        ({"LABELS": "{labels}"}, "labels.tif” cannot be opened as a vector layer. Choose a layer of polygons"),
        ({"LABELS": None, "LABELS_RASTER": "{polygons}"}, "Labels: “{polygons}” cannot be opened as a raster."),
        ({"SCENE": "[street map]"}, "Scene: layer 'street map' is a web map (WMS, XYZ or similar)"),
        ({"LABELS": None, "LABELS_RASTER": "[street map]"}, "Labels: layer 'street map' is a web map"),
        ({"CLASS_FIELD": "kind"}, "has no field 'kind'. Its fields are: fid (Integer64), class_id (Integer)"),
        ({"LABELS": "[drawn]", "CLASS_FIELD": "day"}, "field 'day' of layer 'drawn' has type"),
        ({"LABELS": "[nowhere]"}, "layer 'nowhere' has no CRS. Assign the CRS"),
        ({"EPOCHS": "many"}, "Epochs: must be a number; got “many”."),
        ({"EPOCHS": 0}, "Epochs: must be from 1 to 10,000; got 0."),
        (
            {"SPLIT": "cross"},
            "Check accuracy on: “cross” is not a valid option. Choose one of: folds, blocks, random, polygons, none.",
        ),
        ({"SCENE": "{picture}"}, "“picture” has 3 bands; a hyperspectral scene has dozens to hundreds."),
        ({"OUTPUT": None}, "Model file: choose an output file."),
    ],
)
def test_refused_before_the_engine_starts(
    refusal: Refusal,
    training: dict[str, Any],
    world: Any,
    layers: dict[str, Any],
    make_scene: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any],
    words: str,
) -> None:
    monkeypatch.setattr("qgis_plugin.algorithms.kinds.engine_algorithm.run_operation", None)
    files = {
        "{polygons}": world.polygons,
        "{labels}": world.labels,
        "{picture}": str(make_scene("picture.tif", bands=3)),
        **{f"[{name}]": layer.id() for name, layer in layers.items()},
    }
    change = {name: files.get(str(value), value) for name, value in change.items()}
    assert words.replace("{polygons}", world.polygons) in refusal("train_classifier", **{**training, **change})


@pytest.mark.one_qgis
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"LABELS": "far"}, "No label of far.gpkg lies on the scene. In the CRS of the scene (EPSG:32633"),
    ],
)
def test_labels_the_engine_refuses(
    refusal: Refusal, training: dict[str, Any], layers: dict[str, Any], change: dict[str, Any], words: str
) -> None:
    change = {**change, "LABELS": layers[change["LABELS"]].id()}
    assert words in refusal("train_classifier", **{**training, **change})
    kept = last_failures(engine_location().failures)[-1]
    assert kept["what"] == "Train classifier"
    assert words in kept["message"]


@pytest.mark.one_qgis
def test_a_label_raster_in_another_crs(refusal: Refusal, training: dict[str, Any], world: Any, tmp_path: Path) -> None:
    other = str(tmp_path / "other.tif")
    gdal.Warp(other, world.labels, dstSRS="EPSG:4326")
    change = {"LABELS": None, "CLASS_FIELD": None, "LABELS_RASTER": other}
    said = refusal("train_classifier", **{**training, **change})
    assert "other.tif is not on the grid of the scene" in said
    assert "Set “Resampling of labels” to “Nearest pixel” or “Class with the largest share” to resample" in said


@pytest.mark.one_qgis
def test_names_that_the_map_does_not_have(
    refusal: Refusal, layers: dict[str, Any], mapped: dict[str, Any], outputs: Path
) -> None:
    reference = {"REFERENCE": layers["drawn"].id(), "CLASS_FIELD": "kind", "REPORT": str(outputs / "report.html")}
    said = refusal("assess_map", MAP=mapped["OUTPUT"], **reference)
    assert "holds classes that the legend does not name: elm, oak. The legend names: water, meadow, soil." in said


# ------------------------------------------------------------------------------------------ models and outputs


@pytest.mark.one_qgis
@pytest.mark.parametrize(
    ("model", "words"),
    [
        (None, "Model file: choose a file that ends in .hsimodel or .onnx."),
        ("scene.tif", "scene.tif” is the wrong type of file. Choose a file that ends in .hsimodel or .onnx."),
        ("gone.hsimodel", "gone.hsimodel': The file does not exist. Check the folder and the spelling."),
        ("x" * 300 + ".hsimodel", "cannot be used as a path: File name too long"),
        ("a\0b.hsimodel", "cannot be used as a path: embedded null byte"),
        ("no.hsimodel", "no.hsimodel': This is not a model: expected a zip archive, found something else."),
    ],
)
def test_a_model_that_is_none(
    refusal: Refusal, mapping: dict[str, Any], tmp_path: Path, model: str | None, words: str
) -> None:
    (tmp_path / "no.hsimodel").write_text("text")
    named = None if model is None else str(tmp_path / model)
    assert words in refusal("classify_scene", **{**mapping, "MODEL": named})


@pytest.mark.one_qgis
@pytest.mark.parametrize(
    ("output", "words"),
    [
        # Root may write everywhere but here.
        ("/proc/map.tif", "No file can be written in folder '/proc' of output 'map.tif'"),
        ("/tmp/a\0b.tif", "cannot be used as a path: embedded null byte"),
        ("{scene}/map.tif", "scene.tif/map.tif' does not exist; the nearest one that does is"),
    ],
)
def test_no_permission(refusal: Refusal, mapping: dict[str, Any], world: Any, output: str, words: str) -> None:
    assert words in refusal("classify_scene", **{**mapping, "OUTPUT": output.replace("{scene}", world.scene)})


@pytest.mark.one_qgis
@pytest.mark.new_process  # it inherits the limit
def test_no_disk_space(
    refusal: Refusal, mapping: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Python keeps what it compiles, also the half of it, and fails on that. Here it finds no folder to keep it in.
    (tmp_path / "bytecode").touch()
    monkeypatch.setenv("HSI_ENGINE_HOME", str(tmp_path))
    # The engine inherits the limit, behind which a file cannot grow, like one on a full disk.
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        said = refusal("classify_scene", **mapping)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "map.tif' cannot be written" in said
    assert "or choose another" in said


def test_an_output_that_is_open_where_open_files_are_not_replaced(
    run: Callable[..., Any], mapping: dict[str, Any], mapped: dict[str, Any], qgis_new_project: None, monkeypatch: Any
) -> None:
    QgsProject.instance().addMapLayer(QgsRasterLayer(mapped["OUTPUT"], "old map"))
    locking = form_checks.refuse_open_outputs
    monkeypatch.setattr(
        form_checks, "refuse_open_outputs", lambda project, paths: locking(project, paths, locks_open_files=True)
    )
    before = Path(mapped["OUTPUT"]).read_bytes()
    with pytest.raises(QgsProcessingException, match=r"is open as layer 'old map'.*Remove the layer from the project"):
        run("classify_scene", {**mapping, "OUTPUT": mapped["OUTPUT"]})
    assert Path(mapped["OUTPUT"]).read_bytes() == before


# ------------------------------------------------------------------------------------------ the engine


def managed(home: Path, requirements: str) -> None:
    """An environment of the plugin's own as a set-up leaves it."""
    location = engine_location()
    location.python.parent.mkdir(parents=True)
    location.python.touch()
    record = Record(
        engine_version="0.1.0",
        requirements=requirements,
        python=str(location.python),
        python_version="3.11.2",
        base_python="/gone/python3.11",
        packages={},
        torch_build="cpu",
        devices=(),
        installer="uv",
        seconds=1.0,
        time="2026-01-01T00:00:00+00:00",
    )
    write_record(location.record, record)


def with_gone_base(home: Path) -> None:
    managed(home, "any")
    engine_location().python.unlink()


def with_chosen_python(home: Path) -> None:
    QgsSettings().setValue(PYTHON_SETTING, "/gone/env/bin/python")


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda home: None, "The engine is not set up yet: run 'Set up engine' (Processing toolbox"),
        (lambda home: managed(home, "of an older plugin"), "This version of the plugin needs newer packages"),
        (with_gone_base, "The engine's Python no longer works, because /gone/python3.11 is gone: run 'Set up engine'"),
        (
            with_chosen_python,
            "The Python chosen for the engine cannot be used, because it no longer exists (/gone/env/bin/python): choose",
        ),
    ],
)
def test_an_engine_that_is_not_there(
    refusal: Refusal,
    mapping: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[[Path], None],
    words: str,
) -> None:
    monkeypatch.delenv("HSI_ENGINE_PYTHON")
    monkeypatch.setenv("HSI_ENGINE_HOME", str(tmp_path / "home"))
    prepare(tmp_path / "home")
    try:
        executable, message = QgsApplication.processingRegistry().algorithmById("hsi:classify_scene").canExecute()
        said = refusal("classify_scene", **mapping)
    finally:
        QgsSettings().remove(PYTHON_SETTING)
    assert not executable
    assert words in message
    assert words in said


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'no module named torch' >&2; exit 1", "does not run the engine (exit code 1: no module named torch)."),
        (
            """echo '{"type": "hello", "protocol": 1, "version": "0.0.1", "temporary_prefix": ".tmp-x-"}'; cat""",
            "does not match this plugin: expected version 0.1.0, protocol 1; found version 0.0.1, protocol 1.",
        ),
        ("kill -9 $$", "most likely because the computer ran out of memory"),
    ],
)
def test_an_engine_that_is_broken_or_older(
    refusal: Refusal,
    mapping: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    words: str,
) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    monkeypatch.setenv("HSI_ENGINE_PYTHON", str(python))
    assert words in refusal("classify_scene", **mapping)
    assert words in last_failures(engine_location().failures)[-1]["message"]


def test_an_engine_that_vanishes(refusal: Refusal, mapping: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HSI_ENGINE_PYTHON", "/gone/python")
    words = "The variable HSI_ENGINE_PYTHON names /gone/python, but it does not exist: correct the variable"
    assert words in refusal("classify_scene", **mapping)


def test_a_folder_in_the_place_of_the_engine(
    refusal: Refusal, mapping: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HSI_ENGINE_PYTHON", str(tmp_path))
    words = f"The variable HSI_ENGINE_PYTHON names {tmp_path}, but it is a folder: correct the variable"
    assert words in refusal("classify_scene", **mapping)


def test_a_failure_that_cannot_be_kept_does_not_hide_itself(
    run: Callable[..., Any], mapping: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    feedback = RecordingFeedback()
    monkeypatch.setenv("HSI_ENGINE_HOME", "/proc/nowhere")
    with pytest.raises(QgsProcessingException, match=r"gone\.hsimodel': The file does not exist"):
        run("classify_scene", {**mapping, "MODEL": str(tmp_path / "gone.hsimodel")}, feedback)
    assert any("could not be saved for the engine report" in warning for warning in feedback.warnings)


def test_an_engine_that_has_no_room_or_no_permission(
    refusal: Refusal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HSI_ENGINE_PYTHON")
    monkeypatch.setenv("HSI_ENGINE_HOME", "/proc/nowhere")
    said = refusal("set_up_engine", DEVICE_BUILD="cpu")
    assert "The engine's folder cannot be written: /proc/nowhere" in said
    assert "HSI_ENGINE_HOME" in said

    monkeypatch.setenv("HSI_ENGINE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(disk, "free_bytes", lambda folder: 10**9)
    said = refusal("set_up_engine", DEVICE_BUILD="cpu")
    assert "The disk is too full for the engine: 2.5 GB are needed" in said
    assert "Free 1.5 GB or more there" in said
