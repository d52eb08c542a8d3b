"""Nodata values: with all digits of 64 bits, rounded as text, given by the user, and impossible ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from affine import Affine

from hsi_engine.io.scenes.metadata.nodata import NoDataRule, nodata_interval
from hsi_engine.io.scenes.scene import Scene, describe_scene, open_scene
from hsi_engine.pixels.window import Window

FLOAT32_MAX = float(np.finfo(np.float32).max)


def write(folder: Path, data: np.ndarray, nodata: Sequence[str | None]) -> Path:
    """A VRT of the bands of ``data`` (bands, rows, cols) that declares the texts as nodata; None declares none."""
    bands, rows, cols = data.shape
    with rasterio.open(
        folder / "pixels.tif", "w", driver="GTiff", count=bands, height=rows, width=cols, dtype=data.dtype,
        crs="EPSG:32633", transform=Affine(10, 0, 500000, 0, -10, 5400400),
    ) as target:  # fmt: skip
        target.write(data)
    kind = {"f4": "Float32", "f8": "Float64", "i8": "Int64", "u8": "UInt64", "u2": "UInt16"}[data.dtype.str[1:]]
    parts = "".join(
        f'<VRTRasterBand dataType="{kind}" band="{b}">'
        + ("" if text is None else f"<NoDataValue>{text}</NoDataValue>")
        + '<SimpleSource><SourceFilename relativeToVRT="1">pixels.tif</SourceFilename>'
        f"<SourceBand>{b}</SourceBand></SimpleSource></VRTRasterBand>"
        for b, text in enumerate(nodata, start=1)
    )
    path = folder / "scene.vrt"
    path.write_text(f'<VRTDataset rasterXSize="{cols}" rasterYSize="{rows}">{parts}</VRTDataset>')
    return path


def validity(path: Path, **options: Any) -> tuple[Scene, list[bool]]:
    with open_scene(path, **options) as reader:
        rows, cols = reader.scene.grid.shape
        block = reader.read(Window(row=0, col=0, height=rows, width=cols), range(len(reader.scene.bands)))
    return reader.scene, block.valid.ravel().tolist()


@pytest.mark.parametrize(
    ("dtype", "value"),
    [("int64", 2**63 - 1), ("int64", -(2**63)), ("int64", 2**53 + 1), ("uint64", 2**64 - 1), ("uint64", 2**63 + 1)],
)
def test_whole_numbers_of_64_bits_keep_all_their_digits(tmp_path: Path, dtype: str, value: int) -> None:
    near = value - 1 if value > 0 else value + 1
    path = write(tmp_path, np.array([[[value, near, 7]], [[value, 7, 7]]], dtype), [str(value)] * 2)
    scene, valid = validity(path)
    assert valid == [False, True, True]
    assert scene.nodata == value
    assert scene.nodata_text == str(value)
    assert not [w for w in scene.warnings if "GDAL" in w]


def test_each_band_has_its_own_nodata_value_of_64_bits(tmp_path: Path) -> None:
    path = write(tmp_path, np.array([[[2**63 - 1, 5]], [[8, 2**63 - 2]]], np.int64), [str(2**63 - 1), str(2**63 - 2)])
    assert validity(path)[1] == [False, False]
    path = write(tmp_path, np.array([[[2**63 - 1, 5]], [[8, 2**63 - 2]]], np.int64), [str(2**63 - 1), None])
    assert validity(path)[1] == [False, True]


@pytest.mark.parametrize(
    ("dtype", "text", "stored"),
    [
        ("float32", "-3.4e+38", -FLOAT32_MAX),
        ("float32", "-3.4028e+38", -FLOAT32_MAX),
        ("float32", "3.40282e+38", FLOAT32_MAX),
        ("float32", "-3.5e+38", -FLOAT32_MAX),
        ("float32", "-1.7976931348623157e+308", -FLOAT32_MAX),
        ("float32", "9.97e+36", 9.969209968386869e36),
        ("float32", "1.7e+38", 1.70141e38),
        ("float64", "-1.8e+308", -1.7976931348623157e308),
        ("float64", "-1.797e+308", -1.7976931348623157e308),
        ("float64", "1e+20", 1.00000002004e20),
    ],
)
def test_a_huge_nodata_value_may_be_rounded(tmp_path: Path, dtype: str, text: str, stored: float) -> None:
    path = write(tmp_path, np.array([[[stored, 0.25, -0.25]], [[0.5, stored, 0.5]]], dtype), [text, text])
    assert validity(path)[1] == [False, False, True]


def test_numbers_of_the_other_sign_and_ordinary_ones_are_data(tmp_path: Path) -> None:
    path = write(tmp_path, np.array([[[3.3e38, -1e30, -9999.5, -9999]]], np.float32), ["-3.4e+38"])
    assert validity(path)[1] == [True] * 4
    path = write(tmp_path, np.array([[[-9998.999, -9999.001, -9999]]], np.float32), ["-9999"])
    assert validity(path)[1] == [True, True, False]


def test_a_number_that_the_user_gives_counts_besides_that_of_the_file(make_scene: Callable[..., Path]) -> None:
    cube = np.arange(60, dtype=float).reshape(3, 4, 5)
    cube[:, 0, 0], cube[1, 2, 3] = np.nan, 0.0
    path = make_scene(cube=cube, scale=1.0, with_hole=False)
    scene, valid = validity(path, nodata=0.0)
    assert np.argwhere(~np.reshape(valid, (4, 5))).tolist() == [[0, 0], [2, 3]]
    assert scene.nodata_text == "-32768, 0"
    assert scene.warnings == ()
    assert np.argwhere(~np.reshape(validity(path)[1], (4, 5))).tolist() == [[0, 0]]


@pytest.mark.parametrize("given", [-9999.0, 70_000.0, 2.5])
def test_a_given_number_that_cannot_occur_is_said(make_scene: Callable[..., Path], given: float) -> None:
    scene = describe_scene(make_scene(dtype="uint16"), nodata=given)
    assert scene.warnings == (
        f"The nodata value {given:.10g} that was given cannot occur in uint16, so it marks no pixel.",
    )


def test_a_declared_number_that_cannot_occur_is_said(make_scene: Callable[..., Path]) -> None:
    path = make_scene(dtype="uint16", nodata=12345, with_hole=False)
    path.write_bytes(path.read_bytes().replace(b"12345\0", b"-9999\0"))
    scene, valid = validity(path)
    assert all(valid)
    assert scene.warnings == ("The nodata value -9999 of the file cannot occur in uint16, so it marks no pixel.",)


def test_intervals() -> None:
    assert nodata_interval(None, np.dtype("int16")) is None
    assert nodata_interval(float("nan"), np.dtype("float32")) is None
    assert nodata_interval(255.0, np.dtype("uint8")) == (255, 255)
    assert nodata_interval(float(2**63), np.dtype("int64")) == (2**63 - 1, 2**63 - 1)
    assert nodata_interval(float(2**64), np.dtype("uint64")) == (2**64 - 1, 2**64 - 1)
    low, high = nodata_interval(-1e30, np.dtype("float32")) or (0, 0)
    assert low == -np.finfo(np.float32).max
    assert high == pytest.approx(-9e29)
    assert not NoDataRule([None, 300.0], np.dtype("uint8"))


# ------------------------------------------------------------------------------------ words


@pytest.mark.parametrize("word", ["none", "None", "NA", "n/a"])
@pytest.mark.parametrize("big", [False, True])
def test_a_word_in_the_tag_of_a_geotiff_marks_no_pixel(tmp_path: Path, word: str, big: bool) -> None:
    path = tmp_path / "scene.tif"
    options = {
        "driver": "GTiff",
        "count": 4,
        "height": 3,
        "width": 5,
        "dtype": "int16",
        "bigtiff": "YES" if big else "NO",
    }
    transform = rasterio.Affine(30, 0, 0, 0, -30, 0)
    with rasterio.open(
        path, "w", nodata=-int("9" * len(word[:-1])), crs="EPSG:32633", transform=transform, **options
    ) as target:
        target.write(np.zeros((4, 3, 5), np.int16))
    content = path.read_bytes()
    stated = b"-" + b"9" * (len(word) - 1) + b"\0"
    assert stated in content
    path.write_bytes(content.replace(stated, word.encode() + b"\0"))
    scene = describe_scene(path)
    assert scene.band_nodata == (None,) * 4
    assert f"The nodata value {word!r} of the file is not a number; every pixel counts as data." in scene.warnings


def test_a_word_in_a_vrt_marks_no_pixel(scene_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "scene.vrt"
    rasterio.shutil.copy(scene_path, path, driver="VRT")
    text = path.read_text()
    element = re.search("<NoDataValue>.*?</NoDataValue>", text)
    assert element is not None
    path.write_text(text.replace(element[0], "<NoDataValue>none</NoDataValue>", 1))
    scene = describe_scene(path)
    assert scene.band_nodata[:2] == (None, -32768.0)
    assert "The nodata value 'none' of the file is not a number; every pixel counts as data." in scene.warnings
    path.write_text(text.replace(element[0], "<NoDataValue>0</NoDataValue>"))
    scene = describe_scene(path)
    assert set(scene.band_nodata) == {0.0}
    assert not any("is not a number" in note for note in scene.warnings)


def test_nan_in_every_band_is_named_once(tmp_path: Path) -> None:
    path = write(tmp_path, np.array([[[np.nan, 1, 7]]] * 3, "float32"), ["nan"] * 3)
    scene, valid = validity(path)
    assert valid == [False, True, True]
    assert scene.nodata_text == "NaN"
