"""A mapping that was interrupted and resumed gives the bytes of one that was not, and computes less."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

import hsi_engine
import make_scenes
from hsi_engine.inference.predictor import Predictor
from hsi_engine.io.maps.map_writer import MapWriter
from hsi_engine.operations.classify_scene import pipeline as map_pipeline

ROWS, COLS = 61, 47
TILE = 16  # 4 strips of 3 tiles
TILES = 12
OUTPUTS = {"output": "map.tif", "confidence": "c.tif", "probabilities": "p.tif"}


class Notebook(hsi_engine.SilentReporter):
    """Keeps what is said; cancels when tile number ``until`` begins."""

    def __init__(self, until: int | None = None) -> None:
        super().__init__()
        self._until = f"Classifying the scene: tile {until} of"
        self.tiles: list[str] = []
        self.messages: list[str] = []
        self.fractions: list[float] = []

    def progress(self, fraction: float, message: str = "") -> None:
        self.fractions.append(fraction)
        if message.startswith("Classifying"):
            self.tiles.append(message.partition(" of")[0])
        if message.startswith(self._until):
            self.cancel.set()

    def log(self, message: str, level: str = "info") -> None:
        self.messages.append(message)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("inputs")
    scene = make_scenes.write_scene(folder / "scene.tif", rows=ROWS, cols=COLS, bands=16)
    polygons = make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)
    model = folder / "m.hsimodel"
    hsi_engine.train_classifier(
        scene=scene,
        labels=polygons,
        output=model,
        class_field="class_id",
        model="hybridsn",
        components=13,
        patch_size=9,
        epochs=2,
        split="random",
        train_share=0.3,
    )
    return {"scene": scene, "model": model}


@pytest.fixture
def job(inputs: dict[str, Path], tmp_path: Path) -> dict[str, Any]:
    outputs = {name: tmp_path / file for name, file in OUTPUTS.items()}
    return {**inputs, **outputs, "min_confidence": 0.4, "tile_size": TILE}


@pytest.fixture(scope="module")
def uninterrupted(inputs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Any]:
    """Hashes of the files and the result of the job done in one go."""
    folder = tmp_path_factory.mktemp("whole")
    outputs = {name: folder / file for name, file in OUTPUTS.items()}
    result = hsi_engine.classify_scene(**inputs, **outputs, min_confidence=0.4, tile_size=TILE)
    return hashes(folder), counted(result)


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


def counted(result: Any) -> dict[str, Any]:
    return result.model_dump(include={"classes", "nodata_pixels", "unclassified_pixels", "model_id"})


def interrupt(job: dict[str, Any], at_tile: int) -> Notebook:
    notebook = Notebook(until=at_tile)
    with pytest.raises(hsi_engine.Cancelled, match=r"no map was written.*kept in map\.tif\.unfinished: run .*Resume"):
        hsi_engine.classify_scene(**job, resume=True, reporter=notebook)
    return notebook


@pytest.mark.parametrize("at_tile", [1, 2, 4, 6, TILES])
def test_a_resumed_map_has_the_bytes_and_the_counts_of_an_uninterrupted_one(
    job: dict[str, Any], tmp_path: Path, uninterrupted: tuple[dict[str, str], Any], at_tile: int
) -> None:
    interrupt(job, at_tile)
    assert {path.name for path in tmp_path.iterdir()} == {"map.tif.unfinished"}
    notebook = Notebook()
    result = hsi_engine.classify_scene(**job, resume=True, reporter=notebook)
    assert (hashes(tmp_path), counted(result)) == uninterrupted
    assert not (tmp_path / "map.tif.unfinished").exists()
    assert len(notebook.tiles) <= TILES - max(0, at_tile - 3), "all but the tiles that were on their way are kept"
    assert notebook.tiles == [
        f"Classifying the scene: tile {n}" for n in range(TILES - len(notebook.tiles) + 1, TILES + 1)
    ]
    assert notebook.fractions == sorted(notebook.fractions)


def test_a_job_interrupted_again_and_again_comes_to_its_end(
    job: dict[str, Any], tmp_path: Path, uninterrupted: tuple[dict[str, str], Any]
) -> None:
    for at_tile in (4, 7, 10):
        computed = interrupt(job, at_tile).tiles
        assert len(computed) < 7
    result = hsi_engine.classify_scene(**job, resume=True)
    assert (hashes(tmp_path), counted(result)) == uninterrupted


def test_without_resume_an_interrupted_map_leaves_nothing(job: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(hsi_engine.Cancelled, match=r"^Cancelled; no output was written\.$"):
        hsi_engine.classify_scene(**job, reporter=Notebook(until=6))
    assert list(tmp_path.iterdir()) == []


def test_a_job_resumed_with_less_memory_keeps_the_finished_strips(
    job: dict[str, Any], tmp_path: Path, inputs: dict[str, Path]
) -> None:
    interrupt(job, 8)
    notebook = Notebook()
    result = hsi_engine.classify_scene(**job | {"tile_size": 20}, resume=True, reporter=notebook)
    whole = hsi_engine.classify_scene(**job | {"output": tmp_path / "whole.tif"})
    assert notebook.tiles[0] == "Classifying the scene: tile 7", "two strips of three tiles are kept"
    with rasterio.open(job["output"]) as resumed, rasterio.open(tmp_path / "whole.tif") as expected:
        np.testing.assert_array_equal(resumed.read(1), expected.read(1))
    assert counted(result) == counted(whole)


def other_scene(job: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    copy = tmp_path / "other" / "scene.tif"
    copy.parent.mkdir()
    shutil.copyfile(job["scene"], copy)
    os.utime(copy, (1e9, 1e9))
    return {"scene": copy}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda job, folder: {"min_confidence": 0.5}, r"min_confidence was 0\.4 and is 0\.5"),
        (
            lambda job, folder: {"confidence": None},
            r"rasters was .*confidence.* and is \['class_map', 'probabilities'\]",
        ),
        (other_scene, r"time of the scene was '.*' and is '2001-09-09"),
    ],
)
def test_another_job_does_not_go_on_with_the_tiles(
    job: dict[str, Any],
    tmp_path: Path,
    change: Callable[[dict[str, Any], Path], dict[str, Any]],
    words: str,
    uninterrupted: tuple[dict[str, str], Any],
) -> None:
    interrupt(job, 6)
    with pytest.raises(hsi_engine.MismatchError, match=words):
        hsi_engine.classify_scene(**job | change(job, tmp_path), resume=True)
    assert not job["output"].exists()
    result = hsi_engine.classify_scene(**job, resume=True)
    assert (hashes(tmp_path), counted(result)) == uninterrupted


def test_the_same_scene_may_be_read_from_another_folder(
    job: dict[str, Any], tmp_path: Path, uninterrupted: tuple[dict[str, str], Any]
) -> None:
    interrupt(job, 6)
    moved = tmp_path / "moved" / "scene.tif"
    moved.parent.mkdir()
    shutil.copy2(job["scene"], moved)
    notebook = Notebook()
    result = hsi_engine.classify_scene(**job | {"scene": moved}, resume=True, reporter=notebook)
    assert (hashes(tmp_path), counted(result)) == uninterrupted
    assert len(notebook.tiles) < TILES


def test_a_map_that_cannot_be_finished_keeps_all_its_tiles(
    job: dict[str, Any],
    tmp_path: Path,
    uninterrupted: tuple[dict[str, str], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(writer: MapWriter) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(MapWriter, "_finish", full)
        with pytest.raises(hsi_engine.OutputError, match="No space left") as caught:
            hsi_engine.classify_scene(**job, resume=True)
    assert "The finished tiles are kept in map.tif.unfinished" in caught.value.hint
    notebook = Notebook()
    result = hsi_engine.classify_scene(**job, resume=True, reporter=notebook)
    assert notebook.tiles == []
    assert f"Resuming after tile {TILES} of {TILES}, from map.tif.unfinished." in notebook.messages
    assert (hashes(tmp_path), counted(result)) == uninterrupted


@contextlib.contextmanager
def files_up_to(size: int) -> Iterator[None]:
    resource = pytest.importorskip("resource", reason="Only POSIX systems limit the size of files.")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_an_error_of_the_writing_thread_ends_the_job_in_words(
    job: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(files: Any, tile: Any) -> None:
        raise hsi_engine.OutputError("The disk is gone.", code="write_failed", hint="Mount it.")

    monkeypatch.setattr(map_pipeline.MapFiles, "write", write)
    notebook = Notebook()
    with pytest.raises(hsi_engine.OutputError, match=r"The disk is gone\. Mount it\.$"):
        hsi_engine.classify_scene(**job, reporter=notebook)
    assert list(tmp_path.iterdir()) == []
    assert len(notebook.tiles) < TILES


def test_a_disk_that_fills_up_is_resumed_once_there_is_room(
    job: dict[str, Any], tmp_path: Path, uninterrupted: tuple[dict[str, str], Any]
) -> None:
    with files_up_to(9000), pytest.raises(hsi_engine.OutputError, match="cannot be written"):
        hsi_engine.classify_scene(**job, resume=True)
    result = hsi_engine.classify_scene(**job, resume=True)
    assert (hashes(tmp_path), counted(result)) == uninterrupted


def test_a_scene_without_data_leaves_no_tiles(job: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    scene = make_scenes.write_scene(folder / "scene.tif", bands=16, cube=np.full((16, 20, 30), np.nan), with_hole=False)
    with pytest.raises(hsi_engine.SceneError, match="nothing to classify") as caught:
        hsi_engine.classify_scene(**job | {"scene": scene}, resume=True)
    assert "resume" not in caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_tiles_without_data_need_no_network(
    job: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cube = make_scenes.reflectance(ROWS, COLS, 16)
    cube[:, : 2 * TILE] = np.nan
    scene = make_scenes.write_scene(tmp_path / "half.tif", bands=16, cube=cube, with_hole=False)
    asked = []
    predict = Predictor.predict_components

    def counting(*arrays: Any) -> Any:
        asked.append(arrays)
        return predict(*arrays)

    monkeypatch.setattr(Predictor, "predict_components", counting)
    result = hsi_engine.classify_scene(**job | {"scene": scene})
    assert len(asked) == TILES // 2
    assert result.nodata_pixels == 2 * TILE * COLS
    for name in OUTPUTS.values():
        with rasterio.open(tmp_path / name) as file:
            pixels = file.read()
            assert (np.isnan(pixels) if name != "map.tif" else pixels == 0)[:, : 2 * TILE].all()
            assert not np.isnan(pixels[:, 2 * TILE :]).any()
