"""ENVI headers and their data files: names in other cases and with other endings, and headers beside a GeoTIFF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio

import make_scenes
from hsi_engine.errors import SceneError
from hsi_engine.io.rasters.envi_pairs import data_file_of, read_header
from hsi_engine.io.scenes.scene import Scene, describe_scene, open_scene
from hsi_engine.pixels.window import Window

MakeScene = Callable[..., Path]


def pair(make_scene: MakeScene, data: str, header: str) -> Path:
    """An ENVI scene under these names; returns the header."""
    path = make_scene("x/scene.bsq", layout="bsq")
    path.rename(path.with_name(data))
    return path.with_suffix(".hdr").rename(path.with_name(header))


@pytest.mark.parametrize(
    ("data", "header"),
    [
        ("scene.BSQ", "scene.HDR"),
        ("SCENE.BSQ", "SCENE.HDR"),
        ("SCENE.DAT", "scene.hdr"),
        ("Scene", "scene.Hdr"),
        ("scene.bsq", "scene.bsq.HDR"),
        ("scene.v1.Img", "scene.v1.hdr"),
        ("scene.rad", "scene.hdr"),
        ("scene.RFL", "SCENE.hdr"),
        ("scene.v1", "scene.v1.hdr"),
    ],
)
def test_header_and_data_find_each_other(make_scene: MakeScene, data: str, header: str) -> None:
    path = pair(make_scene, data, header)
    for name in (path, path.with_name(data)):
        scene = describe_scene(name)
        assert scene.path.name == data
        assert scene.bands.wavelength_nm == pytest.approx(make_scenes.wavelengths_nm())


def test_exact_names_go_before_names_in_another_case(make_scene: MakeScene) -> None:
    header = pair(make_scene, "scene.bsq", "scene.hdr")
    for other in ("SCENE.BSQ", "Scene.bsq", "Scene.hdr", "SCENE.HDR"):
        if not header.with_name(other).exists():  # a disk that does not tell cases apart
            header.with_name(other).write_bytes(b"other")
    assert data_file_of(header).name == "scene.bsq"


def test_sidecars_are_no_data(make_scene: MakeScene) -> None:
    header = pair(make_scene, "scene.rfl", "scene.hdr")
    for other in (
        "scene.xml",
        "scene.rfl.aux.xml",
        "scene.qml",
        "scene.prj",
        "scene.gpkg",
        "scene.png",
        "scene.v2.bsq",
    ):
        header.with_name(other).write_text("other")
    assert data_file_of(header).name == "scene.rfl"


def test_several_files_of_unknown_endings_are_named(make_scene: MakeScene) -> None:
    header = pair(make_scene, "scene.rfl", "scene.hdr")
    header.with_name("scene.unc").write_bytes(b"other")
    header.write_text(header.read_text().replace("data type", "data kind"))  # no size is known
    with pytest.raises(SceneError, match=r"2 files next to it may hold its data: scene\.rfl, scene\.unc") as caught:
        describe_scene(header)
    assert caught.value.code == "scene.envi_data_ambiguous"


@pytest.mark.parametrize(
    ("data", "other"),
    [
        ("scene.img", "scene.dat"),
        ("scene.img", "scene"),
        ("scene.rfl", "scene.dat"),
        ("scene.rfl", "scene.unc"),
        ("scene.bsq", "scene.tif"),
        ("scene.dat", "scene.DAT.gz"),
    ],
)
def test_the_file_of_the_stated_size_is_the_data(make_scene: MakeScene, data: str, other: str) -> None:
    header = pair(make_scene, data, "scene.hdr")
    header.with_name(other).write_bytes(b"not pixels\n")
    assert data_file_of(header).name == data
    assert describe_scene(header).path.name == data


def test_a_short_file_goes_after_a_compressed_one_and_alone_is_the_data(make_scene: MakeScene) -> None:
    header = pair(make_scene, "scene.bsq", "scene.hdr")
    header.with_name("scene.bsq").write_bytes(b"cut off")
    assert data_file_of(header).name == "scene.bsq"
    header.with_name("scene.img.gz").write_bytes(b"packed")
    assert data_file_of(header).name == "scene.img.gz"


def test_the_offset_in_the_header_counts(make_scene: MakeScene) -> None:
    header = pair(make_scene, "scene.img", "scene.hdr")
    data = header.with_name("scene.img")
    header.with_name("scene.dat").write_bytes(data.read_bytes())
    data.write_bytes(bytes(100) + data.read_bytes())
    header.write_text(header.read_text().replace("header offset = 0", "header offset = 100"))
    assert data_file_of(header) == data


def test_several_files_of_the_stated_size_are_named(make_scene: MakeScene) -> None:
    header = pair(make_scene, "scene.img", "scene.hdr")
    data = header.with_name("scene.img")
    header.with_name("scene.dat").write_bytes(data.read_bytes())
    size = data.stat().st_size
    expected = rf"2 files next to it have the {size} bytes that it states: scene\.dat, scene\.img\."
    with pytest.raises(SceneError, match=expected) as caught:
        describe_scene(header)
    assert caught.value.code == "scene.envi_data_ambiguous"
    assert describe_scene(data).path == data
    header.with_name("scene.dat").unlink()
    header.with_name("scene").symlink_to("scene.img")
    assert data_file_of(header).samefile(data)


# ------------------------------------------------------------------------------------ beside a GeoTIFF


def beside_geotiff(make_scene: MakeScene, *, header: str = "scene.hdr", tags: bool = False, **entries: object) -> Path:
    path = make_scene("scene.tif", wavelengths=tags, scale=1.0, dtype="int16", nodata=None, with_hole=False)
    with rasterio.open(path) as file:
        size: dict[str, object] = {"samples": file.width, "lines": file.height, "bands": file.count}
    lines = [
        "ENVI",
        "file type = TIFF",
        *(f"{key.replace('_', ' ')} = {value}" for key, value in (size | entries).items()),
    ]
    path.with_name(header).write_text("\n".join(lines) + "\n")
    return path


def listed(values: object) -> str:
    return "{" + ",\n ".join(map(str, values)) + "}"  # type: ignore[call-overload]


SPECTRAL = {
    "wavelength": listed(make_scenes.wavelengths_nm() / 1000),
    "wavelength_units": "Micrometers",
    "bbl": listed([1, 1, 0, *[1] * 9]),
}
USED = "Band information missing from the file was taken from the ENVI header {} next to it."


@pytest.mark.parametrize("header", ["scene.hdr", "SCENE.HDR", "scene.tif.hdr", "scene.Tif.Hdr"])
def test_a_geotiff_takes_its_bands_from_the_header(make_scene: MakeScene, header: str) -> None:
    path = beside_geotiff(make_scene, header=header, **SPECTRAL)
    for name in (path, path.with_name(header)):
        scene = describe_scene(name)
        assert (scene.path, scene.driver) == (path, "GTiff")
        assert scene.bands.wavelength_nm == pytest.approx(make_scenes.wavelengths_nm())
        assert scene.bands.good[2] is False
        assert scene.warnings == (USED.format(header),)


def test_what_the_geotiff_says_itself_counts(make_scene: MakeScene) -> None:
    path = beside_geotiff(make_scene, tags=True, wavelength=listed(range(2000, 2012)), wavelength_units="Nanometers")
    assert describe_scene(path).bands.wavelength_nm == pytest.approx(make_scenes.wavelengths_nm())


def whole(path: Path) -> tuple[Scene, np.ndarray, np.ndarray]:
    with open_scene(path) as reader:
        block = reader.read(Window.of_shape(reader.scene.grid.shape), [0, 5])
    return reader.scene, block.data, block.valid


def test_scales_and_nodata_of_the_header_count(make_scene: MakeScene) -> None:
    plain = make_scene("plain.tif", scale=1.0, dtype="int16", nodata=None, with_hole=False)
    _, numbers, _ = whole(plain)
    path = beside_geotiff(make_scene, data_gain_values=listed([0.5] * 12), data_ignore_value=0)
    scene, data, valid = whole(path)
    assert scene.scale == (0.5,) * 12
    assert scene.nodata == 0
    np.testing.assert_array_equal(valid, (numbers != 0).all(axis=0))
    np.testing.assert_allclose(data[:, valid], 0.5 * numbers[:, valid])


def test_a_header_of_another_size_is_not_used(make_scene: MakeScene) -> None:
    path = beside_geotiff(make_scene, **(SPECTRAL | {"bands": 11}))
    scene = describe_scene(path)
    assert scene.bands.wavelength_nm == (None,) * 12
    assert scene.warnings == ("The header scene.hdr next to the scene states another size and is not used.",)


def test_the_header_of_another_data_file_is_no_concern(make_scene: MakeScene) -> None:
    path = make_scene("scene.tif", wavelengths=False)
    make_scene("scene.bsq", layout="bsq")
    scene = describe_scene(path)
    assert scene.bands.wavelength_nm == (None,) * 12
    assert scene.warnings == ()


def test_a_file_that_is_no_header_is_no_concern(make_scene: MakeScene) -> None:
    path = make_scene("scene.tif")
    path.with_suffix(".hdr").write_bytes(b"BYTEORDER I\nNROWS 3\n\xff\xfe")
    assert describe_scene(path).warnings == ()
    assert read_header(path.with_suffix(".hdr")) == {}


def test_headers_are_read_whatever_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.hdr"
    path.write_bytes(
        "\N{ZERO WIDTH NO-BREAK SPACE}ENVI\r\nSamples = 3\r\nDescription = {a = b,\r\n c}\r\nWavelength Units=nm\r\n".encode()
    )
    assert read_header(path) == {"samples": "3", "description": "{a = b,\n c}", "wavelength_units": "nm"}
