"""One mistake of each family through the real command: its exit code, its JSON document, and nothing left behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from projects import Project

Hsi = Callable[..., dict[str, Any]]

OPTIONS = {
    "pca": {"scene": "{}/scene.tif", "output": "{}/out/pca.tif"},
    "train": {
        "scene": "{}/scene.tif",
        "labels": "{}/polygons.gpkg",
        "output": "{}/out/m.hsimodel",
        "model": "hybridsn",
        "components": "13",
        "patch-size": "9",
        "epochs": "1",
    },
    "classify": {"scene": "{}/scene.tif", "model": "{}/model.hsimodel", "output": "{}/out/map.tif"},
    "assess": {"map": "{}/map.tif", "reference": "{}/polygons.gpkg", "report": "{}/out/report.html"},
}

# Command, what is wrong about its options, exit code, error code and words. Exit codes are part of the interface.
MISTAKES: dict[str, tuple[str, dict[str, str], int, str, str]] = {
    "parameter": ("train", {"patch-size": "24"}, 2, "parameter.value", "odd whole number from 1 to 99"),
    "scene": ("pca", {"scene": "{}/polygons.gpkg"}, 3, "scene.not_a_raster", "can serve as labels"),
    "labels": ("assess", {"class-field": "kind"}, 4, "labels.field_missing", "no field 'kind'"),
    "model": ("classify", {"model": "{}/scene.tif"}, 5, "model.not_a_model", "found a TIFF raster"),
    "mismatch": ("classify", {"scene": "{}/labels.tif"}, 6, "mismatch.bands", "16 bands are needed"),
    "output": ("pca", {"output": "{}/scene.tif"}, 7, "output.equals_input", "is also an input"),
    "device": ("classify", {"device": "cuda:99"}, 8, "device.missing", "'cuda:99'"),
    "training": ("train", {"resume": ""}, 9, "training.checkpoint_damaged", "cannot be read"),
}


@pytest.mark.parametrize("family", MISTAKES)
def test_each_family_has_its_exit_code_and_one_document(family: str, project: Project, hsi: Hsi) -> None:
    command, wrong, exit_code, code, message = MISTAKES[family]
    options = {name: value.format(project.folder) for name, value in (OPTIONS[command] | wrong).items()}
    words = [word for name, value in options.items() for word in (f"--{name}", value) if word]
    if family == "training":
        (project / "out" / "m.hsimodel.checkpoint").write_bytes(b"not a checkpoint")
    before = project.contents()
    document = hsi(command, *words, expect=exit_code)
    assert document.keys() == {"error"}
    error = document["error"]
    assert (error["code"], error["exit_code"]) == (code, exit_code)
    assert message in f"{error['message']} {error['hint']}"
    assert project.contents() == before


def test_exit_codes_differ() -> None:
    codes = [exit_code for _, _, exit_code, _, _ in MISTAKES.values()]
    assert len(set(codes)) == len(codes)


def test_without_json_a_person_reads_two_lines_and_no_traceback(project: Project) -> None:
    words = ["info", "--scene", str(project / "scen.tif")]
    done = subprocess.run(
        [sys.executable, "-m", "hsi_engine", *words], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout) == (3, "")
    first, second = done.stderr.splitlines()
    assert first == f"hsi: error: The file {project / 'scen.tif'} does not exist."
    assert second.strip() == "Did you mean scene.tif?"
