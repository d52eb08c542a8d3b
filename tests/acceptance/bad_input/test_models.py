"""Model files that are none, are damaged or dangerous, or do not fit the scene."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rasterio
import torch

import make_scenes
from hsi_engine.errors import BundleError, HsiError, MismatchError
from projects import BANDS, Project

Refused = Callable[..., HsiError]
Members = dict[str, bytes]
WEIGHTS = "weights.safetensors"


def members(project: Project) -> Members:
    with zipfile.ZipFile(project / "model.hsimodel") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(content: Members, compression: int = zipfile.ZIP_STORED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return target.getvalue()


def with_manifest(project: Project, **changes: Any) -> bytes:
    content = members(project)
    manifest = json.loads(content["manifest.json"]) | changes
    return packed(content | {"manifest.json": json.dumps(manifest).encode()})


def with_member(project: Project, **changes: Any) -> bytes:
    """With another description of its only member."""
    (member,) = json.loads(members(project)["manifest.json"])["members"]
    return with_manifest(project, members=[member | changes])


def without(project: Project, name: str) -> bytes:
    return packed({key: data for key, data in members(project).items() if key != name})


def flipped(project: Project) -> bytes:
    content = bytearray((project / "model.hsimodel").read_bytes())
    content[len(content) // 2] ^= 0xFF
    return bytes(content)


def checkpoint() -> bytes:
    target = io.BytesIO()
    torch.save({"weight": torch.zeros(3)}, target)
    return target.getvalue()


def bomb(project: Project) -> bytes:
    """A few kilobytes that would become 64 MiB."""
    return packed(members(project) | {WEIGHTS: bytes(64 << 20)}, zipfile.ZIP_DEFLATED)


NOT_A_MODEL: dict[str, tuple[Callable[[Project], bytes], str, tuple[str, ...]]] = {
    "empty": (lambda p: b"", "not_a_model", ("an empty file", ".hsimodel")),
    "a scene": (lambda p: (p / "scene.tif").read_bytes(), "not_a_model", ("found a TIFF raster", ".hsimodel")),
    "labels": (lambda p: (p / "polygons.gpkg").read_bytes(), "not_a_model", ("GeoPackage", ".hsimodel")),
    "a pickle": (lambda p: pickle.dumps({"a": 1}), "not_a_model", ("pickle", "never opened")),
    "a checkpoint of PyTorch": (lambda p: checkpoint(), "not_a_model", ("PyTorch checkpoint", "never opened")),
    "bare weights": (lambda p: members(p)[WEIGHTS], "not_a_model", ("bare safetensors file",)),
    "truncated": (
        lambda p: (p / "model.hsimodel").read_bytes()[:-1000],
        "damaged",
        ("truncated", "copy or download it again"),
    ),
    "damaged": (flipped, "damaged", ("damaged", "copy or download it again")),
    "newer": (lambda p: with_manifest(p, format_version=5), "newer_version", ("version 5", "up to 4", "Update")),
    "unknown network": (lambda p: with_member(p, architecture="othernet"), "architecture", ("'othernet'", "update")),
    "other patch": (lambda p: with_member(p, patch_size=11), "tensors", ("expected 256×576", "found 256×64")),
    "unknown field": (
        lambda p: with_manifest(p, run="rm -rf"),
        "manifest",
        ("field 'run'", "copy or download it again"),
    ),
    "a member too many": (lambda p: packed(members(p) | {"run.py": b"1"}), "members", ("'run.py'", "expected: ")),
    "a member missing": (lambda p: without(p, WEIGHTS), "members", (f"1 member missing: {WEIGHTS}",)),
    "a member too large": (
        lambda p: packed(members(p) | {"MODEL_CARD.md": b" " * (2 << 20)}),
        "too_large",
        ("'MODEL_CARD.md' has 2,097,152 bytes", "at most 1,048,576"),
    ),
    "zip bomb": (bomb, "compressed", ("is compressed", "stored as they are")),
}


@pytest.mark.parametrize("case", NOT_A_MODEL)
def test_a_file_that_is_no_sound_model(case: str, project: Project, refused: Refused) -> None:
    make, code, words = NOT_A_MODEL[case]
    path = project / "given.hsimodel"
    path.write_bytes(make(project))
    refused("classify_scene", BundleError, code, "given.hsimodel", *words, model=path)
    refused("assess_map", BundleError, code, "given.hsimodel", *words, model=path)
    refused("model_information", BundleError, code, "given.hsimodel", *words, model=path)


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [("modle.hsimodel", "missing", "does not exist"), ("out", "not_a_model", "folder, not a file")],
)
def test_a_path_without_a_model(name: str, code: str, words: str, project: Project, refused: Refused) -> None:
    refused("classify_scene", BundleError, code, words, name, model=project / name)


def other_wavelengths(project: Project) -> Path:
    path = make_scenes.write_scene(project / "swir.tif", bands=BANDS, wavelengths=False)
    with rasterio.open(path, "r+") as scene:
        for band in scene.indexes:
            scene.update_tags(band, wavelength=1000 + 30 * band, wavelength_units="Nanometers")
    return path


SCENES: dict[str, tuple[Callable[[Project], Path], tuple[str, ...]]] = {
    "fewer bands": (
        lambda p: make_scenes.write_scene(p / "few.tif", bands=12),
        ("4 of the 16 bands", "band 3 (503.3 nm)", "Found: 12 bands from 430.0 to 980.0 nm", "same sensor"),
    ),
    "fewer bands, unknown wavelengths": (
        lambda p: make_scenes.write_scene(p / "few.tif", bands=12, wavelengths=False),
        ("16 bands are needed and 12 were found", "without wavelengths", "add wavelengths"),
    ),
    "other bands": (
        other_wavelengths,
        ("16 of the 16 bands", "band 1 (430.0 nm)", "and 8 more", "1030.0 to 1480.0 nm", "same sensor"),
    ),
}


@pytest.mark.parametrize("case", SCENES)
def test_a_scene_without_the_bands_of_the_model(case: str, project: Project, refused: Refused) -> None:
    make, words = SCENES[case]
    refused("classify_scene", MismatchError, "bands", "does not fit the model", *words, scene=make(project))
