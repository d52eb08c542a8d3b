"""Products of several files: what is said of the metadata next to an image, and of files that hold no pixels."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.scene import describe_scene

MakeScene = Callable[..., Path]
NAME = "XMAP01-____L2A-DT0000004711_20230711T102233Z_004_V010303"


def notes_of(path: Path) -> list[str]:
    return [note for note in describe_scene(path).warnings if "METADATA" in note.upper()]


def test_metadata_next_to_a_scene_without_wavelengths_is_named(make_scene: MakeScene, tmp_path: Path) -> None:
    for other in ("XMAP01-____L2A-DT0000009999_20200101T102233Z_004_V010303", NAME):
        (tmp_path / f"{other}-METADATA.XML").write_text("<of_another_mission/>")
    (note,) = notes_of(make_scene(f"{NAME}-SPECTRAL_IMAGE.TIF", wavelengths=False))
    assert f"{NAME}-METADATA.XML next to it" in note
    assert f"Choose {NAME}-METADATA.XML to open" in note
    assert f"ENVI header {NAME}-SPECTRAL_IMAGE.hdr" in note


@pytest.mark.parametrize(
    ("name", "is_said"),
    [
        (f"EN{NAME[1:]}-SPECTRAL_IMAGE.TIF", True),
        ("DESIS-HSI-L2A-DT0404040404_007-SPECTRAL_IMAGE.tif", True),
        ("enmap_berlin.tif", False),
        ("SPECTRAL_IMAGE.TIF", False),
    ],
)
def test_metadata_that_were_lost_are_asked_for(make_scene: MakeScene, name: str, is_said: bool) -> None:
    notes = notes_of(make_scene(name, wavelengths=False))
    assert [("numbers are used as stored" in note) for note in notes] == [True] * is_said


def test_the_header_that_the_note_asks_for_is_read(make_scene: MakeScene, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}-METADATA.XML").write_text("<of_another_mission/>")
    scene = make_scene(f"{NAME}-SPECTRAL_IMAGE.TIF", wavelengths=False)
    values = ", ".join(str(430 + 50 * band) for band in range(len(describe_scene(scene).bands)))
    header = f"ENVI\nwavelength = {{{values}}}\nwavelength units = Nanometers\n"
    (tmp_path / f"{NAME}-SPECTRAL_IMAGE.hdr").write_text(header)
    assert describe_scene(scene).bands.wavelength_nm[:2] == (430, 480)
    assert notes_of(scene) == []


def test_nothing_is_said_of_metadata_that_is_not_needed_or_of_another_scene(
    make_scene: MakeScene, tmp_path: Path
) -> None:
    (tmp_path / f"{NAME}-METADATA.XML").write_text("<of_another_mission/>")
    assert notes_of(make_scene(f"{NAME}-SPECTRAL_IMAGE.TIF")) == []
    assert notes_of(make_scene("scene.tif", wavelengths=False)) == []


def test_metadata_in_the_place_of_a_scene_names_the_image(make_scene: MakeScene, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}-METADATA.XML").write_text("<of_another_mission/>")
    with pytest.raises(SceneError) as caught:
        describe_scene(tmp_path / f"{NAME}-METADATA.XML")
    assert caught.value.hint == "It is an XML file, which holds no pixels. Choose the image."
    make_scene(f"{NAME}-SPECTRAL_IMAGE.TIF")
    make_scene(f"{NAME}-QL_VNIR.TIF")
    with pytest.raises(SceneError) as caught:
        describe_scene(tmp_path / f"{NAME}-METADATA.XML")
    assert caught.value.hint.endswith(f"Choose the image next to it: {NAME}-SPECTRAL_IMAGE.TIF.")


def test_an_old_matlab_file_is_called_that(tmp_path: Path) -> None:
    path = tmp_path / "cube.mat"
    path.write_bytes(bytes(20) + b"cube" + bytes(640))  # version 4 begins with the size of its first matrix
    with pytest.raises(SceneError, match="is not a raster that GDAL can read") as caught:
        describe_scene(path)
    assert "MATLAB file of version 4" in caught.value.hint
    assert "ENVI file, its header" not in caught.value.hint


def item(path: Path, **assets: object) -> Path:
    content = {"type": "Feature", "stac_version": "1.0.0", "id": "x", "geometry": None, "assets": assets}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_an_item_of_a_stac_catalogue_names_the_image_to_choose(tmp_path: Path) -> None:
    path = item(tmp_path / "item.json", cube={"href": "./cube.tif"}, page={"href": "a.html"}, odd=3, other={"href": 7})
    with pytest.raises(SceneError, match="is not a raster that GDAL can read") as caught:
        describe_scene(path)
    assert caught.value.hint == (
        "It describes files for a STAC catalogue and holds no pixels. Choose the image it names: ./cube.tif."
    )
    with pytest.raises(SceneError, match="Choose the image it names among its assets"):
        describe_scene(item(tmp_path / "none.json"))
    (tmp_path / "labels.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    with pytest.raises(SceneError, match="It is a vector file; it can serve as labels"):
        describe_scene(tmp_path / "labels.geojson")
