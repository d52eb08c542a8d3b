from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import make_scenes
from hsi_engine.errors import Cancelled, SceneError
from hsi_engine.io.scenes import spectral_sample
from hsi_engine.io.scenes.scene import UsableBands, find_usable_bands, open_scene
from hsi_engine.reporting import SilentReporter
from make_scenes import BANDS

MakeScene = Callable[..., Path]


def usable(path: Path, exclude: tuple[int, ...] = ()) -> UsableBands:
    with open_scene(path) as reader:
        return find_usable_bands(reader, SilentReporter(), exclude=exclude)


def test_bad_empty_and_unwanted_bands_are_told_apart(make_scene: MakeScene) -> None:
    # Band 5 is flagged and empty: the flag is named, as it is known without reading.
    path = make_scene(bad_bands=(2, 4), empty_bands=(4, 7, 8))
    found = usable(path, exclude=(0, 2))
    assert found == UsableBands(indices=(1, 3, 5, 6, 9, 10, 11), flagged=(4,), empty=(7, 8), excluded=(0, 2))
    with open_scene(path) as reader:
        assert found.describe(reader.scene) == (
            "7 of 12 bands are used; left out: 5 (flagged bad by the file); 8–9 (without any valid pixel);"
            " 1, 3 (left out on request)."
        )


def test_all_bands_usable(make_scene: MakeScene) -> None:
    path = make_scene()
    assert usable(path).indices == tuple(range(BANDS))
    with open_scene(path) as reader:
        assert usable(path).describe(reader.scene) == "12 of 12 bands are used."


def test_a_band_with_one_valid_pixel_does_not_cost_the_scene(make_scene: MakeScene) -> None:
    cube = make_scenes.reflectance()
    cube[6] = np.nan
    cube[6, -1, -1] = 0.5
    path = make_scene(cube=cube)
    found = usable(path)
    assert (found.sparse, found.empty) == ((6,), ())
    with open_scene(path) as reader:
        assert found.describe(reader.scene) == (
            "11 of 12 bands are used; left out: 7 (valid in less than 10% of the pixels with data)."
        )


@pytest.mark.parametrize("whole", [True, False])
def test_the_share_is_that_of_the_pixels_with_data(
    make_scene: MakeScene, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    cube = make_scenes.reflectance(rows=100, cols=120)
    cube[:, :50] = np.nan  # half of the scene is background, which counts for no band
    cube[3, 50:96] = np.nan  # 4 of 50 rows hold data
    cube[4, 50:94] = np.nan  # 6 of 50 rows
    if not whole:  # as in a large scene: a sample, and an exact count of what looks doubtful in it
        monkeypatch.setattr(spectral_sample, "_WHOLE_NUMBERS", 0)
    found = usable(make_scene(cube=cube))
    assert found.sparse == (3,)
    assert 4 in found.indices


def test_bands_that_have_data_in_different_places_are_never_all_left_out(make_scene: MakeScene) -> None:
    cube = make_scenes.reflectance(bands=12, rows=24, cols=40)
    for band in range(12):
        cube[band] = np.where(np.arange(24)[:, None] // 2 == band, cube[band], np.nan)
    with pytest.raises(SceneError, match="No pixel of"):
        usable(make_scene(cube=cube))


def test_all_bands_flagged(make_scene: MakeScene) -> None:
    with pytest.raises(SceneError, match="of 12 bands, 12 are flagged bad by the file and 0 were left out") as caught:
        usable(make_scene(bad_bands=range(BANDS)))
    assert caught.value.code == "scene.no_band"


def test_all_bands_left_out(make_scene: MakeScene) -> None:
    with pytest.raises(SceneError, match="1 is flagged bad by the file and 11 were left out"):
        usable(make_scene(bad_bands=(3,)), exclude=tuple(i for i in range(BANDS) if i != 3))


@pytest.mark.parametrize("dtype", ["int16", "float32"])
def test_scene_entirely_without_data(make_scene: MakeScene, dtype: str) -> None:
    with pytest.raises(SceneError, match="holds no data: none of its pixels is valid in any of the 12 bands") as caught:
        usable(make_scene(dtype=dtype, empty_bands=range(BANDS)))
    assert caught.value.code == "scene.no_data"


def test_no_pixel_valid_in_all_bands(make_scene: MakeScene) -> None:
    cube = make_scenes.reflectance()
    cube[0, :20] = np.nan
    cube[1, 20:] = np.nan
    path = make_scene(cube=cube)
    with pytest.raises(SceneError, match=r"No pixel of .* is valid in all of the 12 usable bands") as caught:
        usable(path)
    assert caught.value.code == "scene.no_valid_pixel"
    assert usable(path, exclude=(1,)).indices == (0, *range(2, BANDS))


def test_cancel(scene_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with open_scene(scene_path) as reader, pytest.raises(Cancelled):
        find_usable_bands(reader, SilentReporter(cancel))


def test_enmap(enmap: Path) -> None:
    found = usable(enmap / "scene.tif")
    assert found.flagged == tuple(range(129, 135))
    assert found.empty == ()
    assert len(found.indices) == 218
