"""A folder as a user has it: a scene, labels, a model, a map, and outputs of an earlier day.

Tests of what the operations refuse change one parameter at a time, and compare what the folder holds before
and after: whatever fails must leave it as it was.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hsi_engine
import make_scenes
from hsi_engine.classes.legend import Legend
from hsi_engine.io.legends.style_files import write_class_map_style
from hsi_engine.io.maps.class_map import ClassMapWriter
from hsi_engine.io.scenes.scene import describe_scene
from hsi_engine.pixels.window import Window

BANDS = 16
QUICK = {"model": "hybridsn", "components": 13, "patch_size": 9, "epochs": 1, "split": "random", "train_share": 0.1}
OLD_OUTPUTS = ("m.hsimodel", "map.tif", "map.qml", "map.tif.aux.xml", "confidence.tif", "pca.tif")
OLD_REPORTS = ("report.html", "metrics.json", "statistics.json")


@dataclass(frozen=True)
class Project:
    """The folder and the operations on it, with parameters that are right unless a test changes them."""

    folder: Path

    def __truediv__(self, name: str) -> Path:
        return self.folder / name

    def run(self, operation: str, **changes: Any) -> Any:
        """Call ``hsi_engine.<operation>`` with everything right but ``changes``."""
        return getattr(hsi_engine, operation)(**(self.parameters(operation) | changes))

    def parameters(self, operation: str) -> dict[str, Any]:
        """Parameters that work."""
        scene, out = self / "scene.tif", self / "out"
        return {
            "inspect_scene": {"scene": scene, "report": out / "scene.html"},
            "colour_scene": {
                "scene": scene,
                "style": out / "scene.qml",
                "picture": out / "scene.png",
                "image": out / "image.tif",
            },
            "import_scene": {"scene": scene, "output": out / "imported.tif"},
            "denoise_scene": {
                "scene": scene,
                "output": out / "denoised.tif",
                "model_output": out / "d.hsidenoiser",
                "steps": 2,
            },
            "fit_pca": {
                "scene": scene,
                "components": 3,
                "output": out / "pca.tif",
                "statistics": out / "statistics.json",
            },
            "check_labels": {
                "scene": scene,
                "labels": self / "polygons.gpkg",
                "report": out / "report.html",
            },
            "preview": {
                "scene": scene,
                "labels": self / "polygons.gpkg",
                "output": out / "preview.tif",
                "cache": out / "cache",
            },
            "train_classifier": {
                "scene": scene,
                "labels": self / "polygons.gpkg",
                "output": out / "m.hsimodel",
                "report": out / "report.html",
                **QUICK,
            },
            "train_and_classify": {
                "scene": scene,
                "labels": self / "polygons.gpkg",
                "output": out / "map.tif",
                "model_output": out / "m.hsimodel",
                **QUICK,
            },
            "compare_models": {
                "scene": scene,
                "labels": self / "polygons.gpkg",
                "models": "lda, logistic_regression",
                "seeds": 1,
                "results": out / "metrics.json",
                "report": out / "report.html",
            },
            "classify_scene": {
                "scene": scene,
                "model": self / "model.hsimodel",
                "output": out / "map.tif",
                "confidence": out / "confidence.tif",
            },
            "classify_scenes": {
                "scenes": str(scene),
                "model": self / "model.hsimodel",
                "output": out / "maps",
                "processes": 1,
            },
            "band_importance": {
                "scene": scene,
                "labels": self / "polygons.gpkg",
                "model": self / "model.hsimodel",
                "folds": 2,
                "repeats": 2,
                "groups": 2,
                "pixels": 50,
                "report": out / "report.html",
            },
            "explain_pixel": {
                "scene": scene,
                "model": self / "model.hsimodel",
                "row": 3,
                "col": 4,
                "report": out / "report.html",
            },
            "model_information": {"model": self / "model.hsimodel", "scene": scene, "report": out / "report.html"},
            "export_model": {"model": self / "model.hsimodel", "stac": out / "model.json", "card": out / "model.md"},
            "clean_map": {
                "map": self / "map.tif",
                "majority": 3,
                "min_area": 4,
                "area_unit": "px",
                "output": out / "map.tif",
                "table": out / "areas.csv",
            },
            "export_map": {
                "map": self / "map.tif",
                "cog": out / "map.tif",
                "polygons": out / "polygons.gpkg",
                "legend_file": out / "legend.sld",
            },
            "sample_reference_points": {"map": self / "map.tif", "points": 40, "output": out / "points.gpkg"},
            "suggest_labels": {
                "scene": scene,
                "model": self / "model.hsimodel",
                "labels": self / "polygons.gpkg",
                "points": 10,
                "output": out / "points.gpkg",
            },
            "assess_map": {
                "map": self / "map.tif",
                "reference": self / "polygons.gpkg",
                "report": out / "report.html",
                "metrics": out / "metrics.json",
            },
        }[operation]

    def contents(self) -> dict[str, str]:
        """SHA-256 of every file by its path in the folder, hidden ones too."""
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }


def make_project(folder: Path) -> Project:
    """Write the files, train the model and leave older outputs where new ones are to go."""
    project = Project(folder)
    scene = make_scenes.write_scene(project / "scene.tif", bands=BANDS)
    make_scenes.write_labels(project / "labels.tif", like=scene)
    make_scenes.write_polygons(project / "polygons.gpkg", like=scene)
    write_true_map(project / "map.tif", scene)
    project.run("train_classifier", output=project / "model.hsimodel", report=None)
    (project / "out").mkdir()
    for name in (*OLD_OUTPUTS, *OLD_REPORTS):
        (project / "out" / name).write_text(f"{name} of an earlier day")
    return project


def write_true_map(path: Path, scene: Path) -> None:
    """A class map of the whole scene, as classifying writes it, that is right everywhere."""
    legend = Legend.of(make_scenes.CLASS_NAMES, make_scenes.CLASS_COLOURS)
    cover = make_scenes.land_cover()
    with ClassMapWriter(path, describe_scene(scene).grid, legend) as writer:
        writer.write(Window.of_shape(cover.shape), cover)
    write_class_map_style(path, legend)
