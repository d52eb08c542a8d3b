"""Folders with products of missions: every product and every raster is a scene, and none is dropped without a note."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

import make_scenes
import mission_products
from archives import SIZE
from hsi_engine.operations.classify_scenes.scene_list import SceneList, find_scenes


def scenes_of(source: Path | str, tmp_path: Path) -> SceneList:
    return find_scenes(str(source), tmp_path / "out")


def names(source: Path | str, tmp_path: Path) -> list[str]:
    """Of the scenes, relative to ``tmp_path``."""
    return [scene.relative_to(tmp_path).as_posix() for scene in scenes_of(source, tmp_path).paths]


def product(kind: str, folder: Path) -> Path:
    """A copy that lies in ``folder`` itself."""
    return mission_products.copy_product(kind, folder.parent).rename(folder)


def flat(kind: str, folder: Path) -> None:
    """The files of a product among others."""
    for file in (mission_products.FOLDER / kind).iterdir():
        shutil.copyfile(file, folder / file.name)


def metadata(folder: Path) -> str:
    return mission_products.part(folder, "METADATA.XML").name


@pytest.fixture
def flights(tmp_path: Path) -> Path:
    (tmp_path / "flights").mkdir()
    return tmp_path / "flights"


def test_a_folder_of_a_product_and_rasters_holds_all_of_them(flights: Path, tmp_path: Path) -> None:
    product("enmap_l2a", flights / "day1")
    for number in (2, 3):
        make_scenes.write_scene(flights / f"day{number}.tif", **SIZE)
    assert names(flights, tmp_path) == ["flights/day1", "flights/day2.tif", "flights/day3.tif"]
    assert scenes_of(flights, tmp_path).notes == ()


def test_folders_of_products_of_several_missions_are_scenes(flights: Path, tmp_path: Path) -> None:
    for number, kind in enumerate(("enmap_l2a", "desis_l2a", "desis_l2a", "emit_l2a", "neon_aop")):
        product(kind, flights / f"day{number}")
    assert names(flights, tmp_path) == [f"flights/day{number}" for number in range(5)]


def test_a_product_in_a_folder_and_one_in_a_file_are_scenes(flights: Path, tmp_path: Path) -> None:
    product("enmap_l2a", flights / "day1")
    flat("prisma_l2d", flights)
    (file,) = flights.glob("*.he5")
    assert names(flights, tmp_path) == [f"flights/{file.name}", "flights/day1"]


def test_a_single_folder_of_a_product_is_named_like_one_of_many(flights: Path, tmp_path: Path) -> None:
    product("enmap_l2a", flights / "day1")
    assert names(flights, tmp_path) == ["flights/day1"]


@pytest.mark.parametrize("kind", ["enmap_l2a", "desis_l2a", "emit_l2a", "prisma_l2d", "neon_aop", "tanager_ortho_sr"])
def test_the_folder_of_one_product_is_that_scene(tmp_path: Path, kind: str) -> None:
    product(kind, tmp_path / "day1")
    assert names(tmp_path / "day1", tmp_path) == ["day1"]


def test_a_raster_among_the_files_of_a_product_is_another_scene(flights: Path, tmp_path: Path) -> None:
    flat("enmap_l2a", flights)
    make_scenes.write_scene(flights / "day2.tif", **SIZE)
    assert names(flights, tmp_path) == [f"flights/{metadata(flights)}", "flights/day2.tif"]


@pytest.mark.parametrize("plain", [False, True])
def test_rasters_named_almost_like_a_layer_are_scenes(flights: Path, tmp_path: Path, plain: bool) -> None:
    """Also of a product whose files have lost their prefix."""
    flat("enmap_l2a", flights)
    prefix = metadata(flights).removesuffix("METADATA.XML")
    if plain:
        mission_products.rename(flights, lambda name: name.removeprefix(prefix))
    make_scenes.write_scene(flights / "day2_ql_map.tif", **SIZE)
    make_scenes.write_scene(flights / f"{prefix}subset.tif", **SIZE)
    expected = {metadata(flights), "day2_ql_map.tif", f"{prefix}subset.tif"}
    assert {Path(name).name for name in names(flights, tmp_path)} == expected


@pytest.mark.parametrize("folders", ["two", "two/orders"])
def test_several_folders_of_one_mission_are_scenes(tmp_path: Path, folders: str) -> None:
    for number in (1, 2):
        (tmp_path / folders).mkdir(parents=True, exist_ok=True)
        product("enmap_l2a", tmp_path / folders / str(number))
    assert names(tmp_path / "two", tmp_path) == [f"{folders}/1", f"{folders}/2"]


@pytest.mark.parametrize("kind", ["enmap_l2a", "emit_l2a", "prisma_l2d"])
def test_two_products_side_by_side_are_two_scenes(flights: Path, tmp_path: Path, kind: str) -> None:
    """Without their layers and masks, which are not scenes."""
    flat(kind, flights)
    for file in sorted(flights.iterdir()):
        shutil.copyfile(file, flights / file.name.replace("2022", "2032").replace("2023", "2033"))
    endings = {"enmap_l2a": "*METADATA.XML", "emit_l2a": "*_RFL_*", "prisma_l2d": "*.he5"}
    expected = sorted(file.relative_to(tmp_path).as_posix() for file in flights.glob(endings[kind]))
    assert len(expected) == 2
    assert names(flights, tmp_path) == expected


def test_the_products_of_the_test_data_are_all_found(tmp_path: Path) -> None:
    found = scenes_of(mission_products.FOLDER, tmp_path)
    kinds = ["desis_l2a", "emit_l2a", "enmap_l2a", "neon_aop", "prisma_l2d", "tanager_ortho_sr"]
    assert [path.name for path in found.paths] == kinds
    (note,) = found.notes
    assert "not other rasters: aviris3_rotated, envi_lab_camera, mat_v5, mat_v73." in note


def test_what_else_lies_in_the_folder_of_a_product_is_noted(flights: Path, tmp_path: Path) -> None:
    for number in (1, 2):
        product("enmap_l2a", flights / f"day{number}")
    make_scenes.write_scene(flights / "day1" / "subset.tif", **SIZE)
    found = scenes_of(flights, tmp_path)
    assert [path.name for path in found.paths] == ["day1", "day2"]
    assert "only products are looked for, not other rasters: day1." in found.notes[0]


def test_a_pattern_finds_products_in_folders(flights: Path, tmp_path: Path) -> None:
    for number in (1, 2):
        product("enmap_l2a", flights / "order" / str(number))
    make_scenes.write_scene(flights / "day3.tif", **SIZE)
    found = names(f"{flights}/*", tmp_path)
    assert found == ["flights/day3.tif", "flights/order/1", "flights/order/2"]


def test_comments_of_a_list_may_follow_a_name(flights: Path, tmp_path: Path) -> None:
    """A file that has the sign in its name keeps it; of one that is missing, the name without comments is said."""
    for name in ("s1.tif", "day #2.tif", "b#3.tif", "s4.tif"):
        make_scenes.write_scene(flights / name, **SIZE)
    lines = [
        "  # all of Monday",
        "flights/s1.tif # cloudy # in the north",
        "flights/day #2.tif\t# two",
        "flights/b#3.tif",
        '"flights/s4.tif"  # quoted',
        "flights/gone.tif # lost # for good",
    ]
    (tmp_path / "list.txt").write_text("\n".join(lines), encoding="utf-8")
    expected = [f"flights/{name}" for name in ("s1.tif", "day #2.tif", "b#3.tif", "s4.tif", "gone.tif")]
    assert names(tmp_path / "list.txt", tmp_path) == expected


@pytest.mark.parametrize("name", ["day1.zip", "day1.tar.gz", "day1.tgz"])
def test_a_packed_product_is_a_scene(flights: Path, tmp_path: Path, name: str) -> None:
    copy = mission_products.copy_product("enmap_l2a", tmp_path / "copy")
    form = "zip" if name.endswith("zip") else "gztar"
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), form, copy))
    shutil.move(packed, flights / name)
    make_scenes.write_scene(flights / "day2.tif", **SIZE)
    with zipfile.ZipFile(flights / "texts.zip", "w") as file:
        file.writestr("readme.txt", "no scene")
    assert names(flights, tmp_path) == [f"flights/{name}", "flights/day2.tif"]
    (note,) = scenes_of(flights, tmp_path).notes
    assert "only if they hold one product of a mission. These were left out: texts.zip. Unpack them" in note
