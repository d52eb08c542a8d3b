"""Folders of small scenes, and what a run over them leaves."""

from __future__ import annotations

import hashlib
from pathlib import Path

import make_scenes

SIZE = {"rows": 45, "cols": 33, "bands": 16}


def write_scenes(folder: Path, count: int) -> Path:
    """Scenes of different content: s0.tif, s1.tif …"""
    folder.mkdir()
    for number in range(count):
        make_scenes.write_scene(folder / f"s{number}.tif", **SIZE, seed=number)
    return folder


def hashes(folder: Path, *patterns: str) -> dict[str, str]:
    """SHA-256 of the files of a folder that match one of the patterns."""
    files = sorted({file for pattern in patterns for file in folder.glob(pattern)})
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
