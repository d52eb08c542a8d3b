"""Transforms that put no pixel anywhere, and names of files that lead nowhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rasterio
from affine import Affine

import hsi_engine
import make_scenes
from hsi_engine.errors import HsiError, ParameterError, SceneError
from hsi_engine.pixels.grid import Grid, describe_crs, same_crs, transform_fault

INF, NAN = math.inf, math.nan
TRANSFORMS = {
    "no height": ((30, 0, 0, 0, 0, 0), "pixels have no area"),
    "no angle": ((30, 30, 0, 30, 30, 0), "pixels have no area"),
    "almost nothing": ((1e-320, 0, 0, 0, -1e-320, 0), "pixels have no area"),
    "far away": ((30, 0, 1e308, 0, -30, 1e308), "lies beyond 1e+12"),
    "huge": ((1e308, 0, 0, 0, -1e308, 0), "lies beyond 1e+12"),
    "infinite": ((INF, 0, 0, 0, INF, 0), "not finite"),
    "no numbers": ((NAN, 0, 0, 0, NAN, 0), "not finite"),
    "nowhere": ((30, 0, NAN, 0, -30, NAN), "not finite"),
    "infinitely far": ((30, 0, INF, 0, -30, 0), "not finite"),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_transform_without_places_is_refused_for_scenes_and_grids(scene_path: Path, name: str) -> None:
    numbers, words = TRANSFORMS[name]
    assert words in transform_fault(Affine(*numbers))
    with pytest.raises(SceneError, match="map coordinates of a raster cannot be used"):
        Grid(crs=None, transform=Affine(*numbers), shape=(3, 4))
    with rasterio.open(scene_path, "r+") as target:
        target.transform = Affine(*numbers)
    with pytest.raises(SceneError) as caught:
        hsi_engine.inspect_scene(scene=scene_path)
    assert f"The map coordinates of {scene_path} cannot be used" in caught.value.message
    assert words in caught.value.message
    assert "Write the raster again" in caught.value.hint


@pytest.mark.parametrize(
    "numbers", [tuple(make_scenes.ROTATED)[:6], (1e-9, 0, 0, 0, -1e-9, 0), (1, 0, 0, 0, 1, 0), (0, 30, 1, 30, 0, 2)]
)
def test_transforms_of_real_rasters_are_none_of_these(numbers: tuple[float, ...]) -> None:
    assert not transform_fault(Affine(*numbers))


@pytest.mark.parametrize("file", ["labels.tif", "map.tif"])
def test_labels_and_maps_without_places_are_refused(scene_path: Path, labels_path: Path, file: str) -> None:
    path = labels_path.with_name(file)
    path.write_bytes(labels_path.read_bytes())
    with rasterio.open(path, "r+") as target:
        target.transform = Affine(30, 0, NAN, 0, -30, NAN)
    operation, params = {
        "map.tif": ("clean_map", {"map": path, "min_area": 4, "area_unit": "ha", "output": path.with_name("n.tif")}),
        "labels.tif": ("check_labels", {"scene": scene_path, "labels": path}),
    }[file]
    with pytest.raises(HsiError, match="cannot be used: its transform"):
        getattr(hsi_engine, operation)(**params)
    assert not path.with_name("n.tif").exists()


@pytest.mark.parametrize("text", ['PROJCS["x"', "nonsense", 'LOCAL_CS["site",UNIT["metre",0]]', "EPSG:999999", "\x00"])
def test_a_crs_that_is_not_understood_is_named_and_equals_no_other(text: str) -> None:
    assert not same_crs(text, "EPSG:32633")
    assert len(describe_crs(text)) < 250


HEADERS = {
    "Windows letters": (b"synthetic", b"synth\xe9tique", True),
    "half a letter": (b"synthetic", b"\xed\xa0\x80", True),
    "half a letter in a name": (b"band 1,", b"\xed\xa0\x80 1,", True),
    "unit": (b"Nanometers", b"\xb5m", True),
    "key": (b"byte order", b"k\xe9y = 1\nbyte order", True),
    "infinite wavelength": (b"wavelength = {430", b"wavelength = {inf", True),
    "negative wavelength": (b"wavelength = {430", b"wavelength = {-430", True),
    "digits in a wavelength": (b"wavelength = {430", b"wavelength = {" + b"9" * 5000, True),
    "digits in samples": (b"samples = 29", b"samples = " + b"9" * 5000, False),
    "digits in lines": (b"lines = 37", b"lines = " + b"9" * 5000, False),
    "other digits": (b"samples = 29", "samples = \u0662\u0669".encode(), False),
    "power": (b"lines = 37", "lines = \u00b2".encode(), False),
    "digits in the offset": (b"header offset = 0", b"header offset = " + b"9" * 5000, False),
    "negative offset": (b"header offset = 0", b"header offset = -1", False),
    "no place": (b"364095.0", b"nan", False),
}


@pytest.mark.parametrize("name", HEADERS)
def test_envi_headers_in_other_letters_and_numbers(make_scene: Callable[..., Path], name: str) -> None:
    found, put, read = HEADERS[name]
    scene = make_scene("s.bsq", layout="bsq")
    header = scene.with_suffix(".hdr")
    content = header.read_bytes()
    assert found in content
    header.write_bytes(content.replace(found, put, 1))
    if read:
        result = hsi_engine.inspect_scene(scene=scene, report=scene.with_suffix(".html"))
        assert "\ud800" not in str(result.to_json())
        return
    with pytest.raises(SceneError, match=r"s\.") as caught:
        hsi_engine.inspect_scene(scene=scene)
    assert len(str(caught.value)) < 600
    assert caught.value.hint


PATHS = {
    "a loop": ("loop.tif", "Too many levels of symbolic links"),
    "in a loop": ("loop.tif/x.tif", "Too many levels of symbolic links"),
    "250 letters": ("n" * 246 + ".tif", "File name too long"),
    "5000 letters": ("n" * 5000, "File name too long"),
    "half a letter": ("a\ud800.tif", "it is not in UTF-8"),
    "zero": ("a\x00b.tif", "null"),
    "root": ("/", "the path of a file is expected"),
    "here": (".", "the path of a file is expected"),
    "nothing": ("", "the path of a file"),
}


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize(
    ("operation", "parameter"),
    [("inspect_scene", "scene"), ("clean_map", "map"), ("fit_pca", "output"), ("assess_map", "reference")],
)
def test_paths_that_lead_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, operation: str, parameter: str
) -> None:
    path, words = PATHS[name]
    monkeypatch.chdir(tmp_path)
    Path("loop.tif").symlink_to("loop2.tif")
    Path("loop2.tif").symlink_to("loop.tif")
    usual: dict[str, dict[str, Any]] = {
        "inspect_scene": {},
        "clean_map": {"output": "n.tif", "majority": 3},
        "fit_pca": {"scene": "s.tif", "components": 3},
        "assess_map": {"map": "m.tif"},
    }
    if name == "250 letters" and parameter == "output":
        words = "is too long"
    elif name == "250 letters":
        Path(path).touch()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(HsiError, match=words) as caught:
        getattr(hsi_engine, operation)(**usual[operation], **{parameter: path})
    assert caught.value.family in (ParameterError.family, "output")
    assert sorted(tmp_path.iterdir()) == before


def test_a_name_that_is_not_utf_8_is_refused_before_a_library_stumbles_over_it(scene_path: Path) -> None:
    odd = scene_path.with_name("odd\udcff.tif")
    odd.write_bytes(scene_path.read_bytes())
    with pytest.raises(
        ParameterError, match=r"cannot be used as a path: it is not in UTF-8.*rename the file"
    ) as caught:
        hsi_engine.inspect_scene(scene=odd)
    caught.value.message.encode()
