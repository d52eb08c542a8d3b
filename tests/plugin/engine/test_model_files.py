"""Models in a folder, as a form lists them: read without the engine."""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from qgis_plugin.engine.model_files import describe_model, find_model, list_models

OLD_MODEL = Path(__file__).parents[2] / "data" / "models" / "version_1.hsimodel.gz"
LEGEND = [{"value": 2, "name": "water", "color": "#0072b2"}, {"value": 5, "name": "hay", "color": "#009e73"}]


def write(path: Path, manifest: Any, *, compression: int = zipfile.ZIP_STORED, member: str = "manifest.json") -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr(member, manifest if isinstance(manifest, str) else json.dumps(manifest))
    return path


def model(**training: Any) -> dict[str, Any]:
    metrics = {"test": {"overall_accuracy": 0.81}}
    return {"format": "hsimodel", "legend": LEGEND, "training": training, "metrics": metrics}


def test_what_a_model_says(tmp_path: Path) -> None:
    settings = {"scene": "C:\\scenes\\potsdam.tif"}
    path = write(tmp_path / "crops.hsimodel", model(created="2026-05-04T10:00:00+00:00", settings=settings))
    found = describe_model(path)

    assert (found.name, found.day, found.classes) == ("crops", "2026-05-04", ("water", "hay"))
    assert (found.accuracy, found.scene, found.problem) == (0.81, "potsdam.tif", "")


def test_a_model_of_version_1_has_the_day_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "old.hsimodel"
    path.write_bytes(gzip.decompress(OLD_MODEL.read_bytes()))
    os.utime(path, (1_600_000_000, 1_600_000_000))
    found = describe_model(path)

    assert (found.problem, found.day[:4], len(found.classes)) == ("", "2020", 3)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "damaged or not a model"),
        (b"PK\x03\x04 and no more", "damaged or not a model"),
        ({"format": "other"}, "not a model of this plugin"),
        (["list"], "not a model of this plugin"),
        ("{not json", "not readable"),
        ("[" * 200_000, "damaged"),
        ({"format": "hsimodel", "legend": []}, "names no classes"),
        ({"format": "hsimodel", "legend": "water"}, "names no classes"),
        ("x" * (5 << 20), "larger than that of a model"),
    ],
)
def test_what_is_no_model_is_said(tmp_path: Path, content: Any, words: str) -> None:
    path = tmp_path / "bad.hsimodel"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        write(path, content)
    assert words in describe_model(path).problem


def test_what_would_grow_when_read_is_not_read(tmp_path: Path) -> None:
    path = write(tmp_path / "bomb.hsimodel", " " * (1 << 20), compression=zipfile.ZIP_DEFLATED)
    assert "larger than that of a model" in describe_model(path).problem
    assert "not a model" in describe_model(write(tmp_path / "a.hsimodel", model(), member="other.json")).problem


def test_the_latest_comes_first_and_what_cannot_be_read_last(tmp_path: Path) -> None:
    for name, day in (("b", "2026-01-02"), ("a", "2026-01-02"), ("old", "2025-01-02")):
        write(tmp_path / f"{name}.hsimodel", model(created=f"{day}T10:00:00"))
    (tmp_path / "broken.hsimodel").write_bytes(b"")
    (tmp_path / "folder.hsimodel").mkdir()
    write(tmp_path / "scene.zip", model())

    assert [found.name for found in list_models(tmp_path)] == ["a", "b", "old", "broken"]
    assert list_models(tmp_path / "missing") == []


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "m.hsimodel", model(created="2026-01-02"))
    assert describe_model(path).day == "2026-01-02"
    write(path, model(created="2026-03-04", note="longer than before"))
    assert describe_model(path).day == "2026-03-04"


def test_a_bare_name_means_the_model_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "models"
    folder.mkdir()
    crops = write(folder / "crops.hsimodel", model())
    here = write(tmp_path / "here.hsimodel", model())
    write(folder / "here.hsimodel", model())

    assert find_model("crops", folder) == find_model("crops.hsimodel", folder) == str(crops)
    assert find_model("here.hsimodel", folder) == "here.hsimodel"  # the file that is there, as everywhere
    assert find_model(str(here), folder) == str(here)
    assert find_model("other", folder) == "other"
    assert find_model("crops", None) == "crops"


def onnx_file(path: Path, metadata: dict[str, Any], *, graph_bytes: int = 5000) -> Path:
    """The layout of an ONNX file: version, graph, and metadata in separate entries."""

    def counted(field: int, content: bytes) -> bytes:
        length, digits = len(content), b""
        while length >= 0x80:
            digits, length = digits + bytes([length & 0x7F | 0x80]), length >> 7
        return bytes([field << 3 | 2]) + digits + bytes([length]) + content

    entries = [counted(1, k.encode()) + counted(2, v.encode()) for k, v in metadata.items()]
    content = b"\x08\x0a" + counted(7, b"\xff" * graph_bytes) + b"".join(counted(14, entry) for entry in entries)
    path.write_bytes(content)
    return path


def test_an_exported_graph_is_listed_and_other_graphs_are_not(tmp_path: Path) -> None:
    record = json.dumps(model(created="2026-05-04T10:00:00+00:00"))
    graph = onnx_file(tmp_path / "crops.onnx", {"title": "LDA", "hsi_manifest": record})
    onnx_file(tmp_path / "other.onnx", {"title": "Detects ships"})
    onnx_file(tmp_path / "wrong.onnx", {"hsi_manifest": "[]"})
    (tmp_path / "cut.onnx").write_bytes(graph.read_bytes()[:3000])
    (tmp_path / "noise.onnx").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "empty.onnx").touch()
    (found,) = list_models(tmp_path)

    assert (found.name, found.day, found.classes) == ("crops.onnx", "2026-05-04", ("water", "hay"))
    assert (found.accuracy, found.problem) == (0.81, "")
    assert find_model("crops", tmp_path) == str(graph)


def test_every_cut_and_every_flipped_byte_of_a_graph_is_survived(tmp_path: Path) -> None:
    graph = onnx_file(tmp_path / "m.onnx", {"hsi_manifest": json.dumps(model())}, graph_bytes=50)
    content = graph.read_bytes()
    for place in range(len(content)):
        for spoilt in (content[:place], content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]):
            graph.write_bytes(spoilt)
            os.utime(graph, ns=(place, 2 * place + len(spoilt) % 2))
            list_models(tmp_path)
