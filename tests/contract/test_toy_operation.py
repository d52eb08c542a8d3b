"""A new operation is a folder and a name: it runs through every entry point, and nothing else was touched."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import make_scenes
from entry_points import EntryPoints
from toy_engine import GENERATED, ToyEngine, engine_with_toy_operation

JOB: dict[str, dict[str, Any]] = {
    "mean_band": {"scene": "scene.tif", "sign": "flip", "output": "mean.tif", "table": "mean.csv"}
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> ToyEngine:
    return engine_with_toy_operation(tmp_path_factory.mktemp("toy"), Path(sys.executable))


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("jobs") / "inputs"
    folder.mkdir()
    make_scenes.write_scene(folder / "scene.tif", rows=25, cols=37, bands=8)
    return folder


def test_two_files_and_a_name_are_all(engine: ToyEngine) -> None:
    added, changed = engine.touched()
    assert added == {"hsi_engine/operations/mean_band/operation.py", "hsi_engine/operations/mean_band/run.py"}
    assert changed - GENERATED == {"hsi_engine/operations/__init__.py"}


def test_it_runs_through_every_entry_point(engine: ToyEngine, inputs: Path) -> None:
    entries, answers, files = EntryPoints({"mean_band": "mean-band"}, engine.environment), {}, {}
    for entry in ("python", "command", "request_file", "worker"):
        folder = Path(shutil.copytree(inputs, inputs.with_name(entry)))
        answers[entry] = entries.answers(entry, folder, JOB)
        files[entry] = [(folder / name).read_bytes() for name in ("mean.tif", "mean.csv")]
    assert answers["python"]["mean_band"]["mean"] < 0
    assert all(answer == answers["python"] for answer in answers.values())
    assert all(content == files["python"] for content in files.values())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"output": "scene.tif"}, "is also an input"),
        ({"output": "mean.png"}, "must end in .tif or .tiff"),
        ({"table": "nowhere/mean.csv"}, "does not exist"),
        ({"sign": "turn"}, "one of keep, flip"),
    ],
)
def test_its_values_are_checked_before_it_runs(
    engine: ToyEngine, inputs: Path, changes: dict[str, str], words: str
) -> None:
    request = json.dumps({"protocol": 1, "operation": "mean_band", "params": JOB["mean_band"] | changes})
    done = subprocess.run(
        [sys.executable, "-m", "hsi_engine", "run", "-", "--json"],
        cwd=inputs,
        env=engine.environment,
        input=request,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode != 0
    assert words in done.stdout
    assert [path.name for path in inputs.iterdir()] == ["scene.tif"]
