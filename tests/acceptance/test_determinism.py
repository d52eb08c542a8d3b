"""The same job gives the same bytes, again and on another number of threads."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import hsi_engine
import make_scenes

_REPEATS = 5


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    scene = make_scenes.write_scene(folder / "scene.tif", rows=40, cols=32, bands=14)
    make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)
    return folder


def job(inputs: Path, folder: Path) -> dict[str, bytes]:
    """What a training and a map write, by name, apart from the model, which other tests compare."""
    folder.mkdir()
    hsi_engine.train_and_classify(
        scene=inputs / "scene.tif",
        labels=inputs / "polygons.gpkg",
        class_field="class_id",
        model="lda",
        split="random",
        output=folder / "map.tif",
        model_output=folder / "m.hsimodel",
        confidence=folder / "confidence.tif",
    )
    hsi_engine.clean_map(map=folder / "map.tif", min_area=2, output=folder / "clean.tif", table=folder / "areas.csv")
    hsi_engine.export_map(map=folder / "clean.tif", polygons=folder / "map.gpkg", legend_file=folder / "map.sld")
    hsi_engine.sample_reference_points(map=folder / "map.tif", points=30, output=folder / "points.gpkg")
    # A model records how long its training took, and where its inputs are.
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".hsimodel"}


def differing(first: dict[str, bytes], second: dict[str, bytes]) -> list[str]:
    return sorted(name for name in {*first, *second} if first.get(name) != second.get(name))


def test_five_runs_write_the_same_bytes(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    runs = [job(inputs, tmp_path / str(number)) for number in range(_REPEATS)]
    assert len(runs[0]) >= 8
    assert [differing(runs[0], run) for run in runs[1:]] == [[]] * (_REPEATS - 1)


def test_one_and_two_threads_make_the_same_map(inputs: Path, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    runs = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            runs.append(job(inputs, tmp_path / str(threads)))
    finally:
        torch.set_num_threads(before)
    assert differing(*runs) == []
