"""Folders of small scenes, and what a run over them leaves."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hsi_engine
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


def rows(folder: Path) -> list[dict[str, Any]]:
    """The attempts in the manifest; a line that is being written is none."""
    found = []
    for line in (folder / "manifest.jsonl").read_bytes().split(b"\n") if (folder / "manifest.jsonl").exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return [row for row in found if "scene" in row]


class AtRow(hsi_engine.SilentReporter):
    """Does something once, when the manifest has this many rows."""

    def __init__(self, folder: Path, count: int, action: Callable[[], None]) -> None:
        super().__init__()
        self._folder, self._count, self._action = folder, count, action
        self.warnings: list[str] = []
        self.acted: float | None = None

    def progress(self, fraction: float, message: str = "") -> None:
        if self.acted is None and len(rows(self._folder)) >= self._count:
            self.acted = time.monotonic()
            self._action()

    def log(self, message: str, level: str = "info") -> None:
        if level == "warning":
            self.warnings.append(message)
