"""Every key that a training writes into the record of a model is described in docs/bundle-format.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle

PAGE = Path(__file__).resolve().parents[2] / "docs" / "bundle-format.md"
# Their keys are those of parameters, packages and files.
FREE = {"training.settings", "training.versions", "training.inputs"}
# Objects that stand in several places, by the name that they have on the page.
SHARED = (
    (r"(training\.comparison\.test|metrics\.(test|train|validation|cross_fitted|baseline))", "an accuracy"),
    (r"an accuracy\.classes\[\]", "`classes[]` of an accuracy"),
    (r"(metrics\.test_intervals|training\.comparison\.intervals)", "metrics.intervals"),
    (r"metrics\.intervals\.\w+(\[\])?", "an estimate"),
    (r"metrics\.calibration\.(before|after)", "a reliability"),
    (r"a reliability\.bins\[\]", "`bins[]` of a reliability"),
    (r"training\.comparison\.split", "training.split"),
)
JOBS = {
    "folds": {"model": "spectral_cnn", "epochs": 1, "patch_size": 3},
    "split": {"model": "lda", "split": "random", "compare_split": "blocks", "train_share": 0.3},
}


def documented() -> dict[str, set[str]]:
    """The keys of each object, by the table on the page."""
    text = PAGE.read_text(encoding="utf-8").partition("## The record of the training\n")[2].partition("\n## ")[0]
    rows = [
        re.split(r"(?<!\\) \| ", line.strip("| "), maxsplit=1) for line in text.splitlines() if line.startswith("| ")
    ]
    simple = re.compile(r"`([\w.\[\]]+)`")
    found = {}
    for name, cell in rows[1:]:
        only = simple.fullmatch(name)
        found[only[1] if only else name] = set(re.findall(r"`(\w+)`", cell))
    return found


def objects(value: Any, path: str) -> Iterator[tuple[str, set[str]]]:
    """Each object under ``value``, by its name on the page, and its keys."""
    if isinstance(value, list):
        for entry in value:
            yield from objects(entry, f"{path}[]")
    elif isinstance(value, dict) and path not in FREE:
        for pattern, name in SHARED:
            if re.fullmatch(pattern, path):
                path = name
        yield path, set(value)
        for key, entry in value.items():
            yield from objects(entry, f"{path}.{key}")


@pytest.mark.parametrize("job", JOBS)
def test_each_key_is_described(job: str, tmp_path: Path) -> None:
    scene = make_scenes.write_scene(tmp_path / "scene.tif", rows=60, cols=52, bands=16)
    labels = make_scenes.write_labels(tmp_path / "labels.tif", like=scene)
    model = tmp_path / "model.hsimodel"
    hsi_engine.train_classifier(scene=scene, labels=labels, output=model, device="cpu", **JOBS[job])
    bundle, page = read_bundle(model), documented()
    missing = {
        f"{name}: {key}"
        for part, value in (("training", bundle.training), ("metrics", bundle.metrics))
        for name, keys in objects(value, part)
        for key in keys - page.get(name, set())
    }
    assert missing == set()
