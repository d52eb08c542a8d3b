"""The client and the engine's own worker."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hsi_engine
import make_scenes
from qgis_plugin.engine.client import run_operation
from qgis_plugin.engine.failures import EngineCancelled, EngineFailure

PYTHON = Path(sys.executable)
LIMIT_S = 2.0  # a second is promised


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A folder that lasts, since compiling torch anew for every test takes ten seconds."""
    monkeypatch.setenv("HSI_ENGINE_HOME", str(request.config.cache.mkdir("engine_home")))


def test_a_scene_is_described_as_python_describes_it(recorder: Any, scene_path: Path) -> None:
    listener = recorder()
    result = run_operation(PYTHON, "inspect_scene", {"scene": scene_path}, listener)
    assert result == hsi_engine.inspect_scene(scene=scene_path).to_json()
    assert listener.heard[0][0] == "progress"


def test_an_error_of_the_engine_has_its_own_words(recorder: Any, tmp_path: Path) -> None:
    with pytest.raises(EngineFailure, match=r"missing\.tif does not exist\. Check the folder") as caught:
        run_operation(PYTHON, "inspect_scene", {"scene": tmp_path / "missing.tif"}, recorder())
    assert caught.value.code.startswith("scene.")


def test_a_training_is_cancelled_and_leaves_nothing(
    recorder: Any, make_scene: Callable[..., Path], tmp_path: Path
) -> None:
    class Timed(recorder):  # type: ignore[misc]
        def progress(self, fraction: float, message: str) -> None:
            super().progress(fraction, message)
            self.asked = time.monotonic()

    scene = make_scene(rows=101, cols=87, bands=36)
    polygons = make_scenes.write_polygons(tmp_path / "polygons.gpkg", like=scene)
    listener = Timed(cancel_at="Training the network: epoch 1")
    output = tmp_path / "outputs" / "new.hsimodel"
    output.parent.mkdir()
    params = {
        "scene": scene,
        "labels": polygons,
        "class_field": "class_id",
        "output": output,
        "model": "hybridsn",
        "patch_size": 25,
        "split": "random",
        "train_share": 0.5,
    }
    with pytest.raises(EngineCancelled):
        run_operation(PYTHON, "train_classifier", params, listener)
    elapsed = time.monotonic() - listener.asked
    print(f"\ncancelled within {elapsed:.2f} s")
    assert elapsed < LIMIT_S
    assert list(output.parent.iterdir()) == []
