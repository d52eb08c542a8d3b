"""The jobs that faults are brought into, and what must come out of them."""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "data"))

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.operations.catalogue import CATALOGUE

SIZE = {"rows": 61, "cols": 47, "bands": 20}
NETWORK = {"model": "hybridsn", "components": 13, "patch_size": 9, "split": "random", "train_share": 0.5, "epochs": 4}


@dataclass(frozen=True)
class Job:
    """One operation on the inputs of a folder, with its outputs in another.

    Parameters
    ----------
    run : takes the folder of the inputs, that of the outputs, and whether to resume.
    kept : what a killed run may leave besides hidden temporary files, and a resumed one uses.
    """

    name: str
    run: Callable[[Path, Path, bool], Any]
    kept: tuple[str, ...] = ()


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
    make_scenes.write_scene(folder / "large.tif", rows=160, cols=128, bands=SIZE["bands"])
    given: dict[str, Any] = {"scene": scene, "labels": labels, "class_field": "class_id"}
    network = NETWORK | {"epochs": 1}
    hsi_engine.train_classifier(**given, output=folder / "network.hsimodel", **network)
    hsi_engine.train_classifier(**given, output=folder / "lda.hsimodel", model="lda", split="none")
    hsi_engine.classify_scene(scene=folder / "large.tif", model=folder / "lda.hsimodel", output=folder / "map.tif")
    scenes = folder / "scenes"
    scenes.mkdir()
    for seed in range(4):
        make_scenes.write_scene(scenes / f"scene_{seed}.tif", seed=seed, **SIZE)


def _labelled(inputs: Path) -> dict[str, Any]:
    return {"scene": inputs / "scene.tif", "labels": inputs / "polygons.gpkg", "class_field": "class_id"}


def _train(inputs: Path, out: Path, resume: bool) -> Any:
    return hsi_engine.train_classifier(**_labelled(inputs), output=out / "m.hsimodel", resume=resume, **NETWORK)


def _cross_fit(inputs: Path, out: Path, resume: bool) -> Any:
    return hsi_engine.train_classifier(
        **_labelled(inputs), output=out / "m.hsimodel", report=out / "r.html", model="lda", resume=resume
    )


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


def _archive(inputs: Path, out: Path, resume: bool) -> Any:
    return hsi_engine.classify_scenes(scenes=str(inputs / "scenes"), model=inputs / "lda.hsimodel", output=out / "maps")


def _compare(inputs: Path, out: Path, resume: bool) -> Any:
    return hsi_engine.compare_models(
        **_labelled(inputs), models="lda, spectral_angle", results=out / "results.json", report=out / "report.html"
    )


def _denoise(inputs: Path, out: Path, resume: bool) -> Any:
    return hsi_engine.denoise_scene(scene=inputs / "scene.tif", output=out / "scene.tif")


def _clean(inputs: Path, out: Path, resume: bool) -> Any:
    return hsi_engine.clean_map(map=inputs / "map.tif", min_area=3, output=out / "map.tif", table=out / "areas.csv")


def _export(inputs: Path, out: Path, resume: bool) -> Any:
    files = {"cog": out / "cog.tif", "polygons": out / "map.gpkg", "legend_file": out / "map.sld"}
    return hsi_engine.export_map(map=inputs / "map.tif", **files)


def _sample(inputs: Path, out: Path, resume: bool) -> Any:
    return hsi_engine.sample_reference_points(map=inputs / "map.tif", points=40, output=out / "points.gpkg")


JOBS = (
    Job("train", _train, ("m.hsimodel.checkpoint",)),
    Job("cross-fit", _cross_fit, ("m.hsimodel.checkpoint",)),
    Job("classify", _classify, ("map.tif.unfinished",)),
    Job("map", _map, ("map.tif.unfinished", "m.hsimodel.checkpoint")),
    Job("archive", _archive, ("maps",)),
    Job("compare", _compare, ("results.json.unfinished",)),
    Job("denoise", _denoise),
    Job("clean", _clean),
    Job("export", _export),
    Job("sample", _sample),
)


def contents(folder: Path) -> dict[str, str]:
    """A fingerprint of each output by its name: of its bytes; of a model its legend and weights."""
    return {
        str(path.relative_to(folder)): fingerprint(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".tmp-") for part in path.relative_to(folder).parts)
    }


def fingerprint(path: Path) -> str:
    """The same for two files of the same job; ``damaged`` for one that cannot be read."""
    try:
        if path.suffix == ".hsimodel":
            return _of_model(path)
        if path.suffix == ".json":
            json.loads(path.read_text())
        if path.suffix in (".html", ".json", ".jsonl"):
            return "text"  # states times and places
        return _digest(path.read_bytes())
    except Exception as error:  # whatever a damaged file leads to
        return f"damaged: {error}"


def _of_model(path: Path) -> str:
    bundle = read_bundle(path)
    parts = [str(bundle.legend.to_json()).encode()]
    for member in bundle.members:
        parts += [name.encode() + value.numpy().tobytes() for name, value in sorted((member.weights or {}).items())]
    return _digest(b"".join(parts))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
