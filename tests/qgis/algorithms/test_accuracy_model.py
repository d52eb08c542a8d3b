"""From a map to its accuracy, in a model of the designer and step by step: points, their classes, areas with intervals.

A raster of what the ground is plays the interpreter: its values are written to the points by an algorithm of QGIS, so
that the points no longer state how they were drawn, and the model does.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import (
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterRasterLayer,
    QgsProject,
)

from recording_feedback import RecordingFeedback

Source = QgsProcessingModelChildParameterSource


def test_a_model_from_a_map_to_its_area_adjusted_report(
    provider: Any, enmap: Path, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    ground = str(enmap / "labels.tif")
    class_map, mapped_right = map_with_errors(ground, tmp_path / "map.tif")
    path = tmp_path / "accuracy_of_my_map.model3"
    assert accuracy_model().toFile(str(path))

    model = QgsProcessingModelAlgorithm()
    assert model.fromFile(str(path))
    assert model.validate()[0], model.validate()[1]
    outputs = {one.name().rpartition(":")[2]: one.name() for one in model.destinationParameterDefinitions()}
    files = {outputs[title]: str(tmp_path / name) for title, name in (("Report", "r.html"), ("Figures", "m.json"))}
    results = processing.run(model, {"map": class_map, "ground": ground, **files}, feedback=feedback)

    assert results[outputs["Report"]] == str(tmp_path / "r.html")
    assert "How accurate is this map?" in (tmp_path / "r.html").read_text(encoding="utf-8")
    found = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
    assert (found["question"], found["design"], found["labelled"]) == ("this_map", "stratified", 200)
    low, high = found["overall"]["interval_95"]
    assert low < mapped_right < high
    assert all(one["area_ha"]["interval_95"][0] > 0 for one in found["classes"])


def test_the_three_steps_one_after_the_other(
    provider: Any, qgis_new_project: None, enmap: Path, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    """Draw points over the map, give each the class of the ground below it, assess: as a person does with dialogs."""
    ground = str(enmap / "labels.tif")
    class_map, mapped_right = map_with_errors(ground, tmp_path / "map.tif")
    sample = {"MAP": class_map, "POINTS": 200, "SEED": 11, "OUTPUT": str(tmp_path / "points.gpkg")}
    processing.runAndLoadResults("hsi:sample_reference_points", sample, feedback=feedback)
    (points,) = QgsProject.instance().mapLayersByName("map – reference points")
    choices = points.editorWidgetSetup(points.fields().lookupField("reference")).config()["map"]
    names = {name for choice in choices for name in choice.values()}

    opened = gdal.Open(ground)
    truth, place = opened.ReadAsArray(), gdal.InvGeoTransform(opened.GetGeoTransform())
    assert points.startEditing()
    for feature in list(points.getFeatures()):
        where = feature.geometry().asPoint()
        col, row = gdal.ApplyGeoTransform(place, where.x(), where.y())
        (name,) = (n for n in names if n in (str(truth[int(row), int(col)]), f"Class {truth[int(row), int(col)]}"))
        points.changeAttributeValue(feature.id(), points.fields().lookupField("reference"), name)
    assert points.commitChanges(), points.commitErrors()

    files = {"REPORT": str(tmp_path / "r.html"), "METRICS": str(tmp_path / "m.json")}
    results = processing.run("hsi:assess_map", {"MAP": class_map, "REFERENCE": points, **files}, feedback=feedback)
    found = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
    assert (found["question"], found["design"], found["labelled"]) == ("this_map", "stratified", 200)
    low, high = found["overall"]["interval_95"]
    assert low < mapped_right < high
    assert results["OVERALL_ACCURACY"] == pytest.approx(found["overall"]["value"])
    # The true area of each class lies in its interval, or barely outside one of six.
    pixel_ha = abs(opened.GetGeoTransform()[1] * opened.GetGeoTransform()[5]) / 10_000
    missed = [
        one["name"]
        for one in found["classes"]
        if not one["area_ha"]["interval_95"][0]
        <= (truth == one["value"]).sum() * pixel_ha
        <= one["area_ha"]["interval_95"][1]
    ]
    assert len(missed) <= 1, missed
    assert "How accurate is this map?" in (tmp_path / "r.html").read_text(encoding="utf-8")


def map_with_errors(ground: str, path: Path) -> tuple[str, float]:
    """The ground with every seventh pixel of another class, and the share that is right."""
    opened = gdal.Open(ground)
    truth, rng = opened.ReadAsArray(), np.random.default_rng(3)
    wrong = (rng.random(truth.shape) < 1 / 7) & (truth > 0)
    values = np.where(wrong, (truth + rng.integers(1, 6, truth.shape) - 1) % 6 + 1, truth).astype(np.uint8)
    written = gdal.GetDriverByName("GTiff").CreateCopy(str(path), opened)
    written.GetRasterBand(1).WriteArray(values)
    written = None  # closes the file
    return str(path), float((values == truth)[truth > 0].mean())


def accuracy_model() -> QgsProcessingModelAlgorithm:
    """map, ground → Sample reference points → Sample raster values → Assess map → Report, Figures"""
    model = QgsProcessingModelAlgorithm("Accuracy of my map", "test")
    for name, title in (("map", "Map"), ("ground", "What the ground is")):
        model.addModelParameter(QgsProcessingParameterRasterLayer(name, title), QgsProcessingModelParameter(name))
    drawn = _child(model, "hsi:sample_reference_points", {"MAP": _input("map"), "POINTS": _static(200)})
    labelled = _child(
        model,
        "native:rastersampling",
        {"INPUT": _output(drawn), "RASTERCOPY": _input("ground"), "COLUMN_PREFIX": _static("ground_")},
    )
    _child(
        model,
        "hsi:assess_map",
        {
            "MAP": _input("map"),
            "REFERENCE": _output(labelled),
            "CLASS_FIELD": _static("ground_1"),
            "DESIGN": _static("stratified"),
        },
        {"Report": "REPORT", "Figures": "METRICS"},
    )
    return model


def _child(
    model: QgsProcessingModelAlgorithm, name: str, sources: dict[str, Source], outputs: dict[str, str] | None = None
) -> str:
    child = QgsProcessingModelChildAlgorithm(name)
    child.setChildId(name.partition(":")[2])
    for parameter, source in sources.items():
        child.addParameterSources(parameter, [source])
    finals = {}
    for title, output in (outputs or {}).items():
        finals[title] = QgsProcessingModelOutput(title)
        finals[title].setChildId(child.childId())
        finals[title].setChildOutputName(output)
    child.setModelOutputs(finals)
    return str(model.addChildAlgorithm(child))


def _input(name: str) -> Source:
    return Source.fromModelParameter(name)


def _static(value: Any) -> Source:
    return Source.fromStaticValue(value)


def _output(child: str) -> Source:
    return Source.fromChildOutput(child, "OUTPUT")
