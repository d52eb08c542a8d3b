"""The kinds of input that are made hostile: which files they need, what is done to them, and the job that then reads them."""

from __future__ import annotations

import contextlib
import random
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import mutations
from . import damage, parameters, spatial
from .project import LDA, NETWORK

Bytes = Callable[[random.Random, bytes], bytes]
# Damages the folder and says which job reads it.
Make = Callable[[random.Random, Path], "Trial"]


@dataclass(frozen=True)
class Trial:
    """A job on the files of a folder, which is the current one when it runs.

    Parameters
    ----------
    operation, params : as in a request.
    keeps : endings of names that the job may leave although it is refused.
    """

    operation: str
    params: Mapping[str, Any]
    keeps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of input.

    Parameters
    ----------
    files : the clean files that a trial needs.
    make : see :data:`Make`.
    """

    files: tuple[str, ...]
    make: Make


SCENE = ("scene.tif",)
POLYGONS = ("polygons.gpkg",)
SHAPEFILE = ("polygons.shp", "polygons.shx", "polygons.dbf", "polygons.prj", "polygons.cpg")
MAP = ("map.tif", "map.tif.aux.xml", "map.qml")
_KEPT_MODEL, _KEPT_MAP = (".checkpoint",), (".unfinished",)


def in_file(name: str, change: Bytes) -> Callable[[random.Random, Path], None]:
    """Change the bytes of a file of the folder."""

    def changed(rng: random.Random, folder: Path) -> None:
        file = folder / name
        file.write_bytes(change(rng, file.read_bytes()))

    return changed


def on_file(name: str, change: Callable[[random.Random, Path], None]) -> Callable[[random.Random, Path], None]:
    """Change a file of the folder in place."""
    return lambda rng, folder: change(rng, folder / name)


def kind(files: tuple[str, ...], harm: Callable[[random.Random, Path], None], *jobs: Trial) -> Kind:
    """Harm is done, then one of the jobs runs; the first most often."""

    def make(rng: random.Random, folder: Path) -> Trial:
        harm(rng, folder)
        return jobs[0] if rng.random() < 0.5 else rng.choice(jobs)

    return Kind(files, make)


def _scene_jobs(scene: str) -> tuple[Trial, ...]:
    return (
        Trial("inspect_scene", {"scene": scene}),
        Trial("inspect_scene", {"scene": scene, "statistics": True}),
        Trial("import_scene", {"scene": scene, "output": "imported.tif"}),
        Trial("fit_pca", {"scene": scene, "components": 3, "output": "pca.tif", "statistics": "pca.json"}),
        Trial("colour_scene", {"scene": scene, "picture": "scene.png", "image": "image.tif", "style": "scene.qml"}),
        Trial("classify_scene", {"scene": scene, "model": "lda.hsimodel", "output": "new.tif"}, _KEPT_MAP),
        Trial("denoise_scene", {"scene": scene, "output": "denoised.tif", "steps": 1}),
    )


def _label_jobs(labels: str, **params: Any) -> tuple[Trial, ...]:
    given = {"scene": "scene.tif", "labels": labels, **params}
    assessed = {"map": "map.tif", "reference": labels, "metrics": "m.json", "table": "m.csv"}
    return (
        Trial("assess_map", assessed),
        Trial("assess_map", assessed | {"class_field": "class_name"}),
        Trial("train_classifier", given | LDA | {"output": "m.hsimodel"}, _KEPT_MODEL),
        Trial("train_classifier", given | LDA | {"output": "m.hsimodel", "resampling": "majority"}, _KEPT_MODEL),
        Trial("check_labels", given | {"problems": "problems.gpkg"}),
    )


def _legend_jobs(legend: str) -> tuple[Trial, ...]:
    return (
        Trial("export_map", {"map": "map.tif", "legend": legend, "legend_file": "out.qml", "cog": "cog.tif"}),
        Trial("check_labels", {"scene": "scene.tif", "labels": "polygons.gpkg", "legend": legend}),
        Trial("clean_map", {"map": "map.tif", "legend": legend, "output": "clean.tif", "table": "clean.csv"}),
        Trial(
            "train_classifier",
            {"scene": "scene.tif", "labels": "labels.tif", "legend": legend, "output": "m.hsimodel", **LDA},
        ),
    )


def _model_jobs(model: str) -> tuple[Trial, ...]:
    return (
        Trial("model_information", {"model": model}),
        Trial("model_information", {"model": model, "scene": "scene.tif"}),
        Trial(
            "classify_scene",
            {"scene": "scene.tif", "model": model, "output": "new.tif", "confidence": "c.tif"},
            _KEPT_MAP,
        ),
        Trial("export_model", {"model": model, "stac": "model.json", "card": "model.md"}),
        Trial("explain_pixel", {"model": model, "scene": "scene.tif", "row": 3, "col": 4}),
    )


_MAP_JOBS = (
    Trial("export_map", {"map": "map.tif", "cog": "cog.tif", "polygons": "p.gpkg", "legend_file": "legend.sld"}),
    Trial("clean_map", {"map": "map.tif", "majority": 3, "output": "clean.tif", "table": "clean.csv"}),
    Trial("assess_map", {"map": "map.tif", "reference": "polygons.gpkg", "metrics": "m.json"}),
    Trial("sample_reference_points", {"map": "map.tif", "points": 20, "output": "points.gpkg"}),
)
_BESIDE_LABELS = ("labels.tif.aux.xml", "labels.qml")


def _beside_labels(rng: random.Random, folder: Path) -> None:
    """The style or table of a map next to labels, damaged."""
    for name, source in zip(_BESIDE_LABELS, ("map.tif.aux.xml", "map.qml"), strict=True):
        if rng.random() < 0.7:
            (folder / name).write_bytes(damage.xml_of(rng, (folder / source).read_bytes()))


def _style_beside(rng: random.Random, folder: Path) -> None:
    """A style next to polygons, damaged."""
    source = folder / rng.choice(("vector.qml", "rules.qml"))
    (folder / "polygons.qml").write_bytes(damage.xml_of(rng, source.read_bytes()))


def _a_style(rng: random.Random, folder: Path) -> None:
    source = folder / rng.choice(("legend.qml", "vector.qml", "rules.qml", "ramp.qml"))
    (folder / "l.qml").write_bytes(damage.xml_of(rng, source.read_bytes()))


def _in_model(model: str, member: str, change: Bytes) -> Callable[[random.Random, Path], None]:
    return in_file(model, lambda rng, content: parameters.with_member(content, member, lambda data: change(rng, data)))


def _in_a_model(member: str, change: Bytes, *models: str) -> Callable[[random.Random, Path], None]:
    def harm(rng: random.Random, folder: Path) -> None:
        chosen = rng.choice(models)
        if chosen != "m.hsimodel":
            shutil.copy2(folder / chosen, folder / "m.hsimodel")
        _in_model("m.hsimodel", member, change)(rng, folder)

    return harm


def _journal(rng: random.Random, folder: Path) -> None:
    unfinished = folder / "new.tif.unfinished"
    if rng.random() < 0.8:
        in_file("journal", damage.lines_of)(rng, unfinished)
    else:
        file = rng.choice(sorted(unfinished.iterdir()))
        file.write_bytes(damage.bytes_of(rng, file.read_bytes()))


def _archive(rng: random.Random, folder: Path) -> None:
    files = sorted(file for file in (folder / "maps").rglob("*") if file.is_file() and not file.is_symlink())
    texts = [file for file in files if file.suffix in (".json", ".jsonl")]
    file = rng.choice(texts if rng.random() < 0.8 else files)
    change = {".json": damage.json_of, ".jsonl": damage.lines_of}.get(file.suffix, damage.bytes_of)
    times = file.stat()
    file.write_bytes(change(rng, file.read_bytes()))
    import os

    os.utime(file, (times.st_atime, times.st_mtime))


def _product(name: str, entry: Path) -> Kind:
    def make(rng: random.Random, folder: Path) -> Trial:
        copied = Path(shutil.copytree(entry.parent, folder / entry.parent.name)) / entry.name
        for _ in range(rng.choice((1, 1, 2))):
            with contextlib.suppress(OSError, ValueError, KeyError, RuntimeError, IndexError):  # too damaged for more
                rng.choice(mutations.mutations_of(copied))(rng, copied)
        return rng.choice(_scene_jobs(str(copied.relative_to(folder)))[:3])

    return Kind((), make)


def _products() -> dict[str, Path]:
    """The entry files of miniature products; none if they are not on this machine."""
    return mutations.entries() if mutations.PRODUCTS.is_dir() else {}


_NET_MODELS = ("net.hsimodel", "lda.hsimodel", "forest.hsimodel")

KINDS: dict[str, Kind] = {
    "geotiff": kind((*SCENE, "lda.hsimodel"), on_file("scene.tif", spatial.raster), *_scene_jobs("scene.tif")),
    "envi_header": kind(
        ("envi.bsq", "envi.hdr", "lda.hsimodel"), in_file("envi.hdr", spatial.header), *_scene_jobs("envi.bsq"), *_scene_jobs("envi.hdr")
    ),
    "matlab_5": kind(("v5.mat", "lda.hsimodel"), in_file("v5.mat", damage.bytes_of), *_scene_jobs("v5.mat")),
    "matlab_73": kind(("v73.mat", "lda.hsimodel"), on_file("v73.mat", lambda r, p: r.choice((mutations.edit_contents, mutations.flip_early_bytes))(r, p)), *_scene_jobs("v73.mat")),
    "geopackage": kind((*SCENE, *POLYGONS, *MAP), on_file("polygons.gpkg", spatial.database), *_label_jobs("polygons.gpkg")),
    "geojson": kind((*SCENE, "polygons.geojson", *MAP), in_file("polygons.geojson", spatial.geojson), *_label_jobs("polygons.geojson")),
    "shapefile": kind((*SCENE, *SHAPEFILE, *MAP), on_file("polygons.shp", spatial.shapefile), *_label_jobs("polygons.shp")),
    "label_raster": kind((*SCENE, "labels.tif", *MAP), on_file("labels.tif", spatial.raster), *_label_jobs("labels.tif")),
    "label_sidecar": kind((*SCENE, "labels.tif", *MAP), _beside_labels, *_label_jobs("labels.tif")),
    "label_style": kind((*SCENE, *POLYGONS, *MAP, "vector.qml", "rules.qml"), _style_beside, *_label_jobs("polygons.gpkg")),
    "style": kind((*SCENE, *POLYGONS, "labels.tif", *MAP, "legend.qml", "vector.qml", "rules.qml", "ramp.qml"), _a_style, *_legend_jobs("l.qml")),
    "legend": kind((*SCENE, *POLYGONS, "labels.tif", *MAP, "legend.json"), in_file("legend.json", damage.json_of), *_legend_jobs("legend.json")),
    "colour_file": kind((*SCENE, *POLYGONS, "labels.tif", *MAP, "legend.clr"), in_file("legend.clr", damage.text_of), *_legend_jobs("legend.clr")),
    "map": kind((*POLYGONS, *MAP), on_file("map.tif", spatial.raster), *_MAP_JOBS),
    "map_sidecar": kind((*POLYGONS, *MAP), lambda r, f: spatial.document(r, f / r.choice(("map.tif.aux.xml", "map.qml"))), *_MAP_JOBS),
    "wavelengths": kind(
        (*SCENE, "waves.csv"), in_file("waves.csv", damage.text_of), Trial("inspect_scene", {"scene": "scene.tif", "wavelengths": "waves.csv"})
    ),
    "model_archive": kind((*SCENE, "lda.hsimodel"), in_file("lda.hsimodel", damage.zip_of), *_model_jobs("lda.hsimodel")),
    "model_manifest": kind((*SCENE, *_NET_MODELS), _in_a_model("manifest.json", damage.json_of, *_NET_MODELS), *_model_jobs("m.hsimodel")),
    "model_tensors": kind(
        (*SCENE, "net.hsimodel"), _in_a_model("weights.safetensors", damage.safetensors_of, "net.hsimodel"), *_model_jobs("m.hsimodel")
    ),
    "model_estimators": kind(
        (*SCENE, *_NET_MODELS[1:]), _in_a_model("weights.safetensors", damage.safetensors_of, *_NET_MODELS[1:]), *_model_jobs("m.hsimodel")
    ),
    "model_preprocessing": kind(
        (*SCENE, *_NET_MODELS), _in_a_model("preprocessing.safetensors", damage.safetensors_of, *_NET_MODELS), *_model_jobs("m.hsimodel")
    ),
    "model_graph": kind((*SCENE, "lda.onnx"), in_file("lda.onnx", damage.bytes_of), *_model_jobs("lda.onnx")),
    "denoiser": kind(
        (*SCENE, "d.hsidenoiser"),
        lambda r, f: in_file("d.hsidenoiser", r.choice((damage.zip_of, parameters.in_denoiser)))(r, f),
        Trial("denoise_scene", {"scene": "scene.tif", "model": "d.hsidenoiser", "output": "denoised.tif"}),
    ),
    "checkpoint": kind(
        (*SCENE, *POLYGONS, "new.hsimodel.checkpoint"), in_file("new.hsimodel.checkpoint", damage.safetensors_of),
        Trial("train_classifier", {"scene": "scene.tif", "labels": "polygons.gpkg", **NETWORK, "output": "new.hsimodel", "resume": True}, _KEPT_MODEL),
    ),
    "journal": kind(
        (*SCENE, "lda.hsimodel", "new.tif.unfinished"), _journal,
        Trial("classify_scene", {"scene": "scene.tif", "model": "lda.hsimodel", "output": "new.tif", "tile_size": 16, "resume": True}, _KEPT_MAP),
    ),
    "archive": kind(
        (*SCENE, "lda.hsimodel", "maps"), _archive,
        Trial("classify_scenes", {"scenes": "scene.tif", "model": "lda.hsimodel", "output": "maps", "processes": 1, "resume": True}, ("maps/", "lock")),
    ),
    "scene_list": kind(
        (*SCENE, "lda.hsimodel", "scenes.txt", "scenes.json"),
        lambda r, f: in_file("scenes.txt", damage.text_of)(r, f) if r.random() < 0.5 else in_file("scenes.json", damage.json_of)(r, f),
        *(Trial("classify_scenes", {"scenes": name, "model": "lda.hsimodel", "output": "maps", "processes": 1, "dry_run": True}) for name in ("scenes.txt", "scenes.json")),
    ),
    "reference_sample": kind(
        (*SCENE, *MAP, "points.gpkg"), on_file("points.gpkg", spatial.database),
        Trial("assess_map", {"map": "map.tif", "reference": "points.gpkg", "metrics": "m.json", "table": "m.csv"}),
    ),
    "strata_table": kind(
        (*SCENE, *MAP, "points.geojson", "strata.csv"), in_file("strata.csv", damage.text_of),
        Trial("assess_map", {"map": "map.tif", "reference": "points.geojson", "class_field": "class_name", "strata": "strata.csv",
                             "stratum_field": "stratum", "design": "stratified", "metrics": "m.json"}),
    ),
    "split": kind(
        (*SCENE, *POLYGONS, "split.tif"), on_file("split.tif", spatial.raster),
        Trial("train_classifier", {"scene": "scene.tif", "labels": "polygons.gpkg", "model": "lda", "split_source": "split.tif", "output": "m.hsimodel"}, _KEPT_MODEL),
    ),
    "mask": kind(
        (*SCENE, "lda.hsimodel", *POLYGONS), on_file("polygons.gpkg", spatial.database),
        Trial("classify_scene", {"scene": "scene.tif", "model": "lda.hsimodel", "mask": "polygons.gpkg", "output": "new.tif"}, _KEPT_MAP),
    ),
    **{f"product_{name}": _product(name, entry) for name, entry in _products().items()},
    **{f"parameters_{name}": Kind(parameters.FILES, make) for name, make in parameters.makers(Trial).items()},
}  # fmt: skip
