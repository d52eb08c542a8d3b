"""Products in archives as they are delivered: read as from a folder, without a copy of the cube."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import hsi_engine
import mission_products
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.scene import describe_scene, open_scene
from hsi_engine.pixels.window import Window
from mission_products import part

WHOLE = Window(row=0, col=0, height=30, width=40)
BANDS = [100, 3, 80]


def zipped(product: Path, archive: Path, folder: str = "product/") -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for member in sorted(product.iterdir()):
            file.write(member, folder + member.name)
    return archive


def tarred(product: Path, archive: Path) -> Path:
    with tarfile.open(archive, "w:gz" if archive.suffix in (".gz", ".tgz") else "w") as file:
        file.add(product, "product")
    return archive


def tarred_from_inside(product: Path, archive: Path) -> Path:
    """As ``tar -cf archive.tar .`` does it in the folder of the product."""
    with tarfile.open(archive, "w") as file:
        file.add(product, ".")
    with tarfile.open(archive) as file:
        assert all(member.name.startswith("./") for member in file.getmembers() if member.isfile())
    return archive


def tarred_here(product: Path, archive: Path) -> Path:
    """As ``tar czf a.tar.gz -C folder .`` does: all names begin with ``./``."""
    with tarfile.open(archive, "w:gz") as file:
        file.add(product, ".", filter=dotted)
    return archive


def dotted(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.name = member.name if member.name.startswith(".") else f"./{member.name}"
    return member


def order(product: Path, archive: Path) -> Path:
    """As EnMAP delivers it: an archive per product in the archive of the order."""
    inner = zipped(product, archive.with_name("ENMAP01-____L2A-DT0000004711.ZIP"), "ENMAP01-____L2A-DT0000004711/")
    (archive.parent / "readme.html").write_text("<html></html>")
    with tarfile.open(archive, "w:gz") as file:
        file.add(archive.parent / "readme.html", "readme.html")
        file.add(inner, f"ENMAP.HSI.L2A/ENMAP-HSI-L2ADT0000004711/{inner.name}")
    inner.unlink()
    return archive


def gnu_order(product: Path, archive: Path) -> Path:
    """The same in the older kind of tar archive, with folders whose names are long."""
    inner = zipped(product, archive.with_name("ENMAP01-____L2A-DT0000004711.zip"), "ENMAP01-____L2A-DT0000004711/")
    with tarfile.open(archive, "w:gz", format=tarfile.GNU_FORMAT) as file:
        file.add(inner, f"ENMAP.HSI.L2A/ENMAP-HSI-L2ADT0000004711_{'0' * 90}/{inner.name}")
    inner.unlink()
    return archive


def long_order(product: Path, archive: Path) -> Path:
    """The same in the newer kind of tar archive."""
    inner = zipped(product, archive.with_name("ENMAP01-____L2A-DT0000004711.zip"), "ENMAP01-____L2A-DT0000004711/")
    with tarfile.open(archive, "w:gz", format=tarfile.PAX_FORMAT) as file:
        file.add(inner, f"ENMAP.HSI.L2A/ENMAP-HSI-L2ADT0000004711_{'0' * 90}/{inner.name}")
    inner.unlink()
    return archive


def pixels(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with open_scene(path) as reader:
        block = reader.read(WHOLE, BANDS)
    return block.data, block.valid


@pytest.mark.parametrize("kind", ["enmap_l2a", "desis_l2a"])
@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.zip", zipped),
        ("A.ZIP", zipped),
        ("a.tar.gz", tarred),
        ("a.tgz", tarred),
        ("a.tar", tarred),
        ("i.tar", tarred_from_inside),
        ("here.tar.gz", tarred_here),
        ("o.tar.gz", order),
        ("g.tar.gz", gnu_order),
        ("l.tgz", long_order),
    ],
)
def test_a_product_is_read_from_its_archive(tmp_path: Path, kind: str, name: str, pack: object) -> None:
    product = mission_products.copy_product(kind, tmp_path)
    expected, values, valid = describe_scene(product), *pixels(product)
    folder = tmp_path / "archive"
    folder.mkdir()
    archive = pack(product, folder / name)  # type: ignore[operator]
    before = sorted(file.name for file in folder.iterdir())
    found = describe_scene(archive)
    assert (found.bands, found.scale, found.grid, found.nodata, found.quality_layers) == (
        expected.bands, expected.scale, expected.grid, expected.nodata, expected.quality_layers,
    )  # fmt: skip
    assert (found.path, found.files) == (archive, (str(archive),))
    assert any(f"read from the archive {name} without unpacking it" in note for note in found.warnings)
    again, valid_again = pixels(archive)
    np.testing.assert_array_equal(again, values)
    np.testing.assert_array_equal(valid_again, valid)
    assert sorted(file.name for file in folder.iterdir()) == before  # nothing is written next to it


def test_the_metadata_may_be_named_in_the_archive(tmp_path: Path) -> None:
    product = mission_products.copy_product("enmap_l2a", tmp_path)
    archive = zipped(product, tmp_path / "a.zip")
    name = Path(f"/vsizip/{archive}/product/{part(product, 'METADATA.XML').name}")
    assert describe_scene(name).bands == describe_scene(product).bands


def test_an_archive_is_described_by_scene_information(tmp_path: Path) -> None:
    archive = zipped(mission_products.copy_product("enmap_l2a", tmp_path), tmp_path / "a.zip")
    found = hsi_engine.inspect_scene(scene=archive)
    assert (found.format, found.valid_pixels) == ("EnMAP L2A", 823)


def refused(path: Path) -> SceneError:
    with pytest.raises(SceneError) as caught:
        describe_scene(path)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(("name", "pack"), [("a.zip", zipped), ("a.tar.gz", tarred), ("o.tar.gz", order)])
@pytest.mark.parametrize("share", [0.03, 0.5, 0.97])
def test_a_truncated_archive_is_named(tmp_path: Path, name: str, pack: object, share: float) -> None:
    archive = pack(mission_products.copy_product("enmap_l2a", tmp_path), tmp_path / name)  # type: ignore[operator]
    content = archive.read_bytes()
    archive.write_bytes(content[: int(share * len(content))])
    error = refused(archive)
    assert f"{name} is truncated or damaged" in error.message
    assert "Copy or download" in error.hint


def test_several_products_in_an_archive_are_listed(tmp_path: Path) -> None:
    product = mission_products.copy_product("enmap_l2a", tmp_path)
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for folder in ("one", "two"):
            for member in product.iterdir():
                file.write(member, f"{folder}/{member.name}")
    error = refused(archive)
    assert "The archive" in error.message
    assert "holds 2 products" in error.message
    assert "after unpacking it" in error.hint


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_products_of_several_missions_in_an_archive_are_listed(tmp_path: Path, name: str) -> None:
    both = tmp_path / "both"
    for kind in ("enmap_l2a", "prisma_l2d"):
        mission_products.copy_product(kind, both)
    packed = zip_folders if name.endswith("zip") else tarred
    error = refused(packed(both, tmp_path / name))
    assert f"The archive {tmp_path / name} holds 2 products." in error.message
    assert "Choose one of them by its metadata or file, after unpacking it:" in error.hint
    assert "METADATA.XML" in error.hint
    assert ".he5" in error.hint


def zip_folders(folder: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w") as file:
        for member in sorted(folder.rglob("*.*")):
            file.write(member, member.relative_to(folder).as_posix())
    return archive


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("other", ["desis_l2a", "prisma_l2d", "emit_l2a", "neon_aop", "tanager_ortho_sr"])
def test_products_of_several_missions_in_a_folder_are_listed(tmp_path: Path, other: str, flat: bool) -> None:
    both = tmp_path / "both"
    for kind in ("enmap_l2a", other):
        product = mission_products.copy_product(kind, both)
        for file in product.iterdir() if flat else ():
            file.rename(both / file.name)
    error = refused(both)
    assert f"The folder {both} holds 2 products." in error.message
    assert "Choose one of them by its metadata or file: " in error.hint
    assert ("enmap_l2a/ENMAP01" in error.hint) is not flat
    found = [both / name for name in error.hint.partition("file: ")[2].rstrip(".").split(", ")]
    assert len({describe_scene(path).driver for path in found}) == 2


def test_of_a_folder_with_a_product_its_subfolders_are_not_asked(tmp_path: Path) -> None:
    folder = mission_products.copy_product("prisma_l2d", tmp_path)
    mission_products.copy_product("enmap_l2a", folder)
    assert describe_scene(folder).path.suffix == ".he5"


def test_an_image_that_is_missing_in_an_archive_is_named(tmp_path: Path) -> None:
    product = mission_products.copy_product("enmap_l2a", tmp_path)
    part(product, "SPECTRAL_IMAGE.TIF").unlink()
    assert "The image of the product is missing" in str(refused(zipped(product, tmp_path / "a.zip")))


def test_names_that_begin_with_the_folder_are_listed_as_gdal_takes_them(make_scene: Callable[..., Path]) -> None:
    scene = make_scene("plain.tif")
    archive = scene.with_name("plain.tar.gz")
    with tarfile.open(archive, "w:gz") as file:
        file.add(scene, "./plain.tif", filter=dotted)
    hint = refused(archive).hint
    assert hint == f"Name a file in it: /vsitar/{archive}/plain.tif."
    assert describe_scene(Path(f"/vsitar/{archive}/plain.tif")).bands == describe_scene(scene).bands
