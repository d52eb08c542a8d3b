"""The form as it opens: labels of any kind become a map, all of them are used, and what is not known is said.

On the real EnMAP scene with three classes, three drawn squares of 4×4 pixels each, as someone would begin.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal, ogr

from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]

EDGE = 4
# Class value of the EnMAP labels → what the user calls it, in the order in which texts are numbered.
CLASSES = {4: "forest", 3: "meadow", 6: "water"}
# Points that the map may be behind a random forest: one scene and 3,540 pixels say no more than that.
SLACK = 0.02

# scikit-learn lives with the engine. Reads the pixels that were drawn, prints the share of the others that is right.
FOREST = """
import sys, numpy as np, rasterio
from sklearn.ensemble import RandomForestClassifier
scene, drawn, truth = sys.argv[1:]
read = lambda path: rasterio.open(path).read()
cube, drawn, truth = read(scene).astype("float32"), read(drawn)[0], read(truth)[0]
forest = RandomForestClassifier(500, random_state=0).fit(cube[:, drawn > 0].T, drawn[drawn > 0])
others = (truth > 0) & (drawn == 0)
print(np.mean(forest.predict(cube[:, others].T) == truth[others]))
"""


@dataclass(frozen=True)
class Drawing:
    """What was drawn, as polygons and as class 1, 2, 3 of each pixel; ``truth`` is the class of all known pixels."""

    polygons: str
    drawn: np.ndarray
    truth: np.ndarray


def _squares(is_class: np.ndarray, count: int) -> list[tuple[int, int]]:
    """Rows and columns of the upper left pixels of ``count`` squares inside a class, far from each other."""
    rows, cols = is_class.shape
    found = np.array(
        [
            (row, col)
            for row in range(0, rows - EDGE + 1, EDGE)
            for col in range(0, cols - EDGE + 1, EDGE)
            if is_class[row : row + EDGE, col : col + EDGE].all()
        ]
    )
    chosen = [found[0]]
    while len(chosen) < count:
        distance = np.min([np.abs(found - one).max(axis=1) for one in chosen], axis=0)
        chosen.append(found[distance.argmax()])
    return [(int(row), int(col)) for row, col in chosen]


def draw(enmap: Path, path: Path, squares: int) -> Drawing:
    """Squares of each class, as a person would draw them with the grid in sight."""
    source = gdal.Open(str(enmap / "labels.tif"))
    labels, (left, width, _, top, _, height) = source.ReadAsArray(), source.GetGeoTransform()
    truth, drawn = np.zeros_like(labels), np.zeros_like(labels)
    file = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = file.CreateLayer("drawn", source.GetSpatialRef(), ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("landuse", ogr.OFTString))
    for number, (value, name) in enumerate(CLASSES.items(), start=1):
        truth[labels == value] = number
        for row, col in _squares(labels == value, squares):
            drawn[row : row + EDGE, col : col + EDGE] = number
            corners = [(row, col), (row, col + EDGE), (row + EDGE, col + EDGE), (row + EDGE, col), (row, col)]
            ring = ", ".join(f"{left + c * width} {top + r * height}" for r, c in corners)
            feature = ogr.Feature(layer.GetLayerDefn())
            feature["landuse"] = name
            feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({ring}))"))
            layer.CreateFeature(feature)
    return Drawing(str(path), drawn, truth)


def _write_like(enmap: Path, path: Path, values: np.ndarray) -> str:
    copy = gdal.GetDriverByName("GTiff").CreateCopy(str(path), gdal.Open(str(enmap / "labels.tif")))
    copy.GetRasterBand(1).WriteArray(values)
    return str(path)


@dataclass(frozen=True)
class Mapped:
    """A run with nine squares, and what it said."""

    drawing: Drawing
    results: dict[str, Any]
    feedback: RecordingFeedback


@pytest.fixture(scope="module")
def nine(run: Run, enmap: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    """The form as it opens, but for the effort: the tests are to end today."""
    folder = tmp_path_factory.mktemp("nine")
    drawing, feedback = draw(enmap, folder / "drawn.gpkg", 3), RecordingFeedback()
    outputs = {"OUTPUT": folder / "map.tif", "MODEL_OUTPUT": folder / "map.hsimodel", "REPORT": folder / "report.html"}
    parameters = {
        "SCENE": str(enmap / "scene.tif"),
        "LABELS": drawing.polygons,
        "CLASS_FIELD": "landuse",
        "EFFORT": "quick",
        **{name: str(path) for name, path in outputs.items()},
    }
    return Mapped(drawing, run("train_and_classify", parameters, feedback), feedback)


def test_nine_squares_are_a_map_that_keeps_up_with_a_random_forest(
    nine: Mapped, enmap: Path, engine_python: Path, tmp_path: Path, measured: Callable[[str], None]
) -> None:
    drawn, truth = nine.drawing.drawn, nine.drawing.truth
    files = [_write_like(enmap, tmp_path / f"{name}.tif", v) for name, v in (("drawn", drawn), ("truth", truth))]
    words = [str(engine_python), "-c", FOREST, str(enmap / "scene.tif"), *files]
    forest = float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)

    others = (truth > 0) & (drawn == 0)
    found = gdal.Open(nine.results["OUTPUT"]).ReadAsArray()
    accuracy = float(np.mean(found[others] == truth[others]))

    measured(f"nine squares of 16 px: {accuracy:.1%} of {others.sum()} other pixels right; random forest {forest:.1%}")
    assert accuracy >= forest - SLACK


def test_all_labelled_pixels_are_trained_on(nine: Mapped) -> None:
    assert (nine.drawing.drawn > 0).sum() == 144
    assert "Trained with 144 labelled pixels." in nine.feedback.infos


def test_the_log_ends_with_method_reason_accuracy_and_report(nine: Mapped) -> None:
    infos = nine.feedback.infos
    (start,) = (number for number, line in enumerate(infos) if line.startswith("Method: "))
    method, why, trained, accuracy = infos[start : start + 4]
    assert why.startswith("Why: ")
    assert method.removeprefix("Method: ") != "."
    assert trained == "Trained with 144 labelled pixels."
    assert accuracy.startswith("Accuracy in separate places, 144 pixels tested by models that were trained elsewhere: ")
    assert f"Report: {nine.results['REPORT']}" in infos[start + 4 :]
    assert nine.results["OVERALL_ACCURACY"] > 0.8
    assert nine.results["LEAKAGE"] == 0
    assert not any("not known" in warning for warning in nine.feedback.warnings)


def test_no_setting_of_a_method_was_sent(nine: Mapped) -> None:
    (command,) = nine.feedback.commands
    options = {word for word in command.split() if word.startswith("--")}
    assert options == {
        "--scene",
        "--labels",
        "--class-field",
        "--effort",
        "--output",
        "--model-output",
        "--report",
    }


def test_one_square_a_class_is_a_map_and_a_warning(
    run: Run, enmap: Path, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    drawing = draw(enmap, tmp_path / "drawn.gpkg", 1)
    parameters = {
        "SCENE": str(enmap / "scene.tif"),
        "LABELS": drawing.polygons,
        "CLASS_FIELD": "landuse",
        "OUTPUT": str(tmp_path / "map.tif"),
        "MODEL_OUTPUT": str(tmp_path / "map.hsimodel"),
        "REPORT": str(tmp_path / "report.html"),
    }

    results = run("train_and_classify", parameters, feedback)

    found = gdal.Open(results["OUTPUT"]).ReadAsArray()
    assert set(np.unique(found)) == {0, 1, 2, 3}
    assert np.mean(found[drawing.drawn > 0] == drawing.drawn[drawing.drawn > 0]) > 0.9
    assert results["OVERALL_ACCURACY"] is None
    assert "Trained with 48 labelled pixels." in feedback.infos
    assert feedback.warnings[-1].startswith("The accuracy is not known")
    assert all(name in feedback.warnings[-1] for name in CLASSES.values())
    assert Path(results["REPORT"]).is_file()


def test_the_command_line_makes_the_same_map(
    run: Run, world: Any, engine_python: Path, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    made = {"OUTPUT": str(tmp_path / "qgis.tif"), "MODEL_OUTPUT": str(tmp_path / "qgis.hsimodel"), "EFFORT": "quick"}
    results = run("train_and_classify", {"SCENE": world.scene, "LABELS": world.few, "DEVICE": "cpu", **made}, feedback)

    words = ["map", "--scene", world.scene, "--labels", world.few, "--effort", "quick", "--device", "cpu"]
    outputs = ["--output", str(tmp_path / "hsi.tif"), "--model-output", str(tmp_path / "hsi.hsimodel")]
    subprocess.run([str(engine_python), "-m", "hsi_engine", *words, *outputs], capture_output=True, check=True)

    assert Path(results["OUTPUT"]).read_bytes() == (tmp_path / "hsi.tif").read_bytes()
