"""Pipes, sockets and devices are refused before they are opened, in the place of a source and of what lies next to it."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import hsi_engine
import make_scenes
from hsi_engine.errors import HsiError
from hsi_engine.io.files.isolation.source import check_is_file, check_source
from hsi_engine.io.files.isolation.special_files import special_file_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such files there")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def link_to_endless_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def link_to_pipe(path: Path) -> None:
    os.mkfifo(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def listening_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket may not be long
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


KINDS = [
    (pipe, "a named pipe"),
    (link_to_pipe, "a named pipe"),
    (link_to_endless_device, "a device"),
    (listening_socket, "a socket"),
]


@pytest.mark.parametrize(("make", "words"), KINDS)
@pytest.mark.parametrize(
    ("name", "parameter", "code"),
    [
        ("scene.tif", "scene", "scene.special_file"),
        ("labels.gpkg", "labels", "labels.special_file"),
        ("legend.json", "legend", "parameter.special_file"),
        ("labels.qml", "labels", "labels.special_file"),
        ("labels.gpkg-wal", "labels", "labels.special_file"),
        ("scene.tif.aux.xml", "scene", "scene.special_file"),
        ("SCENE.OVR", "scene", "scene.special_file"),
        ("scene.hdr", "scene", "scene.special_file"),
    ],
)
def test_training_refuses_them_with_their_kind(
    tmp_path: Path, make: Callable[[Path], None], words: str, name: str, parameter: str, code: str
) -> None:
    make_scenes.write_scene(tmp_path / "scene.tif")
    make_scenes.write_polygons(tmp_path / "labels.gpkg", like=tmp_path / "scene.tif")
    (tmp_path / name).unlink(missing_ok=True)
    make(tmp_path / name)
    files = {"scene": tmp_path / "scene.tif", "labels": tmp_path / "labels.gpkg"}
    if parameter == "legend":
        files["legend"] = tmp_path / name
    with pytest.raises(HsiError) as caught:
        hsi_engine.train_classifier(**files, class_field="class_id", output=tmp_path / "m.hsimodel")
    assert caught.value.code == code
    assert f"{tmp_path / name}" in caught.value.message
    assert f" is {words}, not a file." in caught.value.message
    assert caught.value.hint == "Only files and folders are read. Remove it, or choose another file."


def test_the_model_that_a_map_is_made_with(tmp_path: Path) -> None:
    make_scenes.write_scene(tmp_path / "scene.tif")
    pipe(tmp_path / "m.hsimodel")
    with pytest.raises(HsiError, match=r"m\.hsimodel is a named pipe"):
        hsi_engine.classify_scene(
            scene=tmp_path / "scene.tif", model=tmp_path / "m.hsimodel", output=tmp_path / "map.tif"
        )


def test_standard_devices(tmp_path: Path) -> None:
    for name in ("/dev/zero", "/dev/null", "/dev/urandom"):
        with pytest.raises(HsiError, match="is a device"):
            check_is_file(Path(name))


def test_a_folder_of_shapefiles_that_holds_one(tmp_path: Path) -> None:
    pipe(tmp_path / "a.dbf")
    assert special_file_of(tmp_path) == (tmp_path / "a.dbf", "a named pipe")


def test_files_of_other_names_do_not_matter(tmp_path: Path) -> None:
    scene = make_scenes.write_scene(tmp_path / "scene.tif")
    for name in ("other.qml", "scene_2.tif", "scene"):
        pipe(tmp_path / name)
    shutil.copy(scene, tmp_path / "scene.bak")
    (tmp_path / "scene.lnk").symlink_to(scene)
    (tmp_path / "scene.broken").symlink_to(tmp_path / "nothing")
    (tmp_path / "scene.loop").symlink_to(tmp_path / "scene.loop")
    check_is_file(scene)
    assert hsi_engine.inspect_scene(scene=scene).bands


def test_loops_of_links_end_in_words(tmp_path: Path) -> None:
    (tmp_path / "scene.tif").symlink_to(tmp_path / "scene.tif")
    with pytest.raises(HsiError):
        hsi_engine.inspect_scene(scene=tmp_path / "scene.tif")


@pytest.mark.skipif(not Path("/proc/self/mem").is_file(), reason="a file that cannot be read, of Linux")
def test_a_file_whose_disk_fails_is_named() -> None:
    with pytest.raises(HsiError, match=r"/proc/self/mem cannot be read: Input/output error\.") as why:
        check_source(Path("/proc/self/mem"))
    assert "Check the disk" in why.value.hint
