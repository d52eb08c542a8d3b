"""One job through Python, the command, a request file and the worker: the same files and the same answers."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import make_scenes
from entry_points import Json, timeless
from forked_entry_points import answer_through
from hsi_engine.bundle.model_file import read_bundle

Params = dict[str, Any]

# Every entry point works in a separate folder with the same names, so that not even a path may differ.
LABELS: Params = {"labels": "polygons.gpkg", "class_field": "class_id"}
SMALL: Params = {
    "model": "hybridsn",
    "components": 13,
    "patch_size": 9,
    "epochs": 2,
    "split": "random",
    "train_share": 0.3,
}
JOB: dict[str, Params] = {
    "check_labels": {"scene": "scene.tif", **LABELS, "problems": "problems.gpkg", "report": "labels.html"},
    "inspect_scene": {"scene": "scene.tif", "report": "scene.html"},
    "colour_scene": {"scene": "scene.tif", "style": "scene.qml", "picture": "scene.png", "image": "image.tif"},
    "import_scene": {"scene": "scene.tif", "output": "imported.tif"},
    "denoise_scene": {"scene": "scene.tif", "output": "denoised.tif", "model_output": "d.hsidenoiser", "steps": 4},
    "train_classifier": {"scene": "scene.tif", **LABELS, **SMALL, "validation_share": 0.1, "output": "m.hsimodel"},
    "classify_scene": {
        "scene": "scene.tif",
        "model": "m.hsimodel",
        "output": "map.tif",
        "confidence": "confidence.tif",
    },
    "classify_scenes": {"scenes": "scene.tif", "model": "m.hsimodel", "output": "many", "processes": 1},
    "compare_models": {
        "scene": "scene.tif",
        **LABELS,
        "models": "lda, spectral_cnn(epochs=1, patch_size=3)",
        "seeds": 1,
        "folds": 2,
        "results": "comparison.json",
        "report": "comparison.html",
    },
    "explain_pixel": {"scene": "scene.tif", "model": "m.hsimodel", "row": 3, "col": 36, "report": "pixel.html"},
    "band_importance": {
        "scene": "scene.tif",
        **LABELS,
        "model": "m.hsimodel",
        "folds": 2,
        "repeats": 2,
        "groups": 2,
        "pixels": 50,
        "report": "importance.html",
        "table": "importance.csv",
    },
    "model_information": {"model": "m.hsimodel", "scene": "scene.tif", "report": "model.html"},
    "export_model": {"model": "m.hsimodel", "card": "card.md"},
    "assess_map": {
        "map": "map.tif",
        "reference": "polygons.gpkg",
        "class_field": "class_id",
        "metrics": "metrics.json",
        "table": "table.csv",
    },
    "clean_map": {
        "map": "map.tif",
        "majority": 3,
        "min_area": 0.5,
        "area_unit": "ha",
        "output": "clean.tif",
        "table": "areas.csv",
    },
    "export_map": {
        "map": "map.tif",
        "min_area": 3,
        "area_unit": "px",
        "cog": "cog.tif",
        "polygons": "polygons_of_map.gpkg",
        "legend_file": "legend.sld",
    },
    "sample_reference_points": {"map": "map.tif", "points": 60, "seed": 3, "output": "points.gpkg"},
    "suggest_labels": {
        "scene": "scene.tif",
        "model": "m.hsimodel",
        "labels": "polygons.gpkg",
        "points": 12,
        "seed": 3,
        "output": "next.gpkg",
    },
}
COMMANDS = {
    "check_labels": "check-labels",
    "compare_models": "compare",
    "inspect_scene": "info",
    "colour_scene": "colour",
    "import_scene": "import",
    "denoise_scene": "denoise",
    "train_classifier": "train",
    "classify_scene": "classify",
    "classify_scenes": "classify-many",
    "explain_pixel": "explain",
    "band_importance": "importance",
    "model_information": "model-info",
    "export_model": "export-model",
    "assess_map": "assess",
    "clean_map": "clean",
    "export_map": "export-map",
    "sample_reference_points": "sample",
    "suggest_labels": "suggest-labels",
}
MAP_FILES = ("map.tif", "map.qml", "map.tif.aux.xml", "confidence.tif", "confidence.qml")
MANY_FILES = ("many/scene_map.tif", "many/scene_map.json", "many/items.json", "many/mosaic_EPSG_32633.vrt")
ACCURACY_FILES = ("metrics.json", "table.csv")
SCENE_FILES = ("scene.html",)
COLOUR_FILES = ("scene.qml", "scene.png", "image.tif")
IMPORTED_FILES = ("imported.tif", "imported.qml")
DENOISED_FILES = ("denoised.tif", "d.hsidenoiser")
LABEL_FILES = ("problems.gpkg", "labels.html", "model.html", "pixel.html", "importance.html")
COMPARISON_FILES = ("comparison.json", "comparison.html")
CLEANED_FILES = ("clean.tif", "clean.qml", "clean.tif.aux.xml", "areas.csv")
EXPORTED_FILES = ("cog.tif", "cog.qml", "cog.tif.aux.xml", "polygons_of_map.gpkg", "legend.sld")

SAMPLE_FILES = ("points.gpkg", "next.gpkg")
IMPORTANCE_FILES = ("importance.csv",)

OTHER_ENTRIES = ("command", "request_file", "worker")
# A request file is the same for every operation, and then goes the way of a command.
OF_REQUEST_FILE = ("train_classifier", "classify_scene", "assess_map")


def operations_of(entry: str) -> list[str]:
    return [name for name in JOB if entry != "request_file" or name in OF_REQUEST_FILE]


@dataclass(frozen=True)
class Outcome:
    """What a job left in its folder, and what it answered."""

    folder: Path
    answers: dict[str, Json]


class Outcomes(dict[str, Outcome]):
    """Of each entry point; its jobs run when it is first asked for."""

    def __init__(self, inputs: Path) -> None:
        super().__init__()
        self._inputs = inputs

    def __missing__(self, entry: str) -> Outcome:
        # Copies: a GeoPackage holds the time when it was written, and the model the hash of its labels.
        folder = Path(shutil.copytree(self._inputs, self._inputs.with_name(f"{self._inputs.name}_{entry}")))
        answers = {
            name: answer_through(entry, folder, name, COMMANDS[name], JOB[name]) for name in operations_of(entry)
        }
        return self.setdefault(entry, Outcome(folder, answers))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    inputs = tmp_path_factory.mktemp("inputs")
    scene = make_scenes.write_scene(inputs / "scene.tif", rows=45, cols=37, bands=16)
    make_scenes.write_polygons(inputs / "polygons.gpkg", like=scene)
    return Outcomes(inputs)


def sha256(folder: Path, names: tuple[str, ...]) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


@pytest.mark.parametrize("entry", OTHER_ENTRIES)
def test_files_are_the_same_byte_for_byte(outcomes: Outcomes, entry: str) -> None:
    made = MAP_FILES + ACCURACY_FILES
    if entry != "request_file":
        made += MANY_FILES + CLEANED_FILES + EXPORTED_FILES + COLOUR_FILES + IMPORTED_FILES
        made += DENOISED_FILES + SAMPLE_FILES + IMPORTANCE_FILES
    assert sha256(outcomes[entry].folder, made) == sha256(outcomes["python"].folder, made)


@pytest.mark.parametrize("entry", OTHER_ENTRIES)
def test_models_are_the_same(outcomes: Outcomes, entry: str) -> None:
    first, second = (zipfile.ZipFile(outcomes[name].folder / "m.hsimodel") for name in ("python", entry))
    with first, second:
        for member in ("weights.safetensors", "preprocessing.safetensors"):
            assert second.read(member) == first.read(member), member
    ours, theirs = (read_bundle(outcomes[name].folder / "m.hsimodel") for name in ("python", entry))
    assert theirs.id == ours.id
    assert timeless(theirs.manifest()) == timeless(ours.manifest())


@pytest.mark.parametrize(
    ("entry", "operation"), [(entry, name) for entry in OTHER_ENTRIES for name in operations_of(entry)]
)
def test_answers_are_the_same(outcomes: Outcomes, entry: str, operation: str) -> None:
    ours, theirs = (outcomes[name].answers[operation] for name in ("python", entry))
    assert list(theirs) == list(ours)
    assert timeless(theirs) == timeless(ours)


@pytest.mark.parametrize("entry", ["python", "command", "worker"])
def test_nothing_else_is_left(outcomes: Outcomes, entry: str) -> None:
    left = {path.name for path in outcomes[entry].folder.iterdir()}
    written = {*MAP_FILES, *ACCURACY_FILES, *LABEL_FILES, *CLEANED_FILES, *SCENE_FILES, *COLOUR_FILES, *DENOISED_FILES}
    assert left == {
        "scene.tif",
        "polygons.gpkg",
        "m.hsimodel",
        "card.md",
        "many",
        *written,
        *SAMPLE_FILES,
        *COMPARISON_FILES,
        *IMPORTED_FILES,
        *IMPORTANCE_FILES,
        *EXPORTED_FILES,
    }
