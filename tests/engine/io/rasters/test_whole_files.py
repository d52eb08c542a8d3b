"""Files that end too early: refused, whatever their format, where GDAL reads zeros in place of what is missing."""

from __future__ import annotations

import os
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil

import hsi_engine
import make_scenes
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.scene import describe_scene, open_scene
from hsi_engine.pixels.window import Window
from make_scenes import BANDS, COLS, ROWS

MakeScene = Callable[..., Path]
# Driver, name of the dataset, and name of the file with its numbers.
RAW = [
    ("EHdr", "scene.bil", "scene.bil"),
    ("ERS", "scene.ers", "scene"),
    ("RRASTER", "scene.grd", "scene.gri"),
    ("PAux", "scene.raw", "scene.raw"),
    ("ISIS3", "scene.cub", "scene.cub"),
    ("ISCE", "scene.int", "scene.int"),
    ("VICAR", "scene.vic", "scene.vic"),
    ("PDS4", "scene.xml", "scene.img"),
    ("LAN", "scene.lan", "scene.lan"),
    ("PCIDSK", "scene.pix", "scene.pix"),
    ("NITF", "scene.ntf", "scene.ntf"),
]


def cut(path: Path, missing: int = 1) -> None:
    os.truncate(path, path.stat().st_size - missing)


def written(source: Path, target: Path, driver: str) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rasterio.shutil.copy(source, target, driver=driver)
    return target


@pytest.mark.parametrize(("driver", "name", "data"), RAW, ids=[case[0] for case in RAW])
def test_a_raw_file_without_its_last_rows_is_refused(
    make_scene: MakeScene, tmp_path: Path, driver: str, name: str, data: str
) -> None:
    path = written(make_scene("x.tif", with_hole=False), tmp_path / name, driver)
    assert hsi_engine.inspect_scene(scene=path).rows == ROWS, "the whole file"
    cut(tmp_path / data, max(1, (tmp_path / data).stat().st_size // 20))
    with pytest.raises(SceneError, match=rf"{name}.*(is truncated or damaged|failed: )") as caught:
        hsi_engine.inspect_scene(scene=path)
    assert "opy" in caught.value.hint


@pytest.mark.parametrize("driver", ["EHdr", "ERS", "RRASTER", "PAux"])
def test_one_missing_byte_is_noticed_before_anything_is_read(
    make_scene: MakeScene, tmp_path: Path, driver: str
) -> None:
    name, data = next((name, data) for raw, name, data in RAW if raw == driver)
    path = written(make_scene("x.tif"), tmp_path / name, driver)
    cut(tmp_path / data)
    with pytest.raises(SceneError, match=r"its last row cannot be read: .*scanline 36") as caught:
        describe_scene(path)
    assert caught.value.code == "scene.truncated"


def raw_vrt(tmp_path: Path, *, length: int) -> Path:
    """A VRT of 12 bands of a raw file, interleaved by line, after 7 bytes of something else."""
    cube = np.arange(BANDS * ROWS * COLS, dtype="<i2").reshape(ROWS, BANDS, COLS)
    (tmp_path / "cube.raw").write_bytes((bytes(7) + cube.tobytes())[:length])
    bands = "".join(
        f"<VRTRasterBand dataType='Int16' band='{band + 1}' subClass='VRTRawRasterBand'>"
        f"<SourceFilename relativeToVRT='1'>cube.raw</SourceFilename><ImageOffset>{7 + band * COLS * 2}</ImageOffset>"
        f"<PixelOffset>2</PixelOffset><LineOffset>{BANDS * COLS * 2}</LineOffset></VRTRasterBand>"
        for band in range(BANDS)
    )
    path = tmp_path / "cube.vrt"
    path.write_text(f"<VRTDataset rasterXSize='{COLS}' rasterYSize='{ROWS}'>{bands}</VRTDataset>")
    return path


def test_raw_bands_of_a_vrt(tmp_path: Path) -> None:
    size = 7 + BANDS * ROWS * COLS * 2
    with open_scene(raw_vrt(tmp_path, length=size)) as reader:
        assert reader.read(Window(row=36, col=28, height=1, width=1), [11]).data[0, 0, 0] == BANDS * ROWS * COLS - 1
    with pytest.raises(SceneError, match=rf"band 12 needs {size} bytes of cube\.raw, which holds {size - 1}\)"):
        describe_scene(raw_vrt(tmp_path, length=size - 1))
    with pytest.raises(SceneError, match=r"band 1 needs .* which holds 900\)"):
        describe_scene(raw_vrt(tmp_path, length=900))


def test_an_envi_file_behind_a_vrt_or_in_an_archive(make_scene: MakeScene, tmp_path: Path) -> None:
    data = make_scene("scene.dat", layout="bil")
    written(data, tmp_path / "scene.vrt", "VRT")
    assert describe_scene(tmp_path / "scene.vrt").grid.shape == (ROWS, COLS)
    cut(data)
    with zipfile.ZipFile(tmp_path / "scene.zip", "w") as archive:
        for name in ("scene.dat", "scene.hdr"):
            archive.write(tmp_path / name, name)
    for name in (tmp_path / "scene.vrt", f"vrt://{data}?bands=2,1", f"/vsizip/{tmp_path}/scene.zip/scene.dat"):
        with pytest.raises(SceneError, match=r"the header of scene\.dat promises 25752 bytes; it holds 25751"):
            describe_scene(name)


def test_a_cut_png_of_classes(make_scene: MakeScene, tmp_path: Path) -> None:
    labels = make_scenes.write_labels(tmp_path / "labels.tif", like=make_scene("scene.tif"))
    path = written(labels, tmp_path / "labels.png", "PNG")
    assert len(describe_scene(path).bands) == 1
    cut(path, 40)
    with pytest.raises(SceneError, match="the end mark of a PNG file is missing"):
        describe_scene(path)
