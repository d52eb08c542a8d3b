"""What is offered for a file that does not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.errors import BundleError, SceneError
from hsi_engine.io.files.near_names import near_names
from hsi_engine.io.scenes.scene import describe_scene


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("p4.tif", "e3.tif", "scene_2021.tif", "scene_2022.tif", "crops.hsimodel", ".scene_202.tif"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("nope.tif", "Check the folder and the spelling."),
        ("x1.tif", "Check the folder and the spelling."),
        ("scene_2021.tiff", "Did you mean scene_2021.tif or scene_2022.tif?"),
        ("SCENE_2022.tif", "Did you mean scene_2022.tif or scene_2021.tif?"),
        ("crop.hsimodel", "Did you mean crops.hsimodel?"),
    ],
)
def test_only_names_that_are_like_it_are_offered(folder: Path, name: str, hint: str) -> None:
    assert near_names(folder / name) == hint


def test_a_missing_folder_is_said(folder: Path) -> None:
    hint = near_names(folder / "gone" / "deep" / "scene.tif")
    assert hint == f"Its folder does not exist either; the path exists up to {folder}."


def test_a_missing_model_gets_the_help_of_a_missing_scene(folder: Path) -> None:
    with pytest.raises(BundleError, match=r"does not exist\. Did you mean crops\.hsimodel\?"):
        read_bundle(folder / "crop.hsimodel")
    with pytest.raises(SceneError, match=r"does not exist\. Did you mean scene_2021\.tif or"):
        describe_scene(folder / "scene_2021.tiff")
