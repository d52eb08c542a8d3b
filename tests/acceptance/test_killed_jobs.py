"""Jobs that are killed or interrupted leave no broken output, and go on where they stood when they are resumed."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

import hsi_engine
import make_scenes
from forked_command import ForkedCommand
from hsi_engine.bundle.model_file import read_bundle

Start = Callable[..., ForkedCommand]
Hsi = Callable[..., dict[str, Any]]

SIZE = {"rows": 61, "cols": 47, "bands": 20}
SMALL = (
    "--model", "hybridsn", "--components", 13, "--patch-size", 9, "--split", "random", "--train-share", 0.1,
    "--class-field", "class_id",
)  # fmt: skip


def wait_for(condition: Callable[[], bool], process: ForkedCommand, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None:
            pytest.fail(f"the job ended too early, with {process.returncode}: {process.communicate()[1]}")
        assert time.monotonic() < end, "the job never came so far"
        time.sleep(0.01)


def hidden(folder: Path, part: str) -> bool:
    return any(part in path.name for path in folder.iterdir() if path.name.startswith("."))


@pytest.fixture
def scene(make_scene: Callable[..., Path]) -> Path:
    return make_scene(**SIZE)


@pytest.fixture
def polygons(scene: Path) -> Path:
    return make_scenes.write_polygons(scene.with_name("polygons.gpkg"), like=scene)


def test_training_killed_in_the_middle_and_resumed_ends_with_the_same_weights(
    scene: Path, polygons: Path, hsi: Hsi, start: Start
) -> None:
    folder = scene.parent
    words = ("train", "--scene", scene, "--labels", polygons, *SMALL, "--epochs", 4)
    whole = hsi(*words, "--output", folder / "whole.hsimodel")
    killed = folder / "killed.hsimodel"
    checkpoint = folder / "killed.hsimodel.checkpoint"
    process = start(*words, "--output", killed)
    wait_for(checkpoint.exists, process)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not killed.exists()
    resumed = hsi(*words, "--output", killed, "--resume")
    assert not checkpoint.exists()
    assert resumed["model_id"] == whole["model_id"]
    first, second = (read_bundle(folder / f"{name}.hsimodel").members[0].weights for name in ("whole", "killed"))
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert [e["loss"] for e in resumed["history"]] == [e["loss"] for e in whole["history"]]


def test_resume_with_other_settings_is_refused_and_the_checkpoint_kept(
    scene: Path, polygons: Path, hsi: Hsi, start: Start
) -> None:
    output = scene.parent / "m.hsimodel"
    words = ("train", "--scene", scene, "--labels", polygons, *SMALL, "--output", output)
    process = start(*words, "--epochs", 200)
    checkpoint = output.with_name("m.hsimodel.checkpoint")
    wait_for(checkpoint.exists, process)
    process.kill()
    process.communicate()
    error = hsi(*words, "--epochs", 7, "--resume", expect=9)["error"]
    assert error["code"] == "training.checkpoint_mismatch"
    assert "epochs was 200 and is 7" in error["message"]
    assert checkpoint.exists()
    assert not output.exists()


def test_interrupting_training_says_so_in_one_line_and_keeps_only_the_checkpoint(
    scene: Path, polygons: Path, start: Start
) -> None:
    output = scene.parent / "m.hsimodel"
    before = {path.name for path in scene.parent.iterdir()}
    process = start(
        "train", "--scene", scene, "--labels", polygons, *SMALL, "--epochs", 200, "--output", output, "--quiet"
    )
    wait_for(output.with_name("m.hsimodel.checkpoint").exists, process)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    said = [line for line in stderr.splitlines() if not line.startswith("warning:")]
    assert len(said) == 1
    assert "Cancelled; no output was written." in said[0]
    left = {path.name for path in scene.parent.iterdir()} - before
    assert left == {"m.hsimodel.checkpoint"}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    scene = make_scenes.write_scene(folder / "scene.tif", **SIZE)
    labels = make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)
    output = folder / "model.hsimodel"
    settings = {"model": "hybridsn", "components": 13, "patch_size": 9, "split": "random", "epochs": 1}
    hsi_engine.train_classifier(scene=scene, labels=labels, class_field="class_id", output=output, **settings)
    return output


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene with enough tiles of the smallest size to be stopped among them."""
    folder = tmp_path_factory.mktemp("large")
    return make_scenes.write_scene(folder / "large.tif", rows=320, cols=250, bands=SIZE["bands"])


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
def test_classification_stopped_in_the_middle_leaves_nothing_under_the_outputs_name(
    model: Path, large: Path, start: Start, how: signal.Signals, tmp_path: Path
) -> None:
    folder = tmp_path / "maps"
    folder.mkdir()
    process = start(
        "classify", "--scene", large, "--model", model, "--tile-size", 16,
        "--output", folder / "map.tif", "--confidence", folder / "confidence.tif",
    )  # fmt: skip
    wait_for(lambda: hidden(folder, "map.tif"), process)
    process.send_signal(how)
    _, stderr = process.communicate(timeout=30)
    assert {path.name for path in folder.iterdir() if not path.name.startswith(".")} == set()
    if how == signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 130
        assert list(folder.iterdir()) == []
        assert "Cancelled; no output was written." in stderr


