"""The jobs that faults are brought into, and what must come out of them."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "data"))

import hsi_engine
import make_scenes
from hsi_engine.operations.catalogue import CATALOGUE

SIZE = {"rows": 37, "cols": 29, "bands": 14}
NETWORK = {"model": "hybridsn", "components": 13, "patch_size": 9, "split": "random", "train_share": 0.2, "epochs": 3}


@dataclass(frozen=True)
class Job:
    """One operation on the inputs of a folder, with its outputs in another.

    Parameters
    ----------
    run : takes the folder of the inputs, that of the outputs, and whether to resume.
    reads : its inputs, the one first that is read longest.
    kept : files and folders that a run may leave that was killed or refused, and that a resumed one uses.
    keeps_finished : a run that is refused leaves the outputs that it had finished.
    """

    name: str
    run: Callable[[Path, Path, bool], Any]
    reads: tuple[str, ...]
    kept: tuple[str, ...] = ()
    keeps_finished: bool = False

    def keeps(self, name: str) -> bool:
        """Whether it may leave a file of that name, relative to the folder of its outputs."""
        return any(name == kept or name.startswith(f"{kept}/") for kept in self.kept)


def preload() -> None:
    """Load what the jobs need, so that a fork has it."""
    for operation in CATALOGUE.values():
        operation.load_run()
    for name in (
        "sklearn.discriminant_analysis",
        "matplotlib.pyplot",
        "lightning_fabric",
        "rasterio.features",
        "pyogrio",
    ):
        importlib.import_module(name)


def make_inputs(folder: Path) -> None:
    """The scene, labels, models and a map that the jobs need."""
    warnings.simplefilter("ignore")
    scene = make_scenes.write_scene(folder / "scene.tif", **SIZE)
    labels = make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)
    make_scenes.write_scene(folder / "large.tif", rows=128, cols=96, bands=SIZE["bands"])
    given: dict[str, Any] = {"scene": scene, "labels": labels, "class_field": "class_id"}
    network = NETWORK | {"epochs": 1}
    hsi_engine.train_classifier(**given, output=folder / "network.hsimodel", **network)
    hsi_engine.train_classifier(**given, output=folder / "lda.hsimodel", model="lda", split="none")
    hsi_engine.classify_scene(scene=folder / "large.tif", model=folder / "lda.hsimodel", output=folder / "map.tif")
    scenes = folder / "scenes"
    scenes.mkdir()
    for seed in range(3):
        make_scenes.write_scene(scenes / f"scene_{seed}.tif", seed=seed, **SIZE)


def _labelled(inputs: Path) -> dict[str, Any]:
    return {"scene": inputs / "scene.tif", "labels": inputs / "polygons.gpkg", "class_field": "class_id"}


def _train(inputs: Path, out: Path, resume: bool) -> Any:
    return hsi_engine.train_classifier(**_labelled(inputs), output=out / "m.hsimodel", resume=resume, **NETWORK)


def _cross_fit(inputs: Path, out: Path, resume: bool) -> Any:
    files = {"output": out / "m.hsimodel", "split_output": out / "split.tif"}
    return hsi_engine.train_classifier(**_labelled(inputs), **files, model="lda", folds=2, resume=resume)


def _classify(inputs: Path, out: Path, resume: bool) -> Any:
    rasters = {name: out / f"{name}.tif" for name in ("confidence", "probabilities")}
    model = inputs / "network.hsimodel"
    return hsi_engine.classify_scene(
        scene=inputs / "large.tif", model=model, output=out / "map.tif", tile_size=32, resume=resume, **rasters
    )


def _map(inputs: Path, out: Path, resume: bool) -> Any:
    return hsi_engine.train_and_classify(
        **_labelled(inputs),
        model="lda",
        split="random",
        output=out / "map.tif",
        model_output=out / "m.hsimodel",
        confidence=out / "confidence.tif",
        resume=resume,
    )


def _archive(inputs: Path, out: Path, resume: bool, processes: int = 1) -> Any:
    return hsi_engine.classify_scenes(
        scenes=str(inputs / "scenes"), model=inputs / "lda.hsimodel", output=out / "maps", processes=processes
    )


def _archive_in_processes(inputs: Path, out: Path, resume: bool) -> Any:
    return _archive(inputs, out, resume, processes=2)


def _compare(inputs: Path, out: Path, resume: bool) -> Any:
    return hsi_engine.compare_models(
        **_labelled(inputs), models="lda, logistic_regression", results=out / "results.json", folds=2, seeds=2
    )


def _denoise(inputs: Path, out: Path, resume: bool) -> Any:
    return hsi_engine.denoise_scene(scene=inputs / "scene.tif", output=out / "scene.tif", steps=9)


def _clean(inputs: Path, out: Path, resume: bool) -> Any:
    return hsi_engine.clean_map(map=inputs / "map.tif", min_area=3, output=out / "map.tif", table=out / "areas.csv")


def _export(inputs: Path, out: Path, resume: bool) -> Any:
    files = {"cog": out / "cog.tif", "polygons": out / "map.gpkg", "legend_file": out / "map.sld"}
    return hsi_engine.export_map(map=inputs / "map.tif", **files)


def _sample(inputs: Path, out: Path, resume: bool) -> Any:
    return hsi_engine.sample_reference_points(map=inputs / "map.tif", points=40, output=out / "points.gpkg")


_LABELLED = ("scene.tif", "polygons.gpkg")
_SCENES = ("scenes/scene_1.tif", "scenes/scene_2.tif", "lda.hsimodel")
_ABOUT_ALL = ("manifest.jsonl", ".whole.lock", "items.json", "summary.json", "index.html", "mosaic_EPSG_32633.vrt")
_OF_ARCHIVE = tuple(f"maps/{name}" for name in _ABOUT_ALL)
_CHECKPOINT = "m.hsimodel.checkpoint"

JOBS = (
    Job("train", _train, _LABELLED, (_CHECKPOINT,)),
    Job("cross-fit", _cross_fit, _LABELLED, (_CHECKPOINT,)),
    Job("classify", _classify, ("large.tif", "network.hsimodel"), ("map.tif.unfinished",)),
    Job("map", _map, _LABELLED, ("map.tif.unfinished", _CHECKPOINT), True),
    Job("archive", _archive, _SCENES, _OF_ARCHIVE, True),
    Job("compare", _compare, _LABELLED, ("results.json.parts",)),
    Job("denoise", _denoise, ("scene.tif",)),
    Job("clean", _clean, ("map.tif",)),
    Job("export", _export, ("map.tif",)),
    Job("sample", _sample, ("map.tif",)),
    Job("archive in processes", _archive_in_processes, _SCENES, _OF_ARCHIVE, True),
)
GROUPS = (("train", "classify", "map", "archive", "denoise"), ("cross-fit", "compare"), ("clean", "export", "sample"))
"""Names of jobs: quick ones that keep something to resume from or write long, slower ones, small ones; all others come last."""
