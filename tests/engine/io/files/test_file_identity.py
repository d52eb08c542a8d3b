"""When a file counts as the same as before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hsi_engine.io.files.file_identity import identity_of_files, identity_of_source, lasting


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "fields.gpkg"
    path.write_bytes(b"content")
    return path


@pytest.mark.parametrize("name", ["fields.gpkg-wal", "fields.qml", "fields.gpkg.aux.xml", "fields.dbf"])
def test_what_lies_beside_it_under_its_name_counts(labels: Path, name: str) -> None:
    before = identity_of_source(labels)
    labels.with_name(name).write_bytes(b"journal")
    assert identity_of_source(labels) != before


@pytest.mark.parametrize("name", ["fields2.gpkg", "other.qml", "my fields.gpkg"])
def test_other_files_of_the_folder_do_not(labels: Path, name: str) -> None:
    before = identity_of_source(labels)
    labels.with_name(name).write_bytes(b"journal")
    assert identity_of_source(labels) == before


def test_size_and_time_count(labels: Path) -> None:
    first = identity_of_source(labels)
    assert identity_of_source(labels) == first
    os.utime(labels, ns=(1, labels.stat().st_mtime_ns + 1))
    second = identity_of_source(labels)
    assert second != first
    labels.write_bytes(b"contents")
    os.utime(labels, ns=(1, second[0][2] if second else 0))
    assert identity_of_source(labels) != second


def test_a_layer_of_a_file_is_known_by_the_file(labels: Path) -> None:
    assert identity_of_source(Path(f"{labels}|layername=a")) == identity_of_source(labels)


def test_a_folder_is_known_by_all_that_it_holds(tmp_path: Path) -> None:
    (tmp_path / "x.gdb" / "inner").mkdir(parents=True)
    (tmp_path / "x.gdb" / "inner" / "a").write_bytes(b"1")
    before = identity_of_source(tmp_path / "x.gdb")
    (tmp_path / "x.gdb" / "inner" / "b").write_bytes(b"2")
    assert identity_of_source(tmp_path / "x.gdb") != before


def test_a_name_without_a_file_has_none() -> None:
    assert identity_of_source(Path("/vsicurl/https://example.org/x.gpkg")) is None


def test_a_missing_file_is_another_than_an_empty_one_with_a_time(tmp_path: Path) -> None:
    missing = identity_of_files([tmp_path / "a"])
    (tmp_path / "a").touch()
    assert identity_of_files([tmp_path / "a"]) != missing


def test_statistics_for_display_do_not_last() -> None:
    assert lasting(["/a/x.tif", "/a/x.tif.aux.xml", "/a/x.hdr"]) == [Path("/a/x.tif"), Path("/a/x.hdr")]
