"""Hostile values of every parameter of every operation, and the members of model files."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.operations.definition.describe import describe_operation

from . import damage, odd
from .project import LDA

FILES = (
    "scene.tif", "polygons.gpkg", "labels.tif", "map.tif", "map.tif.aux.xml", "map.qml", "lda.hsimodel", "legend.json", "waves.csv",
    "points.gpkg",
)  # fmt: skip
# Not about data: they set up a machine, load what is not here, or take minutes.
_LEFT_OUT = ("run_demo", "check_engine")
_LABELLED = {"scene": "scene.tif", "labels": "polygons.gpkg"}

# What works, and fast; one or some of these are then changed, or others added.
USUAL: dict[str, dict[str, Any]] = {
    "inspect_scene": {"scene": "scene.tif"},
    "import_scene": {"scene": "scene.tif", "output": "i.tif"},
    "colour_scene": {"scene": "scene.tif", "style": "s.qml", "picture": "s.png", "image": "i.tif"},
    "check_labels": {**_LABELLED},
    "preview": {**_LABELLED, "output": "p.tif", "cache": "cache"},
    "train_classifier": {**_LABELLED, **LDA, "output": "m.hsimodel"},
    "classify_scene": {"scene": "scene.tif", "model": "lda.hsimodel", "output": "n.tif"},
    "classify_scenes": {"scenes": "scene.tif", "model": "lda.hsimodel", "output": "maps", "processes": 1},
    "suggest_labels": {"scene": "scene.tif", "model": "lda.hsimodel", "output": "q.gpkg", "points": 5},
    "train_and_classify": {**_LABELLED, **LDA, "output": "n.tif", "model_output": "m.hsimodel"},
    "explain_pixel": {"scene": "scene.tif", "model": "lda.hsimodel", "row": 3, "col": 4},
    "band_importance": {
        **_LABELLED,
        "model": "lda.hsimodel",
        "folds": 2,
        "repeats": 2,
        "groups": 2,
        "pixels": 20,
        "table": "t.csv",
    },
    "compare_models": {**_LABELLED, "models": "lda", "seeds": 1, "results": "r.json"},
    "model_information": {"model": "lda.hsimodel", "scene": "scene.tif"},
    "export_model": {"model": "lda.hsimodel", "stac": "s.json", "card": "c.md"},
    "sample_reference_points": {"map": "map.tif", "points": 20, "output": "q.gpkg"},
    "assess_map": {"map": "map.tif", "reference": "polygons.gpkg", "metrics": "m.json", "table": "t.csv"},
    "clean_map": {"map": "map.tif", "majority": 3, "output": "n.tif", "table": "t.csv"},
    "export_map": {"map": "map.tif", "cog": "n.tif", "polygons": "p.gpkg", "legend_file": "l.sld"},
    "denoise_scene": {"scene": "scene.tif", "output": "n.tif", "steps": 1},
    "fit_pca": {"scene": "scene.tif", "components": 3, "output": "n.tif", "statistics": "s.json"},
}
# What a run may be asked for is more than 20 s are enough for; these are changed to nothing that trains long.
_NOT_CHANGED = frozenset(
    {"effort", "time_limit", "epochs", "seeds", "processes", "model", "models", "device", "repeats", "steps"}
)
_KEEPS = (".checkpoint", ".unfinished", "cache/", "maps/", "maps", "cache")


def makers(trial: Callable[..., Any]) -> dict[str, Callable[[random.Random, Path], Any]]:
    """A maker of trials for each operation."""
    left = set(CATALOGUE) - set(_LEFT_OUT) - set(USUAL)
    if left:
        raise ValueError(f"operations without usual parameters: {sorted(left)}")
    return {name: _maker(name, usual, trial) for name, usual in USUAL.items()}


def _maker(name: str, usual: dict[str, Any], trial: Callable[..., Any]) -> Callable[[random.Random, Path], Any]:
    described = describe_operation(CATALOGUE[name])["parameters"]
    changeable = [spec for spec in described if _may_change(spec, usual)]

    def make(rng: random.Random, folder: Path) -> Any:
        params = dict(usual)
        for spec in rng.sample(changeable, min(len(changeable), rng.choice((1, 1, 1, 2, 3)))):
            params[spec["name"]] = odd.parameter(rng, spec, folder, usual.get(spec["name"]))
        if rng.random() < 0.03:
            params[odd.word(rng)] = odd.json_value(rng)
        return trial(name, params, _KEEPS)

    return make


def _may_change(spec: dict[str, Any], usual: dict[str, Any]) -> bool:
    return spec["name"] not in _NOT_CHANGED or (spec["kind"] in ("model", "denoiser") and spec["name"] in usual)


def with_member(content: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """A model with one of its members changed, and checksums in its manifest that are right again."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    members[member] = change(members[member])
    if member.endswith(".safetensors"):
        manifest = json.loads(members["manifest.json"])
        manifest.get("sha256", {})[member.partition(".")[0]] = hashlib.sha256(members[member]).hexdigest()
        members["manifest.json"] = json.dumps(manifest).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()


def in_denoiser(rng: random.Random, content: bytes) -> bytes:
    """A denoiser with its manifest or its arrays damaged."""
    if rng.random() < 0.5:
        return with_member(content, "manifest.json", lambda data: damage.json_of(rng, data))
    return with_member(content, "arrays.safetensors", lambda data: damage.safetensors_of(rng, data))
