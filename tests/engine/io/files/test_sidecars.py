"""Files beside another, whatever their capitals."""

from __future__ import annotations

from pathlib import Path

import pytest

import make_scenes
from hsi_engine.io.files.sidecars import beside
from hsi_engine.io.scenes.scene import describe_scene


def test_capitals_count_only_where_both_spellings_are_there(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    assert beside(path, ("a.qml",)) is None
    (tmp_path / "A.QML").touch()
    assert beside(path, ("b.qml", "a.qml")) == tmp_path / "A.QML"
    (tmp_path / "a.qml").touch()
    assert beside(path, ("a.qml",)) == tmp_path / "a.qml"
    assert beside(tmp_path / "missing" / "a.tif", ("a.qml",)) is None


@pytest.mark.parametrize("names", [("SCENE.HDR", "SCENE.IMG"), ("Scene.hdr", "SCENE.bsq"), ("scene.HDR", "scene.Dat")])
def test_an_envi_header_finds_its_data_file_in_any_capitals(tmp_path: Path, names: tuple[str, str]) -> None:
    written = make_scenes.write_scene(tmp_path / "written.img", layout="bsq")
    grid = describe_scene(written).grid
    for source, name in zip((written.with_suffix(".hdr"), written), names, strict=True):
        source.rename(tmp_path / name)
    if names[0].rpartition(".")[0] == names[1].rpartition(".")[0]:  # GDAL itself looks for no other spelling
        assert describe_scene(tmp_path / names[0]).grid == grid
    from hsi_engine.io.rasters.envi_pairs import data_file_of

    assert data_file_of(tmp_path / names[0]) == tmp_path / names[1]