RASTERS = {"--output": "map.tif", "--confidence": "confidence.tif", "--probabilities": "probabilities.tif"}


def map_words(folder: Path, scene: Path, model: Path) -> list[object]:
    rasters = [word for option, name in RASTERS.items() for word in (option, folder / name)]
    return ["classify", "--scene", scene, "--model", model, "--tile-size", 16, *rasters]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def finished_tiles(folder: Path) -> int:
    journal = folder / "map.tif.unfinished" / "journal"
    return max(0, journal.read_bytes().count(b"\n") - 1) if journal.exists() else 0


@dataclass(frozen=True)
class Map:
    """A folder with what one run wrote, and its answer."""

    folder: Path
    result: dict[str, Any]


@pytest.fixture(scope="module")
def uninterrupted(model: Path, large: Path, tmp_path_factory: pytest.TempPathFactory) -> Map:
    folder = tmp_path_factory.mktemp("whole")
    outputs = {option.removeprefix("--"): folder / name for option, name in RASTERS.items()}
    done: Any = hsi_engine.classify_scene(scene=large, model=model, tile_size=16, **outputs)
    return Map(folder, done.to_json())


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
def test_a_classification_killed_again_and_again_ends_with_the_bytes_of_one_that_was_not(
    model: Path, large: Path, uninterrupted: Map, start: Start, how: signal.Signals, tmp_path: Path
) -> None:
    whole, killed = uninterrupted.folder, tmp_path / "killed"
    killed.mkdir()
    expected = uninterrupted.result
    done = 0
    for _ in range(2):
        process = start(*map_words(killed, large, model), "--resume")
        before = done
        wait_for(lambda before=before: finished_tiles(killed) > before, process)
        process.send_signal(how)
        _, stderr = process.communicate(timeout=30)
        assert names(killed) == {"map.tif.unfinished"}
        done = finished_tiles(killed)
        assert done > before
        if how == signal.SIGTERM:
            assert "finished tiles are kept in map.tif.unfinished: run it again with Resume" in stderr
    process = start(*map_words(killed, large, model), "--resume", "--json")
    stdout, stderr = process.communicate(timeout=300)
    assert process.returncode == 0, stderr
    going_on = re.search(r"Resuming after tile (\d+) of (\d+), from map\.tif\.unfinished", stderr)
    assert going_on is not None, stderr
    assert int(going_on[1]) >= done
    assert int(going_on[2]) == 20 * 16
    result = json.loads(stdout)
    assert [result[name] for name in ("classes", "nodata_pixels", "unclassified_pixels")] == [
        expected[name] for name in ("classes", "nodata_pixels", "unclassified_pixels")
    ]
    assert names(killed) == names(whole)
    for name in names(whole):
        assert (killed / name).read_bytes() == (whole / name).read_bytes(), name
