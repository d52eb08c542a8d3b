"""When a file counts as the same as before."""

from __future__ import annotations

import os
import zipfile
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


def test_another_file_of_that_size_and_time_in_its_place_is_another(labels: Path) -> None:
    before, found = identity_of_source(labels), labels.stat()
    other = labels.with_name("copy")
    other.write_bytes(b"changed")
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    other.replace(labels)
    after = labels.stat()
    assert (after.st_size, after.st_mtime_ns) == (found.st_size, found.st_mtime_ns)
    assert identity_of_source(labels) != before


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


def test_what_a_gis_writes_for_display_does_not_last() -> None:
    names = ["/a/x.tif", "/a/x.tif.aux.xml", "/a/x.tif.ovr", "/a/x.hdr"]
    assert lasting(names) == [Path("/a/x.tif"), Path("/a/x.hdr")]


def test_a_file_in_an_archive_is_known_by_the_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("scene.tif", b"")
    assert lasting([f"/vsizip/{tmp_path}/z.zip/scene.tif"]) == [tmp_path / "z.zip"]


LAYER = "<OGRVRTDataSource><OGRVRTLayer name='fields'><SrcDataSource {}>{}</SrcDataSource>{}</OGRVRTLayer></OGRVRTDataSource>"
RASTER = "<VRTDataset><VRTRasterBand><SimpleSource><SourceFilename>{}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"


@pytest.mark.parametrize(
    ("vrt", "changed"),
    [
        (LAYER.format("relativeToVRT='1'", "fields.gpkg", ""), "data/fields.gpkg"),
        (LAYER.format("relativeToVRT='1'", "fields.gpkg", ""), "data/fields.gpkg-wal"),
        (LAYER.format("", "{folder}/data/fields.gpkg", ""), "data/fields.gpkg"),
        (LAYER.format("relativeToVRT='1'", "CSV:fields.gpkg", ""), "data/fields.gpkg"),
        (LAYER.format("relativeToVRT='1'", "../folder.gdb", ""), "folder.gdb/a0001"),
        (
            LAYER.format("", "fields.gpkg", "<SrcSQL>SELECT * FROM a JOIN '{folder}/other.csv'.other ON a.x</SrcSQL>"),
            "other.csv",
        ),
        (RASTER.format("fields.gpkg"), "data/fields.gpkg"),
        (RASTER.format("inner.vrt"), "other.csv"),
    ],
)
def test_what_a_vrt_names_counts(tmp_path: Path, vrt: str, changed: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "folder.gdb").mkdir()
    for name in ("data/fields.gpkg", "folder.gdb/a0001", "other.csv"):
        (tmp_path / name).write_bytes(b"content")
    (tmp_path / "data" / "inner.vrt").write_text(RASTER.format("../other.csv"), encoding="utf-8")
    labels = tmp_path / "data" / "labels.vrt"
    labels.write_text(vrt.replace("{folder}", str(tmp_path)), encoding="utf-8")
    before = identity_of_source(labels)
    assert identity_of_source(labels) == before
    (tmp_path / changed).write_bytes(b"other content")
    assert identity_of_source(labels) != before


def test_a_folder_called_like_a_layer_of_a_vrt_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "fields").mkdir()
    (tmp_path / "labels.vrt").write_text(LAYER.format("", "none.gpkg", ""), encoding="utf-8")
    before = identity_of_source(tmp_path / "labels.vrt")
    (tmp_path / "fields" / "other.tif").write_bytes(b"content")
    assert identity_of_source(tmp_path / "labels.vrt") == before


def test_vrts_that_name_each_other_come_to_an_end(tmp_path: Path) -> None:
    for name, other in (("a.vrt", "b.vrt"), ("b.vrt", "a.vrt")):
        (tmp_path / name).write_text(RASTER.format(other), encoding="utf-8")
    assert identity_of_source(tmp_path / "a.vrt") == identity_of_files([tmp_path / "a.vrt", tmp_path / "b.vrt"])


def test_of_what_a_vrt_of_rasters_names_headers_last_and_styles_do_not(tmp_path: Path) -> None:
    for name in ("scene.img", "scene.hdr", "scene.qml", "scene.img.aux.xml"):
        (tmp_path / name).write_bytes(b"content")
    (tmp_path / "inner.vrt").write_text(RASTER.format("scene.img"), encoding="utf-8")
    (tmp_path / "outer.vrt").write_text(RASTER.format("inner.vrt"), encoding="utf-8")
    names = ("outer.vrt", "inner.vrt", "scene.img", "scene.hdr")
    for name in (f"{tmp_path}/outer.vrt", f"vrt://{tmp_path}/outer.vrt?bands=1"):
        assert sorted(lasting([name])) == sorted(tmp_path / name for name in names)
