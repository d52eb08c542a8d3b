"""Train the models of version_1.json and map with them, with the code of commit a9a76a5.

git worktree add --detach OLD a9a76a5
PYTHONPATH=OLD:OLD/tests/data python tests/data/models/write_version_1.py FOLDER
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle, write_bundle

# 13 components and a patch of 9 pixels make the files as small as they can be.
COMMON = {"components": 13, "patch_size": 9, "batch_size": 32, "split": "random", "train_share": 0.3, "device": "cpu"}


def write(name: str, case: dict[str, dict[str, Any]], target: Path, scratch: Path) -> None:
    """Write the model called ``name``, and what it maps its scene to."""
    scene = make_scenes.write_scene(scratch / "scene.tif", **case["scene"])
    labels = make_scenes.write_labels(scratch / "labels.tif", like=scene)
    model, classes, confidence = (scratch / each for each in ("model.hsimodel", "map.tif", "confidence.tif"))
    hsi_engine.train_classifier(scene=scene, labels=labels, output=model, **COMMON | case["settings"])
    write_bundle(_compressible(read_bundle(model)), model)
    hsi_engine.classify_scene(scene=scene, model=model, output=classes, confidence=confidence, device="cpu")
    with rasterio.open(classes) as first, rasterio.open(confidence) as second:
        np.savez_compressed(target / f"version_1_{name}_map.npz", classes=first.read(1), confidence=second.read(1))
    (target / f"version_1_{name}.hsimodel.gz").write_bytes(gzip.compress(model.read_bytes(), 9, mtime=0))


def _compressible(bundle: Any) -> Any:
    """The model with weights that bfloat16 can hold, which compress to half, and a record that names no machine."""
    weights = {
        name: tensor.bfloat16().to(tensor.dtype) if tensor.is_floating_point() else tensor
        for name, tensor in bundle.weights.items()
    }
    record = {"settings": {"seed": bundle.training["settings"]["seed"]}, "split": bundle.training["split"]}
    return dataclasses.replace(bundle, weights=weights, training=record)


if __name__ == "__main__":
    cases = json.loads(Path(__file__).with_name("version_1.json").read_text(encoding="utf-8"))
    for each, options in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            write(each, options, Path(sys.argv[1]), Path(folder))
