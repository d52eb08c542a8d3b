"""A map by several processes: the bytes of one, whatever happens to the others."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

import hsi_engine
import make_scenes
from archives import hashes
from hsi_engine.errors import HsiError
from hsi_engine.operations.classify_scene.spread import pipeline

ROWS, COLS = 150, 47
TILE = 16  # 10 strips of 3 tiles
ALL = ("*", ".*")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene, a model with smoothing, and ``alone``, the map of one process."""
    folder = tmp_path_factory.mktemp("spread")
    scene = make_scenes.write_scene(folder / "scene.tif", rows=ROWS, cols=COLS, bands=16)
    labels = make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)
    options = {"model": "spectral_cnn", "epochs": 1, "patch_size": 5, "split": "random", "train_share": 0.3}
    hsi_engine.train_classifier(
        scene=scene, labels=labels, output=folder / "m.hsimodel", class_field="class_id", **options
    )
    classify(folder, "alone", processes=1)
    return folder


def classify(folder: Path, name: str, **changes: Any) -> Any:
    out = folder / name
    out.mkdir(exist_ok=True)
    files = {"output": out / "map.tif", "confidence": out / "c.tif", "probabilities": out / "p.tif"}
    inputs = {"scene": folder / "scene.tif", "model": folder / "m.hsimodel", "tile_size": TILE}
    return hsi_engine.classify_scene(**inputs, **files, **({"processes": 2} | changes))


class AtFirst(hsi_engine.SilentReporter):
    """Does something once the first rows are gathered."""

    def __init__(self, action: Callable[[], None]) -> None:
        super().__init__()
        self._action: Callable[[], None] | None = action
        self.logged: list[str] = []

    def progress(self, fraction: float, message: str = "") -> None:
        if "tile" in message and self._action is not None:
            action, self._action = self._action, None
            action()

    def log(self, message: str, level: str = "info") -> None:
        self.logged.append(message)


def others() -> list[int]:
    return [child.pid for child in psutil.Process().children() if "hsi_engine.rows_worker" in child.cmdline()]


def test_two_processes_make_the_same_bytes_though_one_is_killed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    have_rows: list[int] = []
    tell = pipeline._Process.tell

    def noting(process: pipeline._Process, **content: Any) -> None:
        if "rows" in content:
            have_rows.append(process._process.pid)
        tell(process, **content)

    monkeypatch.setattr(pipeline._Process, "tell", noting)
    result = classify(folder, "killed", reporter=AtFirst(lambda: os.kill(have_rows[0], signal.SIGKILL)))
    assert len(set(have_rows)) > 1
    assert hashes(folder / "killed", *ALL) == hashes(folder / "alone", *ALL)
    assert sum(one["pixels"] for one in result.classes) + result.nodata_pixels == ROWS * COLS
    assert others() == []


def test_a_cancel_ends_all_and_what_is_finished_can_be_resumed(folder: Path) -> None:
    reporter = AtFirst(lambda: reporter.cancel.set())
    with pytest.raises(hsi_engine.Cancelled, match=r"finished tiles are kept in map\.tif\.unfinished"):
        classify(folder, "cancelled", resume=True, reporter=reporter)
    assert others() == []
    assert [path.name for path in (folder / "cancelled").iterdir()] == ["map.tif.unfinished"]
    again = AtFirst(lambda: None)
    classify(folder, "cancelled", resume=True, processes=1, reporter=again)
    assert any("Resuming after tile" in line for line in again.logged)
    assert hashes(folder / "cancelled", *ALL) == hashes(folder / "alone", *ALL)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("raise SystemExit(3)", "maps a part of the scene ended with exit code 3 before it had finished"),
        (
            'print(\'{"type": "error", "error": {"code": "scene.truncated", "message": "It ends early.", "hint": ""}}\')',
            "It ends early",
        ),
    ],
)
def test_a_process_that_cannot_map_ends_the_map_with_its_reason(
    folder: Path, monkeypatch: pytest.MonkeyPatch, program: str, words: str
) -> None:
    monkeypatch.setattr(pipeline, "_COMMAND", (sys.executable, "-c", program))
    with pytest.raises(HsiError, match=words):
        classify(folder, "failed")
    assert list((folder / "failed").iterdir()) == []
